//! When visits are, and who is free for them: functions without a statement or a clock.
//!
//! A booking is a series of local dates ([`Schedule`]). Its time of the day is read off the clock
//! on the wall, and becomes instants last ([`visit_time()`]), so a visit at nine stays at nine when
//! the clock changes. What overlaps is judged by instants: what a cleaner is free for is a set of
//! stretches of time ([`Spans`]), and a visit that does not fit says why ([`conflicts`]).

mod availability;
mod conflict;
mod recurrence;
mod schedule;
mod spans;
mod travel;
mod unavailable;
mod visit_time;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod laws;

pub use availability::{Availability, Exception, Slot, Visit, availability, slots};
pub use conflict::{Candidate, Conflict, ConflictKind, Worker, conflicts};
pub use recurrence::{Recurrence, Weekdays};
pub use schedule::{Occurrence, Schedule, Segment};
pub use spans::Spans;
pub use travel::{Place, Point, Travel, TravelMode};
pub use unavailable::{Days, UnavailableHours, WallRange};
pub use visit_time::{Adjusted, VisitTime, visit_time};
