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

    /// Expects that one of several constraints may refuse: `errors` answers what that means,
    /// or nothing for a name it does not know.
    ///
    /// # Errors
    /// As [`ResultExt::on_constraint`].
    fn on_constraints(self, errors: impl FnOnce(&str) -> Option<Error>) -> Result<T>;
}

impl<T> ResultExt<T> for Result<T, DieselError> {
    fn or_internal(self) -> Result<T> {
        self.map_err(translate)
    }

    fn on_constraint(self, name: &str, error: impl FnOnce() -> Error) -> Result<T> {
        self.on_constraints(|refused| (refused == name).then(error))
    }

    fn on_constraints(self, errors: impl FnOnce(&str) -> Option<Error>) -> Result<T> {
        self.map_err(|cause| {
            let expected = if let DieselError::DatabaseError(_, information) = &cause {
                information.constraint_name().and_then(errors)
            } else {
                None
            };
            match expected {
                Some(error) => error.with_source(cause),
                None => translate(cause),
            }
        })
    }
}

/// The database is down, starting, or too busy.
pub(crate) fn unreachable(message: &'static str) -> Error {
    Error::unavailable(message, Duration::from_secs(1))
}

fn translate(cause: DieselError) -> Error {
    let DieselError::DatabaseError(kind, information) = &cause else {
        return Error::internal(cause);
    };
    let error = match kind {
        DatabaseErrorKind::SerializationFailure => Error::conflict(),
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => {
            unreachable("The connection to the database was lost.")
        }
        // A standby, or a server that was made one while we were connected.
        DatabaseErrorKind::ReadOnlyTransaction => {
            unreachable("The database takes no changes at present.")
        }
        // What validation let through is still the fault of the request.
        DatabaseErrorKind::CheckViolation | DatabaseErrorKind::NotNullViolation => Error::new(
            Kind::InvalidArgument,
            reason::BAD_REQUEST,
            "The request holds a value that is not allowed.",
        ),
        DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ExclusionViolation => {
            Error::forbidden_action("What is stored does not allow the change.")
        }
        _ => return by_message(information.message()).unwrap_or(Class::Fault).error(cause),
    };
    error.with_source(cause)
}

/// What diesel has no kind for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Conflict,
    Unreadable,
    Down,
    Slow,
    Full,
    Fault,
}

impl Class {
    fn error(self, cause: DieselError) -> Error {
        match self {
            Self::Conflict => Error::conflict(),
            Self::Unreadable => Error::new(
                Kind::InvalidArgument,
                reason::INVALID_FORMAT,
                "The request holds a value that cannot be stored.",
            ),
            Self::Down => unreachable("The database cannot be reached."),
            Self::Slow => unreachable("The database is too busy."),
            Self::Full => unreachable("The database has no room left."),
            Self::Fault => return Error::internal(cause),
        }
        .with_source(cause)
    }
}

/// PostgreSQL's words for what the driver gives no code for. The server's role gets its
/// messages in English, and a test brings about each of them.
const MESSAGES: &[(&str, Class)] = &[
    // 40P01
    ("deadlock detected", Class::Conflict),
    // 22021, 22P05, 22001, 22003, 22008
    ("invalid byte sequence for encoding", Class::Unreadable),
    ("unsupported Unicode escape sequence", Class::Unreadable),
    ("value too long for type", Class::Unreadable),
    ("numeric field overflow", Class::Unreadable),
    ("out of range", Class::Unreadable),
    // 57014, 55P03
    ("canceling statement due to", Class::Slow),
    // 53300
    ("too many clients already", Class::Slow),
    ("too many connections for", Class::Slow),
    ("remaining connection slots are reserved", Class::Slow),
    // 53100
    ("No space left on device", Class::Full),
    ("Disk quota exceeded", Class::Full),
    // 57P01, 57P02, 57P03, 57P05, 25P03
    ("terminating connection", Class::Down),
    ("the database system is", Class::Down),
    // PgBouncer
    ("server conn crashed", Class::Down),
    ("server login has been failing", Class::Down),
    ("cannot connect to server", Class::Down),
    ("query_wait_timeout", Class::Slow),
    ("no more connections allowed", Class::Slow),
];

fn by_message(message: &str) -> Option<Class> {
    MESSAGES.iter().find(|(words, _)| message.contains(words)).map(|(_, class)| *class)
}
