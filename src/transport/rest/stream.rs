//! Server streams as JSON: server-sent events, or one JSON text a line.
//!
//! What is sent for each message is the field that the route's `response_body` names, or else
//! the whole message. A message without that field is a heartbeat: a comment among
//! server-sent events, an empty line among lines. A stream whose request and response have a
//! field `cursor` can be resumed: it is the id of each event, and `Last-Event-ID` sets it. A
//! failure after the start is the last event, named `error`, or the last line.

use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use futures_util::stream;
use http::Response;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tonic::Status;
use tonic::body::Body;

use super::Compiled;
use super::dialect::Asked;
use super::document;
use super::failure::Failure;
use super::route::Route;
use super::table::Output;
use super::wire::Malformed;
use super::write::Writer;

/// Bytes of a gRPC frame before its message: a flag and a length.
const FRAME_HEAD: usize = 5;

/// How a stream is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Server-sent events (`text/event-stream`).
    Events,
    /// A JSON text a line (`application/x-ndjson`).
    Lines,
}

impl Form {
    /// The form a client asks for; server-sent events unless it asks for lines.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let lines = headers.get_all(header::ACCEPT).iter().any(|value| {
            value.to_str().is_ok_and(|value| {
                value.split(',').any(|part| {
                    let kind = part.split(';').next().unwrap_or("").trim();
                    kind.eq_ignore_ascii_case("application/x-ndjson")
                })
            })
        });
        if lines { Self::Lines } else { Self::Events }
    }

    fn media_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Events => "text/event-stream",
            Self::Lines => "application/x-ndjson",
        })
    }
}

/// A route among the compiled ones.
pub(super) struct Place {
    pub(super) compiled: Arc<Compiled>,
    pub(super) route: usize,
}

impl Place {
    fn route(&self) -> &Route {
        &self.compiled.routes[self.route]
    }
}

/// Answers with what an RPC streams.
pub(super) fn answer(
    place: Place,
    form: Form,
    response: Response<Body>,
    asked: &Asked<'_>,
) -> Response<Body> {
    let writing = Writing {
        place,
        form,
        body: response.into_body(),
        received: BytesMut::new(),
        path: asked.path.to_owned(),
        request_id: asked.request_id.to_owned(),
        ended: false,
    };
    let chunks = stream::unfold(writing, |mut writing| async move {
        let chunk = writing.next().await?;
        Some((Ok::<_, Status>(Frame::data(chunk)), writing))
    });
    let mut response = Response::new(Body::new(StreamBody::new(chunks)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, form.media_type());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Proxies that gather answers would hold events back.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// A stream on its way from gRPC frames to text. Pulled by the client: what it does not take
/// is not made.
struct Writing {
    place: Place,
    form: Form,
    body: Body,
    /// What has come and is no whole message yet.
    received: BytesMut,
    path: String,
    request_id: String,
    ended: bool,
}

impl Writing {
    /// The text of all messages that are there, or of the failure the stream ends with.
    async fn next(&mut self) -> Option<Bytes> {
        let mut out = Vec::new();
        loop {
            match self.write_received(&mut out) {
                Ok(()) => {}
                Err(Malformed) => self.fail(&Failure::internal(), &mut out),
            }
            if !out.is_empty() {
                return Some(Bytes::from(out));
            }
            if self.ended {
                return None;
            }
            match self.body.frame().await {
                None => self.ended = true,
                Some(Err(status)) => self.fail(&Failure::from_status(&status), &mut out),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.received.extend_from_slice(&data),
                    Err(frame) => {
                        let failure = frame.trailers_ref().and_then(Failure::from_headers);
                        if let Some(failure) = failure {
                            self.fail(&failure, &mut out);
                        }
                        self.ended = true;
                    }
                },
            }
        }
    }

    /// Writes the whole messages among what was received.
    fn write_received(&mut self, out: &mut Vec<u8>) -> Result<(), Malformed> {
        while !self.ended && self.received.len() >= FRAME_HEAD {
            let mut head = &self.received[..FRAME_HEAD];
            if head.get_u8() != 0 {
                return Err(Malformed);
            }
            let length = head.get_u32() as usize;
            if self.received.len() - FRAME_HEAD < length {
                break;
            }
            self.received.advance(FRAME_HEAD);
            let message = self.received.split_to(length);
            self.write(&message, out)?;
        }
        Ok(())
    }

    fn write(&self, message: &[u8], out: &mut Vec<u8>) -> Result<(), Malformed> {
        let route = self.place.route();
        let Output::Message(id) = route.output else { return Err(Malformed) };
        let text = Vec::with_capacity(message.len() * 3);
        let mut writer = Writer::new(&self.place.compiled.tables, route.dialect, text);
        match route.response_index {
            None => writer.message(id, message)?,
            Some(index) if writer.has(id, index, message)? => {
                if route.dialect.documents {
                    document::write_field(&mut writer, id, index, message)?;
                } else {
                    writer.field(id, index, message)?;
                }
            }
            Some(_) => {}
        }
        let text = std::mem::take(&mut writer.out);
        if self.form == Form::Lines {
            // JSON holds line breaks between its values only, where they mean nothing.
            out.extend(text.into_iter().filter(|byte| !matches!(byte, b'\n' | b'\r')));
            out.push(b'\n');
            return Ok(());
        }
        if text.is_empty() {
            out.extend_from_slice(b": heartbeat\n");
        }
        if let Some((_, index)) = route.cursor {
            // An event without data moves the id on, and nothing else.
            writer.field(id, index, message)?;
            out.extend_from_slice(b"id: ");
            out.extend(writer.out.iter().filter(|byte| **byte != b'"'));
            out.push(b'\n');
        }
        if !text.is_empty() {
            put_data(&text, out);
        }
        out.push(b'\n');
        Ok(())
    }

    /// Ends the stream with a failure, as the family writes it.
    fn fail(&mut self, failure: &Failure, out: &mut Vec<u8>) {
        self.ended = true;
        let asked = Asked { path: &self.path, request_id: &self.request_id, ..Asked::default() };
        let problem = (self.place.route().dialect.problem)(failure, &asked);
        match self.form {
            Form::Lines => {
                out.extend_from_slice(&problem.body);
                out.push(b'\n');
            }
            Form::Events => {
                out.extend_from_slice(b"event: error\n");
                put_data(&problem.body, out);
                out.push(b'\n');
            }
        }
    }
}

/// Appends the data of an event. A line break in it begins a line of its own.
fn put_data(text: &[u8], out: &mut Vec<u8>) {
    for line in text.split(|byte| *byte == b'\n') {
        out.extend_from_slice(b"data: ");
        out.extend(line.iter().filter(|byte| **byte != b'\r'));
        out.push(b'\n');
    }
}
