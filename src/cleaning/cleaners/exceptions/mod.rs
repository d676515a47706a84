//! Changes to the usual weeks of cleaners.

pub mod actions;
pub mod model;
pub(crate) mod repository;
pub(crate) mod wire;
