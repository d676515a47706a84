//! From the kernel's error to a gRPC status, for every protocol: the REST shim reads the same
//! status. The only place where a failure is logged with its cause.

use std::collections::HashMap;
use std::fmt;

use http::HeaderMap;
use steward_kernel::{Context, Error, Kind};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt};

use crate::rest::dialect::Dialect;
use crate::rest::failure::Failure;

/// Details travel in a header, and clients refuse headers of more than 8 KiB: what is sent of
/// violations stays below this many bytes, which is about sixty of them.
const VIOLATIONS_BYTES: usize = 5 * 1024;

/// Longest sentence sent. One that quotes the request could be as long as the request.
const MESSAGE_BYTES: usize = 1024;

/// The status of `error` in a `family`, with its facts as `google.rpc` details: `ErrorInfo`
/// always; `BadRequest`, `ResourceInfo` and `RetryInfo` where the error has them.
#[must_use]
pub fn from_error(error: &Error, family: &str) -> Status {
    let mut details = ErrorDetails::new();
    let metadata: HashMap<String, String> =
        error.metadata().iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    details.set_error_info(error.reason(), domain(family), metadata);
    let violations = violations(error);
    if !violations.is_empty() {
        details.set_bad_request(violations);
    }
    if let Some((kind, id)) = error.resource() {
        details.set_resource_info(kind, id, "", "");
    }
    if error.retry_after().is_some() {
        details.set_retry_info(error.retry_after());
    }
    Status::with_error_details(code(error.kind()), shortened(error.message()), details)
}

/// Rewrites the `reason` of the status in `headers` to what it is called in `dialect`.
pub(crate) fn speak(headers: &mut HeaderMap, dialect: &Dialect) {
    let Some(status) = Status::from_header_map(headers) else { return };
    let mut details = status.get_error_details();
    let Some(info) = details.error_info().cloned() else { return };
    let reason = dialect.spoken(&Failure::from_status(&status));
    if info.reason == reason {
        return;
    }
    details.set_error_info(reason, info.domain, info.metadata);
    let spoken = Status::with_error_details(status.code(), status.message(), details);
    if let Err(status) = spoken.add_header(headers) {
        // The status stays as it was, which is as true.
        tracing::warn!(%status, "the reason of a failure cannot be written");
    }
}

/// Logs the cause of `error`, if there is one, and answers its status.
#[must_use]
pub fn refuse(error: &Error, context: &Context) -> Status {
    log_cause(error, context.request_id());
    from_error(error, context.family())
}

/// Logs what only the operator may know of `error`. Failures without a cause are told by the
/// line of the call alone.
pub(crate) fn log_cause(error: &Error, request_id: &str) {
    let Some(source) = error.source_for_log() else { return };
    let (reason, cause) = (error.reason(), Chain(source));
    match error.kind() {
        Kind::Internal => tracing::error!(request_id, reason, %cause, "call failed"),
        // Most conflicts are settled by trying again, which the caller does not notice.
        Kind::Aborted => tracing::debug!(request_id, reason, %cause, "call failed"),
        Kind::Unavailable | Kind::DeadlineExceeded | Kind::ResourceExhausted => {
            tracing::warn!(request_id, reason, %cause, "call failed");
        }
        Kind::InvalidArgument
        | Kind::OutOfRange
        | Kind::NotFound
        | Kind::AlreadyExists
        | Kind::FailedPrecondition
        | Kind::Unauthenticated
        | Kind::PermissionDenied
        | Kind::Unimplemented => tracing::debug!(request_id, reason, %cause, "call refused"),
    }
}

/// The gRPC code of a kind.
#[must_use]
pub const fn code(kind: Kind) -> Code {
    match kind {
        Kind::InvalidArgument => Code::InvalidArgument,
        Kind::OutOfRange => Code::OutOfRange,
        Kind::NotFound => Code::NotFound,
        Kind::AlreadyExists => Code::AlreadyExists,
        Kind::FailedPrecondition => Code::FailedPrecondition,
        Kind::Aborted => Code::Aborted,
        Kind::Unauthenticated => Code::Unauthenticated,
        Kind::PermissionDenied => Code::PermissionDenied,
        Kind::ResourceExhausted => Code::ResourceExhausted,
        Kind::Unavailable => Code::Unavailable,
        Kind::DeadlineExceeded => Code::DeadlineExceeded,
        Kind::Unimplemented => Code::Unimplemented,
        Kind::Internal => Code::Internal,
    }
}

/// The `ErrorInfo` domain of a family; calls outside any family have the server's own.
fn domain(family: &str) -> String {
    if family.is_empty() { "steward".to_owned() } else { format!("{family}.steward") }
}

fn violations(error: &Error) -> Vec<FieldViolation> {
    let mut bytes = 0;
    error
        .violations()
        .iter()
        .map(|violation| FieldViolation {
            field: shortened(&violation.field).to_owned(),
            description: shortened(&violation.message).to_owned(),
            reason: violation.kind.as_str().to_owned(),
            localized_message: None,
        })
        .take_while(|violation| {
            bytes += violation.field.len() + violation.description.len() + 24;
            bytes <= VIOLATIONS_BYTES
        })
        .collect()
}

fn shortened(message: &str) -> &str {
    &message[..message.floor_char_boundary(MESSAGE_BYTES)]
}

/// An error and its sources, as one text.
struct Chain<'a>(&'a (dyn std::error::Error + Send + Sync));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use steward_kernel::{Violation, ViolationKind, error::reason};

    use super::*;

    #[test]
    fn maps_every_kind() {
        let table = [
            (Kind::InvalidArgument, 3),
            (Kind::DeadlineExceeded, 4),
            (Kind::NotFound, 5),
            (Kind::AlreadyExists, 6),
            (Kind::PermissionDenied, 7),
            (Kind::ResourceExhausted, 8),
            (Kind::FailedPrecondition, 9),
            (Kind::Aborted, 10),
            (Kind::OutOfRange, 11),
            (Kind::Unimplemented, 12),
            (Kind::Internal, 13),
            (Kind::Unavailable, 14),
            (Kind::Unauthenticated, 16),
        ];
        for (kind, number) in table {
            let status = from_error(&Error::new(kind, "SOME_REASON", "Some text."), "rentals");
            assert_eq!((status.code() as i32, status.message()), (number, "Some text."));
            let info = status.get_details_error_info().expect("error info");
            assert_eq!((&*info.reason, &*info.domain), ("SOME_REASON", "rentals.steward"));
        }
    }

    #[test]
    fn carries_the_facts() {
        let error = Error::not_found("Property", 7).with_metadata("property_id", "7");
        let status = from_error(&error, "facilities");
        let info = status.get_details_error_info().expect("error info");
        assert_eq!(info.metadata["property_id"], "7");
        let resource = status.get_details_resource_info().expect("resource info");
        assert_eq!((&*resource.resource_type, &*resource.resource_name), ("Property", "7"));

        let error = Error::unavailable("Later.", Duration::from_secs(2));
        let retry = from_error(&error, "").get_details_retry_info().expect("retry info");
        assert_eq!(retry.retry_delay, Some(Duration::from_secs(2)));

        let error = Error::rule("owner.email", "Not so.");
        let bad = from_error(&error, "facilities").get_details_bad_request().expect("bad request");
        let violation = &bad.field_violations[0];
        assert_eq!((&*violation.field, &*violation.description), ("owner.email", "Not so."));
        assert_eq!(violation.reason, "RULE");
    }

    #[test]
    fn never_shows_the_cause() {
        let status = from_error(&Error::internal("password=hunter2"), "facilities");
        assert_eq!(status.message(), "An unexpected error occurred.");
        assert!(!String::from_utf8_lossy(status.details()).contains("hunter2"));
    }

    #[test]
    fn stays_below_what_clients_take() {
        let violation = Violation {
            field: "owner.name".into(),
            kind: ViolationKind::Required,
            message: "é".repeat(700),
        };
        let error = Error::invalid(vec![violation; 1000]);
        let status = from_error(&error, "facilities");
        assert_eq!(error.reason(), reason::BAD_REQUEST);
        assert!((1024..6 * 1024).contains(&status.details().len()));

        let status = from_error(&Error::new(Kind::Internal, "X", "é".repeat(9000)), "");
        assert!(status.message().len() <= MESSAGE_BYTES);
    }
}
