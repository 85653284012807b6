//! The audit log: it cannot be changed, it shows when it was changed all the same, and it says who read a person's data.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::client::Person;
use tests::product::{Options, product, product_with};
use tests::stack::{folder, stack};
use tokio_postgres::Client;

use crate::ops_command::{ops, ops_on};

mod operations;

/// Two people of different chains, and the chains that end as their ids do.
const ANA: &str = "00000000-0000-4000-8000-000000000a01";
const BEN: &str = "00000000-0000-4000-8000-000000000b02";

/// Five rows about each of two people and five about nobody, in three chains, written as the functions write them.
async fn written() -> (String, Client) {
    let stack = stack().await;
    let name = stack.database().await;
    let client = stack.server.superuser(&name).await.expect("a connection");
    let sql = format!(
        "SELECT navigator.audit_write(p.id::uuid, NULL, p.id::uuid, 'history.read', 'c' || n, 'ok', '192.0.2.7')::text \
           FROM (VALUES ('{ANA}'), ('{BEN}'), (NULL)) AS p (id), generate_series(1, 5) AS n"
    );
    client.batch_execute(&sql).await.expect("written");
    (name, client)
}

async fn problems(client: &Client, anchor: Option<&Value>) -> Vec<String> {
    let sql = "SELECT format('chain %s, row %s: %s', chain, seq, problem) FROM navigator.audit_verify($1)";
    client.query(sql, &[&anchor]).await.expect("verified").iter().map(|row| row.get(0)).collect()
}

async fn anchor(client: &Client) -> Value {
    client.query_one("SELECT navigator.audit_anchor()", &[]).await.expect("an anchor").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edit_a_cut_tail_and_a_swapped_row_are_found() {
    let everywhere = ["chain 1, row 3: edited"];
    let of_row_3 = |change: &str| format!("UPDATE navigator.audit_log SET {change} WHERE chain = 1 AND seq = 3");
    let mut changes: Vec<(String, Vec<&str>)> = [
        "at = at + interval '1 microsecond'",
        "actor = NULL",
        "operator = 'somebody'",
        "subject = NULL",
        "action = 'login'",
        "object = NULL",
        "object = 'c4'",
        "outcome = 'not_found'",
        "origin = '192.0.2.8'",
    ]
    .map(|change| (of_row_3(change), everywhere.to_vec()))
    .to_vec();
    let swap = "UPDATE navigator.audit_log SET seq = 100 WHERE chain = 1 AND seq = 2; \
                UPDATE navigator.audit_log SET seq = 2 WHERE chain = 1 AND seq = 3; \
                UPDATE navigator.audit_log SET seq = 3 WHERE chain = 1 AND seq = 100";
    let all = |text: &'static [&'static str]| text.to_vec();
    changes.extend([
        // The mac of a row is what the next one begins with.
        (of_row_3("mac = sha256('x')"), all(&["chain 1, row 3: edited", "chain 1, row 4: edited"])),
        (swap.to_owned(), all(&["chain 1, row 2: edited", "chain 1, row 3: edited", "chain 1, row 4: edited"])),
        (
            "UPDATE navigator.audit_log AS l SET object = o.object, at = o.at FROM navigator.audit_log AS o \
              WHERE l.seq = 2 AND o.seq = 4 AND l.chain = o.chain AND l.chain IN (1, 2)"
                .to_owned(),
            all(&["chain 1, row 2: edited", "chain 2, row 2: edited"]),
        ),
        (
            "UPDATE navigator.audit_log SET chain = 3 WHERE chain = 1; \
             UPDATE navigator.audit_log SET chain = 1 WHERE chain = 2"
                .to_owned(),
            all(&[
                "chain 1, row 1: edited", "chain 1, row 2: edited", "chain 1, row 3: edited", "chain 1, row 4: edited",
                "chain 1, row 5: edited", "chain 1, row 5: edited", "chain 2, row 0: cut", "chain 3, row 1: edited",
                "chain 3, row 2: edited", "chain 3, row 3: edited", "chain 3, row 4: edited", "chain 3, row 5: edited",
                "chain 3, row 5: edited",
            ]),
        ),
        ("DELETE FROM navigator.audit_log WHERE chain = 1 AND seq = 3".to_owned(), all(&["chain 1, row 4: missing"])),
        ("DELETE FROM navigator.audit_log WHERE chain = 1 AND seq = 1".to_owned(), all(&["chain 1, row 2: missing"])),
        ("DELETE FROM navigator.audit_log WHERE chain = 1 AND seq = 5".to_owned(), all(&["chain 1, row 4: cut"])),
        ("DELETE FROM navigator.audit_log WHERE chain = 16".to_owned(), all(&["chain 16, row 0: cut"])),
        (
            "INSERT INTO navigator.audit_log SELECT chain, 6, at, actor, operator, subject, action, object, outcome, origin, mac \
               FROM navigator.audit_log WHERE chain = 1 AND seq = 5"
                .to_owned(),
            all(&["chain 1, row 6: edited", "chain 1, row 6: edited"]),
        ),
        ("UPDATE navigator.audit_heads SET mac = sha256('x') WHERE chain = 1".to_owned(), all(&["chain 1, row 5: edited"])),
        ("UPDATE navigator.audit_heads SET seq = 6 WHERE chain = 1".to_owned(), all(&["chain 1, row 5: cut"])),
        ("UPDATE navigator.audit_heads SET seq = 4 WHERE chain = 1".to_owned(), all(&["chain 1, row 5: edited"])),
        ("DELETE FROM navigator.audit_heads WHERE chain = 1".to_owned(), all(&["chain 1, row 5: edited"])),
    ]);
    let (name, client) = written().await;
    assert_eq!(problems(&client, None).await, [""; 0]);
    assert!(ops_on(&name).ok(&["audit", "verify"]).await.contains("the log is as it was written: 15 rows"));
    for (change, expected) in &changes {
        client.batch_execute(&format!("BEGIN; {change}")).await.expect(change);
        assert_eq!(&problems(&client, None).await, expected, "{change}");
        client.batch_execute("ROLLBACK").await.expect("back");
    }
    // The operator's command sees it too; the row that says so is about nobody.
    client.batch_execute(&of_row_3("outcome = 'not_found'")).await.expect("edited");
    let said = ops_on(&name).fails(&["audit", "verify"]).await;
    assert!(said.contains("the log was changed in 1 places") && said.contains("chain 1, row 3: edited"), "{said}");
    // A row that no chain holds is not let in.
    let beside = "INSERT INTO navigator.audit_log (chain, seq, at, action, outcome, mac) \
                  VALUES (17, 1, now(), 'x', 'x', sha256('x'))";
    let error = client.batch_execute(beside).await.expect_err("no such chain");
    assert_eq!(error.as_db_error().and_then(|db| db.constraint()), Some("audit_log_chain_check"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chain_that_was_written_anew_is_found_by_an_anchor_kept_elsewhere() {
    let again = |rows: u8| {
        format!(
            "DELETE FROM navigator.audit_log WHERE chain = 1; \
             UPDATE navigator.audit_heads SET seq = 0, mac = sha256('') WHERE chain = 1; \
             SELECT navigator.audit_write('{ANA}', NULL, '{ANA}', 'history.read', 'another', 'ok', NULL)::text \
               FROM generate_series(1, {rows})"
        )
    };
    let gone = "DELETE FROM navigator.audit_log WHERE chain = 1; DELETE FROM navigator.audit_heads WHERE chain = 1";
    for (change, alone, anchored) in [
        // With the database's own key every mac is right.
        (again(5), vec![], vec!["chain 1, row 5: rewritten"]),
        (again(9), vec![], vec!["chain 1, row 5: rewritten"]),
        (again(3), vec![], vec!["chain 1, row 3: cut"]),
        (again(0), vec![], vec!["chain 1, row 0: cut"]),
        (gone.to_owned(), vec!["chain 1, row 0: edited"], vec!["chain 1, row 0: cut"]),
    ] {
        let (name, client) = written().await;
        let kept = ops_on(&name).ok(&["audit", "anchor"]).await;
        let parsed: Value = serde_json::from_str(&kept).expect("JSON");
        assert_eq!(parsed, anchor(&client).await);
        assert_eq!(problems(&client, Some(&parsed)).await, [""; 0]);
        client.batch_execute(&change).await.expect(&change);
        assert_eq!(problems(&client, None).await, alone, "{change}");
        assert_eq!(problems(&client, Some(&parsed)).await, anchored, "{change}");
        // As text, and as a file.
        let file = folder("anchor").join("anchor.json");
        std::fs::write(&file, &kept).expect("a file");
        for given in [kept.trim(), file.to_str().expect("a path")] {
            let said = ops_on(&name).fails(&["audit", "verify", "--anchor", given]).await;
            assert!(said.contains(anchored[0]), "{said}");
        }
    }
    let (name, _client) = written().await;
    assert!(ops_on(&name).fails(&["audit", "verify", "--anchor", "neither"]).await.contains("the anchor is no JSON"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_may_change_the_log() {
    let (_name, client) = written().await;
    for role in ["navigator_api", "navigator_auth", "navigator_audit", "navigator_sweep", "navigator_operator"] {
        for statement in [
            "UPDATE navigator.audit_log SET outcome = 'x'",
            "UPDATE navigator.audit_log SET mac = sha256('x')",
            "DELETE FROM navigator.audit_log",
            "TRUNCATE navigator.audit_log",
            "DELETE FROM navigator.audit_heads",
            "TRUNCATE navigator.audit_heads",
            "INSERT INTO navigator.audit_heads (chain, seq, mac) VALUES (16, 0, sha256('x'))",
            "UPDATE navigator.audit_keys SET inner_block = 'x'",
        ] {
            let sql = format!("SET ROLE {role}; SELECT set_config('app.user_id', '{ANA}', false); {statement}");
            let error = client.batch_execute(&sql).await.expect_err(statement);
            let code = error.code().map(tokio_postgres::error::SqlState::code);
            assert_eq!(code, Some("42501"), "{statement} as {role}");
            client.batch_execute("RESET ROLE").await.expect("all rights");
        }
        let insert = "INSERT INTO navigator.audit_log (chain, seq, at, action, outcome, mac) \
                      VALUES (16, 1000, clock_timestamp(), 'x', 'x', sha256('x'))";
        let sql = format!("BEGIN; SET LOCAL ROLE {role}; {insert}");
        let is_allowed = client.batch_execute(&sql).await.is_ok();
        assert_eq!(is_allowed, role == "navigator_audit", "{role}");
        client.batch_execute("ROLLBACK").await.expect("back");
    }
    assert_eq!(problems(&client, None).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_answers_who_read_a_persons_data() {
    let product = product().await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    product.api.ask(&ana, "c", "What is a copay?").send().await.expect(200);
    product.api.get("/conversations/c/history").token(&ben.token).send().await.expect(404);
    let stranger = json!({ "email": "Stranger@example.org", "password": "whatever it may be" });
    product.api.post("/login", &stranger).send().await.expect(401);
    let ops = ops(&product);
    ops.ok(&["user", "show", &ana.email]).await;
    ops.ok(&["workflow", "show", "c", "--user", &ana.id, "--content"]).await;
    let access = ops.ok(&["audit", "access", &ana.email]).await;
    let lines: Vec<&str> = access.lines().collect();
    let is_about_ana = |line: &&str| line.contains(&format!("about {}", ana.id));
    assert_eq!(lines.iter().filter(|line| is_about_ana(line)).count(), lines.len() - 1, "{access}");
    let by = |line: &str| line.split(" by ").nth(1).and_then(|rest| rest.split(' ').next().map(ToOwned::to_owned));
    let readers: Vec<Option<String>> = lines[..lines.len() - 1].iter().map(|line| by(line)).collect();
    let (operator, own) = (Some("postgres".to_owned()), Some(ana.id.clone()));
    assert_eq!(readers[..2], [operator.clone(), operator.clone()], "what others did comes first: {access}");
    assert!(readers.len() > 3 && readers[2..].iter().all(|reader| *reader == own), "{access}");
    assert!(lines[0].contains("operator.read") && lines[1].contains("user.read"), "{access}");
    // Looking is recorded, about whom it was, and by id it is the same person.
    let again = ops.ok(&["audit", "access", &ana.id]).await;
    assert!(again.lines().next().expect("a line").contains("audit.access"), "{again}");
    assert!(ops.fails(&["audit", "access", "nobody@example.org"]).await.contains("there is no such account"));
    // An address that nobody registered has a name in the log, and the log holds no address.
    let unknown = ops.ok(&["audit", "show", "--who", "stranger@EXAMPLE.org"]).await;
    assert!(
        unknown.ends_with("\n1 rows\n") && unknown.contains("login") && unknown.contains("by unknown about -"),
        "{unknown}"
    );
    assert!(unknown.contains("object email:") && !unknown.to_lowercase().contains("stranger"), "{unknown}");
    assert_eq!(ops.ok(&["audit", "show", "--who", "another@example.org"]).await, "0 rows\n");
    let shown = ops.ok(&["audit", "show", "--who", &ben.email, "--action", "history.read"]).await;
    assert!(shown.ends_with("\n1 rows\n") && shown.contains("not_found") && !shown.contains(&ana.id), "{shown}");
    assert!(ops.ok(&["audit", "show", "--limit", "3"]).await.ends_with("\n3 rows\n"));
    assert_eq!(ops.ok(&["audit", "show", "--since", "2999-01-01"]).await, "0 rows\n");
    let before = product.count("SELECT count(*) FROM navigator.audit_log").await;
    let file = folder("export").join("log.jsonl");
    let path = file.to_str().expect("a path");
    assert!(ops.ok(&["audit", "export", path]).await.contains(&format!("{before} rows written")));
    let rows: Vec<Value> = std::fs::read_to_string(&file).expect("the file").lines().map(parse).collect();
    let places: BTreeSet<(i64, i64)> = rows
        .iter()
        .map(|row| (row["chain"].as_i64().expect("a chain"), row["seq"].as_i64().expect("a place")))
        .collect();
    assert_eq!((rows.len(), places.len()), (usize::try_from(before).expect("a count"), rows.len()));
    assert!(ops.fails(&["audit", "export", path]).await.contains("cannot be written"), "no file is written over");
    assert_eq!(product.count("SELECT count(*) FROM navigator.audit_log WHERE action = 'audit.export'").await, 1);
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_operations_at_once_leave_chains_that_verify() {
    let product = product_with(Options { processes: 3, ..Options::default() }).await;
    let people: Vec<Person> = join_all((0..8).map(|_| product.api.person())).await;
    for person in &people {
        product.api.ask(person, "c", "What is a copay?").send().await.expect(200);
    }
    let kept = anchor(&product.superuser().await).await;
    let count = "SELECT count(*) FROM navigator.audit_log WHERE action IN \
                 ('history.read', 'conversations.read', 'workflow.read', 'login', 'account.update')";
    let before = product.count(count).await;
    let operations = (0..200).map(|number| {
        let person = &people[number % people.len()];
        let call = match number / people.len() % 5 {
            0 => product.api.get("/conversations/c/history").token(&person.token),
            1 => product.api.get("/conversations").token(&person.token),
            2 => product.api.get("/conversations/c/workflow").token(&person.token),
            3 => product.api.post("/login", &json!({ "email": person.email, "password": "a wrong one" })),
            _ => {
                let body = json!({ "full_name": format!("Ana {number}") }).to_string().into_bytes();
                product.api.call("PATCH", "/me").token(&person.token).raw("application/json", body)
            }
        };
        call.send()
    });
    let answers = join_all(operations).await;
    let done = answers.iter().filter(|answer| matches!(answer.status, 200 | 401)).count();
    assert!(done > 150, "{:?}", answers.iter().find(|answer| !matches!(answer.status, 200 | 401)));
    let left = product.count(count).await - before;
    assert!((i64::try_from(done).expect("a count")..=200).contains(&left), "{done} answers, {left} rows");
    let client = product.superuser().await;
    assert_eq!(problems(&client, Some(&kept)).await, [""; 0]);
    let gaps = "SELECT count(*) FROM (SELECT chain, count(*) AS rows, max(seq) AS last \
                                          FROM navigator.audit_log GROUP BY chain) AS c WHERE rows <> last";
    assert_eq!(product.count(gaps).await, 0);
    let said = ops(&product).ok(&["audit", "verify", "--anchor", &kept.to_string()]).await;
    assert!(said.contains("the log is as it was written"), "{said}");
}
