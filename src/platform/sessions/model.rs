//! A session and what it is refreshed with.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind};

use crate::users::User;

/// How long a session lasts, however often it is refreshed.
pub const LIFETIME: Duration = Duration::from_secs(90 * 24 * 3600);

/// How long a refresh token is good, if its session does not end before.
pub const REFRESH_TOKEN_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a user signed in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: i64,
    /// No token is made in it from here on.
    pub expires_at: Timestamp,
}

/// What whoever signed in, or refreshed a session, is handed.
#[derive(Debug)]
pub struct SignedIn {
    /// Who signed in.
    pub user: User,
    /// To what.
    pub session: Session,
    /// To be sent as `Authorization: Bearer`.
    pub access_token: SecretString,
    /// When the access token expires.
    pub expires_at: Timestamp,
    /// Good for one use.
    pub refresh_token: SecretString,
    /// When the refresh token expires.
    pub refresh_expires_at: Timestamp,
}

/// A refresh token as it is kept: its SHA-256. It is 256 random bits, so there is nothing to guess
/// that a slow hash would protect.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenHash(pub(super) [u8; 32]);

impl TokenHash {
    pub(super) fn of(token: &SecretString) -> Self {
        Self(Sha256::digest(token.expose_secret()).into())
    }
}

/// Draws a refresh token.
pub(super) fn new_refresh_token() -> SecretString {
    crate::random::text(32).into()
}

/// A refresh token as it is found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) session: Session,
    pub(super) user: i64,
    pub(super) was_used: bool,
    pub(super) expires_at: Timestamp,
    pub(super) session_ended: bool,
}

/// The error for a user name and a password that do not fit. Says not which, nor whether the user
/// exists.
pub(super) fn invalid_credentials() -> Error {
    let message = "The user name or the password is wrong.";
    Error::new(Kind::Unauthenticated, "INVALID_CREDENTIALS", message)
}

/// The error for a refresh token that is unknown or expired, or whose session has ended.
pub(super) fn refresh_invalid() -> Error {
    let message = "The refresh token is not valid. Please sign in again.";
    Error::new(Kind::Unauthenticated, "REFRESH_INVALID", message)
}

/// The error for a refresh token that comes a second time.
pub(super) fn refresh_reused() -> Error {
    let message = "The refresh token was used before, so the session has ended.";
    Error::new(Kind::Unauthenticated, "REFRESH_REUSED", message)
}
