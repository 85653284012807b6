//! From method and path to a handler: a function serves one resource, so the table is short.

use std::future::Future;
use std::pin::Pin;

use lambda_http::http::Method;

use super::problem::{Code, Problem};
use super::reply::Reply;
use super::request::Request;
use super::routes::{Access, Role, allowed_methods, match_pattern, route_of};
use crate::app::App;

type Answer = Pin<Box<dyn Future<Output = Result<Reply, Problem>> + Send>>;
type Handler = Box<dyn Fn(App, Request) -> Answer + Send + Sync>;

/// A function's handlers.
#[derive(Default)]
pub struct Router {
    handlers: Vec<(Method, &'static str, Handler)>,
}

impl Router {
    /// No handlers yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers `GET pattern`.
    #[must_use]
    pub fn get<F>(self, pattern: &'static str, handler: impl Fn(App, Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.on(Method::GET, pattern, handler)
    }

    /// Answers `POST pattern`.
    #[must_use]
    pub fn post<F>(self, pattern: &'static str, handler: impl Fn(App, Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.on(Method::POST, pattern, handler)
    }

    /// Answers `PATCH pattern`.
    #[must_use]
    pub fn patch<F>(self, pattern: &'static str, handler: impl Fn(App, Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.on(Method::PATCH, pattern, handler)
    }

    /// Answers `DELETE pattern`.
    #[must_use]
    pub fn delete<F>(self, pattern: &'static str, handler: impl Fn(App, Request) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.on(Method::DELETE, pattern, handler)
    }

    fn on<F>(
        mut self,
        method: Method,
        pattern: &'static str,
        handler: impl Fn(App, Request) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Reply, Problem>> + Send + 'static,
    {
        self.handlers.push((method, pattern, Box::new(move |app, request| Box::pin(handler(app, request)))));
        self
    }

    /// Calls the handler of the request, when its sender may use the route.
    pub(super) async fn dispatch(&self, app: App, mut request: Request) -> Result<Reply, Problem> {
        for (method, pattern, handler) in &self.handlers {
            if method == request.method()
                && let Some(parameters) = match_pattern(pattern, request.path())
            {
                request.matched(parameters);
                admit(&app, &mut request, pattern)?;
                return handler(app, request).await;
            }
        }
        let allowed = allowed_methods(request.path());
        if allowed.is_empty() {
            return Err(Problem::new(Code::RouteNotFound).detail("GET / lists the routes of this API."));
        }
        let detail = format!("This route has: {allowed}.");
        Err(Problem::new(Code::MethodNotAllowed).detail(detail).allow(&allowed))
    }
}

/// Proves who is asking, and holds their role against the route's. A pattern that is no route is nobody's.
fn admit(app: &App, request: &mut Request, pattern: &str) -> Result<(), Problem> {
    match route_of(request.method().as_str(), pattern).map(|route| route.access) {
        Some(Access::Anyone) => Ok(()),
        Some(Access::Only(Role::User)) => {
            let principal = request.authenticate(app.tokens())?;
            tracing::debug!(user = %principal.user, "let in");
            let is_user = principal.roles.iter().any(|role| role == Role::User.as_str());
            is_user.then_some(()).ok_or_else(|| Problem::new(Code::Forbidden).detail("This is for the role user."))
        }
        // What the token says of a privileged role is half an hour old: the transaction decides, with the role from here.
        Some(Access::Only(role)) => {
            let principal = request.authenticate(app.tokens())?;
            tracing::debug!(user = %principal.user, role = role.as_str(), "let in, as far as the token goes");
            request.restricted_to(role);
            Ok(())
        }
        None => Err(Problem::new(Code::Forbidden)),
    }
}
