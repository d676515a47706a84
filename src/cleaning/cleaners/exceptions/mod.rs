//! Changes to the usual weeks of cleaners.

pub mod actions;
pub mod model;
mod repository;
pub(crate) mod wire;
