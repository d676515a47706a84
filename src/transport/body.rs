//! Bodies as they come off and go onto the wire.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;
use steward_kernel::{Error, Kind};
use tonic::Status;
use tonic::body::Body;

use crate::status;

/// The reason of a request whose body is larger than the server takes.
pub const BODY_TOO_LARGE: &str = "BODY_TOO_LARGE";

/// How much of a body that is too large is read and thrown away before it is refused. A client
/// that is still sending when its connection is closed may never see why: what it sends then
/// makes its system drop the answer.
const THROWN_AWAY: usize = 8 * 1024 * 1024;

/// A request body of at most so many bytes.
pub(crate) struct LimitedBody<B> {
    inner: B,
    left: usize,
    /// Whether it is known to be too large.
    refused: bool,
    /// How much may still be thrown away.
    to_throw_away: usize,
}

impl<B> LimitedBody<B> {
    /// `expects` says whether the client waits with the body until it is asked for, and so is
    /// refused before it sends anything.
    pub(crate) fn new(inner: B, limit: usize, expects: bool) -> Self {
        let to_throw_away = if expects { 0 } else { THROWN_AWAY };
        Self { inner, left: limit, refused: false, to_throw_away }
    }
}

impl<B: http_body::Body<Data = Bytes> + Unpin> LimitedBody<B> {
    /// Throws away what may be, then ends.
    fn poll_refused(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.inner.size_hint().lower() > self.to_throw_away as u64 {
                return Poll::Ready(());
            }
            let Some(Ok(frame)) = ready!(Pin::new(&mut self.inner).poll_frame(context)) else {
                return Poll::Ready(());
            };
            let length = frame.data_ref().map_or(0, Bytes::len);
            match self.to_throw_away.checked_sub(length) {
                Some(left) => self.to_throw_away = left,
                None => return Poll::Ready(()),
            }
        }
    }
}

impl<B> http_body::Body for LimitedBody<B>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        self.refused |= self.inner.size_hint().lower() > self.left as u64;
        if !self.refused {
            let Some(frame) = ready!(Pin::new(&mut self.inner).poll_frame(context)) else {
                return Poll::Ready(None);
            };
            let frame = frame.map_err(|error| unread(error.into()))?;
            let length = frame.data_ref().map_or(0, Bytes::len);
            if let Some(left) = self.left.checked_sub(length) {
                self.left = left;
                return Poll::Ready(Some(Ok(frame)));
            }
            self.refused = true;
        }
        self.poll_refused(context).map(|()| Some(Err(too_large())))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// What ends a body early is the client's doing: it left, or broke its framing.
fn unread(error: Box<dyn std::error::Error + Send + Sync>) -> Status {
    tracing::debug!(error, "a request body ended early");
    Status::cancelled("The body of the request did not arrive.")
}

fn too_large() -> Status {
    let error = Error::new(
        Kind::ResourceExhausted,
        BODY_TOO_LARGE,
        "The body of the request is too large.",
    );
    status::from_error(&error, "")
}

/// A body that was read to its end.
pub(crate) struct Whole {
    /// Its data in one piece.
    pub(crate) data: Bytes,
    /// What came behind it.
    pub(crate) trailers: Option<HeaderMap>,
}

/// Reads a body to its end.
///
/// # Errors
/// Those of the body.
pub(crate) async fn whole(mut body: Body) -> Result<Whole, Status> {
    let mut data = Bytes::new();
    let mut more = BytesMut::new();
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame?.into_data() {
            // Almost every body is one piece, which then needs no copy.
            Ok(piece) if data.is_empty() => data = piece,
            Ok(piece) => {
                if more.is_empty() {
                    more.extend_from_slice(&data);
                }
                more.extend_from_slice(&piece);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    let data = if more.is_empty() { data } else { more.freeze() };
    Ok(Whole { data, trailers })
}

/// How busy a connection is.
pub(crate) struct Activity {
    opened: Instant,
    requests: AtomicUsize,
    /// Milliseconds after `opened` at which a request began or ended last; 0 before the first.
    last: AtomicU64,
}

impl Activity {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            opened: Instant::now(),
            requests: AtomicUsize::new(0),
            last: AtomicU64::new(0),
        })
    }

    /// Whether no request has begun yet.
    pub(crate) fn is_fresh(&self) -> bool {
        self.last.load(Ordering::Relaxed) == 0
    }

    /// How long there has been no request; none while there is one.
    pub(crate) fn idle(&self) -> Option<Duration> {
        let since = Duration::from_millis(self.last.load(Ordering::Relaxed));
        let none = self.requests.load(Ordering::Relaxed) == 0;
        none.then(|| self.opened.elapsed().saturating_sub(since))
    }

    /// Notes a request, until the answer is dropped.
    pub(crate) fn begin(self: &Arc<Self>) -> Active {
        self.requests.fetch_add(1, Ordering::Relaxed);
        self.touch();
        Active(Arc::clone(self))
    }

    fn touch(&self) {
        let now = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now.max(1), Ordering::Relaxed);
    }
}

/// A request in flight on its connection.
pub(crate) struct Active(Arc<Activity>);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.touch();
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A response body during which its connection is busy.
pub(crate) struct ActiveBody {
    pub(crate) body: Body,
    pub(crate) _active: Active,
}

impl http_body::Body for ActiveBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
