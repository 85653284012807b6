//! The public Wycheproof vectors for JSON Web Signature (C2SP/wycheproof, `json_web_signature_test.json`), held against
//! `shared::auth::jws`. The file is not part of this repository.
//!
//! Invariant: every vector gets a verdict and none is left out; a vector whose verdict in the file cannot be right is known
//! by its content, so that a corrected file is noticed.

use std::fmt;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use shared::auth::jws::{VerifyingKey, verify};

/// The environment variable that names the file for the suite.
pub const FILE: &str = "NAVIGATOR_WYCHEPROOF";

/// A vector whose verdict in the file cannot be right.
struct Defect {
    id: u32,
    comment: &'static str,
    /// SHA-256 of the text, hexadecimal.
    sha256: &'static str,
    /// What the file says.
    says: Verdict,
    reason: &'static str,
}

const SAME_AS_357: &str = "byte for byte the text of the valid vector 357: the padding it is about is not in it";
const NOT_BASE64URL: &str = "has a question mark in a part, which is no character of base64url (RFC 7515, section 5.2, steps 2 \
                             and 6: reject), and its signature is not over the text as it stands";

const DEFECTS: [Defect; 4] = [
    Defect {
        id: 367,
        comment: "invalidBase64Padding",
        sha256: "2f3785868159e2bd3efd39767356c8bf0a93e4aa72cb212663fa18f8e2c84822",
        says: Verdict::Invalid,
        reason: SAME_AS_357,
    },
    Defect {
        id: 370,
        comment: "invalidBase64PaddingInPayload",
        sha256: "2f3785868159e2bd3efd39767356c8bf0a93e4aa72cb212663fa18f8e2c84822",
        says: Verdict::Invalid,
        reason: SAME_AS_357,
    },
    Defect {
        id: 372,
        comment: "InvalidCharacterInsertedInHeader",
        sha256: "bcce8c1719097fbd08e97ee798f62c912d41370ad8b6821d34eaf2e848f72e9b",
        says: Verdict::Valid,
        reason: NOT_BASE64URL,
    },
    Defect {
        id: 373,
        comment: "InvalidCharacterInsertedInPayload",
        sha256: "5b6a7c9f120925f07c110307f2ecdb933484c6fdeed2c1874afecd0d3ad4c290",
        says: Verdict::Valid,
        reason: NOT_BASE64URL,
    },
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    number_of_tests: usize,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    private: Option<Jwk>,
    tests: Vec<Vector>,
}

/// A key; `k` is there for the symmetric ones.
#[derive(Deserialize)]
struct Jwk {
    alg: Option<String>,
    k: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Vector {
    tc_id: u32,
    comment: String,
    jws: String,
    result: Verdict,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Valid,
    Invalid,
}

impl Verdict {
    fn opposite(self) -> Self {
        match self {
            Self::Valid => Self::Invalid,
            Self::Invalid => Self::Valid,
        }
    }
}

/// What was decided, and what was decided otherwise than it should be.
#[derive(Default)]
pub struct Report {
    /// Vectors of HS256 groups, decided as the file says.
    pub decided: usize,
    /// Vectors of other groups, refused.
    pub refused: usize,
    /// Vectors whose verdict in the file cannot be right, decided as it has to be.
    pub defective: Vec<String>,
    /// What is wrong; empty when all is well.
    pub deviations: Vec<String>,
}

impl Report {
    /// Decides every vector of the file.
    ///
    /// # Errors
    /// A text for the reader when the file is not what it should be.
    pub fn of(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file: File = serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
        Self::decide(&file)
    }

    fn decide(file: &File) -> Result<Self, String> {
        let mut keys = Vec::new();
        for group in &file.test_groups {
            keys.push(group.key()?);
        }
        // A token of another algorithm has no key of ours; it is tried with every one there is.
        let every: Vec<VerifyingKey> = keys.iter().flatten().cloned().collect();
        let mut report = Self::default();
        for (group, key) in file.test_groups.iter().zip(&keys) {
            for vector in &group.tests {
                match key {
                    Some(key) => report.hs256(vector, key),
                    None => report.foreign(vector, &every),
                }
            }
        }
        report.check_whole(file);
        Ok(report)
    }

    fn hs256(&mut self, vector: &Vector, key: &VerifyingKey) {
        let defect = DEFECTS.iter().find(|defect| defect.is(vector));
        let right = if defect.is_some() { vector.result.opposite() } else { vector.result };
        let verdict = judge(vector, std::slice::from_ref(key));
        match defect {
            _ if verdict != right => self.deviations.push(format!("{vector}: {verdict:?} instead of {right:?}")),
            None => self.decided += 1,
            Some(defect) => {
                self.defective.push(format!("{vector} is {right:?}, not {:?}: {}", vector.result, defect.reason));
            }
        }
    }

    fn foreign(&mut self, vector: &Vector, keys: &[VerifyingKey]) {
        match judge(vector, keys) {
            Verdict::Invalid => self.refused += 1,
            Verdict::Valid => self.deviations.push(format!("{vector}: accepted, and it is not of HS256")),
        }
    }

    fn check_whole(&mut self, file: &File) {
        let vectors: Vec<&Vector> = file.test_groups.iter().flat_map(|group| &group.tests).collect();
        if vectors.len() != file.number_of_tests || self.decided == 0 || self.refused == 0 {
            self.deviations.push(format!("{} vectors, {} announced", vectors.len(), file.number_of_tests));
        }
        for defect in &DEFECTS {
            if !vectors.iter().any(|vector| defect.is(vector)) {
                let Defect { id, comment, .. } = defect;
                self.deviations.push(format!("{id} {comment}: no longer the defective vector that was known"));
            }
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} vectors of HS256 decided as the file says", self.decided)?;
        writeln!(f, "{} vectors of other algorithms refused", self.refused)?;
        writeln!(f, "{} vectors whose verdict cannot be right:", self.defective.len())?;
        self.defective.iter().try_for_each(|line| writeln!(f, "  {line}"))?;
        writeln!(f, "{} deviations", self.deviations.len())?;
        self.deviations.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl Defect {
    fn is(&self, vector: &Vector) -> bool {
        let sha256: String = Sha256::digest(&vector.jws).iter().map(|byte| format!("{byte:02x}")).collect();
        (self.id, self.comment, self.sha256, self.says) == (vector.tc_id, &vector.comment, &sha256, vector.result)
    }
}

impl Group {
    /// The key of a group of HS256; none for the others.
    fn key(&self) -> Result<Option<VerifyingKey>, String> {
        let Some(jwk) = self.private.as_ref().filter(|jwk| jwk.alg.as_deref() == Some("HS256")) else {
            return Ok(None);
        };
        let text = jwk.k.as_ref().ok_or("a key of HS256 without k")?;
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|error| format!("a key of HS256: {error}"))?;
        Ok(Some(VerifyingKey::new(&bytes)))
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tc_id, self.comment)
    }
}

fn judge(vector: &Vector, keys: &[VerifyingKey]) -> Verdict {
    if verify(&vector.jws, keys).is_ok() { Verdict::Valid } else { Verdict::Invalid }
}
