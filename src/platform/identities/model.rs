//! An identity.

use futures_util::future::BoxFuture;
use steward_database::Transaction;
use steward_kernel::error::reason;
use steward_kernel::{Error, Family, Kind, Result, Role, TenantId};

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

/// Has a family follow what its tenant's user is newly said to be, where it keeps that itself. It
/// is done along with the user.
pub type Follow =
    for<'a> fn(&'a Transaction, TenantId, Role, &'a Profile) -> BoxFuture<'a, Result<()>>;

/// Which families follow, and how.
pub type Followers = &'static [(Family, Follow)];

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
