//! What every family stands on: tenants, clients, tokens and keys.

use steward_database::Database;

/// The services every family is handed.
#[derive(Clone)]
pub struct App {
    /// The one way to the database.
    pub database: Database,
}
