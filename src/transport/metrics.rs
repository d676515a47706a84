//! What `/metrics` shows: rate, errors and duration of every RPC and protocol, and the process.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics::{Counter, Gauge, Histogram, Key, Label, Level, Metadata, Recorder, Unit};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use tonic::Code;

/// Upper bounds of the histogram of durations, in seconds.
const BUCKETS: [f64; 12] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

const METADATA: Metadata<'static> =
    Metadata::new("steward_transport", Level::INFO, Some(module_path!()));

/// Numbers of the gRPC codes end at 16.
const CODES: usize = 17;

/// How a call came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// gRPC over HTTP/2.
    Grpc,
    /// grpc-web, binary or text.
    GrpcWeb,
    /// JSON through the REST shim.
    Json,
    /// A page of the server itself, on behalf of whoever looks at it.
    Page,
}

impl Protocol {
    const ALL: [Self; 4] = [Self::Grpc, Self::GrpcWeb, Self::Json, Self::Page];

    /// The name of the protocol in metrics and log lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::GrpcWeb => "grpc-web",
            Self::Json => "json",
            Self::Page => "page",
        }
    }
}

/// The recorder of every metric of the process, and its text form. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    recorder: Arc<PrometheusRecorder>,
    handle: PrometheusHandle,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// A recorder with the facts of the process: its start and its version.
    #[must_use]
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new();
        // The list is a constant and not empty, which is all that is asked for.
        let builder = builder.set_buckets(&BUCKETS).unwrap_or_default();
        let recorder = Arc::new(builder.build_recorder());
        let metrics = Self { handle: recorder.handle(), recorder };
        metrics.describe();
        metrics
    }

    /// Makes this the recorder of the `metrics` macros in the whole process.
    ///
    /// # Errors
    /// When the process has one.
    pub fn install(&self) -> Result<(), metrics::SetRecorderError<Arc<PrometheusRecorder>>> {
        metrics::set_global_recorder(Arc::clone(&self.recorder))
    }

    /// Everything in the text format of Prometheus.
    #[must_use]
    pub fn render(&self) -> String {
        self.handle.render()
    }

    /// Moves what was recorded into the histograms. Must run every few seconds, or samples pile
    /// up.
    pub fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// A gauge without labels.
    pub(crate) fn gauge(&self, name: &'static str) -> Gauge {
        self.recorder.register_gauge(&Key::from_static_name(name), &METADATA)
    }

    /// A gauge with one label.
    pub(crate) fn gauge_of(
        &self,
        name: &'static str,
        label: &'static str,
        value: &'static str,
    ) -> Gauge {
        let label = Label::from_static_parts(label, value);
        self.recorder.register_gauge(&Key::from_parts(name, vec![label]), &METADATA)
    }

    fn describe(&self) {
        let recorder = &self.recorder;
        recorder.describe_counter(
            "steward_requests_total".into(),
            None,
            "Finished calls by RPC, protocol and gRPC code.".into(),
        );
        recorder.describe_histogram(
            "steward_request_duration_seconds".into(),
            Some(Unit::Seconds),
            "Time from the head of a request to the end of its answer.".into(),
        );
        for (name, text) in [
            ("steward_requests_in_flight", "Calls that are being answered."),
            ("steward_connections", "Open connections."),
            ("steward_ready", "Whether the server can do its work."),
            ("steward_part_working", "Whether a part outside of the server works."),
            ("steward_build_info", "The version of the server; always 1."),
            ("process_start_time_seconds", "When the process started, in Unix time."),
        ] {
            recorder.describe_gauge(name.into(), None, text.into());
        }
        let version = Label::from_static_parts("version", env!("CARGO_PKG_VERSION"));
        let build = Key::from_parts("steward_build_info", vec![version]);
        recorder.register_gauge(&build, &METADATA).set(1.0);
        #[expect(clippy::cast_precision_loss, reason = "seconds of our time are exact in f64")]
        let start = steward_kernel::time::now().as_second() as f64;
        self.gauge("process_start_time_seconds").set(start);
    }
}

/// The metrics of every call, reached by the number of its RPC: a hot call looks up no labels.
pub(crate) struct CallMetrics {
    recorder: Arc<PrometheusRecorder>,
    names: Vec<String>,
    series: Vec<[OnceLock<Series>; 4]>,
    in_flight: [Gauge; 4],
}

/// The series of one RPC over one protocol, made when it is first called.
struct Series {
    codes: [OnceLock<Counter>; CODES],
    duration: Histogram,
}

impl CallMetrics {
    /// Room for the RPCs with these `names`, in this order.
    pub(crate) fn new(metrics: &Metrics, names: Vec<String>) -> Self {
        let recorder = Arc::clone(&metrics.recorder);
        let in_flight = Protocol::ALL.map(|protocol| {
            let label = Label::from_static_parts("protocol", protocol.as_str());
            let key = Key::from_parts("steward_requests_in_flight", vec![label]);
            recorder.register_gauge(&key, &METADATA)
        });
        let series = names.iter().map(|_| Default::default()).collect();
        Self { recorder, names, series, in_flight }
    }

    /// Counts a call that begins.
    pub(crate) fn begin(&self, protocol: Protocol) {
        self.in_flight[protocol as usize].increment(1.0);
    }

    /// Counts a call that ended: to `rpc`, the number of its name.
    pub(crate) fn end(&self, rpc: usize, protocol: Protocol, code: Code, took: Duration) {
        self.in_flight[protocol as usize].decrement(1.0);
        let Some(series) = self.series.get(rpc) else { return };
        let labels = || {
            vec![
                Label::new("rpc", self.names[rpc].clone()),
                Label::from_static_parts("protocol", protocol.as_str()),
            ]
        };
        let series = series[protocol as usize].get_or_init(|| {
            let key = Key::from_parts("steward_request_duration_seconds", labels());
            let duration = self.recorder.register_histogram(&key, &METADATA);
            Series { codes: Default::default(), duration }
        });
        series.duration.record(took.as_secs_f64());
        let counter = series.codes[code as usize].get_or_init(|| {
            let mut labels = labels();
            labels.push(Label::from_static_parts("code", code_name(code)));
            let key = Key::from_parts("steward_requests_total", labels);
            self.recorder.register_counter(&key, &METADATA)
        });
        counter.increment(1);
    }
}

/// The name of a gRPC code in metrics and log lines.
pub(crate) const fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_rate_errors_and_duration() {
        let metrics = Metrics::new();
        let calls = CallMetrics::new(&metrics, vec!["a.B/C".into(), "a.B/D".into()]);
        for code in [Code::Ok, Code::Ok, Code::NotFound] {
            calls.begin(Protocol::Json);
            calls.end(1, Protocol::Json, code, Duration::from_millis(2));
        }
        calls.begin(Protocol::Grpc);
        let text = metrics.render();
        for line in [
            r#"steward_requests_total{rpc="a.B/D",protocol="json",code="OK"} 2"#,
            r#"steward_requests_total{rpc="a.B/D",protocol="json",code="NOT_FOUND"} 1"#,
            r#"steward_request_duration_seconds_bucket{rpc="a.B/D",protocol="json",le="0.0025"} 3"#,
            r#"steward_requests_in_flight{protocol="grpc"} 1"#,
            r#"steward_requests_in_flight{protocol="json"} 0"#,
        ] {
            assert!(text.contains(line), "{line} is missing in\n{text}");
        }
    }
}
