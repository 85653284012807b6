use super::*;

#[test]
fn codes_are_unique_and_every_status_is_an_error() {
    let mut seen: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    seen.sort_unstable();
    let all = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), all);
    assert!(Code::ALL.iter().all(|code| code.status().is_client_error() || code.status().is_server_error()));
}

#[test]
fn a_database_error_tells_the_client_nothing_of_the_database() {
    let error = DbError::new(Class::Bug, "history_page", "column \"secret\" of relation \"users\"");
    let problem = Problem::from(error);
    assert_eq!(problem.code(), Code::InternalError);
    assert!(!format!("{problem:?}").contains("users"), "{problem:?}");
}

fn reply_header(problem: Problem, name: &str) -> Option<String> {
    let response = problem.into_reply("r").into_response("r");
    Some(response.headers().get(name)?.to_str().expect("text").to_owned())
}

#[test]
fn every_503_and_504_says_when_to_come_back() {
    for code in Code::ALL {
        let passes = [503, 504].contains(&code.status().as_u16());
        assert_eq!(reply_header(Problem::new(*code), "retry-after").is_some(), passes, "{code:?}");
    }
}

#[test]
fn a_passing_trouble_of_the_database_is_no_500_and_says_when_to_come_back() {
    let passing = [
        Class::Unavailable,
        Class::Unanswered,
        Class::Configuration,
        Class::Saturated,
        Class::Blocked,
        Class::Credential,
        Class::Ambiguous,
        Class::ReadOnly,
        Class::Contention,
        Class::Timeout,
        Class::Schema,
    ];
    for class in passing {
        let problem = Problem::from(DbError::new(class, "turn_begin", "text"));
        assert!([503, 504].contains(&problem.code().status().as_u16()), "{class:?}");
        assert!(reply_header(problem, "retry-after").is_some(), "{class:?}");
    }
}

#[cfg(feature = "workflow")]
#[test]
fn a_question_that_failed_in_passing_is_told_its_conversation_and_key_and_one_that_is_wrong_is_not() {
    use crate::ids::{ConversationId, RequestKey, UserId};
    use crate::workflow::{Message, NewTurn, TurnError, TurnMetadata};
    let key = RequestKey::mint();
    let conversation = ConversationId::derive(UserId::new(), &key);
    let message = Message::parse("What is a copay?").expect("a message");
    let metadata = TurnMetadata::parse(serde_json::Map::new()).expect("metadata");
    let turn = NewTurn::new(conversation.clone(), message, metadata, key.clone());
    let rows = [
        (TurnError::Database(DbError::new(Class::Unanswered, "turn_begin", "text")), true),
        (TurnError::Database(DbError::new(Class::Timeout, "turn_begin", "text")), true),
        (TurnError::Database(DbError::new(Class::Conflict, "turn_begin", "text")), true),
        (TurnError::InProgress { retry_ms: 5 }, true),
        (TurnError::Unfinished { retry_ms: 5 }, true),
        (TurnError::KeyReused, false),
        (TurnError::Deleted, false),
        (TurnError::Refused(Refusal::SessionEnded), false),
    ];
    for (error, is_named) in rows {
        let problem = Problem::of_turn(error, &turn);
        let code = problem.code();
        let body = problem.into_reply("r").into_response("r").into_body();
        let json: serde_json::Value = serde_json::from_slice(body.as_ref()).expect("JSON");
        let (named, minted) = (json["conversation_id"].as_str(), json["idempotency_key"].as_str());
        let expected = is_named.then_some((conversation.as_str(), key.as_str()));
        assert_eq!(named.zip(minted), expected, "{code:?}: {json}");
    }
}
