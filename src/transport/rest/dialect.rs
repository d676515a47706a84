//! How a family's JSON looks. One file per dialect; the rest of the shim knows none of them.

mod facilities;

use steward_kernel::time::Timestamp;

use super::failure::{Failure, Problem};
use crate::catalog;

/// What differs between families.
pub(crate) struct Dialect {
    /// Whether the literal words of a path match in any letter case.
    pub(crate) ignore_case_of_paths: bool,
    /// Whether the names of members and query parameters match in any letter case.
    pub(crate) ignore_case_of_names: bool,
    /// Whether an absent member is written as null instead of being left out.
    pub(crate) explicit_null: bool,
    /// Content type of answers.
    pub(crate) media_type: &'static str,
    /// Content type of errors.
    pub(crate) problem_type: &'static str,
    /// Appends an instant, without quotes.
    pub(crate) write_time: fn(&mut Vec<u8>, Timestamp),
    /// Reads an instant.
    pub(crate) read_time: fn(&str) -> Option<Timestamp>,
    /// The text of an enum value, from its name without prefix: `IN_PROGRESS`.
    pub(crate) enum_text: fn(&str) -> String,
    /// Writes an error.
    pub(crate) problem: fn(&Failure, &Asked<'_>) -> Problem,
    /// The OpenAPI schema of an error body.
    pub(crate) problem_schema: fn() -> serde_json::Value,
}

/// What an error body may tell of the request.
pub(crate) struct Asked<'a> {
    /// Path as sent, without the query.
    pub(crate) path: &'a str,
    /// Id of the request.
    pub(crate) request_id: &'a str,
    /// Scheme of the `Authorization` header, if there was one.
    pub(crate) scheme: Option<&'a str>,
}

/// The dialect a service names in its option. Loading the catalog refuses a service without.
pub(crate) fn of(dialect: catalog::Dialect) -> &'static Dialect {
    match dialect {
        catalog::Dialect::Unspecified | catalog::Dialect::Facilities => &facilities::DIALECT,
    }
}
