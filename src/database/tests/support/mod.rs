//! One cluster for the tests of a process, a database of its own for each test that changes
//! more than rows.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use steward_database::embedded::{Cluster, Options};
use steward_database::{Database, PoolMode, PoolOptions, prepare};
use steward_kernel::TenantId;
use tokio::sync::OnceCell;
use tokio_postgres::{Client, NoTls};

/// A prepared database and ways into it.
pub struct TestDatabase {
    pub owner_url: String,
    pub app_url: String,
    pub owner: Client,
}

static CLUSTER: OnceCell<Cluster> = OnceCell::const_new();
static NEXT: AtomicU32 = AtomicU32::new(0);

/// The cluster ends with the process, by the tie between the two; its directory is removed by
/// the next run.
async fn cluster() -> &'static Cluster {
    CLUSTER
        .get_or_init(|| async {
            let parent = std::env::temp_dir();
            for entry in std::fs::read_dir(&parent).expect("temporary directory").flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if let Some(process) = name.strip_prefix("steward-test-")
                    && !PathBuf::from("/proc").join(process).exists()
                {
                    let _ = std::fs::remove_dir_all(entry.path());
                }
            }
            let data_dir = parent.join(format!("steward-test-{}", std::process::id()));
            Cluster::start(&Options { data_dir, pg_bin: None }).await.expect("cluster")
        })
        .await
}

/// A connection of the cluster's owner to no test's database.
pub async fn admin() -> Client {
    connect(cluster().await.owner_url()).await
}

/// A connection outside the pool.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    client
}

impl TestDatabase {
    /// A new database in the cluster of this process, migrated.
    pub async fn new() -> Self {
        let cluster_url = cluster().await.owner_url();
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        admin().await.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("create");
        let owner_url =
            format!("{}/{name}", cluster_url.strip_suffix("/steward").expect("database"));
        let prepared = prepare(&owner_url).await.expect("prepare");
        let owner = connect(&owner_url).await;
        Self { owner_url, app_url: prepared.app_url, owner }
    }

    /// A pool that waits a quarter of a second.
    pub fn pool(&self, size: usize) -> Database {
        self.pool_in(PoolOptions::default().mode, size)
    }

    /// As [`TestDatabase::pool`], in `mode`.
    pub fn pool_in(&self, mode: PoolMode, size: usize) -> Database {
        let wait = Duration::from_millis(250);
        let options = PoolOptions { size, wait, mode, ..PoolOptions::default() };
        Database::open(&self.app_url, options).expect("pool")
    }

    /// A new tenant.
    pub async fn tenant(&self) -> TenantId {
        let row = self
            .owner
            .query_one("INSERT INTO platform.tenants (name) VALUES ('test') RETURNING id", &[])
            .await
            .expect("tenant");
        TenantId(row.get(0))
    }

    /// Ends all connections of the server's role, as a restart does.
    pub async fn kill_connections(&self) {
        self.owner
            .execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
                &[],
            )
            .await
            .expect("terminate");
    }
}
