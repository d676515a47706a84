//! A booking: what a client has ordered for a home.

use jiff::civil::Date;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use steward_kernel::local::TimeOfDay;
use steward_kernel::time::Timestamp;

use crate::clients::model::ClientInput;
use crate::hours::Hours;
use crate::locations::model::LocationInput;
use crate::pricing::{Price, Terms, monthly_value};
use crate::scheduling::{Recurrence, Schedule, Segment};

/// Where a booking stands, as the contract numbers it.
pub mod status {
    /// Nobody is to come yet.
    pub const UNASSIGNED: i16 = 1;
    /// It rests; with those before it is one of the live ones.
    pub const PAUSED: i16 = 4;
    /// It was cancelled.
    pub const CANCELLED: i16 = 5;
    /// It waits to be accepted.
    pub const PENDING_APPROVAL: i16 = 7;
}

/// How a booking goes on from a date, and what that costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedSegment {
    /// When visits are.
    pub schedule: Segment,
    /// Whether their start is fixed, and not only preferred.
    pub is_time_confirmed: bool,
    /// How long they are, without what extras add.
    pub hours: Hours,
    /// How many cleaners come.
    pub cleaners_needed: u16,
    /// What a visit costs in smallest units, tax included.
    pub price: i64,
}

/// What a client has ordered for a home.
#[derive(Debug, Clone)]
pub struct Booking {
    /// Its id.
    pub id: i64,
    /// Whose it is.
    pub client_id: i64,
    /// The home.
    pub location_id: i64,
    /// What is done there.
    pub service_id: i64,
    /// The area that the home was in when it was booked.
    pub tenant_location_id: i64,
    /// What was agreed.
    pub agreed: Agreed,
    /// Where it stands, as the contract numbers it.
    pub status: i16,
    /// Where its payment stands, as the contract numbers it.
    pub billing_status: i16,
    /// By whom it was booked.
    pub source: String,
    /// The last date for which visits were made.
    pub generated_through: Option<Date>,
    /// Date of the next visit.
    pub next_event_date: Option<Date>,
    /// Currency of all amounts.
    pub currency: String,
    /// When it was booked.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

impl Booking {
    /// Whether it is accepted and goes on.
    #[must_use]
    pub const fn is_live(&self) -> bool {
        self.status <= status::PAUSED
    }
}

/// What was agreed with the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreed {
    /// The date that the series is counted from.
    pub start_date: Date,
    /// The last date.
    pub end_date: Option<Date>,
    /// When visits are preferred to start, as the contract numbers it.
    pub time_preference: i16,
    /// How long the first visit is, where it is another length.
    pub first_visit_hours: Option<Hours>,
    /// Prices as they were.
    pub terms: Terms,
    /// How the booking went on from which date: at least one.
    pub segments: Vec<BookedSegment>,
    /// From where the client came to book.
    pub lead_source_id: Option<i64>,
    /// What the client wants to be known.
    pub notes: Option<String>,
}

impl Agreed {
    /// The dates of the booking.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        let segments = self.segments.iter().map(|segment| segment.schedule).collect();
        Schedule::new(segments, self.end_date)
    }

    /// What a visit of a segment costs.
    #[must_use]
    pub fn price(&self, segment: &BookedSegment) -> Price {
        self.terms.price(segment.hours, segment.cleaners_needed, &[])
    }

    /// How long the first visit is, and what it costs.
    #[must_use]
    pub fn first_visit(&self, segment: &BookedSegment) -> (Hours, i64) {
        let hours = self.first_visit_hours.unwrap_or(segment.hours);
        (hours, self.terms.price(hours, segment.cleaners_needed, &[]).total)
    }

    /// What visits of a segment bring in a month on average.
    #[must_use]
    pub fn monthly_value(&self, segment: &BookedSegment) -> i64 {
        monthly_value(self.price(segment).total, segment.schedule.recurrence)
    }
}

/// A booking to be made.
#[derive(Debug)]
pub struct NewBooking {
    /// For whom; nobody known yet where somebody books for themselves.
    pub client: Orderer,
    /// The home.
    pub home: Home,
    /// What is ordered.
    pub order: Order,
}

/// For whom a booking is made.
#[derive(Debug)]
pub enum Orderer {
    /// The client who calls, or the one with this id.
    Client(Option<i64>),
    /// Somebody who becomes a client by it.
    New {
        /// Who that is; has an e-mail address.
        person: Box<ClientInput>,
        /// The password to sign in with.
        password: Option<SecretString>,
    },
}

/// The home of a booking.
#[derive(Debug, Clone)]
pub enum Home {
    /// One of the client's.
    Known(i64),
    /// One that is added.
    New(Box<LocationInput>),
}

/// What is ordered.
#[derive(Debug, Clone)]
pub struct Order {
    /// What is to be done.
    pub service_id: i64,
    /// How often.
    pub recurrence: Recurrence,
    /// The date that the series is counted from.
    pub start_date: Date,
    /// The last date.
    pub end_date: Option<Date>,
    /// When visits start.
    pub start_time: Option<TimeOfDay>,
    /// When visits are preferred to start, as the contract numbers it.
    pub time_preference: i16,
    /// How long visits are.
    pub hours: Hours,
    /// How long the first visit is, where it is another length.
    pub first_visit_hours: Option<Hours>,
    /// How many cleaners come.
    pub cleaners_needed: u16,
    /// Ids of rooms, and how many there are of each.
    pub rooms: Vec<(i64, u16)>,
    /// Ids of extras, and how often each is had.
    pub extras: Vec<(i64, u16)>,
    /// From where the client came to book.
    pub lead_source_id: Option<i64>,
    /// What the client wants to be known.
    pub notes: Option<String>,
}

/// What is changed of a booking when it is accepted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Approval {
    /// Another length of visits.
    pub hours: Option<Hours>,
    /// Another length of the first visit.
    pub first_visit_hours: Option<Hours>,
    /// Another date to begin.
    pub start_date: Option<Date>,
    /// Another time to start.
    pub start_time: Option<TimeOfDay>,
}
