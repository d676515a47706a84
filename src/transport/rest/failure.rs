//! A failure on its way to a JSON client: read from a gRPC status, or found by the shim itself.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use steward_kernel::error::reason;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::dialect::Dialect;
use super::table::{Kind, MessageId, Tables};
use crate::body::BODY_TOO_LARGE;
use crate::catalog::Body;

/// Reasons that only HTTP knows.
pub(super) mod http_reason {
    pub(crate) const NOT_FOUND: &str = "NOT_FOUND";
    pub(crate) const METHOD_NOT_ALLOWED: &str = "METHOD_NOT_ALLOWED";
    pub(crate) const NOT_ACCEPTABLE: &str = "NOT_ACCEPTABLE";
    pub(crate) const UNSUPPORTED_MEDIA_TYPE: &str = "UNSUPPORTED_MEDIA_TYPE";
    pub(crate) const NOT_IMPLEMENTED: &str = "NOT_IMPLEMENTED";
}

/// A refused member of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Path in JSON names: `invoiceAddress.city`, `propertyUserIds[1]`; `$` for the body itself.
    pub(crate) path: String,
    /// A sentence for the client.
    pub(crate) message: String,
    /// Why it was refused, in UPPER_SNAKE.
    pub(crate) code: Cow<'static, str>,
    /// Where in the request it was.
    pub(crate) source: Source,
}

impl Refused {
    /// Whether it is about one member of a body that can be read otherwise.
    pub(super) fn is_of_member(&self) -> bool {
        self.source == Source::Member
            && self.code != MALFORMED_BODY
            && !self.path.is_empty()
            && self.path != "$"
    }
}

/// A body that is no document.
pub(super) const MALFORMED_BODY: &str = "MALFORMED_BODY";

/// Where in a request something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// In the body.
    Member,
    /// In the path or the query.
    Parameter,
    /// In the head.
    Header,
}

/// The fact of a failure that says which member of the body (RFC 6901) the whole call is refused
/// for.
pub(crate) const POINTER: &str = "pointer";

/// Everything a dialect needs to write an error body.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) code: Code,
    /// Stable reason in UPPER_SNAKE.
    pub(crate) reason: Box<str>,
    /// A sentence for the client.
    pub(crate) message: Box<str>,
    /// Facts for programs, ordered by name.
    pub(crate) metadata: Vec<(String, String)>,
    /// Refused members, in the order found.
    pub(crate) refused: Vec<Refused>,
    /// Seconds after which the client may try again.
    pub(crate) retry_after: Option<u64>,
    /// Set when HTTP knows a status that no gRPC code stands for.
    pub(crate) status: Option<StatusCode>,
    /// Value of `Allow` on 405.
    pub(crate) allow: Option<Box<str>>,
}

/// Why a call was refused, for callers within the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Whether the same call may succeed later.
    pub passing: bool,
    /// Stable reason in UPPER_SNAKE.
    pub reason: String,
    /// A sentence for the client.
    pub message: String,
    /// Stable code of the reason, as the family's errors have it.
    pub code: String,
    /// Refused members.
    pub members: Vec<RefusedMember>,
}

/// What was wrong with a member of a request, for callers within the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedMember {
    /// Path in JSON names.
    pub path: String,
    /// A sentence for the client.
    pub message: String,
    /// Stable code: `required`, `invalid_value`.
    pub code: String,
    /// Path into the body (RFC 6901).
    pub pointer: String,
}

impl Refused {
    /// The stable code of what was wrong.
    pub(crate) fn stable_code(&self) -> String {
        match &*self.code {
            "FORMAT" => "invalid_format".to_owned(),
            "RULE" => "invalid_value".to_owned(),
            code => code.to_ascii_lowercase(),
        }
    }
}

impl Refusal {
    /// What `failure` says in `dialect`.
    pub(super) fn of(failure: &Failure, dialect: &Dialect) -> Self {
        let passing = [
            Code::Unavailable,
            Code::Aborted,
            Code::DeadlineExceeded,
            Code::Cancelled,
            Code::ResourceExhausted,
        ];
        let code = (dialect.code)(failure);
        let members = failure.refused.iter().map(|one| RefusedMember {
            path: one.path.clone(),
            message: one.message.clone(),
            code: one.stable_code(),
            pointer: pointer(&one.path, dialect),
        });
        let mut members: Vec<_> = members.collect();
        // Some failures of the whole call are about one member, such as an e-mail that is taken.
        let about = failure.metadata.iter().find(|(name, _)| name == POINTER);
        if let (true, Some((_, pointer))) = (members.is_empty(), about) {
            members.push(RefusedMember {
                path: path(pointer, dialect),
                message: failure.message.to_string(),
                code: code.clone(),
                pointer: pointer.clone(),
            });
        }
        Self {
            passing: passing.contains(&failure.code) && &*failure.reason != BODY_TOO_LARGE,
            reason: failure.reason.to_string(),
            message: failure.message.to_string(),
            code,
            members,
        }
    }
}

/// Where a body has what it is about, and the members of that.
fn places(dialect: &Dialect) -> (&'static str, &'static str) {
    if dialect.documents { ("/data", "/data/attributes") } else { ("", "") }
}

/// `/address/city` -> `address.city`, of a pointer that leads through no list.
fn path(pointer: &str, dialect: &Dialect) -> String {
    let (_, members) = places(dialect);
    pointer.strip_prefix(members).unwrap_or(pointer).trim_start_matches('/').replace('/', ".")
}

/// `items[0].quantity` -> `/items/0/quantity`, or where a document has it.
pub(super) fn pointer(path: &str, dialect: &Dialect) -> String {
    let (body, members) = places(dialect);
    if matches!(path, "" | "$") {
        return body.to_owned();
    }
    let path = path.replace('[', "/").replace(']', "").replace('.', "/");
    format!("{members}/{}", path.trim_start_matches('/'))
}

impl Failure {
    fn new(code: Code, reason: &str, message: impl Into<Box<str>>) -> Self {
        Self {
            code,
            reason: reason.into(),
            message: message.into(),
            metadata: Vec::new(),
            refused: Vec::new(),
            retry_after: None,
            status: None,
            allow: None,
        }
    }

    /// The request cannot be read.
    pub(crate) fn invalid_format(message: impl Into<Box<str>>, refused: Vec<Refused>) -> Self {
        let failure = Self::new(Code::InvalidArgument, reason::INVALID_FORMAT, message);
        Self { refused, ..failure }
    }

    pub(super) fn refused(refused: Vec<Refused>) -> Self {
        let message = match refused.as_slice() {
            [only] => only.message.clone(),
            _ => "The request holds values that cannot be read.".to_owned(),
        };
        Self::invalid_format(message, refused)
    }

    /// Adds what the service refuses of a request to what could not be read of it. What it says
    /// of the same members, or of those around them, only follows from that.
    pub(super) fn add(&mut self, others: Vec<Refused>) {
        let is_within = |inner: &str, outer: &str| {
            inner
                .strip_prefix(outer)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let own = self.refused.len();
        for other in others {
            let follows = self.refused[..own]
                .iter()
                .any(|one| is_within(&one.path, &other.path) || is_within(&other.path, &one.path));
            if !follows {
                self.refused.push(other);
            }
        }
        if self.refused.len() > own {
            *self = Self::refused(std::mem::take(&mut self.refused));
        }
    }

    /// A failure of HTTP itself.
    pub(super) fn http(status: StatusCode, reason: &str, message: &str) -> Self {
        let code = match status {
            StatusCode::NOT_FOUND => Code::NotFound,
            StatusCode::CONFLICT => Code::FailedPrecondition,
            StatusCode::FORBIDDEN => Code::PermissionDenied,
            StatusCode::PAYLOAD_TOO_LARGE => Code::ResourceExhausted,
            StatusCode::INTERNAL_SERVER_ERROR => Code::Internal,
            StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::InvalidArgument,
            _ => Code::Unimplemented,
        };
        Self { status: Some(status), ..Self::new(code, reason, message) }
    }

    /// An answer of the inner service that makes no sense.
    pub(super) fn internal() -> Self {
        Self::new(Code::Internal, reason::ERROR, "An unexpected error occurred.")
    }

    /// The failure in the headers or trailers of a gRPC response; none when it succeeded.
    pub(super) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        match headers.get(Status::GRPC_STATUS).map(|status| status.as_bytes()) {
            Some(b"0") => None,
            _ => Some(match Status::from_header_map(headers) {
                Some(status) => Self::from_status(&status),
                None => Self::internal(),
            }),
        }
    }

    pub(crate) fn from_status(status: &Status) -> Self {
        let details = status.get_error_details();
        let mut failure = Self::new(status.code(), "", status.message());
        if let Some(info) = details.error_info() {
            failure.reason = info.reason.as_str().into();
            failure.metadata =
                info.metadata.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            failure.metadata.sort();
        } else {
            failure.reason = default_reason(status.code()).into();
        }
        if let Some(bad) = details.bad_request() {
            failure.refused = bad
                .field_violations
                .iter()
                .map(|violation| Refused {
                    path: violation.field.clone(),
                    message: violation.description.clone(),
                    code: if violation.reason.is_empty() {
                        Cow::Borrowed("RULE")
                    } else {
                        Cow::Owned(violation.reason.clone())
                    },
                    source: Source::Member,
                })
                .collect();
        }
        failure.retry_after = details
            .retry_info()
            .and_then(|retry| retry.retry_delay)
            .map(|delay| delay.as_secs().max(1));
        failure
    }

    /// Turns the paths of refused members from proto names below the request message into
    /// JSON names below the body.
    pub(super) fn localise(
        &mut self,
        tables: &Tables,
        (input, body): (MessageId, &Body),
        dialect: &Dialect,
    ) {
        for refused in &mut self.refused {
            let first = refused.path.split(['.', '[']).next().unwrap_or("");
            refused.source = match body {
                Body::Whole => Source::Member,
                Body::Field(field) if field.name() == first => Source::Member,
                Body::Field(_) | Body::None => Source::Parameter,
            };
            refused.path = json_path(&refused.path, tables, (input, body), dialect);
        }
    }
}

/// The reason of a status that was made without one, by tonic itself or a default stub.
fn default_reason(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument | Code::OutOfRange => reason::BAD_REQUEST,
        Code::NotFound => reason::ENTITY_NOT_FOUND,
        Code::AlreadyExists | Code::Aborted => reason::CONFLICT,
        Code::FailedPrecondition | Code::PermissionDenied => reason::FORBIDDEN_ACTION,
        Code::Unauthenticated => reason::AUTHORIZATION_ERROR,
        Code::ResourceExhausted => reason::TOO_MANY_ATTEMPTS,
        Code::Unavailable => reason::UNAVAILABLE,
        Code::DeadlineExceeded | Code::Cancelled => reason::DEADLINE_EXCEEDED,
        Code::Unimplemented => http_reason::NOT_IMPLEMENTED,
        Code::Ok | Code::Unknown | Code::Internal | Code::DataLoss => reason::ERROR,
    }
}

fn json_path(
    path: &str,
    tables: &Tables,
    (input, body): (MessageId, &Body),
    dialect: &Dialect,
) -> String {
    let mut names = path.split('.').peekable();
    let mut message = Some(input);
    let mut json = String::new();
    if let Body::Field(field) = body
        && let Some(index) = names.peek().and_then(|first| first.strip_prefix(field.name()))
        && (index.is_empty() || index.starts_with('['))
    {
        // Of a body that is a list, the place in it is all there is to say.
        json.push_str(index);
        names.next();
        message = match tables.messages[input].by_proto_name(field.name()).map(|field| field.kind) {
            Some(Kind::Message(id) | Kind::Wrapper(id)) => Some(id),
            _ => None,
        };
    }
    // What a document does not hold is an attribute of the resource that it is about.
    if dialect.documents && path.contains('.') && matches!(body, Body::Whole) {
        names.next_if(|name| tables.messages[input].by_proto_name(name).is_none());
    }
    if names.peek().is_none() && json.is_empty() {
        return "$".to_owned();
    }
    let mut wrapped = false;
    for part in names {
        let (name, index) = match part.find('[') {
            Some(at) => part.split_at(at),
            None => (part, ""),
        };
        let field = message.and_then(|id| tables.messages[id].by_proto_name(name));
        // The list inside a wrapper has no name of its own in JSON.
        if !wrapped || field.is_none() {
            if !json.is_empty() {
                json.push('.');
            }
            match field {
                Some(field) => json.push_str(&field.shown),
                None if dialect.snake_case => json.push_str(name),
                None => json.push_str(&camel_case(name)),
            }
        }
        json.push_str(index);
        (message, wrapped) = match field.map(|field| field.kind) {
            Some(Kind::Message(id)) => (Some(id), false),
            Some(Kind::Wrapper(id)) => (Some(id), true),
            _ => (None, false),
        };
    }
    json
}

fn camel_case(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut upper = false;
    for char in name.chars() {
        if char == '_' {
            upper = true;
        } else if upper {
            json.push(char.to_ascii_uppercase());
            upper = false;
        } else {
            json.push(char);
        }
    }
    json
}

/// A response body and the head a dialect wants with it.
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}
