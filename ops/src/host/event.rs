//! API Gateway's HTTP API events, payload format version 2.0, and a function's answer back to HTTP.

use axum::body::{Body, Bytes};
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
    for name in headers.keys() {
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

/// The HTTP response for a function's answer; `None` when it is not one.
pub(super) fn to_response(answer: &Value) -> Option<Response<Body>> {
    let status = StatusCode::from_u16(u16::try_from(answer.get("statusCode")?.as_u64()?).ok()?).ok()?;
    let text = answer.get("body").and_then(Value::as_str).unwrap_or_default();
    let is_base64 = answer.get("isBase64Encoded").and_then(Value::as_bool).unwrap_or_default();
    let body = if is_base64 { STANDARD.decode(text).ok()? } else { text.as_bytes().to_vec() };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        insert(response.headers_mut(), name, value.as_str()?)?;
    }
    for (name, values) in answer.get("multiValueHeaders").and_then(Value::as_object).into_iter().flatten() {
        for value in values.as_array().into_iter().flatten() {
            insert(response.headers_mut(), name, value.as_str()?)?;
        }
    }
    for cookie in answer.get("cookies").and_then(Value::as_array).into_iter().flatten() {
        response.headers_mut().append("set-cookie", HeaderValue::from_str(cookie.as_str()?).ok()?);
    }
    Some(response)
}

fn insert(headers: &mut HeaderMap, name: &str, value: &str) -> Option<()> {
    headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::from_str(value).ok()?);
    Some(())
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
        let uri: Uri = "/x?limit=5&limit=6&q=a%20b".parse().expect("a URI");
        let event = of_request(&Method::POST, &uri, &headers, &Bytes::from_static(b"{}"), &target(), "127.0.0.1");
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["headers"]["x-a"], "1,2");
        assert_eq!(event["queryStringParameters"], json!({"limit": "5,6", "q": "a b"}));
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
}
