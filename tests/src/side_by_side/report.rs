//! RESULT.md: the table, what it was measured on, and what did not run.

use std::fmt::Write as _;
use std::process::Command;

use launcher::install::pgbouncer;
use launcher::process::run_quietly;
use launcher::workspace;

use super::kills::Outcome;
use super::measure::{Measured, TurnCost, median};
use super::python::{Sizes, pinned};
use super::text::MESSAGE_BYTES;
use super::{DELAYS_MS, KILLS, TURNS};
use crate::python::Python;

/// The turns at which sizes are read off: early and late in a conversation.
const EARLY: usize = 6;

/// What a cell shows of a turn.
type OfTurn = fn(&TurnCost) -> f64;
/// What a cell shows of the kills.
type OfKills = fn(&[Outcome]) -> String;

/// One contestant's column.
pub(super) struct Column {
    pub(super) name: String,
    /// What it is connected to.
    pub(super) route: String,
    pub(super) measured: Measured,
    /// What the kills did, once for each way of recovery; empty when it was not killed.
    pub(super) kills: Vec<Vec<Outcome>>,
}

/// What a tool did behind a transaction-mode pooler.
pub(super) struct Pooled {
    pub(super) name: &'static str,
    pub(super) settings: &'static str,
    /// What it said when it failed.
    pub(super) failure: Option<String>,
}

/// Everything that is reported.
pub(super) struct Report {
    pub(super) columns: Vec<Column>,
    pub(super) pooled: Vec<Pooled>,
    pub(super) facts: Vec<(&'static str, String)>,
    pub(super) sizes: Sizes,
}

impl Report {
    pub(super) fn markdown(&self) -> String {
        let mut text = String::from(
            "# Side by side: result\n\nWritten by `cargo run -p tests --bin side_by_side`; README.md says how it is measured.\n\n",
        );
        let names = self.columns.iter().map(|column| column.name.clone());
        row(&mut text, "a turn of six steps", names);
        row(&mut text, "---", self.columns.iter().map(|_| "---:".to_owned()));
        self.cells(&mut text, "connected to", |column| column.route.clone());
        self.costs(&mut text);
        self.kill_cells(&mut text);
        let _to_a_string = writeln!(
            text,
            "\nA message has {MESSAGE_BYTES} bytes; the product's answer {} and a step's output {}, and so have the tools'. Two \
             numbers: after the documented resumption / after the client's own retry (README.md, \"Kills\").",
            self.sizes.answer_bytes, self.sizes.output_bytes
        );
        self.pooler(&mut text);
        text.push_str("\n## Measured on\n\n");
        for (what, value) in &self.facts {
            let _to_a_string = writeln!(text, "- {what}: {value}");
        }
        text
    }

    fn costs(&self, text: &mut String) {
        self.cells(text, "round trips", |column| number(column.measured.round_trips()));
        self.cells(text, "statements", |column| number(column.measured.at_least(|turn| turn.statements as f64)));
        self.cells(text, "rows written", |column| format!("{:.1}", column.measured.rows_per_turn));
        let sizes: [(&str, OfTurn); 2] =
            [("bytes up", |turn| turn.bytes_up as f64), ("WAL bytes", |turn| turn.wal_bytes as f64)];
        for (what, size) in sizes {
            for turn in [EARLY, TURNS] {
                self.cells(text, &format!("{what}, turn {turn}"), |column| number(column.measured.at_turn(turn, size)));
            }
        }
        for (index, delay) in DELAYS_MS.iter().enumerate() {
            self.cells(text, &format!("ms, {delay} ms added to a round trip"), |column| {
                number(column.measured.over_turns(index, |turn| turn.ms))
            });
        }
        self.cells(text, "`SELECT 1` through the proxy, ms", |column| {
            let seen =
                column.measured.conversations.iter().map(|conversation| format!("{:.1}", conversation.round_trip_ms));
            seen.collect::<Vec<_>>().join(" / ")
        });
        self.cells(text, "statements a minute while idle", |column| {
            column.measured.idle_statements_per_minute.to_string()
        });
    }

    fn kill_cells(&self, text: &mut String) {
        let counts: [(&str, OfKills); 5] = [
            ("messages lost", |kills| kills.iter().map(|kill| kill.lost).sum::<usize>().to_string()),
            ("messages duplicated", |kills| kills.iter().map(|kill| kill.duplicated).sum::<usize>().to_string()),
            ("steps run again after their commit", |kills| {
                kills.iter().map(|kill| kill.run_again).sum::<usize>().to_string()
            }),
            ("runs never finished", |kills| kills.iter().filter(|kill| kill.is_unfinished).count().to_string()),
            ("seconds from kill to answer, median", |kills| {
                format!("{:.1}", median(kills.iter().map(|kill| kill.seconds)))
            }),
        ];
        for (what, count) in counts {
            self.cells(text, &format!("{KILLS} kills: {what}"), |column| {
                let cells: Vec<String> = column.kills.iter().map(|kills| count(kills)).collect();
                if cells.is_empty() { "–".to_owned() } else { cells.join(" / ") }
            });
        }
    }

    fn pooler(&self, text: &mut String) {
        text.push_str("\n## Behind a transaction-mode pooler\n\nTwo workers at once over five server connections, ten turns each, both started anew three times:\n\n");
        for Pooled { name, settings, failure } in &self.pooled {
            let outcome = failure.as_ref().map_or_else(|| "runs".to_owned(), |failure| format!("fails: `{failure}`"));
            let _to_a_string = writeln!(text, "- {name}, {settings}: {outcome}");
        }
    }

    fn cells(&self, text: &mut String, what: &str, cell: impl Fn(&Column) -> String) {
        row(text, what, self.columns.iter().map(cell));
    }
}

fn row(text: &mut String, what: &str, cells: impl Iterator<Item = String>) {
    let _to_a_string = writeln!(text, "| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

/// With thousands set apart; small numbers that are not whole keep one digit.
fn number(value: f64) -> String {
    if value < 1_000.0 {
        let digits = if value.fract() == 0.0 || value >= 100.0 { 0 } else { 1 };
        return format!("{value:.digits$}");
    }
    let whole = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The machine, the versions, the commit.
pub(super) fn facts(python: &Python, postgres: String) -> Vec<(&'static str, String)> {
    let field = |file: &str, name: &str| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap_or_default().to_owned();
        line.split_once(':').map_or_else(|| "unknown".to_owned(), |(_, value)| value.trim().to_owned())
    };
    let said = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        run_quietly(command.args(arguments).current_dir(workspace::root()), program)
            .ok()
            .and_then(|text| text.lines().next().map(ToOwned::to_owned))
            .unwrap_or_else(|| "unknown".to_owned())
    };
    let memory_kib: u64 =
        field("/proc/meminfo", "MemTotal").split_whitespace().next().and_then(|kib| kib.parse().ok()).unwrap_or(0);
    let profile = if cfg!(debug_assertions) { "dev profile, not optimised" } else { "release profile" };
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let pooler = pgbouncer().expect("PgBouncer");
    let packages = ["langgraph", "langgraph-checkpoint-postgres", "dbos", "psycopg", "SQLAlchemy"];
    let packages: Vec<String> = packages.iter().map(|package| format!("{package} {}", pinned(package))).collect();
    vec![
        ("date", said("date", &["+%F"])),
        ("commit", said("git", &["describe", "--always", "--dirty"])),
        ("CPU", format!("{}, {cores} cores, shared by everything", field("/proc/cpuinfo", "model name"))),
        ("memory", format!("{} GiB", memory_kib.div_ceil(1024 * 1024))),
        ("kernel", said("uname", &["-sr"])),
        ("PostgreSQL", format!("{postgres}; fsync and full_page_writes off, autovacuum off")),
        ("pooler", said(&pooler.display().to_string(), &["--version"])),
        ("Python", format!("{}; {}", python.version(), packages.join(", "))),
        ("Insurance Navigator", format!("{profile}; {}", said("rustc", &["--version"]))),
    ]
}

#[cfg(test)]
mod tests {
    use super::super::measure::Conversation;
    use super::*;

    fn column(name: &str, kills: Vec<Vec<Outcome>>) -> Column {
        let turn = |number: usize| TurnCost {
            ms: 12.34,
            round_trips: 7,
            statements: 7,
            bytes_up: 1_000 * number,
            wal_bytes: 10 * number as i64,
        };
        let conversations = DELAYS_MS.map(|delay| Conversation {
            round_trip_ms: delay as f64,
            turns: (1..=TURNS).map(turn).collect(),
            answer_bytes: 1_024,
        });
        let measured =
            Measured { conversations: conversations.into(), rows_per_turn: 20.25, idle_statements_per_minute: 0 };
        Column { name: name.to_owned(), route: "Postgres".to_owned(), measured, kills }
    }

    #[test]
    fn the_table_has_a_cell_of_every_contestant_in_every_row_and_the_sums_of_the_kills() {
        let kill = Outcome { lost: 1, duplicated: 2, run_again: 3, is_unfinished: true, seconds: 4.0 };
        let report = Report {
            columns: vec![column("A", vec![vec![kill, kill], vec![Outcome::default()]]), column("B", Vec::new())],
            pooled: vec![Pooled { name: "DBOS", settings: "as shipped", failure: Some("no".to_owned()) }],
            facts: vec![("CPU", "fast".to_owned())],
            sizes: Sizes { answer_bytes: 742, output_bytes: 79 },
        };
        let text = report.markdown();
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert!(rows.iter().all(|row| row.matches('|').count() == 4), "{text}");
        for expected in [
            "| round trips | 7 | 7 |",
            "| bytes up, turn 6 | 6,000 | 6,000 |",
            "| bytes up, turn 46 | 46,000 | 46,000 |",
            "| WAL bytes, turn 46 | 460 | 460 |",
            "| rows written | 20.2 | 20.2 |",
            "| ms, 10 ms added to a round trip | 12.3 | 12.3 |",
            "| 60 kills: messages lost | 2 / 0 | – |",
            "| 60 kills: steps run again after their commit | 6 / 0 | – |",
            "| 60 kills: runs never finished | 2 / 0 | – |",
            "answer 742 and a step's output 79,",
            "- DBOS, as shipped: fails: `no`",
            "- CPU: fast",
        ] {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
    }

    #[test]
    fn numbers_are_written_so_that_they_can_be_read() {
        assert_eq!(
            ["0", "7", "7.5", "123", "1,000", "1,234,567"],
            [number(0.0), number(7.0), number(7.5), number(123.4), number(1_000.0), number(1_234_567.0)]
        );
    }
}
