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
    let all: Vec<&str> = ENDING.iter().flat_map(|operation| ["--exclude-operation-id", *operation]).collect();
    let ending: Vec<&str> = ENDING.iter().flat_map(|operation| ["--include-operation-id", *operation]).collect();
    // The generated ids are the same in each run: those of the first person are foreign to the second.
    let runs = [("ana", &ana.token, 60, &all), ("ben", &ben.token, 60, &all), ("ending", &ana.token, 60, &ending)];
    let mut reports: Vec<Report> = Vec::new();
    for (name, token, max_examples, arguments) in runs {
        let started = std::time::Instant::now();
        let (program, url, token, arguments) = (program.clone(), url.clone(), token.clone(), arguments.clone());
        let report = tokio::task::spawn_blocking(move || {
            run(&program, &Run { name, url: &url, token: &token, max_examples, arguments: &arguments, configuration: "" })
        });
        let report = report.await.expect("it ran");
        println!("{name}: {} examples, {:?}", report.examples(), started.elapsed());
        std::fs::write(format!("/tmp/content-st-{name}.txt"), format!("{}\n{:#}", report.said, report.json)).ok();
        reports.push(report);
    }
    for report in &reports {
        report.expect_nothing_found();
    }
    let examples: u64 = reports.iter().map(Report::examples).sum();
    assert!(examples >= 5_000, "{examples}");
}
