//! Those whose homes are cleaned.

pub mod actions;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
