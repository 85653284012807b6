//! The way of Docker's containers to the database of `cargo dev --docker`, as far as no Docker engine is needed.

use std::collections::BTreeSet;
use std::process::Output;

use launcher::workspace;
use ops::checks::pooled::{Mode, mode};
use serde_json::Value;
use tests::local_dev::Ground;
use tests::sam::said;
use tests::template::Template;

fn parsed(output: &Output) -> Value {
    assert!(output.status.success(), "{}", said(output));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sams_environment_names_the_functions_and_leads_through_the_relay_to_the_pooler() {
    let ground = Ground::new();
    let nothing = ground.ops(&["--print-sam-env"]);
    assert!(!nothing.status.success() && said(&nothing).contains("cargo dev"), "{}", said(&nothing));
    // Without --docker there is no way in, and the printed line says what to do.
    let plain = ground.serve(&[]);
    let refused = ground.ops(&["--print-sam-env"]);
    assert!(!refused.status.success() && said(&refused).contains("cargo dev --docker"), "{}", said(&refused));
    assert!(refused.stdout.is_empty(), "nothing half-made in env.json");
    drop(plain);
    // An address of loopback plays Docker's bridge; the certificate is made again, for that address too.
    let serving = ground.serve(&["--docker=127.0.0.2"]);
    let environment = parsed(&ground.ops(&["--print-sam-env"]));
    let template = Template::read();
    let names: BTreeSet<&str> = environment.as_object().expect("functions").keys().map(String::as_str).collect();
    let functions = template.functions();
    let served: BTreeSet<&str> = workspace::SERVED.iter().map(|name| functions[name].id).collect();
    assert_eq!(names, served);
    let printed = &environment["RegisterFunction"];
    for (binary, function) in &functions {
        let variables = &function.property("Environment")["Variables"];
        for (name, value) in environment[function.id].as_object().into_iter().flatten() {
            assert!(!variables[name].is_null(), "{binary}: SAM would drop {name}, which the template does not name");
            assert_eq!(value, &printed[name], "{binary}");
        }
    }
    assert_eq!(printed["APP_SECRET_ARN"], "");
    let url = printed["DATABASE_URL"].as_str().expect("a URL");
    let parts = reqwest::Url::parse(url).expect("a URL");
    assert_eq!((parts.host_str(), parts.query()), (Some("127.0.0.2"), Some("sslmode=verify-full")));
    assert!(serving.said().contains(&format!("127.0.0.2:{}", parts.port().expect("a port"))), "{}", serving.said());
    // A client comes through, with the full check of the certificate, and the pooler is in between.
    let ca = printed["DATABASE_CA_PEM"].as_str().expect("a CA").replace("\\n", "\n");
    let connect = async || ops::database::connect(url, Some(&ca)).await.expect("a way in");
    let (client, other) = (connect().await, connect().await);
    assert_eq!(mode(&client, &other).await.expect("a look"), Mode::Transaction);
    let row = client.query_one("SELECT current_user::text, inet_server_port()", &[]).await.expect("an answer");
    assert_eq!(row.get::<_, String>(0), "navigator_api");
    let (server, relay) = (i32::from(ground.database_port()), i32::from(parts.port().expect("a port")));
    assert_eq!(row.get::<_, i32>(1), server);
    assert_ne!(relay, server);
    // Only the relay's own address is listened on.
    let elsewhere = tokio::net::TcpStream::connect(("127.0.0.1", parts.port().expect("a port"))).await;
    assert!(elsewhere.is_err(), "the relay listens on the address that was named, and no other");
    drop(serving);
    let after = tokio::net::TcpStream::connect(("127.0.0.2", parts.port().expect("a port"))).await;
    assert!(after.is_err(), "the relay ends with cargo dev");
    let ended = ground.ops(&["--print-sam-env"]);
    assert!(!ended.status.success() && said(&ended).contains("does not run"), "{}", said(&ended));
}

#[test]
fn an_address_that_others_reach_is_refused_before_anything_starts() {
    let ground = tests::stack::folder("nothing-starts");
    for address in ["0.0.0.0", "192.168.1.2", "[::]", "example.org"] {
        let output = std::process::Command::new(tests::product::binary("ops"))
            .args(["dev", "--folder"])
            .arg(&ground)
            .args(["--database-port", "1", &format!("--docker={address}")])
            .output()
            .expect("ops runs");
        let said = said(&output);
        assert!(!output.status.success() && said.contains("not a loopback address"), "{address}: {said}");
    }
    assert_eq!(std::fs::read_dir(&ground).expect("a folder").count(), 0);
}
