//! Other spellings, parts, keys and signatures.

use super::*;

/// The token's three parts.
fn split(valid: &str) -> [String; 3] {
    let parts: Vec<String> = valid.split('.').map(ToOwned::to_owned).collect();
    parts.try_into().expect("three parts")
}

/// With one part changed, the signature as it was.
fn replaced(valid: &str, at: usize, part: &str) -> String {
    let mut parts = split(valid);
    part.clone_into(&mut parts[at]);
    parts.join(".")
}

/// With one part changed, and signed anew unless the part is the signature.
fn resealed(valid: &str, at: usize, part: &str) -> String {
    let mut parts = split(valid);
    part.clone_into(&mut parts[at]);
    let [header, payload, _] = &parts;
    if at == 2 { parts.join(".") } else { seal(header, payload) }
}

pub(super) fn spellings(valid: &str) -> Vec<Mutant> {
    let mut mutants = Vec::new();
    let names = ["header", "payload", "signature"];
    for (at, part) in split(valid).iter().enumerate() {
        let name = names[at];
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
        let middle = part.len() / 2;
        for (kind, text) in [
            ("a padding sign", format!("{part}=")),
            ("two padding signs", format!("{part}==")),
            ("a space before", format!(" {part}")),
            ("a space behind", format!("{part} ")),
            ("a line feed behind", format!("{part}\n")),
            ("a carriage return inside", format!("{}\r\n{}", &part[..middle], &part[middle..])),
            ("a space inside", format!("{} {}", &part[..middle], &part[middle..])),
            ("a tab inside", format!("{}\t{}", &part[..middle], &part[middle..])),
            ("a NUL inside", format!("{}\0{}", &part[..middle], &part[middle..])),
            ("a question mark inside", format!("{}?{}", &part[..middle], &part[middle..])),
            ("a percent sign", format!("%{:02x}{}", part.as_bytes()[0], &part[1..])),
            ("one character more", format!("{part}B")),
            ("four characters more", format!("{part}AAAA")),
            ("one character less", part[..part.len() - 1].to_owned()),
            ("a full-width letter", format!("\u{ff45}{}", &part[1..])),
            ("a zero-width space", format!("{part}\u{200b}")),
        ] {
            mutants.push((format!("{name} with {kind}"), resealed(valid, at, &text)));
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        mutants.push((format!("{name} in hex"), resealed(valid, at, &hex)));
        mutants.push((format!("{name} encoded twice"), resealed(valid, at, &base(part))));
        mutants.push((format!("{name} in plain bytes"), resealed(valid, at, &String::from_utf8_lossy(&bytes))));
        if let Some(spare) = with_spare_bits(part) {
            mutants.push((format!("{name} with spare bits"), resealed(valid, at, &spare)));
        }
    }
    // Each length of a part leaves other spare bits: the header is grown until there are some.
    for blanks in 1..=2 {
        let header = base(format!("{{{}{}", " ".repeat(blanks), &HEADER[1..]));
        if let Some(spare) = with_spare_bits(&header) {
            mutants.push((format!("header with {blanks} blanks and spare bits"), seal(&spare, &base(payload()))));
        }
    }
    // What the other alphabet writes differently: this signature has both characters.
    let odd = (0_u32..).map(|jti| with_claim("jti", json!(Uuid::from_u128(u128::from(jti)).to_string())));
    let odd = odd.take(200).find(|token| split(token)[2].contains('-') && split(token)[2].contains('_'));
    let odd = odd.expect("a signature with both characters");
    let bytes = URL_SAFE_NO_PAD.decode(&split(&odd)[2]).expect("base64url");
    mutants.push(("signature in the other alphabet".to_owned(), replaced(&odd, 2, &STANDARD_NO_PAD.encode(&bytes))));
    mutants.push(("signature in the other alphabet, padded".to_owned(), replaced(&odd, 2, &STANDARD.encode(&bytes))));
    mutants.push(("signature padded".to_owned(), replaced(&odd, 2, &URL_SAFE.encode(&bytes))));
    mutants
}

/// The same bytes in a spelling whose last character has bits that decoders ignore; none when there are no such bits.
fn with_spare_bits(part: &str) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = part.split_at(part.len() - 1);
    let value = ALPHABET.iter().position(|c| *c == last.as_bytes()[0])?;
    (!part.len().is_multiple_of(4)).then(|| format!("{rest}{}", char::from(ALPHABET[value | 1])))
}

pub(super) fn parts(valid: &str) -> Vec<Mutant> {
    let [header, payload, signature] = split(valid);
    let long = "A".repeat(4_096);
    let mutants = [
        ("nothing", String::new()),
        ("a dot", ".".to_owned()),
        ("two dots", "..".to_owned()),
        ("three dots", "...".to_owned()),
        ("header alone", header.clone()),
        ("no signature, no dot", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no payload", format!("{header}..{signature}")),
        ("no payload, signed", seal(&header, "")),
        ("no header", format!(".{payload}.{signature}")),
        ("neither header nor payload, signed", seal("", "")),
        ("signature alone", format!("..{signature}")),
        ("payload and signature", format!("{payload}.{signature}")),
        ("an empty part before", format!(".{valid}")),
        ("an empty part behind", format!("{valid}.")),
        ("two empty parts behind", format!("{valid}..")),
        ("an empty part inside", format!("{header}..{payload}.{signature}")),
        ("a part before", format!("{header}.{valid}")),
        ("a part behind", format!("{valid}.{signature}")),
        ("a fourth part, signed", seal(&format!("{header}.{payload}"), "AAAA")),
        ("five parts", format!("{header}.AAAA.{payload}.AAAA.{signature}")),
        ("the token twice", format!("{valid}{valid}")),
        ("the token twice with a dot", format!("{valid}.{valid}")),
        ("the token twice with a comma", format!("{valid},{valid}")),
        ("header and payload exchanged", format!("{payload}.{header}.{signature}")),
        ("header and payload exchanged, signed", seal(&payload, &header)),
        ("payload and signature exchanged", format!("{header}.{signature}.{payload}")),
        ("backwards", valid.chars().rev().collect()),
        ("other separators", valid.replace('.', ":")),
        ("full stops that are none", valid.replace('.', "\u{ff0e}")),
        ("separators escaped", valid.replace('.', "%2e")),
        ("separators with spaces", valid.replace('.', " . ")),
        ("in capitals", valid.to_uppercase()),
        ("in lower case", valid.to_lowercase()),
        ("with the scheme", format!("Bearer {valid}")),
        ("in quotes", format!("\"{valid}\"")),
        ("in brackets", format!("<{valid}>")),
        ("a space before", format!(" {valid}")),
        ("two lines behind", format!("{valid}\r\n\r\n")),
        ("a tab before", format!("\t{valid}")),
        ("a NUL behind", format!("{valid}\0")),
        ("a byte order mark before", format!("\u{feff}{valid}")),
        ("a soft hyphen behind", format!("{valid}\u{ad}")),
        ("a fragment behind", format!("{valid}#x")),
        ("a query behind", format!("{valid}?x=1")),
        ("a semicolon behind", format!("{valid};")),
        ("4 KiB before", format!("{long}{valid}")),
        ("4 KiB behind", format!("{valid}{long}")),
        ("4 KiB of payload", format!("{header}.{long}.{signature}")),
        ("4 KiB of dots", ".".repeat(4_096)),
        ("a megabyte", "A".repeat(1 << 20)),
    ];
    mutants.map(|(name, text)| (format!("parts: {name}"), text)).to_vec()
}

pub(super) fn keys() -> Vec<Mutant> {
    let signed = format!("{}.{}", base(HEADER), base(payload()));
    let padded = format!("{KEY}=");
    let reversed: String = KEY.chars().rev().collect();
    let joined = format!("{KEY}{PREVIOUS}");
    let keys = [
        ("no key", ""),
        ("secret", "secret"),
        ("the published example", "your-super-secret-jwt-key-minimum-32-characters-long-for-security"),
        ("the key without its last byte", &KEY[..KEY.len() - 1]),
        ("the key without its first byte", &KEY[1..]),
        ("the key with a byte more", &padded),
        ("the key backwards", &reversed),
        ("both keys in one", &joined),
        ("half the key before", &PREVIOUS[..PREVIOUS.len() / 2]),
        ("32 zeros", "00000000000000000000000000000000"),
        ("the issuer", ISSUER),
        ("the header", HEADER),
        ("null", "null"),
        ("undefined", "undefined"),
    ];
    let mut mutants: Vec<Mutant> = keys
        .iter()
        .map(|(name, key)| {
            (format!("key: {name}"), format!("{signed}.{}", mac(&signed, key.as_bytes(), Algorithm::HS256)))
        })
        .collect();
    let capitals = KEY.to_uppercase();
    let spaced = format!("{KEY}\n");
    for (name, key) in [
        ("in capitals", capitals.as_bytes()),
        ("with a line feed", spaced.as_bytes()),
        ("as base64", base(KEY).as_bytes()),
    ] {
        mutants.push((format!("key: {name}"), format!("{signed}.{}", mac(&signed, key, Algorithm::HS256))));
    }
    mutants
}

pub(super) fn signatures(valid: &str) -> Vec<Mutant> {
    let [header, payload, signature] = split(valid);
    let right = URL_SAFE_NO_PAD.decode(&signature).expect("base64url");
    let mut mutants = Vec::new();
    for length in [1, 8, 15, 16, 20, 24, 28, 31] {
        mutants.push((format!("the signature's first {length} bytes"), replaced(valid, 2, &base(&right[..length]))));
    }
    for bit in (0..256).step_by(8) {
        let mut wrong = right.clone();
        wrong[bit / 8] ^= 1 << (bit % 7);
        mutants.push((format!("the signature's byte {} changed", bit / 8), replaced(valid, 2, &base(wrong))));
    }
    let over = |signed: &str| mac(signed, KEY.as_bytes(), Algorithm::HS256);
    let plain = format!("{HEADER}.{}", super::payload());
    for (name, wrong) in [
        ("zeros", base([0; 32])),
        ("ones", base([0xff; 32])),
        ("a byte more", base([&right[..], b"\0"].concat())),
        ("twice", base([&right[..], &right].concat())),
        ("of the header", over(&header)),
        ("of the payload", over(&payload)),
        ("of nothing", over("")),
        ("of a dot", over(".")),
        ("of both without the dot", over(&format!("{header}{payload}"))),
        ("of both with a dot behind", over(&format!("{header}.{payload}."))),
        ("of both exchanged", over(&format!("{payload}.{header}"))),
        ("of the whole token", over(valid)),
        ("of the decoded texts", over(&plain)),
        ("of another token", split(&with_claim("app_roles", json!(["admin"])))[2].clone()),
    ] {
        mutants.push((format!("signature {name}"), replaced(valid, 2, &wrong)));
    }
    let admin = base(super::payload().replace("\"user\"", "\"admin\""));
    mutants.push(("another payload, the signature as it was".to_owned(), replaced(valid, 1, &admin)));
    mutants
}

pub(super) fn other_forms(valid: &str) -> Vec<Mutant> {
    let [header, payload, signature] = split(valid);
    let flat = json!({"protected": header, "payload": payload, "signature": signature});
    let general = json!({"payload": payload, "signatures": [{"protected": header, "signature": signature}]});
    let unprotected = json!({"header": {"alg": "HS256"}, "payload": payload, "signature": signature});
    let texts = [
        ("flattened JSON", flat.to_string()),
        ("general JSON", general.to_string()),
        ("JSON without a protected header", unprotected.to_string()),
        ("flattened JSON in base64url", base(flat.to_string())),
        ("the token in base64url", base(valid)),
        ("the claims alone", super::payload()),
        ("encrypted, by its form", format!("{header}.{payload}.{signature}.{payload}.{signature}")),
        ("PASETO, by its form", format!("v4.local.{payload}")),
        ("a refresh token", "nr1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned()),
        ("null", "null".to_owned()),
        ("undefined", "undefined".to_owned()),
        ("markup", "<script>alert(1)</script>".to_owned()),
        ("a template", "{{token}}".to_owned()),
    ];
    texts.map(|(name, text)| (format!("form: {name}"), text)).to_vec()
}
