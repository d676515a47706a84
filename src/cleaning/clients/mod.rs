//! Those whose homes are cleaned.

pub mod actions;
pub(crate) mod leads;
mod lists;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use lists::list_by_status;
pub(crate) use service::service;

/// Reads a client by its id, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.cleaning.v1.ClientService/GetClient";
