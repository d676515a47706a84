//! Customers: who rents.

pub mod actions;
mod address_service;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use address_service::service as addresses;
pub(crate) use service::service;
