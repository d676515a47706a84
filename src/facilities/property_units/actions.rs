//! What can be done with property units.

use std::sync::Arc;

use steward_database::{Transaction, find};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;

use super::model::{
    AssignedPerson, OwnerChange, PropertyUnit, PropertyUnitInput, PropertyUnitSummary, RemovedUser,
    generated_custom_unit_id,
};
use super::repository::{self, Stored};
use super::rows;
use crate::attachments::actions::{show, show_all};
use crate::properties::actions::not_found as property_not_found;
use crate::properties::model::Property;
use crate::users::model::Role;
use crate::users::repository as users;

type Connection = steward_database::Connection;

/// Records a unit of a property.
pub async fn create(
    app: &App,
    context: &Context,
    property: i64,
    input: &PropertyUnitInput,
) -> Result<PropertyUnit> {
    let tenant = context.tenant()?;
    // A new unit has no attachments to show.
    app.transaction(context, |tx| async move {
        check_people(&tx, tenant, input).await?;
        let custom_id = match &input.custom_unit_id {
            Some(id) => id.clone(),
            None => next_custom_id(&tx, tenant, property).await?,
        };
        let id = repository::insert(&tx, tenant, property, &custom_id, input).await?;
        repository::set_users(&tx, tenant, id, input).await?;
        found(&tx, tenant, id).await
    })
    .await
}

/// The unit with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<PropertyUnit> {
    show(app, context, app.get(context, id).await?).await
}

/// The property units with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<PropertyUnit>> {
    show_all(app, context, app.get_all(context, ids).await?).await
}

/// A page of a property's units.
pub async fn list(
    app: &App,
    context: &Context,
    property: i64,
    query: ListQuery,
) -> Result<Page<PropertyUnitSummary>> {
    let page = app.page(context, Some(&rows::of_property(property)), &query).await?;
    if page.total == 0 {
        // Told apart from a property there is not.
        app.get::<Property>(context, property).await?;
    }
    Ok(page)
}

/// Replaces the unit with `id`. Without a manager or a custom id the present one stays.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &PropertyUnitInput,
) -> Result<PropertyUnit> {
    let tenant = context.tenant()?;
    let update = |tx: Arc<Transaction>| async move {
        let before = locked(&tx, tenant, id).await?;
        check_people(&tx, tenant, input).await?;
        repository::update(&tx, tenant, &before, input).await?;
        repository::set_users(&tx, tenant, id, input).await?;
        if before.owner_id != input.owner_id {
            record_owner_change(&tx, tenant, context, &before, input.owner_id).await?;
        }
        found(&tx, tenant, id).await
    };
    show(app, context, app.transaction(context, update).await?).await
}

/// Gives a unit another owner. The owner company is dropped unless it belongs to that owner.
pub async fn change_owner(
    app: &App,
    context: &Context,
    id: i64,
    new_owner: i64,
) -> Result<OwnerChange> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let stored = locked(&tx, tenant, id).await?;
        users::require(&tx, tenant, Role::Owner, &[new_owner]).await?;
        let before = found(&tx, tenant, id).await?;
        if stored.owner_id != new_owner {
            repository::set_owner(&tx, tenant, id, new_owner).await?;
            record_owner_change(&tx, tenant, context, &stored, new_owner).await?;
        }
        let after = found(&tx, tenant, id).await?;
        Ok(OwnerChange { property_unit_id: id, old_owner: before.owner, new_owner: after.owner })
    })
    .await
}

/// Assigns a property user to a unit, or changes whether an assigned one is the main contact.
pub async fn assign_user(
    app: &App,
    context: &Context,
    id: i64,
    user: i64,
    is_main_contact: bool,
) -> Result<PropertyUnit> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        locked(&tx, tenant, id).await?;
        users::require(&tx, tenant, Role::PropertyUser, &[user]).await?;
        repository::assign_user(&tx, tenant, id, user, is_main_contact).await?;
        found(&tx, tenant, id).await
    })
    .await
}

/// Removes a property user from a unit.
pub async fn remove_user(app: &App, context: &Context, id: i64, user: i64) -> Result<RemovedUser> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        locked(&tx, tenant, id).await?;
        let mut unit = found(&tx, tenant, id).await?;
        let assigned = |assigned: &AssignedPerson| assigned.person.id == user;
        let Some(place) = unit.property_users.iter().position(assigned) else {
            return Err(Role::PropertyUser.not_found(user));
        };
        repository::remove_user(&tx, tenant, id, user).await?;
        let user = unit.property_users.remove(place);
        Ok(RemovedUser { unit, user })
    })
    .await
}

/// Checks that everybody the input names exists in the right role.
async fn check_people(
    connection: &Connection,
    tenant: TenantId,
    input: &PropertyUnitInput,
) -> Result<()> {
    let manager = input.manager_id.as_slice();
    futures_util::try_join!(
        users::require(connection, tenant, Role::Owner, std::slice::from_ref(&input.owner_id)),
        users::require(connection, tenant, Role::Manager, manager),
        users::require(connection, tenant, Role::PropertyUser, &input.property_user_ids),
    )?;
    Ok(())
}

/// Takes the next free custom id of a property. Holds the property's row until the end of the
/// transaction, so that two units never take the same one.
async fn next_custom_id(
    connection: &Connection,
    tenant: TenantId,
    property: i64,
) -> Result<String> {
    loop {
        let numbering = repository::take_number(connection, tenant, property)
            .await?
            .ok_or_else(|| property_not_found(property))?;
        let candidate = generated_custom_unit_id(
            numbering.custom_property_id.as_deref(),
            property,
            numbering.number,
        );
        // Somebody may have given the id by hand.
        if !repository::custom_id_exists(connection, tenant, &candidate).await? {
            return Ok(candidate);
        }
    }
}

async fn record_owner_change(
    connection: &Connection,
    tenant: TenantId,
    context: &Context,
    before: &Stored,
    new_owner: i64,
) -> Result<()> {
    let client = context.principal().map_or("", |principal| principal.client_id.as_str());
    repository::insert_owner_change(connection, tenant, before, new_owner, client).await
}

async fn locked(connection: &Connection, tenant: TenantId, id: i64) -> Result<Stored> {
    repository::lock(connection, tenant, id).await?.ok_or_else(|| not_found(id))
}

async fn found(connection: &Connection, tenant: TenantId, id: i64) -> Result<PropertyUnit> {
    find(connection, tenant, id).await
}

/// Whether `id` is a property unit of the tenant.
pub(crate) async fn require(connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    if repository::unit_exists(connection, tenant, id).await? { Ok(()) } else { Err(not_found(id)) }
}

/// The error for an id that is no property unit of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Property unit", id)
}
