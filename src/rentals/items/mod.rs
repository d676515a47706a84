//! Items: what is rented out.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use repository::{by_product_ids, set_active};
pub(crate) use service::service;
