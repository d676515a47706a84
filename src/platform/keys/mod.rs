//! The keys that sign tokens: made on first start, kept in PostgreSQL, rotated without
//! downtime.
//!
//! A new key is published at once, and used at once unless the operator asks for a delay. No
//! server has to wait: each looks into the database when it meets a key it does not know, and
//! each token request reads which key signs now. The old key is verified until its last token
//! has expired.

mod actions;
mod model;
mod repository;
mod ring;

pub use actions::rotate;
pub(crate) use model::SigningKey;
#[cfg(test)]
pub(crate) use model::StoredKey;
pub(crate) use repository::newest;
pub use ring::KeyRing;
pub(crate) use ring::{KeySet, Verified};
