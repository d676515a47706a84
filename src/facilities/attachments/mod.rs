//! Attachments: documents and pictures of units, properties, service providers and issues.
//!
//! A record that shows its attachments has them in its own row as [`model::Attached`], so that
//! they cost no statement; [`actions::show`] signs their URLs, which costs none either.

pub mod actions;
pub mod model;
mod repository;
mod service;
pub(crate) mod wire;

pub(crate) use service::service;
