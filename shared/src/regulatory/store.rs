//! The official texts' SQL: one Rust function per SQL function of migration 010.

use chrono::{DateTime, NaiveDate, Utc};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::draft::NewDocument;
use super::types::{CreateError, Document, Heading, Hit, ReadError, SearchError, SearchQuery, Stored};
use crate::auth::Principal;
use crate::clock::Deadline;
use crate::db::{Db, DbError, Statement};
use crate::ids::DocumentId;

const SEARCH: Statement = Statement {
    name: "regulatory_search",
    sql: "SELECT outcome, id, title, url, page, section, lang, plan_year, effective, expires, fetched, excerpt, score \
          FROM navigator.regulatory_search($1, $2, $3, $4, $5)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::INT4, Type::DATE],
};

const READ: Statement = Statement {
    name: "regulatory_read",
    sql: "SELECT outcome, id, version, is_current, title, url, page, section, lang, plan_year, effective, expires, fetched, \
          content FROM navigator.regulatory_read($1, $2, $3)",
    parameters: &[Type::UUID, Type::UUID, Type::UUID],
};

const CREATE: Statement = Statement {
    name: "regulatory_create",
    sql: "SELECT outcome, id FROM navigator.regulatory_create($1, $2, $3, $4)",
    parameters: &[Type::UUID, Type::UUID, Type::TEXT, Type::JSONB],
};

/// Every statement of this store.
pub const STATEMENTS: [&Statement; 3] = [&SEARCH, &READ, &CREATE];

pub(super) async fn search(
    db: &Db,
    principal: &Principal,
    query: &SearchQuery,
    today: NaiveDate,
    deadline: Deadline,
) -> Result<Vec<Hit>, SearchError> {
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let limit = i32::try_from(query.limit).unwrap_or(i32::MAX);
    let rows = db.query(&SEARCH, &[&user, &session, &query.text.as_str(), &limit, &today], deadline).await?;
    let mut hits = Vec::with_capacity(rows.len());
    for row in &rows {
        match SEARCH.column(row, "outcome")? {
            "hit" => hits.push(hit(row).map_err(|error| DbError::from_driver(SEARCH.name, &error))?),
            other => return Err(SEARCH.refused(other)),
        }
    }
    Ok(hits)
}

pub(super) async fn read(
    db: &Db,
    principal: &Principal,
    id: DocumentId,
    deadline: Deadline,
) -> Result<Document, ReadError> {
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let row = db.query_one(&READ, &[&user, &session, &id.uuid()], deadline).await?;
    match READ.column(&row, "outcome")? {
        "document" => Ok(document(&row).map_err(|error| DbError::from_driver(READ.name, &error))?),
        "not_found" => Err(ReadError::NotFound),
        other => Err(READ.refused(other)),
    }
}

pub(super) async fn create(
    db: &Db,
    principal: &Principal,
    role: &str,
    document: &NewDocument,
    deadline: Deadline,
) -> Result<Stored, CreateError> {
    let (user, session) = (principal.user.uuid(), principal.session.uuid());
    let row = db.query_one(&CREATE, &[&user, &session, &role, &document.to_json()], deadline).await?;
    let id = || {
        row.try_get::<_, Uuid>("id").map(DocumentId::from).map_err(|error| DbError::from_driver(CREATE.name, &error))
    };
    match CREATE.column(&row, "outcome")? {
        "created" => Ok(Stored::New(id()?)),
        "same" => Ok(Stored::Same(id()?)),
        "forbidden" => Err(CreateError::Forbidden),
        other => Err(CREATE.refused(other)),
    }
}

fn hit(row: &Row) -> Result<Hit, tokio_postgres::Error> {
    Ok(Hit { heading: heading(row)?, excerpt: row.try_get("excerpt")?, score: row.try_get("score")? })
}

fn document(row: &Row) -> Result<Document, tokio_postgres::Error> {
    Ok(Document {
        heading: heading(row)?,
        version: row.try_get("version")?,
        is_current: row.try_get("is_current")?,
        text: row.try_get("content")?,
    })
}

fn heading(row: &Row) -> Result<Heading, tokio_postgres::Error> {
    Ok(Heading {
        id: row.try_get::<_, Uuid>("id")?.into(),
        title: row.try_get("title")?,
        url: row.try_get("url")?,
        page: row.try_get("page")?,
        section: row.try_get("section")?,
        lang: row.try_get("lang")?,
        plan_year: row.try_get("plan_year")?,
        effective: row.try_get("effective")?,
        expires: row.try_get("expires")?,
        fetched: row.try_get::<_, DateTime<Utc>>("fetched")?.date_naive(),
    })
}
