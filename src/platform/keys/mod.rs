//! The keys that sign tokens: made on first start, kept in PostgreSQL, rotated without
//! downtime.
//!
//! A new key is published and used at once. That needs no waiting, because each server looks
//! into the database when it meets a key it does not know, and each token request reads
//! which key is the newest. The old key is verified until its last token has expired.

mod actions;
mod model;
mod repository;
mod ring;

pub use actions::rotate;
pub(crate) use model::SigningKey;
#[cfg(test)]
pub(crate) use model::StoredKey;
pub use repository::newest;
pub use ring::KeyRing;
pub(crate) use ring::{KeySet, Verified};
