//! What people and machines find on the port without a token, beside the JSON routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, json};

use crate::health::{self, Health};
use crate::metrics::Metrics;
use crate::part::Part;

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
    parts: Arc<[Part]>,
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
    parts: Arc<[Part]>,
    others: Router,
) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/docs") }))
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(show_metrics))
        .with_state(Operator { health, metrics, on_scrape, parts })
        .merge(others)
        .fallback(|| async { problem(StatusCode::NOT_FOUND, "There is nothing at this path.") })
}

/// Whether the server can do its work, and each part: without the database it is `down`, without
/// another part `degraded`. Asks nobody.
async fn readyz(State(operator): State<Operator>) -> Response {
    let (database, why) = match &*operator.health.state().borrow() {
        health::State::Ready => (READY, None),
        health::State::Starting => (DOWN, Some("starting".to_owned())),
        // The database is as good as before, and nothing new shall come.
        health::State::Draining => (READY, Some("draining".to_owned())),
        health::State::NotReady(why) => (DOWN, Some(why.clone())),
    };
    let mut parts = Map::from_iter([("database".to_owned(), database.into())]);
    let mut status = if why.is_some() { DOWN } else { READY };
    for part in &*operator.parts {
        let works = part.works();
        if !works && status == READY {
            status = DEGRADED;
        }
        parts.insert(part.name().to_owned(), if works { READY } else { DEGRADED }.into());
    }
    let mut body = json!({"status": status, "parts": parts});
    if let Some(why) = why {
        body["reason"] = why.into();
    }
    let code = if status == DOWN { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, [(CACHE_CONTROL, "no-store")], axum::Json(body)).into_response()
}

const READY: &str = "ready";
const DEGRADED: &str = "degraded";
const DOWN: &str = "down";

async fn show_metrics(State(operator): State<Operator>) -> Response {
    (operator.on_scrape)();
    for part in &*operator.parts {
        let gauge = operator.metrics.gauge_of("steward_part_working", "part", part.name());
        gauge.set(f64::from(u8::from(part.works())));
    }
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
