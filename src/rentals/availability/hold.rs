//! What holds stock: lines of bookings, as far as they stand, and downtimes.

use std::time::Duration;

use steward_kernel::time::Timestamp;

use crate::returns::Return;
use crate::status::BookingStatus;
use crate::time::{Period, Span};

/// Minutes before and after a rental in which its pieces are not free either.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Minutes before it.
    pub before_minutes: u32,
    /// Minutes after it.
    pub after_minutes: u32,
}

impl Buffers {
    /// A stretch with the buffers around it.
    #[must_use]
    pub fn around(&self, span: Span) -> Span {
        span.widened(self.before_minutes, self.after_minutes)
    }
}

/// Who holds pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A line of a booking.
    Booking {
        /// The booking's number at its owner.
        booking_internal_id: i64,
        /// Where the booking stands.
        status: BookingStatus,
        /// When the booking is, without buffers.
        period: Period,
    },
    /// A downtime of the item.
    Downtime,
}

impl Source {
    /// The number of the booking, if it is one.
    #[must_use]
    pub const fn booking_internal_id(&self) -> Option<i64> {
        match self {
            Self::Booking { booking_internal_id, .. } => Some(*booking_internal_id),
            Self::Downtime => None,
        }
    }
}

/// Pieces of one item that are held for a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hold {
    /// How many, at least 1.
    pub pieces: u32,
    /// When, with buffers.
    pub span: Span,
    /// By whom.
    pub source: Source,
}

/// How a line of a booking stands, in pieces of one item. A line of a bundle holds through its
/// component lines, each of which is one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineState {
    /// The booking's number at its owner.
    pub booking_internal_id: i64,
    /// Where the booking stands.
    pub status: BookingStatus,
    /// When the booking is.
    pub period: Period,
    /// Pieces that were booked.
    pub quantity: u32,
    /// Pieces that were picked up, those that came back included.
    pub picked_up: u32,
    /// When the first piece was picked up.
    pub picked_up_at: Option<Timestamp>,
    /// Pieces that came back.
    pub returns: Vec<Return>,
    /// The buffers that the line got when it was reserved.
    pub buffers: Buffers,
}

impl LineState {
    /// Pieces that came back.
    #[must_use]
    pub fn returned(&self) -> u32 {
        self.returns.iter().map(|back| back.pieces).fold(0, u32::saturating_add)
    }

    /// Pieces that the line still asks for: those that have not come back.
    #[must_use]
    pub fn wanted(&self) -> u32 {
        self.quantity.saturating_sub(self.returned())
    }

    /// What the line holds at `now`.
    ///
    /// Pieces that are out when they should be back are held `overdue_hold_hours` more, counted
    /// from now and so moving with the clock; without a number until they are back.
    #[must_use]
    pub fn holds(&self, now: Timestamp, overdue_hold_hours: Option<u32>) -> Vec<Hold> {
        let booked = self.buffers.around(self.period.span());
        let hold = |pieces, span| Hold { pieces, span, source: self.source() };
        let mut holds = Vec::new();
        match self.status {
            BookingStatus::Drafting | BookingStatus::Negotiating | BookingStatus::Cancelled => {}
            BookingStatus::Reserved => holds.push(hold(self.quantity, booked)),
            BookingStatus::Ongoing => {
                holds.push(hold(self.quantity.saturating_sub(self.picked_up), booked));
                let out = self.picked_up.saturating_sub(self.returned());
                holds.push(hold(out, self.out(booked, now, overdue_hold_hours)));
                holds.extend(self.returns.iter().map(|back| self.back(booked, back)));
            }
            BookingStatus::Completed => {
                holds.extend(self.returns.iter().map(|back| self.back(booked, back)));
            }
        }
        holds.retain(|hold| hold.pieces > 0 && !hold.span.is_empty());
        holds
    }

    /// For how long pieces that are out are held.
    fn out(&self, booked: Span, now: Timestamp, overdue_hold_hours: Option<u32>) -> Span {
        let from = self.picked_up_at.map_or(booked.from, |at| at.min(booked.from));
        let till = match overdue_hold_hours {
            _ if booked.till > now => booked.till,
            Some(hours) => now + Duration::from_secs(3600 * u64::from(hours)),
            None => Timestamp::MAX,
        };
        Span { from, till }
    }

    /// For how long pieces that came back were held: early returns free early.
    fn back(&self, booked: Span, back: &Return) -> Hold {
        let after = Duration::from_secs(60 * u64::from(self.buffers.after_minutes));
        Hold {
            pieces: back.pieces,
            span: Span { from: booked.from, till: back.at + after },
            source: self.source(),
        }
    }

    fn source(&self) -> Source {
        Source::Booking {
            booking_internal_id: self.booking_internal_id,
            status: self.status,
            period: self.period,
        }
    }
}

/// Pieces that are out of stock for a while. Has no buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Downtime {
    /// How many.
    pub pieces: u32,
    /// When.
    pub span: Span,
}

impl Downtime {
    /// What it holds.
    #[must_use]
    pub const fn hold(&self) -> Hold {
        Hold { pieces: self.pieces, span: self.span, source: Source::Downtime }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::test::{lisbon, period, utc};

    const BUFFERS: Buffers = Buffers { before_minutes: 60, after_minutes: 30 };

    /// 5 pieces from 10 to 15 January, when Lisbon is on UTC.
    fn line(status: BookingStatus) -> LineState {
        LineState {
            booking_internal_id: 7,
            status,
            period: period("2024-01-10T10:00:00", "2024-01-15T10:00:00", &lisbon()),
            quantity: 5,
            picked_up: 0,
            picked_up_at: None,
            returns: Vec::new(),
            buffers: BUFFERS,
        }
    }

    fn held(line: &LineState, now: &str, hours: Option<u32>) -> Vec<(u32, String, String)> {
        let holds = line.holds(utc(now), hours);
        let short = |at: Timestamp| at.to_string()[5..16].to_owned();
        holds
            .iter()
            .map(|hold| (hold.pieces, short(hold.span.from), short(hold.span.till)))
            .collect()
    }

    fn row(pieces: u32, from: &str, till: &str) -> (u32, String, String) {
        (pieces, from.to_owned(), till.to_owned())
    }

    #[test]
    fn only_agreed_bookings_hold() {
        let now = "2024-01-11T00:00:00Z";
        for status in BookingStatus::ALL {
            let expected = match status {
                BookingStatus::Reserved | BookingStatus::Ongoing => {
                    vec![row(5, "01-10T09:00", "01-15T10:30")]
                }
                // Nothing was picked up, so nothing is held any more.
                BookingStatus::Completed
                | BookingStatus::Drafting
                | BookingStatus::Negotiating
                | BookingStatus::Cancelled => vec![],
            };
            assert_eq!(held(&line(status), now, Some(24)), expected, "{status:?}");
        }
    }

    #[test]
    fn a_line_that_is_partly_out_and_partly_back() {
        let ongoing = LineState {
            picked_up: 4,
            picked_up_at: Some(utc("2024-01-10T08:00:00Z")),
            returns: vec![
                Return { pieces: 1, at: utc("2024-01-11T12:00:00Z") },
                Return { pieces: 1, at: utc("2024-01-12T12:00:00Z") },
            ],
            ..line(BookingStatus::Ongoing)
        };
        let back = [row(1, "01-10T09:00", "01-11T12:30"), row(1, "01-10T09:00", "01-12T12:30")];
        let [first, second] = back.clone();
        assert_eq!(
            held(&ongoing, "2024-01-13T00:00:00Z", Some(24)),
            [
                row(1, "01-10T09:00", "01-15T10:30"),
                row(2, "01-10T08:00", "01-15T10:30"),
                first,
                second,
            ]
        );
        assert_eq!((ongoing.returned(), ongoing.wanted()), (2, 3));
        let completed = LineState { status: BookingStatus::Completed, ..ongoing };
        assert_eq!(held(&completed, "2024-01-13T00:00:00Z", Some(24)), back);
    }

    #[test]
    fn what_is_overdue_is_held_on_with_the_clock() {
        let out = LineState { picked_up: 5, ..line(BookingStatus::Ongoing) };
        let till = |now, hours| held(&out, now, hours).remove(0).2;
        assert_eq!(till("2024-01-15T10:29:00Z", Some(24)), "01-15T10:30");
        assert_eq!(till("2024-01-15T10:30:00Z", Some(24)), "01-16T10:30");
        assert_eq!(till("2024-01-20T00:00:00Z", Some(24)), "01-21T00:00");
        assert_eq!(till("2024-01-20T00:00:00Z", Some(0)), "01-20T00:00");
        let hold = out.holds(utc("2024-01-20T00:00:00Z"), None).remove(0);
        assert_eq!(hold.span.end(), None);
    }

    #[test]
    fn back_before_it_began_holds_nothing() {
        let early = LineState {
            picked_up: 5,
            picked_up_at: Some(utc("2024-01-08T10:00:00Z")),
            returns: vec![Return { pieces: 5, at: utc("2024-01-09T10:00:00Z") }],
            ..line(BookingStatus::Completed)
        };
        assert_eq!(held(&early, "2024-01-09T11:00:00Z", Some(24)), []);
    }

    #[test]
    fn a_downtime_has_no_buffers() {
        let span = Span::since(utc("2024-01-10T10:00:00Z"));
        let hold = Downtime { pieces: 2, span }.hold();
        assert_eq!((hold.span, hold.source.booking_internal_id()), (span, None));
    }
}
