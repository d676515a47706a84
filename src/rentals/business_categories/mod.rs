//! The kinds of business that rent things out. They are the same in every installation, so they
//! are here rather than in a table.

mod model;
mod service;
mod wire;

pub use model::{BUSINESS_CATEGORIES, BusinessCategory, find};
pub(crate) use service::service;
pub(crate) use wire::answer;
