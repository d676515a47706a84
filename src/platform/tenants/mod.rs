//! Tenants: businesses whose data nobody else sees.

mod actions;
mod model;
mod repository;

pub use actions::{create, find, for_each, found, list, name, rename};
pub use model::Tenant;
pub(crate) use repository::family;
