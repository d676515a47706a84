//! What every call passes, whatever its protocol.

use std::convert::Infallible;
use std::io;
use std::sync::{Arc, LazyLock, Mutex};
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

/// Collects what is logged.
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
    /// The log of the whole test run. One subscriber for all threads: `tracing` remembers for
    /// all of them whether a line is of interest to the one that reached it first.
    fn start() -> Self {
        static LOG: LazyLock<Log> = LazyLock::new(|| {
            let log = Log::default();
            let lines = tracing_subscriber::fmt().json().flatten_event(true);
            let lines = lines.with_max_level(tracing::Level::DEBUG).with_writer(log.clone());
            lines.try_init().expect("the only subscriber");
            log
        });
        LOG.clone()
    }

    /// The lines about a request.
    fn of(&self, request_id: &str) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().expect("the log").clone()).expect("text");
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("a JSON line"));
        lines.filter(|line: &serde_json::Value| line["request_id"] == request_id).collect()
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
    let log = Log::start();
    let server = Server::start().await;
    let send = async |id: &str, wish: &str, token: &str| {
        let mut request = grpc(wish, token);
        request.headers_mut().insert("x-request-id", id.parse().expect("a value"));
        server.send(request).await
    };
    send("log-1", "", TOKEN).await;
    send("log-2", "", "").await;
    send("log-3", "", "Bearer stranger").await;
    send("log-4", "fail", TOKEN).await;

    let shown = server.metrics.render();
    for code in ["OK", "UNAUTHENTICATED", "PERMISSION_DENIED", "INTERNAL"] {
        let line = format!(
            "steward_requests_total{{rpc=\"{}\",protocol=\"grpc\",code=\"{code}\"}} 1",
            &LIST[1..]
        );
        assert!(shown.contains(&line), "{line} is missing in\n{shown}");
    }
    assert!(shown.contains(r#"steward_requests_in_flight{protocol="grpc"} 0"#));

    for (id, level, code, tenant) in [
        ("log-1", "DEBUG", "OK", Some(7)),
        ("log-2", "INFO", "UNAUTHENTICATED", None),
        ("log-3", "INFO", "PERMISSION_DENIED", Some(7)),
        ("log-4", "ERROR", "INTERNAL", Some(7)),
    ] {
        let lines = log.of(id);
        let calls: Vec<_> =
            lines.iter().filter(|line| line["target"] == "steward::calls").collect();
        assert_eq!(calls.len(), 1, "{lines:?}");
        let call = calls[0];
        assert_eq!((&call["level"], &call["code"]), (&level.into(), &code.into()), "{id}");
        assert_eq!(call["tenant"].as_i64(), tenant, "{id}");
        assert_eq!((&call["rpc"], &call["protocol"]), (&LIST[1..].into(), &"grpc".into()));
        assert!(call["duration_ms"].is_number());
        let text = format!("{lines:?}");
        assert!(!text.contains("Bearer") && !text.contains("authorization"), "{text}");
    }
    // The cause is told once, and to the log alone.
    let causes: Vec<_> =
        log.of("log-4").into_iter().filter(|line| line["cause"].is_string()).collect();
    assert_eq!((causes.len(), &causes[0]["cause"]), (1, &"the cause of it all".into()));
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
