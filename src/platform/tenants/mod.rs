//! Tenants: businesses whose data nobody else sees.

mod actions;
mod model;
mod repository;

pub(crate) use actions::for_each;
pub use actions::{create, list, name};
pub use model::Tenant;
