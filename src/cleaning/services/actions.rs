//! What can be done with services, rates and extras.

use std::sync::Arc;

use steward_database::{Record, Transaction, find, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Kind, Result, TenantId};
use steward_platform::App;

use super::model::{ExtraRate, Rate, RateInput, Service, ServiceInput};
use super::{extra_rates, rates, repository};
use crate::caller::{self, Reach};
use crate::tenant_locations::actions::visible;
use crate::tenant_locations::model::TenantLocation;
use crate::wire::{all, equal};

/// Whose services are looked at, and how much of them.
type View = (Arc<Transaction>, TenantId, Reach);

/// What the caller may see of the own company.
async fn own(app: &App, context: &Context) -> Result<View> {
    caller::at_work(app, context).await?;
    Ok((app.read(context).await?, context.tenant()?, caller::reach_of(context)))
}

/// The service with an id, of an area that the caller may see. Those of a deleted area are kept for
/// what was booked.
async fn seen((tx, tenant, reach): &View, id: i64) -> Result<Service> {
    let service: Service = find(tx, *tenant, id).await?;
    let area = visible(tx, *tenant, *reach, service.tenant_location_id).await;
    area.map_err(gone(|| Service::not_found(id)))?;
    Ok(service)
}

/// What is not found because that in which it is is not.
fn gone(not_found: impl FnOnce() -> Error) -> impl FnOnce(Error) -> Error {
    move |error| if error.kind() == Kind::NotFound { not_found() } else { error }
}

/// The rate with an id, of a service that the caller may see.
async fn seen_rate(view: &View, id: i64) -> Result<Rate> {
    let rate: Rate = find(&view.0, view.1, id).await?;
    seen(view, rate.service_id).await.map_err(gone(|| Rate::not_found(id)))?;
    Ok(rate)
}

/// A page of the services of an area of the caller's company.
pub async fn list_own(
    app: &App,
    context: &Context,
    location_id: i64,
    query: &ListQuery,
) -> Result<Page<Service>> {
    list(&own(app, context).await?, location_id, query).await
}

/// A page of the services that everybody may see of an area.
pub async fn list_public(
    app: &App,
    context: &Context,
    (tenant_id, location_id): (i64, i64),
    query: &ListQuery,
) -> Result<Page<Service>> {
    list(&caller::reach(app, context, tenant_id).await?, location_id, query).await
}

async fn list(
    (tx, tenant, reach): &View,
    location_id: i64,
    query: &ListQuery,
) -> Result<Page<Service>> {
    let area = visible(tx, *tenant, *reach, location_id).await?;
    let scope = all([
        equal(repository::TENANT_LOCATION_ID, Some(Value::Integer(area.id))),
        reach.scope(repository::IS_ACTIVE),
    ]);
    let mut services: Page<Service> = page(tx, *tenant, Some(&scope), query).await?;
    if *reach == Reach::Public {
        for service in &mut services.items {
            service.extra_rates.retain(|extra| extra.is_active);
        }
    }
    Ok(services)
}

/// The service with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Service> {
    seen(&own(app, context).await?, id).await
}

/// Adds a service with its extras to an area.
pub async fn create(
    app: &App,
    context: &Context,
    location_id: i64,
    input: &ServiceInput,
) -> Result<Service> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let area: TenantLocation = find(&tx, tenant, location_id).await?;
        let id = repository::insert(&tx, tenant, area.id, input).await?;
        for extra in &input.extra_rates {
            extra_rates::put(&tx, tenant, id, extra).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Replaces a service; its extras are changed and added, and none is taken away.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &ServiceInput,
) -> Result<Service> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        get(app, context, id).await?;
        repository::update(&tx, tenant, id, input).await?;
        for extra in &input.extra_rates {
            extra_rates::put(&tx, tenant, id, extra).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// The extra with an id.
pub async fn get_extra_rate(app: &App, context: &Context, id: i64) -> Result<ExtraRate> {
    let view = own(app, context).await?;
    let extra: ExtraRate = find(&view.0, view.1, id).await?;
    seen(&view, extra.service_id).await.map_err(gone(|| ExtraRate::not_found(id)))?;
    Ok(extra)
}

/// Deletes an extra.
pub async fn delete_extra_rate(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        get_extra_rate(app, context, id).await?;
        extra_rates::delete(&tx, tenant, id).await
    })
    .await
}

/// A page of the rates of a service of the caller's company.
pub async fn list_own_rates(
    app: &App,
    context: &Context,
    service_id: i64,
    query: &ListQuery,
) -> Result<Page<Rate>> {
    list_rates(&own(app, context).await?, service_id, query).await
}

/// A page of the rates that everybody may see of a service.
pub async fn list_public_rates(
    app: &App,
    context: &Context,
    (tenant_id, service_id): (i64, i64),
    query: &ListQuery,
) -> Result<Page<Rate>> {
    list_rates(&caller::reach(app, context, tenant_id).await?, service_id, query).await
}

async fn list_rates(view: &View, service_id: i64, query: &ListQuery) -> Result<Page<Rate>> {
    let service = seen(view, service_id).await?;
    let (tx, tenant, reach) = view;
    if *reach == Reach::Public && !service.is_active {
        return Err(Service::not_found(service_id));
    }
    let scope = all([
        equal(rates::SERVICE_ID, Some(Value::Integer(service.id))),
        reach.scope(rates::IS_ACTIVE),
    ]);
    page(tx, *tenant, Some(&scope), query).await
}

/// The rate with an id.
pub async fn get_rate(app: &App, context: &Context, id: i64) -> Result<Rate> {
    seen_rate(&own(app, context).await?, id).await
}

/// Adds a rate to a service.
pub async fn create_rate(
    app: &App,
    context: &Context,
    service_id: i64,
    frequency: i16,
    input: RateInput,
) -> Result<Rate> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let service = get(app, context, service_id).await?;
        let id = rates::insert(&tx, tenant, service.id, frequency, input).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Replaces a rate.
pub async fn update_rate(app: &App, context: &Context, id: i64, input: RateInput) -> Result<Rate> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        get_rate(app, context, id).await?;
        rates::update(&tx, tenant, id, input).await?;
        find(&tx, tenant, id).await
    })
    .await
}
