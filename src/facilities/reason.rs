//! Reasons that only this family gives.

use steward_kernel::{Error, Kind};

/// The e-mail belongs to another user of the tenant.
pub const USER_ALREADY_EXISTS: &str = "USER_ALREADY_EXISTS";

/// The error for an e-mail that another user of the tenant has, whatever the role.
pub fn user_already_exists() -> Error {
    Error::new(Kind::AlreadyExists, USER_ALREADY_EXISTS, "A user with this email already exists.")
}
