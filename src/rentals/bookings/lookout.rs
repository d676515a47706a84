//! Items of which more is held than there is: told when that begins and when it is over.
//!
//! Whatever moves stock queues a look at its items. Some of it is moved by the clock alone: the
//! hold of pieces that did not come back, and the end of a shortage. So a look that finds such an
//! item queues the next one.

use std::time::Duration;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use steward_database::{Connection, ResultExt, Transaction};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Result, TenantId};
use steward_platform::jobs::{self, Failure, Handler, Job, NewJob};
use steward_platform::{App, changes};
use steward_rentals_schema::shortages;
use steward_transport::changes::Event;

use super::stock;
use crate::availability::{Hold, Shelf, Source};
use crate::items::{self, Stocked};
use crate::owners;
use crate::status::BookingStatus;
use crate::time::Span;

const KIND: &str = "rentals.look_at_stock";

/// The type of the events that tell of an item that is short from now on.
pub(super) const OPENED: &str = "rentals.shortage.opened";

/// The same of an item that is short no more.
pub(super) const CLOSED: &str = "rentals.shortage.closed";

/// How often an item is looked at of which pieces did not come back: what they hold moves with
/// the clock.
const PERIOD: Duration = Duration::from_secs(15 * 60);
const MINUTE: i64 = 60 * 1_000_000;

/// The items to look at, by their ids.
#[derive(Debug, Serialize, Deserialize)]
struct Look {
    items: Vec<i64>,
}

/// Has somebody look at some items once the change is done.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub(crate) async fn look(tx: &Transaction, tenant: TenantId, items: &[i64]) -> Result<()> {
    let job = NewJob::new(KIND, &Look { items: items.to_vec() })?;
    jobs::enqueue(tx, tenant, job).await.map(drop)
}

/// Looks at items.
pub struct LookAtStock;

impl Handler for LookAtStock {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move { Ok(look_now(app, job).await?) }.boxed()
    }
}

async fn look_now(app: &App, job: &Job) -> Result<()> {
    let tenant = job.tenant()?;
    let Look { items } = &job.payload()?;
    app.database
        .transaction(tenant, |tx| async move {
            // Whoever moves stock holds the items too, so the last look has seen the last move.
            let stocked = items::hold_all(&tx, tenant, items).await?;
            let terms = owners::terms(&tx, tenant).await?;
            let now = time::now();
            let ahead = Span::since(now);
            let shelves = stock::shelves(&tx, tenant, &stocked, ahead, &terms, now, None).await?;
            let found: Vec<Found<'_>> = stocked
                .iter()
                .zip(&shelves)
                .map(|(item, shelf)| Found { item, shelf, short: shelf.overbooked(ahead) })
                .collect();
            let (short, enough): (Vec<_>, Vec<_>) =
                found.iter().partition(|found| !found.short.is_empty());
            let ids = |found: &[&Found<'_>]| found.iter().map(|one| one.item.id).collect();
            let opened = open(&tx, tenant, ids(&short)).await?;
            let closed = close(&tx, tenant, ids(&enough)).await?;
            for one in &found {
                one.look_again(&tx, tenant, now).await?;
            }
            jobs::complete(&tx, job).await?;
            for one in &found {
                let event_type = match one.item.id {
                    id if opened.contains(&id) => OPENED,
                    id if closed.contains(&id) => CLOSED,
                    _ => continue,
                };
                changes::found_out(&tx, one.event(event_type)?).await?;
            }
            Ok(())
        })
        .await
}

/// What a look has found.
struct Found<'a> {
    item: &'a Stocked,
    shelf: &'a Shelf,
    /// When more is held than there is, from now on.
    short: Vec<Span>,
}

impl Found<'_> {
    fn event(&self, event_type: &'static str) -> Result<Event> {
        let Stocked { internal_id, title, .. } = self.item;
        let pieces = self.shelf.stock.pieces();
        let stretch = |span: &Span| {
            let holds = self.shelf.commitments(*span);
            let mut bookings: Vec<i64> =
                holds.iter().filter_map(|hold| hold.source.booking_internal_id()).collect();
            bookings.sort_unstable();
            bookings.dedup();
            json!({
                "from": span.from.to_string(),
                "till": span.end().map(|till| till.to_string()),
                "missing_quantity": self.shelf.least_free(*span).map(|free| -free),
                "booking_internal_ids": bookings,
            })
        };
        let told = json!({
            "item_internal_id": internal_id,
            "item_title": title,
            "stock": pieces,
            "stretches": self.short.iter().map(stretch).collect::<Vec<Value>>(),
        });
        Ok(Event {
            event_type,
            resource_type: "shortage",
            resource_id: internal_id.to_string(),
            before: None,
            after: Some(serde_json::to_vec(&told).map_err(Error::internal)?),
        })
    }

    /// Has the item looked at again when the clock may have changed what there is to tell.
    async fn look_again(&self, tx: &Transaction, tenant: TenantId, now: Timestamp) -> Result<()> {
        let over = self.short.last().and_then(Span::end);
        let moves = self.shelf.holds().iter().filter_map(|hold| moves(hold, now));
        let Some(next) = moves.chain(over).min() else { return Ok(()) };
        // On the minute, so that looks that are asked for by many become one.
        let minutes = next.as_microsecond().div_euclid(MINUTE) + 1;
        let next = Timestamp::from_microsecond(minutes * MINUTE).map_err(Error::internal)?;
        let job = NewJob::new(KIND, &Look { items: vec![self.item.id] })?.at(next);
        let job = job.keyed(format!("{}@{minutes}", self.item.id));
        jobs::enqueue(tx, tenant, job).await.map(drop)
    }
}

/// When the clock alone changes what a hold of pieces holds that are out.
fn moves(hold: &Hold, now: Timestamp) -> Option<Timestamp> {
    let Source::Booking { status: BookingStatus::Ongoing, period, .. } = hold.source else {
        return None;
    };
    if hold.span.till <= now {
        return None;
    }
    let is_late = period.span().till <= now;
    Some(if is_late { hold.span.till.min(now + PERIOD) } else { hold.span.till })
}

/// Keeps that items are short; answers those that were not before.
async fn open(mut connection: &Connection, tenant: TenantId, items: Vec<i64>) -> Result<Vec<i64>> {
    let rows: Vec<_> = items
        .into_iter()
        .map(|item| (shortages::tenant_id.eq(tenant.0), shortages::item_id.eq(item)))
        .collect();
    diesel::insert_into(shortages::table)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(shortages::item_id)
        .get_results(&mut connection)
        .await
        .or_internal()
}

/// Forgets that items were short; answers those that were.
async fn close(mut connection: &Connection, tenant: TenantId, items: Vec<i64>) -> Result<Vec<i64>> {
    diesel::delete(shortages::table)
        .filter(shortages::tenant_id.eq(tenant.0))
        .filter(shortages::item_id.eq_any(items))
        .returning(shortages::item_id)
        .get_results(&mut connection)
        .await
        .or_internal()
}
