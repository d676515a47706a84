//! Items: what is rented out.

pub mod actions;
mod for_bookings;
mod free;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use for_bookings::{Offered, Stocked, among, by_title, facts, lock, offered, product};
pub(crate) use repository::{by_product_ids, set_active};
pub(crate) use service::service;
