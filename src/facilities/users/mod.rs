//! What owners, managers, service providers and property users have in common: one table,
//! one e-mail rule, one sequence of ids. Four resources stand on it; a fifth shows what does not
//! depend on the role.

pub mod actions;
pub mod model;
pub mod repository;
mod service;
pub mod wire;

pub(crate) use service::service;
