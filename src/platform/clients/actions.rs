//! What an operator does with clients.

use secrecy::SecretString;
use steward_database::Key;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{self, Client, NewClient, SecretHash};
use super::repository;
use crate::App;

/// Records a client of `tenant` and answers its id and secret. The secret cannot be read
/// again.
///
/// # Errors
/// INVALID_ARGUMENT for an empty or overlong name, NOT_FOUND for an unknown tenant.
pub async fn create(app: &App, tenant: TenantId, name: &str) -> Result<NewClient> {
    let name = model::checked_name(name)?;
    let new = NewClient::generate();
    let hash = SecretHash::of(&new.client_secret);
    let (id, name) = (&new.client_id, &name);
    app.database
        .transaction(
            tenant,
            |tx| async move { repository::insert(&tx, tenant, id, name, hash).await },
        )
        .await?;
    Ok(new)
}

/// Gives a client a new secret and answers it. The present secret stays valid beside it
/// until the next rotation; the one before is void at once.
///
/// # Errors
/// NOT_FOUND for an unknown client.
pub async fn rotate_secret(app: &App, client_id: &str) -> Result<SecretString> {
    let client = &get(app, client_id).await?;
    let secret = model::new_secret();
    let hash = SecretHash::of(&secret);
    app.database
        .transaction(client.tenant, |tx| async move {
            repository::rotate_secret(&tx, client, hash).await
        })
        .await?;
    Ok(secret)
}

/// Refuses further tokens to a client. Tokens it has work until they expire.
///
/// # Errors
/// NOT_FOUND for an unknown client.
pub async fn disable(app: &App, client_id: &str) -> Result<()> {
    let client = &get(app, client_id).await?;
    app.database
        .transaction(client.tenant, |tx| async move {
            repository::disable(&tx, client, time::now()).await
        })
        .await
}

/// The clients of `tenant`, ordered by age.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn list(app: &App, tenant: TenantId) -> Result<Vec<Client>> {
    let tx = app.database.read(tenant).await?;
    repository::list(&tx, tenant).await
}

async fn get(app: &App, client_id: &str) -> Result<Client> {
    let tx = app.database.read_by(Key::Client(client_id)).await?;
    let found = repository::find(&tx, client_id).await?;
    found.ok_or_else(|| Error::not_found("Client", client_id))
}
