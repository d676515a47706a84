//! Signing in, and staying signed in.

use secrecy::SecretString;
use serde_json::json;
use steward_database::{Key, Transaction};
use steward_kernel::{Error, Family, Kind, Result, TenantId, User as Caller, time};
use steward_transport::changes::Event;

use super::attempts;
use super::model::{
    Found, REFRESH_TOKEN_LIFETIME, Session, SignedIn, TokenHash, invalid_credentials,
    new_refresh_token, refresh_invalid, refresh_reused,
};
use super::repository;
use crate::changes::{self, Origin};
use crate::events;
use crate::mail::{self, Language, Mail, Template};
use crate::tokens::Issuer;
use crate::users::{self, Named, User, folded_username, verify_password};
use crate::{App, tenants};

/// What a user is told whose refresh token came a second time.
const REUSED: Template = crate::mail_template!("templates/reused");

/// What whoever signs in says.
#[derive(Debug)]
pub struct SignIn {
    /// In any letter case.
    pub username: String,
    /// The password.
    pub password: SecretString,
    /// The tenant, for whoever has accounts of the same name with several.
    pub tenant: Option<TenantId>,
    /// The family whose tenants are meant; absent for all.
    pub family: Option<Family>,
}

/// Signs a user in.
///
/// # Errors
/// UNAUTHENTICATED (`INVALID_CREDENTIALS`) when name and password do not fit, in the same time
/// whether the name exists or not; RESOURCE_EXHAUSTED (`TOO_MANY_ATTEMPTS`) for 15 minutes after
/// five failures; PERMISSION_DENIED (`ACCOUNT_INACTIVE`) for a user who may not;
/// FAILED_PRECONDITION (`TENANT_REQUIRED`) when they fit users of several tenants, which are
/// listed in the metadata `tenants` as JSON: `[{"id": 1, "name": "Acme"}]`.
pub async fn sign_in(app: &App, issuer: &Issuer, sign_in: SignIn) -> Result<SignedIn> {
    let SignIn { username, password, tenant, family } = sign_in;
    let folded = folded_username(&username);
    let attempt = attempts::begin(app, &folded).await?;
    let mut candidates = {
        let tx = app.database.read_by(Key::Username(&folded)).await?;
        users::named(&tx, &folded, Named::Username).await?
    };
    candidates.retain(|(user, _)| {
        tenant.is_none_or(|tenant| user.tenant == tenant)
            && family.is_none_or(|family| user.family == family)
    });
    let mut fitting = Vec::new();
    if candidates.is_empty() {
        verify_password(None, &password).await?;
    }
    for (user, tenant_name) in candidates {
        if verify_password(user.password.as_ref(), &password).await? {
            fitting.push((user, tenant_name));
        }
    }
    if fitting.is_empty() {
        return Err(invalid_credentials());
    }
    attempt.succeeded(app).await?;
    fitting.retain(|(user, _)| user.is_active);
    if fitting.len() > 1 {
        return Err(tenant_required(&fitting));
    }
    let (user, _) = fitting.pop().ok_or_else(Error::account_inactive)?;
    let (user, started) = {
        let user = &user;
        app.database
            .transaction(user.tenant, |tx| async move {
                let mut user = user.clone();
                let started = start(&tx, &mut user).await?;
                Ok((user, started))
            })
            .await?
    };
    handed(app, issuer, user, started).await
}

/// A session that was started, and what it is refreshed with.
pub struct Started {
    session: Session,
    refresh_token: RefreshToken,
}

/// A refresh token, and when it expires.
type RefreshToken = (SecretString, time::Timestamp);

/// Starts a session of a user who proved who they are, within a transaction of their tenant, which
/// may be the one that makes the user; [`handed`] makes the tokens once it is committed.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn start(tx: &Transaction, user: &mut User) -> Result<Started> {
    let session = repository::insert(tx, user.tenant, user.id).await?;
    users::signed_in(tx, user).await?;
    Ok(Started { session, refresh_token: next_token(tx, user.tenant, session).await? })
}

async fn next_token(tx: &Transaction, tenant: TenantId, session: Session) -> Result<RefreshToken> {
    let token = new_refresh_token();
    let expires_at = (time::now() + REFRESH_TOKEN_LIFETIME).min(session.expires_at);
    let hash = TokenHash::of(&token);
    repository::insert_token(tx, tenant, session.id, hash, expires_at).await?;
    Ok((token, expires_at))
}

/// Makes the tokens of a session. Where nothing was written, they are empty: nobody could end a
/// session that is not there.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn handed(app: &App, issuer: &Issuer, user: User, started: Started) -> Result<SignedIn> {
    let Started { session, refresh_token: (refresh_token, refresh_expires_at) } = started;
    let token = issuer.token_of(&user, session).await?;
    let shown = |token| if app.database.is_trial() { SecretString::default() } else { token };
    Ok(SignedIn {
        user,
        session,
        access_token: shown(token.access_token),
        expires_at: token.expires_at,
        refresh_token: shown(refresh_token),
        refresh_expires_at,
    })
}

/// What comes of a refresh token.
enum Outcome {
    Refreshed(Box<User>, Started),
    Inactive,
    Invalid,
    Reused,
}

/// Makes the next pair of tokens of a session of `family`'s tenants, or of any. A refresh token
/// that was used before ends its session; the user is told by mail, and the audit trail keeps it.
///
/// # Errors
/// UNAUTHENTICATED: `REFRESH_INVALID` for an unknown or expired token, and when the session has
/// ended; `REFRESH_REUSED` for one that was used before. PERMISSION_DENIED (`ACCOUNT_INACTIVE`)
/// for a user who may not sign in.
pub async fn refresh(
    app: &App,
    issuer: &Issuer,
    origin: Origin<'_>,
    family: Option<Family>,
    token: &SecretString,
) -> Result<SignedIn> {
    let hash = TokenHash::of(token);
    let tenant = {
        let tx = app.database.read_by(Key::RefreshToken(&hash.0)).await?;
        repository::tenant_of(&tx, hash).await?.ok_or_else(refresh_invalid)?
    };
    let outcome = app
        .database
        .transaction(tenant, |tx| async move {
            let found = repository::lock_token(&tx, tenant, hash).await?;
            let Some(found) = found else { return Ok(Outcome::Invalid) };
            let user = users::get(&tx, found.user).await?;
            if family.is_some_and(|family| family != user.family) {
                return Ok(Outcome::Invalid);
            }
            if found.was_used {
                end_reused(&tx, origin, &user, found).await?;
                return Ok(Outcome::Reused);
            }
            let now = time::now();
            let is_over = found.expires_at <= now || found.session.expires_at <= now;
            if found.session_ended || is_over {
                return Ok(Outcome::Invalid);
            }
            if !user.is_active {
                return Ok(Outcome::Inactive);
            }
            repository::use_token(&tx, tenant, hash).await?;
            let refresh_token = next_token(&tx, tenant, found.session).await?;
            let next = Started { session: found.session, refresh_token };
            Ok(Outcome::Refreshed(Box::new(user), next))
        })
        .await?;
    match outcome {
        Outcome::Refreshed(user, next) => handed(app, issuer, *user, next).await,
        Outcome::Inactive => Err(Error::account_inactive()),
        Outcome::Invalid => Err(refresh_invalid()),
        Outcome::Reused => Err(refresh_reused()),
    }
}

/// Ends the session of a refresh token that came a second time, once.
async fn end_reused(tx: &Transaction, origin: Origin<'_>, user: &User, found: Found) -> Result<()> {
    if !repository::end(tx, user.tenant, found.session.id).await? {
        return Ok(());
    }
    if let Some(email) = &user.email {
        let mail = Mail {
            to: email,
            language: Language::of_tag(user.locale.as_deref().unwrap_or_default()),
            template: &REUSED,
            values: json!({
                "name": if user.name.is_empty() { &user.username } else { &user.name },
                "business": tenants::name(tx, user.tenant).await?,
            }),
            reply_to: None,
        };
        mail::send(tx, user.tenant, mail).await?;
    }
    let (id, user_id) = (found.session.id.to_string(), user.id.to_string());
    let resource = json!({"id": id, "userId": user_id, "reason": "refresh_reused"});
    let event = Event {
        event_type: events::SESSION_REVOKED,
        resource_type: "session",
        resource_id: id,
        before: Some(resource.to_string().into_bytes()),
        after: None,
    };
    changes::note(tx, &Caller::caller_name(user.id), origin, event).await
}

fn tenant_required(fitting: &[(User, String)]) -> Error {
    let tenants: Vec<_> =
        fitting.iter().map(|(user, name)| json!({"id": user.tenant.0, "name": name})).collect();
    let message = "Name and password fit accounts with several tenants. Please say which.";
    Error::new(Kind::FailedPrecondition, "TENANT_REQUIRED", message)
        .with_metadata("tenants", serde_json::Value::from(tenants).to_string())
}
