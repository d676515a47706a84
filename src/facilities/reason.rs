//! Reasons that only this family gives.

use std::borrow::Cow;

use steward_kernel::{Error, Kind};

/// The e-mail belongs to another user of the tenant.
pub const USER_ALREADY_EXISTS: &str = "USER_ALREADY_EXISTS";
/// An issue stands where it does not allow what was asked.
pub const ISSUE_STATUS: &str = "ISSUE_STATUS";

/// The mail that a call sends cannot be written.
pub const MAILING: &str = "MAILING";

/// A fault of the server while it wrote a mail, told as one. Other failures stay what they are.
pub fn mailing(error: Error) -> Error {
    if error.kind() == Kind::Internal {
        return error.told_as(MAILING, "The e-mail could not be written.");
    }
    error
}

/// The error for a change of status that the table of transitions does not have.
pub fn issue_status(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(Kind::FailedPrecondition, ISSUE_STATUS, message)
}

/// The error for an e-mail that another user of the tenant has, whatever the role.
pub fn user_already_exists() -> Error {
    let message = "A user with this email already exists.";
    // So that an import can say which column of a row is refused.
    Error::new(Kind::AlreadyExists, USER_ALREADY_EXISTS, message).with_metadata("pointer", "/email")
}
