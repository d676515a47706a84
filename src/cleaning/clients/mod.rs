//! Those whose homes are cleaned.

pub mod actions;
pub(crate) mod leads;
mod lists;
pub mod model;
pub(crate) mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use lists::list_by_status;
pub(crate) use service::service;
