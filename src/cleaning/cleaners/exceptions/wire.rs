//! Changes to the usual weeks of cleaners between proto and model.

use steward_kernel::Result;
use steward_kernel::local::{Date, LocalTime};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::model::{ExceptionAvailability, ExceptionInput};
use super::repository::BY_START;
use crate::pb;
use crate::wire::{array, day, timestamp, whole};

/// Longest change, in days.
const LONGEST: i32 = 366;

/// Which days a list is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// The first.
    pub from: Option<Date>,
    /// The last.
    pub to: Option<Date>,
}

/// Reads what a list is asked for.
pub fn query(request: pb::ListExceptionAvailabilityRequest) -> Result<(i64, Asked, ListQuery)> {
    let pb::ListExceptionAvailabilityRequest { cleaner_id, from, to, page_number, page_size } =
        request;
    let mut violations = Violations::below("");
    let asked =
        Asked { from: day(&mut violations, "from", from), to: day(&mut violations, "to", to) };
    let query = whole(&mut violations, page_number, page_size, BY_START);
    violations.finish((cleaner_id, asked, query))
}

/// Reads what is to be written of a change.
pub fn input(message: Option<pb::ExceptionAvailability>) -> Result<ExceptionInput> {
    let mut violations = Violations::below("exception");
    let pb::ExceptionAvailability {
        id: _,
        cleaner_id: _,
        start,
        end,
        is_all_day,
        is_available,
        reason,
        created_at: _,
        updated_at: _,
        version: _,
    } = violations.required_message(message);
    let is_all_day = is_all_day.unwrap_or(false);
    let read = if is_all_day { midnight } else { minute };
    let mut time = |field: &str, text: Option<String>| {
        let text = violations.required_tidy(field, text, 16);
        let time = read(&text);
        if time.is_none() && !text.is_empty() {
            let form = if is_all_day {
                "a day such as 2026-03-31"
            } else {
                "a time such as 2026-03-31T09:00"
            };
            violations.format(field, format!("This is not {form}."));
        }
        time
    };
    let (starts_at, last) = (time("start", start), time("end", end));
    let ends_at = match last {
        Some(last) if is_all_day => last.tomorrow().ok(),
        last => last,
    };
    if let (Some(starts_at), Some(ends_at)) = (starts_at, ends_at) {
        let days = starts_at.date().until(ends_at.date()).map_or(LONGEST, |span| span.get_days());
        if starts_at >= ends_at {
            violations.rule("end", "The end is not after the start.");
        } else if days > LONGEST {
            violations.rule("end", format!("The end is more than {LONGEST} days after the start."));
        }
    }
    let input = ExceptionInput {
        starts_at: starts_at.unwrap_or(LocalTime::MIN),
        ends_at: ends_at.unwrap_or(LocalTime::MAX),
        is_all_day,
        is_available: is_available.unwrap_or(false),
        reason: violations.tidy("reason", reason, 200),
    };
    violations.finish(input)
}

/// The midnight of a day as `2026-03-31`.
fn midnight(text: &str) -> Option<LocalTime> {
    let day: Option<Date> = text.parse().ok().filter(|_| text.len() == 10);
    day.map(|day| day.at(0, 0, 0, 0))
}

/// A time as `2026-03-31T09:00`.
fn minute(text: &str) -> Option<LocalTime> {
    let is_whole = text.len() == 16 && text.as_bytes()[10] == b'T';
    text.parse().ok().filter(|_| is_whole)
}

/// Writes a change.
pub fn exception(exception: ExceptionAvailability) -> pb::ExceptionAvailability {
    let ExceptionAvailability { id, cleaner_id, written, created_at, updated_at, version } =
        exception;
    let ExceptionInput { starts_at, ends_at, is_all_day, is_available, reason } = written;
    let (start, end) = if is_all_day {
        let last = ends_at.date().yesterday().unwrap_or(ends_at.date());
        (starts_at.date().to_string(), last.to_string())
    } else {
        let minute = |time: LocalTime| time.strftime("%Y-%m-%dT%H:%M").to_string();
        (minute(starts_at), minute(ends_at))
    };
    pb::ExceptionAvailability {
        id,
        cleaner_id,
        start: Some(start),
        end: Some(end),
        is_all_day: Some(is_all_day),
        is_available: Some(is_available),
        reason,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes changes.
pub fn list(page: Page<ExceptionAvailability>) -> pb::ListExceptionAvailabilityResponse {
    let (items, total_count, page_number, page_size) = array(page, exception);
    pb::ListExceptionAvailabilityResponse { items, total_count, page_number, page_size }
}
