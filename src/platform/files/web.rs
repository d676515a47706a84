//! The bytes of files, in and out, for whoever has a signed link.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_RANGE, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::StreamExt;
use md5::{Digest, Md5};
use object_store::{GetOptions, GetRange, ObjectStore, ObjectStoreExt, WriteMultipart};
use serde_json::json;
use steward_database::Isolation;
use steward_kernel::error::reason;
use steward_kernel::{Error, Family, Kind, Result, TenantId, time};
use steward_transport::rest;

use super::actions::{self, DOWNLOAD, UPLOAD};
use super::away::unreachable;
use super::model::File;
use super::repository;
use crate::links::Signer;
use crate::{App, tenants};

/// Bytes held of an upload, twice: one part being filled, one being written.
const PART: usize = 256 * 1024;

/// `PUT /files/uploads/{link}` and `GET /files/{link}`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/files/uploads/{link}", put(upload))
        .route("/files/{link}", get(download))
        .with_state(app)
}

async fn find(app: &App, purpose: &'static str, link: &str) -> Result<Option<(TenantId, File)>> {
    let signer = Signer::open(&app.database).await?;
    let Some((tenant, id)) = actions::read(&signer, purpose, link, time::now()) else {
        return Ok(None);
    };
    let tx = app.database.read(tenant).await?;
    Ok(repository::find(&tx, tenant, id).await?.map(|file| (tenant, file)))
}

async fn upload(State(app): State<App>, Path(link): Path<String>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let (tenant, file) = match find(&app, UPLOAD, &link).await {
        Ok(Some(found)) => found,
        Ok(None) => return gone(),
        Err(error) => return failed(&error),
    };
    let given = head.headers.get(CONTENT_TYPE);
    let received = if file.uses > 0 {
        // Said early, before the bytes come; what counts is found out when they have.
        Ok(Received::TooLate)
    } else if given.is_some_and(|given| given != file.content_type.as_str()) {
        Ok(Received::OfAnotherType)
    } else {
        match checksum(&head.headers) {
            Ok(checksum) => receive(&app, tenant, &file, checksum, body).await,
            Err(received) => Ok(received),
        }
    };
    let (status, told) = match received {
        Ok(Received::All) => return StatusCode::NO_CONTENT.into_response(),
        Ok(Received::TooMuch) => {
            (StatusCode::PAYLOAD_TOO_LARGE, "The file is larger than announced.")
        }
        Ok(Received::TooLittle) => (StatusCode::BAD_REQUEST, "The file is smaller than announced."),
        Ok(Received::TooLate) => (StatusCode::CONFLICT, "The file is in use."),
        Ok(Received::OfAnotherType) => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Another content type was announced.")
        }
        Ok(Received::OfAnotherSum) => {
            (StatusCode::BAD_REQUEST, "The file is another one than its Content-MD5 says.")
        }
        Err(error) => return failed(&error),
    };
    match tenants::family_of(&app, tenant).await {
        Ok(family) => refused(family, status, told, &head),
        Err(error) => failed(&error),
    }
}

/// An upload that is refused, as the family of the tenant tells its errors.
fn refused(family: Family, status: StatusCode, told: &'static str, head: &Parts) -> Response {
    let error = Error::new(Kind::FailedPrecondition, reason::FILE_UPLOAD, told);
    rest::problem(family, &error, status, head).map(Body::new)
}

/// How an upload went.
enum Received {
    All,
    TooMuch,
    TooLittle,
    TooLate,
    OfAnotherType,
    OfAnotherSum,
}

/// The digest that a client says the bytes have (`Content-MD5`, RFC 1864).
fn checksum(headers: &HeaderMap) -> std::result::Result<Option<[u8; 16]>, Received> {
    let Some(given) = headers.get("content-md5") else { return Ok(None) };
    let bytes = STANDARD.decode(given).ok().and_then(|bytes| bytes.try_into().ok());
    bytes.map(Some).ok_or(Received::OfAnotherSum)
}

/// Writes the body part by part. What is not there to its end is not there at all.
async fn receive(
    app: &App,
    tenant: TenantId,
    file: &File,
    checksum: Option<[u8; 16]>,
    body: Body,
) -> Result<Received> {
    let key = app.files.key(tenant, file.id);
    let parts = app.files.store.put_multipart(&key).await.map_err(unreachable)?;
    let mut writer = WriteMultipart::new_with_chunk_size(parts, PART);
    let mut left = file.byte_size;
    let mut body = body.into_data_stream();
    let mut digest = checksum.map(|_| Md5::new());
    let outcome = loop {
        match body.next().await {
            None if left == 0 => break Received::All,
            // An error is a client that left.
            None | Some(Err(_)) => break Received::TooLittle,
            Some(Ok(bytes)) => {
                left -= i64::try_from(bytes.len()).unwrap_or(i64::MAX);
                if left < 0 {
                    break Received::TooMuch;
                }
                if let Some(digest) = &mut digest {
                    digest.update(&bytes);
                }
                writer.wait_for_capacity(1).await.map_err(unreachable)?;
                writer.put(bytes);
            }
        }
    };
    let is_same = digest.map(|digest| digest.finalize().into()) == checksum;
    let is_whole = matches!(outcome, Received::All);
    let outcome = if is_whole && !is_same { Received::OfAnotherSum } else { outcome };
    if !matches!(outcome, Received::All) {
        writer.abort().await.map_err(unreachable)?;
        return Ok(outcome);
    }
    // What a record shows must not change behind its back: while the row is held nobody binds
    // the file, and whoever does so next sees these bytes.
    let tx = app.database.begin(tenant, Isolation::ReadCommitted).await?;
    if !repository::hold_unused(&tx, tenant, file.id).await? {
        writer.abort().await.map_err(unreachable)?;
        return Ok(Received::TooLate);
    }
    writer.finish().await.map_err(unreachable)?;
    tx.commit().await?;
    Ok(Received::All)
}

async fn download(
    State(app): State<App>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let (tenant, file) = match find(&app, DOWNLOAD, &link).await {
        Ok(Some(found)) => found,
        Ok(None) => return gone(),
        Err(error) => return failed(&error),
    };
    let sent = Sent {
        key: app.files.key(tenant, file.id),
        filename: &file.filename,
        content_type: &file.content_type,
        byte_size: file.byte_size,
    };
    send(&app, sent, &headers).await
}

/// A file to be sent.
pub(crate) struct Sent<'a> {
    /// Where its bytes are.
    pub(crate) key: object_store::path::Path,
    pub(crate) filename: &'a str,
    pub(crate) content_type: &'a str,
    pub(crate) byte_size: i64,
}

/// Sends a file, or the range of its bytes that was asked for.
pub(crate) async fn send(app: &App, sent: Sent<'_>, headers: &HeaderMap) -> Response {
    let Sent { key, filename, content_type, byte_size } = sent;
    // What is in use has one content for good, so that its place tells it from everything else.
    let etag = format!("\"{}-{byte_size}\"", key.as_ref().replace('/', "-"));
    // A download goes on with the same file or begins anew.
    let is_same = headers.get(IF_RANGE).is_none_or(|tag| tag.as_bytes() == etag.as_bytes());
    let range = headers.get(RANGE).filter(|_| is_same).and_then(range);
    let is_part = range.is_some();
    let options = GetOptions { range, ..GetOptions::default() };
    let object = match app.files.store.get_opts(&key, options).await {
        Ok(object) => object,
        Err(object_store::Error::NotFound { .. }) => return gone(),
        Err(_) if is_part => {
            let size = format!("bytes */{byte_size}");
            let refused = problem(StatusCode::RANGE_NOT_SATISFIABLE, "There are no such bytes.");
            return ([(CONTENT_RANGE, size)], refused).into_response();
        }
        Err(error) => return failed(&unreachable(error)),
    };
    let bytes = object.range.clone();
    let size = object.meta.size;
    let mut response = Response::new(Body::from_stream(object.into_stream()));
    let answer = response.headers_mut();
    let mut set = |name, value: String| {
        // Made of what was checked when it was announced; a value that fits no header is left out.
        if let Ok(value) = HeaderValue::try_from(value) {
            answer.insert(name, value);
        }
    };
    set(CONTENT_TYPE, content_type.to_owned());
    set(CONTENT_LENGTH, (bytes.end - bytes.start).to_string());
    set(CONTENT_DISPOSITION, disposition(filename, content_type));
    // Nothing of what a client uploaded runs in a page of this server.
    set(CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned());
    set(X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned());
    set(CACHE_CONTROL, "private, max-age=3600".to_owned());
    set(ACCEPT_RANGES, "bytes".to_owned());
    set(ETAG, etag);
    if is_part {
        set(CONTENT_RANGE, format!("bytes {}-{}/{size}", bytes.start, bytes.end.saturating_sub(1)));
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// One range of bytes; several, and what cannot be read, are answered with all of them.
fn range(header: &HeaderValue) -> Option<GetRange> {
    let (first, last) = header.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    match (first, last) {
        ("", last) => last.parse().ok().map(GetRange::Suffix),
        (first, "") => first.parse().ok().map(GetRange::Offset),
        (first, last) => {
            let (first, last) = (first.parse::<u64>().ok()?, last.parse::<u64>().ok()?);
            (first <= last).then(|| GetRange::Bounded(first..last.saturating_add(1)))
        }
    }
}

/// How to show a file, and its name (RFC 6266).
pub(super) fn disposition(filename: &str, content_type: &str) -> String {
    let is_shown = content_type.starts_with("image/") || content_type == "application/pdf";
    let how = if is_shown { "inline" } else { "attachment" };
    let mut name = String::new();
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{how}; filename*=UTF-8''{name}")
}

/// A link that is not ours, has ended, or leads to nothing: all the same to whoever tries.
pub(crate) fn gone() -> Response {
    problem(StatusCode::NOT_FOUND, "This link is not valid, or not any more.")
}

pub(crate) fn failed(error: &Error) -> Response {
    tracing::warn!(
        reason = error.reason(),
        cause = error.source_for_log().map(tracing::field::display),
        "a file cannot be served"
    );
    problem(StatusCode::SERVICE_UNAVAILABLE, "Files cannot be reached at the moment.")
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or_default(),
        "status": status.as_u16(),
        "detail": detail,
    });
    (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
