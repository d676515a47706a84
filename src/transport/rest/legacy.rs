//! GETs that change something, which old clients know. Whoever looks ahead must not set them off,
//! and new clients are led to the POST on the same path.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use tonic::body::Body;

use super::failure::{Failure, http_reason};

/// Why such a GET is not done.
pub(super) fn refusal(head: &Parts) -> Option<Failure> {
    if head.method == Method::HEAD {
        let message = "HEAD is not allowed here; GET, POST, OPTIONS are.";
        let reason = http_reason::METHOD_NOT_ALLOWED;
        let mut failure = Failure::http(StatusCode::METHOD_NOT_ALLOWED, reason, message);
        failure.allow = Some("GET, POST, OPTIONS".into());
        return Some(failure);
    }
    looks_ahead(&head.headers).then(|| {
        let message = "This changes something, so it is not done ahead of being wanted.";
        Failure::http(StatusCode::FORBIDDEN, "PREFETCH_REFUSED", message)
    })
}

/// Whether a request is made before anybody wants its answer.
fn looks_ahead(headers: &HeaderMap) -> bool {
    let says = |name: &str, words: &[&str]| {
        headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).any(|value| {
            let value = value.to_ascii_lowercase();
            words.iter().any(|word| value.contains(word))
        })
    };
    let ahead = ["prefetch", "prerender", "preview"];
    ["sec-purpose", "purpose", "x-purpose"].iter().any(|name| says(name, &ahead))
        || says("x-moz", &["prefetch"])
}

/// Tells clients that the route is old, and what takes its place.
pub(super) fn mark(path: &str, response: &mut Response<Body>) {
    let headers = response.headers_mut();
    // 1 January 2026, in the form of RFC 9745.
    let since = HeaderValue::from_static("@1767225600");
    headers.insert(HeaderName::from_static("deprecation"), since);
    if let Ok(link) = HeaderValue::try_from(format!("<{path}>; rel=\"successor-version\"")) {
        headers.append(header::LINK, link);
    }
}
