//! The transport that Patron brings along: HTTP/1.1, TLS by rustls, roots built in.
//!
//! The platform's own verifier is never asked: on Android it panics until someone has initialised
//! it over JNI. A host that needs its trust store or its proxy passes its own transport.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Url, redirect};

use super::endpoint;
use super::pins::PinnedVerifier;
use super::{MAX_RESPONSE_BYTES, Method, Pending, Request, Response, Transport, TransportError};
use crate::error::Error;

/// A phone that gets no connection in this time has none to speak of.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Long enough for the next batch of a drain; a radio kept awake for longer costs the shopper.
const IDLE_TIMEOUT: Duration = Duration::from_secs(15);

/// Carries requests over HTTP. Must be used inside a tokio runtime with time and I/O, such as the
/// courier's.
///
/// HTTPS only, but for loopback hosts. It follows no redirect, for the key must not travel to
/// another host, and takes no proxy from the environment.
#[derive(Debug)]
pub struct HttpTransport {
    client: Client,
}

impl HttpTransport {
    /// A transport for a backend at `endpoint`. Opens no connection yet.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for what is not an HTTPS URL (or an HTTP one of this very device).
    pub fn new(endpoint: &str) -> Result<Self, Error> {
        Self::pinned(endpoint, &[])
    }

    /// The same for a backend that must show one of these keys too; see
    /// [`Config::pins`](crate::Config::pins). None are no pins.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] as for [`HttpTransport::new`], and for pins that are none, or too few.
    pub fn pinned(endpoint: &str, pins: &[String]) -> Result<Self, Error> {
        Self::trusting(rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }, endpoint, pins)
    }

    pub(super) fn trusting(roots: rustls::RootCertStore, endpoint: &str, pins: &[String]) -> Result<Self, Error> {
        check(endpoint).map_err(|why| Error::invalid("config.endpoint", why))?;
        let unavailable = |why| Error::Unavailable { why, retry_after: None };
        let client = client(tls(roots, pins)?).map_err(unavailable)?;
        Ok(Self { client })
    }
}

/// TLS 1.2 and 1.3; certificates by the roots given, keys by the pins where there are any.
fn tls(roots: rustls::RootCertStore, pins: &[String]) -> Result<rustls::ClientConfig, Error> {
    let broken = |e: String| Error::Unavailable { why: format!("TLS: {e}"), retry_after: None };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|e| broken(e.to_string()))?;
    if pins.is_empty() {
        return Ok(builder.with_root_certificates(roots).with_no_client_auth());
    }
    let usual = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|e| broken(e.to_string()))?;
    let verifier = Arc::new(PinnedVerifier::new(usual, pins)?);
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> Pending<'_> {
        let timeout = request.timeout;
        Box::pin(async move {
            tokio::time::timeout(timeout, exchange(&self.client, request)).await.unwrap_or(Err(TransportError::Timeout))
        })
    }
}

async fn exchange(client: &Client, request: Request) -> Result<Response, TransportError> {
    // The engine's URLs begin with the endpoint; a host's own caller may say anything.
    let url = check(&request.url).map_err(TransportError::Network)?;
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    };
    let headers = header_map(&request.headers)?;
    let most = request.max_bytes.min(MAX_RESPONSE_BYTES);
    let mut response = client.request(method, url).headers(headers).body(request.body).send().await.map_err(broken)?;
    if response.content_length().is_some_and(|len| len > most as u64) {
        return Err(TransportError::TooLarge);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        if body.len() + chunk.len() > most {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let headers = response
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    Ok(Response { status: response.status().as_u16(), headers, body })
}

fn header_map(headers: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    headers
        .iter()
        .map(|(name, value)| {
            // The value may be the key: only the name is told.
            let invalid = || TransportError::Network(format!("the header {name} cannot be sent"));
            let value = HeaderValue::from_str(value).map_err(|_| invalid())?;
            Ok((HeaderName::try_from(name.as_str()).map_err(|_| invalid())?, value))
        })
        .collect()
}

fn client(tls: rustls::ClientConfig) -> Result<Client, String> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("patron/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .no_proxy()
        .http1_only()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(1)
        .build()
        .map_err(|e| format!("HTTP: {}", chain(&e)))
}

/// The URL, if a key may be sent there.
fn check(url: &str) -> Result<Url, String> {
    let url = Url::parse(url).map_err(|e| format!("is not a URL: {e}"))?;
    let names_someone = !url.username().is_empty() || url.password().is_some();
    endpoint::may_carry_key(url.scheme(), url.host_str().unwrap_or_default(), names_someone)?;
    Ok(url)
}

fn broken(e: reqwest::Error) -> TransportError {
    if e.is_timeout() { TransportError::Timeout } else { TransportError::Network(chain(&e.without_url())) }
}

/// An error with its causes: reqwest's own words stop before the one that helps.
fn chain(e: &dyn std::error::Error) -> String {
    let mut words = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        words.push_str(": ");
        words.push_str(&e.to_string());
        cause = e.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_out_in_the_clear_to_this_device_only() {
        for fine in [
            "https://shop.example",
            "https://shop.example:8443/patron/",
            "http://localhost:8080",
            "http://127.0.0.1:1",
            "http://127.8.8.8",
            "http://[::1]:80/x",
        ] {
            assert!(HttpTransport::new(fine).is_ok(), "{fine}");
        }
        for refused in [
            "",
            "shop.example",
            "http://shop.example",
            "http://10.0.2.2:8080",
            "http://localhost.evil.example",
            "http://127.0.0.1.evil.example",
            "http://127.0.0.1@evil.example",
            "https://user:secret@shop.example",
            "ftp://shop.example",
            "file:///etc/passwd",
            "https://",
        ] {
            let error = HttpTransport::new(refused).err();
            assert!(
                matches!(&error, Some(Error::InvalidInput { what, .. }) if what == "config.endpoint"),
                "{refused}: {error:?}",
            );
        }
    }
}
