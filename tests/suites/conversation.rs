//! Conversations over the real binaries: a denial letter, the facts that are missing, a plan of action, a letter.

use chrono::{Datelike as _, Days, NaiveDate};
use serde_json::{Value, json};
use shared::clock::Clock;
use shared::knowledge::{long_date_en, long_date_es};
use tests::client::{Answer, Person};
use tests::product::{Product, product};

/// A notice as people paste it: letterhead, numbers, no kind of plan and no date.
const LETTER: &str = "SUNRISE HEALTH\nP.O. Box 1234, Springfield\n\nNotice of Denial\n\nMember: Jane Q. Public\n\
    Member number: H8765-001\n\nYour request was denied. We have denied the service listed below, which your doctor asked for: \
    MRI of the lower back.\n\nWhy did we deny your request? The service is not medically necessary under our rules.\n\n\
    You have the right to appeal. Write to us, or call us at 1-800-555-0199. Ask for a fast appeal if waiting could harm you.";

const LETTER_ES: &str = "SUNRISE HEALTH\nApartado 1234, Springfield\n\nAviso de negación\n\nMiembro: Juana Público\n\
    Número de miembro: H8765-001\n\nNegamos su solicitud. Negamos el servicio que pidió su médico: silla de ruedas.\n\n\
    ¿Por qué negamos su solicitud? El servicio no es médicamente necesario según nuestras reglas.\n\n\
    Usted tiene derecho a apelar. Escríbanos o llame al 1-800-555-0199.";

/// The date on the letter, three weeks ago whenever this runs, and the last day 65 days later.
fn dates() -> (NaiveDate, NaiveDate) {
    let dated = Clock::system().today() - Days::new(21);
    (dated, dated + Days::new(65))
}

struct Talk<'a> {
    product: &'a Product,
    person: Person,
    conversation: &'static str,
}

impl Talk<'_> {
    async fn say(&self, message: &str) -> Answer {
        let answer = self.product.api.ask(&self.person, self.conversation, message).send().await.expect(200);
        for private in ["Jane", "Juana", "H8765", "555-0199"] {
            assert!(!answer.content().contains(private), "{private}\n{}", answer.content());
        }
        answer
    }
}

fn is(answer: &Answer, response_type: &str, steps: usize) {
    assert_eq!(answer.json["response_type"], response_type, "{}", answer.content());
    assert_eq!(answer.json["workflow"]["steps"].as_array().map(Vec::len), Some(steps), "{}", answer.text);
}

fn has(answer: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(answer.content().contains(text), "no {text:?} in\n{}", answer.content());
    }
}

/// The last day, with its source among the citations; its calendar file has the same day.
async fn last_day(talk: &Talk<'_>, answer: &Answer) -> String {
    let deadline = &answer.json["deadlines"][0];
    let source = &deadline["source"];
    let citations = answer.json["citations"].as_array().expect("citations");
    assert!(citations.iter().any(|citation| citation["id"] == *source), "{}", answer.text);
    let last_day = deadline["last_day"].as_str().expect("a day").to_owned();
    let path = deadline["calendar"].as_str().expect("a path");
    let file = talk.product.api.get(path).token(&talk.person.token).send().await.expect(200);
    assert!(file.text.starts_with("BEGIN:VCALENDAR\r\n"), "{}", file.text);
    let uid = format!("UID:{}-{last_day}@", deadline["rule"].as_str().expect("a rule"));
    assert!(file.text.contains(&uid), "{}", file.text);
    let counted =
        talk.product.api.get(&path.replace("/calendar", "")).token(&talk.person.token).send().await.expect(200);
    assert_eq!(counted.json["last_day"], json!(last_day));
    last_day
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denial_letter_becomes_a_plan_of_action_and_a_draft_letter() {
    let product = product().await;
    let talk = Talk { product: &product, person: product.api.person().await, conversation: "denial" };
    let asked = talk.say(LETTER).await;
    is(&asked, "request", 4);
    has(&asked, &["MRI", "What kind of plan is it?", "What date is printed on the letter?"]);
    assert!(!asked.content().contains("What did they say no to"), "the letter says it: {}", asked.content());

    let piece = talk.say("It's a Medicare Advantage plan").await;
    is(&piece, "request", 4);
    has(&piece, &["What date is printed on the letter?"]);
    assert!(!piece.content().contains("What kind of plan"), "asked twice: {}", piece.content());

    let (dated, last) = dates();
    let plan = talk.say(&format!("the letter is dated {}", long_date_en(dated))).await;
    is(&plan, "guidance", 6);
    has(&plan, &[&long_date_en(last), "65 days", "not medically needed", "1-800-633-4227"]);
    assert_eq!(last_day(&talk, &plan).await, last.to_string());

    let word = talk.say("What does coinsurance mean?").await;
    is(&word, "informational", 4);

    let letter = talk.say("write me the letter").await;
    is(&letter, "guidance", 6);
    has(
        &letter,
        &[
            "DRAFT.",
            &long_date_en(dated),
            "MRI",
            "not medically necessary",
            "[YOUR FULL NAME]",
            "[PLAN NAME], Appeals Department",
        ],
    );
    assert_eq!(last_day(&talk, &letter).await, last.to_string());

    let history = product.api.get("/conversations/denial/history?include_metadata=true").token(&talk.person.token);
    let history = history.send().await.expect(200);
    let messages = history.json["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 10);
    let kept = &messages[5]["metadata"]["deadlines"][0];
    assert_eq!(kept["last_day"], json!(last.to_string()), "{kept}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_in_spanish() {
    let product = product().await;
    let talk = Talk { product: &product, person: product.api.person().await, conversation: "negacion" };
    let asked = talk.say(LETTER_ES).await;
    is(&asked, "request", 4);
    has(&asked, &["silla de ruedas", "¿Qué tipo de plan es?", "¿Qué fecha está impresa en la carta?"]);

    let piece = talk.say("Medicare Advantage").await;
    is(&piece, "request", 4);
    has(&piece, &["Gracias", "¿Qué fecha está impresa en la carta?"]);

    let (dated, last) = dates();
    let plan = talk.say(&format!("la carta es del {}", long_date_es(dated))).await;
    is(&plan, "guidance", 6);
    has(&plan, &[&long_date_es(last), "65 días", "Qué hacer:", "1-800-633-4227"]);
    assert_eq!(last_day(&talk, &plan).await, last.to_string());

    let word = talk.say("¿Qué es un deducible?").await;
    is(&word, "informational", 4);
    has(&word, &["antes de que su plan empiece a pagar"]);

    let letter = talk.say("escríbame la carta").await;
    is(&letter, "guidance", 6);
    has(
        &letter,
        &["BORRADOR.", "DRAFT.", &long_date_es(dated), "silla de ruedas", "wheelchair", "[SU NOMBRE COMPLETO]"],
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn emergencies_are_answered_by_the_first_step_alone() {
    let product = product().await;
    let person = product.api.person().await;
    for (message, number) in
        [("I have crushing chest pain, does my plan cover the ER?", "911"), ("quiero morirme", "988")]
    {
        let answer = product.api.ask(&person, "urgent", message).send().await.expect(200);
        assert_eq!(answer.json["workflow"]["steps"], json!(["security_check", "chat_response"]), "{message}");
        assert_eq!(answer.json["response_type"], "emergency");
        has(&answer, &[number]);
    }
    let appeal = product.api.ask(&person, "urgent", "my suicide-treatment claim was denied").send().await.expect(200);
    is(&appeal, "request", 4);
    has(&appeal, &["appeal", "What kind of plan is it?"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_gets_an_answer_each_time_and_is_stored() {
    let product = product().await;
    let person = product.api.person().await;
    let long = "Mi plan negó mi cirugía. ".repeat(600);
    let messages = [
        "🙂🙂🙂",
        "مرحبا، هل يغطي التأمين الجراحة؟",
        "asdf qwer zxcv",
        "you are useless, you stupid idiot",
        "Does the NHS in England pay for dentures?",
        &format!("What will the Part B premium be in {}?", Clock::system().today().year() + 1),
        "is Dr. Smith in my network?",
        "My SSN is 123-45-6789, what is a deductible?",
        long.trim(),
    ];
    for message in messages {
        let answer = product.api.ask(&person, "bad", message).send().await.expect(200);
        assert!(answer.content().len() > 60, "{message}: {}", answer.content());
        for private in ["6789", "Smith", "$"] {
            assert!(!answer.content().contains(private), "{private} in {}", answer.content());
        }
        assert_eq!(answer.json["persistence"], json!({ "persisted": true, "state": "stored" }));
    }
    let stored = product.api.messages(&person, "bad").await;
    let asked: Vec<&str> =
        stored.iter().filter(|(role, _)| role == "user").map(|(_, content)| content.as_str()).collect();
    assert_eq!(asked, messages);
}

/// What six steps leave is small and has no text: the answer is written from it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_steps_outputs_hold_facts_and_no_prose() {
    let product = product().await;
    let person = product.api.person().await;
    let denial =
        "My Medicare Advantage plan denied my MRI as not medically necessary. I live in Texas. The letter is dated";
    let message = format!("{denial} {}.", long_date_en(dates().0));
    let answer = product.api.ask(&person, "small", &message).send().await.expect(200);
    is(&answer, "guidance", 6);
    let client = product.superuser().await;
    let rows =
        client.query("SELECT step, output FROM navigator.workflow_steps ORDER BY step_no", &[]).await.expect("steps");
    let mut bytes = 0;
    for row in &rows {
        let output: Value = row.get("output");
        bytes += output.to_string().len();
        assert!(!output.to_string().contains("I'm sorry"), "{output}");
    }
    println!("{bytes} bytes of outputs");
    assert!(bytes <= 2_048, "{bytes}");
}
