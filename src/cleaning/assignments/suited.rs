//! What speaks against sending a cleaner to visits.

use serde_json::{Value, json};
use steward_database::{Transaction, find, page};
use steward_kernel::list::Filter;
use steward_kernel::local::{Span, TimeOfDay};
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::{Error, Result, TenantId};

use super::attendance;
use crate::bookings::company::Company;
use crate::bookings::model::Booking;
use crate::cleaners::exceptions::model::ExceptionAvailability;
use crate::cleaners::exceptions::{repository as exceptions, wire::Asked};
use crate::cleaners::hours;
use crate::cleaners::model::Cleaner;
use crate::cleaners::status::Status;
use crate::events::model::Event;
use crate::locations::model::Location;
use crate::reason::slot_conflict;
use crate::scheduling::{
    Candidate, Conflict, ConflictKind, Days, Exception, Place, Point, Travel, TravelMode,
    UnavailableHours, Worker, conflicts,
};

/// Most changes to a usual week that are looked at.
const MOST_EXCEPTIONS: i32 = 1000;

/// What speaks against sending a cleaner to visits of a booking, which are in order, and is passed
/// over.
///
/// # Errors
/// ABORTED (`SLOT_CONFLICT`) with all that speaks against it, when that is not to be passed over or
/// some of it is hard.
pub(super) async fn passed(
    tx: &Transaction,
    tenant: TenantId,
    (company, cleaner, booking): (&Company, &Cleaner, &Booking),
    visits: &[Event],
    passes_over: bool,
) -> Result<Vec<Conflict>> {
    let found = against(tx, tenant, (company, cleaner, booking), visits).await?;
    if found.iter().any(|one| one.kind.is_hard() || !passes_over) {
        return Err(refused(company, cleaner.id, &found));
    }
    Ok(found)
}

/// Whether something of what was found speaks against a visit.
pub(super) fn is_against(found: &[Conflict], visit: &Event) -> bool {
    found.iter().any(|one| one.kind == ConflictKind::Area || one.span == visit.planned.span)
}

/// All that speaks against sending a cleaner to visits of a booking, which are in order.
async fn against(
    tx: &Transaction,
    tenant: TenantId,
    (company, cleaner, booking): (&Company, &Cleaner, &Booking),
    visits: &[Event],
) -> Result<Vec<Conflict>> {
    let (Some(first), Some(last)) = (visits.first(), visits.last()) else { return Ok(Vec::new()) };
    let zone = &company.zone;
    let day = |at| zone.local(at).date();
    let (from, till) = (first.planned.span.from, last.planned.span.till);
    let days = Days {
        first: day(from).yesterday().unwrap_or(day(from)),
        last: day(till).tomorrow().unwrap_or(day(till)),
    };
    let home: Location = find(tx, tenant, booking.location_id).await?;
    let address = &home.written.address;
    let point = address.lat.zip(address.lng).map(|(lat, lng)| Point { lat, lng });
    let place = Place { location_id: home.id, point };

    let week = hours::of_cleaner(tx, tenant, cleaner.id).await?;
    let week: UnavailableHours = week
        .into_iter()
        .flat_map(|day| {
            let weekday = i8::try_from(day.week_day).unwrap_or_default();
            day.ranges.into_iter().map(move |range| (weekday, range))
        })
        .collect();
    let asked = Asked { from: Some(days.first), to: Some(days.last) };
    let scope: Filter = exceptions::scope(cleaner.id, asked);
    let all = ListQuery::all(PageRequest { number: 1, size: MOST_EXCEPTIONS });
    let changes = page::<ExceptionAvailability>(tx, tenant, Some(&scope), &all).await?;
    let changes: Vec<Exception> = changes
        .items
        .iter()
        .map(|one| Exception {
            id: one.id,
            span: Span {
                from: zone.instant(one.written.starts_at),
                till: zone.last_instant(one.written.ends_at),
            },
            is_available: one.written.is_available,
        })
        .collect();
    let around = Span {
        from: zone.day_start(days.first),
        till: zone.day_start(days.last.tomorrow().unwrap_or(days.last)),
    };
    let others = attendance::visits_of(tx, tenant, cleaner.id, around, booking.id).await?;
    let worker = Worker {
        is_active: cleaner.status == Status::Active,
        serves_area: cleaner.areas.iter().any(|area| area.id == booking.tenant_location_id),
        gross: &week.gross(days, zone),
        exceptions: &changes,
        visits: &others,
        travel: travel(company, cleaner),
    };
    let candidates: Vec<Candidate> =
        visits.iter().map(|visit| Candidate { span: visit.planned.span, place }).collect();
    Ok(conflicts(&worker, &candidates))
}

fn travel(company: &Company, cleaner: &Cleaner) -> Travel {
    let settings = &company.settings.groups.scheduling;
    let mode = cleaner.written.travel_mode.as_deref().unwrap_or(&settings.travel_mode);
    let minutes = |minutes: i32| u32::try_from(minutes).unwrap_or_default();
    Travel {
        mode: TravelMode::ALL
            .into_iter()
            .find(|one| one.as_str() == mode)
            .unwrap_or(TravelMode::Driving),
        least_minutes: minutes(settings.min_travel_minutes),
        unknown_minutes: minutes(settings.default_travel_minutes),
        buffer_minutes: minutes(settings.travel_buffer_minutes),
    }
}

/// The refusal that says what speaks against it.
fn refused(company: &Company, cleaner_id: i64, found: &[Conflict]) -> Error {
    let shown: Vec<Value> = found
        .iter()
        .map(|one| {
            let start = company.zone.local(one.span.from);
            json!({
                "cleanerId": cleaner_id,
                "kind": one.kind.as_str(),
                "date": start.date().to_string(),
                "startTime": TimeOfDay::of(start).to_string(),
                "startAt": steward_kernel::time::format_seconds(one.span.from),
                "endAt": steward_kernel::time::format_seconds(one.span.till),
                "withEventId": one.with_event_id,
                "exceptionId": one.exception_id,
                "minutesShort": one.minutes_short,
            })
        })
        .collect();
    slot_conflict().with_metadata("conflicts", Value::Array(shown).to_string())
}
