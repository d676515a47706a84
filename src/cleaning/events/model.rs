//! A visit, which the contract calls an event.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use steward_kernel::local::{Span, TimeOfDay};
use steward_kernel::time::Timestamp;

use crate::hours::Hours;

/// Where a visit stands, as the contract numbers it.
pub mod status {
    /// It is to come.
    pub const TO_CLEAN: i16 = 1;
    /// Somebody is there.
    pub const IN_PROGRESS: i16 = 2;
    /// It is done.
    pub const COMPLETED: i16 = 3;
    /// It was cancelled.
    pub const CANCELLED: i16 = 4;
}

/// A visit.
#[derive(Debug, Clone)]
pub struct Event {
    /// Its id.
    pub id: i64,
    /// Id of the booking.
    pub request_id: i64,
    /// Whose home is cleaned.
    pub client_id: i64,
    /// The home.
    pub location_id: i64,
    /// When it is, and what it is.
    pub planned: Planned,
    /// Who comes, by their ids.
    pub cleaners: Vec<EventCleaner>,
    /// What the clock on the wall shows at the end.
    pub end_time: TimeOfDay,
    /// The start that was promised.
    pub promised_start_at: Timestamp,
    /// Hours that were added to it.
    pub added_hours: Hours,
    /// Where it stands, as the contract numbers it.
    pub status: i16,
    /// Whether it differs from its series.
    pub is_modified: bool,
    /// What there is to know of it.
    pub notes: Option<String>,
    /// Currency of its price.
    pub currency: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// Somebody who comes to a visit, as the view of visits has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCleaner {
    /// Id of the cleaner.
    pub cleaner_id: i64,
    /// Id of the assignment.
    pub assignment_id: i64,
    /// Whether the cleaner leads those who come.
    pub is_lead: bool,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where a picture is.
    pub image_url: Option<String>,
    /// Whether an admin let the cleaner come although something speaks against it.
    pub has_conflict: bool,
}

/// A visit as it is planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planned {
    /// The date that the series has for it; none beside the series.
    pub original_date: Option<Date>,
    /// Its date by the clock on the wall.
    pub date: Date,
    /// Its start by the clock on the wall.
    pub start_time: TimeOfDay,
    /// Whether the start is fixed, and not only preferred.
    pub is_time_confirmed: bool,
    /// When it is.
    pub span: Span,
    /// How long it is, without what extras add.
    pub hours: Hours,
    /// How many cleaners come.
    pub cleaners_needed: u16,
    /// What it costs in smallest units, tax included.
    pub price: i64,
}

/// Where a visit may stand.
#[derive(Debug, Clone, Copy)]
pub struct Status {
    /// Its number.
    pub id: i32,
    /// Its name.
    pub name: &'static str,
    /// Its name for people.
    pub display_name: &'static str,
    /// What it is counted with.
    pub bucket: &'static str,
    /// Whether it keeps its cleaners from other visits; of pauses the settings say so.
    pub blocks: Option<bool>,
}

/// Where visits may stand, by their numbers.
pub const STATUSES: [Status; 8] = [
    known(1, "ToClean", "To clean", "toClean", Some(true)),
    known(2, "InProgress", "In progress", "toClean", Some(true)),
    known(3, "Completed", "Completed", "completed", Some(true)),
    known(4, "Cancelled", "Cancelled", "cancelled", Some(false)),
    known(5, "CancelledByCleaner", "Cancelled by the cleaner", "cancelled", Some(false)),
    known(6, "Skipped", "Skipped", "skipped", Some(false)),
    known(7, "Paused", "Paused", "paused", None),
    known(8, "Exception", "No access", "exception", Some(true)),
];

const fn known(
    id: i32,
    name: &'static str,
    display_name: &'static str,
    bucket: &'static str,
    blocks: Option<bool>,
) -> Status {
    Status { id, name, display_name, bucket, blocks }
}

/// What a list of visits is narrowed to. Dates are read in the zone of the company.
#[derive(Debug, Clone, Default)]
pub struct Narrowed {
    /// Of a booking.
    pub request_id: Option<i64>,
    /// Of a client.
    pub client_id: Option<i64>,
    /// To which a cleaner comes.
    pub cleaner_id: Option<i64>,
    /// Where they stand.
    pub status: Option<i16>,
    /// On this date or later.
    pub from: Option<Date>,
    /// On this date or earlier.
    pub to: Option<Date>,
    /// Of clients with this tag, folded.
    pub tag: Option<String>,
}
