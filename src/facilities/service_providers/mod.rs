//! Service providers: people and firms who carry out work on issues.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;

/// Reads a provider by its id, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.facilities.v1.ServiceProviderService/GetServiceProvider";
