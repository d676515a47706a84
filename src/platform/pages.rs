//! Pages behind links that were mailed: how they look, and what browsers are told of them.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minijinja::{AutoEscape, Environment};
use sha2::{Digest, Sha256};

/// The style that all of them share; each adds its own behind it.
pub const LOOK: &str = include_str!("pages.css");

/// What a policy calls a style or a script that stands in the page: `'sha256-...'`.
#[must_use]
pub fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The letter that a business is known by on its pages.
#[must_use]
pub fn mark(business: &str) -> Option<String> {
    let letter = business.chars().find(|letter| letter.is_alphanumeric())?;
    Some(letter.to_uppercase().to_string())
}

/// Fills a template in. What the values hold brings no markup with it.
///
/// # Errors
/// When the template does not go with the values.
pub fn render(template: &str, values: minijinja::Value) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.render_str(template, values)
}

/// The answer that shows a page to whoever has its link, under a content security policy.
#[must_use]
pub fn shown(status: StatusCode, policy: &str, html: Result<String, minijinja::Error>) -> Response {
    match html {
        Ok(html) => private(status, policy, html),
        Err(error) => {
            tracing::error!(%error, "a page cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

pub(crate) fn private(status: StatusCode, policy: &str, html: String) -> Response {
    let headers = [
        (CONTENT_SECURITY_POLICY, policy),
        // The URL lets its reader in: it goes neither into caches nor to other sites.
        (CACHE_CONTROL, "no-store"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ];
    (status, headers, Html(html)).into_response()
}
