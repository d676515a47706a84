//! How an owner rents: the times, holds, terms and mails of bookings.

mod actions;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;

pub use model::{BookingSettings, Emails, LinkShares, Texts};
pub(crate) use service::service;
