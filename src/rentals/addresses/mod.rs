//! Addresses of customers and of the business. Whose they are, other resources say; here is what
//! they have in common.

mod actions;
pub mod model;
mod repository;
pub(crate) mod wire;

pub(crate) use actions::{create, delete, get, list, update};
pub(crate) use repository::{get as find, hold, insert, of, of_customers};
