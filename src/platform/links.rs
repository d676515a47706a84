//! Signed links: URLs of this server that carry their own permission.
//!
//! A link holds what it allows in plain sight and an HMAC-SHA-256 over it. The key is in the
//! database, so that any server takes the links of any other.
//!
//! A link that lets somebody in once holds a [`Secret`] as well, of which the record it leads to
//! keeps the hash. The signature says that this server made the link for that tenant, before
//! anything is read; the secret says that it is the latest one of its record. So neither who
//! reads the records nor who reads the key can make a link that works.
//!
//! A [`PersonalLink`] keeps nothing anywhere: it holds whose it is and until when it is good, and
//! works as often as it is needed until then.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use steward_database::{Database, ResultExt};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Kind, Result, TenantId, error::reason};
use tokio::sync::OnceCell;

use crate::schema::link_keys;

/// The one key there is.
const NAME: &str = "hmac-sha256";

/// What signs links, once it was read. A process works on one database.
static KEY: OnceCell<[u8; 32]> = OnceCell::const_new();

/// Longest link that is looked at. Ours have less than 140 characters.
pub const LONGEST: usize = 200;

/// What makes a link work once. 256 random bits, so there is nothing to guess, and a quick hash
/// keeps it well.
pub struct Secret(String);

impl Secret {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        Self(crate::random::text(32))
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(&self.0).into())
    }
}

/// The SHA-256 of a [`Secret`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// The hash of a text that came as a secret.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret).into())
    }
}

/// What a link that lets somebody in holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Entrance {
    /// Whose record it leads to.
    pub tenant: TenantId,
    /// Id of the record.
    pub id: i64,
    /// To be compared with what the record keeps.
    pub secret_hash: SecretHash,
}

/// How long a personal link is good.
pub const PERSONAL_FOR: Duration = Duration::from_secs(30 * 24 * 3600);

/// What a personal link holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonalLink {
    /// Whose record it leads to.
    pub tenant: TenantId,
    /// Id of the record.
    pub id: i64,
    /// Id of the user it was made for.
    pub user: i64,
    /// When it ends, to the second.
    pub ends: Timestamp,
}

/// Signs and checks.
#[derive(Clone)]
pub struct Signer(Hmac<Sha256>);

impl Signer {
    /// The signer of this database; makes the key if nobody has.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub async fn open(database: &Database) -> Result<Self> {
        let key = KEY.get_or_try_init(|| key(database)).await?;
        Hmac::new_from_slice(key).map(Self).map_err(Error::internal)
    }

    /// The last part of a URL that lets its reader in to the record with `id`. `purpose` is the
    /// service whose RPCs it opens (`package.Service`).
    #[must_use]
    pub fn entrance(
        &self,
        purpose: &'static str,
        tenant: TenantId,
        id: i64,
        secret: &Secret,
    ) -> String {
        let text = format!("{tenant}.{id}.{}", secret.0);
        let signature = self.sign(purpose, &text);
        format!("{text}.{signature}")
    }

    /// What such a link holds; nothing when it was not made here for `purpose`.
    #[must_use]
    pub fn enter(&self, purpose: &'static str, link: &str) -> Option<Entrance> {
        let (text, signature) = link.rsplit_once('.')?;
        if link.len() > LONGEST || !self.verify(purpose, text, signature) {
            return None;
        }
        let mut parts = text.split('.');
        let (tenant, id, secret) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Entrance {
            tenant: TenantId(tenant.parse().ok()?),
            id: id.parse().ok()?,
            secret_hash: Secret(secret.to_owned()).hash(),
        })
    }

    /// A text that opens what `link` holds to whoever has it.
    #[must_use]
    pub fn personal(&self, purpose: &'static str, link: PersonalLink) -> String {
        let PersonalLink { tenant, id, user, ends } = link;
        let text = format!("{tenant}.{id}.{user}.{}", ends.as_second());
        let signature = self.sign(purpose, &text);
        format!("{text}.{signature}")
    }

    /// What such a text holds.
    ///
    /// # Errors
    /// UNAUTHENTICATED when it was not made here for `purpose`; FAILED_PRECONDITION
    /// (`LINK_EXPIRED`) when its time is over.
    pub fn follow(&self, purpose: &'static str, link: &str) -> Result<PersonalLink> {
        let link = self.read(purpose, link).ok_or_else(|| {
            Error::unauthenticated("The link is none of this server's for what it is used for.")
        })?;
        if link.ends <= time::now() {
            let message = "The link has expired. Please ask for a new one.";
            return Err(Error::new(Kind::FailedPrecondition, reason::LINK_EXPIRED, message));
        }
        Ok(link)
    }

    fn read(&self, purpose: &'static str, link: &str) -> Option<PersonalLink> {
        let (text, signature) = link.rsplit_once('.')?;
        if link.len() > LONGEST || !self.verify(purpose, text, signature) {
            return None;
        }
        let mut parts = text.split('.').map(|part| part.parse::<i64>().ok());
        let mut next = || parts.next().flatten();
        let (tenant, id, user, ends) = (TenantId(next()?), next()?, next()?, next()?);
        Some(PersonalLink { tenant, id, user, ends: Timestamp::new(ends, 0).ok()? })
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

/// The error for a link that this server did not make.
#[must_use]
pub fn not_found() -> Error {
    Error::new(Kind::NotFound, reason::ENTITY_NOT_FOUND, "There is no such link.")
}

async fn key(database: &Database) -> Result<[u8; 32]> {
    let fresh = &crate::random::key();
    let key: Vec<u8> = database
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

    #[test]
    fn a_personal_link_opens_one_thing_until_its_day() -> Result<()> {
        let signer = Signer(Hmac::new_from_slice(&[1; 32]).map_err(Error::internal)?);
        let ends = Timestamp::new(time::now().as_second() + 60, 0).expect("soon");
        let made = PersonalLink { tenant: TenantId(7), id: 12, user: 9, ends };
        let link = signer.personal("sign", made);
        assert!(link.len() < 140 && link.is_ascii(), "{}", link.len());
        assert_eq!(signer.follow("sign", &link)?, made);
        let kind = |purpose, link: &str| signer.follow(purpose, link).map_err(|e| e.kind()).err();
        let (other_id, other_user) = (link.replacen("12", "13", 1), link.replacen(".9.", ".8.", 1));
        let longer = format!("{link}A");
        for forged in [&*other_id, &other_user, &longer, &link[1..], "", "...."] {
            assert_eq!(kind("sign", forged), Some(Kind::Unauthenticated), "{forged}");
        }
        assert_eq!(kind("rate", &link), Some(Kind::Unauthenticated), "of another purpose");
        let secret = signer.entrance("sign", TenantId(7), 12, &Secret::random());
        assert_eq!(kind("sign", &secret), Some(Kind::Unauthenticated), "of another sort");
        let past = Timestamp::new(time::now().as_second(), 0).expect("now");
        let expired = signer.personal("sign", PersonalLink { ends: past, ..made });
        let error = signer.follow("sign", &expired).expect_err("expired");
        assert_eq!(
            (error.kind(), error.reason()),
            (Kind::FailedPrecondition, reason::LINK_EXPIRED)
        );
        Ok(())
    }

    #[test]
    fn an_entrance_leads_where_it_was_made_for() -> Result<()> {
        let signer = Signer(Hmac::new_from_slice(&[1; 32]).map_err(Error::internal)?);
        let secret = Secret::random();
        let link = signer.entrance("a", TenantId(7), 12, &secret);
        assert!(link.len() < 140 && link.is_ascii(), "{}", link.len());
        let found = Entrance { tenant: TenantId(7), id: 12, secret_hash: secret.hash() };
        assert!(signer.enter("a", &link) == Some(found));
        assert!(signer.enter("b", &link).is_none(), "of another service");
        let longer = format!("{link}A");
        let (other_tenant, other_id) = (link.replacen('7', "8", 1), link.replacen("12", "13", 1));
        for forged in [&*longer, &link[1..], &other_tenant, &other_id, "", "...", "7.12.x.y"] {
            assert!(signer.enter("a", forged).is_none(), "{forged}");
        }
        // A signed text that is none of ours, and one that is too long to be looked at.
        for text in ["7.12".to_owned(), "x.12.s".to_owned(), format!("7.12.{}", "s".repeat(200))] {
            let signed = format!("{text}.{}", signer.sign("a", &text));
            assert!(signer.enter("a", &signed).is_none(), "{signed}");
        }
        assert!(Secret::random().hash() != secret.hash(), "no two are alike");
        Ok(())
    }
}
