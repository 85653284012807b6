//! Other claims, each signed with the right key.

use super::*;

const NAMES: [&str; 8] = ["iss", "aud", "sub", "sid", "jti", "iat", "exp", "app_roles"];

pub(super) fn missing_or_of_another_type() -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for name in NAMES {
        let mut changed = claims();
        let right = changed.remove(name).expect("a claim");
        mutants.push((format!("without {name}"), sign(HEADER, Value::Object(changed.clone()).to_string())));
        changed.insert(name.to_uppercase(), right.clone());
        mutants.push((format!("{name} in capitals"), sign(HEADER, Value::Object(changed).to_string())));
        for wrong in [json!(null), json!(true), json!({}), json!([]), json!([right]), json!(-1), json!(1.5), json!("")]
        {
            if wrong == json!([]) && name == "app_roles" {
                continue; // An account without roles is one.
            }
            mutants.push((format!("{name} {wrong}"), with_claim(name, wrong)));
        }
        let twice = payload().replacen('{', &format!("{{\"{name}\":{right},"), 1);
        mutants.push((format!("{name} twice"), sign(HEADER, twice)));
        let other = payload().replacen('{', &format!("{{\"{name}\":null,"), 1);
        mutants.push((format!("{name} twice, one null"), sign(HEADER, other)));
    }
    let escaped = payload().replacen('{', "{\"\\u0073ub\":\"00000000-0000-4000-8000-000000000000\",", 1);
    mutants.push(("sub twice, one escaped".to_owned(), sign(HEADER, escaped)));
    for (name, value) in [
        ("nbf", json!(NOW + 60)),
        ("nbf", json!(NOW)),
        ("cnf", json!({"jkt": "AAAA"})),
        ("role", json!("service_role")),
        ("scope", json!("admin")),
        ("client_id", json!("x")),
        ("act", json!({"sub": USER})),
        ("", json!("")),
    ] {
        mutants.push((format!("with {name:?} {value}"), with_claim(name, value)));
    }
    mutants
}

pub(super) fn texts() -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for name in ["iss", "aud"] {
        let right = claims()[name].as_str().expect("a text").to_owned();
        for wrong in [
            format!("{right} "),
            format!(" {right}"),
            format!("{right}\0"),
            format!("{right}/"),
            format!("{right}\u{200b}"),
            format!("https://{right}"),
            format!("{right},{right}"),
            right.to_uppercase(),
            right[..right.len() - 1].to_owned(),
            // A Cyrillic letter that looks like the Latin one; a dash that looks like the hyphen.
            right.replacen('a', "\u{430}", 1),
            right.replacen('-', "\u{2010}", 1),
            "*".to_owned(),
        ] {
            mutants.push((format!("{name} {wrong:?}"), with_claim(name, json!(wrong))));
        }
        mutants.push((format!("{name} one of two"), with_claim(name, json!([right, "other"]))));
        mutants.push((format!("{name} an object"), with_claim(name, json!({ "value": right }))));
    }
    mutants.push(("iss is aud".to_owned(), with_claim("iss", json!("insurance-navigator-api"))));
    mutants.push(("aud is iss".to_owned(), with_claim("aud", json!("insurance-navigator"))));
    for name in ["sub", "sid", "jti"] {
        for wrong in [
            "me",
            "1",
            "0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B",
            "0190a1b2c3d47e5f8a9b0c1d2e3f4a5b",
            "{0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b}",
            "urn:uuid:0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5bb",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5g",
            " 0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\n",
            "0190\u{430}1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b",
            "' OR '1'='1",
        ] {
            mutants.push((format!("{name} {wrong:?}"), with_claim(name, json!(wrong))));
        }
    }
    for wrong in
        [json!("user"), json!([1]), json!([null]), json!([["admin"]]), json!({"user": true}), json!("[\"user\"]")]
    {
        mutants.push((format!("app_roles {wrong}"), with_claim("app_roles", wrong)));
    }
    mutants
}

pub(super) fn times() -> Vec<Mutant> {
    let mut mutants = Vec::new();
    for (name, iat, exp) in [
        ("expired with its leeway", NOW - 1_805, NOW - 5),
        ("expired a minute ago", NOW - 1_860, NOW - 60),
        ("expired in 1970", 0, 1_800),
        ("of the future", NOW + 6, NOW + 1_806),
        ("of the far future", NOW + 1_000_000_000, NOW + 1_000_001_800),
        ("expires before it begins", NOW, NOW - 1),
        ("valid for longer than any", NOW, NOW + 3_601),
        ("valid for a year", NOW, NOW + 31_536_000),
        ("issued in 1970", 0, NOW + 1_800),
        ("in milliseconds", NOW * 1_000, NOW * 1_000 + 1_800_000),
        ("expires at the end of time", NOW, i64::MAX),
        ("all at the end of time", i64::MAX - 1, i64::MAX),
    ] {
        let mut changed = claims();
        changed.insert("iat".to_owned(), json!(iat));
        changed.insert("exp".to_owned(), json!(exp));
        mutants.push((name.to_owned(), sign(HEADER, Value::Object(changed).to_string())));
    }
    // Not every one of these texts is a JSON value.
    for (name, right) in [("iat", NOW), ("exp", NOW + 1_800)] {
        for wrong in [
            format!("\"{right}\""),
            format!("{right}.0"),
            format!("{right}.5"),
            format!("{right}e0"),
            format!("-{right}"),
            format!("+{right}"),
            format!("0{right}"),
            format!("0x{right:x}"),
            format!("{right}000000000000"),
            "18446744073709551615".to_owned(),
            "18446744073709551616".to_owned(),
            "1e308".to_owned(),
            "1e309".to_owned(),
            "NaN".to_owned(),
            "Infinity".to_owned(),
            "-Infinity".to_owned(),
            "\"2026-03-01T12:30:00Z\"".to_owned(),
            "\"never\"".to_owned(),
            "undefined".to_owned(),
            "-0".to_owned(),
        ] {
            let changed = payload().replace(&format!("\"{name}\":{right}"), &format!("\"{name}\":{wrong}"));
            mutants.push((format!("{name} written {wrong}"), sign(HEADER, changed)));
        }
    }
    mutants
}

pub(super) fn payloads() -> Vec<Mutant> {
    let right = payload();
    let wide: Vec<u8> = right.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut mutants = vec![
        ("payload with a byte order mark".to_owned(), sign(HEADER, format!("\u{feff}{right}"))),
        ("payload with a NUL behind".to_owned(), sign(HEADER, format!("{right}\0"))),
        ("payload with text behind".to_owned(), sign(HEADER, format!("{right} x"))),
        ("payload twice".to_owned(), sign(HEADER, format!("{right}{right}"))),
        ("payload in an array".to_owned(), sign(HEADER, format!("[{right}]"))),
        ("payload as a JSON text".to_owned(), sign(HEADER, Value::String(right.clone()).to_string())),
        ("payload cut".to_owned(), sign(HEADER, &right[..right.len() - 1])),
        ("payload with a comma at its end".to_owned(), sign(HEADER, format!("{},}}", &right[..right.len() - 1]))),
        ("payload in UTF-16".to_owned(), sign(HEADER, wide)),
        (
            "payload not UTF-8".to_owned(),
            sign(HEADER, right.bytes().map(|byte| if byte == b'u' { 0xff } else { byte }).collect::<Vec<_>>()),
        ),
        ("payload with a lone surrogate".to_owned(), sign(HEADER, right.replace("[\"user\"]", "[\"\\ud800\"]"))),
        ("payload too deep".to_owned(), sign(HEADER, format!("{}{right}{}", "[".repeat(200), "]".repeat(200)))),
        ("claims in an object".to_owned(), sign(HEADER, format!("{{\"claims\":{right}}}"))),
        ("too long by its roles".to_owned(), with_claim("app_roles", json!(["x".repeat(4_000)]))),
    ];
    for text in ["{}", "null", "[]", "0", "\"\"", "\0"] {
        mutants.push((format!("payload {text:?}"), sign(HEADER, text)));
    }
    let nested = sign(HEADER, &right);
    mutants.push(("a token in a token".to_owned(), sign(HEADER, &nested)));
    mutants.push((
        "a token in a token, said so".to_owned(),
        sign(r#"{"alg":"HS256","cty":"JWT","typ":"at+jwt"}"#, &nested),
    ));
    mutants
}
