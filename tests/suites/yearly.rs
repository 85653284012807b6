//! The year ends: the clock at January 2, 2027, with the file of amounts as it is and as docs/yearly.md changes it.

use chrono::{DateTime, Utc};
use ops::host::{Host, LogSink};
use serde_json::{Value, json};
use shared::auth::token::Tokens;
use shared::clock::Clock;
use shared::config::Config;
use shared::knowledge::amounts::FILE;
use tests::client::{Answer, Api, Person};
use tests::emf::metric_lines;
use tests::gate::stand_in;
use tests::product::{Product, product, start_host};

const QUESTION: &str = "How much is the Part B premium?";

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// The file as it was before the change: this year's rows alone.
fn old_file() -> Value {
    let text = std::fs::read_to_string(launcher::workspace::root().join(FILE)).expect("the file");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    file["amounts"].as_array_mut().expect("rows").retain(|row| row["plan_year"] == 2026);
    file
}

/// The yearly change as docs/yearly.md says it: a source and a row for each amount, with the figures of the next year.
fn new_file() -> Value {
    let mut file = old_file();
    let source = json!({ "key": "11579-2027", "title": "2027 Medicare Costs (CMS 11579)", "verified": "2026-12-20",
                         "url": "https://www.medicare.gov/publications/11579-medicare-costs.pdf" });
    file["sources"].as_array_mut().expect("sources").push(source);
    let rows = file["amounts"].as_array_mut().expect("rows");
    let next: Vec<Value> = rows.iter().map(next_year).collect();
    rows.extend(next);
    file
}

/// A row with ten dollars more.
fn next_year(row: &Value) -> Value {
    let mut row = row.clone();
    let cents = row["cents"].as_u64().expect("cents") + 1_000;
    let dollars = |cents: u64| match cents % 100 {
        0 => format!("{}", cents / 100),
        rest => format!("{}.{rest:02}", cents / 100),
    };
    for language in ["en", "es"] {
        let value = row["value"][language].as_str().expect("a value").to_owned();
        let unit = value.split_once(' ').map_or(String::new(), |(_, unit)| format!(" {unit}"));
        row["value"][language] = format!("${}{unit}", dollars(cents)).into();
    }
    row["cents"] = cents.into();
    (row["plan_year"], row["effective"], row["expires"]) = (2027.into(), "2027-01-01".into(), "2027-12-31".into());
    if row["source"] == "11579" {
        row["source"] = "11579-2027".into();
    }
    row
}

/// The product's functions on a day, with a file of amounts.
struct Day {
    host: Host,
    log: LogSink,
    person: Person,
}

impl Day {
    async fn new(product: &Product, person: &Person, now: DateTime<Utc>, file: &Value) -> Self {
        let folder = tempfile::tempdir().expect("a folder").keep();
        let path = folder.join("amounts.json");
        std::fs::write(&path, file.to_string()).expect("written");
        let offset = (now - Utc::now()).num_milliseconds();
        let spec = json!({ "clock_offset_ms": offset, "amounts": path, "real_agents": true });
        let mut environment = product.environment.clone();
        environment.extend([stand_in(&spec)]);
        let log = LogSink::capture();
        let host = start_host(&environment, 1, log.clone()).await.expect("a host");
        // A token of that day, for the session that there is.
        let lookup = product.environment.clone();
        let config = Config::from_lookup(|name| lookup.get(name).cloned()).expect("a configuration");
        let principal = Tokens::new(&config, Clock::system()).verify(&person.token).expect("a good token");
        let token = Tokens::new(&config, Clock::fixed(now)).issue(&principal).expect("a token");
        Self { host, log, person: Person { token, ..person.clone() } }
    }

    async fn ask(&self, conversation: &str, message: &str) -> Answer {
        Api::new(self.host.url()).ask(&self.person, conversation, message).send().await.expect(200)
    }

    /// How many amounts the schedule finds due, and expired.
    async fn due(&self) -> (f64, f64) {
        self.host.invoke("resume", json!({})).await.expect("a report");
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let lines = metric_lines(&self.log.lines());
            if let Some(line) = lines.iter().find(|line| line.function == "resume") {
                return (line.sum("FactsDue"), line.sum("FactsExpired"));
            }
            assert!(std::time::Instant::now() < until, "no line of resume");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_january_2_the_old_file_withholds_its_amounts_and_the_changed_one_says_the_new() {
    let product = product().await;
    let person = product.api.person().await;
    let january = at("2027-01-02T15:00:00Z");

    let old = Day::new(&product, &person, january, &old_file()).await;
    let answer = old.ask("old", QUESTION).await;
    let said = answer.content();
    assert!(said.contains("is for 2026 only, so I do not give a figure"), "{said}");
    assert!(said.contains("1-800-MEDICARE") && said.contains("Medicare.gov"), "whom to ask: {said}");
    assert!(!said.contains("202.90") && !said.contains("$20"), "{said}");
    let answer = old.ask("old-es", "¿Cuánto es la prima de la Parte B?").await;
    assert!(answer.content().contains("es solo para 2026, así que no doy una cifra"), "{}", answer.content());
    assert_eq!(old.due().await, (49.0, 49.0));
    old.host.shutdown().await;

    let new = Day::new(&product, &person, january, &new_file()).await;
    let answer = new.ask("new", QUESTION).await;
    let said = answer.content();
    assert!(said.contains("In 2027, the standard Part B premium is $212.90 a month."), "{said}");
    assert!(!said.contains("202.90"), "{said}");
    let cited = answer.json["message"]["citations"].to_string() + &answer.json["citations"].to_string();
    assert!(cited.contains("2027 Medicare Costs (CMS 11579)"), "{}", answer.text);
    let answer = new.ask("new-es", "¿Cuánto es la prima de la Parte B?").await;
    assert!(
        answer.content().contains("En 2027, la prima normal de la Parte B es $212.90 al mes."),
        "{}",
        answer.content()
    );
    let answer = new.ask("before", "How much was the Part B premium in 2026?").await;
    assert!(!answer.content().contains("$2"), "a year that is over: {}", answer.content());
    assert_eq!(new.due().await, (0.0, 0.0));
    new.host.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_changed_file_can_be_deployed_before_the_year_begins() {
    let product = product().await;
    let person = product.api.person().await;
    let december = Day::new(&product, &person, at("2026-12-20T15:00:00Z"), &new_file()).await;
    let answer = december.ask("now", QUESTION).await;
    assert!(
        answer.content().contains("In 2026, the standard Part B premium is $202.90 a month."),
        "{}",
        answer.content()
    );
    let answer = december.ask("next", "How much is the Part B premium in 2027?").await;
    assert!(
        answer.content().contains("In 2027, the standard Part B premium is $212.90 a month."),
        "{}",
        answer.content()
    );
    assert_eq!(december.due().await, (0.0, 0.0));
    december.host.shutdown().await;
}
