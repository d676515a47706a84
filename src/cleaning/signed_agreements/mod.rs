//! Agreements that somebody has signed: kept as they were shown, with a PDF that a job makes.
//!
//! The page behind the link in the mail is a client like any other: it calls the RPCs that the
//! link opens.

pub mod actions;
mod job;
pub mod model;
mod page;
mod paper;
pub(crate) mod repository;
mod service;
mod wire;
mod words;

pub use job::MakePdf;
pub(crate) use page::router;
pub(crate) use service::service;
