//! One look at a source over https. What may be asked is decided by `shared::regulatory::fetch`; here it is done.
//!
//! Invariants: every name is resolved, every address of it checked, and the connection made to a checked address; each
//! redirect goes through the same; body and time are capped; a proxy of the environment is not used.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

use reqwest::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Response, StatusCode, Url};
use shared::regulatory::fetch::{self, MAX_BODY_BYTES, MAX_TIME, Refusal};

/// Where a name's addresses come from.
pub trait Resolver {
    /// The addresses of a host, for https.
    fn resolve(&self, host: &str) -> impl Future<Output = std::io::Result<Vec<SocketAddr>>> + Send;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> std::io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, 443)).await?.collect())
    }
}

/// What the source said when it was last read.
#[derive(Clone, Debug, Default)]
pub struct Validators {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// What a look showed.
#[derive(Clone, Debug)]
pub enum Fetched {
    /// The source says that nothing changed (304).
    Unchanged,
    /// It is no longer there (404, 410).
    Gone,
    /// A body.
    Body(FetchedBody),
}

/// A body with what came along.
#[derive(Clone, Debug)]
pub struct FetchedBody {
    /// The media type without its parameters, in lower case.
    pub media_type: String,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// For the next look.
    pub validators: Validators,
}

/// Why a look failed.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It may not be asked.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// Its name has no address.
    #[error("the host cannot be resolved: {0}")]
    Resolve(#[source] std::io::Error),
    /// The connection or the transfer failed.
    #[error("the source does not answer: {0}")]
    Http(#[from] reqwest::Error),
    /// It answered something else.
    #[error("the source answered with status {0}")]
    Status(StatusCode),
    /// A redirect without an address.
    #[error("the source redirects nowhere")]
    NoLocation,
    /// Over the limit.
    #[error("the source sends more than {MAX_BODY_BYTES} bytes")]
    TooLarge,
    /// Over the limit.
    #[error("the source takes more than {} s", MAX_TIME.as_secs())]
    TooSlow,
}

/// Looks at sources.
pub struct Fetcher<R> {
    resolver: R,
    admits: fn(IpAddr) -> Result<IpAddr, Refusal>,
    root: Option<Certificate>,
}

impl<R: Resolver> Fetcher<R> {
    /// A fetcher that connects to public addresses only and trusts the system's authorities.
    pub fn new(resolver: R) -> Self {
        Self { resolver, admits: fetch::public, root: None }
    }

    /// A fetcher with another rule for addresses and one more authority: for tests against a server on this machine.
    pub fn with_rules(resolver: R, admits: fn(IpAddr) -> Result<IpAddr, Refusal>, root: Certificate) -> Self {
        Self { resolver, admits, root: Some(root) }
    }

    /// One look, redirects included.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn look(&self, url: &str, known: &Validators) -> Result<Fetched, FetchError> {
        let looked = tokio::time::timeout(MAX_TIME, self.follow(url, known)).await;
        looked.unwrap_or(Err(FetchError::TooSlow))
    }

    async fn follow(&self, url: &str, known: &Validators) -> Result<Fetched, FetchError> {
        let begun = Instant::now();
        let mut url = fetch::target(url)?;
        for hops in 0.. {
            let response = self.ask(&url, known, begun).await?;
            let status = response.status();
            if status.is_redirection() && status != StatusCode::NOT_MODIFIED {
                let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                url = fetch::redirect(&url, location.ok_or(FetchError::NoLocation)?, hops)?;
                continue;
            }
            return match status {
                StatusCode::OK => Ok(Fetched::Body(body(response).await?)),
                StatusCode::NOT_MODIFIED => Ok(Fetched::Unchanged),
                StatusCode::NOT_FOUND | StatusCode::GONE => Ok(Fetched::Gone),
                other => Err(FetchError::Status(other)),
            };
        }
        Err(Refusal::Redirects.into())
    }

    async fn ask(&self, url: &Url, known: &Validators, begun: Instant) -> Result<Response, FetchError> {
        let host = url.host_str().ok_or_else(|| Refusal::Host(String::new()))?;
        let addresses = self.resolver.resolve(host).await.map_err(FetchError::Resolve)?;
        if addresses.is_empty() {
            return Err(FetchError::Resolve(std::io::Error::other("no address")));
        }
        for address in &addresses {
            (self.admits)(address.ip())?;
        }
        let mut client = Client::builder()
            .https_only(true)
            .redirect(Policy::none())
            .no_proxy()
            .resolve_to_addrs(host, &addresses)
            .timeout(MAX_TIME.saturating_sub(begun.elapsed()))
            .user_agent(concat!("insurance-navigator/", env!("CARGO_PKG_VERSION")));
        if let Some(root) = &self.root {
            client = client.add_root_certificate(root.clone());
        }
        let mut request = client.build()?.get(url.clone());
        if let Some(etag) = &known.etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        if let Some(last_modified) = &known.last_modified {
            request = request.header(IF_MODIFIED_SINCE, last_modified);
        }
        Ok(request.send().await?)
    }
}

async fn body(mut response: Response) -> Result<FetchedBody, FetchError> {
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(ToOwned::to_owned);
    let validators = Validators { etag: header(ETAG), last_modified: header(LAST_MODIFIED) };
    let content_type = header(reqwest::header::CONTENT_TYPE).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if response.content_length().is_some_and(|length| length > MAX_BODY_BYTES as u64) {
        return Err(FetchError::TooLarge);
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(FetchError::TooLarge);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(FetchedBody { media_type, bytes, validators })
}
