//! Issues: things that are broken or wanted in a property unit.

pub mod actions;
mod comments;
pub mod model;
mod repository;
mod service;
mod status;
pub(crate) mod wire;

pub(crate) use service::service;

/// Reads an issue by its id, for what changes one beside its own resource.
pub(crate) const GETTER: &str = "steward.facilities.v1.IssueService/GetIssue";
