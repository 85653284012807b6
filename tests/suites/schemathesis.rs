//! Schemathesis against functions/openapi.yaml: thousands of generated requests, good and bad, one after another and in
//! sequences; each reply is held against the contract.

use tests::product::{Options, product_with};
use tests::schemathesis::{Report, Run, program, run};

/// They end the session of whoever sends them.
const ENDING: [&str; 3] = ["logOut", "deleteAccount", "changePassword"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_contract_holds_for_five_thousand_generated_requests() {
    const NAME: &str = "the_contract_holds_for_five_thousand_generated_requests";
    let program = match program() {
        Ok(program) => program,
        Err(reason) => return tests::skip(NAME, &reason),
    };
    let product = product_with(Options { processes: 2, ..Options::default() }).await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    let sql = "INSERT INTO navigator.user_roles (user_id, role_name) VALUES ($1::text::uuid, 'regulatory_agent')";
    product.superuser().await.execute(sql, &[&ben.id]).await.expect("granted");
    let url = product.host.url();
    let but = |flag: &'static str| ENDING.iter().flat_map(move |operation| [flag, *operation]);
    let all: Vec<&str> = but("--exclude-operation-id").collect();
    let ending: Vec<&str> = but("--include-operation-id").collect();
    let strangers: Vec<&str> = [&all[..], &["--phases", "fuzzing,stateful"]].concat();
    let (ana, ben) = (("ana", ana.token), ("ben", ben.token));
    // The generated ids are the same in each run: those of the first person are foreign to the second.
    let runs = [
        ("ana", vec![ana.clone()], 80, all.clone()),
        ("ben", vec![ben.clone()], 80, all),
        ("ending", vec![ana.clone()], 80, ending),
        ("strangers", vec![ana, ben], 20, strangers),
    ];
    let mut reports: Vec<Report> = Vec::new();
    for (name, people, max_examples, arguments) in runs {
        let (program, url) = (program.clone(), url.clone());
        let report = tokio::task::spawn_blocking(move || {
            let people: Vec<(&str, &str)> = people.iter().map(|(name, token)| (*name, token.as_str())).collect();
            run(&program, &Run { name, url: &url, people: &people, max_examples, arguments: &arguments })
        });
        let report = report.await.expect("it ran");
        println!(
            "{name}: {} requests, {} operations, {}",
            report.examples(),
            report.operations(),
            report.json["running_time"]
        );
        reports.push(report);
    }
    for report in &reports {
        report.expect_nothing_found();
    }
    assert_eq!(reports.iter().map(Report::operations).collect::<Vec<_>>(), [24, 24, 3, 24], "every operation");
    assert_eq!(tests::contract::operations().len(), 27);
    let examples: u64 = reports.iter().map(Report::examples).sum();
    assert!(examples >= 5_000, "{examples}");
    let lines = product.log.lines();
    let of_status = |digit: &str| lines.iter().filter(|line| line.contains(&format!("\"status\":{digit}"))).count();
    assert!(of_status("2") > 1_000 && of_status("4") > 1_000, "both kinds of requests arrived");
    assert_eq!(of_status("5"), 0, "no failure of ours, whoever asked");
}
