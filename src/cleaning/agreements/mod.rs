//! Agreements that clients and cleaners sign.

pub mod actions;
pub(crate) mod fill;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod signing;
pub(crate) mod wire;

pub(crate) use service::service;
