//! Issues: things that are broken or wanted in a property unit.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use service::service;
