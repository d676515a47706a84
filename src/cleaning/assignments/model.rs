//! That a cleaner comes to the visits of a booking.

use steward_kernel::local::{Date, TimeOfDay};
use steward_kernel::time::Timestamp;

/// Where an assignment stands, as the contract numbers it.
pub mod status {
    /// Somebody of the company is to agree to it.
    pub const HELD: i16 = 1;
    /// The cleaner comes.
    pub const ACTIVE: i16 = 2;
    /// Nobody agreed to it.
    pub const REJECTED: i16 = 3;
    /// The cleaner was dismissed, and is not offered the client again.
    pub const DISMISSED: i16 = 4;
    /// It is over.
    pub const ENDED: i16 = 5;
}

/// A cleaner in a few words.
#[derive(Debug, Clone)]
pub struct Assigned {
    /// Id of the user.
    pub user_id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where a picture is.
    pub image_url: Option<String>,
    /// Where the cleaner stands, as the contract numbers it.
    pub status: i16,
}

/// That a cleaner comes to the visits of a booking.
#[derive(Debug, Clone)]
pub struct Assignment {
    /// Its id.
    pub id: i64,
    /// The booking.
    pub request_id: i64,
    /// Whose booking it is.
    pub client_id: i64,
    /// Who comes.
    pub cleaner_id: i64,
    /// Who that is.
    pub cleaner: Assigned,
    /// Whether the cleaner leads those who come.
    pub is_lead: bool,
    /// When visits started when it was made.
    pub start_time: TimeOfDay,
    /// The first date.
    pub from: Date,
    /// The last date.
    pub until: Option<Date>,
    /// Where it stands, as the contract numbers it.
    pub status: i16,
    /// How it came about: `claim`, `manual`, `reassign`, `backup` or `import`.
    pub source: String,
    /// Until when it waits to be approved.
    pub held_until: Option<Timestamp>,
    /// The user who made it; none where a program did.
    pub assigned_by: Option<i64>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

impl Assignment {
    /// Whether the cleaner comes, or is to.
    pub const fn is_live(&self) -> bool {
        self.status <= status::ACTIVE
    }

    /// Whether a cleaner comes on a date by it, or is to.
    pub fn sends(&self, cleaner_id: i64, date: Date) -> bool {
        self.is_live() && self.cleaner_id == cleaner_id && self.covers(date)
    }

    /// Whether it is about a date.
    pub fn covers(&self, date: Date) -> bool {
        self.from <= date && self.until.is_none_or(|until| date <= until)
    }
}

/// A cleaner who is to come to a booking.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// The booking.
    pub request_id: i64,
    /// Who is to come; of a cleaner who calls, 0 means themselves.
    pub cleaner_id: i64,
    /// When visits are to start; absent to leave that as it is.
    pub start_time: Option<TimeOfDay>,
    /// The first date; today where absent.
    pub from: Option<Date>,
    /// The last date.
    pub until: Option<Date>,
    /// Whether what is not hard against it is passed over.
    pub passes_over: bool,
}

/// A cleaner who is to come no more.
#[derive(Debug, Clone)]
pub struct Dismissal {
    /// The booking.
    pub request_id: i64,
    /// Who is to come no more.
    pub cleaner_id: i64,
    /// Who comes instead.
    pub new_cleaner_id: Option<i64>,
    /// The first date; today where absent.
    pub from: Option<Date>,
    /// Why.
    pub reason: Option<String>,
    /// Whether what is not hard against the other one is passed over.
    pub passes_over: bool,
}

/// A cleaner in whose place another one is to come.
#[derive(Debug, Clone)]
pub struct Move {
    /// The booking.
    pub request_id: i64,
    /// Who is to come no more.
    pub from_cleaner_id: i64,
    /// Who comes instead.
    pub to_cleaner_id: i64,
    /// The first date; today where absent.
    pub from: Option<Date>,
    /// The visits that are meant; all from the first date on where there are none.
    pub event_ids: Vec<i64>,
    /// When visits are to start; absent to leave that as it is.
    pub start_time: Option<TimeOfDay>,
    /// Whether what is not hard against the other one is passed over.
    pub passes_over: bool,
}
