//! One line: what it must be, and why it is not. A reason never holds anything of the line.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use shared::ids::ConversationId;
use uuid::Uuid;

/// What the API takes as a message.
const MAX_USER_BYTES: usize = 16 * 1024;
/// Answers of the earlier system may be longer.
const MAX_ASSISTANT_BYTES: usize = 64 * 1024;
const MAX_METADATA_BYTES: usize = 16 * 1024;
const MAX_AGENT_CHARS: usize = 64;
/// 2000-01-01: what is older has a wrong clock.
const EARLIEST: i64 = 946_684_800;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(alias = "user_id", alias = "email")]
    user: Option<String>,
    conversation_id: Option<String>,
    id: Option<String>,
    role: Option<String>,
    content: Option<String>,
    agent_name: Option<String>,
    metadata: Option<Value>,
    created_at: Option<String>,
    #[serde(rename = "updated_at")]
    _updated_at: Option<IgnoredAny>,
    seq: Option<i64>,
}

/// The row of line `number`, as navigator.import_batch takes it.
pub(super) fn check(number: u64, line: &str, now: DateTime<Utc>) -> Result<Value, &'static str> {
    let line: Line = serde_json::from_str(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => "it is no object, or a field is unknown or not of its type",
        _ => "it is not JSON",
    })?;
    let user = line.user.as_deref().filter(|user| !user.is_empty()).ok_or("it has no user")?;
    let (id, email) = match Uuid::try_parse(user) {
        Ok(id) => (Some(id), None),
        Err(_) if user.contains('@') && user.chars().count() <= 254 && !user.contains('\0') => (None, Some(user)),
        Err(_) => return Err("its user is neither an e-mail address nor an id"),
    };
    let is_message = line.role.is_some() || line.content.is_some();
    let conversation = line.conversation_id.as_deref().or(line.id.as_deref().filter(|_| !is_message));
    let conversation = ConversationId::parse(conversation.ok_or("it has no conversation_id")?)
        .map_err(|_| "its conversation_id is not 1 to 128 characters of A-Z a-z 0-9 . _ : ~ @ -")?;
    let created_at = time(line.created_at.as_deref().ok_or("it has no created_at")?, now)?;
    let metadata = line.metadata.filter(|metadata| !metadata.is_null());
    if let Some(metadata) = &metadata {
        let text = metadata.to_string();
        match metadata {
            Value::Object(_) if text.contains("\\u0000") => return Err("its metadata holds U+0000"),
            Value::Object(_) if text.len() > MAX_METADATA_BYTES => return Err("its metadata has more than 16 KiB"),
            Value::Object(_) => {}
            _ => return Err("its metadata is no object"),
        }
    }
    let mut row = json!({ "n": number, "user_id": id, "email": email, "conversation_id": conversation.as_str(),
                          "created_at": created_at, "metadata": metadata });
    if is_message {
        let role = line.role.as_deref().ok_or("it has no role")?;
        row["content"] = content(role, line.content.as_deref().ok_or("it has no content")?)?.into();
        row["role"] = role.into();
        row["agent_name"] = agent(line.agent_name.as_deref())?.into();
        row["seq"] = match line.seq {
            Some(seq) if seq < 1 => return Err("its seq is not positive"),
            seq => seq.into(),
        };
    }
    Ok(row)
}

/// RFC 3339, also with a blank for the T, as the earlier system's database prints it. What is finer than a microsecond is cut off, as
/// it is in the database.
fn time(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, &'static str> {
    let time = DateTime::parse_from_rfc3339(&text.replacen(' ', "T", 1))
        .map_err(|_| "its created_at is no time with an offset (RFC 3339)")?
        .to_utc();
    match DateTime::from_timestamp_micros(time.timestamp_micros()) {
        Some(time) if time > now => Err("its created_at is in the future"),
        Some(time) if time.timestamp() >= EARLIEST => Ok(time),
        _ => Err("its created_at is before 2000"),
    }
}

fn content<'a>(role: &str, content: &'a str) -> Result<&'a str, &'static str> {
    match role {
        "user" | "assistant" if content.trim().is_empty() => Err("its content is empty"),
        "user" | "assistant" if content.contains('\0') => Err("its content holds U+0000"),
        "user" if content.len() > MAX_USER_BYTES => Err("its content has more than 16 KiB"),
        "assistant" if content.len() > MAX_ASSISTANT_BYTES => Err("its content has more than 64 KiB"),
        "user" | "assistant" => Ok(content),
        _ => Err("its role is neither user nor assistant"),
    }
}

fn agent(name: Option<&str>) -> Result<Option<&str>, &'static str> {
    let is_fine = |name: &str| {
        (1..=MAX_AGENT_CHARS).contains(&name.len())
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    match name {
        Some(name) if !is_fine(name) => Err("its agent_name is not 1 to 64 characters of A-Z a-z 0-9 . _ -"),
        name => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> DateTime<Utc> {
        DateTime::parse_from_rfc3339("2026-11-25T00:00:00Z").expect("a time").to_utc()
    }

    fn line(change: impl Fn(&mut Value)) -> Result<Value, &'static str> {
        let mut line = json!({ "user": "ana@example.org", "conversation_id": "c", "role": "user", "content": "a secret",
                               "created_at": "2025-01-31T08:00:00.1234567+01:00" });
        change(&mut line);
        check(7, &line.to_string(), now())
    }

    #[test]
    fn a_message_is_taken_as_it_is_and_its_time_to_the_microsecond() {
        let row = line(|_| {}).expect("a row");
        assert_eq!(row["created_at"], "2025-01-31T07:00:00.123456Z");
        assert_eq!((&row["n"], &row["email"], &row["user_id"]), (&json!(7), &json!("ana@example.org"), &Value::Null));
        let blank = line(|line| line["created_at"] = "2025-01-31 08:00:00+00".into());
        assert_eq!(blank, Err("its created_at is no time with an offset (RFC 3339)"));
        assert!(line(|line| line["created_at"] = "2025-01-31 08:00:00+00:00".into()).is_ok());
    }

    #[test]
    fn the_earlier_systems_rows_are_taken() {
        let message = r#"{"id": "m1", "conversation_id": "c", "user_id": "7f3c1d1e-0000-4000-8000-000000000001", "role": "assistant",
            "content": "x", "agent_name": "chat_communicator", "metadata": {}, "created_at": "2025-01-31T08:00:00+00:00"}"#;
        assert_eq!(check(1, message, now()).expect("a row")["agent_name"], "chat_communicator");
        let conversation = r#"{"id": "c", "user_id": "7f3c1d1e-0000-4000-8000-000000000001", "metadata": {"source": "x"},
            "created_at": "2025-01-31T08:00:00+00:00", "updated_at": "2025-01-31T08:00:00+00:00"}"#;
        let row = check(1, conversation, now()).expect("a row");
        assert_eq!((&row["conversation_id"], row.get("role")), (&json!("c"), None));
    }

    #[test]
    fn what_is_refused_is_refused_for_a_reason_that_holds_nothing_of_it() {
        type Change = fn(&mut Value);
        let wrong: [(Change, &str); 16] = [
            (|line| line["user"] = Value::Null, "it has no user"),
            (|line| line["user"] = "secret".into(), "neither an e-mail address nor an id"),
            (|line| line["conversation_id"] = Value::Null, "it has no conversation_id"),
            (|line| line["conversation_id"] = "a secret".into(), "conversation_id is not"),
            (|line| line["role"] = "secret".into(), "role is neither"),
            (|line| line["role"] = Value::Null, "it has no role"),
            (|line| line["content"] = Value::Null, "it has no content"),
            (|line| line["content"] = " \n".into(), "content is empty"),
            (|line| line["content"] = "secret\0".into(), "U+0000"),
            (|line| line["content"] = "secret".repeat(3_000).into(), "more than 16 KiB"),
            (|line| line["created_at"] = "secret".into(), "RFC 3339"),
            (|line| line["created_at"] = "2026-11-25T00:00:01Z".into(), "in the future"),
            (|line| line["created_at"] = "1970-01-01T00:00:00Z".into(), "before 2000"),
            (|line| line["metadata"] = json!(["secret"]), "no object"),
            (|line| line["secret"] = 1.into(), "a field is unknown"),
            (|line| line["agent_name"] = "a secret".into(), "agent_name is not"),
        ];
        for (change, expected) in wrong {
            let reason = line(change).expect_err(expected);
            assert!(reason.contains(expected) && !reason.contains("secret"), "{reason}");
        }
        for text in ["secret", "{\"user\": \"secret", "[]", "{\"content\": \"\\ud800\"}"] {
            assert!(check(1, text, now()).is_err_and(|reason| !reason.contains("secret")), "{text}");
        }
    }
}
