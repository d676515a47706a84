//! Events: what happened to a tenant's resources, in one order, for those who follow it.
//!
//! [`crate::changes`] writes them; here they are listed and watched.

mod actions;
mod feed;
mod follow;
mod known;
mod model;
mod repository;
mod service;
mod wire;

pub use self::feed::Feed;
pub use self::follow::{Followed, FollowedEvent, follow};
pub use self::known::KnownTypes;
pub(crate) use self::known::{MAIL_GIVEN_UP, SESSION_REVOKED, endpoint_disabled};
pub(crate) use self::model::{Event, Types};
pub(crate) use self::repository::{get, newest, numbered};
pub(crate) use self::service::service;
pub(crate) use self::wire::event as message;
