//! Visits between proto and model.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use steward_kernel::Result;
use steward_kernel::local::{TimeOfDay, Zone};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::text;
use steward_kernel::validate::Violations;

use super::actions::Preview;
use super::changes::{Added, AddedTo, Change, Changed, Reach};
use super::model::{Event, EventCleaner, Narrowed, Planned, STATUSES, status};
use super::repository::BY_START;
use crate::bookings::company::Company;
use crate::bookings::wire::recurrence;
use crate::hours::Hours;
use crate::scheduling::{Recurrence, VisitTime};
use crate::settings::TIME_PREFERENCES;
use crate::wire::{
    array, clock, day, decimal, hours, required_clock, required_day, required_hours, stated,
    timestamp, whole,
};
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
        cleaner_id: None,
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

/// Reads what a list of the visits of a cleaner is asked for, and the id of that.
pub fn query_of_cleaner(
    request: pb::ListCleanerEventsRequest,
) -> Result<(i64, Narrowed, ListQuery)> {
    let pb::ListCleanerEventsRequest { cleaner_id, from, to, status, page_number, page_size } =
        request;
    let mut violations = Violations::below("");
    let narrowed = Narrowed {
        status: stated(Some(status)),
        from: day(&mut violations, "from", from),
        to: day(&mut violations, "to", to),
        ..Narrowed::default()
    };
    let query = whole(&mut violations, page_number, page_size, BY_START);
    violations.finish((cleaner_id, narrowed, query))
}

/// Reads what a list of the visits of a cleaner that have not begun is asked for.
pub fn query_of_future(request: pb::ListCleanerFutureEventsRequest) -> Result<(i64, ListQuery)> {
    let pb::ListCleanerFutureEventsRequest { cleaner_id, page_number, page_size } = request;
    let mut violations = Violations::below("");
    let query = whole(&mut violations, page_number, page_size, BY_START);
    let id = violations.required_id("cleaner_id", cleaner_id);
    violations.finish((id, query))
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
    let length = hours(violations, "hours", length.as_ref());
    let preview = Preview {
        start_date: required_day(violations, "start_date", start_date),
        start_time: required_clock(violations, "start_time", start_time),
        recurrence: recurrence(violations, frequency, &week_days, monthly_mode),
        hours: length.unwrap_or_else(|| Hours::new(Decimal::from(3)).unwrap_or_default()),
        count: usize::try_from(count).unwrap_or_default(),
    };
    std::mem::take(violations).finish(preview)
}

/// Reads what a change of visits reaches.
fn reach(violations: &mut Violations, text: Option<String>) -> Reach {
    match violations.tidy("apply_to", text, 10).as_deref() {
        None | Some("this") => Reach::This,
        Some("future") => Reach::Future,
        Some(_) => {
            violations.rule("apply_to", "It is none of this, future.");
            Reach::This
        }
    }
}

/// Reads what is changed of a visit.
pub fn change(request: pb::UpdateEventRequest) -> Result<Change> {
    let pb::UpdateEventRequest {
        id,
        apply_to,
        date,
        start_time,
        hours: length,
        notes,
        frequency,
        week_days,
        monthly_mode,
        include_modified,
        cleaner_ids,
        r#override,
    } = request;
    let violations = &mut Violations::below("");
    let change = Change {
        id: violations.required_id("id", id),
        reach: reach(violations, apply_to),
        date: day(violations, "date", date),
        start_time: clock(violations, "start_time", start_time),
        hours: hours(violations, "hours", length.as_ref()),
        notes: notes.map(|notes| violations.tidy("notes", Some(notes), 2000).unwrap_or_default()),
        recurrence: later_recurrence(violations, frequency, &week_days, monthly_mode),
        include_modified: include_modified.unwrap_or(false),
        cleaner_ids: cleaners(violations, cleaner_ids),
        passes_over: r#override.unwrap_or(false),
    };
    std::mem::take(violations).finish(change)
}

/// Most cleaners who come to a visit.
const MOST_CLEANERS: usize = 10;

/// Reads who is to come: each once.
fn cleaners(violations: &mut Violations, mut ids: Vec<i64>) -> Vec<i64> {
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MOST_CLEANERS {
        violations.rule("cleaner_ids", "At most 10 cleaners come to a visit.");
    }
    ids
}

/// Reads how often visits are from then on, where that is said.
fn later_recurrence(
    violations: &mut Violations,
    frequency: i32,
    week_days: &[i32],
    monthly_mode: Option<String>,
) -> Option<Recurrence> {
    if frequency != 0 {
        return Some(recurrence(violations, frequency, week_days, monthly_mode));
    }
    let has_mode = monthly_mode.is_some_and(|mode| !mode.trim().is_empty());
    for (field, is_said) in [("week_days", !week_days.is_empty()), ("monthly_mode", has_mode)] {
        if is_said {
            violations.rule(field, "It goes with how often visits are.");
        }
    }
    None
}

/// Reads a visit to be added: beside the series of a booking, or as a booking of its own.
pub fn added(request: pb::AddEventRequest) -> Result<Added> {
    let pb::AddEventRequest {
        request_id,
        date,
        start_time,
        hours: length,
        notes,
        cleaner_ids,
        r#override,
        client_id,
        location_id,
        service_id,
    } = request;
    let violations = &mut Violations::below("");
    let mut required =
        |field: &str, id: Option<i64>| violations.required_id(field, id.unwrap_or_default());
    let to = match request_id {
        0 => AddedTo::New {
            client_id: required("client_id", client_id),
            location_id: required("location_id", location_id),
            service_id: required("service_id", service_id),
        },
        id => {
            let said = |id: Option<i64>| id.filter(|id| *id != 0);
            AddedTo::Booking { id, of: [client_id, location_id, service_id].map(said) }
        }
    };
    let added = Added {
        to,
        date: required_day(violations, "date", date),
        start_time: required_clock(violations, "start_time", start_time),
        hours: required_hours(violations, "hours", length.as_ref()),
        notes: violations.tidy("notes", notes, 2000),
        cleaner_ids: cleaners(violations, cleaner_ids),
        passes_over: r#override.unwrap_or(false),
    };
    std::mem::take(violations).finish(added)
}

/// Reads which visits are deleted.
pub fn deletion(request: pb::DeleteEventRequest) -> Result<(i64, Reach)> {
    let pb::DeleteEventRequest { id, apply_to } = request;
    let mut violations = Violations::below("");
    let reach = reach(&mut violations, apply_to);
    let id = violations.required_id("id", id);
    violations.finish((id, reach))
}

/// Reads another start of a visit.
pub fn hour(request: &pb::UpdateEventTimeRequest) -> Result<Change> {
    let pb::UpdateEventTimeRequest { id, hour, r#override } = request;
    let mut violations = Violations::below("");
    let start_time = hour_of_path(&mut violations, "hour", hour);
    let id = violations.required_id("id", *id);
    let passes_over = r#override.unwrap_or(false);
    violations.finish(Change { id, start_time, passes_over, ..Change::default() })
}

/// Reads another start of a visit and all that follow it.
pub fn future_hour(request: &pb::UpdateFutureEventsTimeRequest) -> Result<Change> {
    let pb::UpdateFutureEventsTimeRequest { id, hour, include_modified, r#override } = request;
    let mut violations = Violations::below("");
    let start_time = hour_of_path(&mut violations, "hour", hour);
    let change = Change {
        id: violations.required_id("id", *id),
        reach: Reach::Future,
        start_time,
        include_modified: include_modified.unwrap_or(false),
        passes_over: r#override.unwrap_or(false),
        ..Change::default()
    };
    violations.finish(change)
}

/// Reads a time that is a part of a path, and must be there: `9`, `09`, `9.5`, `0930` or `09:30`.
pub fn hour_of_path(violations: &mut Violations, field: &str, text: &str) -> Option<TimeOfDay> {
    let time = path_clock(text);
    match time {
        None if text.trim().is_empty() => violations.required(field),
        None => violations.format(field, "This is not a time such as 9, 9.5, 0930 or 09:30."),
        Some(_) => {}
    }
    time
}

/// The time that a part of a path says: one or two digits are hours, three or four hours and
/// minutes, and a fraction of an hour is whole minutes.
fn path_clock(text: &str) -> Option<TimeOfDay> {
    let is_number = |text: &str| {
        !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let minutes = match text.split_once([':', '.']) {
        Some((hours, minutes)) if text.contains(':') => {
            let is_clock = [hours, minutes].iter().all(|part| is_number(part) && part.len() <= 2);
            let minutes = minutes.parse::<u16>().ok().filter(|_| is_clock && minutes.len() == 2)?;
            if minutes >= 60 {
                return None;
            }
            hours.parse::<u16>().ok()? * 60 + minutes
        }
        Some((hours, fraction)) => {
            let is_decimal = is_number(hours) && hours.len() <= 2 && is_number(fraction);
            let minutes: Decimal = text.parse::<Decimal>().ok().filter(|_| is_decimal)? * SIXTY;
            minutes.is_integer().then(|| minutes.to_u16()).flatten()?
        }
        None if !is_number(text) => return None,
        None if text.len() <= 2 => text.parse::<u16>().ok()? * 60,
        None => {
            let number: u16 = text.parse().ok()?;
            (number % 100 < 60).then_some(number / 100 * 60 + number % 100)?
        }
    };
    TimeOfDay::from_minutes(minutes).filter(|time| *time < TimeOfDay::DAY_END)
}

const SIXTY: Decimal = Decimal::from_parts(60, 0, 0, false, 0);

/// Writes a visit that was changed, and which others were.
pub fn changed(changed: Changed) -> pb::UpdateEventResponse {
    let Changed { event: shown, changed: changed_event_ids, kept: kept_event_ids } = changed;
    pb::UpdateEventResponse { event: Some(event(shown)), changed_event_ids, kept_event_ids }
}

/// Writes a visit.
pub fn event(event: Event) -> pb::Event {
    let Event {
        id,
        request_id,
        client_id,
        location_id,
        planned,
        cleaners,
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
    let needs_assignment =
        stands == status::TO_CLEAN && cleaners.len() < usize::from(cleaners_needed);
    let has_conflict = cleaners.iter().any(|one| one.has_conflict);
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
        needs_assignment,
        has_conflict,
        cleaners: cleaners.into_iter().map(cleaner).collect(),
        notes,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

fn cleaner(cleaner: EventCleaner) -> pb::EventCleaner {
    let EventCleaner {
        cleaner_id,
        assignment_id,
        is_lead,
        first_name,
        last_name,
        image_url,
        has_conflict: _,
    } = cleaner;
    let name = format!("{first_name} {last_name}");
    pb::EventCleaner { cleaner_id, assignment_id, is_lead, name, image_url }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_in_paths_are_written_in_many_ways() {
        for (text, expected) in [
            ("9", "09:00"),
            ("09", "09:00"),
            ("9.5", "09:30"),
            ("9.05", "09:03"),
            ("930", "09:30"),
            ("0930", "09:30"),
            ("9:30", "09:30"),
            ("23:59", "23:59"),
            ("0", "00:00"),
        ] {
            assert_eq!(path_clock(text).map(|time| time.to_string()).as_deref(), Some(expected));
        }
        for refused in
            ["", "24", "9.001", "0960", "09:60", "9:5", "12345", "-1", "+9", "9.", ".5", "nine"]
        {
            assert_eq!(path_clock(refused), None, "{refused}");
        }
    }
}
