//! `ops regulatory refresh`: the texts, read again at their sources.
//!
//! Invariants: a changed text of a web page is a new version; a page that suddenly holds next to nothing is not believed.
//! A changed booklet (PDF) is noted and listed by `stale`: its new text comes by import. One source that fails stops no
//! other. Conditional requests (RFC 9110, 13): what did not change is not sent.

use std::fmt;

use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shared::regulatory::{Draft, Kind, NewDocument};
use tokio_postgres::Client;

use super::fetch::{Fetched, FetchedBody, Fetcher, Resolver, Validators};
use super::store::Source;
use super::{html, store};
use crate::Result;

/// A page that holds less than this part of what it held is not believed.
const LEAST_PART: usize = 4;

/// What a refresh did.
#[derive(Clone, Debug, Default)]
pub struct RefreshReport {
    /// Addresses whose text is the one that is stored.
    pub unchanged: usize,
    /// Addresses with a new version.
    pub changed: usize,
    /// Addresses that were noted as changed; their new text has to be imported.
    pub noted: usize,
    /// Addresses that are no longer there.
    pub gone: usize,
    /// Addresses that could not be read, with the reason.
    pub failed: Vec<(String, String)>,
}

impl fmt::Display for RefreshReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (url, reason) in &self.failed {
            writeln!(f, "failed   {url}: {reason}")?;
        }
        write!(
            f,
            "{} unchanged, {} changed, {} to import again, {} gone, {} failed",
            self.unchanged,
            self.changed,
            self.noted,
            self.gone,
            self.failed.len()
        )
    }
}

/// What a look at one source came to.
enum Look {
    Unchanged,
    Changed,
    Noted,
    Gone,
}

/// Reads what was not read for `days`, at most `limit` addresses, the oldest first.
///
/// # Errors
/// When the database fails.
pub async fn refresh<R: Resolver>(
    client: &mut Client,
    fetcher: &Fetcher<R>,
    days: u16,
    limit: u16,
) -> Result<RefreshReport> {
    let transaction = store::begin(client).await?;
    let before = Utc::now() - TimeDelta::days(days.into());
    let sources = store::sources(&transaction, before, limit.into()).await?;
    store::commit(transaction).await?;
    let mut report = RefreshReport::default();
    for source in sources {
        let known =
            Validators { etag: remembered(&source, "etag"), last_modified: remembered(&source, "last_modified") };
        let looked = match fetcher.look(&source.url, &known).await {
            Ok(fetched) => keep(client, &source, fetched).await?,
            Err(error) => Err(error.to_string()),
        };
        match looked {
            Ok(Look::Unchanged) => report.unchanged += 1,
            Ok(Look::Changed) => report.changed += 1,
            Ok(Look::Noted) => report.noted += 1,
            Ok(Look::Gone) => report.gone += 1,
            Err(reason) => report.failed.push((source.url, reason)),
        }
    }
    Ok(report)
}

async fn keep(client: &mut Client, source: &Source, fetched: Fetched) -> Result<std::result::Result<Look, String>> {
    let body = match fetched {
        Fetched::Body(body) => body,
        Fetched::Unchanged => return note(client, source, json!({}), Look::Unchanged).await.map(Ok),
        Fetched::Gone => return note(client, source, json!({ "gone_at": Utc::now() }), Look::Gone).await.map(Ok),
    };
    let hash: String = Sha256::digest(&body.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let facts = json!({
        "etag": body.validators.etag, "last_modified": body.validators.last_modified, "source_hash": hash,
        "gone_at": null, "changed_at": null,
    });
    let known = remembered(source, "source_hash");
    if known.as_ref() == Some(&hash) {
        return note(client, source, facts, Look::Unchanged).await.map(Ok);
    }
    match readable(&body) {
        Readable::Text(text) => store_page(client, source, text, facts).await,
        // Without an earlier look there is nothing to compare the bytes with.
        Readable::Booklet if known.is_none() => note(client, source, facts, Look::Unchanged).await.map(Ok),
        Readable::Booklet => {
            let mut facts = facts;
            facts["changed_at"] = json!(Utc::now());
            note(client, source, facts, Look::Noted).await.map(Ok)
        }
        Readable::No(reason) => Ok(Err(reason)),
    }
}

async fn store_page(
    client: &mut Client,
    source: &Source,
    text: String,
    facts: Value,
) -> Result<std::result::Result<Look, String>> {
    let old_size = usize::try_from(source.size).unwrap_or(0);
    if text.chars().count() * LEAST_PART < old_size {
        return Ok(Err("the page holds too little text; the stored version is kept".to_owned()));
    }
    let iso = |date: Option<chrono::NaiveDate>| date.map(|date| date.to_string());
    let mut metadata = source.metadata.clone();
    if let (Value::Object(metadata), Value::Object(facts)) = (&mut metadata, facts.clone()) {
        metadata.extend(facts.into_iter().filter(|(_, value)| !value.is_null()));
        metadata.remove("changed_at");
        metadata.remove("gone_at");
    }
    let draft = Draft {
        key: Some(source.key.clone()),
        url: source.url.clone(),
        title: source.title.clone(),
        text,
        kind: if source.kind == "term" { Kind::Term } else { Kind::Text },
        lang: Some(source.lang.clone()),
        effective: iso(source.effective),
        expires: iso(source.expires),
        plan_year: source.plan_year.map(i64::from),
        page: source.page.map(i64::from),
        section: source.section.clone(),
        fetched: Some(Utc::now()),
        metadata: Some(metadata),
    };
    let document = match NewDocument::check(draft) {
        Ok(document) => document.may_revert(),
        Err(problems) => return Ok(Err(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))),
    };
    let transaction = store::begin(client).await?;
    let outcomes = store::store(&transaction, vec![document.to_json()]).await?;
    store::note(&transaction, &source.url, &facts, Some(Utc::now())).await?;
    store::commit(transaction).await?;
    Ok(Ok(if outcomes.iter().any(|outcome| outcome == "same") { Look::Unchanged } else { Look::Changed }))
}

/// What was seen at the source, and, where its text is what is stored, that it was read just now.
async fn note(client: &mut Client, source: &Source, facts: Value, look: Look) -> Result<Look> {
    let read_at = matches!(look, Look::Unchanged).then(Utc::now);
    let transaction = store::begin(client).await?;
    store::note(&transaction, &source.url, &facts, read_at).await?;
    store::commit(transaction).await?;
    Ok(look)
}

enum Readable {
    Text(String),
    Booklet,
    No(String),
}

fn readable(body: &FetchedBody) -> Readable {
    let decoded = || std::str::from_utf8(&body.bytes).map_err(|_| "it is not UTF-8".to_owned());
    match body.media_type.as_str() {
        "application/pdf" => Readable::Booklet,
        "text/html" | "application/xhtml+xml" => match decoded() {
            Ok(html) => Readable::Text(html::text(html)),
            Err(reason) => Readable::No(reason),
        },
        "text/plain" => match decoded() {
            Ok(text) => Readable::Text(text.to_owned()),
            Err(reason) => Readable::No(reason),
        },
        other => Readable::No(format!("its media type {other:?} is not read")),
    }
}

fn remembered(source: &Source, name: &str) -> Option<String> {
    source.metadata[name].as_str().map(ToOwned::to_owned)
}
