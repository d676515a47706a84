//! Connections over real sockets: protocols, TLS, limits and the end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::Full;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::Code;

use super::support::{Answer, Signals, TOKEN, empty, grpc, parts};
use crate::config::{ServerConfig, TlsFiles};
use crate::metrics::Metrics;
use crate::server::{ServeError, bind, serve};
use crate::stack::Stack;

/// A server on a port of its own.
struct Port {
    address: SocketAddr,
    signals: Arc<Signals>,
    metrics: Metrics,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<Result<(), ServeError>>,
}

impl Port {
    async fn open(config: ServerConfig) -> Self {
        let (parts, signals) = parts();
        let metrics = parts.metrics.clone();
        let listener = bind(([127, 0, 0, 1], 0).into()).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let stack = Stack::new(&config, &parts).await.expect("a stack");
        let task = tokio::spawn(serve(listener, config, parts, stack, shutdown));
        Self { address, signals, metrics, stop: Some(stop), task }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("a connection")
    }

    fn stop(&mut self) {
        self.stop.take().expect("the first time").send(()).expect("a server that runs");
    }
}

type Http2 = http2::SendRequest<Full<Bytes>>;

/// An HTTP/2 client, and the task that ends with its connection.
async fn http2<I>(io: I) -> (Http2, JoinHandle<hyper::Result<()>>)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await;
    let (client, connection) = handshake.expect("a handshake");
    (client, tokio::spawn(connection))
}

/// The call with an absolute URI, as HTTP/2 clients send it.
fn call(wish: &str) -> Request<Full<Bytes>> {
    let mut request = grpc(wish, TOKEN);
    let uri = format!("http://localhost{}", request.uri().path());
    *request.uri_mut() = uri.parse().expect("a URI");
    request
}

async fn send(client: &mut Http2, wish: &str) -> Answer {
    Answer::read(client.send_request(call(wish)).await.expect("an answer")).await
}

#[tokio::test]
async fn takes_both_http_versions_on_one_port() {
    let port = Port::open(ServerConfig::default()).await;
    let (mut client, _) = http2(port.connect().await).await;
    let answer = send(&mut client, "").await;
    assert_eq!((answer.code(), answer.text().starts_with("7 ")), (Code::Ok, true));

    let io = TokioIo::new(port.connect().await);
    let (mut client, connection) = http1::handshake(io).await.expect("a handshake");
    tokio::spawn(connection);
    let request = Request::get("/livez").header("host", "localhost").body(empty());
    let response = client.send_request(request.expect("a request")).await.expect("an answer");
    assert_eq!(response.version(), Version::HTTP_11);
    assert_eq!(&Answer::read(response).await.body[..], b"ok\n");
}

#[tokio::test]
async fn takes_both_http_versions_over_tls() {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a key");
    let folder = std::env::temp_dir().join(format!("steward-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let files = TlsFiles { certificate: folder.join("c.pem"), key: folder.join("k.pem") };
    std::fs::write(&files.certificate, certified.cert.pem()).expect("a file");
    std::fs::write(&files.key, certified.signing_key.serialize_pem()).expect("a file");
    let port = Port::open(ServerConfig { tls: Some(files.clone()), ..Default::default() }).await;

    let mut roots = rustls::RootCertStore::empty();
    let root = CertificateDer::from_pem_file(&files.certificate).expect("a certificate");
    roots.add(root).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    for (offered, chosen) in [
        (vec![b"h2".to_vec(), b"http/1.1".to_vec()], Some(&b"h2"[..])),
        (vec![b"http/1.1".to_vec()], Some(b"http/1.1")),
        (vec![], None),
    ] {
        config.alpn_protocols = offered;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config.clone()));
        let name = ServerName::try_from("localhost").expect("a name");
        let mut stream = connector.connect(name, port.connect().await).await.expect("TLS");
        assert_eq!(stream.get_ref().1.alpn_protocol(), chosen);
        if chosen == Some(b"h2") {
            let (mut client, _) = http2(stream).await;
            assert_eq!(send(&mut client, "").await.code(), Code::Ok);
        } else {
            let request = b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
            stream.write_all(request).await.expect("a write");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.expect("a read");
            assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("ok\n"), "{answer}");
        }
    }
    std::fs::remove_dir_all(folder).expect("the folder");

    let missing = ServerConfig { tls: Some(files), ..Default::default() };
    let refused = Port::open(missing).await.task.await.expect("no panic").expect_err("no files");
    assert!(refused.to_string().contains("c.pem"), "{refused}");
}

#[tokio::test]
async fn drops_slow_heads() {
    let config =
        ServerConfig { header_read_timeout: Duration::from_millis(50), ..Default::default() };
    let port = Port::open(config).await;
    for sent in [
        &b""[..],
        b"P",
        b"GET /livez HTTP/1.1\r\nhost: x\r\nx-slow:",
        // A client that speaks HTTP/2 and then says nothing.
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    ] {
        let mut stream = port.connect().await;
        stream.write_all(sent).await.expect("a write");
        // Ends only when the server closes the connection.
        let mut answer = vec![];
        let _ = stream.read_to_end(&mut answer).await;
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{sent:?}");
    }
}

#[tokio::test]
async fn drops_half_open_connections() {
    let config = ServerConfig {
        keep_alive_interval: Duration::from_millis(50),
        keep_alive_timeout: Duration::from_millis(50),
        ..Default::default()
    };
    let port = Port::open(config).await;
    let mut stream = port.connect().await;
    // The preface, SETTINGS, and then no answer to any PING, as if the cable were cut.
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    stream.write_all(preface).await.expect("a write");
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer).await;
    let ping = b"\0\0\x08\x06";
    assert!(answer.windows(ping.len()).any(|window| window == ping));
}

#[tokio::test]
async fn closes_idle_and_old_connections() {
    for config in [
        ServerConfig {
            header_read_timeout: Duration::from_millis(50),
            idle_timeout: Duration::from_millis(50),
            ..Default::default()
        },
        ServerConfig { max_connection_age: Some(Duration::from_millis(50)), ..Default::default() },
    ] {
        let port = Port::open(config).await;
        let (mut client, connection) = http2(port.connect().await).await;
        assert_eq!(send(&mut client, "").await.code(), Code::Ok);
        // GOAWAY: the connection ends without an error.
        connection.await.expect("no panic").expect("a polite end");
    }
}

#[tokio::test]
async fn refuses_large_heads() {
    let port = Port::open(ServerConfig::default()).await;
    let (mut client, _) = http2(port.connect().await).await;
    let mut request = call("");
    let large = "x".repeat(40 * 1024).parse().expect("a value");
    request.headers_mut().insert("x-large", large);
    let response = client.send_request(request).await.expect("an answer");
    assert_eq!(response.status(), 431);

    let mut stream = port.connect().await;
    let head = format!("GET /livez HTTP/1.1\r\nx-large: {}\r\n\r\n", "x".repeat(40 * 1024));
    stream.write_all(head.as_bytes()).await.expect("a write");
    let mut answer = vec![];
    let _ = stream.read_to_end(&mut answer).await;
    assert!(answer.starts_with(b"HTTP/1.1 431"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn waits_with_connections_beyond_the_limit() {
    let port = Port::open(ServerConfig { max_connections: 1, ..Default::default() }).await;
    let (mut first, connection) = http2(port.connect().await).await;
    assert_eq!(send(&mut first, "").await.code(), Code::Ok);
    assert!(port.metrics.render().contains("steward_connections 1"));

    let second = port.connect().await;
    drop(first);
    connection.await.expect("no panic").expect("a polite end");
    let (mut second, _) = http2(second).await;
    assert_eq!(send(&mut second, "").await.code(), Code::Ok);
}

#[tokio::test]
async fn drains_before_it_stops() {
    let mut port = Port::open(ServerConfig::default()).await;
    let (mut client, _) = http2(port.connect().await).await;
    let in_flight = tokio::spawn(client.send_request(call("hang")));
    port.signals.entered.notified().await;
    port.stop();
    // The listener is gone once connections are refused; until then they may still be taken.
    while TcpStream::connect(port.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!port.task.is_finished());
    port.signals.release.notify_one();
    let response = in_flight.await.expect("no panic").expect("an answer");
    assert_eq!(Answer::read(response).await.code(), Code::Ok);
    port.task.await.expect("no panic").expect("a polite end");
}

#[tokio::test]
async fn waits_for_no_slow_heads_when_it_drains() {
    let mut port = Port::open(ServerConfig::default()).await;
    let mut silent = port.connect().await;
    let mut slow = port.connect().await;
    slow.write_all(b"GET /livez HTTP/1.1\r\nx-slow:").await.expect("a write");
    // An answer on a later connection: both others have been accepted.
    let (mut client, _) = http2(port.connect().await).await;
    assert_eq!(send(&mut client, "").await.code(), Code::Ok);
    port.stop();
    for stream in [&mut silent, &mut slow] {
        let _ = stream.read_to_end(&mut vec![]).await;
    }
    let stopped = tokio::time::timeout(Duration::from_secs(10), port.task).await;
    stopped.expect("long before the drain is over").expect("no panic").expect("a polite end");
}

#[tokio::test]
async fn drains_for_so_long_only() {
    let drain_timeout = Duration::from_millis(50);
    let mut port = Port::open(ServerConfig { drain_timeout, ..Default::default() }).await;
    let (mut client, _) = http2(port.connect().await).await;
    let in_flight = tokio::spawn(client.send_request(call("hang")));
    port.signals.entered.notified().await;
    port.stop();
    port.task.await.expect("no panic").expect("a polite end");
    assert!(in_flight.await.expect("no panic").is_err());
}

#[tokio::test]
async fn ends_health_watches_when_it_drains() {
    let mut port = Port::open(ServerConfig::default()).await;
    let (mut client, _) = http2(port.connect().await).await;
    let mut request = call("");
    *request.uri_mut() = "http://localhost/grpc.health.v1.Health/Watch".parse().expect("a URI");
    let response = client.send_request(request).await.expect("an answer");
    port.stop();
    let answer = Answer::read(response).await;
    assert_eq!(answer.code(), Code::Ok);
    // The last thing a watcher hears is NOT_SERVING.
    assert_eq!(answer.body.last(), Some(&2));
    port.task.await.expect("no panic").expect("a polite end");
}
