//! Visits between proto and model.

use jiff::civil::Date;
use rust_decimal::Decimal;
use steward_kernel::Result;
use steward_kernel::local::Zone;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::text;
use steward_kernel::validate::Violations;

use super::actions::Preview;
use super::model::{Event, Narrowed, Planned, STATUSES, status};
use super::repository::BY_START;
use crate::bookings::company::Company;
use crate::bookings::wire::recurrence;
use crate::hours::Hours;
use crate::scheduling::VisitTime;
use crate::settings::TIME_PREFERENCES;
use crate::wire::{array, clock, day, decimal, hours, required_day, stated, timestamp, whole};
use crate::{money, pb};

/// Most visits that are looked at ahead.
const MOST_PREVIEWED: i32 = 100;

/// Reads what a list of all visits is asked for.
pub fn query(request: pb::ListEventsRequest) -> Result<(Narrowed, ListQuery)> {
    let pb::ListEventsRequest { client_id, status, from, to, tag, page_number, page_size } =
        request;
    let mut violations = Violations::below("");
    let tag = violations.tidy("tag", tag, 40);
    let narrowed = Narrowed {
        client_id,
        status: stated(Some(status)),
        from: day(&mut violations, "from", from),
        to: day(&mut violations, "to", to),
        tag: tag.map(|tag| text::folded(&tag)),
        request_id: None,
    };
    let query = whole(&mut violations, page_number, page_size, BY_START);
    violations.finish((narrowed, query))
}

/// Reads what a list of the visits of a booking is asked for, and the id of that.
pub fn query_of_booking(
    request: pb::ListBookingEventsRequest,
) -> Result<(i64, Narrowed, ListQuery)> {
    let pb::ListBookingEventsRequest { id, from, to, status, page_number, page_size } = request;
    let mut violations = Violations::below("");
    let narrowed = Narrowed {
        status: stated(Some(status)),
        from: day(&mut violations, "from", from),
        to: day(&mut violations, "to", to),
        ..Narrowed::default()
    };
    let query = whole(&mut violations, page_number, page_size, BY_START);
    violations.finish((id, narrowed, query))
}

/// Reads what a list of the visits of a client is asked for, and the id of that.
pub fn query_of_client(
    request: pb::ListMyClientEventsRequest,
) -> Result<(i64, Narrowed, ListQuery)> {
    let pb::ListMyClientEventsRequest {
        status,
        appointment_date,
        client_id,
        page_number,
        page_size,
    } = request;
    let mut violations = Violations::below("");
    let after = day(&mut violations, "appointment_date", appointment_date);
    let narrowed = Narrowed {
        status: stated(Some(status)),
        from: after.map(|after| after.tomorrow().unwrap_or(after)),
        ..Narrowed::default()
    };
    let query = whole(&mut violations, page_number, page_size, BY_START);
    violations.finish((client_id, narrowed, query))
}

/// Reads up to which date the visits of a booking are to be made.
pub fn generation(request: pb::GenerateEventsRequest) -> Result<(i64, Option<Date>)> {
    let pb::GenerateEventsRequest { request_id, through } = request;
    let mut violations = Violations::below("");
    let through = day(&mut violations, "through", through);
    let id = violations.required_id("request_id", request_id);
    violations.finish((id, through))
}

/// Reads a series that somebody wants to look at.
pub fn preview(request: pb::PreviewRecurrenceRequest) -> Result<Preview> {
    let pb::PreviewRecurrenceRequest {
        start_date,
        start_time,
        frequency,
        week_days,
        monthly_mode,
        hours: length,
        count,
    } = request;
    let violations = &mut Violations::below("");
    let count = count.unwrap_or(10);
    violations.range("count", count, 1..=MOST_PREVIEWED);
    let start_time = clock(violations, "start_time", start_time.clone()).or_else(|| {
        if start_time.is_none_or(|time| time.trim().is_empty()) {
            violations.required("start_time");
        }
        None
    });
    let length = hours(violations, "hours", length.as_ref());
    let preview = Preview {
        start_date: required_day(violations, "start_date", start_date),
        start_time: start_time.unwrap_or(steward_kernel::local::TimeOfDay::MIDNIGHT),
        recurrence: recurrence(violations, frequency, &week_days, monthly_mode),
        hours: length.unwrap_or_else(|| Hours::new(Decimal::from(3)).unwrap_or_default()),
        count: usize::try_from(count).unwrap_or_default(),
    };
    std::mem::take(violations).finish(preview)
}

/// Writes a visit.
pub fn event(event: Event) -> pb::Event {
    let Event {
        id,
        request_id,
        client_id,
        location_id,
        planned,
        end_time,
        promised_start_at,
        added_hours,
        status: stands,
        is_modified,
        notes,
        currency,
        created_at,
        updated_at,
        version,
    } = event;
    let Planned {
        original_date,
        date,
        start_time,
        is_time_confirmed,
        span,
        hours,
        cleaners_needed,
        price,
    } = planned;
    pb::Event {
        id,
        request_id,
        client_id,
        location_id,
        original_date: original_date.map(|date| date.to_string()),
        date: date.to_string(),
        start_time: start_time.to_string(),
        end_time: end_time.to_string(),
        start_at: Some(timestamp(span.from)),
        end_at: Some(timestamp(span.till)),
        promised_start_at: Some(timestamp(promised_start_at)),
        hours: Some(decimal(hours.decimal())),
        added_hours: Some(decimal(added_hours.decimal())),
        cleaners_needed: cleaners_needed.into(),
        status: stands.into(),
        price: Some(money::write(price, &currency)),
        is_modified,
        is_time_confirmed,
        needs_assignment: stands == status::TO_CLEAN,
        notes,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes visits.
pub fn list(page: Page<Event>) -> pb::ListEventsResponse {
    let (items, total_count, page_number, page_size) = array(page, event);
    pb::ListEventsResponse { items, total_count, page_number, page_size }
}

/// Writes visits that were made.
pub fn generated(events: Vec<Event>) -> pb::GenerateEventsResponse {
    pb::GenerateEventsResponse { items: events.into_iter().map(event).collect() }
}

/// Writes where visits may stand, with a company whose pauses keep the time or do not.
pub fn statuses(company: &Company) -> pb::ListEventStatusesResponse {
    let pauses_block = company.settings.groups.scheduling.pause_keeps_slot;
    let items = STATUSES.iter().map(|status| pb::EventStatusInfo {
        id: status.id,
        name: status.name.to_owned(),
        display_name: status.display_name.to_owned(),
        bucket: status.bucket.to_owned(),
        blocks: status.blocks.unwrap_or(pauses_block),
    });
    pb::ListEventStatusesResponse { items: items.collect() }
}

/// Writes when clients of a company may prefer visits to start.
pub fn preferences(company: &Company) -> pb::ListTimePreferencesResponse {
    let preferences = company.settings.groups.scheduling.time_preferences.iter();
    let items = preferences.zip(TIME_PREFERENCES).map(|(one, name)| pb::TimePreferenceInfo {
        id: one.id,
        name: name.to_owned(),
        from: one.start_time.clone(),
        to: one.end_time.clone(),
    });
    pb::ListTimePreferencesResponse { items: items.collect() }
}

/// Writes the visits that a series would have.
pub fn previewed((visits, zone): (Vec<(Date, VisitTime)>, Zone)) -> pb::PreviewRecurrenceResponse {
    let items = visits.into_iter().map(|(date, visit)| {
        let ahead = zone.minutes_ahead(visit.span.from);
        let sign = if ahead < 0 { '-' } else { '+' };
        let ahead = ahead.unsigned_abs();
        pb::Occurrence {
            date: date.to_string(),
            start_at: Some(timestamp(visit.span.from)),
            end_at: Some(timestamp(visit.span.till)),
            utc_offset: format!("{sign}{:02}:{:02}", ahead / 60, ahead % 60),
            adjusted: visit.adjusted.as_str().to_owned(),
        }
    });
    pb::PreviewRecurrenceResponse { items: items.collect() }
}
