//! How a company works.

mod actions;
mod model;
mod read;
mod repository;
mod rules;
mod service;
mod write;

pub(crate) use actions::currency;
pub(crate) use model::TIME_PREFERENCES;
pub use model::{Scheduling, TenantSettings};
pub(crate) use repository::{find, insert};
pub(crate) use service::{get, update};
pub(crate) use write::settings as write;
