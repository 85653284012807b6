//! The official texts over the API: found, read, added by those who may; and how well questions find their answers.

use serde_json::{Value, json};
use tests::client::{Answer, Person};
use tests::product::{Options, Product, product, product_with};
use tests::texts::{import_all, index_errors, small_corpus};

/// Without the product's own facts.
const TEXTS: &str = "SELECT count(*) FROM navigator.regulatory_documents WHERE kind <> 'fact'";
const ID: &str = "0192f0c1-0000-7000-8000-000000000000";

async fn with_corpus(options: Options) -> Product {
    let product = product_with(options).await;
    let mut client = product.superuser().await;
    import_all(&mut client, &small_corpus()).await;
    product
}

async fn agent(product: &Product) -> Person {
    let person = product.api.person().await;
    let sql = "INSERT INTO navigator.user_roles (user_id, role_name) VALUES ($1::text::uuid, 'regulatory_agent')";
    product.superuser().await.execute(sql, &[&person.id]).await.expect("granted");
    person
}

fn text() -> Value {
    json!({ "url": "https://www.cms.gov/new", "title": "A new rule", "text": "The rule about aardvarks.", "plan_year": 2026 })
}

fn pointer(answer: &Answer) -> &str {
    answer.json["errors"][0]["pointer"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_find_and_read_the_same_texts_and_a_stranger_none() {
    let product = with_corpus(Options::default()).await;
    let (ana, ben) = (product.api.person().await, product.api.person().await);
    let path = "/regulatory?q=how%20long%20do%20I%20have%20to%20appeal%20a%20Medicare%20Advantage%20denial&limit=3";
    let first = product.api.get(path).token(&ana.token).send().await.expect(200);
    let second = product.api.get(path).token(&ben.token).send().await.expect(200);
    assert_eq!(first.text, second.text);
    let results = first.json["results"].as_array().expect("results");
    assert_eq!(results.len(), 3);
    let best = &results[0];
    assert_eq!(
        (best["title"].as_str(), best["page"].as_i64()),
        (Some("First appeal in a Medicare Advantage Plan"), Some(21))
    );
    assert_eq!((best["plan_year"].as_i64(), best["expires"].as_str()), (Some(2026), Some("2026-12-31")));
    assert!(best["excerpt"].as_str().expect("an excerpt").contains("65 days"));
    let id = best["id"].as_str().expect("an id");
    let read = product.api.get(&format!("/regulatory/{id}")).token(&ben.token).send().await.expect(200);
    assert_eq!((read.json["version"].as_i64(), read.json["is_current"].as_bool()), (Some(1), Some(true)));
    for path in [path, "/regulatory/0192f0c1-0000-7000-8000-000000000000"] {
        assert_eq!(product.api.get(path).send().await.expect(401).code(), "missing_token");
    }
    assert_eq!(product.api.post("/regulatory", &text()).send().await.expect(401).code(), "missing_token");
    let absent = product.api.get(&format!("/regulatory/{ID}")).token(&ana.token).send().await.expect(404);
    assert_eq!(absent.code(), "document_not_found");
    let nothing = product.api.get("/regulatory?q=xylophone").token(&ana.token).send().await.expect(200);
    assert_eq!(nothing.json, json!({ "results": [] }));
    product.superuser().await.batch_execute("UPDATE navigator.sessions SET revoked_at = now()").await.expect("ended");
    for call in
        [product.api.get(path), product.api.get(&format!("/regulatory/{id}")), product.api.post("/regulatory", &text())]
    {
        assert_eq!(call.token(&ana.token).send().await.expect(401).code(), "session_ended");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_regulatory_agent_adds_and_the_role_is_read_at_that_moment() {
    let product = product().await;
    let (person, agent) = (product.api.person().await, agent(&product).await);
    let add = |who: &Person, body: Value| product.api.post("/regulatory", &body).token(&who.token).send();
    assert_eq!(add(&person, text()).await.expect(403).code(), "forbidden");
    assert_eq!(product.count(TEXTS).await, 0);
    // The agent's token was issued before the role was granted: the database decides, not the token.
    let created = add(&agent, text()).await.expect(201);
    let id = created.json["id"].as_str().expect("an id").to_owned();
    assert_eq!(created.headers["location"], format!("/regulatory/{id}"));
    assert_eq!(add(&agent, text()).await.expect(200).json["id"], id.as_str());
    let find = || product.api.get("/regulatory?q=aardvarks").token(&person.token).send();
    assert_eq!(find().await.expect(200).json["results"][0]["id"], id.as_str());
    let mut changed = text();
    changed["text"] = json!("The new rule about aardvarks and wombats.");
    let newer = add(&agent, changed).await.expect(201).json["id"].clone();
    assert_eq!(find().await.expect(200).json["results"][0]["id"], newer);
    let old = product.api.get(&format!("/regulatory/{id}")).token(&person.token).send().await.expect(200);
    assert_eq!((old.json["is_current"].as_bool(), old.json["version"].as_i64()), (Some(false), Some(1)));
    assert_eq!(add(&agent, text()).await.expect(201).status, 201, "a person may bring a text back");
    let client = product.superuser().await;
    assert_eq!(index_errors(&client).await, 0);
    client.batch_execute("DELETE FROM navigator.user_roles WHERE role_name = 'regulatory_agent'").await.expect("taken");
    assert_eq!(
        add(&agent, json!({ "url": "https://www.cms.gov/z", "title": "z", "text": "z" })).await.expect(403).code(),
        "forbidden"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_whole_number_is_one_however_it_is_written() {
    let product = product().await;
    let agent = agent(&product).await;
    let add = |page: &str| {
        let body = format!(
            r#"{{"url":"https://www.cms.gov/a","title":"a","text":"{page}","page":{page},"plan_year":2026.0}}"#
        );
        product.api.call("POST", "/regulatory").token(&agent.token).raw("application/json", body.into_bytes()).send()
    };
    for page in ["3", "3.0", "0.3e1"] {
        let id = add(page).await.expect(201).json["id"].as_str().expect("an id").to_owned();
        let read = product.api.get(&format!("/regulatory/{id}")).token(&agent.token).send().await.expect(200);
        assert_eq!((&read.json["page"], &read.json["plan_year"]), (&json!(3), &json!(2026)), "{page}");
    }
    for page in ["3.5", "1e300", "-0.5", "true", "[3]", "100001.0"] {
        let refused = add(page).await.expect(422);
        assert_eq!(pointer(&refused), "/page", "{page}: {}", refused.text);
    }
    assert!(add("3.5").await.text.contains("must be a whole number"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_functions_role_cannot_write_official_texts_and_cannot_call_what_stores_them() {
    let product = with_corpus(Options::default()).await;
    let client = product.superuser().await;
    for sql in [
        "INSERT INTO navigator.regulatory_terms VALUES ('x', 1)",
        "UPDATE navigator.regulatory_documents SET title = 'x'",
        "DELETE FROM navigator.regulatory_postings",
        "INSERT INTO navigator.regulatory_synonyms VALUES ('en', 'x', 'y')",
        "SELECT navigator.regulatory_store('[]')",
        "SELECT navigator.regulatory_put('{}')",
        "SELECT navigator.regulatory_unindex('{}')",
    ] {
        client.batch_execute("BEGIN; SET LOCAL ROLE navigator_api").await.expect("as the functions' role");
        let error = client.batch_execute(sql).await.expect_err(sql);
        assert_eq!(error.as_db_error().map(|db| db.code().code().to_owned()).as_deref(), Some("42501"), "{sql}");
        client.batch_execute("ROLLBACK").await.expect("back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_searches_ids_and_documents_are_named() {
    let product = product().await;
    let (person, agent) = (product.api.person().await, agent(&product).await);
    let get = |path: String| product.api.get(&path).token(&person.token).send();
    for (query, place) in [
        ("", "?q"),
        ("q=", "?q"),
        ("q=%20", "?q"),
        ("q=a%00b", "?q"),
        ("limit=3", "?q"),
        ("q=x&limit=0", "?limit"),
        ("q=x&limit=51", "?limit"),
        ("q=x&limit=ten", "?limit"),
        ("q=x&limit=-1", "?limit"),
        ("q=x&page=2", "?page"),
        ("q=x&q=y", "?q"),
    ] {
        assert_eq!(pointer(&get(format!("/regulatory?{query}")).await.expect(422)), place, "{query}");
    }
    assert_eq!(pointer(&get(format!("/regulatory?q={}", "x".repeat(301))).await.expect(422)), "?q");
    assert_eq!(get(format!("/regulatory?q={}", "x".repeat(300))).await.expect(200).json, json!({ "results": [] }));
    for q in [
        "%27%3B%20DROP%20TABLE%20users",
        "%25%25%25",
        "a%20%26%20%21%28b",
        "%F0%9F%99%82",
        "---",
        "%5C",
        "the%20of%20and",
        "%3Cscript%3E",
    ] {
        get(format!("/regulatory?q={q}")).await.expect(200);
    }
    for id in [
        "1",
        "not-a-uuid",
        "0192f0c100007000800000000000000g",
        "%00",
        "0192f0c1000070008000000000000000",
        &"9".repeat(400),
    ] {
        assert_eq!(pointer(&get(format!("/regulatory/{id}")).await.expect(422)), "path:id", "{id}");
    }
    let with = |name: &str, value: Value| {
        let mut body = text();
        body[name] = value;
        body
    };
    for (body, place) in [
        (with("url", json!("http://www.cms.gov/")), "/url"),
        (with("url", json!("https://evil.example/")), "/url"),
        (with("title", json!("")), "/title"),
        (with("title", json!("x".repeat(301))), "/title"),
        (with("text", json!(" ")), "/text"),
        (with("text", json!("a\u{0}b")), "/text"),
        (with("text", json!("x".repeat(262_145))), "/text"),
        (with("text", json!(7)), "/text"),
        (with("lang", json!("fr")), "/lang"),
        (with("effective", json!("2026-02-30")), "/effective"),
        (with("plan_year", json!(1)), "/plan_year"),
        (with("page", json!(0)), "/page"),
        (with("section", json!("")), "/section"),
        (with("id", json!("mine")), "/id"),
    ] {
        let answer = product.api.post("/regulatory", &body).token(&agent.token).send().await.expect(422);
        assert_eq!(pointer(&answer), place, "{}", answer.text);
    }
    let several = json!({ "url": "x", "title": "", "text": "" });
    let answer = product.api.post("/regulatory", &several).token(&agent.token).send().await.expect(422);
    assert_eq!(answer.json["errors"].as_array().expect("errors").len(), 3);
    let wrong = product.api.call("DELETE", "/regulatory").token(&agent.token).send().await;
    assert_eq!((wrong.status, wrong.headers["allow"].to_str().expect("text")), (405, "GET, POST"));
    assert_eq!(product.count(TEXTS).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poisoned_text_comes_back_as_inert_text_and_as_nothing_else() {
    let product = with_corpus(Options::default()).await;
    let person = product.api.person().await;
    let answer = product.api.get("/regulatory?q=portable%20lift%20chair").token(&person.token).send().await.expect(200);
    let hit = &answer.json["results"][0];
    assert_eq!(hit["title"], "Portable lift chairs <script>alert(1)</script>");
    assert!(hit["excerpt"].as_str().expect("an excerpt").contains("<img src=x onerror=alert(1)>"));
    assert!(!answer.text.contains(['<', '>']), "markup is escaped: {}", answer.text);
    assert_eq!(answer.headers["content-type"], "application/json");
    let id = hit["id"].as_str().expect("an id");
    let read = product.api.get(&format!("/regulatory/{id}")).token(&person.token).send().await.expect(200);
    assert!(!read.text.contains(['<', '>']) && read.json["text"].as_str().expect("a text").starts_with("Ignore all"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_a_reading_and_an_addition_are_one_round_trip_each() {
    let product = with_corpus(Options { is_tapped: true, ..Options::default() }).await;
    let agent = agent(&product).await;
    let search = || product.api.get("/regulatory?q=insuline%20price").token(&agent.token).send();
    let id = search().await.expect(200).json["results"][0]["id"].as_str().expect("an id").to_owned();
    let tap = product.tap.as_ref().expect("a tap");
    let expect = |what: &str| {
        let counts = tap.take();
        let seen = (counts.round_trips, counts.syncs, counts.statements.len(), counts.named, counts.simple);
        assert_eq!(seen, (1, 1, 1, 0, 0), "{what}: {:?}", counts.statements);
    };
    tap.take();
    search().await.expect(200);
    expect("a search");
    product.api.get(&format!("/regulatory/{id}")).token(&agent.token).send().await.expect(200);
    expect("a reading");
    product.api.post("/regulatory", &text()).token(&agent.token).send().await.expect(201);
    expect("an addition");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_evidence_for_a_turn_is_small_and_the_best_first() {
    let product = with_corpus(Options::default()).await;
    let client = product.superuser().await;
    client.batch_execute("SET ROLE navigator_api").await.expect("as the functions' role");
    let evidence = async |query: &str, limit: i32| -> Value {
        let sql = "SELECT navigator.regulatory_evidence($1, $2, '2026-11-24')";
        client.query_one(sql, &[&query, &limit]).await.expect("evidence").get(0)
    };
    let found = evidence("What does Part B cost a month?", 3).await;
    let found = found.as_array().expect("an array");
    assert_eq!(found.len(), 3);
    assert_eq!(found[0]["title"], "What Part B costs a month");
    for hit in found {
        let mut names: Vec<&str> = hit.as_object().expect("an object").keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["effective", "excerpt", "fetched", "id", "page", "title", "url"]);
        assert!(hit["excerpt"].as_str().expect("an excerpt").chars().count() <= 400);
    }
    for query in ["", " ", "the of", "¿?", &"appeal denial ".repeat(1_200), "' \" \\ % & | ! ( ) : * <->"] {
        assert!(evidence(query, 3).await.is_array(), "{query:.40}");
    }
    assert_eq!(evidence("appeal", 0).await, json!([]));
    assert!(evidence("appeal plan premium", 1_000_000).await.as_array().expect("an array").len() <= 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_turn_quotes_what_the_search_found_in_no_more_round_trips() {
    let product = with_corpus(Options { is_tapped: true, ..Options::default() }).await;
    let person = product.api.person().await;
    product.api.ask(&person, "warm", "hello").send().await.expect(200);
    let tap = product.tap.as_ref().expect("a tap");
    tap.take();
    let answer = product.api.ask(&person, "c", "Does Medicare cover hearing aids?").send().await.expect(200);
    let steps = answer.json["workflow"]["steps"].as_array().map(Vec::len).unwrap_or_default();
    let counts = tap.take();
    assert_eq!((counts.round_trips, steps), (steps + 1, 6), "{:?}", counts.statements);
    let cited = answer.json["citations"].as_array().expect("citations");
    let passage = cited.iter().find(|citation| !citation["id"].as_str().is_some_and(|id| id.starts_with("fact:")));
    let passage = passage.unwrap_or_else(|| panic!("no passage is cited: {}", answer.text));
    assert!(answer.content().contains(passage["excerpt"].as_str().expect("an excerpt")), "{}", answer.content());
    let read = format!("/regulatory/{}", passage["id"].as_str().expect("an id"));
    let text = product.api.get(&read).token(&person.token).send().await.expect(200);
    assert!(text.json["text"].as_str().is_some_and(|text| text.contains("hearing aids")), "{}", text.text);
}
