//! Which cleaners come to which bookings and visits.

pub(crate) mod actions;
pub(crate) mod attendance;
pub mod model;
pub(crate) mod repository;
mod service;
mod suited;
pub(crate) mod wire;

pub(crate) use service::service;
