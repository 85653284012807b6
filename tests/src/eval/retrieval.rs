//! The search: questions whose answer is among the first ten results, over the official texts when they are there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tokio_postgres::Client;

use super::sets::{Kind, SetError, Sources, read, wait};
use super::table::{Bar, Section};
use crate::stack::stack;
use crate::texts::{Question, Score, evaluate, import_all, official, small_corpus};

/// The least share of questions with an answer among the first ten.
const BAR: Bar = Bar::AtLeast(0.8);

/// The rows.
///
/// # Errors
/// [`SetError`].
pub fn sections(sources: &Sources) -> Result<Vec<Section>, SetError> {
    wait(|| measure(sources))?
}

async fn measure(sources: &Sources) -> Result<Vec<Section>, SetError> {
    let own = |file: &str| sources.own_folder().join(file);
    let mut sections = rows("small corpus", &[small_corpus()], &[own("corpus_questions.jsonl")]).await?;
    let given = sources.given(Kind::Questions).map(Path::to_path_buf);
    if let Ok(texts) = official() {
        let questions = [own("questions.jsonl"), own("questions_fresh.jsonl")].into_iter().chain(given);
        sections.extend(rows("official texts", &texts, &questions.collect::<Vec<_>>()).await?);
    } else if let Some(given) = given {
        sections.extend(rows("small corpus", &[small_corpus()], &[given]).await?);
    }
    Ok(sections)
}

async fn rows(corpus: &str, texts: &[PathBuf], questions: &[PathBuf]) -> Result<Vec<Section>, SetError> {
    let client = database_of(texts).await;
    let mut sections = Vec::new();
    for file in questions {
        let asked: Vec<Question> = read(file)?;
        let (scores, missed) = evaluate(&client, &asked).await;
        let file = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        sections.extend(of_languages(corpus, &file, &scores, &missed));
    }
    Ok(sections)
}

fn of_languages(corpus: &str, file: &str, scores: &BTreeMap<String, Score>, missed: &[String]) -> Vec<Section> {
    let section = |(language, score): (&String, &Score)| {
        let name = format!("retrieval: among the first ten, {language}, MRR {:.2} ({corpus}, {file})", score.mrr());
        let misses = if language == "all" { missed.to_vec() } else { Vec::new() };
        Section::new(name, score.hits as usize, score.questions as usize, BAR).with_misses(misses)
    };
    scores.iter().map(section).collect()
}

async fn database_of(texts: &[PathBuf]) -> Client {
    let stack = stack().await;
    let name = stack.database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    for file in texts {
        import_all(&mut client, file).await;
    }
    client
}
