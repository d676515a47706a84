//! What others need to verify our tokens: the public keys, and where everything is.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use jsonwebtoken::jwk::JwkSet;
use serde_json::json;

use super::Issuer;

/// How long others may keep the keys. A new key is used at once, so this is short.
const CACHED: &str = "public, max-age=60";

/// `/.well-known/jwks.json` and `/.well-known/openid-configuration`.
pub fn well_known(issuer: Arc<Issuer>) -> Router {
    Router::new()
        .route("/.well-known/jwks.json", get(jwks))
        .route("/.well-known/openid-configuration", get(configuration))
        .with_state(issuer)
}

async fn jwks(State(issuer): State<Arc<Issuer>>) -> impl IntoResponse {
    // Another server may have begun to use a new key. Without the database the keys known
    // here are the best answer there is.
    if let Err(error) = issuer.ring.catch_up(Instant::now()).await {
        tracing::warn!(reason = error.reason(), "signing keys could not be read again");
    }
    let keys = issuer.ring.current().living().map(|key| key.jwk.clone()).collect();
    (headers(), Json(JwkSet { keys }))
}

async fn configuration(State(issuer): State<Arc<Issuer>>) -> impl IntoResponse {
    let base = &issuer.settings.issuer;
    let document = json!({
        "issuer": base,
        "token_endpoint": format!("{base}/api/connect/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "grant_types_supported": ["client_credentials", "password", "refresh_token"],
        "response_types_supported": [],
        "scopes_supported": ["openid", "api"],
        "subject_types_supported": ["public"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "claims_supported": [
            "iss", "aud", "sub", "client_id", "tenantId", "family", "role", "sid", "scope", "iat",
            "exp", "jti"
        ],
    });
    (headers(), Json(document))
}

fn headers() -> impl axum::response::IntoResponseParts {
    // Public by nature, so pages of any origin may read them.
    [(CACHE_CONTROL, CACHED), (ACCESS_CONTROL_ALLOW_ORIGIN, "*")]
}
