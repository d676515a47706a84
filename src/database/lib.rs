//! PostgreSQL: the pool, tenant-scoped transactions, the embedded server, migrations, and
//! the map from constraints to errors.
//!
//! How a process gets from its configuration to a [`Database`]:
//!
//! ```no_run
//! use std::time::Duration;
//! use steward_database::embedded::{Cluster, Options};
//! use steward_database::{Database, PoolOptions, prepare};
//!
//! # async fn run(given: Option<String>) -> Result<(), Box<dyn std::error::Error>> {
//! // Without a URL the server brings its own PostgreSQL; the cluster lives as long as this value.
//! let cluster = match &given {
//!     Some(_) => None,
//!     None => Some(Cluster::start(&Options { data_dir: "./data".into(), pg_bin: None }).await?),
//! };
//! let url = match (&given, &cluster) {
//!     (Some(url), _) => url.as_str(),
//!     (None, Some(cluster)) => cluster.owner_url(),
//!     (None, None) => return Err("no database".into()),
//! };
//! // Migrated, and a role that owns nothing and cannot bypass row-level security.
//! let prepared = prepare(url).await?;
//! let options = PoolOptions { size: 12, wait: Duration::from_secs(2), ..PoolOptions::default() };
//! let database = Database::open(&prepared.app_url, options)?;
//! database.check_ready().await?; // for /readyz
//! // ... serve; then, after the last call has been answered:
//! drop(database);
//! if let Some(cluster) = cluster {
//!     cluster.stop().await;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A command beside a running server asks [`embedded::url_if_running`] first and starts a
//! cluster of its own only when that answers nothing.

mod day;
pub mod embedded;
pub mod error;
mod instant;
mod json;
mod list;
mod loader;
mod migrate;
mod pool;
mod prepare;
mod row_count;
mod session;
mod setup;
mod tls;
mod transaction;

pub use day::{Day, WallTime};
pub use error::ResultExt;
pub use instant::Instant;
pub use json::Json;
pub use list::{
    Aggregate, List, Listed, Start, Stat, count_within, in_order, list_after, list_ids, page, stats,
};
pub use loader::{Record, find, find_all};
pub use migrate::{migrate, migrate_down};
pub use pool::{Database, Isolation, PoolMode, PoolOptions, PoolStatus};
pub use prepare::{Prepared, prepare};
pub use row_count::row_count;
pub use setup::SetupError;
pub use transaction::{Key, Transaction};

/// A connection that statements run on. Repositories take it shared, as
/// `mut connection: &Connection`, so that independent statements can be pipelined.
pub type Connection = diesel_async::AsyncPgConnection;
