//! What owners, managers, service providers and property users have in common: one table,
//! one e-mail rule, one sequence of ids. Four resources stand on it.

pub mod model;
pub mod repository;
pub mod wire;
