//! What an operator does with users.

use secrecy::SecretString;
use steward_database::{Key, Transaction};
use steward_kernel::{Result, TenantId};

use super::model::{NewUser, User};
use super::{password, repository};
use crate::{App, sessions, tenants};

/// Records a user of `tenant`.
///
/// # Errors
/// NOT_FOUND for an unknown tenant, ALREADY_EXISTS when another user of the tenant has the name.
pub async fn create(tx: &Transaction, tenant: TenantId, new: &NewUser) -> Result<User> {
    tenants::find(tx, tenant).await?;
    let id = repository::insert(tx, tenant, new).await?;
    repository::get(tx, id).await
}

/// The user with an id, of whichever tenant.
///
/// # Errors
/// NOT_FOUND for an unknown user.
pub async fn find(app: &App, id: i64) -> Result<User> {
    let tx = app.database.read_by(Key::User(id)).await?;
    repository::get(&tx, id).await
}

/// The users of `tenant`, ordered by id.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn list(app: &App, tenant: TenantId) -> Result<Vec<User>> {
    let tx = app.database.read(tenant).await?;
    repository::list(&tx, tenant).await
}

/// Lets a user sign in no more, and ends all sessions of theirs.
///
/// # Errors
/// NOT_FOUND for an unknown user.
pub async fn disable(app: &App, id: i64) -> Result<()> {
    let user = &find(app, id).await?;
    app.database
        .transaction(user.tenant, |tx| async move {
            repository::set_active(&tx, user, false).await?;
            sessions::end_all(&tx, user.tenant, user.id).await
        })
        .await
}

/// Lets a user sign in or no more, within a transaction of the user's tenant. Whoever may sign in no
/// more has no session left.
///
/// # Errors
/// NOT_FOUND for an unknown user.
pub async fn let_in(tx: &Transaction, id: i64, is_active: bool) -> Result<()> {
    let user = repository::get(tx, id).await?;
    repository::set_active(tx, &user, is_active).await?;
    if is_active { Ok(()) } else { sessions::end_all(tx, user.tenant, id).await }
}

/// Takes a user out, within a transaction of the user's tenant: nobody signs in as them any more,
/// their sessions end, and their user name is free for others.
///
/// # Errors
/// NOT_FOUND for an unknown user.
pub async fn close(tx: &Transaction, id: i64) -> Result<()> {
    let user = repository::get(tx, id).await?;
    repository::release(tx, &user).await?;
    sessions::end_all(tx, user.tenant, id).await
}

/// Gives a user another password, and ends all sessions of theirs.
///
/// # Errors
/// NOT_FOUND for an unknown user, INVALID_ARGUMENT for a password that breaks the rule.
pub async fn set_password(app: &App, id: i64, password: SecretString) -> Result<()> {
    let user = &find(app, id).await?;
    let password = password::checked("password", password, &user.username)?;
    let hashed = &password::hash(&password).await?;
    app.database
        .transaction(user.tenant, |tx| async move {
            repository::set_password(&tx, user, hashed).await?;
            sessions::end_all(&tx, user.tenant, user.id).await
        })
        .await
}
