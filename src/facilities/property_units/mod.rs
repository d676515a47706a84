//! Property units: the apartments, offices and shared spaces of a property.

pub mod actions;
pub mod model;
mod repository;
mod rows;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
