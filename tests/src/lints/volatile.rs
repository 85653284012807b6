//! Volatile functions in conditions of SQL: `WHERE at < clock_timestamp()` reads the whole table, because what may change from
//! row to row is no bound for an index. Values are taken once, into a variable.

use std::collections::BTreeSet;

/// The names of functions that may not be called in a condition: those of `pg_catalog`, and those of our own schema.
#[derive(Clone, Debug, Default)]
pub struct Volatile {
    /// Called as `f(…)` or `pg_catalog.f(…)`.
    pub builtin: BTreeSet<String>,
    /// Called as `navigator.f(…)`.
    pub own: BTreeSet<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A word in small letters.
    Word(String),
    Mark(char),
}

/// What stands in one pair of brackets.
struct Level {
    in_condition: bool,
    is_fresh: bool,
}

/// Words after which a condition is over, at the level where it began.
const ENDS: [&str; 22] = [
    "cross",
    "do",
    "except",
    "fetch",
    "for",
    "full",
    "group",
    "inner",
    "intersect",
    "join",
    "left",
    "limit",
    "loop",
    "offset",
    "order",
    "returning",
    "right",
    "select",
    "set",
    "union",
    "values",
    "window",
];
/// With a bracket behind them these are functions.
const ALSO_FUNCTIONS: [&str; 2] = ["left", "right"];

impl Volatile {
    /// The calls in the conditions (WHERE, ON, HAVING) of a function's body or a statement, in their order. A subquery's list of
    /// values is none: it is taken once.
    pub fn in_conditions(&self, source: &str) -> Vec<String> {
        let tokens = tokens(source);
        let word = |at: Option<usize>| match at.and_then(|at| tokens.get(at)) {
            Some(Token::Word(word)) => word.as_str(),
            _ => "",
        };
        let mark = |at: usize| match tokens.get(at) {
            Some(Token::Mark(mark)) => *mark,
            _ => ' ',
        };
        let mut levels = vec![Level { in_condition: false, is_fresh: true }];
        let mut found = Vec::new();
        for (at, token) in tokens.iter().enumerate() {
            let last = levels.len() - 1;
            match token {
                Token::Mark('(') => levels.push(Level { in_condition: levels[last].in_condition, is_fresh: true }),
                Token::Mark(')') if last > 0 => levels.truncate(last),
                Token::Mark(';') => levels[last].in_condition = false,
                Token::Mark(_) => {}
                Token::Word(name) => {
                    let level = &mut levels[last];
                    let was_fresh = std::mem::replace(&mut level.is_fresh, false);
                    let (before, after) = (word(at.checked_sub(1)), word(Some(at + 1)));
                    match name.as_str() {
                        "where" | "having" => level.in_condition = true,
                        "on" => level.in_condition = before != "distinct" && after != "conflict",
                        "with" if was_fresh => level.in_condition = false,
                        _ if ENDS.contains(&name.as_str())
                            && !(ALSO_FUNCTIONS.contains(&name.as_str()) && mark(at + 1) == '(') =>
                        {
                            level.in_condition = false;
                        }
                        _ if level.in_condition && mark(at + 1) == '(' => {
                            let is_own = at > 1 && mark(at - 1) == '.' && word(Some(at - 2)) == "navigator";
                            let names = if is_own { &self.own } else { &self.builtin };
                            if names.contains(name) {
                                found.push(name.clone());
                            }
                        }
                        _ => {}
                    }
                }
            }
        }
        found
    }
}

/// Words and marks, without comments, texts and quoted names.
fn tokens(source: &str) -> Vec<Token> {
    let text: Vec<char> = source.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    let starts = |at: usize, what: &str| what.chars().enumerate().all(|(n, wanted)| text.get(at + n) == Some(&wanted));
    let after = |from: usize, what: &str| {
        (from..text.len()).find(|at| starts(*at, what)).map_or(text.len(), |at| at + what.len())
    };
    while let Some(character) = text.get(at).copied() {
        at = match character {
            '-' if starts(at, "--") => after(at, "\n"),
            '/' if starts(at, "/*") => after(at + 2, "*/"),
            '\'' => after(at + 1, "'"),
            '"' => after(at + 1, "\""),
            letter if letter.is_alphabetic() || letter == '_' => {
                let end = (at..text.len()).find(|at| !(text[*at].is_alphanumeric() || text[*at] == '_'));
                let end = end.unwrap_or(text.len());
                tokens.push(Token::Word(text[at..end].iter().collect::<String>().to_lowercase()));
                end
            }
            space if space.is_whitespace() => at + 1,
            mark => {
                tokens.push(Token::Mark(mark));
                at + 1
            }
        };
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volatile() -> Volatile {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Volatile { builtin: names(&["clock_timestamp", "random", "gen_random_uuid"]), own: names(&["hit"]) }
    }

    #[test]
    fn a_volatile_function_in_a_condition_is_found_wherever_the_condition_stands() {
        for source in [
            "DELETE FROM t WHERE at < clock_timestamp() - interval '1 day';",
            "SELECT 1 FROM a JOIN b ON a.at < clock_timestamp() WHERE true",
            "SELECT 1 FROM a LEFT JOIN b ON a.id = gen_random_uuid()",
            "SELECT a FROM t GROUP BY a HAVING max(b) > random()",
            "IF EXISTS (SELECT FROM t WHERE a = 1 AND (b IS NULL OR c > clock_timestamp())) THEN",
            "SELECT 1 FROM t WHERE left(a, 1) = 'x' AND at IS DISTINCT FROM clock_timestamp()",
            "SELECT 1 FROM t WHERE CASE WHEN a THEN b ELSE at < clock_timestamp() END",
            "SELECT count(*) FILTER (WHERE at < clock_timestamp()) FROM t",
            "UPDATE t SET a = 1 WHERE pg_catalog.random() < 1",
            "SELECT 1 FROM t WHERE navigator.hit(a) IS NULL",
            "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 1 WHERE t.at < CLOCK_TIMESTAMP ( )",
        ] {
            assert_eq!(volatile().in_conditions(source).len(), 1, "{source}");
        }
    }

    #[test]
    fn a_value_that_is_taken_once_is_none() {
        for source in [
            "v_now timestamptz := clock_timestamp(); BEGIN DELETE FROM t WHERE at < v_now; RETURN random(); END",
            "UPDATE t SET at = clock_timestamp() WHERE a = 1 RETURNING random()",
            "INSERT INTO t VALUES (1) ON CONFLICT (a) DO UPDATE SET at = clock_timestamp()",
            "SELECT DISTINCT ON (a) clock_timestamp() FROM t WHERE a = 1 ORDER BY a, random() LIMIT 1",
            "SELECT 1 FROM t WHERE at < (SELECT clock_timestamp())",
            "SELECT 1 FROM t WHERE at < now() AND b > statement_timestamp()",
            "SELECT 1 FROM t WHERE a = 'clock_timestamp()' -- AND at < clock_timestamp()\n AND b = \"random\"",
            "IF clock_timestamp() > v_until THEN",
            "SELECT 1 FROM t WHERE hit(a) IS NULL AND other.hit(a)",
            "SELECT 1 WHERE true UNION SELECT random()",
        ] {
            assert_eq!(volatile().in_conditions(source), Vec::<String>::new(), "{source}");
        }
    }
}
