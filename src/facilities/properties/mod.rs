//! Properties: buildings and grounds that hold units.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use service::service;
