//! The equipment-rental family.
//!
//! What a rental costs and what is free when are pure functions of what they are given
//! (`pricing`, `availability`): no statement, no clock. Resources hand their rows in, together
//! with the present instant where it matters.

// The futures of bookings are nested deeply: the call, the transaction, the change.
#![recursion_limit = "256"]

mod addresses;
mod bulk;
mod deletion;
mod numbers;
mod prices;
mod wire;

pub mod activities;
pub mod availability;
pub mod booking_payments;
pub mod booking_services;
pub mod booking_settings;
pub mod bookings;
pub mod business_categories;
pub mod customers;
pub mod item_categories;
pub mod item_photos;
pub mod items;
pub mod money;
pub mod onboarding;
pub mod owners;
pub mod pricing;
pub mod products;
pub mod returns;
pub mod status;
pub mod time;
mod uploads;

pub use bookings::{EVENTS, LookAtStock, TellOverdue};
pub use bulk::{IMPORTS, exports};
pub use onboarding::Started;

use steward_contracts::steward::rentals::v1 as pb;
use steward_platform::App;
use steward_transport::services::Services;

/// Adds every service of the family: one line a resource.
pub fn services(app: &App, services: &mut Services) {
    services
        .add_service(owners::service(app))
        .add_service(owners::addresses(app))
        .add_service(onboarding::service(app))
        .add_service(booking_settings::service(app))
        .add_service(business_categories::service())
        .add_service(booking_services::service(app))
        .add_service(booking_payments::service(app))
        .add_service(customers::service(app))
        .add_service(customers::addresses(app))
        .add_service(items::service(app))
        .add_service(item_categories::service(app))
        .add_service(item_photos::service(app))
        .add_service(uploads::service(app))
        .add_service(products::service(app))
        .add_service(products::status(app))
        .add_service(activities::service(app));
    bookings::services(app, services);
}
