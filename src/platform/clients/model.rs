//! A client and its secrets.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use steward_kernel::{Family, Result, TenantId, validate::Violations};
use subtle::ConstantTimeEq;

/// Bytes of randomness in a secret.
const SECRET_BYTES: usize = 32;

/// A program that calls in the name of a tenant.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its public id.
    pub client_id: String,
    /// The tenant whose data it may touch.
    pub tenant: TenantId,
    /// The family whose RPCs the tenant uses.
    pub family: Family,
    /// What people call it.
    pub name: String,
    /// Whether it gets no tokens any more.
    pub disabled: bool,
    /// The secrets it may use now.
    pub(crate) secrets: Secrets,
}

/// A client id with a secret that is shown this once.
#[derive(Debug)]
pub struct NewClient {
    /// The public id.
    pub client_id: String,
    /// The secret; only its hash is kept.
    pub client_secret: SecretString,
}

/// The hash of a secret.
///
/// Plain SHA-256, for good reasons: a secret is 256 random bits made by steward, so there is
/// nothing to guess that a slow hash like Argon2 would protect, and each token request would
/// pay for it, wanted or not.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct SecretHash(pub(crate) [u8; 32]);

impl SecretHash {
    pub(crate) fn of(secret: &SecretString) -> Self {
        Self(Sha256::digest(secret.expose_secret()).into())
    }
}

/// Keeps hashes out of logs: they are no secrets, but nobody's business either.
impl std::fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// The secrets a client may use: the present one, and the one before, so that a secret can be
/// exchanged without an interruption.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    pub(crate) current: SecretHash,
    pub(crate) previous: Option<SecretHash>,
}

impl Secrets {
    /// Secrets nobody knows, to compare with when a client does not exist.
    pub(crate) fn nobody() -> Self {
        Self { current: SecretHash([0; 32]), previous: None }
    }

    /// Whether `secret` is one of them, in a time that tells nothing about them.
    pub(crate) fn include(&self, secret: &SecretString) -> bool {
        let presented = SecretHash::of(secret);
        let previous = self.previous.unwrap_or(self.current);
        (presented.0.ct_eq(&self.current.0) | presented.0.ct_eq(&previous.0)).into()
    }
}

impl NewClient {
    /// Draws an id and a secret.
    pub(super) fn generate() -> Self {
        Self { client_id: crate::random::hex(12), client_secret: new_secret() }
    }
}

/// Draws a secret.
pub(super) fn new_secret() -> SecretString {
    crate::random::text(SECRET_BYTES).into()
}

/// A name for a tenant or a client: something, and not a novel.
pub(crate) fn checked_name(name: &str) -> Result<String> {
    let mut violations = Violations::below("");
    let name = violations.required_text("name", name.to_owned(), 200);
    violations.finish(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_secrets_live_at_a_time() {
        let [old, new, other] = [new_secret(), new_secret(), new_secret()];
        let secrets =
            Secrets { current: SecretHash::of(&new), previous: Some(SecretHash::of(&old)) };
        assert!(secrets.include(&old));
        assert!(secrets.include(&new));
        assert!(!secrets.include(&other));
        assert!(!Secrets::nobody().include(&other));
    }

    #[test]
    fn secrets_are_256_bits_and_never_shown_by_accident() {
        let NewClient { client_id, client_secret } = NewClient::generate();
        assert_eq!(client_secret.expose_secret().len(), 43);
        assert_eq!(client_id.len(), 24);
        let client = NewClient { client_id, client_secret };
        assert!(!format!("{client:?}").contains(client.client_secret.expose_secret()));
    }
}
