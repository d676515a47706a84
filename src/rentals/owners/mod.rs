//! The owner: the business itself.

pub mod model;
mod repository;

pub use crate::booking_settings::BookingSettings;
pub use model::Terms;
pub(crate) use repository::terms;
