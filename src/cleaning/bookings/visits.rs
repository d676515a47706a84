//! The visits of a booking, made from its series.

use std::collections::HashSet;

use jiff::civil::Date;
use steward_database::{Transaction, find};
use steward_kernel::local::Zone;
use steward_kernel::{Result, TenantId};

use super::company::Company;
use super::model::Booking;
use super::repository;
use crate::assignments::attendance;
use crate::events::model::Planned;
use crate::events::repository as events;
use crate::scheduling::visit_time;

/// The visits that a booking should have up to a date, and its first one in any case, save those
/// of dates that are `there`.
pub(super) fn missing(
    booking: &Booking,
    there: &HashSet<Date>,
    through: Date,
    zone: &Zone,
) -> Vec<Planned> {
    let agreed = &booking.agreed;
    let due = agreed.schedule().due(through);
    let first = due.first().map(|first| first.date);
    let absent = due.into_iter().filter(|one| !there.contains(&one.date));
    let planned = absent.filter_map(|one| {
        let segment = agreed.segments.get(one.segment)?;
        let (hours, price) = if Some(one.date) == first {
            agreed.first_visit(segment)
        } else {
            (segment.hours, segment.price)
        };
        let start = segment.schedule.start;
        let visit = visit_time(one.date, start, agreed.terms.duration_minutes(hours), zone);
        Some(Planned {
            original_date: Some(one.date),
            date: one.date,
            start_time: start,
            is_time_confirmed: segment.is_time_confirmed,
            span: visit.span,
            hours,
            cleaners_needed: segment.cleaners_needed,
            price,
        })
    });
    planned.collect()
}

/// Makes the visits that a live booking lacks up to a date; answers their ids. A date of the series
/// makes one visit, ever: one that was moved, skipped or deleted is not made again.
pub(crate) async fn generate(
    tx: &Transaction,
    tenant: TenantId,
    id: i64,
    company: &Company,
    through: Date,
) -> Result<Vec<i64>> {
    repository::lock(tx, tenant, id).await?;
    let booking: Booking = find(tx, tenant, id).await?;
    if !booking.is_live() {
        return Ok(Vec::new());
    }
    let there = events::original_dates(tx, tenant, id).await?.into_iter().collect();
    let planned = missing(&booking, &there, through, &company.zone);
    let made = if planned.is_empty() {
        Vec::new()
    } else {
        events::insert_missing(tx, tenant, &booking, &planned).await?
    };
    attendance::fill(tx, tenant, &made, None).await?;
    if booking.generated_through.is_none_or(|present| present < through) {
        repository::set_generated_through(tx, tenant, id, through).await?;
    }
    Ok(made)
}
