//! `cargo eval`: prints the table of the evaluation, and fails when a bar is not met.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;

use launcher::workspace;
use shared::llm::{Advisor, LlmSettings};
use tests::eval::{self, Kind, Sources, table};

const USAGE: &str = "cargo eval [--injection F] [--triage F] [--intents F] [--pii F] [--questions F] [--deadlines F] [--replies F] \
                     [--provider bedrock|anthropic|openai] [--misses] [--cross-validate] [--write]";

#[derive(Default)]
struct Options {
    given: BTreeMap<Kind, PathBuf>,
    shows_misses: bool,
    cross_validates: bool,
    writes: bool,
    provider: Option<String>,
}

fn main() -> ExitCode {
    let options = match parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(wrong) => {
            eprintln!("{wrong}\nusage: {USAGE}");
            return ExitCode::from(2);
        }
    };
    let root = workspace::root();
    let mut sources = match Sources::new(&root, options.given) {
        Ok(sources) => sources,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if let Some(provider) = &options.provider {
        match advisor(provider) {
            Ok(advisor) => sources = sources.with_advisor(advisor),
            Err(problem) => {
                eprintln!("{problem}");
                return ExitCode::from(2);
            }
        }
    }
    let measured = eval::run(&sources).and_then(|mut sections| {
        if options.cross_validates {
            sections.extend(eval::train::cross_validated(&sources)?);
        }
        Ok(sections)
    });
    let sections = match measured {
        Ok(sections) => sections,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    let text = table::markdown(&sections);
    print!("{text}");
    if options.shows_misses {
        for section in sections.iter().filter(|section| !section.misses.is_empty()) {
            println!("\n{}", section.name);
            section.misses.iter().for_each(|miss| println!("  {miss}"));
        }
    }
    if options.writes {
        let path = root.join("tests/eval/RESULT.md");
        let heading =
            "# Result of the evaluation\n\nWritten by `cargo eval --write`; what counts as a hit is in README.md.\n\n";
        if let Err(error) = std::fs::write(&path, format!("{heading}{text}")) {
            eprintln!("the result cannot be written: {error}");
            return ExitCode::from(2);
        }
    }
    if sections.iter().all(|section| section.passed) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The provider with this name, its model and key from the environment, as the functions read them.
#[allow(clippy::disallowed_methods, reason = "a command of the operator's, not a function")]
fn advisor(provider: &str) -> Result<Advisor, String> {
    let lookup = |name: &str| match name {
        "LLM_PROVIDER" => Some(provider.to_owned()),
        _ => std::env::var(name).ok().filter(|value| !value.trim().is_empty()),
    };
    let settings = LlmSettings::read(lookup).map_err(|error| error.to_string())?;
    let settings = settings.ok_or("rules are measured without --provider")?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let model = runtime.block_on(shared::llm::connect(&settings))?;
    Ok(Advisor::new(model, &settings))
}

fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--misses" => options.shows_misses = true,
            "--cross-validate" => options.cross_validates = true,
            "--write" => options.writes = true,
            "--provider" => options.provider = Some(arguments.next().ok_or("--provider needs a name")?),
            _ => {
                let kind = Kind::ALL.into_iter().find(|kind| argument == format!("--{kind}"));
                let kind = kind.ok_or_else(|| format!("{argument} is no option"))?;
                let file = arguments.next().ok_or_else(|| format!("{argument} needs a file"))?;
                options.given.insert(kind, PathBuf::from(file));
            }
        }
    }
    Ok(options)
}
