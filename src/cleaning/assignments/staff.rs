//! Who comes to visits that are moved, or are to have other cleaners.

use steward_database::{Transaction, find, find_all};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;

use super::actions::{How, Seat, sit, stop, take};
use super::attendance;
use super::model::{Assignment, Wanted};
use super::{repository, suited};
use crate::bookings::company::Company;
use crate::bookings::model::Booking;
use crate::cleaners::model::Cleaner;
use crate::cleaners::repository as cleaners;
use crate::events::changes::Reach;
use crate::events::model::Event;

/// Refuses visits, as they are to be, that one of their cleaners cannot attend. What is not hard
/// against it may be passed over, and is noted then.
pub(crate) async fn check(
    tx: &Transaction,
    tenant: TenantId,
    (company, booking): (&Company, &Booking),
    visits: &[Event],
    passes_over: bool,
) -> Result<()> {
    let comes = |visit: &Event, id| visit.cleaners.iter().any(|one| one.cleaner_id == id);
    let mut ids: Vec<i64> =
        visits.iter().flat_map(|visit| &visit.cleaners).map(|one| one.cleaner_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(());
    }
    for cleaner in find_all::<Cleaner>(tx, tenant, &ids).await? {
        let mut theirs: Vec<Event> =
            visits.iter().filter(|visit| comes(visit, cleaner.id)).cloned().collect();
        theirs.sort_by_key(|visit| visit.planned.span.from);
        let passed =
            suited::passed(tx, tenant, (company, &cleaner, booking), &theirs, passes_over).await?;
        let is_against = |visit: &&Event| suited::is_against(&passed, visit);
        let all: Vec<i64> = theirs.iter().map(|visit| visit.id).collect();
        let against: Vec<i64> = theirs.iter().filter(is_against).map(|visit| visit.id).collect();
        attendance::mark(tx, tenant, cleaner.id, &all, &against).await?;
    }
    Ok(())
}

/// Takes off a visit, or off it and all that follow, who is not among those who are to come.
pub(crate) async fn remove(
    tx: &Transaction,
    context: &Context,
    company: &Company,
    event: &Event,
    (ids, reach): (&[i64], Reach),
) -> Result<()> {
    let tenant = context.tenant()?;
    let gone = event.cleaners.iter().filter(|one| !ids.contains(&one.cleaner_id));
    for one in gone {
        match reach {
            Reach::This => attendance::leave(tx, tenant, one.assignment_id, &[event.id]).await?,
            Reach::Future => {
                let own: Assignment = find(tx, tenant, one.assignment_id).await?;
                let from = event.planned.date.max(company.today());
                stop(tx, context, &own, from, company.today()).await?;
            }
        }
    }
    Ok(())
}

/// Sends to a visit, or to it and all that follow, who does not come yet and is to.
pub(crate) async fn add(
    app: &App,
    tx: &Transaction,
    context: &Context,
    company: &Company,
    event: &Event,
    (ids, reach, passes_over): (&[i64], Reach, bool),
) -> Result<()> {
    let tenant = context.tenant()?;
    let mut violations = Violations::below("");
    if ids.len() > usize::from(event.planned.cleaners_needed) {
        violations.rule("cleaner_ids", "These are more cleaners than are needed.");
    }
    violations.finish(())?;
    let how = How::Manual { passes_over };
    let booking: Booking = find(tx, tenant, event.request_id).await?;
    let present = repository::of_booking(tx, tenant, booking.id).await?;
    let date = event.planned.date;
    let comes = |id: &i64| event.cleaners.iter().any(|one| one.cleaner_id == *id);
    for id in ids.iter().filter(|id| !comes(id)) {
        if reach == Reach::Future {
            let wanted = Wanted {
                request_id: booking.id,
                cleaner_id: *id,
                start_time: None,
                from: Some(date.max(company.today())),
                until: None,
                passes_over,
            };
            take(app, tx, context, company, wanted, how).await?;
            continue;
        }
        cleaners::lock(tx, tenant, *id).await?;
        let cleaner: Cleaner = find(tx, tenant, *id).await?;
        let known = present.iter().find(|one| one.sends(*id, date)).map(|one| one.id);
        let seat = Seat {
            booking: &booking,
            cleaner: &cleaner,
            start: event.planned.start_time,
            from: date,
            until: Some(date),
            how,
        };
        let is_lead = event.cleaners.is_empty();
        let visits = std::slice::from_ref(event);
        sit(app, tx, context, company, (seat, known, is_lead), visits).await?;
    }
    Ok(())
}
