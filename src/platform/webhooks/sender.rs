//! Posting a message: to the address that was checked, without following redirects, in bounded
//! time.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::Request;
use http::header::{CONTENT_TYPE, HOST, HeaderValue, RETRY_AFTER, USER_AGENT};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Result};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::{Host, Url};

use super::address::Reach;
use super::model::{Attempt, PAUSES};

/// How long an attempt may take, from the name to the head of the answer.
const LIMIT: Duration = Duration::from_secs(15);

/// Most addresses of a name that are tried.
const MOST_ADDRESSES: usize = 4;

/// Most bytes of the head of an answer. Its body is not read.
const MOST_HEAD: usize = 16 * 1024;

/// A message ready to be sent.
pub(super) struct Message {
    pub(super) id: String,
    pub(super) timestamp: i64,
    pub(super) signature: String,
    pub(super) body: Bytes,
}

/// Sends messages.
pub(super) struct Sender {
    reach: Reach,
    tls: TlsConnector,
}

impl Sender {
    /// Trusts the certificates that the system trusts.
    ///
    /// # Errors
    /// INTERNAL when TLS cannot be set up.
    pub(super) fn new(reach: Reach) -> Result<Self> {
        let found = rustls_native_certs::load_native_certs();
        for error in &found.errors {
            tracing::warn!(%error, "a trusted certificate cannot be read");
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self { reach, tls: TlsConnector::from(Arc::new(config)) })
    }

    /// Posts a message once. Whatever goes wrong is the outcome.
    pub(super) async fn post(&self, url: &str, message: &Message) -> Attempt {
        match timeout(LIMIT, self.exchange(url, message)).await {
            Ok(Ok(Answer { status, .. })) if (200..300).contains(&status) => {
                Attempt { status: Some(status), error: None, retry_after: None }
            }
            Ok(Ok(Answer { status, retry_after })) => {
                let error = format!("The endpoint answered {status}.");
                Attempt { status: Some(status), error: Some(error), retry_after }
            }
            Ok(Err(error)) => Attempt::failed(error),
            Err(_) => Attempt::failed("The endpoint did not answer within 15 seconds.".to_owned()),
        }
    }

    async fn exchange(&self, url: &str, message: &Message) -> std::result::Result<Answer, String> {
        // Checked again, because the rules may have changed since it was stored.
        let url = self.reach.url(url)?;
        let stream = self.connect(&url).await?;
        if url.scheme() == "http" {
            return request(stream, &url, message).await;
        }
        let name = match url.host() {
            Some(Host::Domain(name)) => ServerName::try_from(name.to_owned())
                .map_err(|_| "The name is none that a certificate could hold.".to_owned())?,
            Some(Host::Ipv4(address)) => {
                ServerName::IpAddress(std::net::IpAddr::V4(address).into())
            }
            Some(Host::Ipv6(address)) => {
                ServerName::IpAddress(std::net::IpAddr::V6(address).into())
            }
            None => return Err("The address has no host.".to_owned()),
        };
        let stream = self.tls.connect(name, stream).await;
        request(stream.map_err(|error| format!("TLS failed: {error}."))?, &url, message).await
    }

    /// Connects to an address of the host that may be reached. The name is resolved here and
    /// nowhere else, so it cannot mean another address a moment later.
    async fn connect(&self, url: &Url) -> std::result::Result<TcpStream, String> {
        let port = url.port_or_known_default().unwrap_or(443);
        let addresses: Vec<SocketAddr> = match url.host() {
            Some(Host::Ipv4(address)) => vec![(address, port).into()],
            Some(Host::Ipv6(address)) => vec![(address, port).into()],
            Some(Host::Domain(name)) => tokio::net::lookup_host((name, port))
                .await
                .map_err(|_| "The name cannot be resolved.".to_owned())?
                .collect(),
            None => Vec::new(),
        };
        let mut failure = "The name leads to no public address.".to_owned();
        let allowed = addresses.into_iter().filter(|address| self.reach.allows(address.ip()));
        for address in allowed.take(MOST_ADDRESSES) {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = refused(&error),
            }
        }
        Err(failure)
    }
}

fn refused(error: &io::Error) -> String {
    format!("The endpoint cannot be reached: {}.", error.kind())
}

/// What of an answer matters.
struct Answer {
    status: u16,
    retry_after: Option<Duration>,
}

/// How long `Retry-After` asks to wait, in seconds or until an HTTP date; at most the longest
/// pause, so that no endpoint is forgotten.
fn retry_after(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    let asked = match value.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let until = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
            let now = u64::try_from(now.as_second()).ok()?;
            Duration::from_secs(until.as_secs().saturating_sub(now))
        }
    };
    PAUSES.last().map(|longest| asked.min(*longest))
}

/// Sends the request and answers what came of it. The connection ends with it.
async fn request<I>(stream: I, url: &Url, message: &Message) -> std::result::Result<Answer, String>
where
    I: AsyncRead + AsyncWrite + Unpin + Send,
{
    let broken = |error: hyper::Error| format!("The exchange failed: {error}.");
    let mut target = url.path().to_owned();
    if let Some(query) = url.query() {
        target = format!("{target}?{query}");
    }
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let request = Request::post(target)
        .header(HOST, host)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
        .header(USER_AGENT, HeaderValue::from_static("steward-webhooks"))
        .header("webhook-id", &message.id)
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", &message.signature)
        .body(Full::new(message.body.clone()))
        .map_err(|error| format!("The request cannot be made: {error}."))?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(MOST_HEAD)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let mut answer = std::pin::pin!(sender.send_request(request));
    let answer = tokio::select! {
        biased;
        answer = &mut answer => answer,
        // The endpoint may answer and hang up at once; the answer is there then.
        ended = connection => match answer.await {
            Err(error) => Err(ended.err().unwrap_or(error)),
            answer => answer,
        },
    };
    let answer = answer.map_err(broken)?;
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = asked.and_then(|value| retry_after(value, time::now()));
    Ok(Answer { status: answer.status().as_u16(), retry_after })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_bounded() {
        let now = time::parse("1994-11-06T08:49:37Z").expect("an instant");
        let seconds = |text| retry_after(text, now).map(|pause| pause.as_secs());
        assert_eq!(seconds("120"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "in the past");
        assert_eq!(seconds("999999999"), Some(86400));
        assert_eq!(seconds("Mon, 01 Jan 2035 00:00:00 GMT"), Some(86400));
        for text in ["", "-1", "soon", "1.5", "Sun, 06 Nov 1994"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
