//! The PostgreSQL that the server brings along: a cluster under the data directory, reached
//! through a unix socket alone, that stops with the server and starts again when it dies.
//!
//! ```text
//! <data directory>/          0700, of the account that PostgreSQL runs under
//!   steward.lock             who works here; the lock ends with its process
//!   postgres/                the cluster; `postgres.new-*` while initdb fills it
//!   run/                     the socket, unless the path is too long for one
//! ```

mod account;
mod binaries;
mod directory;
mod lock;
mod process;
mod settings;
mod supervisor;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use self::directory::Layout;
use self::lock::DirectoryLock;
use self::supervisor::{Plan, Supervisor};
use crate::prepare::percent_encoded;
use crate::setup::{Context, SetupError, connect, parse};

/// The role that owns the cluster, and the database in it.
const NAME: &str = "steward";

/// How long recovery after a crash may take before starting is given up.
const RECOVERY: Duration = Duration::from_secs(300);

/// How long to wait for another process that is about to leave the data directory.
const HANDOVER: Duration = Duration::from_secs(3);

/// What an embedded cluster is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data directory; made when absent.
    pub data_dir: PathBuf,
    /// The directory of PostgreSQL's programs, when they are not to be searched for.
    pub pg_bin: Option<PathBuf>,
}

/// A running cluster. Stops when dropped; [`Cluster::stop`] does so without blocking.
pub struct Cluster {
    owner_url: String,
    supervisor: Supervisor,
    // Let go last: nobody may start on the directory before PostgreSQL has stopped.
    _lock: DirectoryLock,
}

impl Cluster {
    /// Starts the cluster of a data directory, makes it first when there is none, and keeps it
    /// running. Works as root too: PostgreSQL then runs under another account.
    ///
    /// # Errors
    /// When another process works on the directory, PostgreSQL's programs are missing, no
    /// account may run them, or they fail.
    pub async fn start(options: &Options) -> Result<Self, SetupError> {
        let data_dir = directory::make(&options.data_dir)?;
        let lock = DirectoryLock::take(&data_dir, HANDOVER).await?;
        let layout = Layout::prepare(&data_dir)?;
        let binaries = binaries::find(options.pg_bin.as_deref(), &layout.cluster)?;
        let owner_url = url(&layout.sockets, NAME);
        let supervisor = Supervisor::start(Plan { binaries, layout: layout.clone() });
        let cluster = Self { owner_url, supervisor, _lock: lock };
        cluster.await_ready(&layout).await?;
        Ok(cluster)
    }

    /// The URL of the role that owns everything; for [`crate::prepare()`] and for operators.
    #[must_use]
    pub fn owner_url(&self) -> &str {
        &self.owner_url
    }

    /// Process id of the running PostgreSQL, absent while it is being started again.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        self.supervisor.process_id()
    }

    /// Stops PostgreSQL: open transactions are rolled back, everything committed is kept.
    pub async fn stop(mut self) {
        self.supervisor.stop().await;
    }

    async fn await_ready(&self, layout: &Layout) -> Result<(), SetupError> {
        let config = parse(&self.owner_url)?;
        let deadline = Instant::now() + RECOVERY;
        loop {
            match connect(&config).await {
                Ok(_) => return Ok(()),
                Err(SetupError::Postgres { source, .. })
                    if source.code() == Some(&SqlState::INVALID_CATALOG_NAME) =>
                {
                    return make_database(layout).await;
                }
                Err(error) => {
                    if let Some(reason) = self.supervisor.failure() {
                        return Err(reason);
                    }
                    if Instant::now() >= deadline {
                        return Err(error);
                    }
                }
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }
}

/// The owner's URL of a cluster that another process runs on `data_dir`, once it answers;
/// nothing when no process does. For commands beside a running server.
///
/// # Errors
/// When the other process does not get its cluster to answer.
pub async fn url_if_running(data_dir: &Path) -> Result<Option<String>, SetupError> {
    let Ok(data_dir) = data_dir.canonicalize() else {
        return Ok(None);
    };
    let deadline = Instant::now() + RECOVERY;
    loop {
        if lock::holder(&data_dir)?.is_none() {
            return Ok(None);
        }
        let url = url(&directory::sockets(&data_dir), NAME);
        match connect(&parse(&url)?).await {
            Ok(_) => return Ok(Some(url)),
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(25)).await,
        }
    }
}

async fn make_database(layout: &Layout) -> Result<(), SetupError> {
    let client = connect(&parse(&url(&layout.sockets, "postgres"))?).await?;
    client.batch_execute(&format!("CREATE DATABASE {NAME}")).await.context("Making the database")
}

/// A URL that libpq and tokio-postgres read alike: the directory of the socket as the host.
fn url(sockets: &Path, database: &str) -> String {
    format!("postgresql://{NAME}@{}/{database}", percent_encoded(&sockets.to_string_lossy()))
}
