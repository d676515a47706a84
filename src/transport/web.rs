//! What people and machines find on the port without a token, beside the JSON routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use crate::health::{self, Health};
use crate::metrics::Metrics;

/// First segments of the paths that are answered here. Any other path is a JSON route, or
/// none; the shim knows.
const ROOTS: [&str; 11] = [
    "livez",
    "readyz",
    "metrics",
    "docs",
    "openapi",
    ".well-known",
    "mail",
    "files",
    "invitations",
    "passwords",
    "agreements",
];

/// Runs before the metrics are shown, to set gauges that are read rather than counted, such as
/// those of the connection pool.
pub type OnScrape = Arc<dyn Fn() + Send + Sync>;

#[derive(Clone)]
struct Operator {
    health: Health,
    metrics: Metrics,
    on_scrape: OnScrape,
}

/// Whether `path` is answered by the [`router`].
pub(crate) fn owns(path: &str) -> bool {
    let path = path.strip_prefix('/').unwrap_or(path);
    path.is_empty() || path.split('/').next().is_some_and(|first| ROOTS.contains(&first))
}

/// Most bytes in the body of a request for `path`, where others may have `usual`. Uploads of
/// files know their size, check it themselves, and are written away as they come.
pub(crate) fn body_limit(path: &str, usual: usize) -> usize {
    const LARGEST_FILE: usize = 10_485_760;
    if path.starts_with("/files/uploads/") { usual.max(LARGEST_FILE) } else { usual }
}

/// The pages of the server itself, and those of `others`, whose paths begin with a root above.
pub(crate) fn router(
    health: Health,
    metrics: Metrics,
    on_scrape: OnScrape,
    others: Router,
) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/docs") }))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(show_metrics))
        .with_state(Operator { health, metrics, on_scrape })
        .merge(others)
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "There is nothing at this path.") })
}

async fn readyz(State(operator): State<Operator>) -> Response {
    let (status, text) = match &*operator.health.state().borrow() {
        health::State::Ready => (StatusCode::OK, "ready".to_owned()),
        health::State::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting".to_owned()),
        health::State::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining".to_owned()),
        health::State::NotReady(why) => (StatusCode::SERVICE_UNAVAILABLE, why.clone()),
    };
    (status, [(CACHE_CONTROL, "no-store")], axum::Json(json!({ "status": text }))).into_response()
}

async fn show_metrics(State(operator): State<Operator>) -> Response {
    (operator.on_scrape)();
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(CONTENT_TYPE, kind)], operator.metrics.render()).into_response()
}

/// A problem (RFC 9457) outside any family.
pub(crate) fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(CONTENT_TYPE, kind)], body.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owns_its_roots_only() {
        for path in ["/", "/livez", "/docs/app.js", "/.well-known/jwks.json", "/invitations/x", ""]
        {
            assert!(owns(path), "{path}");
        }
        for path in
            ["/api/public/owners", "/api/public/Invitations", "/livezz", "/api/docs", "//docs2"]
        {
            assert!(!owns(path), "{path}");
        }
    }
}
