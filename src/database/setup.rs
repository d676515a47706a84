//! What can go wrong before the first request, and connections for setting up.

use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::tls;

/// Why the database could not be made ready. Shown to an operator as one line.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// PostgreSQL's programs are nowhere to be found.
    #[error(
        "PostgreSQL's server programs (initdb, postgres) were not found. Install the package \
         `postgresql` (Debian: apt-get install postgresql; macOS: brew install postgresql@16), \
         name their directory in STEWARD_PG_BIN, or give --database-url."
    )]
    NoBinaries,
    /// Another process works on the data directory.
    #[error("The data directory {} is in use by process {process}.", directory.display())]
    InUse {
        /// The data directory.
        directory: PathBuf,
        /// Process id of the other, or `?`.
        process: String,
    },
    /// The embedded PostgreSQL did not start.
    #[error("PostgreSQL did not start: {0}")]
    NotStarted(String),
    /// No account that may run PostgreSQL reaches the data directory.
    #[error("{0}")]
    NoAccount(String),
    /// The URL cannot be read.
    #[error("The database URL cannot be read: {0}")]
    Url(String),
    /// The database cannot be reached, or refuses.
    #[error("{context}: {}", describe(source))]
    Postgres {
        /// What was being done.
        context: String,
        /// What PostgreSQL or the network said.
        source: tokio_postgres::Error,
    },
    /// A migration that was applied is not the one this program carries.
    #[error(
        "Migration {name} was changed after it was applied; restore the file, or use the \
         program that applied it."
    )]
    Changed {
        /// Name of the migration.
        name: String,
    },
    /// The database is ahead of this program.
    #[error(
        "The database has migration {name}, which this program does not know. It was migrated \
         by a newer steward; use that one."
    )]
    Newer {
        /// Name of the migration.
        name: String,
    },
    /// Migrations are missing, and this role may not apply them.
    #[error(
        "The database lacks migration {name}. Run `steward migrate --database-url URL` with a \
         role that owns the database."
    )]
    Behind {
        /// Name of the first migration that is missing.
        name: String,
    },
    /// The server lacks what the schema needs.
    #[error("PostgreSQL 15 or newer is needed, but the server is {0}.")]
    TooOld(String),
    /// The role is not fit to serve with.
    #[error("{0}")]
    Role(String),
    /// A file or process could not be handled.
    #[error("{context}: {source}")]
    Io {
        /// What was being done.
        context: String,
        /// What the system said.
        source: std::io::Error,
    },
}

/// tokio-postgres shows "db error" alone; an operator needs what the server said.
pub(crate) fn describe(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(refusal) => refusal.to_string(),
        None => match std::error::Error::source(error) {
            Some(cause) => format!("{error}: {cause}"),
            None => error.to_string(),
        },
    }
}

/// Adds what was being done to an error of PostgreSQL or of the system.
pub(crate) trait Context<T> {
    fn context(self, context: impl Into<String>) -> Result<T, SetupError>;
}

impl<T> Context<T> for Result<T, tokio_postgres::Error> {
    fn context(self, context: impl Into<String>) -> Result<T, SetupError> {
        self.map_err(|source| SetupError::Postgres { context: context.into(), source })
    }
}

impl<T> Context<T> for Result<T, std::io::Error> {
    fn context(self, context: impl Into<String>) -> Result<T, SetupError> {
        self.map_err(|source| SetupError::Io { context: context.into(), source })
    }
}

/// Connects once, outside the pool. The connection ends when the client is dropped.
pub(crate) async fn connect(server: &Server) -> Result<Client, SetupError> {
    let Server { config, tls } = server;
    let (client, connection) =
        config.connect(tls.clone()).await.context("The database cannot be reached")?;
    tokio::spawn(async move {
        // Its failures also reach whoever waits for an answer.
        if let Err(error) = connection.await {
            tracing::debug!(error = %error, "connection for setting up ended");
        }
    });
    Ok(client)
}

/// Where the database is and how it is spoken to.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) config: tokio_postgres::Config,
    pub(crate) tls: MakeRustlsConnect,
}

/// How long PostgreSQL's host may leave what was sent to it unconfirmed. The system's own bound
/// is a quarter of an hour, during which a connection that something on the way has forgotten
/// would keep its place in the pool and fail one call after the other.
const UNCONFIRMED: Duration = Duration::from_secs(10);

/// After how long without traffic PostgreSQL's host is asked for a sign of life. Shorter than
/// firewalls and address translators remember a connection.
const QUIET: Duration = Duration::from_secs(60);

/// How often the sign of life is asked for until it comes.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// Reads a database URL, bounds how long connecting may take, and makes dead connections known.
/// What the URL says of either counts.
pub(crate) fn parse(url: &str) -> Result<Server, SetupError> {
    let (url, tls) = tls::read(url)?;
    let says_keepalives = url.contains("keepalives");
    let mut config: tokio_postgres::Config =
        url.parse().map_err(|error: tokio_postgres::Error| SetupError::Url(describe(&error)))?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNCONFIRMED);
    }
    if !says_keepalives {
        config.keepalives_idle(QUIET).keepalives_interval(ASK_EVERY).keepalives_retries(3);
    }
    if config.get_application_name().is_none() {
        config.application_name("steward");
    }
    Ok(Server { config, tls })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_connections_are_found_out_unless_the_url_says_otherwise() {
        let server = parse("postgresql://role@localhost/steward").expect("a URL");
        assert_eq!(server.config.get_tcp_user_timeout(), Some(&UNCONFIRMED));
        assert_eq!(server.config.get_keepalives_idle(), QUIET);

        let url = "postgresql://role@localhost/steward?tcp_user_timeout=3&keepalives_idle=7";
        let server = parse(url).expect("a URL");
        assert_eq!(server.config.get_tcp_user_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(server.config.get_keepalives_idle(), Duration::from_secs(7));
    }
}
