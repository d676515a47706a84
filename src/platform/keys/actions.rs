//! Making the first key, and following ones.

use std::time::Duration;

use steward_database::Database;
use steward_kernel::{Error, Result};

use super::model::StoredKey;
use super::repository;
use crate::App;

/// Makes the first key when there is none.
pub(super) async fn ensure(database: &Database) -> Result<()> {
    // Made outside the transaction: nobody should wait for a lock while numbers are drawn.
    let candidate = &StoredKey::generate()?;
    database
        .transaction_platform(|tx| async move {
            let now = repository::lock(&tx).await?;
            if repository::find_newest(&tx).await?.is_some() {
                return Ok(());
            }
            repository::insert(&tx, candidate, now).await
        })
        .await
}

/// Makes a new key. It is published at once, and signs every token from `delay` on; the
/// present key is verified until its last token has expired. Answers the id of the new key.
///
/// steward's own servers need no delay. Others that verify our tokens may, when they keep the
/// published keys for long and do not look again when they meet an unknown one.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn rotate(app: &App, delay: Duration) -> Result<String> {
    let key = &StoredKey::generate()?;
    app.database
        .transaction_platform(|tx| async move {
            let now = repository::lock(&tx).await?;
            let active_from = now.checked_add(delay).map_err(Error::internal)?;
            // Keys of no use any more: those without a valid token, and one that was to follow
            // later and is overtaken now.
            repository::delete_retired_or_pending(&tx, now).await?;
            if let Some(present) = repository::find_newest(&tx).await? {
                repository::retire(&tx, &present, StoredKey::end_of_life(active_from)).await?;
            }
            repository::insert(&tx, key, active_from).await
        })
        .await?;
    Ok(key.kid.clone())
}
