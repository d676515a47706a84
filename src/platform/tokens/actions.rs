//! Issuing a token.

use std::sync::Arc;
use std::time::Instant;

use jsonwebtoken::{Algorithm, Header};
use serde::Serialize;
use steward_kernel::{Error, Result, time};

use super::limiter::Limiter;
use super::model::{
    ACCESS_TOKEN_LIFETIME, ACCESS_TOKEN_TYPE, AccessClaims, Holder, IdClaims, IssuedToken, SIGN_IN,
    Scopes, Subject, TokenRequest, USER_TOKEN_LIFETIME, UserToken, invalid_credentials,
    too_many_attempts,
};
use super::repository;
use crate::App;
use crate::clients::Secrets;
use crate::keys::{self, KeyRing, SigningKey};
use crate::sessions::Session;
use crate::users::User;

/// What tokens say about their origin and use.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The public URL of this installation, without a slash at the end: claim `iss`.
    pub issuer: String,
    /// Whether the issuer was chosen by the operator and not made from the address the server
    /// listens on. Only then is the claim compared, because servers of one installation may
    /// listen on different addresses, and nobody else has the keys.
    pub issuer_is_public: bool,
    /// Who tokens are meant for: claim `aud`.
    pub audience: String,
}

/// Issues tokens to clients that know their secret, and to users who signed in.
pub struct Issuer {
    pub(super) app: App,
    pub(super) ring: Arc<KeyRing>,
    pub(super) settings: Settings,
    limiter: Limiter,
}

impl Issuer {
    /// An issuer that signs with the newest key of `ring`.
    #[must_use]
    pub fn new(app: App, ring: Arc<KeyRing>, settings: Settings) -> Self {
        Self { app, ring, settings, limiter: Limiter::new() }
    }

    #[cfg(test)]
    pub(crate) fn ring(&self) -> &KeyRing {
        &self.ring
    }
}

/// Issues a token to a client that proves who it is.
pub(super) async fn create(issuer: &Issuer, request: TokenRequest) -> Result<IssuedToken> {
    let TokenRequest { credentials, scopes } = request;
    if !credentials.is_plausible() {
        return Err(invalid_credentials());
    }
    let client_id = credentials.client_id.as_str();
    let (client, kid) = repository::find_client_and_key(&issuer.app, client_id).await?;
    // A client that does not exist costs the same comparison, so that time tells nothing.
    let nobody = Secrets::nobody();
    let secrets = client.as_ref().map_or(&nobody, |client| &client.secrets);
    let known = secrets.include(&credentials.secret);
    let Some(client) = client.filter(|client| known && !client.disabled) else {
        // Only who is wrong is told to wait: a client with its secret cannot be locked out by
        // somebody who knows its id.
        if let Some(wait) = issuer.limiter.blocked(client_id, Instant::now()) {
            return Err(too_many_attempts(wait));
        }
        issuer.limiter.record(client_id, Instant::now());
        return Err(invalid_credentials());
    };

    let subject =
        Subject { tenant: client.tenant, family: client.family, holder: Holder::Client(client_id) };
    issuer.sign(&kid, subject, scopes).await
}

impl Issuer {
    /// Makes a token of a user in a session, valid for [`USER_TOKEN_LIFETIME`] and no longer than
    /// the session.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub async fn token_of(&self, user: &User, session: Session) -> Result<UserToken> {
        let kid = keys::newest(&*self.app.database.read_platform().await?).await?;
        let holder = Holder::User { id: user.id, role: user.role, session: session.id };
        let subject = Subject { tenant: user.tenant, family: user.family, holder };
        let scopes = Scopes { openid: false, api: true };
        let issued = self.sign(&kid, subject, scopes).await?;
        let access_token = issued.access_token.into();
        Ok(UserToken { access_token, expires_at: time::now() + USER_TOKEN_LIFETIME })
    }

    /// Signs with the key of which another server may have made the newest.
    async fn sign(&self, kid: &str, subject: Subject<'_>, scopes: Scopes) -> Result<IssuedToken> {
        if self.ring.current().find(kid).is_none() {
            self.ring.catch_up(Instant::now()).await?;
        }
        let keys = self.ring.current();
        let key = keys.find(kid).ok_or_else(|| Error::internal("the newest key is not there"))?;
        sign(&self.settings, key, subject, scopes)
    }
}

/// Makes the tokens.
pub(super) fn sign(
    settings: &Settings,
    key: &SigningKey,
    subject: Subject<'_>,
    scopes: Scopes,
) -> Result<IssuedToken> {
    let (sub, client_id, role, sid, lifetime) = match subject.holder {
        Holder::Client(id) => (id.to_owned(), id, None, None, ACCESS_TOKEN_LIFETIME),
        Holder::User { id, role, session } => {
            let (role, sid) = (role.name().to_owned(), session.to_string());
            (id.to_string(), SIGN_IN, Some(role), Some(sid), USER_TOKEN_LIFETIME)
        }
    };
    let iat = time::now().as_second();
    let exp = iat.saturating_add_unsigned(lifetime.as_secs());
    let tenant_id = subject.tenant.to_string();
    let identity = IdClaims {
        iss: &settings.issuer,
        aud: client_id,
        sub: &sub,
        tenant_id: &tenant_id,
        iat,
        exp,
    };
    let id_token = scopes.openid.then(|| encode(key, "JWT", &identity)).transpose()?;
    let access = AccessClaims {
        iss: settings.issuer.clone(),
        aud: settings.audience.clone(),
        sub,
        client_id: client_id.to_owned(),
        tenant_id,
        family: subject.family.name().to_owned(),
        scope: scopes.to_string(),
        role,
        sid,
        iat,
        exp,
        jti: crate::random::text(16),
    };
    let access_token = encode(key, ACCESS_TOKEN_TYPE, &access)?;
    Ok(IssuedToken { access_token, id_token, scopes })
}

fn encode(key: &SigningKey, token_type: &str, claims: &impl Serialize) -> Result<String> {
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(key.kid.clone());
    header.typ = Some(token_type.to_owned());
    jsonwebtoken::encode(&header, claims, &key.encoding).map_err(Error::internal)
}

/// Asks for an access token as a client would, for the tests of other modules.
#[cfg(test)]
pub(crate) async fn request_token(
    issuer: &Issuer,
    client_id: &str,
    secret: &secrecy::SecretString,
) -> Result<String> {
    let credentials =
        super::model::Credentials { client_id: client_id.to_owned(), secret: secret.clone() };
    let scopes = Scopes { openid: false, api: true };
    create(issuer, TokenRequest { credentials, scopes }).await.map(|issued| issued.access_token)
}
