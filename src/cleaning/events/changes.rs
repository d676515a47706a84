//! Changing visits that were planned: one of them, or all from one on.

use std::collections::HashSet;
use std::time::Duration;

use jiff::civil::Date;
use steward_database::{Transaction, find};
use steward_kernel::local::{Span, TimeOfDay};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Kind, Result, TenantId};
use steward_platform::App;

use super::model::{Event, Planned, status};
use super::repository;
use crate::assignments::{attendance, staff};
use crate::bookings::actions::book;
use crate::bookings::company::Company;
use crate::bookings::model::{BookedSegment, Booking, Home, Order};
use crate::bookings::{repository as bookings, visits};
use crate::caller::Caller;
use crate::hours::Hours;
use crate::reason::{event_locked, in_use, out_of_reach};
use crate::scheduling::{Recurrence, Segment, visit_time};

/// How long before its start clients may still change a visit.
const NOTICE: Duration = Duration::from_secs(24 * 3600);

/// What a change reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Reach {
    /// The visit alone.
    #[default]
    This,
    /// The visit and all that follow it.
    Future,
}

/// What is changed of a visit; what is absent stays.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub id: i64,
    pub reach: Reach,
    pub date: Option<Date>,
    pub start_time: Option<TimeOfDay>,
    pub hours: Option<Hours>,
    pub notes: Option<String>,
    pub recurrence: Option<Recurrence>,
    pub include_modified: bool,
    /// Who is to come; nobody to leave that as it is.
    pub cleaner_ids: Vec<i64>,
    /// Whether what is not hard against their coming is passed over.
    pub passes_over: bool,
}

/// A visit that was changed, and which others were, or kept their own values.
pub(crate) struct Changed {
    pub event: Event,
    pub changed: Vec<i64>,
    pub kept: Vec<i64>,
}

/// A visit that is to be changed, held with its booking until the transaction ends.
struct Held {
    company: Company,
    booking: Booking,
    event: Event,
}

/// Changes a visit, or all from it on. Clients may move single visits of theirs a day ahead.
pub(crate) async fn update(app: &App, context: &Context, change: &Change) -> Result<Changed> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let mut held = hold(&tx, tenant, change.id).await?;
        if held.event.status != status::TO_CLEAN {
            return Err(event_locked("The visit is not to come any more."));
        }
        if let Caller::Client(id) = Caller::of(&tx, context).await? {
            check_client(id, &held, change)?;
        }
        let ids = &*change.cleaner_ids;
        if !ids.is_empty() {
            staff::remove(&tx, context, &held.company, &held.event, (ids, change.reach)).await?;
            held = hold(&tx, tenant, change.id).await?;
        }
        let (changed, kept) = match change.reach {
            Reach::This => (change_this(&tx, tenant, &held, change).await?, Vec::new()),
            Reach::Future => change_future(&tx, context, held, change).await?,
        };
        if !ids.is_empty() {
            let company = Company::of(&tx, tenant).await?;
            let event: Event = find(&tx, tenant, change.id).await?;
            let wanted = (ids, change.reach, change.passes_over);
            staff::add(app, &tx, context, &company, &event, wanted).await?;
        }
        Ok(Changed { event: find(&tx, tenant, change.id).await?, changed, kept })
    })
    .await
}

async fn hold(tx: &Transaction, tenant: TenantId, id: i64) -> Result<Held> {
    let event: Event = find(tx, tenant, id).await?;
    bookings::lock(tx, tenant, event.request_id).await?;
    Ok(Held {
        company: Company::of(tx, tenant).await?,
        booking: find(tx, tenant, event.request_id).await?,
        event: find(tx, tenant, id).await?,
    })
}

/// Checks what a client may do: move a visit, or note something, a day ahead.
fn check_client(client_id: i64, held: &Held, change: &Change) -> Result<()> {
    let more = change.hours.is_some()
        || change.recurrence.is_some()
        || change.include_modified
        || change.passes_over
        || !change.cleaner_ids.is_empty();
    if held.event.client_id != client_id || change.reach == Reach::Future || more {
        return Err(out_of_reach());
    }
    let planned = replanned(held, &held.event, change);
    let soonest = held.company.now + NOTICE;
    if held.event.planned.span.from < soonest || planned.span.from < soonest {
        let message = "Visits are changed a day ahead at the latest.";
        return Err(Error::new(Kind::FailedPrecondition, "WINDOW_CLOSED", message));
    }
    Ok(())
}

/// A visit as it would be after a change.
fn replanned(held: &Held, event: &Event, change: &Change) -> Planned {
    let Planned { date, start_time, is_time_confirmed, hours, cleaners_needed, price, .. } =
        event.planned;
    let terms = &held.booking.agreed.terms;
    let date = change.date.filter(|_| event.id == held.event.id).unwrap_or(date);
    let start_time = change.start_time.unwrap_or(start_time);
    let price = match change.hours {
        Some(hours) => terms.price(hours, cleaners_needed, &[]).total,
        None => price,
    };
    let hours = change.hours.unwrap_or(hours);
    let minutes = terms.duration_minutes(hours) + event.added_hours.minutes();
    Planned {
        date,
        start_time,
        is_time_confirmed: is_time_confirmed || change.start_time.is_some(),
        span: visit_time(date, start_time, minutes, &held.company.zone).span,
        hours,
        price,
        ..event.planned
    }
}

async fn change_this(
    tx: &Transaction,
    tenant: TenantId,
    held: &Held,
    change: &Change,
) -> Result<Vec<i64>> {
    let mut violations = Violations::below("");
    if change.recurrence.is_some() {
        violations.rule("frequency", "How often visits are is changed for all that follow.");
    }
    if let (Some(date), Some(original)) = (change.date, held.event.planned.original_date) {
        let schedule = held.booking.agreed.schedule();
        let mut dates = schedule.occurrences().map(|one| one.date);
        let before = dates.by_ref().take_while(|one| *one < original).last();
        // The one of this visit is the end of what was taken.
        let after = dates.next();
        if before.is_some_and(|before| date < before) || after.is_some_and(|after| date >= after) {
            let message = "A visit stays between the dates of those before and after it.";
            violations.rule("date", message);
        }
    }
    violations.finish(())?;
    let planned = replanned(held, &held.event, change);
    check_moved(tx, tenant, held, [(&held.event, planned)], change.passes_over).await?;
    repository::replan(tx, tenant, &[(held.event.id, planned, true)]).await?;
    if let Some(notes) = &change.notes {
        repository::note(tx, tenant, held.event.id, notes).await?;
    }
    Ok(vec![held.event.id])
}

/// Changes a visit and those that follow it: a new segment of the booking. As long as only the time
/// or the length changes, the segment keeps the anchor, and so the phase of the series.
async fn change_future(
    tx: &Transaction,
    context: &Context,
    mut held: Held,
    change: &Change,
) -> Result<(Vec<i64>, Vec<i64>)> {
    let tenant = context.tenant()?;
    let Some(original) = held.event.planned.original_date else {
        return Err(Error::rule("apply_to", "The visit is beside the series, so none follows it."));
    };
    let following = repository::following(tx, tenant, held.booking.id, original).await?;
    let keeps =
        |event: &Event| event.is_modified && !change.include_modified && event.id != held.event.id;
    let (kept, others): (Vec<Event>, Vec<Event>) = following.into_iter().partition(keeps);
    context.will_change(crate::bookings::GETTER, held.booking.id).await?;
    super::will_change(context, &others).await?;
    let moved = change.date.filter(|date| *date != held.event.planned.date);
    let is_new_series = moved.is_some() || change.recurrence.is_some();
    let segment = later_segment(&held, change, original, is_new_series)?;
    let agreed = &mut held.booking.agreed;
    agreed.segments.retain(|present| present.schedule.from < segment.schedule.from);
    agreed.segments.push(segment);
    bookings::update(tx, tenant, held.booking.id, held.booking.status, agreed).await?;
    let mut changed: Vec<i64> = others.iter().map(|event| event.id).collect();
    if is_new_series {
        changed = renew(tx, context, &held, &segment, &others).await?;
    } else {
        let planned = |event| replanned(&held, event, change);
        let moved = others.iter().map(|event| (event, planned(event)));
        check_moved(tx, tenant, &held, moved, change.passes_over).await?;
        let visits: Vec<_> =
            others.iter().map(|event| (event.id, planned(event), event.is_modified)).collect();
        repository::replan(tx, tenant, &visits).await?;
    }
    if let Some(notes) = &change.notes {
        repository::note(tx, tenant, held.event.id, notes).await?;
    }
    Ok((changed, kept.into_iter().map(|event| event.id).collect()))
}

/// Refuses visits that are moved to when one of their cleaners cannot attend them.
async fn check_moved<'e>(
    tx: &Transaction,
    tenant: TenantId,
    held: &Held,
    visits: impl IntoIterator<Item = (&'e Event, Planned)>,
    passes_over: bool,
) -> Result<()> {
    let moved = visits.into_iter().filter(|(event, planned)| event.planned.span != planned.span);
    let moved: Vec<Event> =
        moved.map(|(event, planned)| Event { planned, ..event.clone() }).collect();
    staff::check(tx, tenant, (&held.company, &held.booking), &moved, passes_over).await
}

/// How the booking goes on from a visit.
fn later_segment(
    held: &Held,
    change: &Change,
    original: Date,
    is_new_series: bool,
) -> Result<BookedSegment> {
    let agreed = &held.booking.agreed;
    let mut before = agreed.segments.iter().filter(|one| one.schedule.from <= original);
    let present = before.next_back().ok_or_else(|| Error::internal("a visit of no segment"))?;
    let anchor = match is_new_series {
        true => change.date.unwrap_or(held.event.planned.date),
        false => present.schedule.anchor,
    };
    let mut violations = Violations::below("");
    let schedule = agreed.schedule();
    let last = schedule.occurrences().take_while(|one| one.date < original).last();
    if is_new_series && last.is_some_and(|last| anchor <= last.date) {
        violations.rule("date", "The date is not after that of the visit before.");
    }
    let hours = change.hours.unwrap_or(present.hours);
    let segment = BookedSegment {
        schedule: Segment {
            from: if is_new_series { anchor.min(original) } else { original },
            anchor,
            recurrence: change.recurrence.unwrap_or(present.schedule.recurrence),
            start: change.start_time.unwrap_or(present.schedule.start),
        },
        is_time_confirmed: present.is_time_confirmed || change.start_time.is_some(),
        hours,
        price: agreed.terms.price(hours, present.cleaners_needed, &[]).total,
        ..*present
    };
    let first = segment.schedule.recurrence.dates(anchor).next();
    if first.is_none_or(|first| agreed.end_date.is_some_and(|end| first > end)) {
        violations.rule("date", "The booking has no visit from this date on.");
    }
    violations.finish(segment)
}

/// Makes the visits of a new series in place of those of the one before. The visit that was changed
/// becomes the first of them.
async fn renew(
    tx: &Transaction,
    context: &Context,
    held: &Held,
    segment: &BookedSegment,
    others: &[Event],
) -> Result<Vec<i64>> {
    let tenant = context.tenant()?;
    let id = held.event.id;
    let obsolete: Vec<i64> =
        others.iter().map(|event| event.id).filter(|other| *other != id).collect();
    repository::take_back(tx, tenant, &obsolete).await?;
    let Segment { anchor, recurrence, start, .. } = segment.schedule;
    let first = recurrence.dates(anchor).next().unwrap_or(anchor);
    let there: HashSet<Date> =
        repository::original_dates(tx, tenant, held.booking.id).await?.into_iter().collect();
    if there.contains(&first) && held.event.planned.original_date != Some(first) {
        return Err(in_use("Another visit of the booking has this date."));
    }
    let terms = &held.booking.agreed.terms;
    let minutes = terms.duration_minutes(segment.hours) + held.event.added_hours.minutes();
    let planned = Planned {
        original_date: Some(first),
        date: first,
        start_time: start,
        is_time_confirmed: segment.is_time_confirmed,
        span: visit_time(first, start, minutes, &held.company.zone).span,
        hours: segment.hours,
        cleaners_needed: segment.cleaners_needed,
        price: segment.price,
    };
    repository::replan(tx, tenant, &[(id, planned, false)]).await?;
    let through = held.booking.generated_through.unwrap_or_else(|| held.company.horizon());
    let mut changed = vec![id];
    let made = visits::generate(tx, tenant, held.booking.id, &held.company, through).await?;
    super::note_made(context, &made);
    changed.extend(made);
    Ok(changed)
}

/// The order of a visit for itself.
fn once(service_id: i64, added: &Added) -> Order {
    Order {
        service_id,
        recurrence: Recurrence::Once,
        start_date: added.date,
        end_date: None,
        start_time: Some(added.start_time),
        time_preference: 1,
        hours: added.hours,
        first_visit_hours: None,
        cleaners_needed: u16::try_from(added.cleaner_ids.len().max(1)).unwrap_or(1),
        rooms: Vec::new(),
        extras: Vec::new(),
        lead_source_id: None,
        notes: None,
    }
}

/// What a visit is added to.
#[derive(Debug)]
pub(crate) enum AddedTo {
    /// The booking with this id, beside its series.
    Booking {
        id: i64,
        /// Whose the booking is, where it is and what is done, each where it is said.
        of: [Option<i64>; 3],
    },
    /// A booking that is made for it.
    New { client_id: i64, location_id: i64, service_id: i64 },
}

/// A visit that is added.
#[derive(Debug)]
pub(crate) struct Added {
    pub to: AddedTo,
    pub date: Date,
    pub start_time: TimeOfDay,
    pub hours: Hours,
    pub notes: Option<String>,
    /// Who is to come; nobody for those who come to the booking then.
    pub cleaner_ids: Vec<i64>,
    /// Whether what is not hard against their coming is passed over.
    pub passes_over: bool,
}

/// Refuses a client, a home and a service that are said beside a booking and are not its own.
fn check_named(booking: &Booking, [client, home, service]: [Option<i64>; 3]) -> Result<()> {
    let mut violations = Violations::below("");
    for (field, said, own, message) in [
        ("client_id", client, booking.client_id, "The booking is of another client."),
        ("location_id", home, booking.location_id, "The booking is of another home."),
        ("service_id", service, booking.service_id, "The booking is of another service."),
    ] {
        if said.is_some_and(|id| id != own) {
            violations.rule(field, message);
        }
    }
    violations.finish(())
}

/// Adds a visit beside the series of a live booking, or as a booking of one visit.
pub(crate) async fn add(app: &App, context: &Context, added: &Added) -> Result<Event> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let (request_id, of) = match added.to {
            AddedTo::Booking { id, of } => (id, of),
            AddedTo::New { client_id, location_id, service_id } => {
                let order = once(service_id, added);
                let home = Home::Known(location_id);
                let id = book(app, &tx, context, client_id, &home, &order).await?;
                if let Some(notes) = &added.notes {
                    repository::note(&tx, tenant, id, notes).await?;
                }
                if !added.cleaner_ids.is_empty() {
                    let company = Company::of(&tx, tenant).await?;
                    let event: Event = find(&tx, tenant, id).await?;
                    let wanted = (&*added.cleaner_ids, Reach::This, added.passes_over);
                    staff::add(app, &tx, context, &company, &event, wanted).await?;
                }
                return find(&tx, tenant, id).await;
            }
        };
        bookings::lock(&tx, tenant, request_id).await?;
        let booking: Booking = find(&tx, tenant, request_id).await?;
        check_named(&booking, of)?;
        if !booking.is_live() {
            return Err(event_locked("The booking is not live."));
        }
        let company = Company::of(&tx, tenant).await?;
        let agreed = &booking.agreed;
        let segment = agreed.segments.last().ok_or_else(|| Error::internal("no segment"))?;
        let minutes = agreed.terms.duration_minutes(added.hours);
        let planned = Planned {
            original_date: None,
            date: added.date,
            start_time: added.start_time,
            is_time_confirmed: true,
            span: visit_time(added.date, added.start_time, minutes, &company.zone).span,
            hours: added.hours,
            cleaners_needed: segment.cleaners_needed,
            price: agreed.terms.price(added.hours, segment.cleaners_needed, &[]).total,
        };
        let made = repository::insert_missing(&tx, tenant, &booking, &[planned]).await?;
        let id = *made.first().ok_or_else(|| Error::internal("no visit was made"))?;
        if added.cleaner_ids.is_empty() {
            attendance::fill(&tx, tenant, &made, None).await?;
        } else {
            let event: Event = find(&tx, tenant, id).await?;
            let wanted = (&*added.cleaner_ids, Reach::This, added.passes_over);
            staff::add(app, &tx, context, &company, &event, wanted).await?;
        }
        if let Some(notes) = &added.notes {
            repository::note(&tx, tenant, id, notes).await?;
        }
        find(&tx, tenant, id).await
    })
    .await
}

/// Deletes a visit, or it and all that follow, with which the series ends the day before.
pub(crate) async fn delete(app: &App, context: &Context, id: i64, reach: Reach) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let mut held = hold(&tx, tenant, id).await?;
        if [status::IN_PROGRESS, status::COMPLETED].contains(&held.event.status) {
            return Err(event_locked("Somebody has worked at this visit."));
        }
        let original = match (reach, held.event.planned.original_date) {
            (Reach::This, _) => return repository::delete(&tx, tenant, &[id]).await,
            (Reach::Future, Some(original)) => original,
            (Reach::Future, None) => {
                return Err(Error::rule(
                    "apply_to",
                    "The visit is beside the series, so none follows it.",
                ));
            }
        };
        if original <= held.booking.agreed.start_date {
            return Err(in_use("No visit would be left; remove the booking instead."));
        }
        let following = repository::following(&tx, tenant, held.booking.id, original).await?;
        context.will_change(crate::bookings::GETTER, held.booking.id).await?;
        super::will_change(context, &following).await?;
        let mut ids: Vec<i64> = following.iter().map(|event| event.id).collect();
        ids.push(id);
        repository::delete(&tx, tenant, &ids).await?;
        let agreed = &mut held.booking.agreed;
        agreed.end_date = original.yesterday().ok();
        bookings::update(&tx, tenant, held.booking.id, held.booking.status, agreed).await
    })
    .await
}

/// Lets all visits of a booking that is held start at a time from a date on, which is then fixed.
/// What is not hard against that of those who come already may be passed over.
pub(crate) async fn fix_start(
    tx: &Transaction,
    context: &Context,
    booking: &Booking,
    from: Date,
    (start, passes_over): (TimeOfDay, bool),
) -> Result<()> {
    let tenant = context.tenant()?;
    let is_so = |last: &BookedSegment| last.is_time_confirmed && last.schedule.start == start;
    if booking.agreed.segments.last().is_some_and(is_so) {
        return Ok(());
    }
    let coming = repository::to_come(tx, tenant, booking.id, (from, None)).await?;
    let Some(first) = coming.iter().find(|one| one.planned.original_date.is_some()) else {
        return Ok(());
    };
    let held = hold(tx, tenant, first.id).await?;
    let start_time = Some(start);
    let (id, reach) = (first.id, Reach::Future);
    let change = Change { id, reach, start_time, passes_over, ..Change::default() };
    change_future(tx, context, held, &change).await.map(drop)
}

/// A visit as it would be with another start; what differs from its series keeps its own.
pub(crate) fn starting(event: Event, start_time: TimeOfDay, company: &Company) -> Event {
    let Planned { original_date, date, span, .. } = event.planned;
    if event.is_modified || original_date.is_none() {
        return event;
    }
    let span = visit_time(date, start_time, minutes_of(span), &company.zone).span;
    Event { planned: Planned { start_time, span, ..event.planned }, ..event }
}

/// How many minutes a visit takes.
pub(super) fn minutes_of(span: Span) -> u32 {
    u32::try_from(span.till.seconds_since(span.from) / 60).unwrap_or_default()
}
