//! The deadline calculator over the wire: counted days, calendar files, and what cannot be counted.

use tests::client::Answer;
use tests::product::product;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_last_day_is_counted_and_put_into_a_calendar() {
    let product = product().await;
    let person = product.api.person().await;
    let get = async |path: &str| -> Answer {
        product.api.get(&format!("/regulatory/deadlines/{path}")).token(&person.token).send().await
    };

    let day = get("ma-l1-file?dated=2026-10-02&plan=medicare_advantage").await.expect(200).json;
    // 65 days: 29 of October, 30 of November, 6 of December, a Sunday.
    assert_eq!((day["last_day"].as_str(), day["safe_day"].as_str()), (Some("2026-12-06"), Some("2026-12-04")));
    assert!(day["how"].as_str().is_some_and(|how| how.contains("65 days")), "{day}");
    let printed = get("ma-l1-file?dated=2026-10-02&printed=2026-12-11").await.expect(200).json;
    assert_eq!(printed["last_day"], "2026-12-11", "what the notice prints wins");
    let passed = get("ma-l1-file?dated=2020-01-02&lang=es").await.expect(200).json;
    assert_eq!((&passed["has_passed"], &passed["last_day"]), (&true.into(), &"2020-03-07".into()));
    assert!(passed["what_now"].as_str().is_some_and(|now| now.contains("razón")), "{passed}");
    let window = get("iep?printed=2027-06-30").await.expect(200).json;
    assert_eq!(window["last_day"], "2027-06-30", "{window}");
    let encoded = get("ma%2Dl1%2dfile?dated=2026-10-02&plan=medicare_advantage").await.expect(200).json;
    assert_eq!(encoded, day, "percent-encoding changes nothing (RFC 3986, 6.2.2.2)");

    let file = get("ma-l1-file/calendar?dated=2026-10-02&lang=es").await.expect(200);
    assert_eq!(file.headers["content-type"], "text/calendar; charset=utf-8");
    assert_eq!(file.headers["content-disposition"], "attachment; filename=\"ma-l1-file.ics\"");
    assert!(file.text.contains("DTSTART;VALUE=DATE:20261204\r\n"), "{}", file.text);
    assert!(file.text.split_inclusive("\r\n").all(|line| line.len() <= 77 && line.ends_with("\r\n")), "{}", file.text);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_counted_is_told_with_what_to_give() {
    let product = product().await;
    let person = product.api.person().await;
    for (path, status, told) in [
        ("no-such-rule?dated=2026-10-02", 404, "rule_not_found"),
        ("..%2f..%2fetc?dated=2026-10-02", 404, "rule_not_found"),
        ("ma-l1-file", 422, "\"pointer\":\"?dated\""),
        ("om-l3-amount?dated=2026-10-02", 422, "names an amount"),
        ("iep", 422, "\"pointer\":\"?printed\""),
        ("ma-l1-file?dated=2026-02-29", 422, "must be a date of the calendar"),
        ("ma-l1-file?dated=+262142-12-31", 422, "must be a date of the calendar"),
        ("ma-l1-file?dated=9999-12-31", 422, "must be a date of the calendar"),
        ("ma-l1-file?dated=2026-10-02&plan=tricare", 422, "original_medicare"),
        ("ma-l1-file?dated=2026-10-02&lang=fr", 422, "en or es"),
        ("ma-l1-file?dated=2026-10-02&dated=2026-10-03", 422, "more than once"),
        ("ma-l1-file?date=2026-10-02", 422, "is not a parameter"),
    ] {
        for path in [path.to_owned(), path.replace('?', "/calendar?")] {
            let call = product.api.get(&format!("/regulatory/deadlines/{path}")).token(&person.token);
            let answer = call.send_unjudged().await;
            assert_eq!(answer.status, status, "{path}: {}", answer.text);
            assert!(answer.text.contains(told), "{path}: {}", answer.text);
        }
    }
    product.api.get("/regulatory/deadlines/ma-l1-file?dated=2026-10-02").send().await.expect(401);
}
