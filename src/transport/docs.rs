//! The documentation page: one offline page that reads `/openapi/<family>.json`, and a form to
//! try every operation. Nothing is loaded from anywhere else, and its policy forbids it.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use serde_json::json;

use crate::catalog::Catalog;
use crate::openapi;

/// The page takes scripts, styles and data from its own server alone, and may not be framed.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
    connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; \
    frame-ancestors 'none'";

const PAGE: &str = include_str!("docs/index.html");
const SCRIPT: &str = include_str!("docs/app.js");
const STYLE: &str = include_str!("docs/style.css");

/// The documents of all families, each rendered when it is first asked for: few servers are,
/// and a document takes as much memory as all else that is known of its family.
struct Documents {
    catalog: Arc<Catalog>,
    families: Bytes,
    documents: Vec<(&'static str, OnceLock<Option<Bytes>>)>,
}

impl Documents {
    fn of(&self, family: &str) -> Option<Bytes> {
        let (name, document) = self.documents.iter().find(|(name, _)| *name == family)?;
        let render = || {
            // Relative to wherever the document is fetched from, behind any proxy.
            let document = openapi::document(&self.catalog, name, "")?;
            Some(Bytes::from(document.to_string()))
        };
        document.get_or_init(render).clone()
    }
}

/// `/docs` with its script and style, and `/openapi/<family>.json`.
pub fn router(catalog: Arc<Catalog>) -> Router {
    let names: Vec<_> = catalog.families().iter().map(|family| family.name).collect();
    let families = Bytes::from(json!(names).to_string());
    let documents = names.into_iter().map(|name| (name, OnceLock::new())).collect();
    Router::new()
        .route("/docs", get(|| async { asset("text/html; charset=utf-8", PAGE) }))
        .route("/docs/", get(|| async { asset("text/html; charset=utf-8", PAGE) }))
        .route("/docs/app.js", get(|| async { asset("text/javascript; charset=utf-8", SCRIPT) }))
        .route("/docs/style.css", get(|| async { asset("text/css; charset=utf-8", STYLE) }))
        .route("/docs/families.json", get(families_json))
        .route("/openapi/{file}", get(document))
        .with_state(Arc::new(Documents { catalog, families, documents }))
}

fn asset(media_type: &'static str, body: impl Into<Bytes>) -> Response {
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, "no-cache"),
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body.into()).into_response()
}

async fn families_json(State(documents): State<Arc<Documents>>) -> Response {
    asset("application/json", documents.families.clone())
}

async fn document(State(documents): State<Arc<Documents>>, Path(file): Path<String>) -> Response {
    let family = file.strip_suffix(".json").unwrap_or("");
    match documents.of(family) {
        Some(document) => asset("application/json", document),
        None => (StatusCode::NOT_FOUND, "There is no such family.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http::Request;
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn fetch(uri: &str) -> (StatusCode, String, String) {
        let catalog = Catalog::load().expect("the contract is whole");
        let request = Request::get(uri).body(Body::empty()).expect("a request");
        let response = router(Arc::new(catalog)).oneshot(request).await.expect("infallible");
        let (head, body) = response.into_parts();
        let header = |name| {
            head.headers.get(name).map_or("", |value| value.to_str().expect("text")).to_owned()
        };
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        (head.status, header(CONTENT_TYPE), text)
    }

    #[tokio::test]
    async fn serves_the_page_and_the_documents() {
        for (uri, media_type) in [
            ("/docs", "text/html; charset=utf-8"),
            ("/docs/app.js", "text/javascript; charset=utf-8"),
            ("/docs/style.css", "text/css; charset=utf-8"),
            ("/docs/families.json", "application/json"),
            ("/openapi/facilities.json", "application/json"),
        ] {
            let (status, found, text) = fetch(uri).await;
            assert_eq!((status, &*found), (StatusCode::OK, media_type), "{uri}");
            assert!(!text.is_empty());
        }
        assert_eq!(fetch("/openapi/nothing.json").await.0, StatusCode::NOT_FOUND);
        assert_eq!(fetch("/openapi/facilities").await.0, StatusCode::NOT_FOUND);
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        for text in [PAGE, SCRIPT, STYLE] {
            assert!(!text.contains("http://") && !text.contains("https://"));
            assert!(
                !text.contains("innerHTML")
                    && !text.contains("<style")
                    && !text.contains("onclick=")
            );
        }
    }
}
