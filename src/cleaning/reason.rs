//! Refusals that several resources of the family share, by the codes of the contract.

use steward_kernel::{Error, Kind, error::reason};

/// Another one has the name.
pub fn duplicate(message: &'static str) -> Error {
    Error::new(Kind::AlreadyExists, "DUPLICATE", message)
}

/// Somebody else has the e-mail address.
pub fn email_taken() -> Error {
    let message = "Somebody of the company has this e-mail address.";
    Error::new(Kind::AlreadyExists, "EMAIL_TAKEN", message)
}

/// The caller may not see or change what is there.
pub fn out_of_reach() -> Error {
    let message = "This belongs to somebody else.";
    Error::new(Kind::PermissionDenied, reason::FORBIDDEN_ACTION, message)
}

/// Something that is there needs what would go.
pub fn in_use(message: &'static str) -> Error {
    Error::new(Kind::FailedPrecondition, reason::FORBIDDEN_ACTION, message)
}

/// It stands where this is not done with it.
pub fn illegal_transition(message: &'static str) -> Error {
    Error::new(Kind::FailedPrecondition, "ILLEGAL_TRANSITION", message)
}

/// A visit, or a contract, is past where this is done with it.
pub fn event_locked(message: &'static str) -> Error {
    Error::new(Kind::FailedPrecondition, "EVENT_LOCKED", message)
}
