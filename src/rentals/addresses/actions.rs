//! What can be done with addresses.

use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{Address, AddressInput, Of};
use super::repository;
use crate::bookings::{self, Used};
use crate::deletion::in_use;

/// All addresses, the main one first.
pub async fn list(app: &App, context: &Context, of: Of) -> Result<Vec<Address>> {
    let tx = app.read(context).await?;
    repository::of(&tx, context.tenant()?, of).await
}

/// The address with an id.
pub async fn get(app: &App, context: &Context, of: Of, id: i64) -> Result<Address> {
    let tx = app.read(context).await?;
    repository::get(&tx, context.tenant()?, of, id).await
}

/// Records an address.
pub async fn create(app: &App, context: &Context, of: Of, input: &AddressInput) -> Result<Address> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::insert(&tx, tenant, of, input).await })
        .await
}

/// Replaces an address. The main one stays it until another one becomes it.
pub async fn update(
    app: &App,
    context: &Context,
    of: Of,
    id: i64,
    input: &AddressInput,
) -> Result<Address> {
    let tenant = context.tenant()?;
    app.transaction(
        context,
        |tx| async move { repository::update(&tx, tenant, of, id, input).await },
    )
    .await
}

/// Deletes an address; the oldest of the others becomes the main one when it was that.
///
/// # Errors
/// FAILED_PRECONDITION (`IN_USE`) while it is one of the business where an agreed booking is picked
/// up.
pub async fn delete(app: &App, context: &Context, of: Of, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::delete(&tx, tenant, of, id).await?;
        // Asked when the row is locked: who begins to use the address waits for it.
        if of == Of::Owner && bookings::uses(&tx, tenant, Used::Address(id)).await? {
            return Err(in_use("A booking that is reserved or ongoing is picked up there."));
        }
        Ok(())
    })
    .await
}
