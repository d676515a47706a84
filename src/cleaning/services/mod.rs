//! What a company offers in an area, what it costs, and what can be had with it.

pub mod actions;
mod extra_rates;
pub mod model;
pub(crate) mod rates;
mod repository;
pub(crate) mod service;
pub(crate) mod wire;
