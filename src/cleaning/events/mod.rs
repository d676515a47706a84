//! Visits, which the contract calls events.

pub(crate) mod actions;
pub(crate) mod changes;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
