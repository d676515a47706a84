//! Areas that a company works in, and the zip codes that belong to them.

pub mod actions;
pub mod model;
mod repository;
pub(crate) mod service;
mod wire;
mod zip_codes;
