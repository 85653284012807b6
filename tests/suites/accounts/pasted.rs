//! Codes and tokens as people paste them: with the blank, the tab or the end of the line beside them.

use super::*;

/// Some text with what is often copied along with it.
fn pasted(text: &str) -> [String; 4] {
    [format!(" {text}\n"), format!("{text}\r\n"), format!("\t{text} "), format!("\u{a0}{text}\u{2028}")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_or_token_is_good_with_blanks_around_it_and_not_with_one_inside() {
    let (product, mailbox) = product_with_mail(Options::default()).await;
    let person = product.api.person().await;
    let verification = mailbox.code(&product, &person.email, "nv1.").await;
    let verify =
        async |code: &str| product.api.post("/email-verification/confirm", &json!({ "token": code })).send().await;
    for code in pasted(&verification) {
        verify(&code).await.expect(204);
    }
    let reset = async |code: &str, password: &str| {
        let body = json!({ "token": code, "new_password": password });
        product.api.post("/password-reset/confirm", &body).send().await
    };
    let mut token = person.refresh.clone();
    for text in 0..4 {
        let refreshed = refresh(&product.api, &pasted(&token)[text]).await.expect(200);
        token = self::text(&refreshed, "refresh_token").to_owned();
    }
    product.api.post("/password-reset", &json!({ "email": person.email })).send().await.expect(202);
    let code = mailbox.code(&product, &person.email, "np1.").await;
    let (beginning, end) = code.split_at(20);
    let broken = format!("{beginning} {end}");
    assert_eq!(reset(&broken, OTHER_PASSWORD).await.expect(422).code(), "secret_invalid");
    assert_eq!(verify(&broken).await.expect(422).code(), "secret_invalid");
    assert_eq!(
        refresh(&product.api, &format!("{} {}", &token[..20], &token[20..])).await.expect(401).code(),
        "invalid_refresh_token"
    );
    // A password is taken as it is: a blank may be part of it.
    reset(&pasted(&code)[0], OTHER_PASSWORD).await.expect(204);
    log_in(&product.api, &person.email, OTHER_PASSWORD).await.expect(200);
    assert_eq!(reset(&code, PASSWORD).await.expect(422).code(), "secret_invalid", "used");
}
