//! Exports: all records of a resource in one file, as they were at one moment.
//!
//! Asked for by an RPC, written by a job in one snapshot of the database, kept in the object
//! store for seven days. A family says what can be exported by a list of [`Resource`]s.

mod actions;
mod collect;
mod model;
mod repository;
mod resource;
mod service;
#[cfg(test)]
mod tests;
mod web;
mod wire;
mod write;

pub use collect::CollectExports;
pub use resource::{Encoded, Exported, Resource, Resources, WallClock, encoded};
// What the macro names.
pub(crate) use service::service;
pub use steward_database::{List, Listed};
pub use web::router;
pub use write::WriteExport;
pub(crate) use write::{KIND, gave_up};
