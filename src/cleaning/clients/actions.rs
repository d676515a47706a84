//! What can be done with clients.

use steward_database::{Aggregate, Stat, find, page, stats};
use steward_kernel::list::{Filter, Value};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result, Role};
use steward_platform::{App, users as platform};

use super::model::{Client, ClientInput, ClientList, Narrowed, NewClient};
use super::repository;
use crate::bookings::actions as bookings;
use crate::caller::Caller;
use crate::locations::actions::add_to;
use crate::locations::model::Location;
use crate::locations::repository::CLIENT_ID;
use crate::lookups::actions::check_lead_source;
use crate::lookups::model::Audience;
use crate::tenant_locations::model::TenantLocation;
use crate::tenants::repository::currency;
use crate::users::actions as users;
use crate::wire::{all, equal};

/// Adds a client with a user and perhaps a home.
pub async fn add(app: &App, context: &Context, new: NewClient) -> Result<Client> {
    let tenant = context.tenant()?;
    let NewClient { written, password, location } = new;
    let email = written.email.clone().unwrap_or_default();
    let password = users::hashed(password, &email).await?;
    let (email, written, password, location) = (&*email, &written, &password, &location);
    app.transaction(context, |tx| async move {
        check_lead_source(&tx, tenant, Audience::Client, written.lead_source_id).await?;
        let named = (email, Role::Client);
        let user =
            users::admit(app, &tx, tenant, named, &written.details(), password.as_ref()).await?;
        let id = repository::insert(&tx, tenant, user, written).await?;
        if let Some(location) = location {
            add_to(&tx, tenant, id, location).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// The client with an id; clients see themselves alone, under the id 0 as well.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Client> {
    let tx = app.read(context).await?;
    let caller = Caller::of(&tx, context).await?;
    let client: Client = find(&tx, context.tenant()?, caller.client(id)).await?;
    caller.reaches_client(client.id)?;
    Ok(client)
}

/// A page of clients.
pub async fn list(
    app: &App,
    context: &Context,
    narrowed: Narrowed,
    query: &ListQuery,
) -> Result<ClientList> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let Narrowed { status, tag, lead_source_id, tenant_location_id } = narrowed;
    check_lead_source(&tx, tenant, Audience::Client, lead_source_id).await?;
    if let Some(area) = tenant_location_id {
        find::<TenantLocation>(&tx, tenant, area).await?;
    }
    let scope = all([
        equal(repository::STATUS, status.map(|status| Value::Integer(status.into()))),
        equal(repository::LEAD_SOURCE_ID, lead_source_id.map(Value::Integer)),
        tag.map(|tag| Filter::Has(repository::TAGS, tag)),
        tenant_location_id.map(|area| Filter::Has(repository::AREAS, area.to_string())),
    ]);
    let page = page(&tx, tenant, Some(&scope), query).await?;
    let revenue = Stat { field: &repository::MONTHLY_REVENUE, what: Aggregate::Sum };
    let found = stats::<Client>(&tx, tenant, Some(&scope), query, &[revenue]).await?;
    let monthly_revenue = found[revenue.field.path]["sum"].as_i64();
    Ok(ClientList {
        page,
        monthly_revenue: monthly_revenue.ok_or_else(|| Error::internal("a sum is no number"))?,
        currency: currency(&tx, tenant).await?,
    })
}

/// A page of the clients who stand somewhere, or of all.
pub async fn list_by_status(
    app: &App,
    context: &Context,
    status: Option<i16>,
    query: &ListQuery,
) -> Result<Page<Client>> {
    let status = status.map(|status| Value::Integer(status.into()));
    app.page(context, Some(&all([equal(repository::STATUS, status)])), query).await
}

/// Replaces what is written of a client. Clients may write themselves, also under the id 0, and
/// keep their tags and their lead source.
pub async fn update(app: &App, context: &Context, id: i64, input: &ClientInput) -> Result<Client> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let caller = Caller::of(&tx, context).await?;
        let present: Client = find(&tx, tenant, caller.client(id)).await?;
        caller.reaches_client(present.id)?;
        let mut input = input.clone();
        if caller != Caller::Admin {
            input.tags.clone_from(&present.written.tags);
            input.lead_source_id = present.written.lead_source_id;
        }
        keeps_what_is_required(&present.written, &input)?;
        if input.lead_source_id != present.written.lead_source_id {
            check_lead_source(&tx, tenant, Audience::Client, input.lead_source_id).await?;
        }
        repository::update(&tx, tenant, present.id, &input).await?;
        let reached = (input.email.as_deref(), input.image_url.as_deref());
        users::keep(&tx, tenant, present.user_id, reached, &input.details()).await?;
        find(&tx, tenant, present.id).await
    })
    .await
}

/// A lead may come without an e-mail address and a last name; whoever has said them keeps some.
fn keeps_what_is_required(present: &ClientInput, input: &ClientInput) -> Result<()> {
    let mut violations = Violations::below("client");
    if present.email.is_some() && input.email.is_none() {
        violations.required("email");
    }
    if !present.last_name.is_empty() && input.last_name.is_empty() {
        violations.required("last_name");
    }
    violations.finish(())
}

/// Deletes a client, whose bookings are cancelled and whose user signs in no more.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::lock(&tx, tenant, id).await?;
        bookings::cancel_all(&tx, context, id).await?;
        let user = repository::delete(&tx, tenant, id).await?;
        platform::close(&tx, user).await
    })
    .await
}

/// A page of the homes of a client.
pub async fn list_locations(
    app: &App,
    context: &Context,
    id: i64,
    query: &ListQuery,
) -> Result<Page<Location>> {
    let client = get(app, context, id).await?;
    let scope = all([equal(CLIENT_ID, Some(Value::Integer(client.id)))]);
    app.page(context, Some(&scope), query).await
}
