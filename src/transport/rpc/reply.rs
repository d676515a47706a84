//! A unary answer in gRPC framing, taken apart and put together again.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, request, response};
use http_body_util::{BodyExt, Full};
use steward_kernel::{Error, Result};
use tonic::Status;
use tonic::body::Body;

use crate::body::{self, Whole};
use crate::changes::Recorded;
use crate::rest::REPLAYED;

const STATUS: HeaderName = Status::GRPC_STATUS;
const MESSAGE: HeaderName = Status::GRPC_MESSAGE;
const DETAILS: HeaderName = Status::GRPC_STATUS_DETAILS;

/// A unary answer.
pub(super) struct Reply {
    pub(super) head: response::Parts,
    /// The response message; empty for a failure.
    pub(super) message: Bytes,
    framed: Bytes,
    trailers: HeaderMap,
}

impl Reply {
    /// Reads an answer to its end.
    ///
    /// # Errors
    /// INTERNAL when the service breaks off.
    pub(super) async fn read(response: Response<Body>) -> Result<Self> {
        let (head, body) = response.into_parts();
        let Whole { data: framed, trailers } = body::whole(body).await.map_err(Error::internal)?;
        let message = unframe(&framed).unwrap_or_default();
        Ok(Self { head, message, framed, trailers: trailers.unwrap_or_default() })
    }

    /// gRPC code of the answer.
    pub(super) fn code(&self) -> i32 {
        let code = self.head.headers.get(STATUS).or_else(|| self.trailers.get(STATUS));
        // An answer without a status is a fault of the service: UNKNOWN.
        code.and_then(|code| code.to_str().ok()?.parse().ok()).unwrap_or(2)
    }

    /// The status of the answer; nothing when it has none.
    pub(super) fn status(&self) -> Option<Status> {
        [&self.head.headers, &self.trailers].into_iter().find_map(Status::from_header_map)
    }

    /// Puts another message in the place of the present one.
    pub(super) fn set_message(&mut self, message: Bytes) {
        self.framed = frame(&message);
        self.message = message;
    }

    /// The answer as an idempotency key records it.
    pub(super) fn record(&self) -> Recorded {
        let text = |name: HeaderName| {
            let value = self.head.headers.get(&name).or_else(|| self.trailers.get(name));
            value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
        };
        Recorded {
            code: self.code(),
            message: text(MESSAGE),
            details: text(DETAILS),
            response: self.message.clone(),
        }
    }

    /// The answer that was recorded.
    ///
    /// # Errors
    /// INTERNAL when the record cannot be sent.
    pub(super) fn replay(recorded: Recorded) -> Result<Self> {
        let Recorded { code, message, details, response } = recorded;
        let (mut head, ()) = Response::new(()).into_parts();
        head.headers
            .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
        head.headers.insert(REPLAYED, HeaderValue::from_static("true"));
        let mut trailers = HeaderMap::new();
        let into = if code == 0 { &mut trailers } else { &mut head.headers };
        into.insert(STATUS, HeaderValue::from(code));
        for (name, value) in [(MESSAGE, message), (DETAILS, details)] {
            if !value.is_empty() {
                let value = HeaderValue::try_from(value).map_err(Error::internal)?;
                into.insert(name, value);
            }
        }
        let framed = if code == 0 { frame(&response) } else { Bytes::new() };
        Ok(Self { head, message: response, framed, trailers })
    }

    /// The answer as a response again.
    pub(super) fn into_response(self) -> Response<Body> {
        if self.trailers.is_empty() {
            // The status is in the head, and then there is no message.
            return Response::from_parts(self.head, Body::empty());
        }
        let trailers = self.trailers;
        let body =
            Full::new(self.framed)
                .with_trailers(std::future::ready(Some(Ok::<_, std::convert::Infallible>(
                    trailers,
                ))));
        Response::from_parts(self.head, Body::new(body))
    }
}

/// A request whose body was read.
pub(super) struct Framed {
    pub(super) head: request::Parts,
    pub(super) body: Bytes,
}

impl Framed {
    /// Reads a request to its end. A failure is in the body's own words, such as that it is too
    /// large.
    pub(super) async fn read(request: Request<Body>) -> Result<Self, Status> {
        let (head, body) = request.into_parts();
        let body = body::whole(body).await?.data;
        Ok(Self { head, body })
    }

    /// Its message; nothing for what a handler could not read either, of which tonic says what
    /// is wrong with it.
    pub(super) fn message(&self) -> Option<Bytes> {
        unframe(&self.body)
    }

    /// The request as it was.
    pub(super) fn into_request(self) -> Request<Body> {
        Request::from_parts(self.head, Body::new(Full::new(self.body)))
    }
}

/// The one message of a framed body; nothing when there is none, or more, or a compressed one.
fn unframe(framed: &Bytes) -> Option<Bytes> {
    let length = framed.get(1..5)?.try_into().map(u32::from_be_bytes).ok()?;
    let whole = framed[0] == 0 && framed.len() - 5 == length as usize;
    whole.then(|| framed.slice(5..))
}

/// A message in a frame.
pub(super) fn frame(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(message.len() + 5);
    framed.put_u8(0);
    framed.put_u32(u32::try_from(message.len()).unwrap_or(u32::MAX));
    framed.extend_from_slice(message);
    framed.freeze()
}
