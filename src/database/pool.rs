//! The pool of connections to PostgreSQL.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use deadpool::managed::{Object, Pool, PoolError, TimeoutType};
use diesel::sql_types::{Bool, Text};
use diesel_async::RunQueryDsl;
use steward_kernel::error::reason;
use steward_kernel::retry::longest_pause;
use steward_kernel::{Error, Kind, Result, TenantId};

use crate::error::{ResultExt, unreachable};
use crate::loader::Loader;
use crate::migrate::newest;
use crate::session::Sessions;
use crate::setup::parse;
use crate::transaction::{Access, Key, Scope, Transaction};

/// What stands between the pool and PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolMode {
    /// Nothing: a connection is a session of PostgreSQL, and what is set on it stays. Reads
    /// then need no transaction to name their tenant, which makes them twice as fast.
    Session,
    /// A pooler that gives each transaction any session, such as `PgBouncer` with
    /// `pool_mode = transaction`. Every read is a transaction that names its tenant.
    Transaction,
}

/// Limits of the pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Most connections kept open.
    pub size: usize,
    /// How long a call waits for a connection before it is answered UNAVAILABLE.
    pub wait: Duration,
    /// Whether statements stay prepared on their connection. Off only behind a pooler that
    /// hands out another connection for each transaction and does not track prepared
    /// statements: `PgBouncer` before 1.21, or with `max_prepared_statements = 0`.
    pub prepared_statements: bool,
    /// What stands between the pool and PostgreSQL.
    pub mode: PoolMode,
}

impl Default for PoolOptions {
    fn default() -> Self {
        Self {
            size: 12,
            wait: Duration::from_secs(2),
            prepared_statements: true,
            mode: PoolMode::Transaction,
        }
    }
}

/// How busy the pool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStatus {
    /// Most connections kept open.
    pub limit: usize,
    /// Open connections.
    pub size: usize,
    /// Open connections that nobody uses.
    pub available: usize,
    /// Calls that wait for a connection.
    pub waiting: usize,
}

/// How often a change is tried when others get in its way.
const MOST_ATTEMPTS: u32 = 4;

/// How long [`Database::check_ready`] may take.
const READY_WITHIN: Duration = Duration::from_secs(1);

/// What a transaction sees of others that commit meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it.
    ReadCommitted,
    /// All statements see the same; a row that changed meanwhile cannot be changed.
    Snapshot,
}

/// The one way to the database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<Sessions>,
    mode: PoolMode,
    /// Whether its transactions are undone at their end.
    is_trial: bool,
    pub(crate) loader: Loader,
}

impl Database {
    /// Opens a pool to `url`, a role that owns nothing and cannot bypass row-level security.
    /// Connects on first use.
    ///
    /// # Errors
    /// INTERNAL when the pool cannot be made.
    pub fn open(url: &str, options: PoolOptions) -> Result<Self> {
        let server = parse(url).map_err(Error::internal)?;
        let pool = Pool::builder(Sessions { server, options })
            .max_size(options.size)
            .wait_timeout(Some(options.wait))
            .create_timeout(Some(options.wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { pool, mode: options.mode, is_trial: false, loader: Loader::default() })
    }

    /// The same database for a call that asks what would come of it: what its transactions do is
    /// checked like any other, and undone at their end.
    #[must_use]
    pub fn on_trial(&self) -> Self {
        Self { is_trial: true, ..self.clone() }
    }

    /// The same database for what lasts, whatever the call asks for: guesses have to be counted.
    #[must_use]
    pub fn in_earnest(&self) -> Self {
        Self { is_trial: false, ..self.clone() }
    }

    /// Whether its transactions are undone at their end.
    #[must_use]
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Begins a read of `tenant`'s rows, each statement of which sees what was committed before
    /// it.
    ///
    /// # Errors
    /// UNAVAILABLE when no connection is free in time, or none can be made.
    pub async fn read(&self, tenant: TenantId) -> Result<Transaction> {
        match self.mode {
            PoolMode::Session => {
                let mut session = self.session().await?;
                session.belong_to(tenant).await?;
                Ok(Transaction::around_single_statements(session))
            }
            // Costs no round trip: the beginning travels with the first statement, and nobody
            // waits for the end.
            PoolMode::Transaction => self.begin_read(Scope::Tenant(tenant)).await,
        }
    }

    /// Begins a read of `tenant`'s rows all of whose statements see the same.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn snapshot(&self, tenant: TenantId) -> Result<Transaction> {
        let scope = Scope::Tenant(tenant);
        Ok(Transaction::begin(self.session().await?, Access::SnapshotRead, scope))
    }

    /// Begins a read of the rows that have a key, whose tenant is not known yet, and of what
    /// belongs to no tenant.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_by(&self, key: Key<'_>) -> Result<Transaction> {
        self.begin_read(Scope::Key(key)).await
    }

    /// Begins a read of what belongs to no tenant.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_platform(&self) -> Result<Transaction> {
        self.begin_read(Scope::Platform).await
    }

    /// Begins a read of what is shown to all servers, whosever it is: the queue of jobs, and which
    /// sessions were ended.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_worker(&self) -> Result<Transaction> {
        self.begin_read(Scope::Worker).await
    }

    async fn begin_read(&self, scope: Scope<'_>) -> Result<Transaction> {
        Ok(Transaction::begin(self.session().await?, Access::Read, scope))
    }

    /// Runs `body` in a transaction that may change `tenant`'s rows, and commits it, unless the
    /// database is one [`Database::on_trial`]. Runs it again when PostgreSQL reports a deadlock or a serialisation failure.
    ///
    /// # Errors
    /// Those of `body`, after a rollback; ABORTED after the last retry.
    pub async fn transaction<T, Running: Future<Output = Result<T>>>(
        &self,
        tenant: TenantId,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        self.run(Scope::Tenant(tenant), body).await
    }

    /// As [`Database::transaction`], for what belongs to no tenant.
    ///
    /// # Errors
    /// As [`Database::transaction`].
    pub async fn transaction_platform<T, Running: Future<Output = Result<T>>>(
        &self,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        self.run(Scope::Platform, body).await
    }

    /// As [`Database::transaction`], over the queue of jobs of all tenants.
    ///
    /// # Errors
    /// As [`Database::transaction`].
    pub async fn transaction_worker<T, Running: Future<Output = Result<T>>>(
        &self,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        self.run(Scope::Worker, body).await
    }

    async fn run<T, Running: Future<Output = Result<T>>>(
        &self,
        scope: Scope<'_>,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        let mut attempt = 1;
        loop {
            let result = self.attempt(scope, &body).await;
            match result {
                Err(error) if error.reason() == reason::CONFLICT && attempt < MOST_ATTEMPTS => {
                    // The other one needs a moment to get what it waited for; at once, both
                    // would meet again.
                    let longest = longest_pause(attempt);
                    tokio::time::sleep(longest.mul_f64(rand::random_range(0.5..1.0))).await;
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    /// Begins a transaction that may change `tenant`'s rows, for a caller that commits it
    /// itself. Costs no round trip. Rolled back when dropped.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn begin(&self, tenant: TenantId, isolation: Isolation) -> Result<Arc<Transaction>> {
        let access = match isolation {
            Isolation::ReadCommitted => Access::Write,
            Isolation::Snapshot => Access::SnapshotWrite,
        };
        let scope = Scope::Tenant(tenant);
        Ok(Arc::new(Transaction::begin(self.session().await?, access, scope)))
    }

    // The transaction is handed over shared, not borrowed: the compiler cannot see that a
    // future which borrows its argument may move between threads.
    async fn attempt<T, Running: Future<Output = Result<T>>>(
        &self,
        scope: Scope<'_>,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        let transaction = Arc::new(Transaction::begin(self.session().await?, Access::Write, scope));
        let value = body(Arc::clone(&transaction)).await?;
        if self.is_trial {
            transaction.roll_back();
        } else {
            transaction.commit().await?;
        }
        Ok(value)
    }

    /// Whether the database answers within a second and has the migrations of this program.
    ///
    /// # Errors
    /// UNAVAILABLE when not.
    pub async fn check_ready(&self) -> Result<()> {
        let check = async {
            let tx = self.read_platform().await?;
            let known: Known = diesel::sql_query(
                "SELECT EXISTS (SELECT FROM steward.schema_migrations WHERE name = $1) AS known",
            )
            .bind::<Text, _>(newest())
            .get_result(&mut &*tx)
            .await
            .or_internal()?;
            Ok::<bool, Error>(known.known)
        };
        match tokio::time::timeout(READY_WITHIN, check).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(unreachable("The database lacks migrations.")),
            Ok(Err(error)) if error.kind() == Kind::Unavailable => Err(error),
            Ok(Err(error)) => Err(unreachable("The database is not ready.").with_source(error)),
            Err(_) => Err(unreachable("The database does not answer in time.")),
        }
    }

    /// How busy the pool is; cheap.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let status = self.pool.status();
        PoolStatus {
            limit: status.max_size,
            size: status.size,
            available: status.available,
            waiting: status.waiting,
        }
    }

    async fn session(&self) -> Result<Object<Sessions>> {
        self.pool.get().await.map_err(|error| {
            let busy = matches!(error, PoolError::Timeout(TimeoutType::Wait));
            let message = if busy {
                "All connections to the database are busy."
            } else {
                "The database cannot be reached."
            };
            unreachable(message).with_source(error)
        })
    }
}

#[derive(diesel::QueryableByName)]
struct Known {
    #[diesel(sql_type = Bool)]
    known: bool,
}
