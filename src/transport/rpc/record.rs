//! The record of one call: its metrics, and its one line in the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body::{Frame, SizeHint};
use steward_kernel::{Error, Principal};
use tonic::body::Body;
use tonic::{Code, Status};

use super::{Rule, Shared, panicked};
use crate::limits::Counted;
use crate::metrics::{Protocol, code_name};
use crate::rest::dialect;
use crate::status;

/// A call in flight. When it is dropped, whatever the way, the call is counted and logged; one
/// that was dropped before its end was given up by the client.
pub(super) struct Call {
    shared: Arc<Shared>,
    pub(super) rule: Rule,
    protocol: Protocol,
    pub(super) request_id: Arc<str>,
    pub(super) principal: Option<Arc<Principal>>,
    /// What came of counting it.
    pub(super) counted: Option<Counted>,
    started: Instant,
    code: Code,
}

impl Call {
    pub(super) fn begin(
        shared: Arc<Shared>,
        rule: Rule,
        protocol: Protocol,
        request_id: Arc<str>,
    ) -> Self {
        shared.metrics.begin(protocol);
        Self {
            shared,
            rule,
            protocol,
            request_id,
            principal: None,
            counted: None,
            started: Instant::now(),
            code: Code::Cancelled,
        }
    }

    /// Ends the call with `error`.
    pub(super) fn refuse(mut self, error: &Error) -> Response<Body> {
        status::log_cause(error, &self.request_id);
        let status = status::from_error(error, self.rule.family);
        self.code = status.code();
        let mut response = status.into_http();
        self.speak(response.headers_mut());
        response
    }

    /// Tells a failure by the code of its family, to those who read the status itself; the shim
    /// knows the codes.
    fn speak(&self, headers: &mut HeaderMap) {
        if matches!(self.protocol, Protocol::Grpc | Protocol::GrpcWeb) && self.code != Code::Ok {
            status::speak(headers, dialect::of(self.rule.dialect));
        }
    }

    /// Passes `response` on, and ends the call with it: at once when its head holds the
    /// status, else when its body has ended.
    pub(super) fn answer(mut self, mut response: Response<Body>) -> Response<Body> {
        if let Some(code) = code_in(response.headers()) {
            self.code = code;
            self.speak(response.headers_mut());
            return response;
        }
        response.map(|body| Body::new(RecordedBody { body: Some(body), call: self }))
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let took = self.started.elapsed();
        self.shared.metrics.end(self.rule.number, self.protocol, self.code, took);

        // To the microsecond: more digits are noise.
        let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
        let millis = f64::from(micros) / 1000.0;
        /// The line, at a level that must be known when it is compiled.
        macro_rules! line {
            ($level:ident) => {
                tracing::$level!(
                    target: "steward::calls",
                    request_id = &*self.request_id,
                    rpc = self.rule.name,
                    protocol = self.protocol.as_str(),
                    code = code_name(self.code),
                    duration_ms = millis,
                    tenant = self.principal.as_ref().map(|principal| principal.tenant.0),
                    client_id = self.principal.as_ref().map(|principal| &*principal.client_id),
                    audit = self.rule.audit.then_some(true),
                    "call"
                )
            };
        }
        // Reads that succeed are most of the calls and tell least, so they are told only to
        // those who ask for `steward::calls=debug`.
        match self.code {
            Code::Ok if self.rule.read && !self.rule.audit => line!(debug),
            Code::Internal | Code::Unknown | Code::DataLoss => line!(error),
            Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted => line!(warn),
            Code::Ok
            | Code::Cancelled
            | Code::InvalidArgument
            | Code::NotFound
            | Code::AlreadyExists
            | Code::PermissionDenied
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::Unauthenticated => line!(info),
        }
    }
}

fn code_in(headers: &HeaderMap) -> Option<Code> {
    headers.get(Status::GRPC_STATUS).map(|value| Code::from_bytes(value.as_bytes()))
}

/// A response body that notes the status at its end, and in which a panic becomes one.
struct RecordedBody {
    /// Absent after a panic: what is left of it must not be touched.
    body: Option<Body>,
    call: Call,
}

impl http_body::Body for RecordedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let mut polled = catch_unwind(AssertUnwindSafe(|| Pin::new(body).poll_frame(context)));
        match &mut polled {
            Ok(Poll::Ready(Some(Ok(frame)))) => {
                if let Some(trailers) = frame.trailers_mut() {
                    this.call.code = code_in(trailers).unwrap_or(Code::Unknown);
                    this.call.speak(trailers);
                }
            }
            Ok(Poll::Ready(Some(Err(status)))) => this.call.code = status.code(),
            Ok(Poll::Ready(None)) if this.call.code == Code::Cancelled => {
                // It ended without a status.
                this.call.code = Code::Unknown;
            }
            Ok(Poll::Ready(None) | Poll::Pending) => {}
            Err(panic) => {
                this.body = None;
                let error = panicked(&**panic);
                status::log_cause(&error, &this.call.request_id);
                let status = status::from_error(&error, this.call.rule.family);
                this.call.code = status.code();
                let mut trailers = HeaderMap::new();
                return Poll::Ready(Some(match status.add_header(&mut trailers) {
                    Ok(()) => Ok(Frame::trailers(trailers)),
                    Err(status) => Err(status),
                }));
            }
        }
        polled.unwrap_or(Poll::Ready(None))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    /// Never exact: grpc-web puts the trailers behind the body as one more frame, which a
    /// length announced before would cut off.
    fn size_hint(&self) -> SizeHint {
        SizeHint::default()
    }
}
