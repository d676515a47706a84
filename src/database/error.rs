//! From what PostgreSQL reports to what a client is told.

use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};
use steward_kernel::{Error, Kind, Result, error::reason};

/// Turns the result of a statement into the error a client gets.
pub trait ResultExt<T> {
    /// Expects no failure but those of the system.
    ///
    /// # Errors
    /// INTERNAL, or UNAVAILABLE and ABORTED where they apply.
    fn or_internal(self) -> Result<T>;

    /// Expects that the constraint `name` may refuse, and says what that means.
    ///
    /// # Errors
    /// What `error` answers when the constraint refused, else as [`ResultExt::or_internal`].
    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T>;
}

impl<T> ResultExt<T> for Result<T, DieselError> {
    fn or_internal(self) -> Result<T> {
        self.map_err(translate)
    }

    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T> {
        self.map_err(|cause| match &cause {
            DieselError::DatabaseError(_, information)
                if information.constraint_name() == Some(name) =>
            {
                error().with_source(cause)
            }
            _ => translate(cause),
        })
    }
}

fn translate(cause: DieselError) -> Error {
    let DieselError::DatabaseError(kind, _) = &cause else {
        return Error::internal(cause);
    };
    match kind {
        DatabaseErrorKind::SerializationFailure => Error::new(
            Kind::Aborted,
            reason::CONFLICT,
            "A concurrent change got in the way. Please try again.",
        )
        .with_source(cause),
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            Error::unavailable("The database cannot be reached.", Duration::from_secs(1))
                .with_source(cause)
        }
        _ => Error::internal(cause),
    }
}
