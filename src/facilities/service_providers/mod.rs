//! Service providers: people and firms who carry out work on issues.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
