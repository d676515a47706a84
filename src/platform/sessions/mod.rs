//! Sessions: what a user signs in to, and what all tokens made since belong to.
//!
//! Signing in answers an access token, which is verified without a look-up, and a refresh token,
//! which is good for one use and makes the next pair. A refresh token that comes a second time was
//! copied: it ends its session, whose access tokens every server refuses from then on.

mod actions;
mod attempts;
mod ended;
mod model;
mod repository;
#[cfg(test)]
mod tests;

pub use actions::{SignIn, Started, handed, refresh, sign_in, start};
pub use attempts::ForgetAttempts;
pub use ended::Ended;
pub use model::{LIFETIME, REFRESH_TOKEN_LIFETIME, Session, SignedIn};
pub use repository::{end, end_all, insert as open};
