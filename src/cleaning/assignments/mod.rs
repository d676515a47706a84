//! Which cleaners come to which bookings and visits.

pub(crate) mod actions;
pub(crate) mod attendance;
mod claims;
pub mod model;
mod reassign;
pub(crate) mod repository;
mod service;
pub(crate) mod staff;
mod suited;
pub(crate) mod wire;

pub use claims::ReleaseClaim;
pub(crate) use service::service;
