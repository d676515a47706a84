//! The other issuer: whom its tokens speak for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;
use steward_kernel::{Error, Kind, Principal, Result, time};
use steward_transport::auth::Credentials;
use steward_transport::part::Part;

use super::fetch::Fetcher;
use super::keys::KeyCache;
use super::model::{
    AccessClaims, IdClaims, LEEWAY, MAX_TOKEN_BYTES, Origin, Settings, invalid_id_token, is_same,
};
use crate::App;
use crate::identities::{self, Followers, Subject};
use crate::tokens::refused;

/// How long it is remembered whom a token speaks for. A user who was disabled is out after that,
/// because there is no session of ours to end.
const REMEMBERED: Duration = Duration::from_secs(30);

/// Most tokens remembered.
const REMEMBERED_TOKENS: usize = 10_000;

/// Verifies the tokens of one other issuer.
pub struct Provider {
    app: App,
    settings: Settings,
    followers: Followers,
    keys: KeyCache,
    /// By the access token, and the ID token beside it.
    callers: Cache<Box<str>, Arc<Known>>,
}

/// Whom a token speaks for.
struct Known {
    principal: Arc<Principal>,
    /// Seconds since 1970.
    expires_at: i64,
    until: Instant,
}

impl Provider {
    /// A provider that asks the issuer when the first token comes. The `followers` are told what
    /// its ID tokens newly say of people.
    ///
    /// # Errors
    /// INTERNAL when TLS cannot be set up.
    pub fn new(app: App, settings: Settings, followers: Followers) -> Result<Self> {
        let keys = KeyCache::new(Fetcher::new(&settings.issuer)?);
        Ok(Self { app, settings, followers, keys, callers: Cache::new(REMEMBERED_TOKENS) })
    }

    /// The issuer, as it answered last.
    #[must_use]
    pub fn part(&self) -> Part {
        self.keys.part.clone()
    }

    /// Whether a token says that it was made by this issuer. That is not verified.
    pub(crate) fn claims(&self, token: &str) -> bool {
        let origin = || {
            let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
            serde_json::from_slice::<Origin>(&claims).ok()
        };
        token.len() <= MAX_TOKEN_BYTES
            && origin().is_some_and(|origin| is_same(&origin.iss, &self.settings.issuer))
    }

    /// The caller behind a token.
    ///
    /// # Errors
    /// UNAUTHENTICATED for a token that is expired, forged or meant for another audience, and for
    /// an ID token that does not belong to it (`INVALID_ID_TOKEN`); PERMISSION_DENIED for somebody
    /// without an account (`ONBOARDING_REQUIRED`); UNAVAILABLE while it cannot be verified.
    pub(crate) async fn authenticate(
        &self,
        credentials: Credentials<'_>,
    ) -> Result<Arc<Principal>> {
        let Credentials { token, id_token, opens_account } = credentials;
        // No token holds a line break.
        let key = match id_token {
            None => Box::from(token),
            Some(id_token) => format!("{token}\n{id_token}").into_boxed_str(),
        };
        if let Some(known) = self.callers.get(&key)
            && known.until > Instant::now()
            && known.expires_at.saturating_add_unsigned(LEEWAY.as_secs()) >= time::now().as_second()
        {
            return Ok(Arc::clone(&known.principal));
        }
        let audience = Some(&*self.settings.audience);
        let (issuer, claims): (_, AccessClaims) = self.verify(token, audience).await?;
        let profile = match id_token {
            None => None,
            Some(id_token) => Some(self.identity(id_token, &claims.sub).await?.profile()),
        };
        let subject = Subject { issuer: &issuer, subject: &claims.sub };
        let principal =
            identities::caller(&self.app, subject, profile, opens_account, self.followers).await?;
        let principal = Arc::new(principal);
        let known = Known {
            principal: Arc::clone(&principal),
            expires_at: claims.exp,
            until: Instant::now() + REMEMBERED,
        };
        self.callers.insert(key, Arc::new(known));
        Ok(principal)
    }

    /// The claims of an ID token, which must be the same person's. Whom it is meant for is not
    /// compared: that is the program the person signed in with, of which there may be many.
    async fn identity(&self, id_token: &str, subject: &str) -> Result<IdClaims> {
        match self.verify::<IdClaims>(id_token, None).await {
            Ok((_, claims)) if claims.sub == subject => Ok(claims),
            Ok(_) => Err(invalid_id_token()),
            Err(error) if error.kind() == Kind::Unavailable => Err(error),
            Err(error) => Err(invalid_id_token().with_source(error)),
        }
    }

    /// Checks signature, issuer, audience and times. Answers the issuer's name as well.
    async fn verify<C: DeserializeOwned>(
        &self,
        token: &str,
        audience: Option<&str>,
    ) -> Result<(String, C)> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Error::invalid_token("The token is too long."));
        }
        // Unknown algorithms, `none` among them, fail here.
        let header = decode_header(token).map_err(|_| unreadable())?;
        if !matches!(header.alg, Algorithm::RS256 | Algorithm::ES256) {
            return Err(Error::invalid_token("The token is not signed with RS256 or ES256."));
        }
        let is_jwt = header.typ.as_deref().is_none_or(|name| {
            let short = name.strip_prefix("application/").unwrap_or(name);
            short.eq_ignore_ascii_case("JWT") || short.eq_ignore_ascii_case("at+jwt")
        });
        if !is_jwt {
            return Err(Error::invalid_token("The token is not an access token."));
        }
        let kid = header.kid.as_deref();
        let keys = self.keys.with(kid, header.alg).await?;
        let key = keys
            .find(kid, header.alg)
            .ok_or_else(|| Error::invalid_token("The token is signed with an unknown key."))?;
        let mut validation = Validation::new(header.alg);
        validation.leeway = LEEWAY.as_secs();
        validation.validate_nbf = true;
        validation.set_issuer(&[&keys.issuer]);
        validation.set_required_spec_claims(&["exp", "iss", "sub"]);
        match audience {
            Some(audience) => {
                validation.set_audience(&[audience]);
                validation.set_required_spec_claims(&["exp", "iss", "sub", "aud"]);
            }
            None => validation.validate_aud = false,
        }
        let data =
            decode::<C>(token, &key.decoding, &validation).map_err(|error| refused(&error))?;
        Ok((keys.issuer.clone(), data.claims))
    }
}

fn unreadable() -> Error {
    Error::invalid_token("The token cannot be read.")
}
