//! The queries of a history page and of the list of conversations, parsed.

use super::problem::{FieldError, Problem};
use super::request::Request;
use crate::conversations::{Cursor, HistoryPage, HistoryQuery, ListCursor, ListQuery, MetadataFilter};

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 100;

impl Request {
    /// `limit`, `cursor` and `include_metadata` of a history request, with the path's conversation.
    ///
    /// # Errors
    /// 422 with every parameter that is wrong.
    pub fn history_query(&self) -> Result<HistoryQuery, Problem> {
        let mut query = HistoryQuery {
            conversation: self.conversation_id()?,
            limit: DEFAULT_LIMIT,
            before: None,
            include_metadata: false,
        };
        let mut errors = Vec::new();
        for (name, value) in self.query_parameters(&["limit", "cursor", "include_metadata"])? {
            let result = match name.as_str() {
                "limit" => limit(&value).map(|limit| query.limit = limit),
                "cursor" => {
                    Cursor::parse(&value).map(|cursor| query.before = Some(cursor)).map_err(|error| error.to_string())
                }
                _ => flag(&value).map(|flag| query.include_metadata = flag),
            };
            if let Err(detail) = result {
                errors.push(FieldError { pointer: format!("?{name}"), detail });
            }
        }
        if errors.is_empty() { Ok(query) } else { Err(Problem::fields(errors)) }
    }

    /// `limit`, `cursor` and `metadata` of a list of conversations.
    ///
    /// # Errors
    /// 422 with every parameter that is wrong.
    pub fn list_query(&self) -> Result<ListQuery, Problem> {
        let mut query = ListQuery { limit: DEFAULT_LIMIT, after: None, metadata: None };
        let mut errors = Vec::new();
        for (name, value) in self.query_parameters(&["limit", "cursor", "metadata"])? {
            let result = match name.as_str() {
                "limit" => limit(&value).map(|limit| query.limit = limit),
                "metadata" => MetadataFilter::parse(&value)
                    .map(|filter| query.metadata = Some(filter))
                    .map_err(|error| error.to_string()),
                _ => ListCursor::parse(&value)
                    .map(|cursor| query.after = Some(cursor))
                    .map_err(|error| error.to_string()),
            };
            if let Err(detail) = result {
                errors.push(FieldError { pointer: format!("?{name}"), detail });
            }
        }
        if errors.is_empty() { Ok(query) } else { Err(Problem::fields(errors)) }
    }
}

/// The address of the page with the older messages, for `Link: rel="next"`.
pub(super) fn next_target(query: &HistoryQuery, page: &HistoryPage) -> Option<String> {
    let cursor = page.next_cursor.as_ref()?;
    let metadata = if query.include_metadata { "&include_metadata=true" } else { "" };
    Some(format!("/conversations/{}/history?limit={}&cursor={cursor}{metadata}", query.conversation, query.limit))
}

fn limit(text: &str) -> Result<u32, String> {
    match text.parse() {
        Ok(number @ 1..=MAX_LIMIT) => Ok(number),
        _ => Err(format!("must be a whole number from 1 to {MAX_LIMIT}")),
    }
}

fn flag(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false".to_owned()),
    }
}
