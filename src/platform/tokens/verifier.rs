//! Verifying a token.

use std::sync::Arc;
use std::time::Instant;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;
use steward_database::Database;
use steward_kernel::{Error, Family, Principal, Result, Role, TenantId, time};
use steward_transport::auth::{Authenticator, Credentials, Linked, Purpose};

use super::Settings;
use super::model::{ACCESS_TOKEN_TYPE, AccessClaims, LEEWAY};
use crate::keys::{KeyRing, KeySet, Verified};
use crate::links::{self, Entrance, PersonalLink, Signer};
use crate::oidc::{Provider, invalid_id_token};
use crate::sessions::Ended;
use crate::tenants::{self, Suspended};

/// Longest token that is looked at. Ours are about half a kilobyte.
const MAX_TOKEN_BYTES: usize = 4096;

/// The scope that opens the APIs.
pub const API: &str = "api";

/// What the permissions of all families' tenants begin with.
const PLATFORM: &str = "platform";

/// Verifies access tokens, and links that open RPCs.
///
/// The signature is trusted for what the claims say: whether a client was disabled since is not
/// looked up, so its token works until it expires. A user's token ends with its session.
pub struct Verifier {
    database: Database,
    ring: Arc<KeyRing>,
    ended: Arc<Ended>,
    /// The tenants that may change nothing.
    suspended: Option<Arc<Suspended>>,
    /// The other issuer, if there is one.
    provider: Option<Provider>,
    validation: Validation,
}

impl Verifier {
    /// A verifier for tokens and links of this installation.
    #[must_use]
    pub fn new(
        database: Database,
        ring: Arc<KeyRing>,
        ended: Arc<Ended>,
        settings: &Settings,
    ) -> Self {
        let validation = validation(settings);
        Self { database, ring, ended, suspended: None, provider: None, validation }
    }

    /// The same verifier, which takes the tokens of another issuer as well.
    #[must_use]
    pub fn with_provider(self, provider: Option<Provider>) -> Self {
        Self { provider, ..self }
    }

    /// The same verifier, which knows whom the operator has suspended.
    #[must_use]
    pub fn with_suspended(self, suspended: Arc<Suspended>) -> Self {
        Self { suspended: Some(suspended), ..self }
    }
}

impl Verifier {
    /// Passes a caller on whose session has not ended.
    fn unended(&self, principal: &Arc<Principal>) -> Result<Arc<Principal>> {
        let session = principal.user.and_then(|user| user.session);
        if session.is_some_and(|session| self.ended.includes(session)) {
            return Err(Error::invalid_token("The session of the token has ended."));
        }
        Ok(Arc::clone(principal))
    }
}

impl Verifier {
    /// Passes a caller on who shows no ID token, or one of their own. It says nothing that is not
    /// known here.
    fn same_person(
        &self,
        principal: Arc<Principal>,
        id_token: Option<&str>,
    ) -> Result<Arc<Principal>> {
        let Some(id_token) = id_token else { return Ok(principal) };
        let header = decode_header(id_token).map_err(|_| invalid_id_token())?;
        let keys = self.ring.current();
        let key = header.kid.as_deref().and_then(|kid| keys.find(kid));
        let mut validation = self.validation.clone();
        // Whom it is meant for is the program the person signed in with.
        validation.validate_aud = false;
        let key = key.ok_or_else(invalid_id_token)?;
        let claims = decode::<Subject>(id_token, &key.decoding, &validation);
        let subject = claims.map_err(|_| invalid_id_token())?.claims.sub;
        let is_same = match principal.user {
            Some(user) => subject == user.id.to_string(),
            None => subject == principal.client_id,
        };
        if is_same { Ok(principal) } else { Err(invalid_id_token()) }
    }
}

/// Whom a token is about.
#[derive(Deserialize)]
struct Subject {
    sub: String,
}

impl Authenticator for Verifier {
    fn authenticate<'a>(
        &'a self,
        credentials: Credentials<'a>,
    ) -> BoxFuture<'a, Result<Arc<Principal>>> {
        let Credentials { token, id_token, opens_account: _ } = credentials;
        // A token that was seen before costs no cryptography and no task switch.
        let keys = self.ring.current();
        if let Some(known) = keys.verified.get(token) {
            let result = unexpired(&known).and_then(|()| self.unended(&known.principal));
            let result = result.and_then(|principal| self.same_person(principal, id_token));
            return std::future::ready(result).boxed();
        }
        drop(keys);
        if let Some(provider) = self.provider.as_ref().filter(|provider| provider.claims(token)) {
            return provider.authenticate(credentials).boxed();
        }
        async move {
            let kid = key_id(token)?;
            if self.ring.current().find(&kid).is_none() {
                // A key made by another server, or a forgery.
                self.ring.catch_up(Instant::now()).await?;
            }
            let principal = verify(&self.ring.current(), &self.validation, &kid, token)?;
            self.same_person(self.unended(&principal)?, id_token)
        }
        .boxed()
    }

    fn follow<'a>(
        &'a self,
        family: Family,
        purpose: Purpose,
        link: &'a str,
    ) -> BoxFuture<'a, Result<Linked>> {
        async move {
            let signer = Signer::open(&self.database).await?;
            // A name that no client has. Of its own for each resource and person, so that people
            // whose programs use the same idempotency key do not get in each other's way.
            let (tenant, id, client_id) = match purpose {
                Purpose::Service(service) => {
                    let Entrance { tenant, id, .. } =
                        signer.enter(service, link).ok_or_else(links::not_found)?;
                    (tenant, id, format!("link:{id}"))
                }
                Purpose::Personal(purpose) => {
                    let PersonalLink { tenant, id, user, .. } = signer.follow(purpose, link)?;
                    (tenant, id, format!("link:{id}:{user}"))
                }
            };
            let principal = Principal { tenant, family, client_id, scopes: Vec::new(), user: None };
            Ok(Linked { principal: Arc::new(principal), id })
        }
        .boxed()
    }

    fn anybody(&self, family: Family, tenant: TenantId) -> BoxFuture<'_, Result<Arc<Principal>>> {
        async move {
            let tx = self.database.read_platform().await?;
            let found = tenants::find(&tx, tenant).await?;
            if found.family != family {
                return Err(Error::not_found("Tenant", tenant));
            }
            let client_id = Principal::ANYBODY.to_owned();
            let (scopes, user) = (Vec::new(), None);
            Ok(Arc::new(Principal { tenant, family, client_id, scopes, user }))
        }
        .boxed()
    }

    fn is_suspended(&self, tenant: TenantId) -> bool {
        self.suspended.as_ref().is_some_and(|suspended| suspended.includes(tenant))
    }

    fn permits(&self, principal: &Principal, permission: &str, roles: &[Role]) -> bool {
        let beginning = permission.split('.').next().unwrap_or_default();
        let in_reach = beginning == principal.family.name() || beginning == PLATFORM;
        let has_role = principal.user.is_none_or(|user| roles.contains(&user.role));
        in_reach && has_role && principal.scopes.iter().any(|scope| scope == API)
    }
}

fn validation(settings: &Settings) -> Validation {
    let mut validation = Validation::new(Algorithm::ES256);
    validation.leeway = LEEWAY.as_secs();
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    validation.set_audience(&[&settings.audience]);
    if settings.issuer_is_public {
        validation.set_issuer(&[&settings.issuer]);
    }
    validation
}

/// The key a token says it is signed with, after a look at everything in its header.
fn key_id(token: &str) -> Result<String> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Error::invalid_token("The token is too long."));
    }
    // Unknown algorithms, `none` among them, fail here.
    let header = decode_header(token).map_err(|_| unreadable())?;
    if header.alg != Algorithm::ES256 {
        return Err(Error::invalid_token("The token is not signed with ES256."));
    }
    let is_access_token = header.typ.is_some_and(|name| {
        // RFC 9068 allows the long form too.
        let short = name.strip_prefix("application/").unwrap_or(&name);
        short.eq_ignore_ascii_case(ACCESS_TOKEN_TYPE)
    });
    if !is_access_token {
        return Err(Error::invalid_token("The token is not an access token."));
    }
    header.kid.ok_or_else(|| Error::invalid_token("The token names no key."))
}

/// Checks signature and claims, and remembers a good token.
fn verify(
    keys: &KeySet,
    validation: &Validation,
    kid: &str,
    token: &str,
) -> Result<Arc<Principal>> {
    let key = keys
        .find(kid)
        .ok_or_else(|| Error::invalid_token("The token is signed with an unknown key."))?;
    let claims = decode::<AccessClaims>(token, &key.decoding, validation)
        .map_err(|error| refused(&error))?
        .claims;
    let expires_at = claims.exp;
    let principal = Arc::new(claims.principal().ok_or_else(unreadable)?);
    let verified = Verified { principal: Arc::clone(&principal), expires_at };
    keys.verified.insert(token.into(), Arc::new(verified));
    Ok(principal)
}

fn unexpired(known: &Verified) -> Result<()> {
    let latest = known.expires_at.saturating_add_unsigned(LEEWAY.as_secs());
    if time::now().as_second() > latest {
        return Err(Error::token_expired());
    }
    Ok(())
}

/// What is wrong with a token that the library refused.
pub(crate) fn refused(error: &jsonwebtoken::errors::Error) -> Error {
    use jsonwebtoken::errors::ErrorKind;

    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
    Error::invalid_token(match error.kind() {
        ErrorKind::ExpiredSignature => return Error::token_expired(),
        ErrorKind::InvalidAudience => "The token is meant for another audience.",
        ErrorKind::InvalidIssuer => "The token is from another issuer.",
        ErrorKind::InvalidSignature => "The signature of the token is wrong.",
        _ => "The token cannot be read.",
    })
}

fn unreadable() -> Error {
    Error::invalid_token("The token cannot be read.")
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::{Value, json};
    use steward_kernel::User;

    use super::*;
    use crate::keys::{SigningKey, StoredKey};
    use crate::tokens::actions::sign;
    use crate::tokens::model::{Holder, IssuedToken, Scopes, Subject};

    /// A server with one key.
    struct House {
        settings: Settings,
        keys: KeySet,
    }

    impl House {
        fn new() -> Result<Self> {
            let settings = Settings {
                issuer: "https://steward.example".to_owned(),
                issuer_is_public: true,
                audience: "steward".to_owned(),
            };
            let keys = KeySet::new(vec![SigningKey::read(&StoredKey::generate()?)?]);
            Ok(Self { settings, keys })
        }

        fn key(&self) -> &SigningKey {
            self.keys.living().next().expect("one key")
        }

        fn issue(&self) -> Result<IssuedToken> {
            self.issue_to(Family::Facilities, Holder::Client("a-client"))
        }

        fn issue_to(&self, family: Family, holder: Holder<'_>) -> Result<IssuedToken> {
            let scopes = Scopes { openid: true, api: true };
            let subject = Subject { tenant: TenantId(7), family, holder };
            sign(&self.settings, self.key(), subject, scopes)
        }

        /// A token as ours, after `change` had its way with header and claims.
        fn forge(&self, change: impl Fn(&mut Header, &mut Value)) -> String {
            self.forge_with(&self.key().encoding, change)
        }

        fn forge_with(
            &self,
            key: &EncodingKey,
            change: impl Fn(&mut Header, &mut Value),
        ) -> String {
            let mut header = Header::new(Algorithm::ES256);
            header.kid = Some(self.key().kid.clone());
            header.typ = Some(ACCESS_TOKEN_TYPE.to_owned());
            let now = time::now().as_second();
            let mut claims = json!({
                "iss": "https://steward.example", "aud": "steward", "sub": "a-client",
                "client_id": "a-client", "tenantId": "7", "scope": "openid api",
                "iat": now, "exp": now + 1800, "jti": "1",
            });
            change(&mut header, &mut claims);
            encode(&header, &claims, key).expect("a key that fits")
        }

        fn verify(&self, token: &str) -> Result<Arc<Principal>> {
            verify(&self.keys, &validation(&self.settings), &key_id(token)?, token)
        }

        fn refusal(&self, token: &str) -> String {
            self.verify(token).expect_err("refused").message().to_owned()
        }
    }

    #[test]
    fn takes_its_own_tokens() -> Result<()> {
        let house = House::new()?;
        let principal = house.verify(&house.issue()?.access_token)?;
        assert_eq!(principal.tenant, TenantId(7));
        assert_eq!(principal.client_id, "a-client");
        assert_eq!(principal.scopes, ["openid", "api"]);
        // The forgeries below differ from a good token in what they change alone.
        assert!(house.verify(&house.forge(|_, _| {})).is_ok());
        Ok(())
    }

    #[test]
    fn takes_the_tokens_of_users() -> Result<()> {
        let house = House::new()?;
        let holder = Holder::User { id: 5, role: Role::Cleaner, profile: None, session: 12 };
        let token = house.issue_to(Family::Cleaning, holder)?.access_token;
        let principal = house.verify(&token)?;
        assert_eq!((principal.tenant, principal.family), (TenantId(7), Family::Cleaning));
        assert_eq!(principal.client_id, "user:5");
        let user = User { id: 5, role: Role::Cleaner, session: Some(12) };
        assert_eq!(principal.user, Some(user));
        // A token of the time when there was one family.
        let old = house.verify(&house.forge(|_, _| {}))?;
        assert_eq!((old.family, old.user), (Family::Facilities, None));
        for (role, sid, sub, family) in [
            ("cleaner", json!(null), "5", "cleaning"),
            ("cleaner", json!("x"), "5", "cleaning"),
            ("king", json!("12"), "5", "cleaning"),
            ("cleaner", json!("12"), "a-client", "cleaning"),
            ("cleaner", json!("12"), "5", "gardening"),
        ] {
            let forged = house.forge(|_, claims| {
                claims["role"] = json!(role);
                claims["sid"] = sid.clone();
                claims["sub"] = json!(sub);
                claims["family"] = json!(family);
            });
            assert_eq!(house.refusal(&forged), "The token cannot be read.", "{role} {sid} {sub}");
        }
        Ok(())
    }

    #[test]
    fn refuses_claims_of_others() -> Result<()> {
        let house = House::new()?;
        let now = time::now().as_second();
        let with =
            |name: &str, value: Value| house.refusal(&house.forge(|_, c| c[name] = value.clone()));
        assert_eq!(with("aud", json!("other")), "The token is meant for another audience.");
        assert_eq!(with("iss", json!("https://evil.example")), "The token is from another issuer.");
        assert_eq!(with("exp", json!(now - 6)), "The token is expired.");
        assert_eq!(with("tenantId", json!("7 or 8")), "The token cannot be read.");
        for name in ["iss", "aud", "sub", "exp", "tenantId", "scope"] {
            let without = |_: &mut Header, claims: &mut Value| {
                claims.as_object_mut().expect("claims").remove(name);
            };
            assert!(house.verify(&house.forge(without)).is_err(), "{name}");
        }
        // A clock may be a little slow.
        assert!(house.verify(&house.forge(|_, claims| claims["exp"] = json!(now - 3))).is_ok());
        Ok(())
    }

    #[test]
    fn refuses_other_kinds_of_tokens() -> Result<()> {
        let house = House::new()?;
        let id_token = house.issue()?.id_token.expect("asked for");
        assert_eq!(house.refusal(&id_token), "The token is not an access token.");
        for typ in [None, Some("JWT".to_owned())] {
            let token = house.forge(|header, _| header.typ.clone_from(&typ));
            assert_eq!(house.refusal(&token), "The token is not an access token.");
        }
        assert!(
            house
                .verify(
                    &house.forge(|header, _| header.typ = Some("application/at+jwt".to_owned()))
                )
                .is_ok()
        );
        Ok(())
    }

    #[test]
    fn refuses_forged_signatures() -> Result<()> {
        let house = House::new()?;
        let stranger = House::new()?;
        let forged = house.forge_with(&stranger.key().encoding, |_, _| {});
        assert_eq!(house.refusal(&forged), "The signature of the token is wrong.");
        let unknown = stranger.issue()?.access_token;
        assert_eq!(house.refusal(&unknown), "The token is signed with an unknown key.");
        let nameless = house.forge(|header, _| header.kid = None);
        assert_eq!(house.refusal(&nameless), "The token names no key.");

        // Any change to a good token breaks it, the signature's last bits included.
        let good = house.issue()?.access_token;
        let (head, rest) = good.split_once('.').expect("three parts");
        let (_, signature) = rest.split_once('.').expect("three parts");
        let claims = URL_SAFE_NO_PAD.encode(
            json!({"iss": "https://steward.example", "aud": "steward", "sub": "x",
                "client_id": "x", "tenantId": "8", "scope": "api", "iat": 0, "exp": 9_999_999_999_i64,
                "jti": "1"})
            .to_string(),
        );
        assert!(house.verify(&format!("{head}.{claims}.{signature}")).is_err());
        assert!(house.verify(&good[..good.len() - 1]).is_err());
        Ok(())
    }

    #[test]
    fn refuses_other_algorithms() -> Result<()> {
        let house = House::new()?;
        // The public key as the secret of HS256, in the forms a forger has.
        let public = serde_json::to_string(&house.key().jwk).map_err(Error::internal)?;
        let symmetric = EncodingKey::from_secret(public.as_bytes());
        let token = house.forge_with(&symmetric, |header, _| header.alg = Algorithm::HS256);
        assert_eq!(house.refusal(&token), "The token is not signed with ES256.");

        let claims = house.forge(|_, _| {});
        let claims = claims.split('.').nth(1).expect("three parts");
        for alg in ["none", "None", "NONE", "nOnE", ""] {
            let header = json!({"alg": alg, "typ": "at+jwt", "kid": house.key().kid}).to_string();
            let header = URL_SAFE_NO_PAD.encode(header);
            assert_eq!(house.refusal(&format!("{header}.{claims}.")), "The token cannot be read.");
        }
        Ok(())
    }

    #[test]
    fn refuses_nonsense() -> Result<()> {
        let house = House::new()?;
        for token in ["", ".", "..", "...", "a.b.c", "e30.e30.", "ü.ü.ü"] {
            assert!(house.verify(token).is_err(), "{token}");
        }
        assert_eq!(house.refusal(&"a".repeat(MAX_TOKEN_BYTES + 1)), "The token is too long.");
        Ok(())
    }

    #[test]
    fn a_remembered_token_expires_too() {
        let now = time::now().as_second();
        let remembered = |expires_at| Verified {
            principal: Arc::new(Principal {
                tenant: TenantId(1),
                family: Family::Facilities,
                client_id: String::new(),
                scopes: Vec::new(),
                user: None,
            }),
            expires_at,
        };
        assert!(unexpired(&remembered(now)).is_ok());
        assert!(unexpired(&remembered(now - 60)).is_err());
    }
}
