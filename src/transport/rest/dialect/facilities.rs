//! Facilities: camelCase, explicit nulls, times with three decimals, PascalCase problems.

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::json;
use steward_kernel::error::reason;
use steward_kernel::time;
use tonic::Code;

use super::{Asked, Dialect, Unknown, pascal_case};
use crate::body::BODY_TOO_LARGE;
use crate::catalog;
use crate::rest::failure::{Failure, Problem, http_reason};
use crate::rest::json::put_string;

pub(super) static DIALECT: Dialect = Dialect {
    of: catalog::Dialect::Facilities,
    ignore_case_of_paths: true,
    ignore_case_of_names: false,
    snake_case: false,
    explicit_null: true,
    documents: false,
    languages: &["en"],
    unknown: Unknown::Ignored,
    numbers_as_text: false,
    numbers_of_enums: false,
    texts_for_ids: false,
    decimals_of_money: 0,
    merges_parts: false,
    put_replaces: true,
    validate_only: None,
    media_type: "application/json",
    problem_type: "application/problem+json",
    write_time: |out, instant| out.extend_from_slice(time::format_millis(instant).as_bytes()),
    read_time: time::parse,
    enum_text: pascal_case,
    code: |failure| told(&failure.reason).to_ascii_lowercase(),
    problem,
    problem_schema,
};

fn problem(failure: &Failure, asked: &Asked<'_>) -> Problem {
    // Faults of the server are told without their reason, which would say how it is built.
    let fault = matches!(failure.code, Code::Internal | Code::Unknown | Code::DataLoss)
        && *failure.reason != *"MAILING";
    let reason = if fault { reason::ERROR } else { told(&failure.reason) };
    let detail = if fault { "An unexpected error occurred." } else { &*failure.message };
    // Whatever is wrong with a file, the family has one answer.
    let given = failure.status.filter(|_| reason != reason::FILE_UPLOAD);
    let status = given.unwrap_or_else(|| status(failure.code, reason));

    let mut body = Vec::with_capacity(512);
    body.extend_from_slice(b"{\"Type\":");
    put_string(&mut body, problem_type(reason).as_bytes());
    body.extend_from_slice(b",\"Title\":");
    put_string(&mut body, title(reason, status).as_bytes());
    body.extend_from_slice(b",\"Status\":");
    body.extend_from_slice(status.as_str().as_bytes());
    body.extend_from_slice(b",\"Detail\":");
    put_string(&mut body, detail.as_bytes());
    body.extend_from_slice(b",\"Instance\":");
    put_string(&mut body, asked.path.as_bytes());
    body.extend_from_slice(b",\"Extensions\":{");
    if !failure.refused.is_empty() {
        body.extend_from_slice(b"\"errors\":{");
        errors(&mut body, failure);
        body.extend_from_slice(b"},");
    }
    body.extend_from_slice(b"\"traceId\":");
    put_string(&mut body, asked.request_id.as_bytes());
    body.push(b'}');
    // The token endpoint's errors are OAuth's as well (RFC 6749, section 5.2).
    for (name, value) in &failure.metadata {
        if matches!(name.as_str(), "error" | "error_description") {
            body.push(b',');
            put_string(&mut body, name.as_bytes());
            body.push(b':');
            put_string(&mut body, value.as_bytes());
        }
    }
    body.push(b'}');

    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(DIALECT.problem_type));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(WWW_AUTHENTICATE, challenge(reason, asked.scheme));
    }
    if let Some(seconds) = failure.retry_after.or_else(|| default_retry(status)) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = failure.allow.as_deref().and_then(|allow| allow.parse().ok()) {
        headers.insert(ALLOW, allow);
    }
    Problem { status, headers, body: Bytes::from(body) }
}

/// One member per path with all its messages, in the order they were found.
fn errors(body: &mut Vec<u8>, failure: &Failure) {
    let refused = &failure.refused;
    let mut separator: &[u8] = b"";
    for (index, first) in refused.iter().enumerate() {
        if refused[..index].iter().any(|earlier| earlier.path == first.path) {
            continue;
        }
        body.extend_from_slice(separator);
        separator = b",";
        put_string(body, first.path.as_bytes());
        body.extend_from_slice(b":[");
        let mut comma: &[u8] = b"";
        for same in refused[index..].iter().filter(|other| other.path == first.path) {
            body.extend_from_slice(comma);
            comma = b",";
            put_string(body, same.message.as_bytes());
        }
        body.push(b']');
    }
}

fn problem_type(reason: &str) -> String {
    let mut text = "/problems/".to_owned();
    text.extend(reason.chars().map(|char| match char {
        '_' => '-',
        char => char.to_ascii_lowercase(),
    }));
    text
}

/// A reason as this family tells it, which has one for all that is wrong with a token.
fn told(reason: &str) -> &str {
    match reason {
        reason::INVALID_TOKEN | reason::TOKEN_EXPIRED => reason::AUTHORIZATION_ERROR,
        reason::INVALID_IDEMPOTENCY_KEY => reason::INVALID_FORMAT,
        reason => reason,
    }
}

fn status(code: Code, reason: &str) -> StatusCode {
    match code {
        Code::ResourceExhausted if reason == BODY_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        Code::FailedPrecondition if reason == reason::FORBIDDEN_ACTION => StatusCode::FORBIDDEN,
        Code::Aborted if reason == reason::PRECONDITION_FAILED => StatusCode::PRECONDITION_FAILED,
        Code::InvalidArgument if reason == reason::IDEMPOTENCY_KEY_REUSED => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::OutOfRange if matches!(reason, reason::CURSOR_EXPIRED | reason::LINK_EXPIRED) => {
            StatusCode::GONE
        }
        Code::InvalidArgument
        | Code::OutOfRange
        | Code::AlreadyExists
        | Code::FailedPrecondition => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::Aborted => StatusCode::CONFLICT,
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::ResourceExhausted => StatusCode::TOO_MANY_REQUESTS,
        Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::DeadlineExceeded | Code::Cancelled => StatusCode::GATEWAY_TIMEOUT,
        Code::Unimplemented => StatusCode::NOT_IMPLEMENTED,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}

fn title(reason: &str, status: StatusCode) -> &'static str {
    match reason {
        reason::ENTITY_NOT_FOUND => "The requested entity was not found",
        "USER_ALREADY_EXISTS" => "The user already exists",
        reason::INVALID_FORMAT => "Invalid format was received",
        reason::BAD_REQUEST => "Invalid request was received",
        reason::FORBIDDEN_ACTION => "A forbidden action was requested",
        "ISSUE_STATUS" => "The issue status cannot be changed",
        reason::AUTHORIZATION_ERROR => "An authorization related error occurred",
        "INVALID_CREDENTIALS" => "Invalid credentials were received",
        reason::FILE_UPLOAD => "The file could not be fetched or uploaded",
        "MAILING" => "The e-mail could not be sent",
        reason::TOO_MANY_ATTEMPTS => "Too many attempts",
        reason::UNAVAILABLE => "The service is not available now",
        reason::CURSOR_EXPIRED => "What follows the cursor is no longer kept",
        reason::LINK_EXPIRED => "The link is not valid any more",
        reason::TOO_MANY_STREAMS => "Too many streams are open",
        reason::CONFLICT => "A concurrent change got in the way",
        reason::DEADLINE_EXCEEDED => "The request took too long",
        BODY_TOO_LARGE => "The body of the request is too large",
        http_reason::NOT_FOUND => "There is nothing at this path",
        http_reason::METHOD_NOT_ALLOWED => "The method is not allowed here",
        http_reason::UNSUPPORTED_MEDIA_TYPE => "The content type is not supported",
        http_reason::NOT_IMPLEMENTED => "The operation is not implemented",
        reason::ERROR => "An unexpected error occurred",
        // A reason of one family alone needs no title of its own.
        _ => status.canonical_reason().unwrap_or("The request failed"),
    }
}

fn challenge(reason: &str, scheme: Option<&str>) -> HeaderValue {
    HeaderValue::from_static(match scheme {
        _ if reason == "INVALID_CREDENTIALS" => "Basic realm=\"steward\"",
        Some(_) => "Bearer realm=\"steward\", error=\"invalid_token\"",
        None => "Bearer realm=\"steward\"",
    })
}

fn default_retry(status: StatusCode) -> Option<u64> {
    matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS).then_some(1)
}

fn problem_schema() -> serde_json::Value {
    json!({
        "type": "object",
        "description": "What went wrong.",
        "required": ["Type", "Title", "Status", "Detail", "Instance", "Extensions"],
        "properties": {
            "Type": {
                "type": "string",
                "description": "Unique identifier of the kind of error.",
                "examples": ["/problems/entity-not-found"],
            },
            "Title": {"type": "string", "description": "The kind of error in words."},
            "Status": {"type": "integer", "description": "HTTP status code."},
            "Detail": {"type": "string", "description": "Why the error occurred."},
            "Instance": {"type": "string", "description": "Path of the request as sent."},
            "Extensions": {
                "type": "object",
                "description": "Further facts.",
                "properties": {
                    "errors": {
                        "type": "object",
                        "description": "Messages by the path of the member they are about.",
                        "additionalProperties": {"type": "array", "items": {"type": "string"}},
                    },
                    "traceId": {
                        "type": "string",
                        "description": "Id of the request, to find it in the log.",
                    },
                },
            },
            "error": {"type": "string", "description": "OAuth error, at the token endpoint only."},
            "error_description": {
                "type": "string",
                "description": "OAuth error in words, at the token endpoint only.",
            },
        },
    })
}
