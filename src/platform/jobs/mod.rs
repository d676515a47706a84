//! Jobs: work that is done after the commit of the change that asked for it.
//!
//! A job is a row written in the transaction of the change, so it is there exactly when the
//! change is. Each server claims due rows with `FOR UPDATE SKIP LOCKED`, holds them by a lease
//! that it prolongs while the handler runs, and deletes them when they are done. A server that
//! dies lets its leases end, and another one takes over: a job runs at least once, and its
//! handler must bear running twice, or use [`complete`].
//!
//! Jobs may have lanes, such as the endpoints that webhooks go to: what is slow in one delays no
//! other, tenants take turns, and what is about one subject keeps its order.
//!
//! Recurring jobs run once per slot, however many servers there are: the server that writes the
//! row of the slot queues the job.
//!
//! Waiting workers look every second, and at once when this process commits a job. PostgreSQL's
//! NOTIFY is not used: it takes one lock for all committing transactions of the cluster, and
//! LISTEN needs a session that `PgBouncer` does not give.

mod actions;
mod model;
mod repository;
#[cfg(test)]
mod tests;
mod worker;

use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_database::Transaction;
use steward_kernel::{Error, Kind, Result, TenantId, error::reason};

pub use actions::{discard, list, retry};
pub use model::{Entry, Every, Failure, Job, NewJob, Retries, State};
pub use repository::Filter;
pub use worker::{Options, Workers};

use crate::App;

/// Runs the jobs of one kind.
pub trait Handler: Send + Sync + 'static {
    /// The kind, as `<place>.<what>` such as `mail.send`. Jobs of a kind that no server knows
    /// wait.
    fn kind(&self) -> &'static str;

    /// Does the job. It may be dropped at any await, when the lease is lost or the server stops;
    /// then the job runs again.
    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>>;

    /// Called when the job is given up for good, in whatever way its last attempt ended, before
    /// that is written down. May be called more than once.
    fn gave_up<'a>(&'a self, _: &'a App, _: &'a Job) -> BoxFuture<'a, Result<()>> {
        async { Ok(()) }.boxed()
    }

    /// The pauses between attempts.
    fn retries(&self) -> Retries {
        Retries::default()
    }

    /// How many run at once on one server, so that a slow kind leaves room for the others.
    fn concurrency(&self) -> usize {
        8
    }

    /// Of kinds whose jobs have lanes: how many of one tenant run at once, on all servers. They
    /// wait for others most of the time, so they come on top of what a server may run at once.
    fn share(&self) -> Option<usize> {
        None
    }

    /// How long one attempt may take.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(300)
    }

    /// When the job recurs by itself. It then belongs to no tenant.
    fn every(&self) -> Option<Every> {
        None
    }
}

/// Tells what stands for the jobs of a kind that one of them will not be done. May be called more
/// than once.
pub type Ending = (&'static str, for<'a> fn(&'a App, &'a Job) -> BoxFuture<'a, Result<()>>);

/// Queues a job of the transaction's tenant; it runs once the transaction is committed. Answers
/// its id, or nothing when a job with its key waits or runs already.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn enqueue(tx: &Transaction, tenant: TenantId, job: NewJob) -> Result<Option<i64>> {
    let id = repository::insert(tx, tenant, &job).await?;
    if id.is_some() && job.run_at.is_none() {
        tx.after_commit(worker::wake);
    }
    Ok(id)
}

/// Completes a job of the transaction's tenant together with its effects: they last exactly
/// once, however often the job runs.
///
/// # Errors
/// ABORTED when another worker has the job by now; the transaction must then be rolled back.
pub async fn complete(tx: &Transaction, job: &Job) -> Result<()> {
    if repository::finish(tx, job).await? {
        return Ok(());
    }
    Err(Error::new(Kind::Aborted, reason::CONFLICT, "Another worker has the job."))
}
