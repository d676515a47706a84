//! How an owner rents: the times, holds, terms and mails of bookings.

pub mod model;
pub(crate) mod repository;

pub use model::{BookingSettings, Emails, LinkShares, Texts};
