//! PostgreSQL: the pool, tenant-scoped transactions, the embedded server, migrations, and
//! the map from constraints to errors.

pub mod error;
mod pool;
mod transaction;

pub use error::ResultExt;
pub use pool::{Database, PoolOptions};
pub use transaction::Transaction;

/// A connection that statements run on. Repositories take it shared, as
/// `mut connection: &Connection`, so that independent statements can be pipelined.
pub type Connection = diesel_async::AsyncPgConnection;
