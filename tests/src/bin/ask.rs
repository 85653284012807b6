//! `cargo run -p tests --bin ask -- ROWS.jsonl OUT.jsonl`: the agents' replies to every row, in process.
//!
//! A row has `id`, and `text` (one message) or `turns` (the messages of one conversation); `now` or `today` is its day, else
//! 2026-11-30. The output has what a client gets over HTTP, in the form that checkers of replies read: `status`, `type`,
//! `urgency`, `text`, `deadlines` of the last reply, and `replies` with those of each turn. No server, no official texts.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use shared::agents::ComposedReply;
use shared::agents::rehearsal::Rehearsal;
use tests::eval::sets;

#[derive(Deserialize)]
struct Row {
    id: String,
    #[serde(default)]
    text: Option<String>,
    #[serde(default)]
    turns: Vec<String>,
    #[serde(default, alias = "now")]
    today: Option<NaiveDate>,
}

fn main() -> ExitCode {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [rows, out] = paths.as_slice() else {
        eprintln!("usage: ask ROWS.jsonl OUT.jsonl");
        return ExitCode::from(2);
    };
    match ask(Path::new(rows), Path::new(out)) {
        Ok(count) => {
            println!("{count} rows answered");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn ask(rows: &Path, out: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let rows: Vec<Row> = sets::read(rows)?;
    let mut file = std::io::BufWriter::new(std::fs::File::create(out)?);
    for row in &rows {
        let today = row.today.or(NaiveDate::from_ymd_opt(2026, 11, 30)).unwrap_or_default();
        let mut rehearsal = Rehearsal::on(today);
        let mut replies = Vec::new();
        for message in row.text.iter().chain(&row.turns) {
            replies.push(as_sent(message, &rehearsal.say(message)?.reply)?);
        }
        let mut line = replies.last().cloned().unwrap_or_default();
        line["id"] = json!(row.id);
        line["replies"] = json!(replies);
        writeln!(file, "{line}")?;
    }
    file.flush()?;
    Ok(rows.len())
}

fn as_sent(message: &str, reply: &ComposedReply) -> Result<Value, serde_json::Error> {
    Ok(json!({
        "say": message,
        "status": 200,
        "seconds": 0,
        "type": serde_json::to_value(reply.response_type)?,
        "urgency": serde_json::to_value(reply.urgency)?,
        "text": reply.content,
        "next_steps": reply.next_steps,
        "citations": serde_json::to_value(&reply.citations)?,
        "deadlines": serde_json::to_value(&reply.deadlines)?,
    }))
}
