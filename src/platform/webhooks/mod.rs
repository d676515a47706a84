//! Webhooks: the events of a tenant, posted to where it wants them (Standard Webhooks).
//!
//! The database queues a delivery and its job in the transaction of the change. The job posts
//! the message, and notes what became of it.

mod actions;
mod address;
mod deliver;
mod lists;
mod model;
mod repository;
mod sender;
mod service;
mod signature;
mod wire;

pub use self::address::Reach;
pub use self::deliver::Deliver;
pub(crate) use self::deliver::gave_up;
pub(crate) use self::model::JOB;
pub(crate) use self::service::{deliveries, endpoints};
pub use self::wire::Terms;
