//! The kinds of business that rent things out. They are the same in every installation, so they
//! are here rather than in a table.

mod model;
mod service;

pub use model::{BUSINESS_CATEGORIES, BusinessCategory};
pub(crate) use service::service;
