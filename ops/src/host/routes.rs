//! The routes, read from the one list that `cargo lambda watch` reads too: the root Cargo.toml.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde::Deserialize;

use crate::{OpsError, Result};

const MANIFEST: &str = include_str!("../../../Cargo.toml");
/// The function behind the HTTP API's `$default` route.
const DEFAULT_FUNCTION: &str = "health";

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The function's name.
    pub function: String,
    /// API Gateway's `routeKey`, for example `GET /health`.
    pub route_key: String,
    /// The path's parameters, decoded.
    pub parameters: BTreeMap<String, String>,
}

/// Every route of the HTTP API.
#[derive(Clone, Debug)]
pub struct RouteTable {
    routes: Vec<(String, String, String)>,
}

#[derive(Deserialize)]
struct Entry {
    method: String,
    function: String,
}

impl RouteTable {
    /// The routes of this workspace, as they were when this was compiled.
    ///
    /// # Errors
    /// When the manifest does not hold the table.
    pub fn of_workspace() -> Result<Self> {
        Self::from_workspace_manifest(MANIFEST)
    }

    /// The routes of a workspace's Cargo.toml.
    ///
    /// # Errors
    /// When the manifest does not hold the table.
    pub fn from_workspace_manifest(text: &str) -> Result<Self> {
        let manifest: toml::Table = text.parse().map_err(|error| OpsError::said(format!("Cargo.toml: {error}")))?;
        let router = ["workspace", "metadata", "lambda", "watch", "router"]
            .iter()
            .try_fold(&toml::Value::Table(manifest), |value, key| value.get(key))
            .cloned()
            .ok_or_else(|| OpsError::said("Cargo.toml holds no [workspace.metadata.lambda.watch.router]"))?;
        let router: BTreeMap<String, Vec<Entry>> =
            router.try_into().map_err(|error| OpsError::said(format!("the router table of Cargo.toml: {error}")))?;
        let mut routes: Vec<_> = router
            .into_iter()
            .flat_map(|(path, entries)| {
                entries.into_iter().map(move |entry| (entry.method, path.clone(), entry.function))
            })
            .collect();
        // The most specific first: from the left, a fixed segment goes before a parameter.
        routes.sort_by_cached_key(|(_, path, _)| path.split('/').map(is_parameter).collect::<Vec<_>>());
        Ok(Self { routes })
    }

    /// Method, path and function of every route.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &str, &str)> {
        self.routes.iter().map(|(method, path, function)| (method.as_str(), path.as_str(), function.as_str()))
    }

    /// Where a request goes; what fits no route goes to `$default`.
    pub fn target(&self, method: &str, path: &str) -> Target {
        self.routes
            .iter()
            .filter(|(wanted, _, _)| wanted == method)
            .find_map(|(method, pattern, function)| {
                let parameters = parameters(pattern, path)?;
                Some(Target { function: function.clone(), route_key: format!("{method} {pattern}"), parameters })
            })
            .unwrap_or_else(|| Target {
                function: DEFAULT_FUNCTION.to_owned(),
                route_key: "$default".to_owned(),
                parameters: BTreeMap::new(),
            })
    }
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn parameters(pattern: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let (wanted, given): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    if wanted.len() != given.len() {
        return None;
    }
    let mut parameters = BTreeMap::new();
    for (wanted, given) in wanted.iter().zip(given) {
        match wanted.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if !given.is_empty() => {
                parameters.insert(name.to_owned(), percent_decode_str(given).decode_utf8_lossy().into_owned());
            }
            None if *wanted == given => {}
            _ => return None,
        }
    }
    Some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_go_where_the_manifest_says() {
        let table = RouteTable::of_workspace().expect("the table");
        let history = table.target("GET", "/conversations/a%20b/history");
        assert_eq!(history.function, "history");
        assert_eq!(history.route_key, "GET /conversations/{conversation_id}/history");
        assert_eq!(history.parameters["conversation_id"], "a b");
        for (method, path) in [("GET", "/register"), ("POST", "/nowhere"), ("GET", "/conversations//history")] {
            assert_eq!(table.target(method, path).route_key, "$default", "{method} {path}");
        }
    }

    #[test]
    fn the_most_specific_route_wins() {
        let table = RouteTable::from_workspace_manifest(
            r#"[workspace.metadata.lambda.watch.router]
            "/{kind}/list" = [{ method = "GET", function = "any_list" }]
            "/items/{id}" = [{ method = "GET", function = "one" }, { method = "DELETE", function = "remove" }]
            "/items/list" = [{ method = "GET", function = "list" }]"#,
        )
        .expect("a table");
        for (method, path, function) in [
            ("GET", "/items/list", "list"),
            ("GET", "/items/7", "one"),
            ("DELETE", "/items/list", "remove"),
            ("GET", "/plans/list", "any_list"),
            ("PUT", "/items/7", DEFAULT_FUNCTION),
        ] {
            assert_eq!(table.target(method, path).function, function, "{method} {path}");
        }
        assert!(RouteTable::from_workspace_manifest("[workspace]").is_err());
    }
}
