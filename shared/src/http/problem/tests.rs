use super::*;

#[test]
fn codes_are_unique_and_every_status_is_an_error() {
    let mut seen: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    seen.sort_unstable();
    let all = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), all);
    assert!(Code::ALL.iter().all(|code| code.status().is_client_error() || code.status().is_server_error()));
}

#[test]
fn a_database_error_tells_the_client_nothing_of_the_database() {
    let error = DbError::new(Class::Bug, "history_page", "column \"secret\" of relation \"users\"");
    let problem = Problem::from(error);
    assert_eq!(problem.code(), Code::InternalError);
    assert!(!format!("{problem:?}").contains("users"), "{problem:?}");
}
