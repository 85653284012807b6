//! The words of the letters.

use crate::agents::turn::Reason;
use crate::knowledge::Text;

macro_rules! texts {
    ($($name:ident: $en:literal, $es:literal;)*) => {
        $(pub(super) const $name: Text = Text { en: $en, es: $es };)*
    };
}

texts! {
    DRAFT: "DRAFT. Not sent. Fill in each [BLANK] and check every line.", "BORRADOR. No enviado. Llene cada [ESPACIO] y revise cada línea.";
    DATE: "[DATE]", "[FECHA]";
    NAME: "[YOUR FULL NAME]", "[SU NOMBRE COMPLETO]";
    ADDRESS: "[YOUR ADDRESS]", "[SU DIRECCIÓN]";
    PHONE: "[YOUR PHONE NUMBER]", "[SU TELÉFONO]";
    MEMBER: "For: [FULL NAME OF THE MEMBER]", "Para: [NOMBRE COMPLETO DEL MIEMBRO]";
    MEMBER_NUMBER: "Member number: [NUMBER ON THE PLAN CARD]", "Número de miembro: [NÚMERO DE LA TARJETA]";

    TO_PLAN: "To: [PLAN NAME], Appeals Department\n[APPEALS ADDRESS IN THE DENIAL LETTER]",
        "Para: [NOMBRE DEL PLAN], Departamento de Apelaciones\n[DIRECCIÓN PARA APELACIONES DE LA CARTA]";
    TO_DRUG_PLAN: "To: [DRUG PLAN NAME], Appeals Department\n[APPEALS ADDRESS IN THE DENIAL LETTER]",
        "Para: [NOMBRE DEL PLAN DE MEDICINAS], Departamento de Apelaciones\n[DIRECCIÓN PARA APELACIONES DE LA CARTA]";
    TO_INSURER: "To: [INSURANCE COMPANY OR PLAN NAME], Appeals Department\n[APPEALS ADDRESS IN THE DENIAL LETTER]",
        "Para: [NOMBRE DE LA ASEGURADORA O DEL PLAN], Departamento de Apelaciones\n[DIRECCIÓN PARA APELACIONES DE LA CARTA]";
    TO_CONTRACTOR: "To: Medicare contractor (MAC)\n[NAME AND ADDRESS ON YOUR MEDICARE SUMMARY NOTICE]",
        "Para: Contratista de Medicare (MAC)\n[NOMBRE Y DIRECCIÓN DE SU RESUMEN DE MEDICARE]";
    TO_QIC: "To: Qualified Independent Contractor (QIC)\n[NAME AND ADDRESS IN THE FIRST DECISION]",
        "Para: Contratista Independiente Calificado (QIC)\n[NOMBRE Y DIRECCIÓN DE LA PRIMERA DECISIÓN]";
    TO_IRE: "To: Independent Review Entity (IRE)\n[NAME AND ADDRESS IN THE PLAN'S DECISION]",
        "Para: Revisor independiente (IRE)\n[NOMBRE Y DIRECCIÓN DE LA DECISIÓN DEL PLAN]";
    TO_EXTERNAL: "To: [EXTERNAL REVIEWER NAMED IN THE FINAL DENIAL]\n[ADDRESS IN THE FINAL DENIAL]",
        "Para: [REVISOR EXTERNO DE LA NEGACIÓN FINAL]\n[DIRECCIÓN DE LA NEGACIÓN FINAL]";
    TO_MEDICAID: "To: [STATE MEDICAID OFFICE OR HEARING OFFICE ON THE NOTICE]\n[ADDRESS ON THE NOTICE]",
        "Para: [OFICINA DE MEDICAID O DE AUDIENCIAS DEL AVISO]\n[DIRECCIÓN DEL AVISO]";
    TO_NEXT_LEVEL: "To: [OFFICE NAMED IN THE NEW DECISION]\n[ADDRESS IN THE NEW DECISION]",
        "Para: [OFICINA DE LA NUEVA DECISIÓN]\n[DIRECCIÓN DE LA NUEVA DECISIÓN]";
    TO_PENALTY_REVIEWER: "To: [REVIEWER NAMED ON THE FORM WITH THE PENALTY LETTER]\n[ADDRESS ON THE FORM]",
        "Para: [REVISOR DEL FORMULARIO DE LA CARTA DE LA MULTA]\n[DIRECCIÓN DEL FORMULARIO]";
    TO_SOCIAL_SECURITY: "To: Social Security Administration\n[ADDRESS IN THE LETTER]",
        "Para: Administración del Seguro Social\n[DIRECCIÓN DE LA CARTA]";
    TO_MARKETPLACE: "To: Marketplace Appeals Center\n[ADDRESS IN THE NOTICE]",
        "Para: Centro de Apelaciones del Mercado\n[DIRECCIÓN DEL AVISO]";
    TO_SENDER: "To: [PLAN OR OFFICE THAT SENT THE LETTER], Appeals\n[APPEALS ADDRESS IN THE LETTER]",
        "Para: [PLAN U OFICINA QUE MANDÓ LA CARTA], Apelaciones\n[DIRECCIÓN PARA APELACIONES DE LA CARTA]";
    TO_AUTHORIZATION: "To: [PLAN NAME], Prior Authorization Department\n[ADDRESS OR FAX FROM THE PLAN]",
        "Para: [NOMBRE DEL PLAN], Departamento de Autorización Previa\n[DIRECCIÓN O FAX DEL PLAN]";
    TO_MEMBER_SERVICES: "To: [PLAN NAME], Member Services\n[ADDRESS ON THE PLAN CARD OR LETTER]",
        "Para: [NOMBRE DEL PLAN], Servicios al Miembro\n[DIRECCIÓN DE LA TARJETA O LA CARTA]";

    CALLED_APPEAL: "Appeal", "Apelación";
    CALLED_REVIEW: "Review of the late enrollment penalty", "Revisión de la multa por inscripción tardía";
    CALLED_REDETERMINATION: "Redetermination (first appeal)", "Redeterminación (primera apelación)";
    CALLED_RECONSIDERATION: "Reconsideration (appeal)", "Reconsideración (apelación)";
    CALLED_INTERNAL: "Internal appeal", "Apelación interna";
    CALLED_EXTERNAL: "External review", "Revisión externa";
    CALLED_HEARING: "Fair hearing", "Audiencia imparcial";

    APPEAL_ABOUT: "About: {called}. Letter dated {date}.", "Asunto: {called}. Carta con fecha {date}.";
    ABOUT_THING: "Care or item: {thing}", "Atención o artículo: {thing}";
    CLAIM_NUMBER: "Claim or case number: [NUMBER IN THE LETTER]", "Número de reclamo o caso: [NÚMERO DE LA CARTA]";
    GREETING: "To whom it may concern:", "A quien corresponda:";
    ON_BEHALF: "I write for {who}. A form that names me is enclosed: [YES OR NO].", "Escribo por {who}. Incluyo un formulario que me nombra: [SÍ O NO].";
    MOTHER: "my mother", "mi madre";
    FATHER: "my father", "mi padre";
    SPOUSE: "my spouse", "mi cónyuge";
    CHILD: "my child", "mi hijo o hija";
    SOMEBODY: "[NAME OF THE MEMBER]", "[NOMBRE DEL MIEMBRO]";
    ASK_TO_CHANGE: "I do not agree with your decision in the letter dated {date}. Please look at it again and change it.",
        "No estoy de acuerdo con su decisión en la carta con fecha {date}. Por favor revísela de nuevo y cámbiela.";
    THEIR_REASON: "The reason in your letter: {reason}.", "La razón en su carta: {reason}.";
    THEIR_REASON_UNKNOWN: "The reason in your letter: [COPY THE REASON FROM THE LETTER].", "La razón en su carta: [COPIE LA RAZÓN DE LA CARTA].";
    MY_REASON: "I do not agree because: [WHY YOU NEED IT, IN YOUR OWN WORDS].", "No estoy de acuerdo porque: [POR QUÉ LO NECESITA, EN SUS PALABRAS].";
    DOCTOR_SUPPORTS: "My doctor is [DOCTOR'S NAME AND PHONE NUMBER]. The doctor's letter is enclosed: [YES OR NO].",
        "Mi médico es [NOMBRE Y TELÉFONO DEL MÉDICO]. Incluyo la carta del médico: [SÍ O NO].";
    ASK_FAST: "Please treat this as a fast (expedited) appeal. Waiting could seriously harm my health.",
        "Por favor trate esto como una apelación rápida. Esperar puede hacer un daño serio a mi salud.";
    ASK_FILE: "Please send me a copy of my file, and of the rule that you used.", "Por favor mándeme una copia de mi expediente y de la regla que usó.";
    ASK_ANSWER: "Please answer me in writing.", "Por favor respóndame por escrito.";
    CLOSING: "Sincerely,", "Atentamente,";
    SIGNATURE: "[YOUR SIGNATURE]", "[SU FIRMA]";
    ENCLOSED: "Enclosed:", "Incluyo:";
    COPY_OF_NOTICE: "a copy of the denial letter", "una copia de la carta de negación";
    DOCTOR_LETTER: "[LETTER FROM YOUR DOCTOR]", "[CARTA DE SU MÉDICO]";
    OTHER_PAPERS: "[OTHER PAPERS, SUCH AS TEST RESULTS]", "[OTROS PAPELES, COMO EXÁMENES]";

    AUTHORIZATION_ABOUT: "About: request for prior authorization. Care or item: {thing}", "Asunto: solicitud de autorización previa. Atención o artículo: {thing}";
    ASK_AUTHORIZATION: "Please approve this care before I get it: {thing}.", "Por favor aprueben esta atención antes de que la reciba: {thing}.";
    WHEN_AND_WHERE: "It is planned for [DATE] at [PLACE], by [DOCTOR].", "Está planeada para el [FECHA] en [LUGAR], con [MÉDICO].";
    WHY_NEEDED: "I need it because: [WHY, IN YOUR OWN WORDS OR YOUR DOCTOR'S].", "La necesito porque: [POR QUÉ, EN SUS PALABRAS O LAS DE SU MÉDICO].";
    DOCTOR_SENDS: "My doctor is [DOCTOR'S NAME AND PHONE NUMBER], and can send you the records.", "Mi médico es [NOMBRE Y TELÉFONO DEL MÉDICO] y puede mandarles los registros.";
    ASK_FAST_DECISION: "Please make a fast (expedited) decision. Waiting could seriously harm my health.",
        "Por favor tomen una decisión rápida. Esperar puede hacer un daño serio a mi salud.";
    ASK_REASON_IF_NO: "If you say no, please write me the reason and how to appeal.", "Si dicen que no, por favor escríbanme la razón y cómo apelar.";

    RECORDS_ABOUT: "About: request for my file. Letter dated {date}.", "Asunto: solicitud de mi expediente. Carta con fecha {date}.";
    ASK_RECORDS: "Please send me a copy of these papers about your decision:", "Por favor mándeme una copia de estos papeles sobre su decisión:";
    RECORD_CLAIM: "my claim file, with all letters and call notes", "mi expediente, con todas las cartas y notas de llamadas";
    RECORD_RULES: "the plan rules and medical policy that you used", "las reglas del plan y la política médica que usaron";
    RECORD_EXPERTS: "the names and fields of those who decided", "los nombres y campos de quienes decidieron";
    RECORD_NOTES: "the medical records that you looked at", "los registros médicos que revisaron";
    ASK_COST: "If there is a cost, please tell me first.", "Si tiene un costo, por favor díganmelo antes.";

    THING: "[CARE, ITEM OR DRUG THAT WAS DENIED]", "[ATENCIÓN, ARTÍCULO O MEDICINA]";
    NOTICE_DATE: "[DATE ON THE LETTER]", "[FECHA DE LA CARTA]";
}

/// The reason of the notice, in words.
pub(super) fn reason(reason: Reason) -> Text {
    let (en, es) = match reason {
        Reason::NotNecessary => ("not medically necessary", "no es médicamente necesario"),
        Reason::OutOfNetwork => ("the provider is out of the network", "el proveedor está fuera de la red"),
        Reason::NoApproval => ("no prior authorization", "sin autorización previa"),
        Reason::NotABenefit => ("not a benefit of the plan", "no es un beneficio del plan"),
        Reason::Experimental => ("experimental", "experimental"),
        Reason::StepTherapy => {
            ("another drug must come first (step therapy)", "otra medicina debe ir primero (terapia escalonada)")
        }
        Reason::NotOnList => ("the drug is not on the plan's list", "la medicina no está en la lista del plan"),
        Reason::PapersMissing => ("papers are missing", "faltan papeles"),
    };
    Text { en, es }
}
