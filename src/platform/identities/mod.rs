//! Whoever signs in by another issuer, and which user of which tenant that is.

mod actions;
mod model;
mod repository;

pub(crate) use actions::caller;
pub(crate) use model::Subject;
pub use model::{Follow, Followers, Identity, Profile};
pub use repository::{insert, list};
