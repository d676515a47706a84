//! The people of a company, and how they sign in.

pub(crate) mod actions;
pub(crate) mod model;
mod register;
pub(crate) mod repository;
mod service;
mod sessions;
mod wire;

pub(crate) use register::{Registered, register};
pub(crate) use service::service;
pub(crate) use sessions::service as sessions;
