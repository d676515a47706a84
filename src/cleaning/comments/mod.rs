//! What people say of users.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use service::service;
