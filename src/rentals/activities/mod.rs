//! What was done with a booking, and comments on it.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use repository::{record, was_mailed};
pub(crate) use service::service;
