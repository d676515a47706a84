//! Property unit types: the tenant's own list.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
