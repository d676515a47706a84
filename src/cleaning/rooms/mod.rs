//! Rooms that a home may have.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use service::service;
