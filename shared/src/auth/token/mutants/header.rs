//! Other algorithms and other headers, each signed with the right key.

use super::*;

pub(super) fn algorithms() -> Vec<Mutant> {
    const OTHERS: [&str; 32] = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        " ",
        "hs256",
        "Hs256",
        "hS256",
        "HS256 ",
        " HS256",
        "HS256\\u0000",
        "HS-256",
        "HS_256",
        "HS2560",
        "HS25",
        "HS384",
        "HS512",
        "RS256",
        "RS512",
        "PS256",
        "ES256",
        "ES512",
        "EdDSA",
        "Ed25519",
        "A256GCMKW",
        "dir",
        "HMACSHA256",
        "sha256",
        "\u{ff28}S256",
        "H\u{405}256",
        "HS256\\u200b",
    ];
    let mut mutants: Vec<Mutant> = OTHERS
        .iter()
        .map(|alg| (format!("alg {alg:?}"), sign(format!(r#"{{"typ":"at+jwt","alg":"{alg}"}}"#), payload())))
        .collect();
    for alg in ["null", "true", "256", "[\"HS256\"]", "{\"HS256\":1}", "[]"] {
        mutants.push((format!("alg {alg}"), sign(format!(r#"{{"typ":"at+jwt","alg":{alg}}}"#), payload())));
    }
    for alg in ["none", "None", ""] {
        let header = base(format!(r#"{{"typ":"at+jwt","alg":"{alg}"}}"#));
        mutants.push((format!("alg {alg} without a signature"), format!("{header}.{}.", base(payload()))));
    }
    for algorithm in [Algorithm::HS384, Algorithm::HS512] {
        let signed = format!("{}.{}", base(HEADER), base(payload()));
        let signature = mac(&signed, KEY.as_bytes(), algorithm);
        mutants.push((format!("alg HS256, signed with {algorithm:?}"), format!("{signed}.{signature}")));
        let header = base(format!(r#"{{"typ":"at+jwt","alg":"{algorithm:?}"}}"#));
        let signed = format!("{header}.{}", base(payload()));
        let signature = mac(&signed, KEY.as_bytes(), algorithm);
        mutants.push((format!("honestly {algorithm:?}"), format!("{signed}.{signature}")));
    }
    mutants
}

pub(super) fn headers() -> Vec<Mutant> {
    const EXTRAS: [&str; 24] = [
        r#""crit":["exp"]"#,
        r#""crit":[]"#,
        r#""jku":"https://example.org/keys""#,
        r#""jwk":{"kty":"oct","k":"AAAA"}"#,
        r#""jwk":null"#,
        r#""x5u":"https://example.org/c""#,
        r#""x5c":["MIIB"]"#,
        r#""x5t":"AAAA""#,
        r##""x5t#S256":"AAAA""##,
        r#""kid":"1""#,
        r#""kid":"../../dev/null""#,
        r#""kid":"' OR 1=1 --""#,
        r#""kid":null"#,
        r#""cty":"JWT""#,
        r#""b64":false"#,
        r#""b64":true"#,
        r#""zip":"DEF""#,
        r#""enc":"A256GCM""#,
        r#""iss":"insurance-navigator""#,
        r#""exp":1"#,
        r#""x":{}"#,
        r#""":"""#,
        r#""Alg":"none""#,
        r#""\u0063rit":["x"]"#,
    ];
    let mut mutants: Vec<Mutant> = EXTRAS
        .iter()
        .map(|extra| {
            (format!("header with {extra}"), sign(format!(r#"{{"typ":"at+jwt","alg":"HS256",{extra}}}"#), payload()))
        })
        .collect();
    for header in [
        r#"{"alg":"HS256"}"#,
        r#"{"typ":"at+jwt"}"#,
        "{}",
        "[]",
        "null",
        "\"HS256\"",
        "",
        "HS256",
        "{",
        "{}{}",
        r#"{"typ":"JWT","alg":"HS256"}"#,
        r#"{"typ":"jwt","alg":"HS256"}"#,
        r#"{"typ":"AT+JWT","alg":"HS256"}"#,
        r#"{"typ":"application/at+jwt","alg":"HS256"}"#,
        r#"{"typ":"at+jwt ","alg":"HS256"}"#,
        r#"{"typ":"at jwt","alg":"HS256"}"#,
        r#"{"typ":"id+jwt","alg":"HS256"}"#,
        r#"{"typ":"logout+jwt","alg":"HS256"}"#,
        r#"{"typ":null,"alg":"HS256"}"#,
        r#"{"typ":["at+jwt"],"alg":"HS256"}"#,
        r#"{"typ":"","alg":"HS256"}"#,
        r#"{"TYP":"at+jwt","alg":"HS256"}"#,
        r#"{"typ":"at+jwt","ALG":"HS256"}"#,
        r#"{"typ":"at+jwt","alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"none","typ":"at+jwt","alg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"at+jwt","alg":"none"}"#,
        r#"{"typ":"at+jwt","alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"typ":"at+jwt","typ":"at+jwt","alg":"HS256"}"#,
        r#"{"typ":"JWT","typ":"at+jwt","alg":"HS256"}"#,
        r#"{"typ":"at+jwt","alg":"HS256"},"#,
        r#"{"typ":"at+jwt","alg":"HS256",}"#,
        r#"{'typ':'at+jwt','alg':'HS256'}"#,
        r#"{"typ":"at+jwt","alg":"HS256"}/**/"#,
        "\u{feff}{\"typ\":\"at+jwt\",\"alg\":\"HS256\"}",
        "{\"typ\":\"at+jwt\",\"alg\":\"HS256\"}\0",
        "{\"typ\":\"at\u{ff0b}jwt\",\"alg\":\"HS256\"}",
        r#"[{"typ":"at+jwt","alg":"HS256"}]"#,
    ] {
        mutants.push((format!("header {header:?}"), sign(header, payload())));
    }
    mutants.push(("header not UTF-8".to_owned(), sign(b"{\"typ\":\"at+jwt\",\"alg\":\"HS256\xff\"}", payload())));
    let wide: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    mutants.push(("header in UTF-16".to_owned(), sign(wide, payload())));
    mutants
}
