//! The API's routes as data: for `GET /`, for the methods that a path allows, and for logs, which name patterns and never
//! paths. The contract test holds this table against openapi.yaml, template.yaml and the local host's routes.

use serde::Serialize;

/// What an account may be, beside its owner's. In the database: `navigator.roles`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Asks questions, and reads their own conversations.
    User,
    /// Adds and corrects official texts.
    RegulatoryAgent,
}

impl Role {
    /// The name in tokens, in the database and in openapi.yaml.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::RegulatoryAgent => "regulatory_agent",
        }
    }
}

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody; no token is looked at.
    Anyone,
    /// Whose session lives and who has this role: [`Role::User`] by the token; every other one by the database, in the transaction
    /// that does what the route is for.
    Only(Role),
}

const USER: Access = Access::Only(Role::User);

/// One route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The HTTP method.
    pub method: &'static str,
    /// The path's pattern.
    pub path: &'static str,
    /// What it does, in a few words.
    pub summary: &'static str,
    /// Who may use it: the source for the check in the router, for `x-roles` in openapi.yaml, and for the tests' matrix.
    #[serde(skip)]
    pub access: Access,
}

const fn route(method: &'static str, path: &'static str, access: Access, summary: &'static str) -> Route {
    Route { method, path, summary, access }
}

/// Every route of the API. What is not in here is not served.
pub const ROUTES: &[Route] = &[
    route("GET", "/", Access::Anyone, "This list"),
    route("GET", "/health", Access::Anyone, "Whether the service runs"),
    route("GET", "/health/ready", Access::Anyone, "Whether the service and its database are ready"),
    route("POST", "/register", Access::Anyone, "Register, and be logged in"),
    route("POST", "/login", Access::Anyone, "Log in"),
    route("POST", "/token/refresh", Access::Anyone, "Exchange a refresh token for new tokens"),
    route("POST", "/logout", USER, "End this session, the others, or all"),
    route("GET", "/me", USER, "Read the own account and its sessions"),
    route("PATCH", "/me", USER, "Change the own name"),
    route("DELETE", "/me", USER, "Delete the own account and everything in it"),
    route("GET", "/me/export", USER, "Take along everything that is stored about oneself"),
    route("POST", "/me/password", USER, "Change the password"),
    route("POST", "/password-reset", Access::Anyone, "Ask for a mail that resets a forgotten password"),
    route("POST", "/password-reset/confirm", Access::Anyone, "Set a new password with the code of that mail"),
    route("POST", "/email-verification", USER, "Ask for a mail that verifies the own address"),
    route("POST", "/email-verification/confirm", Access::Anyone, "Verify an address with the code of that mail"),
    route("POST", "/chat/navigator", USER, "Ask a question, be answered"),
    route("GET", "/conversations", USER, "List the own conversations"),
    route("DELETE", "/conversations/{conversation_id}", USER, "Delete a conversation"),
    route("GET", "/conversations/{conversation_id}/history", USER, "Read a conversation, newest page first"),
    route("GET", "/conversations/{conversation_id}/workflow", USER, "See how far the answer is"),
    route(
        "POST",
        "/conversations/{conversation_id}/workflow/cancel",
        USER,
        "Cancel the question that is being answered",
    ),
    route("GET", "/regulatory", USER, "Search the official texts"),
    route("POST", "/regulatory", Access::Only(Role::RegulatoryAgent), "Add an official text"),
    route("GET", "/regulatory/{id}", USER, "Read an official text"),
    route("GET", "/regulatory/deadlines/{rule}", USER, "Count a last day from the dates on a notice"),
    route("GET", "/regulatory/deadlines/{rule}/calendar", USER, "The same as a calendar file"),
];

/// The route of a pattern and a method.
pub(super) fn route_of(method: &str, pattern: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method && route.path == pattern)
}

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
