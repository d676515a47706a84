//! What an operator does with jobs.

use steward_kernel::{Error, Result};

use super::Ending;
use super::model::Entry;
use super::repository::{self, Filter};
use super::worker;
use crate::App;

/// At most `limit` jobs of all tenants, oldest first, with an id beyond `after`.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn list(app: &App, filter: &Filter, after: i64, limit: i64) -> Result<Vec<Entry>> {
    app.database
        .transaction_worker(|tx| async move { repository::list(&tx, filter, after, limit).await })
        .await
}

/// Has a job that waits or died run now, with all its attempts before it.
///
/// # Errors
/// NOT_FOUND when there is none with this id, or it runs; FAILED_PRECONDITION when its key
/// stands for another one by now.
pub async fn retry(app: &App, id: i64) -> Result<()> {
    let found = app
        .database
        .transaction_worker(|tx| async move {
            tx.after_commit(worker::wake);
            repository::retry(&tx, id).await
        })
        .await?;
    if found { Ok(()) } else { Err(not_waiting(id)) }
}

/// Forgets a job that waits or died, once its kind has been told in `endings` that it will not be
/// done.
///
/// # Errors
/// NOT_FOUND when there is none with this id, or it runs; those of the ending.
pub async fn discard(app: &App, id: i64, endings: &[Ending]) -> Result<()> {
    app.database
        .transaction_worker(|tx| async move {
            // Held until its kind knows, so that no worker takes it meanwhile.
            let job = repository::hold(&tx, id).await?.ok_or_else(|| not_waiting(id))?;
            if let Some((_, gave_up)) = endings.iter().find(|(kind, _)| *kind == job.kind) {
                gave_up(app, &job).await?;
            }
            repository::discard(&tx, id).await
        })
        .await
}

fn not_waiting(id: i64) -> Error {
    Error::not_found("Job that waits or died", id)
}
