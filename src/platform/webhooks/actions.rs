//! What clients do with webhooks.

use std::time::Duration;

use serde_json::json;
use steward_database::Transaction;
use steward_kernel::{Context, Error, Result, TenantId, time};

use super::model::{Delivery, Endpoint, JOB, MOST_ENDPOINTS, NewEndpoint};
use super::signature::Keys;
use super::{lists, repository};
use crate::App;
use crate::cursor::{self, CursorPage, CursorQuery};
use crate::events;
use crate::jobs::{self, NewJob};

/// How long the keys before a rotation sign too.
const OVERLAP: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn create(app: &App, context: &Context, new: NewEndpoint) -> Result<Endpoint> {
    let (tenant, new, keys) = (context.tenant()?, &new, &Keys::generate());
    app.transaction(context, |tx| async move {
        if repository::count(&tx, tenant).await? >= MOST_ENDPOINTS {
            return Err(Error::forbidden_action("There may be at most 50 webhook endpoints."));
        }
        repository::insert(&tx, tenant, new, keys).await
    })
    .await
}

pub(super) async fn get(app: &App, context: &Context, id: i64) -> Result<Endpoint> {
    repository::get(&*app.read(context).await?, context.tenant()?, id).await
}

pub(super) async fn update(
    app: &App,
    context: &Context,
    id: i64,
    new: NewEndpoint,
) -> Result<Endpoint> {
    let (tenant, new) = (context.tenant()?, &new);
    app.transaction(context, |tx| async move { repository::update(&tx, tenant, id, new).await })
        .await
}

pub(super) async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::delete(&tx, tenant, id).await }).await
}

pub(super) async fn keys(app: &App, context: &Context, id: i64) -> Result<Keys> {
    let tx = app.read(context).await?;
    let target = repository::target(&tx, context.tenant()?, id, time::now()).await?;
    Ok(target.keys)
}

pub(super) async fn rotate(app: &App, context: &Context, id: i64) -> Result<Endpoint> {
    let (tenant, keys) = (context.tenant()?, &Keys::generate());
    let now = time::now();
    app.transaction(context, |tx| async move {
        repository::rotate(&tx, tenant, id, keys, now, now + OVERLAP).await
    })
    .await
}

pub(super) async fn test(app: &App, context: &Context, id: i64) -> Result<Delivery> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let delivery = repository::insert_test(&tx, tenant, id).await?;
        queue(&tx, tenant, &delivery).await?;
        Ok(delivery)
    })
    .await
}

pub(super) async fn delivery(
    app: &App,
    context: &Context,
    endpoint: i64,
    id: i64,
) -> Result<Delivery> {
    let (tx, tenant) = (app.read(context).await?, context.tenant()?);
    repository::get(&tx, tenant, endpoint).await?;
    repository::delivery(&tx, tenant, Some(endpoint), id).await
}

pub(super) async fn deliveries(
    app: &App,
    context: &Context,
    endpoint: Option<i64>,
    query: &CursorQuery,
) -> Result<CursorPage<Delivery>> {
    let Some(endpoint) = endpoint else { return cursor::list(app, context, None, query).await };
    get(app, context, endpoint).await?;
    cursor::list(app, context, Some(&lists::to(endpoint)), query).await
}

pub(super) async fn redeliver(
    app: &App,
    context: &Context,
    endpoint: Option<i64>,
    id: i64,
) -> Result<Delivery> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if let Some(endpoint) = endpoint {
            repository::get(&tx, tenant, endpoint).await?;
        }
        let delivery = repository::delivery(&tx, tenant, endpoint, id).await?;
        queue(&tx, tenant, &delivery).await?;
        repository::reopen(&tx, tenant, id).await
    })
    .await
}

/// Queues the job of a delivery, unless it waits already: in the lane of its endpoint, behind what
/// waits there for the same resource.
async fn queue(tx: &Transaction, tenant: TenantId, delivery: &Delivery) -> Result<()> {
    let Delivery { id, endpoint_id, sequence, .. } = delivery;
    let subject = match sequence {
        Some(sequence) => Some(events::get(tx, tenant, *sequence).await?.subject()),
        None => None,
    };
    let job = NewJob::new(JOB, &json!({"delivery": id}))?.keyed(id.to_string());
    let job = job.in_lane(endpoint_id.to_string(), subject);
    jobs::enqueue(tx, tenant, job).await.map(drop)
}
