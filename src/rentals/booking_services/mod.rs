//! The services of bookings: what is charged beside the items. They are a part of the booking and
//! change with it.

pub mod actions;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
