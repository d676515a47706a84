//! Bookings: what is rented to whom, when, and for how much.

pub mod actions;
mod availability_service;
pub(crate) mod change;
mod charges;
mod customer_service;
pub mod discount;
pub mod edit;
pub(crate) mod history;
mod item_service;
pub(crate) mod line;
pub mod line_edit;
pub(crate) mod lookout;
pub mod mails;
pub mod model;
mod overdue;
pub(crate) mod price;
pub(crate) mod read;
mod repository;
pub mod rules;
mod service;
mod shortages;
mod status_service;
pub(crate) mod stock;
mod uses;
pub(crate) mod write;
pub(crate) mod zones;

pub use lookout::LookAtStock;
pub use overdue::TellOverdue;

/// The types of the events that no RPC makes.
pub const EVENTS: &[&str] = &[overdue::OVERDUE, lookout::OPENED, lookout::CLOSED];
pub(crate) use repository::lock;
pub(crate) use uses::{Reservation, Used, refresh_drafts, reservations, uses};

use steward_platform::App;
use steward_transport::services::Services;

/// Rows of a table that are parts of bookings which are there, with the booking's number; `$there` is
/// the rest of the condition.
macro_rules! of_bookings {
    ($table:literal, $there:literal) => {
        concat!(
            "(SELECT p.*, b.internal_id AS booking_internal_id FROM ",
            $table,
            " p JOIN rentals.bookings b ON b.tenant_id = p.tenant_id AND b.id = p.booking_id
              WHERE b.deleted_at IS NULL",
            $there,
            ")"
        )
    };
}
pub(crate) use of_bookings;

/// Adds the services of bookings.
pub(crate) fn services(app: &App, services: &mut Services) {
    services
        .add_service(service::service(app))
        .add_service(customer_service::service(app))
        .add_service(item_service::service(app))
        .add_service(status_service::service(app))
        .add_service(availability_service::service(app))
        .add_service(availability_service::products(app));
}
