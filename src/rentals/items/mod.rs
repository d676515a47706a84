//! Items: what is rented out.

pub mod actions;
mod for_bookings;
mod free;
mod insurance;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use for_bookings::{
    Offered, ProductsAsked, Stocked, among, classes, facts, hold, hold_all, lock, offered, page_of,
    product,
};
pub(crate) use free::available;
pub(crate) use insurance::{Asked as InsuranceAsked, estimate};
pub(crate) use repository::{by_product_ids, set_active};
pub(crate) use service::service;
