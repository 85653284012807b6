//! Checks of the shipped facts against the texts they were read in, which no clone holds (`launcher::reference`). Without
//! them the checks are skipped, and said to be.

use std::collections::{HashMap, HashSet};

use launcher::reference::{REFERENCE, reference};
use launcher::skips::skip;
use serde_json::Value;

use super::amounts::amounts;
use super::deadlines::{Kind, Rule, Span, rules};
use super::help::{lines, ships};
use super::windows::facts;
use super::{Source, passages};

/// The text of a file of the folder; `None`, with the reason said, when no folder is named.
fn texts(test: &str, file: &str) -> Option<String> {
    let Some(folder) = reference().unwrap_or_else(|error| panic!("{error}")) else {
        skip(test, &format!("{REFERENCE} names no folder with the texts"));
        return None;
    };
    let path = folder.join("knowledge").join(file);
    Some(std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

fn objects(jsonl: &str) -> impl Iterator<Item = Value> {
    jsonl.lines().map(|line| serde_json::from_str(line).expect("a JSON object in each line"))
}

fn text_of<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// Address and page of each text, with single spaces; articles and glossary entries have no page.
struct Library(HashMap<(String, Option<u16>), String>);

impl Library {
    fn open(test: &str) -> Option<Self> {
        let mut pages = HashMap::new();
        for object in objects(&texts(test, "medicare_publications_2026.jsonl")?) {
            let page = object.get("page").and_then(Value::as_u64).and_then(|page| u16::try_from(page).ok());
            pages.insert((text_of(&object, "url").to_owned(), page), spaced(text_of(&object, "text")));
        }
        for object in objects(&texts(test, "healthcare_gov_articles.jsonl")?) {
            let url = format!("https://www.healthcare.gov{}", text_of(&object, "url"));
            pages.insert((url, None), spaced(text_of(&object, "text")));
        }
        for object in objects(&texts(test, "healthcare_gov_glossary.jsonl")?) {
            pages.insert((text_of(&object, "url").to_owned(), None), spaced(text_of(&object, "definition")));
        }
        // Laws and offices whose pages are not in the collection: what was read there, as the checked facts have it.
        for object in
            objects(&texts(test, "facts.jsonl")?).filter(|fact| fact.get("verified") == Some(&Value::Bool(true)))
        {
            let url = object.pointer("/source/url").and_then(Value::as_str).unwrap_or_default().to_owned();
            let read = format!(" {} {}", text_of(&object, "fact"), text_of(&object, "evidence"));
            if !pages.contains_key(&(url.clone(), None)) || !url.contains("healthcare.gov") {
                pages.entry((url, None)).or_default().push_str(&spaced(&read));
            }
        }
        Some(Self(pages))
    }

    fn page(&self, source: &Source, page: Option<u16>) -> &str {
        self.0.get(&(source.url.to_owned(), page)).unwrap_or_else(|| panic!("no text at {}, page {page:?}", source.url))
    }
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_shipped_rules_are_those_of_the_research_table() {
    let Some(table) = texts("the_shipped_rules_are_those_of_the_research_table", "appeal_deadlines.json") else {
        return;
    };
    let table: Value = serde_json::from_str(&table).expect("a JSON document");
    let table = table.get("rules").and_then(Value::as_array).expect("rules");
    assert_eq!(table.len(), 50);
    let shipped: Vec<&str> = rules().iter().take(50).map(|rule| rule.id).collect();
    let listed: Vec<&str> = table.iter().map(|rule| text_of(rule, "id")).collect();
    assert_eq!(shipped, listed);
    for (rule, listed) in rules().iter().zip(table) {
        assert_eq!(Some(text_of(listed, "source_url")), Some(rule.source.url), "{}", rule.id);
        let page = listed.get("page").and_then(Value::as_u64);
        assert_eq!(page, rule.source.page.map(u64::from), "{}", rule.id);
        assert_eq!(listed.get("cfr").and_then(Value::as_str), rule.cfr, "{}", rule.id);
        let kind = match rule.kind {
            Kind::FileBy => "file_by",
            Kind::DecidedWithin => "decided_within",
            Kind::MinimumUsd => "minimum_usd",
        };
        assert_eq!(text_of(listed, "kind"), kind, "{}", rule.id);
        let (value, unit) = match rule.span {
            Span::CalendarDays(days) => (Value::from(days), "calendar_days"),
            Span::BusinessDays(days) => (Value::from(days), "business_days"),
            Span::Months(months) => (Value::from(months), "months"),
            Span::Hours(hours) => (Value::from(hours), "hours"),
            Span::Usd(usd) => (Value::from(usd), "usd_2026"),
            Span::SameDay => (Value::from("day of scheduled discharge"), "event"),
            Span::NoonTheDayBefore => (Value::from("noon of the day before the termination date"), "event"),
        };
        assert_eq!(listed.get("value"), Some(&value), "{}", rule.id);
        assert_eq!(text_of(listed, "unit"), unit, "{}", rule.id);
    }
}

/// How a text writes a span.
fn written(span: Span) -> Vec<String> {
    match span {
        Span::CalendarDays(days) => vec![format!("{days} days"), format!("{days} calendar days")],
        Span::BusinessDays(days) => vec![format!("{days} business days")],
        Span::Months(4) => vec!["four months".to_owned()],
        Span::Months(months) => vec![format!("{months} months")],
        Span::Hours(hours) => vec![format!("{hours} hours")],
        Span::SameDay => vec!["the day you’re scheduled to be discharged".to_owned()],
        Span::NoonTheDayBefore => vec!["noon the day before".to_owned()],
        Span::Usd(_) => vec![span.words().en],
    }
}

#[test]
fn the_figures_of_a_rule_stand_on_its_page_unless_it_is_an_estimate() {
    let Some(library) = Library::open("the_figures_of_a_rule_stand_on_its_page_unless_it_is_an_estimate") else {
        return;
    };
    let holds = |rule: &Rule, page: Option<u16>, span: Span| {
        let text = library.page(&rule.source, page);
        written(span).iter().any(|figure| text.contains(figure.as_str()))
    };
    for rule in rules() {
        assert_eq!(holds(rule, rule.source.page, rule.span), !rule.is_estimate(), "{}", rule.id);
        for also in &rule.also_read_on {
            assert!(holds(rule, Some(also.page), rule.span), "{} for {:?}", rule.id, also.track);
        }
        if rule.presumed_receipt_days > 0 {
            let presumed = Span::CalendarDays(rule.presumed_receipt_days);
            assert_eq!(holds(rule, rule.source.page, presumed), !rule.is_estimate(), "{}", rule.id);
        }
        if rule.extension_days > 0 {
            assert!(holds(rule, rule.source.page, Span::CalendarDays(rule.extension_days)), "{}", rule.id);
        }
        if let Some(page) = rule.if_late_page {
            assert!(!library.page(&rule.source, Some(page)).is_empty());
        }
    }
}

#[test]
fn the_key_facts_are_shipped_with_their_pages() {
    let Some(facts) = texts("the_key_facts_are_shipped_with_their_pages", "key_facts_2026.json") else { return };
    let facts: Value = serde_json::from_str(&facts).expect("a JSON document");
    let facts = facts.get("facts").and_then(Value::as_array).expect("facts");
    for (key, shipped) in [
        ("part_b_premium_standard", "part_b_premium"),
        ("part_d_oop_cap", "part_d_cap"),
        ("part_d_insulin_cap", "insulin_cap"),
    ] {
        let fact = facts.iter().find(|fact| text_of(fact, "key") == key).expect("the fact");
        let amount = amounts().iter().find(|amount| amount.key == shipped).expect("the amount");
        let figure = text_of(fact, "value").split(' ').next().expect("a figure");
        assert!(amount.value.en.starts_with(figure), "{key}");
        assert_eq!(fact.get("page").and_then(Value::as_u64), amount.source.page.map(u64::from), "{key}");
        assert!(amount.source.url.contains(text_of(fact, "pub_id")), "{key}");
    }
}

#[test]
fn an_amount_stands_on_its_page() {
    let Some(library) = Library::open("an_amount_stands_on_its_page") else { return };
    // The texts are those of one year; the next year's amounts are held against theirs by whoever changes the file (docs/yearly.md).
    for amount in amounts().iter().filter(|amount| amount.plan_year == 2026) {
        let figure = amount.value.en.split(' ').next().expect("a figure");
        let text = library.page(&amount.source, amount.source.page);
        assert!(text.contains(figure), "{}: {figure} is not on its page", amount.key);
    }
}

#[test]
fn a_phone_number_stands_on_its_page() {
    let Some(library) = Library::open("a_phone_number_stands_on_its_page") else { return };
    for line in lines() {
        let text = library.page(&line.source, line.source.page);
        for number in [line.phone, line.tty].into_iter().flatten() {
            assert!(text.contains(number), "{}: {number} is not on its page", line.id);
        }
    }
    for ship in ships() {
        let text = library.page(&ship.source, ship.source.page);
        let place = text.find(ship.name).expect("the state is on its page");
        let after = text.get(place..).unwrap_or_default();
        for number in [Some(ship.phone), ship.tty].into_iter().flatten() {
            assert!(after.contains(number), "{}: {number} is not on its page", ship.state);
        }
    }
}

#[test]
fn the_numbers_of_a_window_stand_on_its_page() {
    let Some(library) = Library::open("the_numbers_of_a_window_stand_on_its_page") else { return };
    for fact in facts() {
        let text = library.page(&fact.source, fact.source.page);
        let of = |text: &str| -> HashSet<String> {
            let words = text.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
            words.map(ToOwned::to_owned).collect()
        };
        let missing: Vec<String> = of(fact.when.en).difference(&of(text)).cloned().collect();
        assert!(missing.is_empty(), "{}: {missing:?} are not on its page", fact.id);
    }
}

#[test]
fn no_twelve_words_in_a_row_are_those_of_the_sources() {
    const NAME: &str = "no_twelve_words_in_a_row_are_those_of_the_sources";
    // A web address is one word.
    let words = |text: &str| -> Vec<String> {
        let plain = |word: &str| -> String { word.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect() };
        text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect()
    };
    let mut theirs: HashSet<String> = HashSet::new();
    for (file, field) in [
        ("medicare_publications_2026.jsonl", "text"),
        ("healthcare_gov_articles.jsonl", "text"),
        ("healthcare_gov_glossary.jsonl", "definition"),
    ] {
        let Some(file) = texts(NAME, file) else { return };
        for object in objects(&file) {
            theirs.extend(words(text_of(&object, field)).windows(12).map(|run| run.join(" ")));
        }
    }
    assert!(theirs.len() > 300_000);
    for passage in passages() {
        for run in words(&passage.text).windows(12) {
            assert!(!theirs.contains(&run.join(" ")), "{}: {}", passage.id, run.join(" "));
        }
    }
}
