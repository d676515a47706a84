//! What is free of items.

use std::collections::HashMap;
use std::time::Duration;

use diesel::sql_types::{BigInt, Integer, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::list::{Filter, Operator, Value};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Kind, Result, TenantId, time};
use steward_platform::App;

use super::for_bookings::{Offered, Stocked, facts, lock};
use super::model::{Item, ItemInput};
use super::repository::{ACTIVE, ID, MANAGED, STOCK};
use crate::availability::{Stock, lowering_stock};
use crate::bookings::stock::{buffers, shelves};
use crate::owners::{self, Terms};
use crate::time::{Edge, Period, Span};

/// How many pieces of some items are free now, by id; those whose pieces are not counted are left
/// out.
pub(super) async fn now(
    connection: &Connection,
    tenant: TenantId,
    items: &[Item],
) -> Result<HashMap<i64, u32>> {
    let counted: Vec<Stocked> = items
        .iter()
        .map(|item| Offered::from(item).stocked)
        .filter(|item| item.stock != Stock::Unmanaged)
        .collect();
    if counted.is_empty() {
        return Ok(HashMap::new());
    }
    let terms = owners::terms(connection, tenant).await?;
    let now = time::now();
    let instant = Span { from: now, till: now + Duration::from_micros(1) };
    let found = shelves(connection, tenant, &counted, instant, &terms, now, None).await?;
    let free = counted.iter().zip(found);
    Ok(free.filter_map(|(item, shelf)| Some((item.id, shelf.free_now(now)?))).collect())
}

/// What a list is asked for that shows what is free.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub from: Option<String>,
    pub till: Option<String>,
    pub quantity: Option<i32>,
}

/// The items of which so many pieces are free for all of a period; nothing when none is asked for.
///
/// # Errors
/// INVALID_ARGUMENT for what is no period.
pub(super) async fn during(app: &App, context: &Context, asked: &Asked) -> Result<Option<Filter>> {
    let mut violations = Violations::default();
    let quantity = asked.quantity.unwrap_or(1);
    violations.range("quantity", quantity, 1..=100_000);
    if asked.from.is_none() && asked.till.is_none() {
        return violations.finish(None);
    }
    let (tenant, tx) = (context.tenant()?, app.read(context).await?);
    let terms = owners::terms(&tx, tenant).await?;
    let mut read = |field: &str, text: Option<&str>, edge| {
        terms.read_time(&mut violations, field, text?, edge)
    };
    let from = read("available_from", asked.from.as_deref(), Edge::Start);
    let till = read("available_till", asked.till.as_deref(), Edge::End);
    violations.finish(())?;
    let (Some(from), Some(till)) = (from, till) else {
        let missing = if from.is_none() { "available_from" } else { "available_till" };
        return Err(Error::required(missing));
    };
    let period = Period::of_booking(from, till, &terms.zone).map_err(|error| {
        Error::named("available_till", "INVALID_PERIOD", format!("Here {error}."))
    })?;
    available(&tx, tenant, &period, quantity.unsigned_abs(), &terms).await.map(Some)
}

/// The items of which so many pieces are free for all of a period.
pub async fn available(
    connection: &Connection,
    tenant: TenantId,
    period: &Period,
    quantity: u32,
    terms: &Terms,
) -> Result<Filter> {
    let taken = taken(connection, tenant, period, quantity, terms).await?;
    let counted = |managed| Filter::Compare(MANAGED, Operator::Equal, Value::Boolean(managed));
    let enough = Value::Integer(quantity.into());
    Ok(Filter::All(vec![
        Filter::Compare(ACTIVE, Operator::Equal, Value::Boolean(true)),
        Filter::Any(vec![counted(false), Filter::Compare(STOCK, Operator::GreaterOrEqual, enough)]),
        Filter::Not(Box::new(Filter::Among(ID, taken))),
    ]))
}

#[derive(diesel::QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The items of which pieces are held in a period, so that fewer than so many are left.
async fn taken(
    mut connection: &Connection,
    tenant: TenantId,
    period: &Period,
    quantity: u32,
    terms: &Terms,
) -> Result<Vec<i64>> {
    let minutes = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let held: Vec<Id> = diesel::sql_query(
        "SELECT DISTINCT i.id FROM rentals.booking_items l
         JOIN rentals.items i ON i.tenant_id = l.tenant_id AND i.id = l.item_id
         WHERE l.tenant_id = $1 AND l.deleted_at IS NULL AND i.deleted_at IS NULL
           AND i.manage_stock AND l.hold_till > $2 - interval '30 days'
           AND l.hold_till > $2 - make_interval(mins => COALESCE(i.buffer_before_minutes, $4))
           AND l.hold_from < $3 + make_interval(mins => COALESCE(i.buffer_after_minutes, $5))
         ORDER BY i.id",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Timestamptz, _>(Instant(period.span().from))
    .bind::<Timestamptz, _>(Instant(period.span().till))
    .bind::<Integer, _>(minutes(terms.settings.buffer_before_minutes))
    .bind::<Integer, _>(minutes(terms.settings.buffer_after_minutes))
    .load(&mut connection)
    .await
    .or_internal()?;
    let held: Vec<i64> = held.into_iter().map(|found| found.id).collect();
    if held.is_empty() {
        return Ok(held);
    }
    let stocked = facts(connection, tenant, &held).await?;
    let span = crate::bookings::stock::span(period, &stocked, terms);
    let found = shelves(connection, tenant, &stocked, span, terms, time::now(), None).await?;
    let short = stocked.iter().zip(found).filter(|(item, shelf)| {
        let window = buffers(item, terms).around(period.span());
        shelf.least_free(window).is_some_and(|free| free < i64::from(quantity))
    });
    Ok(short.map(|(item, _)| item.id).collect())
}

/// Refuses less stock than is promised from now on, unless the caller says that it may be. Whoever
/// takes pieces waits until the change is done.
///
/// # Errors
/// FAILED_PRECONDITION (`STOCK_BELOW_COMMITMENTS`) with the bookings that would be short.
pub(super) async fn check_stock(
    tx: &Connection,
    tenant: TenantId,
    item: i64,
    input: &ItemInput,
    confirmed: Option<bool>,
) -> Result<()> {
    if !input.manage_stock || confirmed == Some(true) {
        return Ok(());
    }
    let stocked = lock(tx, tenant, &[item]).await?;
    // How it is now that nobody changes it.
    let present = stocked.as_slice().first().and_then(|item| item.stock.pieces());
    let left = input.stock.unsigned_abs();
    if present.is_some_and(|present| left >= present) {
        return Ok(());
    }
    let terms = owners::terms(tx, tenant).await?;
    let now = time::now();
    let found = shelves(tx, tenant, &stocked, Span::since(now), &terms, now, None).await?;
    let below = found.as_slice().first().and_then(|shelf| lowering_stock(shelf, left, now));
    let Some(below) = below else { return Ok(()) };
    let bookings: Vec<_> = below.bookings.iter().map(crate::bookings::stock::conflict).collect();
    let message = format!("More than {left} pieces are held by bookings.");
    let pointer = if present.is_none() { "manage_stock" } else { "stock" };
    Err(Error::new(Kind::FailedPrecondition, "STOCK_BELOW_COMMITMENTS", message)
        .with_metadata("pointer", format!("/data/attributes/{pointer}"))
        .with_metadata("bookings", serde_json::Value::from(bookings).to_string()))
}
