//! Tenants: businesses whose data nobody else sees.

mod actions;
mod model;
mod repository;
mod suspended;

pub(crate) use actions::family_of;
pub use actions::{create, find, for_each, found, list, name, rename, suspend};
pub use model::Tenant;
pub(crate) use repository::family;
pub use suspended::Suspended;
