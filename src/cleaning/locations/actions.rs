//! What can be done with homes.

use steward_database::{Transaction, find, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;

use super::model::{Location, LocationInput, Narrowed};
use super::repository;
use crate::bookings::repository as bookings;
use crate::caller::Caller;
use crate::clients::model::Client;
use crate::clients::repository as clients;
use crate::reason::{in_use, out_of_reach};
use crate::wire::{all, equal};

/// Adds a home to a client, who is the caller where none is named.
pub async fn create(
    app: &App,
    context: &Context,
    client_id: i64,
    input: &LocationInput,
) -> Result<Location> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let caller = Caller::of(&tx, context).await?;
        let client_id = caller.client(client_id);
        clients::lock(&tx, tenant, client_id).await?;
        caller.reaches_client(client_id)?;
        let id = add_to(&tx, tenant, client_id, input).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Adds a home to a client who is locked, or new; the first one is the default.
pub async fn add_to(
    tx: &Transaction,
    tenant: TenantId,
    client_id: i64,
    input: &LocationInput,
) -> Result<i64> {
    let has_default = repository::has_default(tx, tenant, client_id).await?;
    let is_default = !has_default || input.is_default == Some(true);
    if is_default && has_default {
        repository::clear_default(tx, tenant, client_id).await?;
    }
    repository::insert(tx, tenant, client_id, input, is_default).await
}

/// The home with an id; clients see their own alone.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Location> {
    let tx = app.read(context).await?;
    reached(&tx, context, id).await
}

async fn reached(tx: &Transaction, context: &Context, id: i64) -> Result<Location> {
    let caller = Caller::of(tx, context).await?;
    let location: Location = find(tx, context.tenant()?, id).await?;
    caller.reaches_client(location.client_id)?;
    Ok(location)
}

/// A page of homes: those of a client, or with a zip code. Clients see their own alone.
pub async fn list(
    app: &App,
    context: &Context,
    narrowed: Narrowed,
    query: &ListQuery,
) -> Result<Page<Location>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let caller = Caller::of(&tx, context).await?;
    let Narrowed { client_id, zip } = narrowed;
    if let Some(id) = client_id {
        let client: Client = find(&tx, tenant, id).await?;
        caller.reaches_client(client.id)?;
    }
    let own = match caller {
        Caller::Client(id) => Some(id),
        Caller::Admin => client_id,
        Caller::Cleaner(_) => return Err(out_of_reach()),
    };
    let scope = all([
        equal(repository::CLIENT_ID, own.map(Value::Integer)),
        equal(repository::ZIP, zip.map(Value::Text)),
    ]);
    page(&tx, tenant, Some(&scope), query).await
}

/// Replaces a home.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &LocationInput,
) -> Result<Location> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present = reached(&tx, context, id).await?;
        if present.is_default() && input.is_default == Some(false) {
            let mut violations = Violations::below("location");
            violations.rule("is_default", "Another home has to become the default instead.");
            violations.finish(())?;
        }
        repository::update(&tx, tenant, id, input).await?;
        if input.is_default == Some(true) && !present.is_default() {
            clients::lock(&tx, tenant, present.client_id).await?;
            repository::clear_default(&tx, tenant, present.client_id).await?;
            repository::set_default(&tx, tenant, id).await?;
        }
        let updated: Location = find(&tx, tenant, id).await?;
        if updated.tenant_location_id != present.tenant_location_id {
            check_unused(&tx, tenant, id).await?;
        }
        Ok(updated)
    })
    .await
}

/// Refuses to take a home away from its bookings, by deleting it or by moving it to another area.
async fn check_unused(tx: &Transaction, tenant: TenantId, id: i64) -> Result<()> {
    match bookings::is_live(tx, tenant, bookings::Of::Location(id)).await? {
        true => Err(in_use("A live booking is of this home.")),
        false => Ok(()),
    }
}

/// Deletes a home. The oldest of the others becomes the default when it was that.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let location = reached(&tx, context, id).await?;
        clients::lock(&tx, tenant, location.client_id).await?;
        check_unused(&tx, tenant, id).await?;
        repository::delete(&tx, tenant, id).await?;
        if repository::has_default(&tx, tenant, location.client_id).await? {
            return Ok(());
        }
        match repository::oldest(&tx, tenant, location.client_id).await? {
            Some(oldest) => repository::set_default(&tx, tenant, oldest).await,
            None => Ok(()),
        }
    })
    .await
}
