//! One cleaner in another one's place.

use steward_database::{Transaction, find};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::actions::{How, Seat, coming, sit, stop, take};
use super::model::{Assignment, Move, Wanted};
use super::{attendance, repository};
use crate::bookings::company::Company;
use crate::bookings::model::Booking;
use crate::bookings::repository as bookings;
use crate::cleaners::model::Cleaner;
use crate::cleaners::repository as cleaners;
use crate::events::model::Event;
use crate::events::{repository as events, will_change as visits_change};
use crate::reason::illegal_transition;

/// A cleaner who was moved off visits, who comes instead, and to which.
pub(crate) struct Moved {
    pub ended: Assignment,
    pub assignment: Assignment,
    pub event_ids: Vec<i64>,
}

/// Sends a cleaner in another one's place: to all visits from a date on, before which the other one
/// comes for the last time, or to some of them.
pub(crate) async fn reassign(app: &App, context: &Context, moved: &Move) -> Result<Moved> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let company = Company::of(&tx, tenant).await?;
        let today = company.today();
        let from = moved.from.unwrap_or(today);
        let mut violations = Violations::below("");
        if from < today {
            violations.rule("from_date", "The first date is over.");
        }
        violations.finish(())?;
        bookings::lock(&tx, tenant, moved.request_id).await?;
        let present = repository::of_booking(&tx, tenant, moved.request_id).await?;
        let own = coming(&present, moved.from_cleaner_id, from)?;
        let (assignment, event_ids) = if moved.event_ids.is_empty() {
            let from = from.max(own.from);
            if present.iter().any(|one| one.sends(moved.to_cleaner_id, from)) {
                return Err(illegal_transition("The other cleaner comes already."));
            }
            stop(&tx, context, own, from, today).await?;
            let wanted = Wanted {
                request_id: moved.request_id,
                cleaner_id: moved.to_cleaner_id,
                start_time: moved.start_time,
                from: Some(from),
                until: own.until,
                passes_over: moved.passes_over,
            };
            let how = How::Reassign { passes_over: moved.passes_over };
            let assignment = take(app, &tx, context, &company, wanted, how).await?;
            let ids = attendance::visits_by(&tx, tenant, assignment.id).await?;
            (assignment, ids)
        } else {
            some(app, &tx, context, &company, moved, own, &present).await?
        };
        Ok(Moved { ended: find(&tx, tenant, own.id).await?, assignment, event_ids })
    })
    .await
}

/// Sends a cleaner to some visits in another one's place, who comes to the rest.
async fn some(
    app: &App,
    tx: &Transaction,
    context: &Context,
    company: &Company,
    moved: &Move,
    own: &Assignment,
    present: &[Assignment],
) -> Result<(Assignment, Vec<i64>)> {
    let tenant = context.tenant()?;
    let from = moved.from.unwrap_or_else(|| company.today());
    let visits = events::to_come(tx, tenant, moved.request_id, (from, None)).await?;
    let is_meant = |visit: &Event| {
        let comes = visit.cleaners.iter().any(|one| one.assignment_id == own.id);
        comes && moved.event_ids.contains(&visit.id)
    };
    let visits: Vec<Event> = visits.into_iter().filter(is_meant).collect();
    let mut violations = Violations::below("");
    if visits.len() < moved.event_ids.len() {
        violations.rule("event_ids", "The cleaner is to come to each of these visits.");
    }
    if moved.start_time.is_some() {
        violations.rule("start_time", "Some visits keep their start; change it by itself.");
    }
    violations.finish(())?;
    let dates = || visits.iter().map(|visit| visit.planned.date);
    let (first, last) = (dates().min().unwrap_or(from), dates().max().unwrap_or(from));
    cleaners::lock(tx, tenant, moved.to_cleaner_id).await?;
    let booking: Booking = find(tx, tenant, moved.request_id).await?;
    let cleaner: Cleaner = find(tx, tenant, moved.to_cleaner_id).await?;
    visits_change(context, &visits).await?;
    attendance::leave(tx, tenant, own.id, &moved.event_ids).await?;
    let is_there = |visit: &Event| visit.cleaners.iter().any(|one| one.cleaner_id == cleaner.id);
    if visits.iter().any(is_there) {
        return Err(illegal_transition("The other cleaner comes already."));
    }
    let seat = Seat {
        booking: &booking,
        cleaner: &cleaner,
        start: own.start_time,
        from: first,
        until: Some(last),
        how: How::Reassign { passes_over: moved.passes_over },
    };
    let known = present.iter().find(|one| one.sends(cleaner.id, first)).map(|one| one.id);
    let assignment = sit(app, tx, context, company, (seat, known, false), &visits).await?;
    Ok((assignment, visits.iter().map(|visit| visit.id).collect()))
}
