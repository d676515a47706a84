//! The owner: the business itself.

pub mod actions;
mod address_service;
mod bookings;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod slug;
pub(crate) mod wire;

pub use crate::booking_settings::BookingSettings;
pub use actions::{begin, follow};
pub(crate) use address_service::service as addresses;
pub use model::Terms;
pub use repository::terms;
pub(crate) use repository::{currency, currency_of};
pub(crate) use service::service;
