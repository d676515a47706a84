//! Making the first key, and following ones.

use steward_database::Database;
use steward_kernel::{Result, time};

use super::model::StoredKey;
use super::repository;
use crate::App;

/// Makes the first key when there is none.
pub(super) async fn ensure(database: &Database) -> Result<()> {
    // Made outside the transaction: nobody should wait for a lock while numbers are drawn.
    let candidate = &StoredKey::generate()?;
    database
        .transaction_platform(|tx| async move {
            repository::lock(&tx).await?;
            if repository::has_active(&tx).await? {
                return Ok(());
            }
            repository::insert(&tx, candidate).await
        })
        .await
}

/// Makes a new key, which signs every token from now on, and retires the one before. Keys
/// whose last token has expired are deleted. Answers the id of the new key.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn rotate(app: &App) -> Result<String> {
    let key = &StoredKey::generate()?;
    let now = time::now();
    app.database
        .transaction_platform(|tx| async move {
            repository::lock(&tx).await?;
            repository::delete_retired(&tx, now).await?;
            repository::retire_active(&tx, StoredKey::end_of_life(now)).await?;
            repository::insert(&tx, key).await
        })
        .await?;
    Ok(key.kid.clone())
}
