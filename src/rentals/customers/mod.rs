//! Customers: who rents.

pub mod actions;
mod address_service;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use address_service::service as addresses;
pub(crate) use service::service;

/// Reads a customer by its number, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.rentals.v1.CustomersService/GetCustomer";
