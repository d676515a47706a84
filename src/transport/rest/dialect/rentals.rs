//! Rentals: documents of JSON:API in snake_case, error documents with stable codes.

mod sentences;
mod words;

use std::borrow::Cow;

use bytes::Bytes;
use http::StatusCode;
use http::header::{ALLOW, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::{Map, Value, json};
use steward_kernel::error::reason;
use steward_kernel::time;
use tonic::Code;

use self::words::{Language, TAGS, detail, title};
use super::{Asked, Dialect, Unknown};
use crate::body::BODY_TOO_LARGE;
use crate::catalog;
use crate::rest::failure::{
    Failure, MALFORMED_BODY, POINTER, Problem, Refused, Source, http_reason, pointer,
};
use crate::rest::{document, parameters};

pub(super) static DIALECT: Dialect = Dialect {
    of: catalog::Dialect::Rentals,
    ignore_case_of_paths: false,
    ignore_case_of_names: false,
    snake_case: true,
    explicit_null: true,
    documents: true,
    languages: &TAGS,
    unknown: Unknown::Refused,
    numbers_as_text: false,
    numbers_of_enums: false,
    texts_for_ids: true,
    decimals_of_money: 2,
    merges_parts: false,
    put_replaces: false,
    validate_only: None,
    media_type: "application/json",
    problem_type: "application/json",
    write_time: |out, instant| out.extend_from_slice(time::format_seconds(instant).as_bytes()),
    read_time: time::parse,
    enum_text: str::to_ascii_lowercase,
    code: |failure| code(&failure.reason, status(failure.code, &failure.reason)),
    problem,
    problem_schema,
};

fn problem(failure: &Failure, asked: &Asked<'_>) -> Problem {
    let language = Language::of(asked.languages);
    let fault = matches!(failure.code, Code::Internal | Code::Unknown | Code::DataLoss);
    let reason = if fault { reason::ERROR } else { &*failure.reason };
    let mut status = failure.status.unwrap_or_else(|| status(failure.code, reason));
    let mut errors: Vec<Value> =
        failure.refused.iter().map(|one| refused(one, language, asked)).collect();
    if errors.is_empty() {
        let code = code(reason, status);
        let message = if fault { "An unexpected error occurred." } else { &*failure.message };
        let Facts { pointer, all, each } = Facts::of(failure);
        for mut own in each {
            let own_detail = own.remove("detail");
            let message = own_detail.as_ref().and_then(Value::as_str).unwrap_or(message);
            let mut error = error(status, &code, &detail(message, &code, None, language), language);
            if let Some(pointer) = &pointer {
                error["source"] = json!({"pointer": pointer});
            } else if let Some(header) = header(reason) {
                error["source"] = json!({"header": header});
            }
            own.extend(all.clone());
            own.insert("request_id".to_owned(), asked.request_id.into());
            error["meta"] = Value::Object(own);
            errors.push(error);
        }
    } else {
        // What cannot be read comes before what is not allowed.
        let is_bad = |one: &Refused| refused_as(one).0 == StatusCode::BAD_REQUEST;
        status = match failure.refused.iter().any(is_bad) {
            true => StatusCode::BAD_REQUEST,
            false => StatusCode::UNPROCESSABLE_ENTITY,
        };
    }
    let mut headers = HeaderMap::new();
    let media_type =
        document::accepted(std::iter::once(asked.accept)).unwrap_or(DIALECT.problem_type);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    if status == StatusCode::UNAUTHORIZED {
        let challenge = HeaderValue::from_static("Bearer realm=\"steward\"");
        headers.insert(http::header::WWW_AUTHENTICATE, challenge);
    }
    let retry = matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS);
    if let Some(seconds) = failure.retry_after.or(retry.then_some(1)) {
        headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = failure.allow.as_deref().and_then(|allow| allow.parse().ok()) {
        headers.insert(ALLOW, allow);
    }
    let body = json!({"errors": errors}).to_string();
    Problem { status, headers, body: Bytes::from(body) }
}

fn error(status: StatusCode, code: &str, detail: &str, language: Language) -> Value {
    json!({
        "status": status.as_str(),
        "code": code,
        "title": title(code, status, language),
        "detail": detail,
        "meta": {},
    })
}

/// Status and code of a refused attribute or parameter.
fn refused_as(one: &Refused) -> (StatusCode, String) {
    match &*one.code {
        MALFORMED_BODY => (StatusCode::BAD_REQUEST, "malformed_body".to_owned()),
        "UNKNOWN_PARAMETER" => (StatusCode::BAD_REQUEST, "unknown_parameter".to_owned()),
        "UNSUPPORTED_INCLUDE" => (StatusCode::BAD_REQUEST, "unsupported_include".to_owned()),
        // Both ends can be read, wherever they are written; together they are no period.
        "INVALID_PERIOD" => (StatusCode::UNPROCESSABLE_ENTITY, one.stable_code()),
        _ if one.source != Source::Member => {
            (StatusCode::BAD_REQUEST, "invalid_parameter".to_owned())
        }
        _ => (StatusCode::UNPROCESSABLE_ENTITY, one.stable_code()),
    }
}

/// One error for each refused attribute or parameter.
fn refused(one: &Refused, language: Language, asked: &Asked<'_>) -> Value {
    let (status, code) = refused_as(one);
    let detail = detail(&one.message, &code, Some(&one.path), language);
    let mut error = error(status, &code, &detail, language);
    error["source"] = match one.source {
        Source::Member => json!({"pointer": pointer(&one.path, &DIALECT)}),
        Source::Parameter => json!({"parameter": parameter_name(one, asked.query)}),
        Source::Header => json!({"header": one.path}),
    };
    error["meta"]["request_id"] = asked.request_id.into();
    error
}

/// The request header that a failure is about.
fn header(reason: &str) -> Option<&'static str> {
    match reason {
        reason::PRECONDITION_FAILED => Some("If-Match"),
        reason::INVALID_IDEMPOTENCY_KEY
        | reason::IDEMPOTENCY_KEY_REUSED
        | reason::IDEMPOTENCY_IN_PROGRESS => Some("Idempotency-Key"),
        reason::AUTHORIZATION_ERROR | reason::INVALID_TOKEN | reason::TOKEN_EXPIRED => {
            Some("Authorization")
        }
        reason::INVALID_ID_TOKEN => Some("Auth0-IdToken"),
        _ => None,
    }
}

/// What programs may know of a failure that is about the state of things.
struct Facts {
    /// Where in the document it is.
    pointer: Option<String>,
    /// What is the same for all of it.
    all: Map<String, Value>,
    /// What is true of each thing that it is about, with a `detail` for people. Each becomes an
    /// error.
    each: Vec<Map<String, Value>>,
}

impl Facts {
    /// The fact that tells of several items that are short.
    const EACH: &str = "shortages";

    fn of(failure: &Failure) -> Self {
        let mut facts = Self { pointer: None, all: Map::new(), each: Vec::new() };
        for (name, text) in &failure.metadata {
            // Facts that are more than a text come as JSON.
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()));
            match (name.as_str(), value) {
                (POINTER, _) => facts.pointer = Some(text.clone()),
                (Self::EACH, Value::Array(each)) => {
                    facts.each.extend(each.iter().filter_map(Value::as_object).cloned());
                }
                (name, value) => {
                    facts.all.insert(name.to_owned(), value);
                }
            }
        }
        if facts.each.is_empty() {
            facts.each.push(Map::new());
        }
        facts
    }
}

/// The name of a refused parameter as clients of JSON:API send it.
fn parameter_name<'a>(one: &'a Refused, query: &str) -> Cow<'a, str> {
    match &*one.path {
        "page_number" => "page[number]".into(),
        "page_size" => "page[size]".into(),
        "order_by" => "sort".into(),
        "deleted" => "filter[deleted]".into(),
        "filter" => parameters::condition_of(query, &one.message).unwrap_or("filter".into()),
        name => name.into(),
    }
}

fn status(code: Code, reason: &str) -> StatusCode {
    match code {
        Code::ResourceExhausted if reason == BODY_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Aborted if reason == reason::PRECONDITION_FAILED => StatusCode::PRECONDITION_FAILED,
        Code::InvalidArgument
            if matches!(reason, reason::INVALID_FORMAT | reason::INVALID_IDEMPOTENCY_KEY) =>
        {
            StatusCode::BAD_REQUEST
        }
        Code::InvalidArgument => StatusCode::UNPROCESSABLE_ENTITY,
        Code::OutOfRange if matches!(reason, reason::CURSOR_EXPIRED | reason::LINK_EXPIRED) => {
            StatusCode::GONE
        }
        Code::OutOfRange => StatusCode::BAD_REQUEST,
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

/// The stable code of a reason. What all families share has other names here.
fn code(reason: &str, status: StatusCode) -> String {
    match reason {
        reason::ENTITY_NOT_FOUND | http_reason::NOT_FOUND => "not_found",
        reason::AUTHORIZATION_ERROR => "unauthenticated",
        reason::INVALID_FORMAT if status == StatusCode::BAD_REQUEST => "malformed_body",
        reason::FORBIDDEN_ACTION if status == StatusCode::FORBIDDEN => "forbidden",
        reason::FORBIDDEN_ACTION => "in_use",
        reason::INVALID_IDEMPOTENCY_KEY => "invalid_parameter",
        reason::TOO_MANY_ATTEMPTS => "rate_limited",
        reason::UNAVAILABLE => "provider_unavailable",
        reason::DEADLINE_EXCEEDED => "provider_timeout",
        reason::CURSOR_EXPIRED => "cursor_expired",
        reason::ERROR => "internal",
        BODY_TOO_LARGE => "payload_too_large",
        _ => return reason.to_ascii_lowercase(),
    }
    .to_owned()
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong.",
        "required": ["errors"],
        "properties": {"errors": {"type": "array", "minItems": 1, "items": {
            "type": "object",
            "required": ["status", "code", "title", "detail", "meta"],
            "properties": {
                "status": {"type": "string", "description": "HTTP status code."},
                "code": {"type": "string", "description": "Stable code of the kind of error."},
                "title": {"type": "string", "description": "The kind of error in words."},
                "detail": {"type": "string", "description": "Why the error occurred."},
                "source": {
                    "type": "object",
                    "description": "Where in the request the error is.",
                    "properties": {
                        "pointer": {"type": "string", "description": "Path into the document."},
                        "parameter": {"type": "string", "description": "Query parameter."},
                        "header": {"type": "string", "description": "Header."},
                    },
                },
                "meta": {
                    "type": "object",
                    "description": "Further facts.",
                    "required": ["request_id"],
                    "properties": {"request_id": {
                        "type": "string",
                        "description": "Id of the request, to find it in the log.",
                    }},
                },
            },
        }}},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_pointers() {
        for (path, expected) in [
            ("title", "/data/attributes/title"),
            ("items[0].quantity", "/data/attributes/items/0/quantity"),
            ("$", "/data"),
        ] {
            assert_eq!(pointer(path, &DIALECT), expected);
        }
    }
}
