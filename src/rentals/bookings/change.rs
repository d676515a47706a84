//! The one way to change a booking: lock it, edit it in memory, look whether there is enough of
//! everything, and write it with what was done.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Value, json};
use steward_database::{Connection, Transaction, find};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;

use super::edit::{BookingPatch, Facts};
use super::history::told;
use super::line::{Line, too_large};
use super::model::{Booking, Summary};
use super::repository::{self, Derived, Holding};
use super::{lookout, overdue, price, rules, shortages, stock};
use crate::activities;
use crate::addresses::{self, model::Of};
use crate::availability::Buffers;
use crate::booking_payments;
use crate::booking_services::{self, model::ServicePatch};
use crate::customers;
use crate::items;
use crate::owners::{self, Terms};
use crate::status::BookingStatus;
use crate::time::Period;

/// A booking as it is answered.
pub struct Answer {
    /// The booking.
    pub booking: Booking,
    /// What is derived from it.
    pub summary: Summary,
    /// The terms it follows.
    pub terms: Arc<Terms>,
    /// The instant it is answered at.
    pub now: Timestamp,
    /// Whether more of one of its items is held than there is.
    pub shortage: bool,
    /// What it was done in spite of.
    pub warnings: Vec<Value>,
    /// Where it stood before it was changed; none for one that is made, or only shown.
    pub was: Option<BookingStatus>,
}

impl Answer {
    /// A booking that is only shown.
    ///
    /// # Errors
    /// INVALID_ARGUMENT when a total is larger than an amount may be.
    pub fn shown(booking: Booking, terms: &Arc<Terms>) -> Result<Self> {
        let summary = price::summary(&booking, terms)?;
        let terms = Arc::clone(terms);
        Ok(Self {
            booking,
            summary,
            terms,
            now: time::now(),
            shortage: false,
            warnings: Vec::new(),
            was: None,
        })
    }
}

/// What an edit needs to know beside the booking.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Number of the customer that is set.
    pub customer: Option<i64>,
    /// The field of the request that names the customer, unless it is the booking.
    pub holder: Option<&'static str>,
    /// Numbers of the items of new lines.
    pub items: Vec<i64>,
    /// Whether it has to be known how the items are insured.
    pub classes: bool,
    /// Id of the line that goes back to its item's table, if it is an edited one.
    pub table_of: Option<i64>,
    /// What of the request was refused already.
    pub refused: Violations,
}

impl Needs {
    /// What the patch of a booking needs.
    pub fn of(patch: &BookingPatch) -> Self {
        Self {
            customer: patch.customer_internal_id.flatten(),
            items: patch.items.iter().filter_map(|line| line.item_internal_id).collect(),
            classes: patch.services.iter().any(ServicePatch::asks_for_premium),
            refused: patch.refused.clone(),
            ..Self::default()
        }
    }
}

/// How much is looked at the stock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caution {
    /// What is short is refused, unless it may be overbooked and the caller says so.
    Refuse(Option<bool>),
    /// What is short is told: the pieces are out there already.
    Tell,
}

/// Looks up what an edit needs. A customer who is not there is among what is refused then.
pub async fn facts(tx: &Transaction, tenant: TenantId, needs: &Needs) -> Result<Facts> {
    let mut refused = needs.refused.clone();
    let terms = owners::terms(tx, tenant).await?;
    let customer = match needs.customer {
        None => None,
        Some(number) => {
            let found = customers::actions::referenced(tx, tenant, number).await.map(Some);
            let holder = needs.holder.unwrap_or("booking");
            match refused.take(found.map_err(|error| error.below(holder)))? {
                None => None,
                Some(customer) => {
                    let addresses = addresses::of(tx, tenant, Of::Customer(customer.id)).await?;
                    Some((customer, addresses.into_iter().next()))
                }
            }
        }
    };
    let items = if needs.items.is_empty() {
        Vec::new()
    } else {
        items::offered(tx, tenant, &needs.items).await?
    };
    let classes = if needs.classes {
        let ids: Vec<i64> = items.iter().map(|item| item.stocked.id).collect();
        items::classes(tx, tenant, &ids).await?
    } else {
        HashMap::new()
    };
    Ok(Facts { terms, now: time::now(), customer, items, refused, classes })
}

/// What is known of a booking that is only shown: how its items are insured.
pub(crate) async fn with_classes(
    connection: &Connection,
    tenant: TenantId,
    answer: &Answer,
) -> Result<Facts> {
    let ids: Vec<i64> = answer.booking.lines.iter().map(|line| line.item_id).collect();
    Ok(Facts {
        terms: Terms::clone(&answer.terms),
        now: answer.now,
        customer: None,
        items: Vec::new(),
        refused: Violations::default(),
        classes: items::classes(connection, tenant, &ids).await?,
    })
}

/// Changes the booking with a number.
///
/// # Errors
/// Those of `edit`, and FAILED_PRECONDITION when something is short.
pub async fn change(
    app: &App,
    context: &Context,
    number: i64,
    needs: &Needs,
    caution: Caution,
    edit: impl Fn(&mut Booking, &Facts) -> Result<()> + Send + Sync,
) -> Result<Answer> {
    let tenant = context.tenant()?;
    let edit = &edit;
    app.transaction(context, |tx| async move {
        let before = repository::lock(&tx, tenant, number).await?;
        let mut facts = facts(&tx, tenant, needs).await?;
        let mut refused = facts.refused.clone();
        if needs.classes {
            let ids: Vec<i64> = before.lines.iter().map(|line| line.item_id).collect();
            facts.classes = items::classes(&tx, tenant, &ids).await?;
        }
        let is_edited = |line: &&Line| needs.table_of == Some(line.id) && line.edit.is_some();
        if let Some(line) = before.lines.iter().find(is_edited) {
            facts.items = items::offered(&tx, tenant, &[line.item_internal_id]).await?;
        }
        let mut after = before.clone();
        refused.take(edit(&mut after, &facts))?;
        refused.take(hold_pickup(&tx, tenant, Some(&before), &after).await)?;
        refused.finish(())?;
        save(&tx, tenant, Some(&before), after, facts, caution).await
    })
    .await
}

/// Writes a booking that was made or edited, and whose address of pick-up is held.
///
/// # Errors
/// FAILED_PRECONDITION when something is short.
pub async fn save(
    tx: &Transaction,
    tenant: TenantId,
    before: Option<&Booking>,
    mut after: Booking,
    facts: Facts,
    caution: Caution,
) -> Result<Answer> {
    let Facts { terms, now, .. } = facts;
    rules::follow_pieces(before, &mut after, now);
    note_completion(before, &mut after);
    price::judge_returns(&mut after, &terms)?;
    let period = after.period(&terms.zone);
    let warnings = match period {
        Some(period) => {
            check(tx, tenant, before, &mut after, &period, &terms, now, caution).await?
        }
        None => Vec::new(),
    };
    let summary = price::summary(&after, &terms)?;
    let derived = Derived { period, total: summary.totals.total.cents(), totals: totals(&summary) };
    // What changes nothing leaves no trace.
    let is_changed = before.is_none_or(|before| *before != after);
    match before {
        None => after.id = repository::insert(tx, tenant, &after, &derived).await?,
        Some(_) if is_changed => repository::update(tx, tenant, &after, &derived).await?,
        Some(_) => {}
    }
    let told = told(before, &after, &terms)?;
    write_lines(tx, tenant, before, &mut after, &terms).await?;
    let services = before.map(|before| before.services.as_slice()).unwrap_or_default();
    let payments = before.map(|before| before.payments.as_slice()).unwrap_or_default();
    let id = after.id;
    booking_services::repository::write(tx, tenant, id, services, &mut after.services).await?;
    booking_payments::repository::write(tx, tenant, id, payments, &mut after.payments).await?;
    activities::record(tx, tenant, after.id, &told).await?;
    overdue::watch(tx, tenant, before, &after, &terms.zone).await?;
    let terms = Arc::new(terms);
    let was = before.map(|before| before.status);
    // As it is from now on, with the times that the database gave it.
    let booking = if is_changed { find(tx, tenant, after.internal_id).await? } else { after };
    let mut answers = [Answer { booking, summary, terms, now, shortage: false, warnings, was }];
    shortages::mark(tx, tenant, &mut answers).await?;
    let [answer] = answers;
    Ok(answer)
}

/// Keeps the address where things are picked up from being deleted meanwhile. One that a booking
/// gets has to be there.
pub async fn hold_pickup(
    tx: &Transaction,
    tenant: TenantId,
    before: Option<&Booking>,
    after: &Booking,
) -> Result<()> {
    let Some(address) = after.pickup_address_id else { return Ok(()) };
    let is_new = before.and_then(|before| before.pickup_address_id) != Some(address);
    let begins = after.holds() && !before.is_some_and(Booking::holds);
    if !is_new && !begins {
        return Ok(());
    }
    let is_there = addresses::hold(tx, tenant, address).await?;
    if is_new && !is_there { Err(repository::no_such_address()) } else { Ok(()) }
}

/// Remembers the quantities that the request which completes a booking set, to undo just those.
fn note_completion(before: Option<&Booking>, after: &mut Booking) {
    let Some(before) = before else { return };
    if after.status != BookingStatus::Completed || before.status == BookingStatus::Completed {
        return;
    }
    let pairs = || {
        let old = |new: &Line| before.lines.iter().find(|line| line.id == new.id);
        after.lines.iter().filter_map(move |new| Some((old(new)?, new)))
    };
    let some = |(_, pieces): &(i64, u32)| *pieces > 0;
    let returned =
        pairs().map(|(old, new)| (new.id, new.returned().saturating_sub(old.returned())));
    let returns = returned.filter(some).collect();
    let lowered = pairs().map(|(old, new)| (new.id, old.quantity.saturating_sub(new.quantity)));
    let reductions = lowered.filter(some).collect();
    after.progress.last_returns = returns;
    after.progress.last_reductions = reductions;
}

/// Looks whether there is enough where a change takes stock; answers what it is done in spite of.
#[expect(clippy::too_many_arguments, reason = "all of it decides")]
async fn check(
    tx: &Transaction,
    tenant: TenantId,
    before: Option<&Booking>,
    after: &mut Booking,
    period: &Period,
    terms: &Terms,
    now: Timestamp,
    caution: Caution,
) -> Result<Vec<Value>> {
    if !moves_stock(before, after) {
        return Ok(Vec::new());
    }
    let mut ids: Vec<i64> = after.lines.iter().map(|line| line.item_id).collect();
    ids.extend(before.iter().flat_map(|before| before.lines.iter().map(|line| line.item_id)));
    ids.sort_unstable();
    ids.dedup();
    let stocked = items::lock(tx, tenant, &ids).await?;
    lookout::look(tx, tenant, &ids).await?;
    if after.holds() {
        let reserved_now = before.is_none_or(|before| !before.holds());
        for line in &mut after.lines {
            let item = stocked.iter().find(|item| item.id == line.item_id);
            if let Some(item) = item
                && (reserved_now || line.buffers.is_none())
            {
                line.buffers = Some(stock::buffers(item, terms));
            }
        }
    }
    let (period, caution) = if takes_stock(before, after) {
        (*period, caution)
    } else if let Some(early) = early(before, after, period, terms, now) {
        // The pieces are out there already.
        (early, Caution::Tell)
    } else {
        return Ok(Vec::new());
    };
    let period = &period;
    let span = stock::span(period, &stocked, terms);
    let number = after.internal_id;
    let mut shelves = stock::shelves(tx, tenant, &stocked, span, terms, now, Some(number)).await?;
    for shelf in &mut shelves {
        let own = after.lines.iter().find(|line| line.item_internal_id == shelf.item_internal_id);
        shelf.buffers = own.and_then(|line| line.buffers).unwrap_or(shelf.buffers);
        // A line that holds pieces since it was offered keeps them.
        let had = before.filter(|before| before.holds()).is_some_and(|before| {
            before.lines.iter().any(|line| line.item_internal_id == shelf.item_internal_id)
        });
        shelf.active |= had;
    }
    let titles = |item: i64| {
        let line = after.lines.iter().find(|line| line.item_internal_id == item);
        line.map(|line| line.title.clone()).unwrap_or_default()
    };
    let findings = stock::findings(after, &shelves, period, terms);
    match caution {
        Caution::Refuse(confirmed) => stock::settle(findings, &titles, confirmed, terms),
        Caution::Tell => Ok(findings
            .iter()
            .filter(|finding| finding.missing_quantity > 0)
            .map(|finding| stock::facts(finding, &titles, &terms.zone))
            .collect()),
    }
}

/// Whether a change takes or frees pieces.
fn moves_stock(before: Option<&Booking>, after: &Booking) -> bool {
    let held = before.is_some_and(|before| before.holds());
    if !held && !after.holds() {
        return false;
    }
    before.is_none_or(|before| {
        before.status != after.status
            || before.dates != after.dates
            || pieces(before) != pieces(after)
    })
}

fn pieces(booking: &Booking) -> Vec<(i64, u32, u32, u32)> {
    booking
        .lines
        .iter()
        .map(|line| (line.item_id, line.quantity, line.picked_up, line.returned()))
        .collect()
}

/// Whether a change takes pieces that were not held before, or for another time.
fn takes_stock(before: Option<&Booking>, after: &Booking) -> bool {
    if !after.holds() {
        return false;
    }
    let Some(before) = before.filter(|before| before.holds()) else { return true };
    let asked = |booking: &Booking, item: i64| -> u32 {
        let of_item = booking.lines.iter().filter(|line| line.item_id == item);
        of_item.map(|line| line.wanted().pieces).fold(0, u32::saturating_add)
    };
    before.dates != after.dates
        || after.lines.iter().any(|line| asked(after, line.item_id) > asked(before, line.item_id))
}

/// The period of a booking from now on, when pieces are picked up before it begins.
fn early(
    before: Option<&Booking>,
    after: &Booking,
    period: &Period,
    terms: &Terms,
    now: Timestamp,
) -> Option<Period> {
    let picked = |booking: &Booking| booking.lines.iter().map(|line| line.picked_up).max();
    let first = before.and_then(picked).unwrap_or(0) == 0 && picked(after).unwrap_or(0) > 0;
    let begins = period.span().from;
    let now = terms.zone.local(now);
    (first && terms.zone.instant(now) < begins)
        .then(|| Period::new(now, period.end(), &terms.zone).ok())
        .flatten()
}

/// From when to when a line may hold pieces.
fn holding(booking: &Booking, line: &Line, terms: &Terms) -> Holding {
    let period = booking.period(&terms.zone)?;
    let span = line.buffers.unwrap_or_default().around(period.span());
    let after = line.buffers.unwrap_or_default().after_minutes;
    let back = Buffers { before_minutes: 0, after_minutes: after };
    let latest = line.returned_at().map(|at| back.around(crate::time::Span { from: at, till: at }));
    let till = latest.map_or(span.till, |latest| latest.till.max(span.till));
    let from = line.picked_up_at.map_or(span.from, |at| at.min(span.from));
    match booking.status {
        BookingStatus::Drafting | BookingStatus::Negotiating | BookingStatus::Cancelled => None,
        BookingStatus::Ongoing if line.picked_up > line.returned() => Some((from, None)),
        BookingStatus::Reserved | BookingStatus::Ongoing => Some((from, Some(till))),
        BookingStatus::Completed if line.returns.is_empty() => None,
        BookingStatus::Completed => Some((from, latest.map(|latest| latest.till))),
    }
}

async fn write_lines(
    tx: &Transaction,
    tenant: TenantId,
    before: Option<&Booking>,
    after: &mut Booking,
    terms: &Terms,
) -> Result<()> {
    let length = price::length(after, terms);
    let none = Vec::new();
    let old = before.map_or(&none, |before| &before.lines);
    let gone: Vec<i64> = old
        .iter()
        .filter(|line| !after.lines.iter().any(|kept| kept.id == line.id))
        .map(|line| line.id)
        .collect();
    if !gone.is_empty() {
        repository::delete_lines(tx, tenant, &gone).await?;
    }
    let changed_around =
        before.is_none_or(|before| before.status != after.status || before.dates != after.dates);
    let mut lines = std::mem::take(&mut after.lines);
    for line in &mut lines {
        let total = line.price(length).map_err(too_large)?.total;
        let holding = holding(after, line, terms);
        if line.id == 0 {
            line.id = repository::insert_line(tx, tenant, after.id, line, total, holding).await?;
        } else if changed_around || !old.contains(line) {
            repository::update_line(tx, tenant, line, total, holding).await?;
        }
    }
    lines.sort_by_key(|line| (line.position, line.id));
    after.lines = lines;
    Ok(())
}

/// The totals as stored, for lists that are filtered by them.
fn totals(summary: &Summary) -> Value {
    json!({
        "payment_status": summary.payment_status.as_str(),
        "deposit_status": summary.deposit_status.as_str(),
        "deposit_total": summary.totals.deposit_total.cents(),
        "paid": summary.paid.cents(),
        "balance": summary.balance.cents(),
    })
}
