//! The API's routes as data: for `GET /`, for the methods that a path allows, and for logs, which name patterns and never
//! paths. The contract test holds this table against openapi.yaml, template.yaml and the local host's routes.

use serde::Serialize;

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path's pattern.
    pub path: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
}

/// Every route of the API.
pub const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/", summary: "This list" },
    Route { method: "GET", path: "/health", summary: "Whether the service runs" },
    Route { method: "GET", path: "/health/ready", summary: "Whether the service and its database are ready" },
    Route { method: "POST", path: "/register", summary: "Register, and be logged in" },
    Route { method: "POST", path: "/login", summary: "Log in" },
    Route { method: "POST", path: "/chat/navigator", summary: "Ask a question, be answered" },
    Route {
        method: "GET",
        path: "/conversations/{conversation_id}/history",
        summary: "Read a conversation, newest page first",
    },
    Route { method: "GET", path: "/conversations/{conversation_id}/workflow", summary: "See how far the answer is" },
    Route {
        method: "POST",
        path: "/conversations/{conversation_id}/workflow/cancel",
        summary: "Cancel the question that is being answered",
    },
    Route { method: "GET", path: "/regulatory", summary: "Search the official texts" },
    Route { method: "POST", path: "/regulatory", summary: "Add an official text (role regulatory_agent)" },
    Route { method: "GET", path: "/regulatory/{id}", summary: "Read an official text" },
    Route {
        method: "GET",
        path: "/regulatory/deadlines/{rule}",
        summary: "Count a last day from the dates on a notice",
    },
    Route { method: "GET", path: "/regulatory/deadlines/{rule}/calendar", summary: "The same as a calendar file" },
];

/// The methods that `path` allows, for the Allow header; empty when there is no such path.
pub fn allowed_methods(path: &str) -> String {
    let methods: Vec<&str> =
        ROUTES.iter().filter(|route| match_pattern(route.path, path).is_some()).map(|route| route.method).collect();
    methods.join(", ")
}

/// The pattern of the route that `path` belongs to, whatever the method.
pub(super) fn pattern_of(path: &str) -> Option<&'static str> {
    ROUTES.iter().map(|route| route.path).find(|pattern| match_pattern(pattern, path).is_some())
}

/// The values of the pattern's parameters, still percent-encoded, if `path` fits it.
pub(super) fn match_pattern(pattern: &str, path: &str) -> Option<Vec<(String, String)>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut parameters = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parameters),
            (Some(wanted), Some(given)) => match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                Some(name) if !given.is_empty() => parameters.push((name.to_owned(), given.to_owned())),
                None if wanted == given => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_fits_its_pattern_and_no_other() {
        let pattern = "/conversations/{conversation_id}/history";
        assert_eq!(
            match_pattern(pattern, "/conversations/a%20b/history"),
            Some(vec![("conversation_id".to_owned(), "a%20b".to_owned())])
        );
        for path in
            ["/conversations//history", "/conversations/a", "/conversations/a/b/history", "/conversations/a/history/"]
        {
            assert_eq!(match_pattern(pattern, path), None, "{path}");
        }
    }

    #[test]
    fn a_known_path_names_its_methods() {
        assert_eq!(allowed_methods("/register"), "POST");
        assert_eq!(allowed_methods("/nowhere"), "");
    }
}
