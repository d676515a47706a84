//! What every call passes, whatever its protocol.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use steward_kernel::error::reason;
use tonic::Code;
use tonic_types::StatusExt;
use tracing_subscriber::fmt::MakeWriter;

use super::support::{Answer, LIST, Server, TOKEN, frame, grpc};
use crate::body::BODY_TOO_LARGE;
use crate::config::ServerConfig;

/// Collects the log of one thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    fn start(&self, level: tracing::Level) -> tracing::subscriber::DefaultGuard {
        let lines = tracing_subscriber::fmt().json().flatten_event(true);
        let lines = lines.with_max_level(level).with_writer(self.clone()).finish();
        tracing::subscriber::set_default(lines)
    }

    fn lines(&self) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().expect("the log").clone()).expect("text");
        text.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }
}

fn reason_of(answer: &Answer) -> (String, String) {
    let info = answer.status().get_details_error_info().expect("error info");
    (info.reason, info.domain)
}

#[tokio::test]
async fn reaches_the_service_with_its_context() {
    let server = Server::start().await;
    let mut request = grpc("", TOKEN);
    request.headers_mut().insert("x-request-id", "my-id".parse().expect("a value"));
    let answer = server.send(request).await;
    assert_eq!(answer.code(), Code::Ok);
    // The handler sees tenant and id, and no token.
    assert_eq!(answer.text(), "7 my-id false");
    assert_eq!(answer.header("x-request-id"), "my-id");
}

#[tokio::test]
async fn refuses_strangers_before_the_service() {
    let server = Server::start().await;
    for token in ["", "Bearer", "Bearer ", "Basic reader", "Bearer forged", "reader"] {
        let answer = server.call("panic", token).await;
        assert_eq!(answer.code(), Code::Unauthenticated, "{token}");
        let expected = (reason::AUTHORIZATION_ERROR.to_owned(), "facilities.steward".to_owned());
        assert_eq!(reason_of(&answer), expected, "{token}");
        assert_eq!(answer.header("x-request-id").len(), 32);
    }
    assert_eq!(*server.signals.tokens.lock().expect("tokens"), ["forged"]);

    let answer = server.call("panic", "bearer stranger").await;
    assert_eq!(answer.code(), Code::PermissionDenied);
    assert_eq!(reason_of(&answer).0, reason::FORBIDDEN_ACTION);
}

#[tokio::test]
async fn counts_and_logs_every_call_once() {
    let log = Log::default();
    let guard = log.start(tracing::Level::DEBUG);
    let server = Server::start().await;
    server.call("", TOKEN).await;
    server.call("", "").await;
    server.call("", "Bearer stranger").await;
    server.call("fail", TOKEN).await;
    drop(guard);

    let shown = server.metrics.render();
    for code in ["OK", "UNAUTHENTICATED", "PERMISSION_DENIED", "INTERNAL"] {
        let line = format!(
            "steward_requests_total{{rpc=\"{}\",protocol=\"grpc\",code=\"{code}\"}} 1",
            &LIST[1..]
        );
        assert!(shown.contains(&line), "{line} is missing in\n{shown}");
    }
    assert!(shown.contains(r#"steward_requests_in_flight{protocol="grpc"} 0"#));

    let lines = log.lines();
    let calls: Vec<_> = lines.iter().filter(|line| line["target"] == "steward::calls").collect();
    let told: Vec<_> = calls
        .iter()
        .map(|line| (line["level"].as_str(), line["code"].as_str(), line["tenant"].as_i64()))
        .collect();
    assert_eq!(
        told,
        [
            (Some("DEBUG"), Some("OK"), Some(7)),
            (Some("INFO"), Some("UNAUTHENTICATED"), None),
            // Who tried is known only once they are admitted.
            (Some("INFO"), Some("PERMISSION_DENIED"), None),
            (Some("ERROR"), Some("INTERNAL"), Some(7)),
        ]
    );
    assert!(calls.iter().all(|line| line["rpc"] == LIST[1..] && line["duration_ms"].is_number()));

    // The cause is told once, under the same id, and to the log alone.
    let causes: Vec<_> = lines.iter().filter(|line| line["cause"].is_string()).collect();
    assert_eq!(causes.len(), 1, "{lines:?}");
    assert_eq!(causes[0]["cause"], "the cause of it all");
    assert_eq!(causes[0]["request_id"], calls[3]["request_id"]);
    let everything = format!("{lines:?}");
    assert!(!everything.contains("Bearer") && !everything.contains("authorization"));
}

#[tokio::test]
async fn a_panic_is_the_fault_of_its_call_alone() {
    let server = Server::start().await;
    let answer = server.call("panic", TOKEN).await;
    assert_eq!((answer.code(), answer.http.as_u16()), (Code::Internal, 200));
    assert_eq!(reason_of(&answer).0, reason::ERROR);
    assert!(!answer.status().message().contains("as asked"));
    assert_eq!(server.call("", TOKEN).await.code(), Code::Ok);
}

#[tokio::test(start_paused = true)]
async fn ends_calls_at_their_deadline() {
    let server = Server::start().await;
    let started = tokio::time::Instant::now();
    let answer = server.call("hang", TOKEN).await;
    assert_eq!(answer.code(), Code::DeadlineExceeded);
    assert_eq!(started.elapsed().as_secs(), 30);

    let mut request = grpc("hang", TOKEN);
    request.headers_mut().insert("grpc-timeout", "100m".parse().expect("a value"));
    let started = tokio::time::Instant::now();
    let answer = server.send(request).await;
    assert_eq!(reason_of(&answer).0, reason::DEADLINE_EXCEEDED);
    assert!(started.elapsed() < Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn ends_calls_whose_body_does_not_come() {
    let server = Server::start().await;
    let never = stream::pending::<Result<Frame<Bytes>, Infallible>>();
    let request = grpc("", TOKEN).map(|_| StreamBody::new(never));
    let answer = Answer::read(server.stack.handle(request).await).await;
    assert_eq!(answer.code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_call_that_is_given_up_is_recorded() {
    let server = Server::start().await;
    let call = server.call("hang", TOKEN);
    let entered = server.signals.entered.notified();
    tokio::select! {
        _ = call => panic!("it waits for ever"),
        () = entered => {}
    }
    assert!(server.metrics.render().contains(r#"code="CANCELLED"} 1"#));
}

#[tokio::test]
async fn refuses_large_bodies() {
    let server = Server::with(ServerConfig { max_body_bytes: 100, ..Default::default() }).await;
    let mut request = grpc("", TOKEN);
    *request.body_mut() = Full::new(frame(&[0; 200]));
    let answer = server.send(request).await;
    assert_eq!(answer.code(), Code::ResourceExhausted);
    assert_eq!(reason_of(&answer).0, BODY_TOO_LARGE);
}

#[tokio::test]
async fn knows_what_it_does_not_offer() {
    let server = Server::start().await;
    for path in ["/steward.facilities.v1.CountryCodeService/Nothing", "/a.B/C", "/"] {
        let mut request = grpc("", TOKEN);
        *request.uri_mut() = path.parse().expect("a path");
        assert_eq!(server.send(request).await.code(), Code::Unimplemented, "{path}");
    }
    // A path that clients invent is not a label.
    let shown = server.metrics.render();
    assert!(shown.contains(r#"{rpc="unknown",protocol="grpc",code="UNIMPLEMENTED"} 3"#));
    assert!(!shown.contains("a.B"));
}

#[tokio::test]
async fn failures_carry_their_facts() {
    let server = Server::start().await;
    let status = server.call("miss", TOKEN).await.status();
    assert_eq!((status.code(), status.message()), (Code::NotFound, "Country with id 7 not found."));
    let resource = status.get_details_resource_info().expect("resource info");
    assert_eq!((&*resource.resource_type, &*resource.resource_name), ("Country", "7"));
}
