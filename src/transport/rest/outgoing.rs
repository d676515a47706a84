//! The gRPC request a JSON request becomes.
//!
//! It is made when the RPC asks for its message, which is after the caller was authenticated:
//! a stranger learns nothing about what a request should look like, and a refused request is
//! counted and logged like any other.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::stream;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap};
use http_body::Frame;
use http_body_util::{Full, StreamBody};
use steward_kernel::{Error, Kind};
use tonic::Status;
use tonic::body::Body as HttpBody;

use super::Compiled;
use super::document::{self, JSON_API};
use super::failure::{Failure, Refused, Source, http_reason};
use super::json::SyntaxError;
use super::parameters;
use super::read::Reader;
use super::route::Route;
use super::wire::{LENGTH, VARINT, close, open, put_bytes, put_tag, put_varint};
use crate::body::whole as whole_body;
use crate::catalog::Body;
use crate::rpc::patch::{DOCUMENT_ID, JSON_PATCH, UNREAD};
use crate::status;

/// Bytes of a gRPC frame before its message: a flag and a length.
const FRAME_HEAD: usize = 5;

/// What a request body is written in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Json,
    Form,
    Patch,
}

/// Where the shim leaves what it refused, for the one who writes the answer.
pub(super) type Failed = Arc<OnceLock<Failure>>;

/// Makes the body of the gRPC request for the route at `place`.
pub(super) fn body(
    compiled: &Arc<Compiled>,
    place: usize,
    query: &str,
    variables: &[&str],
    headers: &HeaderMap,
    body: HttpBody,
    failed: &Failed,
) -> HttpBody {
    let route = &compiled.routes[place];
    let strict = prefers_strictness(headers);
    let mut reader = Reader::new(&compiled.tables, route.dialect, strict);
    let mut before = vec![0; FRAME_HEAD];
    if route.dialect.documents {
        parameters::read(&mut reader, route, query, &mut before);
    } else if route.body != Body::Whole {
        reader.pairs(route.input, query, &route.taken, &mut before);
    }
    let mut after = Vec::new();
    for (variable, segment) in route.variables.iter().zip(variables) {
        let fields = route.fields(variable, &compiled.tables);
        // A record that is named by its number is called as its member is.
        let name = match fields[..] {
            [only] => &*only.shown,
            _ => &*variable.name,
        };
        reader.variable(&fields, name, segment, &mut after);
    }
    // A client that was cut off asks again as before, so the header counts more than the query.
    let last = headers.get("last-event-id").and_then(|value| value.to_str().ok());
    if let (Some((index, _)), Some(last)) = (route.cursor, last) {
        let field = &compiled.tables.messages[route.input].fields[index];
        let before = reader.refused.len();
        reader.variable(&[field], "Last-Event-ID", last, &mut after);
        for refused in &mut reader.refused[before..] {
            refused.source = Source::Header;
        }
    }
    let refused = reader.refused;
    if route.body == Body::None {
        return whole(frame(before, &after, refused), failed);
    }
    let Some(format) = format(headers, route) else {
        let message = match route.dialect.documents {
            true => "The body must be application/json or application/vnd.api+json.",
            false => "The body must be application/json.",
        };
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let failure = Failure::http(status, http_reason::UNSUPPORTED_MEDIA_TYPE, message);
        return whole(Err(failure), failed);
    };
    let (compiled, failed) = (Arc::clone(compiled), Arc::clone(failed));
    HttpBody::new(StreamBody::new(stream::once(Box::pin(async move {
        // The entry of the port bounds it.
        let text = whole_body(body).await?.data;
        let route = &compiled.routes[place];
        fill(&compiled, route, (format, strict), &text, before, &after, (refused, &failed))
            .map(Frame::data)
            .map_err(|failure| leave(failure, &failed))
    }))))
}

/// A body that is ready, or refused. The refusal is left when the body is asked for, not
/// before: a caller who is turned away is told that and nothing else.
fn whole(made: Result<Bytes, Failure>, failed: &Failed) -> HttpBody {
    match made {
        Ok(bytes) => HttpBody::new(Full::new(bytes)),
        Err(failure) => {
            let failed = Arc::clone(failed);
            let refusal = async move { Err::<Frame<Bytes>, _>(leave(failure, &failed)) };
            HttpBody::new(StreamBody::new(stream::once(Box::pin(refusal))))
        }
    }
}

/// Leaves a failure for the answer; the status is for the record of the call.
fn leave(failure: Failure, failed: &Failed) -> Status {
    let error = Error::new(
        Kind::InvalidArgument,
        steward_kernel::error::reason::INVALID_FORMAT,
        String::from(failure.message.clone()),
    );
    // A request is read once, so nothing was left before.
    _ = failed.set(failure);
    status::from_error(&error, "")
}

/// Whether a client wants what the contract does not know to be refused (RFC 7240).
fn prefers_strictness(headers: &HeaderMap) -> bool {
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split([',', ';']))
        .any(|preference| preference.trim().eq_ignore_ascii_case("handling=strict"))
}

fn format(headers: &HeaderMap, route: &Route) -> Option<Format> {
    let Some(value) = headers.get(CONTENT_TYPE) else { return Some(Format::Json) };
    let value = value.to_str().ok()?;
    let essence = value.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    match essence.as_str() {
        "" | "application/json" | JSON_API => Some(Format::Json),
        "application/x-www-form-urlencoded" if route.form => Some(Format::Form),
        "application/json-patch+json" => route.takes_patches.then_some(Format::Patch),
        // What else is called JSON may mean another thing than a document does.
        essence if essence.starts_with("application/") && essence.ends_with("+json") => {
            (!route.dialect.documents).then_some(Format::Json)
        }
        _ => None,
    }
}

fn fill(
    compiled: &Compiled,
    route: &Route,
    (format, strict): (Format, bool),
    text: &[u8],
    mut out: Vec<u8>,
    after: &[u8],
    (refused, failed): (Vec<Refused>, &Failed),
) -> Result<Bytes, Failure> {
    let Ok(text) = str::from_utf8(text) else {
        return Err(Failure::invalid_format("The body is not UTF-8.", refused));
    };
    out.reserve(text.len() + after.len());
    let mut reader = Reader::new(&compiled.tables, route.dialect, strict);
    reader.refused = refused;
    // A list that is sent to change a resource is a JSON Patch, though called JSON.
    let is_patch =
        format == Format::Patch || route.takes_patches && text.trim_ascii_start().starts_with('[');
    let mut conflict = None;
    let read = if format == Format::Form {
        reader.pairs(route.input, text, &[], &mut out);
        Ok(())
    } else if text.trim_ascii().is_empty() {
        if !route.body_optional {
            let message = "The request needs a JSON body.";
            return Err(Failure::invalid_format(message, reader.refused));
        }
        Ok(())
    } else if route.dialect.documents {
        let read = match route.body_index {
            Some(index) => {
                let field = &compiled.tables.messages[route.input].fields[index];
                document::read_field(&mut reader, field, text, &mut out)
            }
            None => document::read(&mut reader, route.input, text, &mut out),
        };
        read.map(|found| conflict = found)
    } else if is_patch {
        put_tag(&mut out, JSON_PATCH, LENGTH);
        put_bytes(&mut out, text.as_bytes());
        Ok(())
    } else if let Some(index) = route.body_index {
        let field = &compiled.tables.messages[route.input].fields[index];
        reader.json_field(field, text, &mut out)
    } else {
        reader.json_message(route.input, text, &mut out)
    };
    if let Some(conflict) = conflict {
        return Err(Failure::http(StatusCode::CONFLICT, conflict.reason, &conflict.message));
    }
    if let Some(id) = reader.document {
        put_tag(&mut out, DOCUMENT_ID, VARINT);
        put_varint(&mut out, id);
    }
    if let (Some(number), true) = (route.mask, read.is_ok() && !is_patch) {
        put_tag(&mut out, number, LENGTH);
        let start = open(&mut out);
        for name in &reader.given {
            put_tag(&mut out, 1, LENGTH);
            put_bytes(&mut out, name.as_bytes());
        }
        close(&mut out, start);
    }
    match read {
        Ok(()) if route.rehearsed && reader.refused.iter().all(Refused::is_of_member) => {
            if !reader.refused.is_empty() {
                put_tag(&mut out, UNREAD, VARINT);
                put_varint(&mut out, 1);
                // A request is read once, so nothing was left before.
                _ = failed.set(Failure::refused(reader.refused));
            }
            frame(out, after, Vec::new())
        }
        Ok(()) => frame(out, after, reader.refused),
        Err(SyntaxError { problem, at }) => Err(Failure::invalid_format(
            format!("The body cannot be read as JSON: {problem}, at byte {at}."),
            reader.refused,
        )),
    }
}

/// Puts the path variables behind the rest and sets the length of the frame.
fn frame(mut out: Vec<u8>, after: &[u8], refused: Vec<Refused>) -> Result<Bytes, Failure> {
    if !refused.is_empty() {
        return Err(Failure::refused(refused));
    }
    out.extend_from_slice(after);
    // Bodies are bounded far below what four bytes count.
    let length = u32::try_from(out.len() - FRAME_HEAD).unwrap_or(u32::MAX);
    out[1..FRAME_HEAD].copy_from_slice(&length.to_be_bytes());
    Ok(Bytes::from(out))
}
