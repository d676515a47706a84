//! Calling codes of the countries of the world.

pub mod model;
mod query;
mod service;

pub(crate) use service::service;
