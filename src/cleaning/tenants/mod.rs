//! Companies: what everybody may know of them, and what their admins change.

pub mod actions;
pub mod model;
pub(crate) mod repository;
mod service;
mod wire;

pub(crate) use model::not_found;
pub(crate) use service::service;
pub(crate) use wire::{read, tenant as write};
