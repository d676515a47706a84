//! The property-maintenance family: owners, managers, providers and users of properties,
//! the properties with their units, and issues.

mod address;
mod batch;
mod bulk;
mod reason;
mod users;
mod wire;

pub mod attachments;
pub mod country_codes;
pub mod invitations;
pub mod issue_settings;
pub mod issue_work;
pub mod issues;
pub mod managers;
pub mod owner_companies;
pub mod owners;
pub mod properties;
pub mod property_types;
pub mod property_unit_types;
pub mod property_units;
pub mod property_users;
pub mod service_providers;
pub mod tags;

pub use bulk::{IMPORTS, exports};

use std::sync::Arc;

use axum::Router;
use steward_contracts::steward::facilities::v1 as pb;
use steward_platform::App;
use steward_platform::events::Feed;
use steward_transport::services::Services;

/// Adds every service of the family: one line a resource.
pub fn services(app: &App, feed: &Arc<Feed>, services: &mut Services) {
    services
        .add_service(country_codes::service(app))
        .add_service(owners::service(app))
        .add_service(owner_companies::service(app))
        .add_service(managers::service(app))
        .add_service(property_types::service(app))
        .add_service(property_unit_types::service(app))
        .add_service(properties::service(app))
        .add_service(property_units::service(app))
        .add_service(service_providers::service(app))
        .add_service(property_users::service(app))
        .add_service(tags::service(app))
        .add_service(users::service(app))
        .add_service(invitations::service(app))
        .add_service(issues::service(app, feed))
        .add_service(issue_work::service(app))
        .add_service(issue_settings::service(app))
        .add_service(attachments::service(app));
}

/// The pages of the family, for people who follow a link.
pub fn pages() -> Router {
    invitations::router()
}
