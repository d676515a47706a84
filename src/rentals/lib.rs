//! The equipment-rental family.

mod addresses;
mod numbers;
mod wire;

pub mod business_categories;
pub mod customers;

use steward_contracts::steward::rentals::v1 as pb;
use steward_platform::App;
use tonic::service::RoutesBuilder;

/// Adds every service of the family: one line a resource.
pub fn services(app: &App, routes: &mut RoutesBuilder) {
    routes
        .add_service(business_categories::service())
        .add_service(customers::service(app))
        .add_service(customers::addresses(app));
}
