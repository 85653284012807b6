//! From one line of a file to a draft: which of the known forms it has, and where that form keeps what.
//!
//! Invariant: nothing is guessed: a row of no known form, and a field of another type than its form's, are refused.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Map, Value, json};
use shared::regulatory::{Draft, Kind};

/// Where the addresses of HealthCare.gov's articles begin.
const HEALTHCARE_GOV: &str = "https://www.healthcare.gov";

/// The draft that a line describes.
///
/// # Errors
/// What is wrong with the row.
pub(super) fn draft(line: &str, fetched: Option<DateTime<Utc>>) -> Result<Draft, String> {
    let value: Value = serde_json::from_str(line).map_err(|error| format!("it is not JSON: {error}"))?;
    let Value::Object(object) = value else { return Err("it is no JSON object".to_owned()) };
    let row = Row(object);
    let mut draft = if row.has("term") && row.has("definition") {
        glossary(&row)?
    } else if row.has("ncd_id") {
        determination(&row)?
    } else if row.has("pub_id") {
        booklet(&row)?
    } else if row.has("source") && row.has("bite") {
        article(&row)?
    } else if row.has("url") && row.has("title") && row.has("text") {
        own(&row)?
    } else {
        return Err("it has no known form: url, title and text are missing".to_owned());
    };
    draft.fetched = draft.fetched.or(fetched);
    if let Some(id) = row.text("id")?.filter(|id| id.len() <= 200 && !id.contains('\0')) {
        draft.metadata = Some(json!({ "id": id }));
    }
    Ok(draft)
}

/// This project's own form: `{id?, url, title, text, lang?, effective?, expires?, plan_year?, page?, section?, fetched?}`.
fn own(row: &Row) -> Result<Draft, String> {
    let url = row.needed("url")?;
    let fetched = row
        .text("fetched")?
        .map(|text| text.parse().map_err(|_| "fetched must be a time like 2026-07-27T00:00:00Z".to_owned()));
    Ok(Draft {
        key: row.text("id")?.map(|id| format!("{url}#id={id}")),
        title: row.needed("title")?,
        text: row.needed("text")?,
        lang: row.text("lang")?,
        effective: row.text("effective")?,
        expires: row.text("expires")?,
        plan_year: row.number("plan_year")?,
        page: row.number("page")?,
        section: row.text("section")?,
        fetched: fetched.transpose()?,
        url,
        ..Draft::default()
    })
}

/// A page of a booklet from medicare.gov.
fn booklet(row: &Row) -> Result<Draft, String> {
    Ok(Draft {
        url: row.needed("url")?,
        title: row.needed("title")?,
        text: row.needed("text")?,
        lang: row.text("lang")?,
        plan_year: row.number("plan_year")?,
        page: row.number("page")?,
        section: row.text("section")?,
        ..Draft::default()
    })
}

/// An article of HealthCare.gov; its summary belongs to the text.
fn article(row: &Row) -> Result<Draft, String> {
    let path = row.needed("url")?;
    let url = if path.starts_with('/') { format!("{HEALTHCARE_GOV}{path}") } else { path };
    let text = match row.text("bite")?.filter(|bite| !bite.trim().is_empty()) {
        Some(bite) => format!("{bite}\n{}", row.needed("text")?),
        None => row.needed("text")?,
    };
    Ok(Draft { url, title: row.needed("title")?, text, lang: row.text("lang")?, ..Draft::default() })
}

/// A term of HealthCare.gov's glossary.
fn glossary(row: &Row) -> Result<Draft, String> {
    Ok(Draft {
        url: row.needed("url")?,
        title: row.needed("term")?,
        text: row.needed("definition")?,
        kind: Kind::Term,
        lang: row.text("lang")?,
        ..Draft::default()
    })
}

/// A National Coverage Determination; its dates are written the American way.
fn determination(row: &Row) -> Result<Draft, String> {
    let date = |name: &str| -> Result<Option<String>, String> {
        let Some(text) = row.text(name)?.filter(|text| !text.is_empty()) else { return Ok(None) };
        let date = NaiveDate::parse_from_str(&text, "%m/%d/%Y");
        date.map(|date| Some(date.to_string())).map_err(|_| format!("{name} must be a date like 12/31/2026"))
    };
    Ok(Draft {
        url: row.needed("url")?,
        title: row.needed("title")?,
        text: row.needed("text")?,
        effective: date("effective_date")?,
        expires: date("effective_end_date")?,
        ..Draft::default()
    })
}

struct Row(Map<String, Value>);

impl Row {
    fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    fn text(&self, name: &str) -> Result<Option<String>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(format!("{name} must be text")),
        }
    }

    fn needed(&self, name: &str) -> Result<String, String> {
        self.text(name)?.ok_or_else(|| format!("{name} is missing"))
    }

    fn number(&self, name: &str) -> Result<Option<i64>, String> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => value.as_i64().map(Some).ok_or_else(|| format!("{name} must be a whole number")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Draft, String> {
        draft(line, None)
    }

    #[test]
    fn each_known_form_is_recognised() {
        let page = read(r#"{"id":"1_p9","pub_id":"1","url":"https://www.medicare.gov/1.pdf","title":"T","plan_year":2026,"lang":"en","bite":"b","page":9,"section":null,"text":"x","source":"s"}"#)
            .expect("a booklet's page");
        assert_eq!((page.page, page.plan_year, page.metadata), (Some(9), Some(2026), Some(json!({ "id": "1_p9" }))));
        let article =
            read(r#"{"id":"a","source":"healthcare_gov","url":"/a","title":"T","bite":"b","text":"x","lang":"en"}"#)
                .expect("an article");
        assert_eq!((article.url.as_str(), article.text.as_str()), ("https://www.healthcare.gov/a", "b\nx"));
        let term = read(r#"{"term":"Copayment","url":"https://www.healthcare.gov/g/c","definition":"d","lang":"en"}"#)
            .expect("a term");
        assert_eq!((term.kind, term.title.as_str()), (Kind::Term, "Copayment"));
        let ncd = read(r#"{"ncd_id":"60","url":"https://www.cms.gov/n","title":"T","text":"x","effective_date":"08/31/1992","effective_end_date":null}"#)
            .expect("a determination");
        assert_eq!((ncd.effective.as_deref(), ncd.expires), (Some("1992-08-31"), None));
        let own = read(r#"{"id":"k","url":"https://www.cms.gov/x","title":"T","text":"x","expires":"2026-12-31"}"#)
            .expect("our own");
        assert_eq!(own.key.as_deref(), Some("https://www.cms.gov/x#id=k"));
    }

    #[test]
    fn what_is_no_row_is_refused_with_its_reason() {
        let rows = [
            ("{", "not JSON"),
            ("[1]", "no JSON object"),
            ("{}", "no known form"),
            (r#"{"url":1,"title":"T","text":"x"}"#, "url must be text"),
            (r#"{"url":"u","title":null,"text":"x"}"#, "title is missing"),
            (r#"{"url":"u","title":"T","text":"x","page":1.5}"#, "page must be a whole number"),
            (
                r#"{"ncd_id":"1","url":"u","title":"T","text":"x","effective_date":"1992-08-31"}"#,
                "effective_date must be",
            ),
        ];
        for (line, reason) in rows {
            let said = read(line).expect_err(line);
            assert!(said.contains(reason), "{line}: {said}");
        }
    }
}
