//! The ladder against scripted models.

use std::collections::VecDeque;
use std::sync::Mutex;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};

use super::*;
use crate::llm::Said;

/// Answers in order, and notes how it was asked.
struct Script {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<(Form, bool)>>,
}

enum Answer {
    Says(&'static str),
    Fails(ModelError),
    Hangs,
}

impl LanguageModel for Script {
    fn complete<'a>(&'a self, question: Question<'a>) -> BoxFuture<'a, Result<Said, ModelError>> {
        self.asked.lock().expect("free").push((question.form, question.repair.is_some()));
        let answer = self.answers.lock().expect("free").pop_front().expect("one more answer");
        async move {
            match answer {
                Answer::Says(text) => {
                    Ok(Said { text: text.to_owned(), usage: Usage { input_tokens: 10, output_tokens: 5 } })
                }
                Answer::Fails(error) => Err(error),
                Answer::Hangs => std::future::pending().await,
            }
        }
        .boxed()
    }
}

#[derive(Debug, PartialEq, Eq, serde::Deserialize)]
struct Told {
    word: String,
}

struct Outcome {
    told: Result<Told, WithoutModel>,
    used: Usage,
    asked: Vec<(Form, bool)>,
    took: Duration,
}

async fn run(answers: Vec<Answer>) -> Outcome {
    let model = Script { answers: Mutex::new(answers.into()), asked: Mutex::default() };
    let schema: Value = json!({});
    let question = Question {
        name: "told",
        system: "Say a word.",
        data: "{}",
        schema: &schema,
        form: Form::Schema,
        most_tokens: 50,
        repair: None,
    };
    let check = |told: &Told| if told.word == "no" { Err("say another word") } else { Ok(()) };
    let watch = crate::clock::Stopwatch::start();
    let until = Deadline::after(Duration::from_secs(7));
    let (told, used) = ask::<Told>(&model, &Breaker::default(), question, until, check).await;
    Outcome { told, used, asked: model.asked.into_inner().expect("free"), took: watch.elapsed() }
}

fn away(seconds: Option<u64>) -> Answer {
    Answer::Fails(ModelError::Passing { status: Some(429), retry_after: seconds.map(Duration::from_secs) })
}

fn word(word: &str) -> Result<Told, WithoutModel> {
    Ok(Told { word: word.to_owned() })
}

const FIRST: (Form, bool) = (Form::Schema, false);

#[tokio::test(start_paused = true)]
async fn an_answer_is_found_whatever_stands_around_it() {
    for text in [
        r#"{"word": "yes"}"#,
        "```json\n{\"word\": \"yes\"}\n```",
        "Sure! Here it is: {\"word\": \"yes\"} Anything else?",
        "{\"word\": \"yes\", \"more\": {\"a\": \"}\"}}{\"word\": \"second\"}",
        " \n{\"more\": \"\\\"{\", \"word\": \"yes\"}",
    ] {
        let outcome = run(vec![Answer::Says(text)]).await;
        assert_eq!((outcome.told, outcome.asked.as_slice()), (word("yes"), &[FIRST][..]), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_used_is_repaired_once() {
    for wrong in [
        "",
        "no",
        "<html>Bad gateway</html>",
        "{\"word\": ",
        "[]",
        "{\"word\": 5}",
        "{\"word\": \"no\"}",
        "I can't help with that.",
    ] {
        let repaired = run(vec![Answer::Says(wrong), Answer::Says("{\"word\": \"yes\"}")]).await;
        assert_eq!(
            (repaired.told, repaired.asked.as_slice()),
            (word("yes"), &[FIRST, (Form::Schema, true)][..]),
            "{wrong}"
        );
        assert_eq!(repaired.used, Usage { input_tokens: 20, output_tokens: 10 }, "both calls count");
        let given_up = run(vec![Answer::Says(wrong), Answer::Says(wrong)]).await;
        assert_eq!(given_up.told, Err(WithoutModel::Unusable), "{wrong}");
        assert_eq!(given_up.used.input_tokens, 20);
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_without_schemas_is_asked_for_an_object() {
    let rejected = || Answer::Fails(ModelError::Rejected(400));
    let outcome = run(vec![rejected(), Answer::Says("{\"word\": \"yes\"}")]).await;
    assert_eq!((outcome.told, outcome.asked.as_slice()), (word("yes"), &[FIRST, (Form::Object, false)][..]));
    let outcome = run(vec![rejected(), rejected()]).await;
    assert_eq!((outcome.told, outcome.asked.len()), (Err(WithoutModel::Refused), 2));
}

#[tokio::test(start_paused = true)]
async fn what_may_pass_is_asked_again_after_the_pause_that_is_named() {
    let outcome = run(vec![away(Some(2)), Answer::Says("{\"word\": \"yes\"}")]).await;
    assert_eq!(outcome.told, word("yes"));
    assert!(outcome.took >= Duration::from_secs(2), "{:?}", outcome.took);
    let outcome = run(vec![away(None), away(None), Answer::Says("{\"word\": \"yes\"}")]).await;
    assert_eq!(outcome.told, word("yes"));
    let outcome = run(vec![away(None), away(None), away(None)]).await;
    assert_eq!((outcome.told, outcome.asked.len()), (Err(WithoutModel::Away), 3));
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_does_not_fit_and_a_hang_end_in_time() {
    let outcome = run(vec![away(Some(3_600))]).await;
    assert_eq!(outcome.told, Err(WithoutModel::Away));
    assert!(outcome.took < Duration::from_secs(1), "{:?}", outcome.took);
    let outcome = run(vec![Answer::Hangs]).await;
    assert_eq!(outcome.told, Err(WithoutModel::Time));
    assert_eq!(outcome.took, Duration::from_secs(7));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_and_an_unreadable_answer_are_final() {
    for (error, expected) in [
        (ModelError::Refused(401), WithoutModel::Refused),
        (ModelError::Refused(404), WithoutModel::Refused),
        (ModelError::Unreadable, WithoutModel::Unusable),
    ] {
        let outcome = run(vec![Answer::Fails(error)]).await;
        assert_eq!((outcome.told, outcome.asked.len()), (Err(expected), 1));
    }
}

#[test]
fn a_huge_answer_is_not_looked_at() {
    let huge = format!("{{\"word\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    assert!(parse::<Told>(&huge).is_err());
    assert!(parse::<Told>(&"{".repeat(60_000)).is_err());
}
