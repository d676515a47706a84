//! Sessions: what a user signs in to, and what all tokens made since belong to.

mod model;
mod repository;

pub use model::{LIFETIME, Session};
pub use repository::{end_all, insert as open};
