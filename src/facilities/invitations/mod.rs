//! Invitations: a user is mailed a link that works once, and whoever follows it makes the user
//! active.
//!
//! The page behind the link is a client like any other: it calls the two RPCs that a link opens.

pub mod actions;
pub mod model;
mod page;
mod repository;
mod service;
pub(crate) mod wire;
mod words;

pub(crate) use page::router;
pub(crate) use service::service;
