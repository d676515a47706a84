//! What is known of the other issuer and said by its tokens.

use std::time::Duration;

use serde::Deserialize;
use steward_kernel::{Error, Kind, error::reason, text};

use crate::identities::Profile;

/// How far the issuer's clock may be from ours.
pub(super) const LEEWAY: Duration = Duration::from_secs(60);

/// Longest token that is looked at.
pub(super) const MAX_TOKEN_BYTES: usize = 8192;

/// Which issuer.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Its URL; the discovery document lies below it.
    pub issuer: String,
    /// Who its access tokens are meant for.
    pub audience: String,
}

/// The discovery document, as far as it is needed.
#[derive(Debug, Deserialize)]
pub(super) struct Discovery {
    pub(super) issuer: String,
    pub(super) jwks_uri: String,
}

/// Claims of an access token.
#[derive(Debug, Deserialize)]
pub(super) struct AccessClaims {
    pub(super) sub: String,
    pub(super) exp: i64,
}

/// Claims of an ID token.
#[derive(Debug, Deserialize)]
pub(super) struct IdClaims {
    pub(super) sub: String,
    email: Option<String>,
    name: Option<String>,
    picture: Option<String>,
    locale: Option<String>,
}

impl IdClaims {
    /// What the claims say of the person. What makes no sense is left out: it is the issuer's
    /// fault, for which nobody should be kept from signing in.
    pub(super) fn profile(self) -> Profile {
        let short = |longest: usize| {
            move |text: &String| !text.trim().is_empty() && text.chars().count() <= longest
        };
        let is_web = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        Profile {
            email: self.email.filter(|email| text::is_email(email)),
            name: self.name.map(|name| name.trim().chars().take(200).collect()),
            picture_url: self.picture.filter(short(2000)).filter(is_web),
            locale: self.locale.filter(short(35)),
        }
    }
}

/// The part of a token that says who made it.
#[derive(Debug, Deserialize)]
pub(super) struct Origin {
    pub(super) iss: String,
}

/// Whether two URLs of issuers are the same; some write a slash at the end, some do not.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    one.trim_end_matches('/') == other.trim_end_matches('/')
}

/// The error for an ID token that is not valid, or not that of the access token's subject.
pub(crate) fn invalid_id_token() -> Error {
    Error::new(Kind::Unauthenticated, reason::INVALID_ID_TOKEN, "The ID token is not valid.")
}

/// The error while the issuer's keys are not known.
pub(super) fn issuer_down() -> Error {
    let message = "The issuer of the token does not answer, so it cannot be verified now.";
    Error::unavailable(message, Duration::from_secs(10))
}
