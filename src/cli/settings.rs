//! Everything that can be configured: flag before environment variable before file before
//! default.
//!
//! A setting has one name in three spellings: `--pool-size`, `STEWARD_POOL_SIZE`, and
//! `pool_size` in the file. [`Settings`] holds the defaults. A secret can also be the content of a
//! file, which a setting with `_file` behind the name of the secret names.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use config::{Config, File};
use serde::{Deserialize, Serialize};
use steward_transport::caller::Network;
use steward_transport::limits::RateLimits;

use super::failure::Failure;
use super::secrets;
use super::values::{PoolMode, Seconds, SecretText, SecretUrl};

/// The file that is read when no other is named.
const DEFAULT_FILE: &str = "steward.toml";

/// Settings of every command.
#[derive(Args, Debug, Default, Serialize)]
#[command(next_help_heading = "Database and logs")]
pub struct CommonOptions {
    /// Configuration file (TOML) [default: ./steward.toml, if there is one]
    #[arg(long, global = true, env = "STEWARD_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Directory of the embedded PostgreSQL, which the server brings up itself [default: ./data]
    #[arg(long, global = true, env = "STEWARD_DATA_DIR", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// Use this PostgreSQL instead of an embedded one. As it may hold a password, better give it
    /// as the environment variable
    #[arg(
        long,
        global = true,
        env = "STEWARD_DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url: Option<SecretUrl>,
    /// File that holds this URL
    #[arg(long, global = true, env = "STEWARD_DATABASE_URL_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    database_url_file: Option<PathBuf>,
    /// Directory of PostgreSQL's programs (initdb, postgres) [default: searched for]
    #[arg(long, global = true, env = "STEWARD_PG_BIN", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pg_bin: Option<PathBuf>,
    /// Most connections to PostgreSQL [default: 12]
    #[arg(long, global = true, env = "STEWARD_POOL_SIZE", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_size: Option<u16>,
    /// How long a call waits for a connection before it is answered UNAVAILABLE [default: 2s]
    #[arg(long, global = true, env = "STEWARD_POOL_WAIT", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_wait: Option<Seconds>,
    /// Whether a connection is a session of PostgreSQL, or leads to a pooler that gives each
    /// transaction any session, such as PgBouncer in transaction mode. Reads are up to twice as
    /// fast in sessions [default: session when embedded, transaction with a database URL]
    #[arg(long, global = true, env = "STEWARD_POOL_MODE", value_name = "MODE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pool_mode: Option<PoolMode>,
    /// Whether statements stay prepared on their connection. Only for a pooler that cannot keep
    /// them apart, such as PgBouncer before 1.21, say false [default: true]
    #[arg(
        long,
        global = true,
        env = "STEWARD_PREPARED_STATEMENTS",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new()
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    prepared_statements: Option<bool>,
    /// Least level of log lines: error, warn, info, debug, trace, or a filter such as
    /// `info,steward_transport=debug` [default: info for `serve`, else error]
    #[arg(long, global = true, env = "STEWARD_LOG", value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    log: Option<String>,
}

/// Settings of the server.
#[derive(Args, Debug, Default, Serialize)]
#[command(next_help_heading = "Server")]
pub struct ServerOptions {
    /// Address to listen on [default: 127.0.0.1:8080]
    #[arg(long, env = "STEWARD_LISTEN", value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<SocketAddr>,
    /// URL under which clients reach the server: the issuer of tokens [default: http://LISTEN]
    #[arg(long, env = "STEWARD_PUBLIC_URL", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    public_url: Option<String>,
    /// Audience of tokens [default: steward]
    #[arg(long, env = "STEWARD_AUDIENCE", value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<String>,
    /// URL of another issuer of OpenID Connect whose tokens are taken for users
    #[arg(long, env = "STEWARD_OIDC_ISSUER", value_name = "URL", requires = "oidc_audience")]
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_issuer: Option<String>,
    /// Who the access tokens of that issuer are meant for
    #[arg(long, env = "STEWARD_OIDC_AUDIENCE", value_name = "NAME", requires = "oidc_issuer")]
    #[serde(skip_serializing_if = "Option::is_none")]
    oidc_audience: Option<String>,
    /// Make a demo tenant of each family with data, and print calls to copy
    #[arg(
        long,
        env = "STEWARD_DEMO",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new()
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    demo: Option<bool>,
    /// Certificate chain for TLS, in PEM [default: plain text]
    #[arg(long, env = "STEWARD_TLS_CERTIFICATE", value_name = "FILE", requires = "tls_key")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_certificate: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, env = "STEWARD_TLS_KEY", value_name = "FILE", requires = "tls_certificate")]
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_key: Option<PathBuf>,
    /// Origins whose pages may call the server, separated by commas [default: *]
    #[arg(long, env = "STEWARD_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    cors_origins: Option<Vec<String>>,
    /// Proxies whose X-Forwarded-For says where a request comes from, as addresses or networks such
    /// as 10.0.0.0/8, separated by commas [default: none]
    #[arg(long, env = "STEWARD_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Option::is_none")]
    trusted_proxies: Option<Vec<Network>>,
    /// Largest body of a request, in bytes [default: 1048576]
    #[arg(long, env = "STEWARD_MAX_BODY_BYTES", value_name = "BYTES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_body_bytes: Option<u32>,
    /// Largest head of a request, in bytes [default: 32768]
    #[arg(long, env = "STEWARD_MAX_HEADER_BYTES", value_name = "BYTES")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_header_bytes: Option<u32>,
    /// How long a client may take to send the head of a request [default: 30s]
    #[arg(long, env = "STEWARD_HEADER_READ_TIMEOUT", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    header_read_timeout: Option<Seconds>,
    /// Longest time a call may take [default: 30s]
    #[arg(long, env = "STEWARD_REQUEST_TIMEOUT", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    request_timeout: Option<Seconds>,
    /// How long a connection may stay open without a request [default: 5m]
    #[arg(long, env = "STEWARD_IDLE_TIMEOUT", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    idle_timeout: Option<Seconds>,
    /// How often an HTTP/2 client is asked for a sign of life [default: 20s]
    #[arg(long, env = "STEWARD_KEEP_ALIVE_INTERVAL", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_alive_interval: Option<Seconds>,
    /// How long the sign of life may take [default: 10s]
    #[arg(long, env = "STEWARD_KEEP_ALIVE_TIMEOUT", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_alive_timeout: Option<Seconds>,
    /// Most requests in flight on one HTTP/2 connection [default: 256]
    #[arg(long, env = "STEWARD_MAX_CONCURRENT_STREAMS", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_concurrent_streams: Option<u32>,
    /// Most connections of clients [default: 4096]
    #[arg(long, env = "STEWARD_MAX_CONNECTIONS", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_connections: Option<u32>,
    /// Age at which a connection is closed politely, so that a balancer can spread clients anew
    /// [default: unlimited]
    #[arg(long, env = "STEWARD_MAX_CONNECTION_AGE", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    max_connection_age: Option<Seconds>,
    /// How long requests in flight may take to finish after the signal to stop [default: 25s]
    #[arg(long, env = "STEWARD_DRAIN_TIMEOUT", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_timeout: Option<Seconds>,
    /// How long the server still accepts, and says it is not ready, after the signal to stop
    /// [default: 0s]
    #[arg(long, env = "STEWARD_DRAIN_DELAY", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_delay: Option<Seconds>,
    /// Calls that one caller may make in a minute, as kind=number with commas between, or off.
    /// Whoever has a token is one caller, others are by their address; 0 stands for any number
    /// [default: rentals=600,rentals.public=60,rentals.inquiries=10,rentals.ai=20,
    /// rentals.email_validation=30,rentals.accounts=30,cleaning=300,cleaning.public=30,
    /// cleaning.auth=10]
    #[arg(long, env = "STEWARD_RATE_LIMITS", value_name = "LIMITS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    rate_limits: Option<RateLimits>,
    /// How often the database is checked for /readyz and the health service [default: 1s]
    #[arg(long, env = "STEWARD_READINESS_INTERVAL", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    readiness_interval: Option<Seconds>,
    /// Most jobs (mail, exports and the like) that this server runs at once, beside deliveries of
    /// webhooks; with 0 it leaves all to others [default: 16]
    #[arg(long, env = "STEWARD_JOB_CONCURRENCY", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    job_concurrency: Option<u16>,
    /// Let webhooks reach private addresses, and over http too: for development only [default:
    /// false]
    #[arg(
        long,
        env = "STEWARD_WEBHOOK_PRIVATE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new()
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook_private: Option<bool>,
    /// Let nobody register a cleaning company but the operator [default: false]
    #[arg(
        long,
        env = "STEWARD_REGISTRATION_CLOSED",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        value_name = "BOOL",
        value_parser = clap::builder::BoolishValueParser::new()
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_closed: Option<bool>,
    /// How long after the last sign of life of a server its jobs go to others [default: 30s]
    #[arg(long, env = "STEWARD_JOB_LEASE", value_name = "TIME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    job_lease: Option<Seconds>,
    /// Whom mail comes from [default: steward at localhost]
    #[arg(long, env = "STEWARD_MAIL_FROM", value_name = "SENDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_from: Option<String>,
    /// Address that is mailed of companies which would like to be tenants; without it they are
    /// only kept for `steward leads list`
    #[arg(long, env = "STEWARD_LEADS_TO", value_name = "ADDRESS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    leads_to: Option<String>,
    /// Folder of the files that clients upload [default: DATA_DIR/files]
    #[arg(long, env = "STEWARD_FILES_FOLDER", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_folder: Option<PathBuf>,
    /// Bucket of an S3-compatible store to keep uploaded files in, and a prefix for all keys:
    /// s3://BUCKET/PREFIX [default: the folder]
    #[arg(long, env = "STEWARD_FILES_URL", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_url: Option<String>,
    /// URL of the store, as the server and clients reach it [default: Amazon's]
    #[arg(long, env = "STEWARD_FILES_ENDPOINT", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_endpoint: Option<String>,
    /// Region of the bucket [default: AWS_REGION, else us-east-1]
    #[arg(long, env = "STEWARD_FILES_REGION", value_name = "NAME")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_region: Option<String>,
    /// Id of the key that opens the bucket [default: AWS_ACCESS_KEY_ID, else the machine's role]
    #[arg(long, env = "STEWARD_FILES_ACCESS_KEY_ID", value_name = "ID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_access_key_id: Option<String>,
    /// The key itself; better give it as the environment variable [default:
    /// AWS_SECRET_ACCESS_KEY]
    #[arg(
        long,
        env = "STEWARD_FILES_SECRET_ACCESS_KEY",
        hide_env_values = true,
        value_name = "KEY"
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_secret_access_key: Option<SecretText>,
    /// File that holds this key
    #[arg(long, env = "STEWARD_FILES_SECRET_ACCESS_KEY_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_secret_access_key_file: Option<PathBuf>,
    /// Certificates that the store may show beside publicly trusted ones, in PEM
    #[arg(long, env = "STEWARD_FILES_CA", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    files_ca: Option<PathBuf>,
    /// Folder that mail is written to while there is no mail server [default: DATA_DIR/outbox]
    #[arg(long, env = "STEWARD_MAIL_FOLDER", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    mail_folder: Option<PathBuf>,
    /// Mail server: smtps://USER:PASSWORD@HOST or smtp://USER:PASSWORD@HOST:587?tls=required. As
    /// it may hold a password, better give it as the environment variable
    #[arg(long, env = "STEWARD_SMTP_URL", hide_env_values = true, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    smtp_url: Option<SecretUrl>,
    /// File that holds this URL
    #[arg(long, env = "STEWARD_SMTP_URL_FILE", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    smtp_url_file: Option<PathBuf>,
    /// Certificates that the mail server may show beside publicly trusted ones, in PEM
    #[arg(long, env = "STEWARD_SMTP_CA", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    smtp_ca: Option<PathBuf>,
}

/// What is in effect. The names of the fields are the keys of the file, and the flags of the
/// same names say what they mean.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    pub data_dir: PathBuf,
    pub database_url: Option<SecretUrl>,
    pub database_url_file: Option<PathBuf>,
    pub pg_bin: Option<PathBuf>,
    pub pool_size: u16,
    pub pool_wait: Seconds,
    pub pool_mode: Option<PoolMode>,
    pub prepared_statements: bool,
    pub log: Option<String>,
    pub listen: SocketAddr,
    pub public_url: Option<String>,
    pub audience: String,
    pub oidc_issuer: Option<String>,
    pub oidc_audience: Option<String>,
    pub demo: bool,
    pub tls_certificate: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    pub cors_origins: Vec<String>,
    // An empty list is no key of the defaults.
    #[serde(default)]
    pub trusted_proxies: Vec<Network>,
    pub max_body_bytes: u32,
    pub max_header_bytes: u32,
    pub header_read_timeout: Seconds,
    pub request_timeout: Seconds,
    pub idle_timeout: Seconds,
    pub keep_alive_interval: Seconds,
    pub keep_alive_timeout: Seconds,
    pub max_concurrent_streams: u32,
    pub max_connections: u32,
    pub max_connection_age: Option<Seconds>,
    pub drain_timeout: Seconds,
    pub drain_delay: Seconds,
    pub rate_limits: RateLimits,
    pub readiness_interval: Seconds,
    pub job_concurrency: u16,
    pub job_lease: Seconds,
    pub files_folder: Option<PathBuf>,
    pub files_url: Option<String>,
    pub files_endpoint: Option<String>,
    pub files_region: Option<String>,
    pub files_access_key_id: Option<String>,
    pub files_secret_access_key: Option<SecretText>,
    pub files_secret_access_key_file: Option<PathBuf>,
    pub files_ca: Option<PathBuf>,
    pub mail_from: String,
    pub leads_to: Option<String>,
    pub mail_folder: Option<PathBuf>,
    pub smtp_url: Option<SecretUrl>,
    pub smtp_url_file: Option<PathBuf>,
    pub smtp_ca: Option<PathBuf>,
    pub webhook_private: bool,
    pub registration_closed: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            data_dir: PathBuf::from("./data"),
            database_url: None,
            database_url_file: None,
            pg_bin: None,
            pool_size: 12,
            pool_wait: Seconds::new(2),
            pool_mode: None,
            prepared_statements: true,
            log: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            audience: "steward".to_owned(),
            oidc_issuer: None,
            oidc_audience: None,
            demo: false,
            tls_certificate: None,
            tls_key: None,
            cors_origins: vec!["*".to_owned()],
            trusted_proxies: Vec::new(),
            max_body_bytes: 1024 * 1024,
            max_header_bytes: 32 * 1024,
            header_read_timeout: Seconds::new(30),
            request_timeout: Seconds::new(30),
            idle_timeout: Seconds::new(300),
            keep_alive_interval: Seconds::new(20),
            keep_alive_timeout: Seconds::new(10),
            max_concurrent_streams: 256,
            max_connections: 4096,
            max_connection_age: None,
            drain_timeout: Seconds::new(25),
            drain_delay: Seconds::new(0),
            rate_limits: RateLimits::default(),
            readiness_interval: Seconds::new(1),
            job_concurrency: 16,
            job_lease: Seconds::new(30),
            files_folder: None,
            files_url: None,
            files_endpoint: None,
            files_region: None,
            files_access_key_id: None,
            files_secret_access_key: None,
            files_secret_access_key_file: None,
            files_ca: None,
            mail_from: "steward <noreply@localhost>".to_owned(),
            leads_to: None,
            mail_folder: None,
            smtp_url: None,
            smtp_url_file: None,
            smtp_ca: None,
            webhook_private: false,
            registration_closed: false,
        }
    }
}

impl Settings {
    /// Puts together what flags, variables, the file and the defaults say.
    ///
    /// # Errors
    /// When the file, or that of a secret, cannot be read, has an unknown key or a value that does
    /// not fit, and when settings contradict each other.
    pub fn resolve(common: &CommonOptions, server: &ServerOptions) -> Result<Self, Failure> {
        let (path, required) = match &common.config {
            Some(path) => (path.as_path(), true),
            None => (Path::new(DEFAULT_FILE), false),
        };
        let failure = |error: config::ConfigError| {
            Failure::during(&format!("Configuration ({})", path.display()), &error)
        };
        let file = Config::builder()
            .add_source(File::from(path).format(config::FileFormat::Toml).required(required))
            .build()
            .map_err(failure)?;
        let chosen = Config::builder()
            .add_source(Config::try_from(common).map_err(failure)?)
            .add_source(Config::try_from(server).map_err(failure)?)
            .build()
            .map_err(failure)?;
        let (file, chosen) = (secrets::read(file)?, secrets::read(chosen)?);

        for source in [&file, &chosen] {
            if has(source, "data_dir") && has(source, "database_url") {
                return Err(Failure::new(
                    "Give either a data directory or a database URL, not both.",
                ));
            }
        }
        // A directory chosen on the command line also overrules a URL in the file.
        let embedded = has(&chosen, "data_dir");
        let defaults = Config::try_from(&Self::default()).map_err(failure)?;
        let mut settings: Self = Config::builder()
            .add_source(defaults)
            .add_source(file)
            .add_source(chosen)
            .build()
            .and_then(Config::try_deserialize)
            .map_err(failure)?;
        if embedded {
            settings.database_url = None;
        }
        settings.check()?;
        Ok(settings)
    }

    /// The folder of the files that clients upload.
    pub fn files_folder(&self) -> PathBuf {
        self.files_folder.clone().unwrap_or_else(|| self.data_dir.join("files"))
    }

    /// What stands between the server and PostgreSQL.
    pub fn pool_mode(&self) -> PoolMode {
        // A URL may be a pooler's, and who asks one cannot tell.
        let unknown =
            if self.database_url.is_some() { PoolMode::Transaction } else { PoolMode::Session };
        self.pool_mode.unwrap_or(unknown)
    }

    /// The URL under which the server is reached when it listens on `address`, without a slash at
    /// the end.
    pub fn base_url(&self, address: SocketAddr) -> String {
        let scheme = if self.tls_key.is_some() { "https" } else { "http" };
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("{scheme}://{}", reached_at(address)),
        }
    }

    /// What tokens say when the server is reached at `base`.
    pub fn tokens(&self, base: &str) -> steward_platform::tokens::Settings {
        steward_platform::tokens::Settings {
            issuer: base.to_owned(),
            issuer_is_public: self.public_url.is_some(),
            audience: self.audience.clone(),
        }
    }

    fn check(&self) -> Result<(), Failure> {
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return Err(Failure::new("TLS needs both tls_certificate and tls_key."));
        }
        if self.smtp_ca.is_some() && self.smtp_url.is_none() {
            return Err(Failure::new("smtp_ca needs smtp_url."));
        }
        if self.pool_size == 0 {
            return Err(Failure::new("pool_size must be at least 1."));
        }
        if self.job_lease.duration() < Duration::from_secs(1) {
            return Err(Failure::new("job_lease must be at least 1s."));
        }
        if self.audience.is_empty() {
            return Err(Failure::new("audience must not be empty."));
        }
        if self.oidc_issuer.is_some() != self.oidc_audience.is_some() {
            return Err(Failure::new("Give both oidc_issuer and oidc_audience, or neither."));
        }
        // Whoever could change its answers on the way could sign in as anybody.
        let is_trusted = |url: &String| {
            let of_this_machine = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
            let ends = |rest: &str| rest.is_empty() || rest.starts_with([':', '/']);
            url.starts_with("https://")
                || of_this_machine.into_iter().any(|own| url.strip_prefix(own).is_some_and(ends))
        };
        if !self.oidc_issuer.as_ref().is_none_or(is_trusted) {
            return Err(Failure::new("oidc_issuer must begin with https://."));
        }
        let web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if !self.public_url.as_ref().is_none_or(web) {
            return Err(Failure::new("public_url must begin with https:// or http://."));
        }
        if !self.files_endpoint.as_ref().is_none_or(web) {
            return Err(Failure::new("files_endpoint must begin with https:// or http://."));
        }
        if !self.files_url.as_ref().is_none_or(|url| url.starts_with("s3://")) {
            return Err(Failure::new("files_url must begin with s3://."));
        }
        if self.files_access_key_id.is_some() != self.files_secret_access_key.is_some() {
            return Err(Failure::new(
                "Give both files_access_key_id and files_secret_access_key, or neither.",
            ));
        }
        if !self.leads_to.as_deref().is_none_or(steward_kernel::text::is_email) {
            return Err(Failure::new("leads_to must be an e-mail address."));
        }
        Ok(())
    }
}

/// The address to call from this machine when the server listens on `address`.
pub fn reached_at(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        IpAddr::V4(_) | IpAddr::V6(_) => {}
    }
    address
}

fn has(source: &Config, key: &str) -> bool {
    source.get::<config::Value>(key).is_ok()
}

#[cfg(test)]
mod tests;
