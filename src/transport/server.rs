//! Connections: accepting them, their limits, and letting them end.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use metrics::Gauge;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::body::{ActiveBody, Activity};
use crate::caller::Peer;
use crate::config::{ServerConfig, TlsFiles};
use crate::stack::{Parts, Stack, StackError};
use crate::stall::StallGuard;
use crate::tls::{self, TlsError};

/// How often samples are moved into the histograms.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// How often a connection that shall end is looked at.
const CLOSING: Duration = Duration::from_secs(1);

/// Why the server cannot serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The stack cannot be put together.
    #[error(transparent)]
    Stack(#[from] StackError),
    /// TLS cannot be offered.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// Listens on `address`. With port 0 the system picks one; the listener knows which.
///
/// # Errors
/// When the address is in use or not of this machine.
pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Reads certificate and key, so that a mistake in them is found before anything is started.
///
/// # Errors
/// When a file cannot be read, or the two cannot be used together.
pub fn check_tls(files: &TlsFiles) -> Result<(), ServeError> {
    tls::acceptor(files)?;
    Ok(())
}

/// Serves until `shutdown` ends, then drains: says NOT_SERVING, stops accepting, lets the
/// requests in flight finish for as long as the configuration allows, and returns.
///
/// # Errors
/// Before the first connection, when the configuration or the contract cannot be served.
pub async fn serve(
    listener: TcpListener,
    config: ServerConfig,
    parts: Parts,
    stack: Stack,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
    let health = stack.health().clone();
    let acceptor = Acceptor {
        connections: parts.metrics.gauge("steward_connections"),
        permits: Arc::new(Semaphore::new(config.max_connections)),
        stack,
        tls,
        config: Arc::new(config),
        stop: watch::Sender::new(false),
    };

    let mut tasks = JoinSet::new();
    let stopped = async {
        shutdown.await;
        health.drain().await;
        // New connections are still taken for a while: until balancers have noticed.
        sleep(acceptor.config.drain_delay).await;
    };
    let background = async {
        let upkeep = async {
            loop {
                sleep(METRICS_UPKEEP).await;
                parts.metrics.upkeep();
            }
        };
        tokio::join!(health.watch(&*parts.readiness, acceptor.config.readiness_interval), upkeep)
    };
    tokio::select! {
        () = stopped => {}
        never = acceptor.run(&listener, &mut tasks) => match never {},
        _ = background => {}
    }
    drop(listener);
    acceptor.drain(tasks, health.end_watches()).await;
    Ok(())
}

/// Makes connections of what a listener accepts.
struct Acceptor {
    stack: Stack,
    tls: Option<TlsAcceptor>,
    config: Arc<ServerConfig>,
    permits: Arc<Semaphore>,
    connections: Gauge,
    /// Turns true when connections shall end.
    stop: watch::Sender<bool>,
}

impl Acceptor {
    async fn run(&self, listener: &TcpListener, tasks: &mut JoinSet<()>) -> Infallible {
        loop {
            // The permit comes first: connections beyond the limit stay in the backlog of the
            // system, where they cost nothing.
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
                // The semaphore is never closed.
                return std::future::pending().await;
            };
            match listener.accept().await {
                Ok((stream, peer)) => self.spawn(stream, Peer(peer.ip()), permit, tasks),
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    // Out of file descriptors, most likely; some are free again soon.
                    tracing::error!(%error, "cannot accept connections");
                    sleep(Duration::from_millis(200)).await;
                }
            }
            while let Some(ended) = tasks.try_join_next() {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection failed");
                }
            }
        }
    }

    fn spawn(
        &self,
        stream: TcpStream,
        peer: Peer,
        permit: OwnedSemaphorePermit,
        tasks: &mut JoinSet<()>,
    ) {
        let stack = self.stack.clone();
        let config = Arc::clone(&self.config);
        let tls = self.tls.clone();
        let stop = self.stop.subscribe();
        let open = Open::count(self.connections.clone());
        tasks.spawn(async move {
            let _held = (permit, open);
            // Answers are small and written whole, so there is nothing to wait for. A failure
            // shows up in the first read too.
            let _ = stream.set_nodelay(true);
            match tls {
                None => drive(stream, peer, &stack, &config, stop).await,
                Some(tls) => {
                    let handshake = handshake(&tls, stream, &config, stop.clone());
                    if let Some(stream) = handshake.await {
                        drive(stream, peer, &stack, &config, stop).await;
                    }
                }
            }
        });
    }

    async fn drain(self, mut tasks: JoinSet<()>, end_watches: impl Future<Output = ()>) {
        self.stop.send_replace(true);
        end_watches.await;
        let all = async { while tasks.join_next().await.is_some() {} };
        if timeout(self.config.drain_timeout, all).await.is_err() {
            tracing::warn!(connections = tasks.len(), "stopped with requests in flight");
            tasks.shutdown().await;
        }
    }
}

/// Agrees on TLS. Half a handshake is a slow head, and none when the server stops.
async fn handshake(
    tls: &TlsAcceptor,
    stream: TcpStream,
    config: &ServerConfig,
    mut stop: watch::Receiver<bool>,
) -> Option<TlsStream<TcpStream>> {
    tokio::select! {
        accepted = timeout(config.header_read_timeout, tls.accept(stream)) => match accepted {
            Ok(Ok(stream)) => return Some(stream),
            Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
            Err(_) => tracing::debug!("TLS handshake took too long"),
        },
        _ = stop.wait_for(|stop| *stop) => {}
    }
    None
}

/// Serves one connection to its end.
async fn drive<I>(
    io: I,
    peer: Peer,
    stack: &Stack,
    config: &ServerConfig,
    mut stop: watch::Receiver<bool>,
) where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::new();
    let service = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let stack = stack.clone();
        let active = activity.begin();
        async move {
            let response = stack.handle(request).await;
            Ok::<_, Infallible>(response.map(|body| ActiveBody { body, _active: active }))
        }
    });
    let protocol = protocol(config);
    let io = TokioIo::new(StallGuard::new(io, config.request_timeout));
    let mut connection = pin!(protocol.serve_connection(io, service));

    let age = config.max_connection_age.map(|age| age.mul_f64(1.0 - rand::random::<f64>() / 10.0));
    let mut aged = pin!(sleep(age.unwrap_or_default()));
    let mut check = pin!(sleep(config.header_read_timeout));
    let mut closing = false;
    loop {
        tokio::select! {
            // Clients that vanish or speak nonsense are no concern of the operator.
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(error, "connection ended");
                }
                return;
            }
            _ = stop.wait_for(|stop| *stop), if !closing => closing = true,
            () = &mut aged, if age.is_some() && !closing => closing = true,
            () = &mut check => {
                match activity.idle() {
                    // It never sent a whole head, or would not go when asked to.
                    Some(_) if activity.is_fresh() || closing => return,
                    Some(idle) if idle >= config.idle_timeout => closing = true,
                    Some(idle) => check.set(sleep(config.idle_timeout - idle)),
                    None => check.set(sleep(config.idle_timeout)),
                }
                if !closing {
                    continue;
                }
            }
        }
        // Requests in flight finish; then the connection ends. One that does not, such as one
        // in the middle of a head, is dropped when it is looked at again without a request.
        connection.as_mut().graceful_shutdown();
        check.set(sleep(CLOSING));
    }
}

/// Either HTTP version, told apart by its first bytes, with the limits of `config`.
fn protocol(config: &ServerConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.header_read_timeout)
        .max_buf_size(usize::try_from(config.max_header_bytes).unwrap_or(usize::MAX).max(8192));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(config.max_header_bytes)
        .max_concurrent_streams(config.max_concurrent_streams)
        .keep_alive_interval(config.keep_alive_interval)
        .keep_alive_timeout(config.keep_alive_timeout);
    builder
}

/// Whether accepting failed because a connection ended before it was accepted.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
    )
}

/// Counts an open connection while it lives.
struct Open(Gauge);

impl Open {
    fn count(gauge: Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
