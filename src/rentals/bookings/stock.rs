//! Whether there is enough of everything for a booking.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use steward_database::Connection;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind, Result, TenantId};

use super::model::Booking;
use super::repository;
use crate::availability::{
    Buffers, Conflict, Decision, Finding, Hold, Reason, Shelf, Short, check, decide, demands, reach,
};
use crate::items::Stocked;
use crate::owners::Terms;
use crate::time::{Period, Span, Zone};

/// Items with what is held of them within a span, as a booking sees them.
pub async fn shelves(
    connection: &Connection,
    tenant: TenantId,
    items: &[Stocked],
    span: Span,
    terms: &Terms,
    now: Timestamp,
    without: Option<i64>,
) -> Result<Vec<Shelf>> {
    let windows: Vec<(i64, Span)> = items.iter().map(|item| (item.id, span)).collect();
    let lines = repository::holding(connection, tenant, &windows, &terms.zone).await?;
    let mut holds: BTreeMap<i64, Vec<Hold>> = BTreeMap::new();
    for (item, state) in lines {
        if Some(state.booking_internal_id) != without {
            let held = state.holds(now, terms.settings.overdue_hold_hours);
            holds.entry(item).or_default().extend(held);
        }
    }
    let shelf = |item: &Stocked| {
        let held = holds.remove(&item.id).unwrap_or_default();
        Shelf::new(item.internal_id, item.active, item.stock, buffers(item, terms), held)
    };
    Ok(items.iter().map(shelf).collect())
}

/// The buffers of an item: its own, or the owner's.
pub fn buffers(item: &Stocked, terms: &Terms) -> Buffers {
    let settings = &terms.settings;
    Buffers {
        before_minutes: item.buffer_before_minutes.unwrap_or(settings.buffer_before_minutes),
        after_minutes: item.buffer_after_minutes.unwrap_or(settings.buffer_after_minutes),
    }
}

/// What is found out about the items of a booking for a period. The booking's own holds are left
/// out. Items that are not offered any more are no obstacle to lines that hold them already.
pub fn findings(
    booking: &Booking,
    shelves: &[Shelf],
    period: &Period,
    terms: &Terms,
) -> Vec<Finding> {
    demands(booking.lines.iter().map(super::line::Line::wanted))
        .into_iter()
        .filter_map(|demand| {
            let shelf =
                shelves.iter().find(|shelf| shelf.item_internal_id == demand.item_internal_id)?;
            Some(check(demand, shelf, period, &terms.zone))
        })
        .collect()
}

/// From when to when holds matter for a booking: as far as another start is looked for.
pub fn span(period: &Period, items: &[Stocked], terms: &Terms) -> Span {
    let longest =
        items.iter().map(|item| buffers(item, terms)).fold(Buffers::default(), |most, one| {
            Buffers {
                before_minutes: most.before_minutes.max(one.before_minutes),
                after_minutes: most.after_minutes.max(one.after_minutes),
            }
        });
    reach(period, longest)
}

/// Decides on a change that takes stock; answers the warnings it is done with.
///
/// # Errors
/// FAILED_PRECONDITION (`SHORTAGE`, `SHORTAGE_CONFIRMATION_REQUIRED`) with the findings, or
/// INVALID_ARGUMENT (`ITEM_INACTIVE`).
pub fn settle(
    findings: Vec<Finding>,
    titles: &dyn Fn(i64) -> String,
    confirmed: Option<bool>,
    terms: &Terms,
) -> Result<Vec<Value>> {
    let shown = |reason: Reason| -> Vec<Value> {
        let of_reason = findings.iter().filter(|finding| finding.reason == reason);
        of_reason.map(|finding| facts(finding, titles, &terms.zone)).collect()
    };
    match decide(&findings, confirmed, terms.settings.require_shortage_confirmation) {
        Decision::Done => Ok(shown(Reason::Warning)),
        Decision::Inactive => {
            let violations = findings
                .iter()
                .filter(|finding| finding.reason == Reason::ItemInactive)
                .map(|finding| steward_kernel::Violation {
                    field: "booking.items".to_owned(),
                    kind: steward_kernel::ViolationKind::Named("ITEM_INACTIVE"),
                    message: format!(
                        "{} is not offered any more.",
                        titles(finding.demand.item_internal_id)
                    ),
                })
                .collect();
            Err(Error::invalid(violations))
        }
        Decision::Refused => Err(short("SHORTAGE", &shown(Reason::Blocking))),
        Decision::ConfirmationRequired => {
            Err(short("SHORTAGE_CONFIRMATION_REQUIRED", &shown(Reason::Warning)))
        }
    }
}

fn short(reason: &'static str, found: &[Value]) -> Error {
    let told = |one: &Value| {
        let free = &one["available_quantity"];
        let title = one["item_title"].as_str().unwrap_or_default();
        format!("Of {title} only {free} are free.")
    };
    let each = found.iter().map(|one| {
        let mut one = one.clone();
        one["detail"] = told(&one).into();
        one
    });
    let message = found.first().map(told).unwrap_or_default();
    Error::new(Kind::FailedPrecondition, reason, message)
        .with_metadata("pointer", "/data/relationships/items")
        .with_metadata("shortages", each.collect::<Value>().to_string())
}

/// Everything that was found out about an item, its times by the clock of the business.
pub fn facts(finding: &Finding, titles: &dyn Fn(i64) -> String, zone: &Zone) -> Value {
    let mut facts = json!({
        "reason": finding.reason.as_str(),
        "item_internal_id": finding.demand.item_internal_id,
        "item_title": titles(finding.demand.item_internal_id),
        "requested_quantity": finding.demand.quantity,
        "available_quantity": finding.available_quantity,
        "plannable_quantity": finding.plannable_quantity,
        "missing_quantity": finding.missing_quantity,
        "booking_item_ids": ids(&finding.demand.booking_item_ids),
        "conflicts": [],
        "next_available_at": null,
    });
    if let Some(Short { stock, span, conflicts, next_available_at }) = &finding.short {
        facts["stock"] = json!(stock);
        facts["from"] = json!(zone.local(span.from).to_string());
        facts["till"] = json!(span.end().map(|till| zone.local(till).to_string()));
        facts["conflicts"] = conflicts.iter().map(conflict).collect();
        facts["next_available_at"] = json!(next_available_at.map(|at| at.to_string()));
    }
    facts
}

/// A booking that holds what is missing.
pub fn conflict(conflict: &Conflict) -> Value {
    json!({
        "booking_internal_id": conflict.booking_internal_id,
        "quantity": conflict.quantity,
        "start_at": conflict.period.start().to_string(),
        "end_at": conflict.period.end().to_string(),
    })
}

/// Ids as texts, as all ids are; lines that are not recorded yet have none.
fn ids(ids: &[i64]) -> Vec<String> {
    ids.iter().filter(|id| **id != 0).map(i64::to_string).collect()
}
