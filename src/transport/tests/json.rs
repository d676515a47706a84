//! JSON passes the same stack: what the shim does with it is tested beside the shim.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http::{Method, Request, StatusCode};
use http_body::Frame;
use http_body_util::{Full, StreamBody};

use super::support::{Answer, Server, TOKEN, empty};
use crate::config::ServerConfig;

const ROUTE: &str = "/api/public/country-codes";

fn get(authorization: &str) -> Request<Full<Bytes>> {
    let request = Request::get(ROUTE).header("x-request-id", "my-id");
    request.header("authorization", authorization).body(empty()).expect("a request")
}

#[tokio::test]
async fn reaches_the_service_that_grpc_reaches() {
    let server = Server::start().await;
    let answer = server.send(get(TOKEN)).await;
    assert_eq!(answer.http, StatusCode::OK);
    assert_eq!(answer.header("x-request-id"), "my-id");
    let country = &answer.json()[0]["country"];
    assert_eq!(country, "7 my-id false");
    assert!(server.call("", TOKEN).await.text().starts_with("7 "));
    let shown = server.metrics.render();
    for protocol in ["json", "grpc"] {
        assert!(shown.contains(&format!("protocol=\"{protocol}\",code=\"OK\"}} 1")), "{shown}");
    }
}

#[tokio::test]
async fn is_refused_as_grpc_is() {
    let server = Server::start().await;
    let answer = server.send(get("Bearer forged")).await;
    assert_eq!(answer.http, StatusCode::UNAUTHORIZED);
    assert!(answer.header("www-authenticate").starts_with("Bearer"));
    let answer = server.send(get("Bearer stranger")).await;
    assert_eq!(answer.http, StatusCode::FORBIDDEN);
    let shown = server.metrics.render();
    assert!(shown.contains(r#"protocol="json",code="UNAUTHENTICATED"} 1"#), "{shown}");
    assert!(shown.contains(r#"protocol="json",code="PERMISSION_DENIED"} 1"#), "{shown}");
}

#[tokio::test]
async fn pages_of_others_may_read_the_answer() {
    let server = Server::start().await;
    let mut request = get(TOKEN);
    request.headers_mut().insert("origin", "https://app.example".parse().expect("a value"));
    let answer = server.send(request).await;
    assert_eq!((answer.http, answer.header("access-control-allow-origin")), (StatusCode::OK, "*"));
    assert!(answer.header("access-control-expose-headers").contains("x-request-id"));

    // Without an origin, OPTIONS is a question about the route.
    let mut request = get(TOKEN);
    *request.method_mut() = Method::OPTIONS;
    let answer = server.send(request).await;
    assert_eq!(answer.header("allow"), "GET, HEAD, OPTIONS");
}

/// A request that creates a property type.
fn post<B>(body: B) -> Request<B> {
    Request::post("/api/public/property-categorization/property")
        .header("authorization", TOKEN)
        .header("content-type", "application/json")
        .body(body)
        .expect("a request")
}

#[tokio::test]
async fn refuses_large_bodies() {
    let server = Server::with(ServerConfig { max_body_bytes: 100, ..Default::default() }).await;
    let body = |length| Full::new(Bytes::from(format!(r#"{{"name":"{}"}}"#, "x".repeat(length))));
    let answer = server.send(post(body(10))).await;
    assert_eq!((answer.http, &answer.json()["name"]), (StatusCode::CREATED, &"xxxxxxxxxx".into()));
    let answer = server.send(post(body(200))).await;
    assert_eq!(answer.http, StatusCode::PAYLOAD_TOO_LARGE);
    // The length need not be known in advance.
    let pieces = stream::iter((0..40).map(|_| Ok::<_, Infallible>(Frame::data(" [ ] ".into()))));
    let answer = server.stack.handle(post(StreamBody::new(pieces))).await;
    assert_eq!(answer.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(start_paused = true)]
async fn ends_requests_whose_body_does_not_come() {
    let server = Server::start().await;
    let never = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let answer = Answer::read(server.stack.handle(post(StreamBody::new(never))).await).await;
    assert_eq!(answer.http, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

#[tokio::test]
async fn nothing_outside_the_contract_is_found() {
    let server = Server::start().await;
    let request = Request::get("/nothing/here").body(empty()).expect("a request");
    let answer = server.send(request).await;
    assert_eq!(answer.http, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("x-request-id").len(), 32);
}
