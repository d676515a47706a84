//! Sign-in by another issuer of OpenID Connect, beside the built-in one.
//!
//! The issuer's tokens are verified here with its published keys; whom they speak for is the matter
//! of [`crate::identities`].

mod fetch;
mod keys;
mod model;
mod provider;
#[cfg(test)]
mod tests;

pub use model::Settings;
pub(crate) use model::invalid_id_token;
pub use provider::Provider;
