//! Access tokens: issued to API clients and users, verified on every call.

mod actions;
mod limiter;
mod model;
mod repository;
mod service;
mod verifier;
mod well_known;
mod wire;

#[cfg(test)]
pub(crate) use actions::request_token;
pub use actions::{Issuer, Settings};
pub use model::{ACCESS_TOKEN_LIFETIME, LEEWAY, USER_TOKEN_LIFETIME, UserToken};
pub(crate) use service::service;
pub(crate) use verifier::refused;
pub use verifier::{API, Verifier};
pub use well_known::well_known;
