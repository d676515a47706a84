//! Tenants: businesses whose data nobody else sees.

mod actions;
mod model;
mod repository;

pub(crate) use actions::for_each;
pub use actions::{create, find, found, list, name, rename};
pub use model::Tenant;
pub(crate) use repository::family;
