//! What happened with clients and cleaners, to be read by people.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use actions::{record, record_about};
pub(crate) use service::service;
