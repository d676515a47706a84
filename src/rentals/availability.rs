//! What is free when.
//!
//! Bookings and downtimes hold pieces of items ([`Hold`]). Summed up they are a step function of
//! time ([`Timeline`]), and every answer is a question to it: how much is free, when it is not,
//! by whom it is held, when it is free again. An item is a product of one part, a bundle of
//! several, so both are answered alike.

mod calendar;
mod commitments;
mod demand;
mod hold;
mod intervals;
mod next;
mod product;
mod shelf;
mod shortage;
mod store;
mod timeline;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod laws;

pub use calendar::{DayCalendar, DayRun, HeldDays, day_calendar, parse_day};
pub use commitments::{BelowCommitments, adding_downtime, lowering_stock};
pub use demand::{Demand, Wanted, demands};
pub use hold::{Buffers, Downtime, Hold, LineState, Source};
pub use intervals::{Every, Interval, IntervalStatus, checked, intervals};
pub use next::{next_start, reach};
pub use product::{Answer, Limit, Part, Periods, Product};
pub use shelf::{Overbooking, Shelf, Stock};
pub use shortage::{
    Conflict, Decision, Finding, Reason, Short, check, conflicts, decide, shortages,
};
pub use store::{StoreAnswer, StoreView};
pub use timeline::{Stretch, Timeline};
