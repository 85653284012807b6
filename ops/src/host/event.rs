//! API Gateway's HTTP API events, payload format version 2.0, and a function's answer back to HTTP.

use axum::body::{Body, Bytes};
use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::Utc;
use serde_json::{Map, Value, json};

use super::routes::Target;

/// The event for a request.
pub(super) fn of_request(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
    target: &Target,
    source_ip: &str,
) -> Value {
    let mut joined = Map::new();
    // Cookies have a field of their own and are no header any more.
    for name in headers.keys().filter(|name| *name != COOKIE) {
        let values: Vec<String> =
            headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
        joined.insert(name.as_str().to_owned(), Value::String(values.join(",")));
    }
    let query = uri.query().unwrap_or_default();
    let mut query_parameters = Map::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let joined = match query_parameters.get(name.as_ref()).and_then(Value::as_str) {
            Some(earlier) => format!("{earlier},{value}"),
            None => value.into_owned(),
        };
        query_parameters.insert(name.into_owned(), Value::String(joined));
    }
    let now = Utc::now();
    let mut event = json!({
        "version": "2.0",
        "routeKey": target.route_key,
        "rawPath": uri.path(),
        "rawQueryString": query,
        "headers": joined,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "127.0.0.1",
            "domainPrefix": "127",
            "http": {
                "method": method.as_str(),
                "path": uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": headers.get("user-agent").and_then(|value| value.to_str().ok()).unwrap_or_default(),
            },
            "requestId": uuid::Uuid::new_v4().to_string(),
            "routeKey": target.route_key,
            "stage": "$default",
            "time": now.format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.timestamp_millis(),
        },
        "isBase64Encoded": false,
    });
    let cookies = cookies(headers);
    if !cookies.is_empty() {
        event["cookies"] = Value::from(cookies);
    }
    if !query_parameters.is_empty() {
        event["queryStringParameters"] = Value::Object(query_parameters);
    }
    if !target.parameters.is_empty() {
        event["pathParameters"] = json!(target.parameters);
    }
    if !body.is_empty() {
        match std::str::from_utf8(body) {
            Ok(text) => event["body"] = Value::from(text),
            Err(_) => {
                event["body"] = Value::from(STANDARD.encode(body));
                event["isBase64Encoded"] = Value::from(true);
            }
        }
    }
    event
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(COOKIE).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let cookies = lines.flat_map(|line| line.split(';').map(|cookie| cookie.trim().to_owned()).collect::<Vec<_>>());
    cookies.filter(|cookie| !cookie.is_empty()).collect()
}

/// The HTTP response for a function's answer; `None` when it is not one.
pub(super) fn to_response(answer: &Value) -> Option<Response<Body>> {
    let status = StatusCode::from_u16(u16::try_from(answer.get("statusCode")?.as_u64()?).ok()?).ok()?;
    let text = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let is_base64 = answer.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let body = if is_base64 { STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let (name, value) = (HeaderName::try_from(name).ok()?, HeaderValue::from_str(value.as_str()?).ok()?);
        response.headers_mut().insert(name, value);
    }
    // This format has no `multiValueHeaders`: a function that sends them loses them here as it would in production.
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        response.headers_mut().append(SET_COOKIE, HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    Some(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        Target {
            function: "f".to_owned(),
            route_key: "POST /x".to_owned(),
            parameters: [("id".to_owned(), "1".to_owned())].into(),
        }
    }

    #[test]
    fn an_event_has_the_fields_of_payload_format_2() {
        let mut headers = HeaderMap::new();
        headers.append("x-a", HeaderValue::from_static("1"));
        headers.append("x-a", HeaderValue::from_static("2"));
        headers.append("cookie", HeaderValue::from_static("a=1; b=2"));
        headers.append("cookie", HeaderValue::from_static("c=3"));
        let uri: Uri = "/x?limit=5&limit=6&q=a%20b".parse().expect("a URI");
        let event = of_request(&Method::POST, &uri, &headers, &Bytes::from_static(b"{}"), &target(), "127.0.0.1");
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert_eq!(event["queryStringParameters"], json!({"limit": "5,6", "q": "a b"}));
        assert_eq!(event["cookies"], json!(["a=1", "b=2", "c=3"]));
        assert!(event["headers"].get("cookie").is_none());
        assert_eq!(event["rawQueryString"], "limit=5&limit=6&q=a%20b");
        assert_eq!(event["requestContext"]["routeKey"], "POST /x");
        assert_eq!(event["requestContext"]["stage"], "$default");
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(event["requestContext"]["http"]["sourceIp"], "127.0.0.1");
        assert_eq!(event["pathParameters"], json!({"id": "1"}));
        assert_eq!(event["body"], "{}");
    }

    #[test]
    fn a_body_that_is_not_utf8_travels_as_base64() {
        let uri: Uri = "/x".parse().expect("a URI");
        let event =
            of_request(&Method::POST, &uri, &HeaderMap::new(), &Bytes::from_static(&[0xff]), &target(), "127.0.0.1");
        assert_eq!((event["body"].as_str(), event["isBase64Encoded"].as_bool()), (Some("/w=="), Some(true)));
    }

    #[test]
    fn an_answer_without_a_status_is_not_a_response() {
        assert!(to_response(&json!({"body": "x"})).is_none());
        let response =
            to_response(&json!({"statusCode": 201, "headers": {"x-b": "y"}, "body": "x"})).expect("a response");
        assert_eq!((response.status().as_u16(), response.headers()["x-b"].as_bytes()), (201, &b"y"[..]));
    }

    #[test]
    fn an_answer_keeps_each_cookie_and_its_bytes() {
        let answer = json!({"statusCode": 200, "cookies": ["a=1", "b=2"], "body": "/w==", "isBase64Encoded": true});
        let response = to_response(&answer).expect("a response");
        let cookies: Vec<_> = response.headers().get_all(SET_COOKIE).iter().map(HeaderValue::as_bytes).collect();
        assert_eq!(cookies, [b"a=1", b"b=2"]);
        assert!(to_response(&json!({"statusCode": 200, "body": "no base64", "isBase64Encoded": true})).is_none());
        assert!(to_response(&json!({"statusCode": 200, "headers": {"a b": "c"}})).is_none());
    }
}
