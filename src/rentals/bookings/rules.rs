//! Where a booking may go from where it stands, and what of it may be changed there.

use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind, Result, Violation, ViolationKind};

use super::model::Booking;
use crate::status::BookingStatus;

use BookingStatus::{Cancelled, Completed, Drafting, Negotiating, Ongoing, Reserved};

/// What somebody asks a booking to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// It is offered to the customer.
    Negotiate,
    /// The offer is taken back.
    HaltNegotiation,
    /// It is agreed, and takes stock.
    Reserve,
    /// It is not agreed after all, and frees its stock.
    Unreserve,
    /// Nothing was picked up after all.
    HaltOngoing,
    /// Not everything came back after all.
    RevertCompleted,
    /// It is called off.
    Cancel,
    /// It is not called off after all.
    UndoCancel,
}

impl Step {
    /// Where the step leads a booking.
    ///
    /// # Errors
    /// FAILED_PRECONDITION (`INVALID_TRANSITION`) when it leads nowhere from there.
    pub fn from(self, booking: &Booking) -> Result<BookingStatus> {
        let to = match self {
            Self::Negotiate => Negotiating,
            Self::HaltNegotiation | Self::Unreserve => Drafting,
            Self::Reserve | Self::HaltOngoing => Reserved,
            Self::RevertCompleted => Ongoing,
            Self::Cancel => Cancelled,
            Self::UndoCancel => booking.previous_status.unwrap_or(Drafting),
        };
        let allowed = match self {
            Self::Negotiate => booking.status == Drafting,
            Self::HaltNegotiation => booking.status == Negotiating,
            Self::Reserve => matches!(booking.status, Drafting | Negotiating),
            Self::Unreserve => booking.status == Reserved,
            Self::HaltOngoing => booking.status == Ongoing && nothing_returned(booking),
            Self::RevertCompleted => booking.status == Completed,
            Self::Cancel => matches!(booking.status, Drafting | Negotiating | Reserved),
            Self::UndoCancel => booking.status == Cancelled,
        };
        if allowed { Ok(to) } else { Err(invalid_transition(booking, Some(to))) }
    }
}

fn nothing_returned(booking: &Booking) -> bool {
    booking.lines.iter().all(|line| line.returns.is_empty())
}

/// The states that a booking can be led to from where it stands.
fn allowed(booking: &Booking) -> Vec<&'static str> {
    let to: &[BookingStatus] = match booking.status {
        Drafting => &[Negotiating, Reserved, Cancelled],
        Negotiating => &[Drafting, Reserved, Cancelled],
        Reserved if booking.lines.is_empty() => &[Drafting, Cancelled],
        Reserved => &[Drafting, Ongoing, Cancelled],
        Ongoing if nothing_returned(booking) => &[Reserved, Completed],
        Ongoing => &[Completed],
        Completed => &[Ongoing],
        Cancelled => {
            return vec![booking.previous_status.unwrap_or(Drafting).as_str()];
        }
    };
    to.iter().map(|status| status.as_str()).collect()
}

/// The error for a step that leads nowhere.
#[must_use]
pub fn invalid_transition(booking: &Booking, to: Option<BookingStatus>) -> Error {
    let from = booking.status.as_str();
    let message = match to {
        Some(to) => format!("A booking that is {from} cannot become {}.", to.as_str()),
        None => format!("This cannot be done with a booking that is {from}."),
    };
    let mut error = Error::new(Kind::FailedPrecondition, "INVALID_TRANSITION", message)
        .with_metadata("from", from)
        .with_metadata("allowed", serde_json::json!(allowed(booking)).to_string());
    if let Some(to) = to {
        error = error.with_metadata("to", to.as_str());
    }
    error
}

/// What a booking needs to be offered or agreed: a customer, dates and a line.
///
/// # Errors
/// INVALID_ARGUMENT with one violation (`BOOKING_INCOMPLETE`) for each that is missing.
pub fn complete(booking: &Booking) -> Result<()> {
    let mut missing = Vec::new();
    let mut miss = |field: &str, message: &str| {
        missing.push(Violation {
            field: format!("booking.{field}"),
            kind: ViolationKind::Named("BOOKING_INCOMPLETE"),
            message: message.to_owned(),
        });
    };
    if booking.customer.is_none() {
        miss("customer_internal_id", "The booking has no customer.");
    }
    if booking.dates.is_none() {
        miss("start_at", "The booking has no dates.");
    }
    if booking.lines.is_empty() {
        miss("items", "The booking has no items.");
    }
    if missing.is_empty() { Ok(()) } else { Err(Error::invalid(missing)) }
}

/// What of a booking is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Customer, start, addresses, wording but for notes and reference.
    Anything,
    /// The end, prices, the discount, new lines and larger quantities.
    Extent,
    /// Notes and the reference.
    Notes,
    /// Fees for late pieces.
    LateFees,
    /// What is charged beside the items.
    Services,
}

/// Whether a part of a booking may be changed where it stands.
///
/// # Errors
/// FAILED_PRECONDITION (`BOOKING_CLOSED`) when it may not.
pub fn editable(booking: &Booking, part: Part) -> Result<()> {
    let allowed = match booking.status {
        Drafting | Negotiating | Reserved => true,
        Ongoing => part != Part::Anything,
        Completed => matches!(part, Part::Notes | Part::LateFees | Part::Services),
        Cancelled => part == Part::Notes,
    };
    if allowed { Ok(()) } else { Err(closed(booking)) }
}

/// The error for what may not be done any more where a booking stands.
#[must_use]
pub fn closed(booking: &Booking) -> Error {
    let message =
        format!("This of a booking that is {} cannot be changed.", booking.status.as_str());
    Error::new(Kind::FailedPrecondition, "BOOKING_CLOSED", message)
}

/// Follows from what was picked up and what came back: the booking begins with the first piece,
/// and is over with the last. One to which nothing was missing before is under way because somebody
/// said so, and stays it.
pub fn follow_pieces(before: Option<&Booking>, booking: &mut Booking, now: Timestamp) {
    let picked_up = booking.lines.iter().any(|line| line.picked_up > 0);
    if booking.status == Reserved && picked_up {
        booking.go_to(Ongoing);
        booking.progress.picked_up_at = Some(now.as_microsecond());
    }
    if booking.status == Ongoing && !picked_up {
        booking.go_to(Reserved);
        booking.progress.picked_up_at = None;
    }
    let missed = before.is_some_and(|before| before.holds() && !before.all_returned());
    if booking.status == Ongoing && booking.all_returned() && missed {
        booking.go_to(Completed);
        booking.progress.completed_at = Some(now.as_microsecond());
    }
}
