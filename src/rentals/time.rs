//! Local time: what the owner reads off the clock on the wall.
//!
//! Bookings say when by the owner's clock (`ldt`: no zone, whole seconds). Instants decide what
//! overlaps, the clock on the wall decides what is charged.

mod period;
mod read;

pub use period::{Period, PeriodError};
pub use read::{DayTimes, Edge, local_time};
pub use steward_kernel::local::{Date, LocalTime, Span, TimeOfDay, Zone};

#[cfg(test)]
pub(crate) mod test {
    use super::*;
    use steward_kernel::time::Timestamp;

    /// A zone by name.
    pub(crate) fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    /// Changes its clock at 01:00 UTC.
    pub(crate) fn lisbon() -> Zone {
        zone("Europe/Lisbon")
    }

    /// Changes its clock at 02:00 local time.
    pub(crate) fn new_york() -> Zone {
        zone("America/New_York")
    }

    /// A local time in its full form.
    pub(crate) fn local(text: &str) -> LocalTime {
        text.parse().unwrap()
    }

    /// An instant with an offset.
    pub(crate) fn utc(text: &str) -> Timestamp {
        steward_kernel::time::parse(text).unwrap()
    }

    /// A period of a zone.
    pub(crate) fn period(start: &str, end: &str, zone: &Zone) -> Period {
        Period::new(local(start), local(end), zone).unwrap()
    }
}
