//! Property units: the apartments, offices and shared spaces of a property.

pub mod actions;
pub mod model;
mod repository;
mod rows;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;

/// Reads a unit by its id, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.facilities.v1.PropertyUnitService/GetPropertyUnit";
