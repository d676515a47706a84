//! From the kernel's error to a gRPC status.

use steward_kernel::Error;
use tonic::Status;

/// The status of `error` in a family.
#[must_use]
pub fn from_error(error: &Error, _family: &str) -> Status {
    Status::internal(error.message().to_owned())
}
