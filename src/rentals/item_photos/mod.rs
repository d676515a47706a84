//! The photos of items.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use repository::of;
pub(crate) use service::service;
