//! Cleaning: camelCase in any letter case, enumerations as number and name, problem bodies of
//! RFC 9457.

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use serde_json::{Map, Value, json};
use steward_kernel::error::reason;
use steward_kernel::time;
use tonic::Code;

use super::{Asked, Dialect, Unknown, pascal_case};
use crate::body::BODY_TOO_LARGE;
use crate::catalog;
use crate::rest::failure::{Failure, Problem, http_reason};

pub(super) static DIALECT: Dialect = Dialect {
    of: catalog::Dialect::Cleaning,
    ignore_case_of_paths: true,
    ignore_case_of_names: true,
    snake_case: false,
    explicit_null: true,
    documents: false,
    languages: &["en"],
    unknown: Unknown::RefusedOnDemand,
    numbers_as_text: true,
    numbers_of_enums: true,
    texts_for_ids: false,
    decimals_of_money: 0,
    merges_parts: true,
    put_replaces: true,
    validate_only: Some("validateOnly"),
    media_type: "application/json",
    problem_type: "application/problem+json",
    write_time: |out, instant| out.extend_from_slice(time::format_seconds(instant).as_bytes()),
    read_time: time::parse,
    enum_text: pascal_case,
    code: |failure| code(&failure.reason, failure),
    problem,
    problem_schema,
};

fn problem(failure: &Failure, asked: &Asked<'_>) -> Problem {
    let fault = matches!(failure.code, Code::Internal | Code::Unknown | Code::DataLoss);
    let reason = if fault { reason::ERROR } else { &*failure.reason };
    let status = failure.status.unwrap_or_else(|| status(failure.code, reason));
    let code = code(reason, failure);
    let detail = if fault { "An unexpected error occurred." } else { &*failure.message };
    let mut body = json!({
        "type": format!("/problems/{code}"),
        "title": title(&code, status),
        "status": status.as_u16(),
        "code": code,
        "detail": detail,
        "instance": asked.path,
        "traceId": asked.request_id,
    });
    if code == "validation" {
        let mut errors: Map<String, Value> = Map::new();
        for one in &failure.refused {
            let messages = errors.entry(one.path.clone()).or_insert_with(|| json!([]));
            if let Some(messages) = messages.as_array_mut() {
                messages.push(one.message.as_str().into());
            }
        }
        if reason == reason::INVALID_IDEMPOTENCY_KEY {
            errors.insert("Idempotency-Key".to_owned(), json!([detail]));
        }
        body["errors"] = Value::Object(errors);
    }
    for (name, value) in &failure.metadata {
        // Facts that are more than a text come as JSON.
        body[name] = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value.as_str()));
    }
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(DIALECT.problem_type));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = match asked.scheme {
            Some(_) => "Bearer realm=\"steward\", error=\"invalid_token\"",
            None => "Bearer realm=\"steward\"",
        };
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    let retry = matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
    if let Some(seconds) = failure.retry_after.or(retry.then_some(1)) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = failure.allow.as_deref().and_then(|allow| allow.parse().ok()) {
        headers.insert(ALLOW, allow);
    }
    Problem { status, headers, body: Bytes::from(body.to_string()) }
}

fn status(code: Code, reason: &str) -> StatusCode {
    match code {
        Code::ResourceExhausted if reason == BODY_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Aborted if reason == reason::PRECONDITION_FAILED => StatusCode::PRECONDITION_FAILED,
        Code::InvalidArgument if reason == reason::IDEMPOTENCY_KEY_REUSED => {
            StatusCode::UNPROCESSABLE_ENTITY
        }
        Code::OutOfRange if matches!(reason, reason::CURSOR_EXPIRED | reason::LINK_EXPIRED) => {
            StatusCode::GONE
        }
        Code::FailedPrecondition if reason == reason::LINK_EXPIRED => StatusCode::GONE,
        Code::FailedPrecondition if reason == "CARD_DECLINED" => StatusCode::PAYMENT_REQUIRED,
        Code::InvalidArgument | Code::OutOfRange => StatusCode::BAD_REQUEST,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::AlreadyExists | Code::FailedPrecondition | Code::Aborted => StatusCode::CONFLICT,
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

/// The stable code of a failure. What all families share has other names here.
fn code(reason: &str, failure: &Failure) -> String {
    match reason {
        _ if !failure.refused.is_empty() => "validation",
        reason::BAD_REQUEST | reason::INVALID_IDEMPOTENCY_KEY => "validation",
        reason::INVALID_FORMAT => "malformed_json",
        reason::ENTITY_NOT_FOUND | http_reason::NOT_FOUND => "not_found",
        reason::AUTHORIZATION_ERROR | reason::INVALID_TOKEN => "unauthenticated",
        reason::FORBIDDEN_ACTION if failure.code == Code::PermissionDenied => "forbidden",
        reason::FORBIDDEN_ACTION => "in_use",
        reason::PRECONDITION_FAILED => "version_mismatch",
        reason::IDEMPOTENCY_KEY_REUSED => "idempotency_mismatch",
        reason::TOO_MANY_ATTEMPTS => "rate_limited",
        reason::UNAVAILABLE => "upstream_unavailable",
        reason::DEADLINE_EXCEEDED => "upstream_timeout",
        reason::ERROR => "internal",
        BODY_TOO_LARGE => "payload_too_large",
        _ => return reason.to_ascii_lowercase(),
    }
    .to_owned()
}

fn title(code: &str, status: StatusCode) -> &'static str {
    match code {
        "validation" => "The request is not valid",
        "malformed_json" => "The body cannot be read",
        "unauthenticated" => "There is no valid token",
        "invalid_credentials" => "The user name or the password is wrong",
        "token_expired" => "The token has expired",
        "refresh_invalid" => "The refresh token is not valid",
        "refresh_reused" => "The refresh token was used before",
        "forbidden" => "This is not allowed",
        "registration_closed" => "Nobody may register here",
        "prefetch_refused" => "This is not done ahead of being wanted",
        "account_inactive" => "The account is not active",
        "tenant_suspended" => "The company is suspended",
        "tenant_required" => "The company must be named",
        "not_found" => "There is no such thing",
        "no_coverage" => "Nobody works there",
        "duplicate" => "It exists already",
        "email_taken" => "The e-mail address is taken",
        "zip_taken" => "The zip code belongs to another area",
        "already_signed" => "It is signed already",
        "in_use" => "It is in use",
        "illegal_transition" => "This cannot be done now",
        "slot_conflict" => "The time is not free",
        "hold_expired" => "It was held long enough",
        "request_taken" => "Somebody else has taken it",
        "dismissed_for_client" => "The client does not want this cleaner",
        "event_locked" => "It cannot be changed any more",
        "window_closed" => "It is too late for this",
        "idempotency_in_progress" => "The first call is still running",
        "idempotency_mismatch" => "The key was used for another request",
        "link_expired" => "The link has expired",
        "version_mismatch" => "It was changed meanwhile",
        "payload_too_large" => "The body is too large",
        "rate_limited" => "Too many attempts",
        "internal" => "An unexpected error occurred",
        _ => status.canonical_reason().unwrap_or("The request failed"),
    }
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "code", "detail", "instance", "traceId"],
        "properties": {
            "type": {"type": "string", "description": "Identifier of the kind of error."},
            "title": {"type": "string", "description": "The kind of error in words."},
            "status": {"type": "integer", "description": "HTTP status code."},
            "code": {"type": "string", "description": "Stable code of the kind of error."},
            "detail": {"type": "string", "description": "Why the error occurred."},
            "instance": {"type": "string", "description": "Path of the request as sent."},
            "traceId": {
                "type": "string",
                "description": "Id of the request, to find it in the log.",
            },
            "errors": {
                "type": "object",
                "description": "Messages by the path of the member they are about.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
    })
}
