//! What every family stands on: tenants, clients, tokens and keys.

pub mod clients;
pub mod keys;
mod random;
mod schema;
pub mod tenants;
#[cfg(test)]
mod tests;
pub mod tokens;

use std::sync::Arc;

use steward_database::Database;
use tonic::service::RoutesBuilder;

/// What every action is handed.
#[derive(Clone)]
pub struct App {
    /// The one way to the database.
    pub database: Database,
}

/// Adds the services of the platform to the routes of the server.
pub fn services(issuer: &Arc<tokens::Issuer>, routes: &mut RoutesBuilder) {
    routes.add_service(tokens::service(Arc::clone(issuer)));
}
