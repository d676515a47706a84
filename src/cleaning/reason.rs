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

/// The caller has applied, and is no cleaner of the company yet.
pub fn not_hired() -> Error {
    let message = "Applicants see their own profile and their agreements until they are hired.";
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

/// All who are needed come already.
pub fn request_taken() -> Error {
    Error::new(Kind::Aborted, "REQUEST_TAKEN", "No more cleaners are needed.")
}

/// The cleaner cannot attend all visits. It stays so, however often it is tried.
pub fn slot_conflict() -> Error {
    Error::new(Kind::Aborted, "SLOT_CONFLICT", "The cleaner cannot attend all visits.")
}

/// Nobody has approved the claim in time.
pub fn hold_expired() -> Error {
    Error::new(Kind::Aborted, "HOLD_EXPIRED", "The claim was not approved in time.")
}

/// The client does not want this cleaner.
pub fn dismissed_for_client() -> Error {
    let message = "The cleaner was dismissed by this client.";
    Error::new(Kind::FailedPrecondition, "DISMISSED_FOR_CLIENT", message)
}

/// A visit, or a contract, is past where this is done with it.
pub fn event_locked(message: &'static str) -> Error {
    Error::new(Kind::FailedPrecondition, "EVENT_LOCKED", message)
}
