//! Issuing a token.

use std::sync::Arc;
use std::time::Instant;

use jsonwebtoken::{Algorithm, Header};
use secrecy::ExposeSecret;
use serde::Serialize;
use steward_kernel::{Error, Result, time};

use super::limiter::Limiter;
use super::model::{
    ACCESS_TOKEN_LIFETIME, ACCESS_TOKEN_TYPE, AccessClaims, Credentials, Grant, Holder, IdClaims,
    IssuedToken, SIGN_IN, Scopes, Subject, TokenRequest, USER_TOKEN_LIFETIME, UserToken,
    invalid_credentials, invalid_grant, too_many_attempts,
};
use super::repository;
use crate::App;
use crate::changes::Origin;
use crate::clients::Secrets;
use crate::keys::{self, KeyRing, SigningKey};
use crate::sessions::{self, Session, SignedIn};
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

/// Issues a token to whoever proves who they are.
pub(super) async fn create(
    app: &App,
    issuer: &Issuer,
    origin: Origin<'_>,
    request: TokenRequest,
) -> Result<IssuedToken> {
    let TokenRequest { grant, scopes } = request;
    match grant {
        Grant::Client(credentials) => of_client(issuer, credentials, scopes).await,
        Grant::Password(asked) => {
            let signed_in = sessions::sign_in(app, issuer, asked).await.map_err(invalid_grant)?;
            of_user(issuer, signed_in, scopes).await
        }
        Grant::Refresh(token) => {
            let refreshed = sessions::refresh(app, issuer, origin, None, &token).await;
            of_user(issuer, refreshed.map_err(invalid_grant)?, scopes).await
        }
    }
}

/// What a user is answered who signed in.
async fn of_user(issuer: &Issuer, signed_in: SignedIn, scopes: Scopes) -> Result<IssuedToken> {
    let SignedIn { user, access_token, refresh_token, .. } = signed_in;
    let id_token = match scopes.openid {
        true => Some(issuer.id_token_of(&user).await?),
        false => None,
    };
    Ok(IssuedToken {
        access_token: access_token.expose_secret().to_owned(),
        id_token,
        scopes: Scopes { api: true, ..scopes },
        lifetime: USER_TOKEN_LIFETIME,
        refresh_token: Some(refresh_token),
    })
}

async fn of_client(
    issuer: &Issuer,
    credentials: Credentials,
    scopes: Scopes,
) -> Result<IssuedToken> {
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
        let User { id, role, profile, .. } = *user;
        let holder = Holder::User { id, role, profile, session: session.id };
        let subject = Subject { tenant: user.tenant, family: user.family, holder };
        let scopes = Scopes { openid: false, api: true };
        let issued = self.sign(&kid, subject, scopes).await?;
        let access_token = issued.access_token.into();
        Ok(UserToken { access_token, expires_at: time::now() + USER_TOKEN_LIFETIME })
    }

    /// Makes an ID token of a user, for the program that asked for it.
    async fn id_token_of(&self, user: &User) -> Result<String> {
        let kid = keys::newest(&*self.app.database.read_platform().await?).await?;
        self.catch_up(&kid).await?;
        let keys = self.ring.current();
        let key = keys.find(&kid).ok_or_else(no_key)?;
        let iat = time::now().as_second();
        let claims = IdClaims {
            iss: &self.settings.issuer,
            aud: SIGN_IN,
            sub: &user.id.to_string(),
            tenant_id: &user.tenant.to_string(),
            iat,
            exp: iat.saturating_add_unsigned(USER_TOKEN_LIFETIME.as_secs()),
        };
        encode(key, "JWT", &claims)
    }

    /// Signs with the key of which another server may have made the newest.
    async fn sign(&self, kid: &str, subject: Subject<'_>, scopes: Scopes) -> Result<IssuedToken> {
        self.catch_up(kid).await?;
        let keys = self.ring.current();
        sign(&self.settings, keys.find(kid).ok_or_else(no_key)?, subject, scopes)
    }

    /// Makes sure that a key is known which another server may just have made.
    async fn catch_up(&self, kid: &str) -> Result<()> {
        if self.ring.current().find(kid).is_none() {
            self.ring.catch_up(Instant::now()).await?;
        }
        Ok(())
    }
}

fn no_key() -> Error {
    Error::internal("the newest key is not there")
}

/// Makes the tokens.
pub(super) fn sign(
    settings: &Settings,
    key: &SigningKey,
    subject: Subject<'_>,
    scopes: Scopes,
) -> Result<IssuedToken> {
    let (sub, client_id, role, pid, sid, lifetime) = match subject.holder {
        Holder::Client(id) => (id.to_owned(), id, None, None, None, ACCESS_TOKEN_LIFETIME),
        Holder::User { id, role, profile, session } => {
            let (role, sid) = (role.name().to_owned(), session.to_string());
            let pid = profile.map(|id| id.to_string());
            (id.to_string(), SIGN_IN, Some(role), pid, Some(sid), USER_TOKEN_LIFETIME)
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
        tid: tenant_id.clone(),
        tenant_id,
        family: subject.family.name().to_owned(),
        scope: scopes.to_string(),
        role,
        pid,
        sid,
        iat,
        exp,
        jti: crate::random::text(16),
    };
    let access_token = encode(key, ACCESS_TOKEN_TYPE, &access)?;
    Ok(IssuedToken { access_token, id_token, scopes, lifetime, refresh_token: None })
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
    let credentials = Credentials { client_id: client_id.to_owned(), secret: secret.clone() };
    let scopes = Scopes { openid: false, api: true };
    let request = TokenRequest { grant: Grant::Client(credentials), scopes };
    let origin = Origin { rpc: "test", request_id: "test" };
    create(&issuer.app, issuer, origin, request).await.map(|issued| issued.access_token)
}
