//! Products: all that can be rented, by one id, whatever it is.

pub mod actions;
pub mod model;
mod repository;
mod service;

pub(crate) use service::{service, status};
