//! Categories of items: a tree of at most 5 levels.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub mod tree;
pub(crate) mod wire;

pub(crate) use repository::branch;
pub(crate) use service::service;
