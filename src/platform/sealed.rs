//! Values that are kept sealed, such as tax numbers: AES-256-GCM under a key made from the one that
//! signs links.
//!
//! Whoever gets hold of a table, of a row in a log or of an export cannot read them; whoever has the
//! whole database can. A sealed value is bound to what it is about, so that it cannot be moved to
//! another record.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret, SecretString};
use steward_database::Database;
use steward_kernel::{Error, Result};

use crate::links::Signer;

/// What the key is made for.
const PURPOSE: &str = "sealed values";

/// Seals a text that is about something, such as `tax id 3.14`.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn seal(database: &Database, about: &str, text: &SecretString) -> Result<Vec<u8>> {
    let key = key(&Signer::open(database).await?)?;
    sealed(&key, about, text)
}

/// Opens what was sealed about the same thing.
///
/// # Errors
/// INTERNAL when it was sealed about something else, or is damaged; UNAVAILABLE when the database
/// cannot be reached.
pub async fn open(database: &Database, about: &str, sealed: &[u8]) -> Result<SecretString> {
    let key = key(&Signer::open(database).await?)?;
    opened(&key, about, sealed)
}

fn key(signer: &Signer) -> Result<LessSafeKey> {
    let text = signer.sign(PURPOSE, "aes-256-gcm");
    let bytes = URL_SAFE_NO_PAD.decode(text).map_err(Error::internal)?;
    let key = UnboundKey::new(&AES_256_GCM, &bytes).map_err(|_| Error::internal("a key"))?;
    Ok(LessSafeKey::new(key))
}

fn sealed(key: &LessSafeKey, about: &str, text: &SecretString) -> Result<Vec<u8>> {
    let mut whole = crate::random::bytes(NONCE_LEN);
    let nonce = Nonce::try_assume_unique_for_key(&whole).map_err(|_| damaged())?;
    let mut text = text.expose_secret().as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(about), &mut text).map_err(|_| damaged())?;
    whole.append(&mut text);
    Ok(whole)
}

fn opened(key: &LessSafeKey, about: &str, sealed: &[u8]) -> Result<SecretString> {
    let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or_else(damaged)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
    let mut text = text.to_vec();
    let text =
        key.open_in_place(nonce, Aad::from(about), &mut text).map_err(|_| damaged())?.to_vec();
    String::from_utf8(text).map(SecretString::from).map_err(Error::internal)
}

fn damaged() -> Error {
    Error::internal("a sealed value that does not open")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_where_it_belongs_alone() -> Result<()> {
        let new = |byte| UnboundKey::new(&AES_256_GCM, &[byte; 32]).map(LessSafeKey::new);
        let key = new(1).map_err(|_| damaged())?;
        let text = SecretString::from("123-45-6789");
        let mut value = sealed(&key, "tax id 1.2", &text)?;
        assert!(!value.windows(4).any(|part| part == b"6789"));
        assert_ne!(value, sealed(&key, "tax id 1.2", &text)?, "each time another");
        assert_eq!(opened(&key, "tax id 1.2", &value)?.expose_secret(), "123-45-6789");
        assert!(opened(&key, "tax id 1.3", &value).is_err());
        assert!(opened(&new(2).map_err(|_| damaged())?, "tax id 1.2", &value).is_err());
        assert!(opened(&key, "tax id 1.2", &value[..5]).is_err());
        value[NONCE_LEN] ^= 1;
        assert!(opened(&key, "tax id 1.2", &value).is_err());
        Ok(())
    }
}
