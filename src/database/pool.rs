//! The pool of connections to PostgreSQL.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use diesel_async::AsyncPgConnection;
use diesel_async::pooled_connection::deadpool::Pool;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use steward_kernel::{Error, Result, TenantId};

use crate::transaction::{Access, Scope, Transaction};

/// Limits of the pool.
#[derive(Debug, Clone, Copy)]
pub struct PoolOptions {
    /// Most connections kept open.
    pub size: usize,
    /// How long a call waits for a connection before it is answered UNAVAILABLE.
    pub wait: Duration,
}

/// The one way to the database. Cheap to clone.
#[derive(Clone)]
pub struct Database {
    pool: Pool<AsyncPgConnection>,
}

impl Database {
    /// Opens a pool to `url`, a role that owns nothing and cannot bypass row-level security.
    /// Connects on first use.
    ///
    /// # Errors
    /// INTERNAL when the pool cannot be made.
    pub fn open(url: &str, options: PoolOptions) -> Result<Self> {
        let mut config = ManagerConfig::default();
        // The default method sends a query before each use, which costs a third of a read.
        config.recycling_method = RecyclingMethod::Fast;
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = Pool::builder(manager)
            .max_size(options.size)
            .wait_timeout(Some(options.wait))
            .create_timeout(Some(options.wait))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Error::internal)?;
        Ok(Self { pool })
    }

    /// Begins a read of `tenant`'s rows. Costs no round trip: the beginning travels with the
    /// first statement, the end with the next use of the connection.
    ///
    /// # Errors
    /// UNAVAILABLE when no connection is free in time, or none can be made.
    pub async fn read(&self, tenant: TenantId) -> Result<Transaction> {
        self.begin_read(Scope::Tenant(tenant)).await
    }

    /// Begins a read of the API client `client_id`, whose tenant is not known yet, and of what
    /// belongs to no tenant.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_client(&self, client_id: &str) -> Result<Transaction> {
        self.begin_read(Scope::Client(client_id)).await
    }

    /// Begins a read of what belongs to no tenant.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read_platform(&self) -> Result<Transaction> {
        self.begin_read(Scope::Platform).await
    }

    async fn begin_read(&self, scope: Scope<'_>) -> Result<Transaction> {
        Ok(Transaction::begin(self.connection().await?, Access::Read, scope))
    }

    /// Runs `body` in a transaction that may change `tenant`'s rows, and commits it. Runs it
    /// again when PostgreSQL reports a deadlock or a serialisation failure.
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

    // The transaction is handed over shared, not borrowed: the compiler cannot see that a
    // future which borrows its argument may move between threads.
    async fn run<T, Running: Future<Output = Result<T>>>(
        &self,
        scope: Scope<'_>,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        let mut attempt = 1;
        loop {
            let transaction =
                Arc::new(Transaction::begin(self.connection().await?, Access::Write, scope));
            let result = match body(Arc::clone(&transaction)).await {
                Ok(value) => transaction.commit().await.map(|()| value),
                Err(error) => Err(error),
            };
            match result {
                Err(error) if error.kind() == steward_kernel::Kind::Aborted && attempt < 4 => {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    async fn connection(
        &self,
    ) -> Result<diesel_async::pooled_connection::deadpool::Object<AsyncPgConnection>> {
        self.pool.get().await.map_err(|error| {
            Error::unavailable("The database cannot be reached.", Duration::from_secs(1))
                .with_source(error)
        })
    }
}
