//! Signed links: URLs of this server that carry their own permission.
//!
//! A link holds what it allows in plain sight and an HMAC-SHA-256 over it. The key is in the
//! database, so that any server takes the links of any other.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use steward_database::ResultExt;
use steward_kernel::{Error, Result};
use tokio::sync::OnceCell;

use crate::App;
use crate::schema::link_keys;

/// The one key there is.
const NAME: &str = "hmac-sha256";

/// What signs links, once it was read. A process works on one database.
static KEY: OnceCell<[u8; 32]> = OnceCell::const_new();

/// Signs and checks.
#[derive(Clone)]
pub(crate) struct Signer(Hmac<Sha256>);

impl Signer {
    /// The signer of this database; makes the key if nobody has.
    pub(crate) async fn open(app: &App) -> Result<Self> {
        let key = KEY.get_or_try_init(|| key(app)).await?;
        Hmac::new_from_slice(key).map(Self).map_err(Error::internal)
    }

    /// The signature of `text`, in base64url. `purpose` keeps a link of one sort from being
    /// taken for one of another.
    pub(crate) fn sign(&self, purpose: &'static str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(purpose, text).finalize().into_bytes())
    }

    /// Whether `signature` is that of `text`, in a time that tells nothing.
    pub(crate) fn verify(&self, purpose: &'static str, text: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(signature)
            .is_ok_and(|signature| self.mac(purpose, text).verify_slice(&signature).is_ok())
    }

    fn mac(&self, purpose: &'static str, text: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        for part in [purpose.as_bytes(), b"\n", text.as_bytes()] {
            mac.update(part);
        }
        mac
    }
}

async fn key(app: &App) -> Result<[u8; 32]> {
    let fresh = &crate::random::key();
    let key: Vec<u8> = app
        .database
        .transaction_platform(|tx| async move {
            let mut connection = &**tx;
            diesel::insert_into(link_keys::table)
                .values((link_keys::name.eq(NAME), link_keys::key.eq(fresh.as_slice())))
                .on_conflict_do_nothing()
                .execute(&mut connection)
                .await
                .or_internal()?;
            link_keys::table
                .find(NAME)
                .select(link_keys::key)
                .first(&mut connection)
                .await
                .or_internal()
        })
        .await?;
    key.as_slice().try_into().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_good_for_one_text_and_purpose() -> Result<()> {
        let signer = Signer(Hmac::new_from_slice(&[1; 32]).map_err(Error::internal)?);
        let other = Signer(Hmac::new_from_slice(&[2; 32]).map_err(Error::internal)?);
        let signature = signer.sign("a", "text");
        assert!(signer.verify("a", "text", &signature));
        assert!(!signer.verify("b", "text", &signature));
        assert!(!signer.verify("a", "texts", &signature));
        assert!(!signer.verify("a", "text", &signature[1..]));
        assert!(!signer.verify("a", "text", ""));
        assert!(!other.verify("a", "text", &signature));
        Ok(())
    }
}
