//! Limits of the port, each with the value it has unless the operator says otherwise.

use std::path::PathBuf;
use std::time::Duration;

use crate::caller::Network;
use crate::limits::RateLimits;

/// How the port behaves. Every field is a flag, an environment variable and a configuration
/// key of the server.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Largest body of a request, in bytes on the wire. 1 MiB.
    pub max_body_bytes: usize,
    /// Largest head of a request, in bytes. 32 KiB; at least 8 KiB.
    pub max_header_bytes: u32,
    /// How long a client may take to send its first request, and to send a head over HTTP/1.1,
    /// waiting between requests included. 30 s.
    pub header_read_timeout: Duration,
    /// Longest time a call may take, whatever the client asks for. 30 s.
    pub request_timeout: Duration,
    /// How long a connection may stay open without a request. 5 min.
    pub idle_timeout: Duration,
    /// How often an HTTP/2 client is asked for a sign of life. 20 s.
    pub keep_alive_interval: Duration,
    /// How long the sign of life may take before the connection is dropped. 10 s.
    pub keep_alive_timeout: Duration,
    /// Most requests in flight on one HTTP/2 connection. 256.
    pub max_concurrent_streams: u32,
    /// Most connections. More wait in the backlog of the system. 4096.
    pub max_connections: usize,
    /// Age at which a connection is closed politely, less up to a tenth, so that a balancer
    /// spreads clients over new servers. None: unlimited.
    pub max_connection_age: Option<Duration>,
    /// How long requests in flight may take to finish after the signal to stop. 25 s.
    pub drain_timeout: Duration,
    /// How long the server still accepts, and already says it is not ready, after the signal to
    /// stop: the time a balancer takes to notice. 0 s.
    pub drain_delay: Duration,
    /// How many calls a caller may make in a minute.
    pub rate_limits: RateLimits,
    /// How often the database is checked for `/readyz` and the health service. 1 s.
    pub readiness_interval: Duration,
    /// Origins whose pages may call the server from a browser, as `https://app.example`. `*`
    /// is any origin, which gives a foreign page nothing: tokens travel in a header that the
    /// page must know, never in a cookie. `["*"]`.
    pub cors_origins: Vec<String>,
    /// Proxies whose word is taken for where a request comes from. None.
    pub trusted_proxies: Vec<Network>,
    /// Certificate and key for TLS. None: plain text, for use behind a proxy.
    pub tls: Option<TlsFiles>,
}

/// Where the certificate of the server lies, in PEM.
#[derive(Debug, Clone)]
pub struct TlsFiles {
    /// The certificate, followed by those that signed it.
    pub certificate: PathBuf,
    /// The private key: PKCS #8, PKCS #1 or SEC1.
    pub key: PathBuf,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            max_body_bytes: 1024 * 1024,
            max_header_bytes: 32 * 1024,
            header_read_timeout: Duration::from_secs(30),
            request_timeout: Duration::from_secs(30),
            idle_timeout: Duration::from_secs(300),
            keep_alive_interval: Duration::from_secs(20),
            keep_alive_timeout: Duration::from_secs(10),
            max_concurrent_streams: 256,
            max_connections: 4096,
            max_connection_age: None,
            drain_timeout: Duration::from_secs(25),
            drain_delay: Duration::ZERO,
            rate_limits: RateLimits::default(),
            readiness_interval: Duration::from_secs(1),
            cors_origins: vec!["*".to_owned()],
            trusted_proxies: Vec::new(),
            tls: None,
        }
    }
}
