//! What every family stands on: tenants, clients, tokens and keys, changes, jobs, mail and files.

mod audit;
mod callers;
pub mod changes;
pub mod clients;
mod cursor;
pub mod events;
pub mod exports;
pub mod files;
pub mod identities;
pub mod imports;
pub mod jobs;
pub mod keys;
pub mod links;
pub mod mail;
pub mod oidc;
pub mod pages;
pub mod passwords;
mod random;
mod schema;
pub mod sealed;
pub mod sessions;
pub mod tenants;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod users;
pub mod webhooks;
mod wire;

pub use audit::exports as audit_exports;
pub use wire::timestamp;

use std::future::Future;
use std::sync::Arc;

use steward_database::{Database, Listed, Record, Stat, Transaction, find, find_all, page, stats};
use steward_kernel::list::Filter;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_transport::services::Services;

/// What has to know when an operator discards a job of its kind.
pub const ENDINGS: &[jobs::Ending] = &[
    (exports::KIND, exports::gave_up),
    (imports::KIND, imports::gave_up),
    (mail::KIND, mail::gave_up),
    (webhooks::JOB, webhooks::gave_up),
];

/// What every action is handed.
#[derive(Clone)]
pub struct App {
    /// The one way to the database.
    pub database: Database,
    /// The files that clients upload.
    pub files: files::Files,
}

impl App {
    /// What a call without a change around it is handed: where it only asks what would come of it,
    /// its transactions are undone.
    #[must_use]
    pub fn of(&self, context: &Context) -> Self {
        let database = match context.is_trial() {
            true => self.database.on_trial(),
            false => self.database.clone(),
        };
        Self { database, files: self.files.clone() }
    }

    /// Begins a read of the caller's rows; inside a change, reads what the change has written.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn read(&self, context: &Context) -> Result<Arc<Transaction>> {
        match context.unit::<Transaction>() {
            Some(transaction) => Ok(transaction),
            None => self.database.read(context.tenant()?).await.map(Arc::new),
        }
    }

    /// The caller's record with `id`; inside a change, as the change has written it.
    ///
    /// # Errors
    /// As [`Database::get`].
    pub async fn get<R: Record>(&self, context: &Context, id: i64) -> Result<R> {
        let tenant = context.tenant()?;
        match context.unit::<Transaction>() {
            Some(transaction) => find(&transaction, tenant, id).await,
            None => self.database.get(tenant, id).await,
        }
    }

    /// The caller's records with these ids, in their order; one asked for twice is answered
    /// twice.
    ///
    /// # Errors
    /// [`Record::not_found`] of the first that is missing.
    pub async fn get_all<R: Record>(&self, context: &Context, ids: &[i64]) -> Result<Vec<R>> {
        let transaction = self.read(context).await?;
        find_all(&transaction, context.tenant()?, ids).await
    }

    /// A page of the caller's records that meet `scope` and the query.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn page<R: Listed>(
        &self,
        context: &Context,
        scope: Option<&Filter>,
        query: &ListQuery,
    ) -> Result<Page<R>> {
        let transaction = self.read(context).await?;
        page(&transaction, context.tenant()?, scope, query).await
    }

    /// Results over all of the caller's records that meet `scope` and the query.
    ///
    /// # Errors
    /// As [`Database::read`].
    pub async fn stats<R: Listed>(
        &self,
        context: &Context,
        scope: Option<&Filter>,
        query: &ListQuery,
        wanted: &[Stat],
    ) -> Result<serde_json::Value> {
        let transaction = self.read(context).await?;
        stats::<R>(&transaction, context.tenant()?, scope, query, wanted).await
    }

    /// Runs `body` in a transaction that may change the caller's rows. Inside a change, whose
    /// transaction the stack has opened, `body` takes part in that one, and the stack commits
    /// it with everything that follows from the change; else as [`Database::transaction`].
    ///
    /// # Errors
    /// As [`Database::transaction`].
    pub async fn transaction<T, Running: Future<Output = Result<T>>>(
        &self,
        context: &Context,
        body: impl Fn(Arc<Transaction>) -> Running,
    ) -> Result<T> {
        match context.unit::<Transaction>() {
            Some(transaction) => body(transaction).await,
            None => self.database.transaction(context.tenant()?, body).await,
        }
    }
}

/// Adds the services of the platform to the routes of the server.
pub fn services(
    app: &App,
    issuer: &Arc<tokens::Issuer>,
    feed: &Arc<events::Feed>,
    resources: &Arc<exports::Resources>,
    forms: &Arc<imports::Forms>,
    terms: &Arc<webhooks::Terms>,
    services: &mut Services,
) {
    services
        .add_service(tokens::service(Arc::clone(issuer)))
        .add_service(events::service(app, feed))
        .add_service(audit::service(app))
        .add_service(exports::service(app, resources))
        .add_service(imports::service(app, forms))
        .add_service(webhooks::endpoints(app, terms))
        .add_service(webhooks::deliveries(app, terms));
}
