//! What a token request may say, and what a token claims.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Family, Kind, Principal, Result, Role, TenantId, User};

use crate::sessions::SignIn;

/// How long a token of an API client is valid.
pub const ACCESS_TOKEN_LIFETIME: Duration = Duration::from_secs(1800);

/// How long a token of a user is valid. Longer than a client's, because it ends with its session.
pub const USER_TOKEN_LIFETIME: Duration = Duration::from_secs(3600);

/// `client_id` of users' tokens (RFC 9068 wants one): steward's own sign-in asked for them.
pub(super) const SIGN_IN: &str = "steward";

/// How far the clocks of two servers may be apart.
pub const LEEWAY: Duration = Duration::from_secs(5);

/// `typ` of an access token (RFC 9068), which keeps ID tokens from being taken for one.
pub(super) const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// What a token is asked for with: a client's secret, a user's password, or what came with the
/// token before.
pub(super) const CLIENT_CREDENTIALS: &str = "client_credentials";
pub(super) const PASSWORD: &str = "password";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

/// The scopes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scopes {
    /// The client also wants an ID token.
    pub(super) openid: bool,
    /// The client may use the APIs.
    pub(super) api: bool,
}

impl Scopes {
    /// Reads space-separated scopes in any order. Answers nothing for an unknown scope, and
    /// for none at all.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut scopes = Self { openid: false, api: false };
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            match name {
                "openid" => scopes.openid = true,
                "api" => scopes.api = true,
                _ => return None,
            }
        }
        (scopes.openid || scopes.api).then_some(scopes)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.openid, self.api) {
            (true, true) => "openid api",
            (true, false) => "openid",
            (false, _) => "api",
        })
    }
}

/// What a client proves itself with.
#[derive(Debug)]
pub(super) struct Credentials {
    pub(super) client_id: String,
    pub(super) secret: SecretString,
}

impl Credentials {
    /// Reads an `Authorization` header of the scheme Basic. Id and secret are form-encoded
    /// before they are joined (RFC 6749, 2.3.1). Answers nothing for another scheme.
    ///
    /// # Errors
    /// UNAUTHENTICATED when the scheme is Basic and the rest cannot be read.
    pub(super) fn from_header(header: &str) -> Result<Option<Self>> {
        let Some((scheme, encoded)) = header.split_once(' ') else { return Ok(None) };
        if !scheme.eq_ignore_ascii_case("basic") {
            return Ok(None);
        }
        Self::from_basic(encoded.trim()).map(Some).ok_or_else(invalid_credentials)
    }

    fn from_basic(encoded: &str) -> Option<Self> {
        let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let (client_id, secret) = decoded.split_once(':')?;
        Some(Self { client_id: form_decoded(client_id)?, secret: form_decoded(secret)?.into() })
    }

    /// Whether the id has the shape of one that steward gave out. Others are not looked up
    /// and not remembered, so that nonsense costs no memory.
    pub(super) fn is_plausible(&self) -> bool {
        (1..=64).contains(&self.client_id.len())
            && self.client_id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    }
}

/// Undoes `application/x-www-form-urlencoded`; nothing when an escape is broken.
fn form_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(rest.next()?)? << 4 | hex_digit(rest.next()?)?,
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A request whose grant and scopes are in order.
#[derive(Debug)]
pub(super) struct TokenRequest {
    pub(super) grant: Grant,
    pub(super) scopes: Scopes,
}

/// Who asks for a token, and how they prove it.
#[derive(Debug)]
pub(super) enum Grant {
    Client(Credentials),
    Password(SignIn),
    Refresh(SecretString),
}

/// Tokens as they are handed to the client.
pub(super) struct IssuedToken {
    pub(super) access_token: String,
    /// Only when scope `openid` was asked for.
    pub(super) id_token: Option<String>,
    pub(super) scopes: Scopes,
    pub(super) lifetime: Duration,
    /// Of users alone.
    pub(super) refresh_token: Option<SecretString>,
}

/// Claims of an access token.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AccessClaims {
    pub(super) iss: String,
    pub(super) aud: String,
    /// Id of the user; the client id, as for every token without an end user.
    pub(super) sub: String,
    pub(super) client_id: String,
    /// A string, because JavaScript cannot hold every 64-bit integer.
    #[serde(rename = "tenantId")]
    pub(super) tenant_id: String,
    /// The same by the short name that users of the family cleaning know.
    #[serde(default)]
    pub(super) tid: String,
    /// Absent in tokens that were made when there was one family.
    #[serde(default = "first_family")]
    pub(super) family: String,
    pub(super) scope: String,
    /// Of users alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) role: Option<String>,
    /// Id of the client or cleaner that the user is, a string; absent for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) pid: Option<String>,
    /// Id of the session, a string; of users alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) sid: Option<String>,
    /// Seconds since 1970, like `exp`.
    pub(super) iat: i64,
    pub(super) exp: i64,
    pub(super) jti: String,
}

fn first_family() -> String {
    Family::Facilities.name().to_owned()
}

impl AccessClaims {
    /// Who the claims speak for; nothing when they make no sense.
    pub(super) fn principal(self) -> Option<Principal> {
        let tenant = TenantId(self.tenant_id.parse().ok()?);
        let family = Family::of_name(&self.family)?;
        let scopes = self.scope.split(' ').map(str::to_owned).collect();
        let Some(role) = self.role else {
            return Some(Principal {
                tenant,
                family,
                client_id: self.client_id,
                scopes,
                user: None,
            });
        };
        let id = self.sub.parse().ok()?;
        let session = Some(self.sid?.parse().ok()?);
        let user = User { id, role: Role::of_name(&role)?, session };
        let client_id = User::caller_name(id);
        Some(Principal { tenant, family, client_id, scopes, user: Some(user) })
    }
}

/// Who a token is made for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) tenant: TenantId,
    pub(super) family: Family,
    pub(super) holder: Holder<'a>,
}

/// Who has a token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holder<'a> {
    /// An API client, by its id.
    Client(&'a str),
    /// A user.
    User { id: i64, role: Role, profile: Option<i64>, session: i64 },
}

/// An access token of a user.
#[derive(Debug)]
pub struct UserToken {
    /// To be sent as `Authorization: Bearer`.
    pub access_token: SecretString,
    /// When it expires, if its session does not end before.
    pub expires_at: Timestamp,
}

/// Claims of an ID token.
#[derive(Debug, Serialize)]
pub(super) struct IdClaims<'a> {
    pub(super) iss: &'a str,
    /// The client itself, so that no API takes this for an access token.
    pub(super) aud: &'a str,
    pub(super) sub: &'a str,
    #[serde(rename = "tenantId")]
    pub(super) tenant_id: &'a str,
    pub(super) iat: i64,
    pub(super) exp: i64,
}

/// Wrong client id or secret. Says not which, nor whether the client exists.
pub(super) fn invalid_credentials() -> Error {
    oauth_error(
        Error::new(
            Kind::Unauthenticated,
            "INVALID_CREDENTIALS",
            "The client id or the client secret is wrong.",
        ),
        "invalid_client",
    )
}

/// A scope that does not exist, or none.
pub(super) fn invalid_scope() -> Error {
    oauth_error(
        Error::new(
            Kind::InvalidArgument,
            "INVALID_SCOPE",
            "The scope must be `openid`, `api` or both, separated by a space.",
        ),
        "invalid_scope",
    )
}

/// A grant that is not offered.
pub(super) fn unsupported_grant_type() -> Error {
    oauth_error(
        Error::new(
            Kind::InvalidArgument,
            "UNSUPPORTED_GRANT_TYPE",
            "The grant type must be `client_credentials`, `password` or `refresh_token`.",
        ),
        "unsupported_grant_type",
    )
}

/// The request lacks the grant type, which RFC 6749 (5.2) tells from one that is not offered.
pub(super) fn missing_grant_type() -> Error {
    oauth_error(Error::required("grant_type"), "invalid_request")
}

/// The client authenticated in two ways at once, which RFC 6749 (2.3) forbids.
pub(super) fn two_authentications() -> Error {
    oauth_error(
        Error::rule(
            "client_secret",
            "The client must authenticate either by HTTP Basic or in the body, not both.",
        ),
        "invalid_request",
    )
}

/// A refusal of a user, told as OAuth wants it. Faults of the server stay what they are.
pub(super) fn invalid_grant(error: Error) -> Error {
    if matches!(error.kind(), Kind::Internal | Kind::Unavailable) {
        return error;
    }
    oauth_error(error, "invalid_grant")
}

/// Ten failures within a minute.
pub(super) fn too_many_attempts(wait: Duration) -> Error {
    // Rounded up: who comes back a moment early would be refused again.
    let retry_after = Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
    oauth_error(
        Error::new(
            Kind::ResourceExhausted,
            steward_kernel::error::reason::TOO_MANY_ATTEMPTS,
            "Too many failed attempts for this client id. Please wait a minute.",
        ),
        "invalid_client",
    )
    .with_retry_after(retry_after)
}

/// Adds what OAuth (RFC 6749, 5.2) wants in the body.
fn oauth_error(error: Error, code: &'static str) -> Error {
    let description = error.message().to_owned();
    error.with_metadata("error", code).with_metadata("error_description", description)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn reads_scopes_in_any_order() {
        for (text, expected) in [
            ("openid api", Some("openid api")),
            ("api openid", Some("openid api")),
            (" api  api ", Some("api")),
            ("openid", Some("openid")),
            ("", None),
            ("  ", None),
            ("api admin", None),
            ("API", None),
            ("openid,api", None),
            ("openid\tapi", None),
        ] {
            let read = Scopes::parse(text).map(|scopes| scopes.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?}");
        }
    }

    fn basic(header: &str) -> Option<(String, String)> {
        let credentials = Credentials::from_header(header).ok()??;
        Some((credentials.client_id, credentials.secret.expose_secret().to_owned()))
    }

    #[test]
    fn reads_basic_authentication() {
        let header = |text: &str| format!("Basic {}", STANDARD.encode(text));
        let pair = |id: &str, secret: &str| Some((id.to_owned(), secret.to_owned()));
        assert_eq!(basic(&header("me:secret")), pair("me", "secret"));
        assert_eq!(basic(&header("me:sec:ret")), pair("me", "sec:ret"));
        assert_eq!(basic(&header("m%3Ae:a+b%2B%c3%a9")), pair("m:e", "a b+é"));
        assert_eq!(basic(&header("me:s").replace("Basic", "bAsIc")), pair("me", "s"));
    }

    #[test]
    fn refuses_broken_basic_authentication() {
        for text in ["no colon", "me:%4", "me:%zz", "me:%ff"] {
            let header = format!("Basic {}", STANDARD.encode(text));
            assert!(Credentials::from_header(&header).is_err(), "{text}");
        }
        assert!(Credentials::from_header("Basic ***").is_err());
        // Another scheme is no attempt at Basic.
        assert!(matches!(Credentials::from_header("Bearer abc"), Ok(None)));
    }

    #[test]
    fn knows_ids_that_cannot_be_ours() {
        let plausible = |id: &str| {
            Credentials { client_id: id.to_owned(), secret: String::new().into() }.is_plausible()
        };
        assert!(plausible("5f0e1d"));
        for id in ["", "a\0b", "a b", "a'b", "ü", &"x".repeat(65)] {
            assert!(!plausible(id), "{id:?}");
        }
    }
}
