//! Short lists that people choose from: from where clients and cleaners come, and why they leave.

pub(crate) mod actions;
pub(crate) mod model;
mod repository;
mod service;
pub(crate) mod sources;
mod wire;

pub(crate) use repository::seed;
pub(crate) use service::service;
