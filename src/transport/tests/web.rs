//! What browsers and operators see.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{Method, Request, StatusCode};
use http_body_util::Full;
use serde_json::json;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use super::support::{Answer, LIST, Server, TOKEN, empty, frame, grpc, parts, text};
use crate::config::ServerConfig;
use crate::health::State;
use crate::stack::Stack;

/// Splits the body of a grpc-web answer into its message and its trailers.
fn parts_of(body: &[u8]) -> (Vec<u8>, String) {
    let (mut message, mut trailers, mut rest) = (vec![], String::new(), body);
    while !rest.is_empty() {
        let length = u32::from_be_bytes(rest[1..5].try_into().expect("a length")) as usize;
        let (frame, after) = rest.split_at(5 + length);
        match frame[0] {
            0 => message = frame.to_vec(),
            0x80 => trailers = String::from_utf8(frame[5..].to_vec()).expect("trailers"),
            flag => panic!("a frame with flag {flag}"),
        }
        rest = after;
    }
    (message, trailers)
}

/// Reads base64 in which each frame is padded by itself.
fn from_base64(text: &[u8]) -> Vec<u8> {
    text.chunks(4).flat_map(|four| STANDARD.decode(four).expect("base64")).collect()
}

#[tokio::test]
async fn speaks_grpc_web_in_binary_and_text() {
    let server = Server::start().await;
    for (kind, is_text) in [
        ("application/grpc-web", false),
        ("application/grpc-web+proto", false),
        ("application/grpc-web-text", true),
        ("application/grpc-web-text+proto", true),
    ] {
        let mut body = frame(b"");
        if is_text {
            body = STANDARD.encode(body).into();
        }
        let request = Request::post(LIST)
            .header("content-type", kind)
            .header("accept", kind)
            .header("authorization", TOKEN)
            .header("origin", "https://app.example")
            .body(Full::new(body))
            .expect("a request");
        let answer = server.send(request).await;
        assert_eq!(answer.http, StatusCode::OK);
        assert!(answer.header("content-type").starts_with("application/grpc-web"), "{kind}");
        let body = match is_text {
            true => from_base64(&answer.body),
            false => answer.body.to_vec(),
        };
        let (message, trailers) = parts_of(&body);
        assert!(text(&message).starts_with("7 "), "{kind}");
        assert!(trailers.contains("grpc-status:0"), "{trailers:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let exposed = answer.header("access-control-expose-headers");
        assert!(exposed.contains("grpc-status-details-bin"), "{exposed}");
        assert!(answer.header("access-control-allow-credentials").is_empty());
    }
    assert!(server.metrics.render().contains(r#"protocol="grpc-web",code="OK"} 4"#));
}

#[tokio::test]
async fn refuses_over_grpc_web_as_over_grpc() {
    let server = Server::start().await;
    let request = Request::post(LIST)
        .header("content-type", "application/grpc-web+proto")
        .body(Full::new(frame(b"")))
        .expect("a request");
    let answer = server.send(request).await;
    assert_eq!((answer.http, answer.code()), (StatusCode::OK, Code::Unauthenticated));
    assert!(!answer.header("grpc-status-details-bin").is_empty());
}

fn preflight(path: &str, origin: &str) -> Request<Full<bytes::Bytes>> {
    Request::builder()
        .method(Method::OPTIONS)
        .uri(path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type,x-grpc-web")
        .body(empty())
        .expect("a request")
}

#[tokio::test]
async fn answers_preflights() {
    let server = Server::start().await;
    for path in [LIST, "/api/public/owners"] {
        let answer = server.send(preflight(path, "https://app.example")).await;
        assert_eq!(answer.http, StatusCode::OK, "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let allowed = answer.header("access-control-allow-headers");
        assert_eq!(allowed, "authorization,content-type,x-grpc-web");
        assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    }
}

#[tokio::test]
async fn lets_in_the_origins_it_was_told() {
    let origins = vec!["https://app.example".to_owned()];
    let server = Server::with(ServerConfig { cors_origins: origins, ..Default::default() }).await;
    let known = server.send(preflight(LIST, "https://app.example")).await;
    assert_eq!(known.header("access-control-allow-origin"), "https://app.example");
    let other = server.send(preflight(LIST, "https://evil.example")).await;
    assert_eq!(other.header("access-control-allow-origin"), "");

    let config = ServerConfig { cors_origins: vec!["\n".to_owned()], ..Default::default() };
    assert!(Stack::new(&config, &parts().0).await.is_err());
}

fn get(path: &str) -> Request<Full<bytes::Bytes>> {
    Request::get(path).body(empty()).expect("a request")
}

async fn health(server: &Server, service: &str) -> i32 {
    use prost::Message;

    let message = HealthCheckRequest { service: service.to_owned() }.encode_to_vec();
    let mut request = grpc("", "");
    *request.uri_mut() = "/grpc.health.v1.Health/Check".parse().expect("a path");
    *request.body_mut() = Full::new(frame(&message));
    let answer = server.send(request).await;
    assert_eq!(answer.code(), Code::Ok, "{service}");
    HealthCheckResponse::decode(&answer.body[5..]).expect("a message").status
}

#[tokio::test(start_paused = true)]
async fn shows_its_readiness() {
    let (parts, signals) = parts();
    let stack = Stack::new(&ServerConfig::default(), &parts).await.expect("a stack");
    let server = Server { stack, metrics: parts.metrics, signals };
    let services = ["", "steward.facilities.v1.CountryCodeService"];
    assert_eq!(server.send(get("/livez")).await.http, StatusCode::OK);
    assert_eq!(server.send(get("/readyz")).await.http, StatusCode::SERVICE_UNAVAILABLE);

    let mut state = server.stack.health().state();
    let health_task = server.stack.health().clone();
    let readiness = Arc::clone(&parts.readiness);
    let watching = tokio::spawn(async move {
        health_task.watch(&*readiness, Duration::from_secs(1)).await;
    });
    for (broken, status, number) in [
        (false, StatusCode::OK, 1),
        (true, StatusCode::SERVICE_UNAVAILABLE, 2),
        (false, StatusCode::OK, 1),
    ] {
        server.signals.broken.store(broken, Ordering::Relaxed);
        let known = |state: &State| match state {
            State::Ready => !broken,
            State::NotReady(_) => broken,
            State::Starting | State::Draining => false,
        };
        state.wait_for(known).await.expect("a state");
        // The next check is made only after the result of this one was told.
        server.signals.checked.notified().await;
        server.signals.checked.notified().await;
        assert_eq!(server.send(get("/readyz")).await.http, status);
        for service in services {
            assert_eq!(health(&server, service).await, number, "{service}");
        }
    }

    for (works, status, shown) in [(false, "degraded", "degraded"), (true, "ready", "ready")] {
        parts.parts[0].note(works);
        let answer = server.send(get("/readyz")).await;
        let parts = json!({"database": "ready", "mail": shown, "files": "ready"});
        let expected = json!({"status": status, "parts": parts});
        assert_eq!((answer.http, answer.json()), (StatusCode::OK, expected));
        let metrics = server.send(get("/metrics")).await;
        let metrics = String::from_utf8(metrics.body.to_vec()).expect("text");
        let gauge = format!("steward_part_working{{part=\"mail\"}} {}", u8::from(works));
        assert!(metrics.contains(&gauge), "{metrics}");
    }

    parts.parts[0].note(false);
    server.stack.health().drain().await;
    let answer = server.send(get("/readyz")).await;
    assert_eq!(answer.http, StatusCode::SERVICE_UNAVAILABLE);
    let parts = json!({"database": "ready", "mail": "degraded", "files": "ready"});
    let expected = json!({"status": "down", "reason": "draining", "parts": parts});
    assert_eq!(answer.json(), expected);
    assert_eq!(health(&server, "").await, 2);
    watching.await.expect("the task ends by itself");
}

#[tokio::test]
async fn shows_pages_without_a_token() {
    let server = Server::start().await;
    let answer = server.send(get("/")).await;
    assert_eq!((answer.http.is_redirection(), answer.header("location")), (true, "/docs"));

    server.call("", TOKEN).await;
    let answer = server.send(get("/metrics")).await;
    assert!(answer.header("content-type").starts_with("text/plain; version=0.0.4"));
    let shown = String::from_utf8(answer.body.to_vec()).expect("text");
    assert!(shown.contains("# TYPE steward_request_duration_seconds histogram"), "{shown}");
    assert!(shown.contains("process_start_time_seconds 1"), "{shown}");
    assert!(shown.contains("test_pool_size 3"), "{shown}");

    let answer: Answer = server.send(get("/.well-known/nothing")).await;
    assert_eq!(answer.http, StatusCode::NOT_FOUND);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.json()["status"], 404);
    assert_eq!(answer.header("x-request-id").len(), 32);
}

#[tokio::test(start_paused = true)]
async fn pages_end_too() {
    let server = Server::start().await;
    let answer = server.send(get("/docs/panic")).await;
    assert_eq!(
        (answer.http, &answer.json()["status"]),
        (StatusCode::INTERNAL_SERVER_ERROR, &500.into())
    );
    assert!(!String::from_utf8_lossy(&answer.body).contains("as asked"));
    assert_eq!(server.send(get("/docs/hang")).await.http, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn grpc_needs_http_2() {
    let server = Server::start().await;
    let mut request = grpc("", TOKEN);
    *request.version_mut() = http::Version::HTTP_11;
    let answer = server.send(request).await;
    assert_eq!((answer.http, answer.header("upgrade")), (StatusCode::UPGRADE_REQUIRED, "h2c"));
}

#[tokio::test]
async fn reflects_the_contract_with_its_options() {
    use prost::Message;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

    let server = Server::start().await;
    let symbol = "steward.facilities.v1.CountryCodeService".to_owned();
    let question = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::FileContainingSymbol(symbol)),
    };
    // Both versions have the same wire form.
    for version in ["v1", "v1alpha"] {
        let path = format!("/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo");
        let mut request = grpc("", "");
        *request.uri_mut() = path.parse().expect("a path");
        *request.body_mut() = Full::new(frame(&question.encode_to_vec()));
        let answer = server.send(request).await;
        assert_eq!(answer.code(), Code::Ok, "{version}");
        let message = ServerReflectionResponse::decode(&answer.body[5..]).expect("a message");
        let Some(MessageResponse::FileDescriptorResponse(files)) = message.message_response else {
            panic!("{version} answers something else");
        };
        // The permission is a custom option.
        let file = String::from_utf8_lossy(&files.file_descriptor_proto[0]).into_owned();
        assert!(file.contains("facilities.country_codes.read"), "{version}");
    }
}
