//! Agreements that clients and cleaners sign.

pub(crate) mod about;
pub mod actions;
pub(crate) mod fill;
pub mod model;
pub(crate) mod repository;
pub(crate) mod sending;
mod service;
pub(crate) mod signing;
pub(crate) mod wire;

pub(crate) use service::service;
