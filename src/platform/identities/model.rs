//! An identity.

use steward_kernel::error::reason;
use steward_kernel::{Error, Kind};

/// A person, by the name another issuer has for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
}

/// A person, by the name another issuer has for them, and the user they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// URL of the issuer.
    pub issuer: String,
    /// The issuer's name for the person.
    pub subject: String,
    /// Id of the user.
    pub user: i64,
}

/// What an issuer says of a person; what it does not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// E-mail address.
    pub email: Option<String>,
    /// What people call them.
    pub name: Option<String>,
    /// Where a picture of them is.
    pub picture_url: Option<String>,
    /// The language they read (BCP 47).
    pub locale: Option<String>,
}

/// The error for somebody the issuer knows and we do not.
pub(super) fn onboarding_required() -> Error {
    let message = "There is no account yet. Please finish the onboarding first.";
    Error::new(Kind::PermissionDenied, reason::ONBOARDING_REQUIRED, message)
}

/// The error for a person who got an account meanwhile.
pub(super) fn taken() -> Error {
    Error::new(Kind::AlreadyExists, TAKEN, "The person has an account.")
}

/// The reason of [`taken`].
pub(super) const TAKEN: &str = "IDENTITY_TAKEN";
