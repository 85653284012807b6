//! Everything an evil model may say, in the place where it would reach a person.

use super::*;

/// Answers the first two questions well and the third with a text of its own.
struct Evil {
    wording: String,
}

impl LanguageModel for Evil {
    fn complete<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Said, ModelError>> {
        let text = match question.name {
            "analysis" => json!({ "intent": "appeal_denial", "plan_type": null, "plan_words": null }).to_string(),
            "strategy" => json!({ "actions": ["write_appeal"] }).to_string(),
            _ => self.wording.clone(),
        };
        async move { Ok(Said { text, ..Said::default() }) }.boxed()
    }
}

/// Answers every question with the same text.
struct Stubborn(String);

impl LanguageModel for Stubborn {
    fn complete<'a>(&'a self, _: Question<'a>) -> BoxFuture<'a, Result<Said, ModelError>> {
        let text = self.0.clone();
        async move { Ok(Said { text, ..Said::default() }) }.boxed()
    }
}

fn advised_by(model: impl LanguageModel + 'static) -> Advisor {
    Advisor::new(std::sync::Arc::new(model), &settings("openai", "http://127.0.0.1:9"))
}

const SPANISH: &str = "Mi plan Medicare Advantage negó mi resonancia. La carta es del 2 de octubre de 2026.";

/// The reply without a model's words: the facts in the rules' own order.
async fn reply_to(message: &str, advisor: Option<&Advisor>) -> ComposedReply {
    let mut rehearsal = Rehearsal::on("2026-11-22".parse().expect("a date"));
    match advisor {
        Some(advisor) => rehearsal.say_with(message, advisor).await.expect("a turn").reply,
        None => rehearsal.say(message).expect("a turn").reply,
    }
}

fn openings() -> Vec<(Language, String)> {
    let rows = |file: &str| -> Vec<Value> {
        let path = launcher::workspace::root().join("tests/eval").join(file);
        let text = std::fs::read_to_string(path).expect("the file");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON object in each line")).collect()
    };
    let language = |row: &Value| if row["lang"] == "es" { Language::Es } else { Language::En };
    let bad = rows("bad_replies.jsonl").into_iter().map(|row| (language(&row), row["reply"].clone()));
    let evil = rows("evil_openings.jsonl").into_iter().map(|row| (language(&row), row["opening"].clone()));
    bad.chain(evil).map(|(language, text)| (language, text.as_str().expect("a text").to_owned())).collect()
}

#[tokio::test]
async fn no_evil_opening_reaches_a_person() {
    let openings = openings();
    assert!(openings.len() >= 250, "{}", openings.len());
    let mut passed = Vec::new();
    for language in [Language::En, Language::Es] {
        let (message, kind) = match language {
            Language::En => (MESSAGE, OPENING),
            Language::Es => (SPANISH, "Entiendo que esta carta es una preocupación grande."),
        };
        let silent = reply_to(message, Some(&advised_by(Evil { wording: "no".to_owned() }))).await;
        assert!(ends_with_notice(&silent.content, language), "{}", silent.content);
        // Alone, and behind kind words that would pass.
        let own = openings.iter().filter(|(of, _)| *of == language).map(|(_, opening)| opening.clone());
        for text in own.clone().chain(own.map(|opening| format!("{kind} {opening}"))) {
            let advisor = advised_by(Evil { wording: json!({ "opening": text }).to_string() });
            if reply_to(message, Some(&advisor)).await.content != silent.content {
                passed.push(text);
            }
        }
        let kind = advised_by(Evil { wording: json!({ "opening": kind }).to_string() });
        assert_ne!(reply_to(message, Some(&kind)).await.content, silent.content, "kind words pass");
    }
    assert!(passed.is_empty(), "{} of {}\n{}", passed.len(), 2 * openings.len(), passed.join("\n~~\n"));
}

#[tokio::test]
async fn no_evil_answer_of_any_form_changes_a_fact() {
    let plain = reply_to(MESSAGE, None).await;
    let answers = [
        "".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "true".to_owned(),
        "{}".to_owned(),
        "{\"opening\": null}".to_owned(),
        "{\"opening\": {\"text\": \"You will win.\"}}".to_owned(),
        "{\"opening\": [\"You will win.\"]}".to_owned(),
        "{\"content\": \"You have 90 days.\", \"deadlines\": [{\"last_day\": \"2027-01-01\"}]}".to_owned(),
        "{\"intent\": \"smalltalk\", \"plan_type\": null, \"plan_words\": null}".to_owned(),
        "{\"intent\": \"other\", \"plan_type\": \"part_d\", \"plan_words\": \"Part D\"}".to_owned(),
        "{\"intent\": \"medical_advice\", \"plan_type\": \"medigap\", \"plan_words\": \"a\"}".to_owned(),
        "{\"intent\": \"drop_table\", \"plan_type\": null, \"plan_words\": null}".to_owned(),
        "{\"intent\": \"appeal_denial\", \"emergency\": \"medical\", \"plan_type\": null}".to_owned(),
        "{\"actions\": []}".to_owned(),
        "{\"actions\": [\"write_appeal\", \"write_appeal\", \"write_appeal\"]}".to_owned(),
        "{\"actions\": [\"ask_supply\", \"file_grievance\", \"call_reviewer\"]}".to_owned(),
        "{\"actions\": [\"do_nothing\"]}".to_owned(),
        "{\"actions\": \"write_appeal\"}".to_owned(),
        format!("{{\"actions\": [{}]}}", vec!["\"write_appeal\""; 10_000].join(",")),
        format!("{{\"opening\": {}1{}}}", "[".repeat(5_000), "]".repeat(5_000)),
        format!("{{\"opening\": \"{}\"}}", "I am sorry. ".repeat(5_000)),
        "\u{feff}{\"opening\": \"You will win.\"}".to_owned(),
        "<tool_call>{\"name\": \"transfer\"}</tool_call>".to_owned(),
        shared::llm::PromptKind::Wording.system().to_owned(),
        json!({ "opening": shared::llm::PromptKind::Wording.system() }).to_string(),
    ];
    for answer in answers {
        let reply = reply_to(MESSAGE, Some(&advised_by(Stubborn(answer.clone())))).await;
        let facts = |reply: &ComposedReply| {
            let mut steps = reply.next_steps.clone();
            steps.sort();
            (json!(reply.deadlines), reply.citations.clone(), steps, reply.response_type, reply.urgency)
        };
        assert!(facts(&reply) == facts(&plain), "{answer:.200}");
        assert!(ends_with_notice(&reply.content, Language::En), "{answer:.200}: {}", reply.content);
    }
}

#[tokio::test]
async fn a_plan_is_believed_only_in_the_messages_own_words() {
    let says = |plan: &str, words: &str| {
        advised_by(Stubborn(json!({ "intent": "appeal_denial", "plan_type": plan, "plan_words": words }).to_string()))
    };
    let message = "Zenith Gold Choice denied my MRI, letter dated October 2, 2026";
    let asks = |reply: &ComposedReply| reply.content.contains("What kind of plan is it?");
    assert!(asks(&reply_to(message, None).await));
    assert!(!asks(&reply_to(message, Some(&says("medicare_advantage", "Zenith Gold Choice"))).await));
    for words in ["Humana Gold Plus", "", "a", "  "] {
        assert!(asks(&reply_to(message, Some(&says("medicare_advantage", words))).await), "{words:?}");
    }
}
