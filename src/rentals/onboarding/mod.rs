//! How a business starts.

pub mod actions;
pub mod model;
mod service;
mod started;
mod wire;

pub(crate) use actions::mail_language;
pub(crate) use service::service;
pub use started::Started;
