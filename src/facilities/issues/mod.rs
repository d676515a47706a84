//! Issues: things that are broken or wanted in a property unit.

pub mod actions;
mod comments;
pub mod model;
mod repository;
mod service;
mod status;
pub(crate) mod wire;

pub(crate) use service::service;
