//! Files to be uploaded: where to put them, and what names them afterwards.

mod service;
mod wire;

pub(crate) use service::service;
