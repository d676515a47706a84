//! The JSON answer a gRPC response becomes.

use bytes::{Buf, Bytes};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode, Uri};
use http_body::Body as _;
use http_body_util::Full;
use tonic::Status;
use tonic::body::Body;

use super::Compiled;
use super::dialect::{Asked, Dialect};
use super::failure::Failure;
use super::route::{Piece, Route};
use super::table::{Kind, Output};
use super::wire::{Cursor, Malformed, Raw};
use super::write::Writer;
use super::{document, links, wire};
use crate::body;
use crate::call::EXISTED;
use crate::catalog::Streaming;
use crate::rpc::ephemeral::Ephemeral;

/// Response headers of an RPC that mean something to HTTP clients.
const FORWARDED: [HeaderName; 7] = [
    HeaderName::from_static("preference-applied"),
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LANGUAGE,
    header::ETAG,
    header::LAST_MODIFIED,
    header::LINK,
];

/// A successful reply: its headers and message.
pub(super) struct Reply {
    headers: HeaderMap,
    ephemeral: Option<Ephemeral>,
    message: Bytes,
}

/// Reads the one message of a unary response.
pub(super) async fn read(response: Response<Body>) -> Result<Reply, Failure> {
    let (head, body) = response.into_parts();
    // A failure without messages has its status in the head.
    if head.headers.contains_key(Status::GRPC_STATUS) {
        return Err(Failure::from_headers(&head.headers).unwrap_or_else(Failure::internal));
    }
    let whole = body::whole(body).await.map_err(|status| Failure::from_status(&status))?;
    if let Some(failure) = whole.trailers.as_ref().and_then(Failure::from_headers) {
        return Err(failure);
    }
    let mut framed = whole.data;
    if framed.len() < 5 || framed[0] != 0 {
        return Err(Failure::internal());
    }
    framed.advance(1);
    let length = framed.get_u32() as usize;
    if framed.len() != length {
        return Err(Failure::internal());
    }
    let ephemeral = head.extensions.get().copied();
    Ok(Reply { headers: head.headers, ephemeral, message: framed })
}

/// What a request says of how its answer looks.
pub(super) enum Shape {
    /// As the contract says.
    Plain,
    /// As a document of JSON:API, in a media type.
    Document(links::Shape, &'static str),
}

impl Shape {
    /// Reads a request's headers and query; none when it accepts nothing that there is.
    pub(super) fn of(route: &Route, headers: &HeaderMap, path: &str, query: &str) -> Option<Self> {
        let streams = route.streaming != Streaming::Unary;
        if !route.dialect.documents || streams || !matches!(route.output, Output::Message(_)) {
            return Some(Self::Plain);
        }
        Some(Self::Document(links::Shape::of(path, query), document::media_type(headers)?))
    }
}

/// Writes the answer to a call that succeeded.
pub(super) fn success(
    compiled: &Compiled,
    route: &Route,
    reply: &Reply,
    variables: &[&str],
    shape: &Shape,
    asked: &Uri,
) -> Result<Response<Body>, Failure> {
    let mut response = match route.output {
        Output::Empty => status(StatusCode::NO_CONTENT),
        Output::Raw => raw(&reply.message).map_err(|Malformed| Failure::internal())?,
        Output::Message(id) => {
            let out = Vec::with_capacity(reply.message.len() * 3 + 64);
            let mut writer = Writer::new(&compiled.tables, route.dialect, out);
            let mut media_type = route.dialect.media_type;
            match (route.response_index, shape) {
                (Some(index), _) => writer.field(id, index, &reply.message),
                (None, Shape::Plain) => writer.message(id, &reply.message),
                (None, Shape::Document(shape, wanted)) => {
                    media_type = wanted;
                    document::write(&mut writer, id, &reply.message, shape)
                }
            }
            .map_err(|Malformed| Failure::internal())?;
            let mut response = Response::new(Body::new(Full::new(Bytes::from(writer.out))));
            let media_type = HeaderValue::from_static(media_type);
            response.headers_mut().insert(header::CONTENT_TYPE, media_type);
            if route.response_index.is_some() {
                totals(compiled, id, &reply.message, asked, response.headers_mut())
                    .map_err(|Malformed| Failure::internal())?;
            }
            let existed = reply.headers.contains_key(EXISTED);
            if !existed {
                *response.status_mut() = route.status;
            }
            if let Some(pieces) = route.location.as_ref().filter(|_| !existed) {
                let location = location(compiled, route, id, pieces, reply, variables)
                    .map_err(|Malformed| Failure::internal())?;
                response.headers_mut().insert(header::LOCATION, location);
            }
            response
        }
    };
    let headers = response.headers_mut();
    for (name, value) in reply.headers.iter().filter(|(name, _)| FORWARDED.contains(name)) {
        headers.append(name, value.clone());
    }
    // Answers hold a tenant's data: no cache may keep them unless the RPC says so.
    let kept = headers.entry(header::CACHE_CONTROL);
    kept.or_insert(HeaderValue::from_static("no-store"));
    if let Some(ephemeral) = reply.ephemeral {
        response.extensions_mut().insert(ephemeral);
    }
    Ok(response)
}

/// A bare list has its totals, if its message has any, in headers, and says where it goes on.
fn totals(
    compiled: &Compiled,
    id: usize,
    wire: &[u8],
    asked: &Uri,
    headers: &mut HeaderMap,
) -> Result<(), Malformed> {
    let fields = &compiled.tables.messages[id].fields;
    let number = |name: &str| {
        fields.iter().find(|field| *field.proto_name == *name).map(|field| field.number)
    };
    let Some(total) = number("total_count") else { return Ok(()) };
    let (place, size) = (number("page_number"), number("page_size"));
    let (mut count, mut page, mut rows) = (0, 0, 0);
    let mut cursor = Cursor::new(wire);
    while !cursor.is_at_end() {
        if let (field, Raw::Varint(value)) = cursor.field()? {
            match Some(field) {
                Some(field) if field == total => count = value,
                field if field == place => page = value,
                field if field == size => rows = value,
                _ => {}
            }
        }
    }
    headers.insert(HeaderName::from_static("x-total-count"), HeaderValue::from(count));
    if rows > 0 && page.saturating_mul(rows) < count {
        let next = format!("<{}>; rel=\"next\"", next_page(asked, page + 1, rows));
        if let Ok(next) = HeaderValue::try_from(next) {
            headers.append(header::LINK, next);
        }
    }
    Ok(())
}

/// The path and query that were asked for, for another page.
fn next_page(asked: &Uri, page: u64, rows: u64) -> String {
    let mut next = format!("{}?", asked.path());
    let is_place = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        ["pageNumber", "pageSize"].iter().any(|one| one.eq_ignore_ascii_case(name))
    };
    for pair in asked.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty()) {
        if !is_place(&pair) {
            next.push_str(pair);
            next.push('&');
        }
    }
    next.push_str(&format!("pageNumber={page}&pageSize={rows}"));
    next
}

/// Leaves the body out when the client has it already: its `If-None-Match` (RFC 9110) names the
/// etag of the answer.
pub(super) fn not_modified(asked: &HeaderMap, response: &mut Response<Body>) {
    // What ends is asked for again because it does.
    if response.extensions().get::<Ephemeral>().is_some() {
        return;
    }
    let Some(etag) = response.headers().get(header::ETAG) else { return };
    let known = asked.get_all(header::IF_NONE_MATCH).iter().any(|value| {
        // The comparison is weak: a cache may have made the etag so.
        let same = |one: &[u8]| one == b"*" || one.strip_prefix(b"W/").unwrap_or(one) == etag;
        value.as_bytes().split(|byte| *byte == b',').any(|one| same(one.trim_ascii()))
    });
    if known && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Passes a `google.api.HttpBody` on.
fn raw(message: &Bytes) -> Result<Response<Body>, Malformed> {
    let mut media_type = HeaderValue::from_static("application/octet-stream");
    let mut data = Bytes::new();
    let mut cursor = Cursor::new(message);
    while !cursor.is_at_end() {
        match cursor.field()? {
            (1, Raw::Bytes(text)) => {
                media_type = HeaderValue::from_bytes(text).map_err(|_| Malformed)?;
            }
            (2, Raw::Bytes(bytes)) => data = message.slice_ref(bytes),
            _ => {}
        }
    }
    let mut response = Response::new(Body::new(Full::new(data)));
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(response)
}

fn location(
    compiled: &Compiled,
    route: &Route,
    output: usize,
    pieces: &[Piece],
    reply: &Reply,
    variables: &[&str],
) -> Result<HeaderValue, Malformed> {
    let mut text = Vec::with_capacity(64);
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.extend_from_slice(literal.as_bytes()),
            // Taken as sent, so still percent-encoded.
            Piece::Variable(index) => {
                text.extend_from_slice(variables.get(*index).ok_or(Malformed)?.as_bytes());
            }
            Piece::Response(steps) => {
                let mut writer = Writer::new(&compiled.tables, route.dialect, Vec::new());
                let (mut message, mut held) = (output, &*reply.message);
                for index in steps {
                    let field = &compiled.tables.messages[message].fields[*index];
                    if let Kind::Message(inner) = field.kind {
                        held = wire::bytes(held, field.number).ok_or(Malformed)?;
                        message = inner;
                    } else {
                        writer.field(message, *index, held)?;
                    }
                }
                for byte in writer.out.iter().filter(|byte| **byte != b'"') {
                    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                        text.push(*byte);
                    } else {
                        text.extend_from_slice(format!("%{byte:02X}").as_bytes());
                    }
                }
            }
        }
    }
    HeaderValue::from_bytes(&text).map_err(|_| Malformed)
}

/// Writes an error as the family's dialect wants it.
pub(super) fn problem(dialect: &Dialect, failure: &Failure, asked: &Asked<'_>) -> Response<Body> {
    let problem = (dialect.problem)(failure, asked);
    let mut response = Response::new(Body::new(Full::new(problem.body)));
    *response.status_mut() = problem.status;
    *response.headers_mut() = problem.headers;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_LANGUAGE, dialect.language(asked));
    response
}

/// Says in which language a client is answered, unless the RPC does. A file has that of whoever
/// made it.
pub(super) fn tell_language(route: &Route, asked: &Asked<'_>, response: &mut Response<Body>) {
    if !matches!(route.output, Output::Raw) {
        let headers = response.headers_mut();
        headers.entry(header::CONTENT_LANGUAGE).or_insert_with(|| route.dialect.language(asked));
    }
}

/// Keeps the head of an answer to HEAD, its length included.
pub(super) fn drop_body(response: &mut Response<Body>) {
    let body = std::mem::replace(response.body_mut(), Body::empty());
    if let Some(length) = body.size_hint().exact() {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}
