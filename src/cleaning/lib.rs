//! The home-cleaning family.
//!
//! `tenants/` serves the whole of TenantService, which is one service in the contract; what
//! belongs to another resource it hands on.

mod caller;
mod money;
mod reason;
mod wire;

pub mod rooms;
pub mod services;
pub mod settings;
pub mod tenant_locations;
pub mod tenants;

use steward_contracts::steward::cleaning::v1 as pb;
use steward_platform::App;
use tonic::service::RoutesBuilder;

pub use tenants::actions::found;

/// Adds every service of the family: one line a resource.
pub fn services(app: &App, routes: &mut RoutesBuilder) {
    routes.add_service(tenants::service(app)).add_service(rooms::service(app));
}
