//! Whether the server can do its work, for `/readyz` and `grpc.health.v1`.
//!
//! The database is asked by one task, again and again, so that probes cost nothing and nobody
//! without a token can reach the database through them.

use std::sync::Arc;
use std::time::Duration;

use steward_kernel::{Error, Result};
use tokio::sync::watch;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::HealthServer;
use tonic_health::server::{HealthReporter, HealthService};

use crate::auth::Readiness;
use crate::metrics::Metrics;

/// What the server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The first check is under way.
    Starting,
    /// Everything works.
    Ready,
    /// Something is missing; the sentence says what.
    NotReady(String),
    /// The server was asked to stop.
    Draining,
}

/// The state of the server and who is told of it. Cheap to clone.
#[derive(Clone)]
pub struct Health {
    state: Arc<watch::Sender<State>>,
    reporter: HealthReporter,
    services: Arc<[&'static str]>,
    ready: metrics::Gauge,
}

impl Health {
    /// The health of `services`, full names, and of the server as a whole.
    pub(crate) async fn new(services: Vec<&'static str>, metrics: &Metrics) -> Self {
        let health = Self {
            state: Arc::new(watch::Sender::new(State::Starting)),
            reporter: HealthReporter::new(),
            services: services.into(),
            ready: metrics.gauge("steward_ready"),
        };
        health.report().await;
        health
    }

    /// The gRPC service that answers.
    pub(crate) fn service(&self) -> HealthServer<HealthService> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    /// What the server says of itself now, and at every change.
    #[must_use]
    pub fn state(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Checks `readiness` every `interval`, until the future is dropped or the server drains.
    pub(crate) async fn watch(&self, readiness: &dyn Readiness, interval: Duration) {
        let mut ticks = tokio::time::interval(interval);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            // A check that hangs is a failure too.
            let limit = interval.max(Duration::from_secs(2));
            let result = match tokio::time::timeout(limit, readiness.check()).await {
                Ok(result) => result,
                Err(_) => Err(Error::unavailable("The check took too long.", interval)),
            };
            if !self.note(result).await {
                return;
            }
        }
    }

    /// Publishes the result of a check. Answers whether further checks are of use.
    async fn note(&self, result: Result<()>) -> bool {
        let state = match &result {
            Ok(()) => State::Ready,
            Err(error) => State::NotReady(error.message().to_owned()),
        };
        let mut draining = false;
        let changed = self.state.send_if_modified(|known| {
            draining = *known == State::Draining;
            let changed = !draining && *known != state;
            if changed {
                known.clone_from(&state);
            }
            changed
        });
        if changed {
            match result {
                Ok(()) => tracing::info!("ready"),
                Err(error) => {
                    let cause = error.source_for_log().map(ToString::to_string);
                    tracing::warn!(reason = error.reason(), cause, "not ready: {error}");
                }
            }
            self.report().await;
        }
        !draining
    }

    /// Says from now on that the server is about to stop.
    pub(crate) async fn drain(&self) {
        self.state.send_replace(State::Draining);
        self.report().await;
    }

    /// Ends the streams of those who watch the health; they would hold up the end of a drain.
    pub(crate) async fn end_watches(&self) {
        let mut reporter = self.reporter.clone();
        for service in self.everything() {
            reporter.clear_service_status(service).await;
        }
    }

    /// Tells the gRPC service. The state is read anew each time, so that of two reports at once
    /// none can leave an old one behind.
    async fn report(&self) {
        for service in self.everything() {
            let ready = *self.state.borrow() == State::Ready;
            self.ready.set(f64::from(u8::from(ready)));
            let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
            self.reporter.set_service_status(service, status).await;
        }
    }

    /// Every service, and "", which is the server as a whole.
    fn everything(&self) -> impl Iterator<Item = &'static str> {
        self.services.iter().copied().chain([""])
    }
}
