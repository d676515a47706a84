//! A key pair, from its making to its end.

use std::time::Duration;

use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use p256::elliptic_curve::rand_core::OsRng;
use p256::pkcs8::EncodePrivateKey;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result};

use crate::tokens::{ACCESS_TOKEN_LIFETIME, LEEWAY};

/// How long a key is verified after it signed last: the life of its last token, and a minute for a
/// request that was under way when the key was retired.
const AFTERLIFE: Duration =
    Duration::from_secs(ACCESS_TOKEN_LIFETIME.as_secs() + LEEWAY.as_secs() + 60);

/// A key pair as it is stored.
pub(crate) struct StoredKey {
    /// Thumbprint of the public key (RFC 7638).
    pub(crate) kid: String,
    /// The pair as PKCS #8 in DER.
    pub(crate) private_key: Vec<u8>,
    /// From when on it verifies nothing; set when a newer key takes over.
    pub(crate) retired_at: Option<Timestamp>,
}

impl StoredKey {
    /// A new pair on the curve P-256.
    pub(crate) fn generate() -> Result<Self> {
        let document = p256::SecretKey::random(&mut OsRng)
            .to_pkcs8_der()
            .map_err(|error| Error::internal(error.to_string()))?;
        let private_key = document.as_bytes().to_vec();
        let kid = thumbprint(&EncodingKey::from_ec_der(&private_key))?;
        Ok(Self { kid, private_key, retired_at: None })
    }

    /// When a key that signs its last token at `now` has no valid token left.
    pub(crate) fn end_of_life(now: Timestamp) -> Timestamp {
        now.checked_add(AFTERLIFE).unwrap_or(Timestamp::MAX)
    }
}

/// A key pair ready for use.
pub(crate) struct SigningKey {
    pub(crate) kid: String,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
    /// The public half, as it is published.
    pub(crate) jwk: Jwk,
    pub(crate) retired_at: Option<Timestamp>,
}

impl SigningKey {
    /// Reads a stored pair.
    ///
    /// # Errors
    /// INTERNAL when it is damaged.
    pub(crate) fn read(stored: &StoredKey) -> Result<Self> {
        let encoding = EncodingKey::from_ec_der(&stored.private_key);
        let mut jwk =
            Jwk::from_encoding_key(&encoding, Algorithm::ES256).map_err(Error::internal)?;
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        jwk.common.key_id = Some(stored.kid.clone());
        let decoding = DecodingKey::from_jwk(&jwk).map_err(Error::internal)?;
        Ok(Self { kid: stored.kid.clone(), encoding, decoding, jwk, retired_at: stored.retired_at })
    }

    /// Whether tokens of the key can still be valid.
    pub(crate) fn is_alive(&self, now: Timestamp) -> bool {
        self.retired_at.is_none_or(|retired_at| retired_at > now)
    }
}

fn thumbprint(key: &EncodingKey) -> Result<String> {
    Jwk::from_encoding_key(key, Algorithm::ES256)
        .and_then(|jwk| jwk.thumbprint(ThumbprintHash::SHA256))
        .map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn publishes_the_public_half_alone() -> Result<()> {
        let key = SigningKey::read(&StoredKey::generate()?)?;
        let published = serde_json::to_value(&key.jwk).map_err(Error::internal)?;
        let mut members: Vec<_> =
            published.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!(published["alg"], "ES256");
        assert_eq!(published["kid"], key.kid);
        Ok(())
    }

    #[test]
    fn lives_on_until_its_last_token_has_expired() -> Result<()> {
        let now = steward_kernel::time::now();
        let retired_at = Some(StoredKey::end_of_life(now));
        let key = SigningKey::read(&StoredKey { retired_at, ..StoredKey::generate()? })?;
        let after =
            |seconds| now.checked_add(Duration::from_secs(seconds)).map_err(Error::internal);
        assert!(key.is_alive(now));
        assert!(key.is_alive(after(1805)?));
        assert!(!key.is_alive(after(1865)?));
        Ok(())
    }
}
