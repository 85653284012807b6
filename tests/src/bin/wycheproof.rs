//! `cargo run -p tests --bin wycheproof -- FILE`: decides the vectors of Wycheproof's `json_web_signature_test.json`.

use std::path::PathBuf;
use std::process::ExitCode;

use tests::wycheproof::Report;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(file), None) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: cargo run -p tests --bin wycheproof -- json_web_signature_test.json");
        return ExitCode::from(2);
    };
    match Report::of(&PathBuf::from(file)) {
        Ok(report) => {
            print!("{report}");
            if report.deviations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}
