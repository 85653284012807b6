//! The requests and replies of `/regulatory`, parsed and rendered.

use lambda_http::http::header::{HeaderValue, LOCATION};
use serde::de::{Error as _, Unexpected};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, json};
use uuid::Uuid;

use super::problem::{Code, FieldError, Problem};
use super::reply::Reply;
use super::request::{Fields, Request};
use crate::ids::DocumentId;
use crate::regulatory::{
    CreateError, Draft, NewDocument, QueryText, ReadError, SearchError, SearchQuery, Stored, parse_limit,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    url: String,
    title: String,
    text: String,
    lang: Option<String>,
    effective: Option<String>,
    expires: Option<String>,
    #[serde(default, deserialize_with = "whole")]
    plan_year: Option<i64>,
    #[serde(default, deserialize_with = "whole")]
    page: Option<i64>,
    section: Option<String>,
}

/// A whole number is one however it is written: to JSON Schema (2020-12, 6.1.1) `3.0` is an integer too.
fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let Some(number) = Option::<Number>::deserialize(deserializer)? else { return Ok(None) };
    let from_fraction = || format!("{:.0}", number.as_f64().filter(|float| float.fract() == 0.0)?).parse().ok();
    let wrong = || D::Error::invalid_value(Unexpected::Other("a number"), &"a whole number");
    number.as_i64().or_else(from_fraction).map(Some).ok_or_else(wrong)
}

impl Request {
    /// `q` and `limit` of a search.
    ///
    /// # Errors
    /// 422 with every parameter that is wrong.
    pub fn search_query(&self) -> Result<SearchQuery, Problem> {
        let parameters = self.query_parameters(&["q", "limit"])?;
        let value = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let mut fields = Fields::default();
        let text = fields.take("?q", QueryText::parse(value("q").unwrap_or_default()));
        let limit = fields.take("?limit", parse_limit(value("limit")));
        match (text, limit) {
            (Some(text), Some(limit)) => Ok(SearchQuery { text, limit }),
            _ => Err(fields.problem()),
        }
    }

    /// The document named in the path.
    ///
    /// # Errors
    /// 422 when it is no UUID, 400 when it is not UTF-8.
    pub fn document_id(&self) -> Result<DocumentId, Problem> {
        let text = self.parameter("id")?;
        Uuid::try_parse(&text)
            .ok()
            .filter(|_| text.len() == 36)
            .map(DocumentId::from)
            .ok_or_else(|| Problem::field("path:id", "must be a UUID, as in the results of GET /regulatory"))
    }

    /// The document to add.
    ///
    /// # Errors
    /// As [`Request::json`]; 422 with every field that is wrong.
    pub fn new_document(&self) -> Result<NewDocument, Problem> {
        let body: Body = self.json()?;
        let draft = Draft {
            url: body.url,
            title: body.title,
            text: body.text,
            lang: body.lang,
            effective: body.effective,
            expires: body.expires,
            plan_year: body.plan_year,
            page: body.page,
            section: body.section,
            ..Draft::default()
        };
        NewDocument::check(draft).map(NewDocument::may_revert).map_err(|problems| {
            let error = |field, detail| FieldError { pointer: format!("/{field}"), detail };
            Problem::fields(problems.into_iter().map(|problem| error(problem.field, problem.detail)).collect())
        })
    }
}

impl Reply {
    /// 201 with `Location` for what is new, 200 for what was there; both with the id.
    pub fn stored(stored: Stored) -> Self {
        let body = json!({ "id": stored.id() });
        match (stored, HeaderValue::try_from(format!("/regulatory/{}", stored.id()))) {
            (Stored::New(_), Ok(location)) => Self::created(&body).header(LOCATION, location),
            _ => Self::ok(&body),
        }
    }
}

impl From<SearchError> for Problem {
    fn from(error: SearchError) -> Self {
        match error {
            SearchError::Refused(refusal) => refusal.into(),
            SearchError::Database(error) => error.into(),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound => Self::new(Code::DocumentNotFound),
            ReadError::Refused(refusal) => refusal.into(),
            ReadError::Database(error) => error.into(),
        }
    }
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        match error {
            CreateError::Forbidden => {
                Self::new(Code::Forbidden).detail("Only a regulatory_agent may add official texts.")
            }
            CreateError::Refused(refusal) => refusal.into(),
            CreateError::Database(error) => error.into(),
        }
    }
}
