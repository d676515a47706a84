//! API clients: programs that call in the name of a tenant, with a secret of their own.

mod actions;
mod model;
mod repository;

pub use actions::{create, disable, list, rotate_secret};
pub use model::{Client, NewClient};
pub(crate) use model::{Secrets, checked_name};
pub(crate) use repository::find;
