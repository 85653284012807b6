//! The official texts of the tests: the small corpus of this repository, the texts that no clone holds, and the questions
//! with what answers them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use chrono::NaiveDate;
use launcher::reference::{REFERENCE, reference};
use launcher::workspace;
use ops::regulatory::import::{ImportReport, import};
use serde_json::Value;
use tokio_postgres::Client;

/// The day on which the questions are asked.
pub const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a date");
/// The files of the folder with the official texts.
const FILES: [&str; 4] = [
    "medicare_publications_2026.jsonl",
    "healthcare_gov_articles.jsonl",
    "healthcare_gov_glossary.jsonl",
    "medicare_ncd.jsonl",
];

/// The small corpus, in our own words.
pub fn small_corpus() -> PathBuf {
    workspace::root().join("tests/eval/corpus.jsonl")
}

/// The files with the official texts.
///
/// # Errors
/// A reason to skip: no folder is named.
///
/// # Panics
/// When another folder is named than the one that holds them.
pub fn official() -> Result<Vec<PathBuf>, String> {
    let folder = reference().unwrap_or_else(|error| panic!("{error}"));
    let folder = folder.ok_or_else(|| format!("{REFERENCE} names no folder with the official texts"))?;
    let file = |name: &&str| {
        let file = folder.join("knowledge").join(name);
        assert!(file.is_file(), "{} is not there", file.display());
        file
    };
    Ok(FILES.iter().map(file).collect())
}

/// Imports a file of which no row may be refused.
pub async fn import_all(client: &mut Client, file: &std::path::Path) -> ImportReport {
    import(client, file, None, &mut |line| panic!("{}: {line}", file.display())).await.expect("imported")
}

/// A question and the rows that answer it.
#[derive(Clone, Debug, serde::Deserialize)]
pub struct Question {
    /// Names it.
    #[serde(default)]
    pub id: String,
    /// What a person asks.
    pub question: String,
    /// `en` or `es`.
    #[serde(default = "english")]
    pub lang: String,
    /// Ids of rows, or addresses.
    pub relevant: BTreeSet<String>,
}

/// The questions of a file in `tests/eval`.
pub fn questions(file: &str) -> Vec<Question> {
    let text = std::fs::read_to_string(workspace::root().join("tests/eval").join(file)).expect("the questions");
    text.lines().map(|line| serde_json::from_str(line).expect("a question")).collect()
}

fn english() -> String {
    "en".to_owned()
}

/// How well the search answers, for one language or all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Score {
    /// Questions.
    pub questions: u32,
    /// Questions with an answer among the first ten.
    pub hits: u32,
    /// The sum of the reciprocal ranks of the first answers.
    pub reciprocal_ranks: f64,
}

impl Score {
    /// The part of the questions with an answer among the first ten, in percent.
    pub fn hit_at_10(&self) -> f64 {
        100.0 * f64::from(self.hits) / f64::from(self.questions.max(1))
    }

    /// The mean reciprocal rank.
    pub fn mrr(&self) -> f64 {
        self.reciprocal_ranks / f64::from(self.questions.max(1))
    }

    fn add(&mut self, rank: Option<usize>) {
        self.questions += 1;
        if let Some(rank) = rank {
            self.hits += 1;
            self.reciprocal_ranks += 1.0 / rank as f64;
        }
    }
}

/// Asks every question, ten results each; the scores by language and in all, and the questions without an answer. The
/// product's own facts take their places among the ten, but only an official text counts as found, and its rank is the one
/// among them.
pub async fn evaluate(client: &Client, questions: &[Question]) -> (BTreeMap<String, Score>, Vec<String>) {
    let sql = "SELECT coalesce(d.metadata ->> 'id', ''), h.url, d.kind = 'fact' \
                 FROM navigator.regulatory_hits($1, 10, $2, true) WITH ORDINALITY AS h \
                 JOIN navigator.regulatory_documents AS d ON d.id = h.id ORDER BY h.ordinality";
    let (mut scores, mut missed) = (BTreeMap::<String, Score>::new(), Vec::new());
    for question in questions {
        let rows = client.query(sql, &[&question.question, &TODAY]).await.expect("results");
        let mut texts = rows.iter().filter(|row| !row.get::<_, bool>(2));
        let rank = texts.position(|row| {
            let (id, url): (&str, &str) = (row.get(0), row.get(1));
            question.relevant.contains(id) || question.relevant.contains(url)
        });
        let rank = rank.map(|place| place + 1);
        for name in [question.lang.as_str(), "all"] {
            scores.entry(name.to_owned()).or_default().add(rank);
        }
        if rank.is_none() {
            missed.push(format!("{} {}", question.id, question.question));
        }
    }
    (scores, missed)
}

/// The scores as a table.
pub fn table(scores: &BTreeMap<String, Score>) -> String {
    let rows = scores.iter().map(|(name, score)| {
        format!("| {name} | {} | {:.1} % | {:.3} |\n", score.questions, score.hit_at_10(), score.mrr())
    });
    format!("| language | questions | hit@10 | MRR |\n|---|---|---|---|\n{}", rows.collect::<String>())
}

/// What the index's counts are off by: terms whose count is not the number of their postings, and passages without any.
pub async fn index_errors(client: &Client) -> i64 {
    let sql = "
        SELECT (SELECT count(*) FROM navigator.regulatory_terms AS t
                  FULL JOIN (SELECT term, count(*) AS n FROM navigator.regulatory_postings GROUP BY term
                             UNION ALL SELECT '', count(*) FROM navigator.regulatory_chunks) AS p USING (term)
                 WHERE coalesce(t.passages, 0) <> coalesce(p.n, 0))
             + (SELECT count(*) FROM navigator.regulatory_postings AS p
                 WHERE NOT EXISTS (SELECT FROM navigator.regulatory_chunks AS c WHERE c.id = p.chunk_id))
             + (SELECT count(*) FROM navigator.regulatory_chunks AS c JOIN navigator.regulatory_documents AS d ON d.id = c.document_id
                 WHERE d.superseded_at IS NOT NULL)";
    client.query_one(sql, &[]).await.expect("a count").get(0)
}

/// The value of a JSON line with some fields changed.
pub fn row(fields: Value) -> String {
    let mut row =
        serde_json::json!({ "url": "https://www.cms.gov/a", "title": "A text", "text": "Words about wheelchairs." });
    row.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
    row.to_string()
}
