//! The texts read again at their sources: what is fetched, what never is, and what becomes of a change.

use ops::regulatory::fetch::{FetchError, Fetched, Fetcher, Validators};
use ops::regulatory::refresh::refresh;
use shared::regulatory::fetch::{self, Refusal};
use tests::source::{Fixed, Source};
use tests::stack::stack;
use tokio_postgres::Client;

const PAGE: &str = "https://www.medicare.gov/page";
const BOOKLET: &str = "https://www.medicare.gov/booklet.pdf";
const OLD_TEXT: &str = "You have sixty days to ask for a hearing about a wheelchair.";

async fn database_with(rows: &[String]) -> Client {
    let stack = stack().await;
    let name = stack.database().await;
    let mut client = stack.server.superuser(&name).await.expect("a connection");
    let file = tests::stack::folder("refresh").join("texts.jsonl");
    std::fs::write(&file, rows.join("\n")).expect("a file");
    let long_ago = "2020-01-01T00:00:00Z".parse().expect("a time");
    let report =
        ops::regulatory::import::import(&mut client, &file, Some(long_ago), &mut |line| panic!("{line}")).await;
    assert_eq!(report.expect("imported").created, rows.len());
    client
}

fn row(url: &str, page: u32, text: &str) -> String {
    let mut row = serde_json::json!({ "url": url, "title": "Hearings", "text": text });
    if page > 0 {
        row["page"] = page.into();
    }
    row.to_string()
}

/// Version, whether it is current, and text of the versions of an address.
async fn versions(client: &Client, url: &str) -> Vec<(i32, bool, String)> {
    let sql = "SELECT version, superseded_at IS NULL, content FROM navigator.regulatory_documents WHERE source_url = $1 ORDER BY version";
    let rows = client.query(sql, &[&url]).await.expect("rows");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

async fn found(client: &Client, query: &str) -> String {
    let sql = "SELECT navigator.regulatory_evidence($1, 5, '2026-11-24')::text";
    client.query_one(sql, &[&query]).await.expect("evidence").get(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_page_is_a_new_version_and_an_unchanged_one_is_asked_for_conditionally() {
    let mut client = database_with(&[row(PAGE, 0, OLD_TEXT)]).await;
    let source = Source::start().await;
    let html = b"<html><body><nav>Menu</nav><main><p>You have ninety days to ask for a hearing about a wheelchair.</p></main></body></html>";
    source.set("/page", "200 OK", &["content-type: text/html; charset=utf-8", "etag: \"v2\""], html);
    let report = refresh(&mut client, &source.fetcher(), 30, 10).await.expect("refreshed");
    assert_eq!((report.changed, report.failed.len()), (1, 0), "{report}");
    let stored = versions(&client, PAGE).await;
    assert_eq!(stored.len(), 2);
    assert_eq!(stored[0], (1, false, OLD_TEXT.to_owned()), "the version before it is kept");
    assert_eq!(stored[1].2, "You have ninety days to ask for a hearing about a wheelchair.");
    let evidence = found(&client, "days to ask for a hearing").await;
    assert!(evidence.contains("ninety") && !evidence.contains("sixty"), "{evidence}");

    assert_eq!(refresh(&mut client, &source.fetcher(), 30, 10).await.expect("refreshed").unchanged, 0, "it is fresh");
    source.requests();
    client.batch_execute("UPDATE navigator.regulatory_documents SET fetched_at = '2020-01-01'").await.expect("aged");
    source.set("/page", "304 Not Modified", &[], b"");
    let report = refresh(&mut client, &source.fetcher(), 30, 10).await.expect("refreshed");
    assert_eq!(report.unchanged, 1, "{report}");
    let head = source.requests().remove(0).to_ascii_lowercase();
    assert!(head.contains("if-none-match: \"v2\""), "{head}");
    assert_eq!(versions(&client, PAGE).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_that_suddenly_holds_next_to_nothing_is_not_believed_and_a_lost_one_is_noted() {
    let gone = "https://www.medicare.gov/gone";
    let mut client = database_with(&[row(PAGE, 0, OLD_TEXT), row(gone, 0, OLD_TEXT)]).await;
    let source = Source::start().await;
    source.set("/page", "200 OK", &["content-type: text/html"], b"<main>Please sign in</main>");
    let report = refresh(&mut client, &source.fetcher(), 30, 10).await.expect("refreshed");
    assert_eq!((report.gone, report.failed.len()), (1, 1), "{report}");
    assert!(report.failed[0].1.contains("too little text"), "{report}");
    assert_eq!(versions(&client, PAGE).await, [(1, true, OLD_TEXT.to_owned())]);
    let sql = "SELECT metadata ? 'gone_at' FROM navigator.regulatory_documents WHERE source_url = $1";
    assert!(client.query_one(sql, &[&gone]).await.expect("a row").get::<_, bool>(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_booklet_is_noted_for_all_its_pages_and_its_text_is_kept() {
    let mut client = database_with(&[row(BOOKLET, 1, OLD_TEXT), row(BOOKLET, 2, "The second page of it.")]).await;
    let source = Source::start().await;
    let set = |body: &[u8]| source.set("/booklet.pdf", "200 OK", &["content-type: application/pdf"], body);
    set(b"%PDF one");
    let report = refresh(&mut client, &source.fetcher(), 30, 10).await.expect("refreshed");
    assert_eq!(report.unchanged, 1, "the first look only remembers: {report}");
    assert_eq!(source.requests().len(), 1, "one request for all pages");
    client.batch_execute("UPDATE navigator.regulatory_documents SET fetched_at = '2020-01-01'").await.expect("aged");
    set(b"%PDF two");
    let report = refresh(&mut client, &source.fetcher(), 30, 10).await.expect("refreshed");
    assert_eq!(report.noted, 1, "{report}");
    let sql =
        "SELECT count(*) FROM navigator.regulatory_documents WHERE metadata ? 'changed_at' AND superseded_at IS NULL";
    assert_eq!(client.query_one(sql, &[]).await.expect("a count").get::<_, i64>(0), 2);
    assert_eq!(versions(&client, BOOKLET).await.len(), 2, "no new version without a text");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_that_leads_into_a_private_network_is_refused_before_anything_is_sent() {
    let source = Source::start().await;
    source.set("/page", "200 OK", &["content-type: text/plain"], b"secret");
    let private = source.address();
    let mapped = format!("[::ffff:127.0.0.1]:{}", private.port()).parse().expect("an address");
    let public = "23.22.13.113:443".parse().expect("an address");
    for addresses in
        [vec![private], vec![mapped], vec![public, private], vec!["169.254.169.254:80".parse().expect("an address")]]
    {
        let fetcher = Fetcher::with_rules(Fixed(addresses.clone()), fetch::public, source.root());
        let error = fetcher.look(PAGE, &Validators::default()).await.expect_err("refused");
        assert!(matches!(error, FetchError::Refused(Refusal::Address(_))), "{addresses:?}: {error}");
    }
    let nowhere = Fetcher::with_rules(Fixed(Vec::new()), fetch::public, source.root());
    assert!(matches!(nowhere.look(PAGE, &Validators::default()).await, Err(FetchError::Resolve(_))));
    assert!(source.requests().is_empty(), "nothing reached the server");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redirect_stays_on_the_list_and_ends() {
    let source = Source::start().await;
    let fetcher = source.fetcher();
    let look = |path: &str| {
        let url = format!("https://www.medicare.gov{path}");
        let fetcher = &fetcher;
        async move { fetcher.look(&url, &Validators::default()).await }
    };
    source.set("/moved", "301 Moved Permanently", &["location: https://www.cms.gov/page"], b"");
    source.set(
        "/page",
        "200 OK",
        &["content-type: text/plain", "last-modified: Mon, 01 Jun 2026 00:00:00 GMT"],
        b"here",
    );
    let Ok(Fetched::Body(body)) = look("/moved").await else { panic!("a body") };
    assert_eq!((body.bytes.as_slice(), body.validators.last_modified.is_some()), (&b"here"[..], true));
    for location in [
        "https://evil.example/",
        "http://www.medicare.gov/page",
        "https://127.0.0.1/",
        "//[::1]/",
        "https://www.medicare.gov:8443/",
    ] {
        source.set("/away", "302 Found", &[&format!("location: {location}")], b"");
        let error = look("/away").await.expect_err(location);
        assert!(matches!(error, FetchError::Refused(_)), "{location}: {error}");
    }
    source.set("/round", "307 Temporary Redirect", &["location: /round"], b"");
    assert!(matches!(look("/round").await, Err(FetchError::Refused(Refusal::Redirects))));
    source.set("/nowhere", "302 Found", &[], b"");
    assert!(matches!(look("/nowhere").await, Err(FetchError::NoLocation)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_an_error_and_a_foreign_certificate_are_refused() {
    let source = Source::start().await;
    let fetcher = source.fetcher();
    let long = vec![b'x'; fetch::MAX_BODY_BYTES + 1];
    source.set("/announced", "200 OK", &["content-type: text/plain", "content-length: 99999999"], b"x");
    source.set("/long", "200 OK", &["content-type: text/plain"], &long);
    source.set("/broken", "500 Internal Server Error", &[], b"");
    for (path, is_expected) in [
        ("/announced", (|error| matches!(error, FetchError::TooLarge)) as fn(FetchError) -> bool),
        ("/long", |error| matches!(error, FetchError::TooLarge)),
        ("/broken", |error| matches!(error, FetchError::Status(status) if status.as_u16() == 500)),
    ] {
        let url = format!("https://www.medicare.gov{path}");
        assert!(is_expected(fetcher.look(&url, &Validators::default()).await.expect_err(path)), "{path}");
    }
    let other = Source::start().await;
    source.set("/page", "200 OK", &["content-type: text/plain"], b"here");
    let stranger = Fetcher::with_rules(Fixed(vec![source.address()]), Ok, other.root());
    assert!(matches!(stranger.look(PAGE, &Validators::default()).await, Err(FetchError::Http(_))));
}
