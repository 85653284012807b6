//! What the mails say, in English and Spanish: nobody is asked for a language before they have an account.

/// Subject and text of the mail that verifies an address.
pub(super) fn verify_email(code: &str) -> (&'static str, String) {
    let text = format!(
        "Somebody registered this address with Insurance Navigator. If it was you, confirm it with this code within a day:\n\n\
         {code}\n\nIf it was not you, ignore this mail.\n\n\
         ---\n\nAlguien registró esta dirección en Insurance Navigator. Si fue usted, confírmela con este código en un día:\n\n\
         {code}\n\nSi no fue usted, no haga nada.\n"
    );
    ("Confirm your address / Confirme su dirección", text)
}

/// Subject and text of the mail that resets a password.
pub(super) fn reset_password(code: &str) -> (&'static str, String) {
    let text = format!(
        "Somebody asked to set a new password for your account at Insurance Navigator. If it was you, use this code within ten \
         minutes:\n\n{code}\n\nGive it to nobody; we never ask for it. If it was not you, ignore this mail: your password stays.\n\n\
         ---\n\nAlguien pidió una contraseña nueva para su cuenta de Insurance Navigator. Si fue usted, use este código en diez \
         minutos:\n\n{code}\n\nNo se lo dé a nadie; nunca se lo pedimos. Si no fue usted, no haga nada: su contraseña no cambia.\n"
    );
    ("A new password / Una contraseña nueva", text)
}

/// Subject and text of the mail that follows a change of password.
pub(super) fn password_changed() -> (&'static str, String) {
    let text = "The password of your account at Insurance Navigator was changed, and every other log-in has ended. If it was not \
                you, ask for a new password now.\n\n---\n\nLa contraseña de su cuenta de Insurance Navigator fue cambiada, y las \
                demás sesiones terminaron. Si no fue usted, pida ahora una contraseña nueva.\n";
    ("Your password was changed / Su contraseña fue cambiada", text.to_owned())
}

/// Subject and text of the mail that follows the deletion of an account.
pub(super) fn account_deleted() -> (&'static str, String) {
    let text = "Your account at Insurance Navigator and everything in it was deleted, as you asked. It cannot be brought \
                back.\n\n---\n\nSu cuenta de Insurance Navigator y todo lo que contenía fue borrada, como lo pidió. No se puede \
                recuperar.\n";
    ("Your account was deleted / Su cuenta fue borrada", text.to_owned())
}
