//! Areas that a company works in, and the zip codes that belong to them.

pub mod actions;
pub mod model;
pub(crate) mod repository;
pub(crate) mod service;
pub(crate) mod wire;
mod zip_codes;
