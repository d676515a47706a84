//! The home-cleaning family.
//!
//! `tenants/` serves the whole of TenantService, which is one service in the contract; what
//! belongs to another resource it hands on.

// The futures of changes are nested deeply: the call, the transaction, the change.
#![recursion_limit = "256"]

mod bulk;
mod caller;
mod money;
mod profiles;
mod reason;
mod wire;

pub mod agreements;
pub mod assignments;
pub mod bookings;
pub mod cleaners;
pub mod clients;
pub mod comments;
pub mod events;
pub mod hours;
pub mod locations;
pub mod lookups;
pub mod notes;
pub mod pricing;
pub mod rooms;
pub mod scheduling;
pub mod services;
pub mod settings;
pub mod signed_agreements;
pub mod tenant_leads;
pub mod tenant_locations;
pub mod tenants;
pub mod timeline;
pub mod users;

use std::sync::Arc;

use axum::Router;
use steward_contracts::steward::cleaning::v1 as pb;
use steward_platform::App;
use steward_platform::tokens::Issuer;
use steward_transport::services::Services;

pub use assignments::ReleaseClaim;
pub use bookings::ExtendSeries;
pub use bulk::{IMPORTS, exports};
pub use profiles::joined;
pub use signed_agreements::MakePdf;
pub use tenant_leads::TellOperator;
pub use tenants::actions::{found, suspend};

/// Whether anybody may register a company.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// Anybody may.
    Open,
    /// The operator makes them.
    Closed,
}

/// Adds every service of the family: one line a resource.
pub fn services(
    app: &App,
    issuer: &Arc<Issuer>,
    registration: Registration,
    services: &mut Services,
) {
    services
        .add_service(users::sessions(app, issuer))
        .add_service(users::service(app))
        .add_service(tenants::service(app, issuer, registration))
        .add_service(rooms::service(app))
        .add_service(agreements::service(app))
        .add_service(signed_agreements::service(app))
        .add_service(cleaners::service(app))
        .add_service(clients::service(app))
        .add_service(comments::service(app))
        .add_service(locations::service(app))
        .add_service(bookings::service(app))
        .add_service(events::service(app))
        .add_service(assignments::service(app))
        .add_service(notes::service(app))
        .add_service(timeline::service(app))
        .add_service(lookups::service(app));
}

/// The pages of the family, for people who follow a link.
pub fn pages() -> Router {
    signed_agreements::router()
}
