//! What admins note of clients and cleaners, for themselves.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use actions::add_to_cleaner;
pub(crate) use service::service;
