//! How a business starts.

pub mod actions;
pub mod model;
mod service;
mod wire;

pub(crate) use service::service;
