//! The work on issues: from one status to the next, and the rating of what was done.

pub mod actions;
pub mod model;
mod repository;
mod service;
mod wire;

pub(crate) use service::service;
