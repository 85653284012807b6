//! The least function that lambda_http makes.

use lambda_http::{Body, Error, Response, service_fn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    lambda_http::run(service_fn(|_| async { Ok::<_, Error>(Response::new(Body::from("hello"))) })).await
}
