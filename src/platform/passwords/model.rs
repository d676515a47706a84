//! Codes and links to choose a password with.

use std::time::Duration;

use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Family, TenantId};

use crate::links::SecretHash;

/// How long a code, and the link beside it, is good.
pub const CODE_LIFETIME: Duration = Duration::from_secs(15 * 60);

/// How long the link in an invitation is good.
pub const INVITATION_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// Least time between two mails to one user.
pub(super) const PAUSE: Duration = Duration::from_secs(60);

/// Wrong codes after which the right one is wrong too.
pub(super) const TRIES: i32 = 5;

/// Whose password is meant.
#[derive(Debug, Clone)]
pub struct Account {
    /// User name or e-mail, in any letter case.
    pub name: String,
    /// The tenant; absent for the users of that name with all.
    pub tenant: Option<TenantId>,
    /// The family whose tenants are meant; absent for all.
    pub family: Option<Family>,
}

/// What is said of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeCheck {
    /// Whether a password can be chosen with it.
    pub is_valid: bool,
    /// When it ends; absent when it is not valid.
    pub expires_at: Option<Timestamp>,
}

/// How a user may choose a password.
#[derive(Debug, Clone)]
pub(super) struct Reset {
    pub(super) code_mac: Option<String>,
    pub(super) secret_hash: SecretHashBytes,
    pub(super) tries: i32,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// Kept out of logs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SecretHashBytes(pub(super) [u8; 32]);

impl std::fmt::Debug for SecretHashBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHashBytes(..)")
    }
}

impl Reset {
    /// Whether it can still be used, by code or link.
    pub(super) fn is_open(&self, now: Timestamp) -> bool {
        self.tries < TRIES && self.expires_at > now
    }

    /// Whether a link with this secret is the latest.
    pub(super) fn has_link(&self, secret: SecretHash) -> bool {
        self.secret_hash.0 == secret.0
    }
}

/// Draws a code of six digits.
pub(super) fn new_code() -> String {
    loop {
        let bytes = crate::random::bytes(4);
        let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        // Numbers beyond the last multiple of a million would make some codes likelier.
        if number < 4_294_000_000 {
            return format!("{:06}", number % 1_000_000);
        }
    }
}

/// The error for a code that is wrong, used, replaced or expired, or was tried too often.
pub(super) fn wrong_code() -> Error {
    Error::rule("code", "The code is wrong, or was used, or has expired.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits() {
        let codes: std::collections::HashSet<_> = (0..100).map(|_| new_code()).collect();
        assert!(codes.iter().all(|code| code.len() == 6 && code.parse::<u32>().is_ok()));
        assert!(codes.len() > 90, "{codes:?}");
    }
}
