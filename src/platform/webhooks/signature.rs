//! Signatures of Standard Webhooks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use steward_kernel::{Error, Result};

use crate::random;

/// Bytes of a new secret; the specification wants 24 to 64.
const SECRET: usize = 32;

/// What the messages to an endpoint are signed with. Never shown by `Debug`.
#[derive(Clone)]
pub(super) struct Keys {
    /// Key of HMAC-SHA256.
    pub(super) secret: Vec<u8>,
    /// Seed of ed25519, 32 bytes.
    pub(super) signing_key: Vec<u8>,
}

impl Keys {
    /// New ones, from the generator of the system.
    pub(super) fn generate() -> Self {
        Self { secret: random::bytes(SECRET), signing_key: random::bytes(SECRET) }
    }

    /// The secret as the receiver configures it.
    pub(super) fn secret_text(&self) -> String {
        format!("whsec_{}", STANDARD.encode(&self.secret))
    }

    /// The public key as the receiver configures it.
    ///
    /// # Errors
    /// INTERNAL when the stored seed is none.
    pub(super) fn public_key_text(&self) -> Result<String> {
        let key = self.signer()?.verifying_key();
        Ok(format!("whpk_{}", STANDARD.encode(key.as_bytes())))
    }

    /// Both signatures of a message, separated by a space.
    ///
    /// # Errors
    /// INTERNAL when the stored keys are none.
    pub(super) fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> Result<String> {
        let mut signed = format!("{id}.{timestamp}.").into_bytes();
        signed.extend_from_slice(body);
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).map_err(Error::internal)?;
        mac.update(&signed);
        let symmetric = STANDARD.encode(mac.finalize().into_bytes());
        let asymmetric = STANDARD.encode(self.signer()?.sign(&signed).to_bytes());
        Ok(format!("v1,{symmetric} v1a,{asymmetric}"))
    }

    fn signer(&self) -> Result<SigningKey> {
        let seed: &[u8; 32] = self.signing_key.as_slice().try_into().map_err(Error::internal)?;
        Ok(SigningKey::from_bytes(seed))
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::{Signature, Verifier};

    use super::*;

    #[test]
    fn signs_the_vector_of_the_specification() {
        let keys = Keys {
            secret: STANDARD.decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").expect("base64"),
            signing_key: vec![7; 32],
        };
        let (id, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", br#"{"test": 2432232314}"#);
        let signatures = keys.sign(id, 1_614_265_330, body).expect("signatures");
        let (symmetric, asymmetric) = signatures.split_once(' ').expect("two");
        assert_eq!(symmetric, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(keys.secret_text(), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

        let signature = asymmetric.strip_prefix("v1a,").expect("its version");
        let signature = STANDARD.decode(signature).expect("base64");
        let signature = Signature::from_slice(&signature).expect("a signature");
        let signed = [id.as_bytes(), b".1614265330.", body].concat();
        let key = keys.signer().expect("a key").verifying_key();
        key.verify(&signed, &signature).expect("a valid signature");
        let text = keys.public_key_text().expect("a key");
        assert_eq!(text, format!("whpk_{}", STANDARD.encode(key.as_bytes())));
    }

    /// The first vector of RFC 8032, section 7.1.
    #[test]
    fn signs_as_ed25519_says() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let byte = |at: usize| u8::from_str_radix(&seed[at..at + 2], 16).expect("hex");
        let keys = Keys { secret: Vec::new(), signing_key: (0..64).step_by(2).map(byte).collect() };
        let public = keys.signer().expect("a key").verifying_key();
        assert_eq!(public.as_bytes()[..4], [0xd7, 0x5a, 0x98, 0x01]);
        let signature = keys.signer().expect("a key").sign(b"").to_bytes();
        assert_eq!(signature[..4], [0xe5, 0x56, 0x43, 0x00]);
    }
}
