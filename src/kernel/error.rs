//! The one error type of steward, independent of transport and database.
//!
//! A handler makes an [`Error`] from a [`Kind`] and a stable reason; the transport turns it
//! into a gRPC status, and the REST shim into the error body of a family. What a client may
//! see (`message`, `metadata`, `violations`) is kept apart from what only the log may see
//! (`source`), so that nothing internal can leak by being displayed.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::text;

/// The result of everything that can fail for a client.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The closed set of failures, equal to the gRPC codes in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The request is malformed or breaks a rule, whatever the state of the system.
    InvalidArgument,
    /// What the request asks for lies outside of what there is, or is there no longer.
    OutOfRange,
    /// What the request names does not exist for this caller.
    NotFound,
    /// What the request would create exists.
    AlreadyExists,
    /// The state of the system does not allow the request.
    FailedPrecondition,
    /// A concurrent change got in the way; the caller may try again.
    Aborted,
    /// No valid credentials.
    Unauthenticated,
    /// The credentials do not allow the call.
    PermissionDenied,
    /// A limit is reached; the caller may try later.
    ResourceExhausted,
    /// A part of the system is down; the caller may try again.
    Unavailable,
    /// The call took longer than it may.
    DeadlineExceeded,
    /// The call is not offered.
    Unimplemented,
    /// A fault of the server.
    Internal,
}

/// Why a field was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ViolationKind {
    /// It is missing.
    Required,
    /// It cannot be read: not an e-mail, not a number, not a date.
    Format,
    /// It can be read, and breaks a rule.
    Rule,
    /// It breaks a rule that has a name of its own, in UPPER_SNAKE: `TOO_LONG`, `TAKEN`.
    Named(&'static str),
}

impl ViolationKind {
    /// The stable text of the kind, as it travels in `BadRequest.FieldViolation.reason`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "REQUIRED",
            Self::Format => "FORMAT",
            Self::Rule => "RULE",
            Self::Named(name) => name,
        }
    }
}

/// One refused field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field in the request message, in proto names: `owner.invoice_address.city`.
    pub field: String,
    /// Why it was refused.
    pub kind: ViolationKind,
    /// A sentence for the client.
    pub message: String,
}

impl Violation {
    /// A refused field.
    pub fn new(field: impl Into<String>, kind: ViolationKind, message: impl Into<String>) -> Self {
        Self { field: field.into(), kind, message: message.into() }
    }

    /// A missing field.
    pub fn required(field: impl Into<String>) -> Self {
        let field = field.into();
        let message = format!("{} is required.", text::sentence(&field));
        Self { field, kind: ViolationKind::Required, message }
    }
}

/// Stable reasons that any family may give. Families add their own.
pub mod reason {
    /// A field is missing or breaks a rule.
    pub const BAD_REQUEST: &str = "BAD_REQUEST";
    /// A field cannot be read.
    pub const INVALID_FORMAT: &str = "INVALID_FORMAT";
    /// An id names nothing the caller may see.
    pub const ENTITY_NOT_FOUND: &str = "ENTITY_NOT_FOUND";
    /// The state of the system, or the caller's permissions, forbid the call.
    pub const FORBIDDEN_ACTION: &str = "FORBIDDEN_ACTION";
    /// A file cannot be uploaded or fetched, or is not there.
    pub const FILE_UPLOAD: &str = "FILE_UPLOAD";
    /// There is no account yet, or its business has not said what it takes to start.
    pub const ONBOARDING_REQUIRED: &str = "ONBOARDING_REQUIRED";
    /// No token, or a link that is none.
    pub const AUTHORIZATION_ERROR: &str = "AUTHORIZATION_ERROR";
    /// A token that is forged, meant for another audience, or of a session that has ended.
    pub const INVALID_TOKEN: &str = "INVALID_TOKEN";
    /// A token whose time is over.
    pub const TOKEN_EXPIRED: &str = "TOKEN_EXPIRED";
    /// The token that tells who somebody is does not fit the one they call with.
    pub const INVALID_ID_TOKEN: &str = "INVALID_ID_TOKEN";
    /// A link was used, taken back or replaced, or its time is over.
    pub const LINK_EXPIRED: &str = "LINK_EXPIRED";
    /// Too many calls or failures.
    pub const TOO_MANY_ATTEMPTS: &str = "TOO_MANY_ATTEMPTS";
    /// The operator has suspended the tenant, which may read and change nothing.
    pub const TENANT_SUSPENDED: &str = "TENANT_SUSPENDED";
    /// The database or another part is down.
    pub const UNAVAILABLE: &str = "UNAVAILABLE";
    /// The resource is not as the caller's etag says.
    pub const PRECONDITION_FAILED: &str = "PRECONDITION_FAILED";
    /// The document that was sent has the id of another resource.
    pub const ID_MISMATCH: &str = "ID_MISMATCH";
    /// The idempotency key is none.
    pub const INVALID_IDEMPOTENCY_KEY: &str = "INVALID_IDEMPOTENCY_KEY";
    /// The idempotency key was used for another request.
    pub const IDEMPOTENCY_KEY_REUSED: &str = "IDEMPOTENCY_KEY_REUSED";
    /// The first call with the idempotency key is still running.
    pub const IDEMPOTENCY_IN_PROGRESS: &str = "IDEMPOTENCY_IN_PROGRESS";
    /// What follows the cursor is no longer kept.
    pub const CURSOR_EXPIRED: &str = "CURSOR_EXPIRED";
    /// As many streams are open as may be.
    pub const TOO_MANY_STREAMS: &str = "TOO_MANY_STREAMS";
    /// A concurrent change got in the way.
    pub const CONFLICT: &str = "CONFLICT";
    /// The call took too long.
    pub const DEADLINE_EXCEEDED: &str = "DEADLINE_EXCEEDED";
    /// A fault of the server.
    pub const ERROR: &str = "ERROR";
}

/// A failure, with what the client may know and what only the log may know.
///
/// A copy has the same cause: one failure can end several calls.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    reason: &'static str,
    message: Cow<'static, str>,
    metadata: Vec<(&'static str, String)>,
    violations: Vec<Violation>,
    resource: Option<(&'static str, String)>,
    retry_after: Option<Duration>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A failure of `kind` with a stable `reason` in UPPER_SNAKE and a sentence for the client.
    pub fn new(kind: Kind, reason: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            reason,
            message: message.into(),
            metadata: Vec::new(),
            violations: Vec::new(),
            resource: None,
            retry_after: None,
            source: None,
        }))
    }

    /// `resource` (such as `Property`) with `id` does not exist for this caller.
    pub fn not_found(resource: &'static str, id: impl fmt::Display) -> Self {
        let mut error = Self::new(
            Kind::NotFound,
            reason::ENTITY_NOT_FOUND,
            format!("{resource} with id {id} not found."),
        );
        error.0.resource = Some((resource, id.to_string()));
        error
    }

    /// `resource` with the e-mail `email` does not exist. The address is told to the client
    /// only, never to the log.
    pub fn email_not_found(resource: &'static str, email: &str) -> Self {
        let mut error = Self::new(
            Kind::NotFound,
            reason::ENTITY_NOT_FOUND,
            format!("{resource} with email {email} not found."),
        );
        error.0.resource = Some((resource, String::new()));
        error
    }

    /// The state of the system forbids the call.
    pub fn forbidden_action(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::FailedPrecondition, reason::FORBIDDEN_ACTION, message)
    }

    /// One or more fields were refused. The reason is `INVALID_FORMAT` when all of them are
    /// unreadable, else `BAD_REQUEST`.
    #[must_use]
    pub fn invalid(violations: Vec<Violation>) -> Self {
        let unreadable = !violations.is_empty()
            && violations.iter().all(|violation| violation.kind == ViolationKind::Format);
        let (reason, message) = if unreadable {
            (reason::INVALID_FORMAT, "The request holds values that cannot be read.")
        } else {
            (reason::BAD_REQUEST, "The request is not valid.")
        };
        let message = match violations.as_slice() {
            [only] => Cow::Owned(only.message.clone()),
            _ => Cow::Borrowed(message),
        };
        let mut error = Self::new(Kind::InvalidArgument, reason, message);
        error.0.violations = violations;
        error
    }

    /// One field is missing.
    pub fn required(field: impl Into<String>) -> Self {
        Self::invalid(vec![Violation::required(field)])
    }

    /// One field breaks a rule.
    pub fn rule(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::invalid(vec![Violation::new(field, ViolationKind::Rule, message)])
    }

    /// One field breaks a rule that has a name of its own, in UPPER_SNAKE.
    pub fn named(field: impl Into<String>, name: &'static str, message: impl Into<String>) -> Self {
        Self::invalid(vec![Violation::new(field, ViolationKind::Named(name), message)])
    }

    /// A concurrent change got in the way. Whoever can do the change again does so, after a
    /// pause of at most [`crate::retry::longest_pause`].
    #[must_use]
    pub fn conflict() -> Self {
        Self::new(
            Kind::Aborted,
            reason::CONFLICT,
            "A concurrent change got in the way. Please try again.",
        )
    }

    /// No token, or a link that is none.
    pub fn unauthenticated(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unauthenticated, reason::AUTHORIZATION_ERROR, message)
    }

    /// A token that is no good. `message` says what is wrong with it without repeating it.
    pub fn invalid_token(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Unauthenticated, reason::INVALID_TOKEN, message)
    }

    /// A token that was good once.
    #[must_use]
    pub fn token_expired() -> Self {
        Self::new(Kind::Unauthenticated, reason::TOKEN_EXPIRED, "The token is expired.")
    }

    /// A user who may not sign in any more.
    #[must_use]
    pub fn account_inactive() -> Self {
        Self::new(Kind::PermissionDenied, "ACCOUNT_INACTIVE", "The account is not active.")
    }

    /// A fault of the server; `source` goes to the log only.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, reason::ERROR, "An unexpected error occurred.")
            .with_source(source)
    }

    /// A part of the system is down; the caller may try again after `retry_after`.
    pub fn unavailable(message: impl Into<Cow<'static, str>>, retry_after: Duration) -> Self {
        let mut error = Self::new(Kind::Unavailable, reason::UNAVAILABLE, message);
        error.0.retry_after = Some(retry_after);
        error
    }

    /// Adds a fact for programs, in addition to the sentence for people.
    #[must_use]
    pub fn with_metadata(mut self, key: &'static str, value: impl Into<String>) -> Self {
        self.0.metadata.push((key, value.into()));
        self
    }

    /// Adds when the caller may try again.
    #[must_use]
    pub fn with_retry_after(mut self, delay: Duration) -> Self {
        self.0.retry_after = Some(delay);
        self
    }

    /// The same failure with its cause, told to the client under another reason.
    #[must_use]
    pub fn told_as(mut self, reason: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        self.0.reason = reason;
        self.0.message = message.into();
        self
    }

    /// The same failure of what is a part of the request: its fields are below `field`.
    #[must_use]
    pub fn below(mut self, field: &str) -> Self {
        for violation in &mut self.0.violations {
            if !violation.field.is_empty() {
                violation.field.insert(0, '.');
            }
            violation.field.insert_str(0, field);
        }
        self
    }

    /// The same failure of what the request has elsewhere: what it calls `from`, and
    /// its fields below that, are `to` and below that.
    #[must_use]
    pub fn moved(mut self, from: &str, to: &str) -> Self {
        for violation in &mut self.0.violations {
            if let Some(rest) = violation.field.strip_prefix(from)
                && (rest.is_empty() || rest.starts_with('.'))
            {
                violation.field = format!("{to}{rest}");
            }
        }
        self
    }

    /// Adds the cause, for the log only.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// What sort of failure it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// The stable reason in UPPER_SNAKE.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.0.reason
    }

    /// The sentence for the client.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Facts for programs.
    #[must_use]
    pub fn metadata(&self) -> &[(&'static str, String)] {
        &self.0.metadata
    }

    /// The refused fields.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.0.violations
    }

    /// Kind and id of what was not found.
    #[must_use]
    pub fn resource(&self) -> Option<(&'static str, &str)> {
        self.0.resource.as_ref().map(|(kind, id)| (*kind, id.as_str()))
    }

    /// When the caller may try again.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The cause, for the log only.
    #[must_use]
    pub fn source_for_log(&self) -> Option<&(dyn std::error::Error + Send + Sync)> {
        self.0.source.as_deref()
    }
}

/// Shows kind and reason alone: the message may hold what a client sent, and the source is
/// logged once, at the boundary.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}, {})", self.0.kind, self.0.reason)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}
