//! Local time: what a business reads off the clock on the wall, and which instants it means.
//!
//! Whoever plans says when by the clock on the wall. Instants decide what overlaps.

mod span;
mod time_of_day;
mod zone;

pub use jiff::civil::{Date, DateTime as LocalTime};
pub use span::Span;
pub use time_of_day::TimeOfDay;
pub use zone::Zone;

#[cfg(test)]
mod test {
    use super::*;
    use crate::time::Timestamp;

    pub fn zone(name: &str) -> Zone {
        Zone::named(name).unwrap()
    }

    /// Changes its clock at 01:00 UTC.
    pub fn lisbon() -> Zone {
        zone("Europe/Lisbon")
    }

    /// Changes its clock at 02:00 local time.
    pub fn new_york() -> Zone {
        zone("America/New_York")
    }

    pub fn local(text: &str) -> LocalTime {
        text.parse().unwrap()
    }

    pub fn utc(text: &str) -> Timestamp {
        crate::time::parse(text).unwrap()
    }
}
