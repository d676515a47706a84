//! What clients have ordered for their homes.

pub(crate) mod actions;
pub(crate) mod company;
pub(crate) mod handed_on;
pub mod model;
mod nightly;
mod order;
pub(crate) mod repository;
mod service;
pub(crate) mod visits;
pub(crate) mod wire;

pub use nightly::ExtendSeries;
pub(crate) use service::service;

/// Reads a booking by its id, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.cleaning.v1.BookingService/GetBooking";
