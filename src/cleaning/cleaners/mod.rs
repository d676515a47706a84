//! Those who clean, and when and where they work.

pub mod actions;
mod areas;
mod contract;
pub mod exceptions;
pub(crate) mod hours;
mod labels;
mod lists;
pub mod model;
pub(crate) mod repository;
mod service;
mod show;
pub mod status;
mod wire;

pub(crate) use lists::{list_active, list_by_status};
pub(crate) use service::service;
