//! Refusals that several resources of the family share, by the codes of the contract.

use steward_kernel::{Error, Kind};

/// Another one has the name.
pub fn duplicate(message: &'static str) -> Error {
    Error::new(Kind::AlreadyExists, "DUPLICATE", message)
}
