//! How a family's JSON looks. One file per dialect; the rest of the shim knows none of them.

mod cleaning;
mod facilities;
mod rentals;

use http::Uri;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap, HeaderValue};
use steward_kernel::language;
use steward_kernel::time::Timestamp;

use super::failure::{Failure, Problem};
use crate::catalog;

/// What differs between families.
pub(crate) struct Dialect {
    /// What contracts call it.
    pub(crate) of: catalog::Dialect,
    /// Whether the literal words of a path match in any letter case.
    pub(crate) ignore_case_of_paths: bool,
    /// Whether the names of members and query parameters match in any letter case.
    pub(crate) ignore_case_of_names: bool,
    /// Whether names of members are those of the contract, instead of camelCase.
    pub(crate) snake_case: bool,
    /// Whether an absent member is written as null instead of being left out.
    pub(crate) explicit_null: bool,
    /// Whether answers and requests are documents of JSON:API.
    pub(crate) documents: bool,
    /// Languages that answers and errors are told in; the first is for those who read none of them.
    pub(crate) languages: &'static [&'static str],
    /// What is done with members and parameters that the contract does not know.
    pub(crate) unknown: Unknown,
    /// Whether numbers and truth values may be given as texts.
    pub(crate) numbers_as_text: bool,
    /// Whether an enum is written as its number and its name: `statusId` and `status`.
    pub(crate) numbers_of_enums: bool,
    /// Whether integers that stand for records are written as texts.
    pub(crate) texts_for_ids: bool,
    /// How many decimals an amount of money has at least.
    pub(crate) decimals_of_money: usize,
    /// Whether an update that gives a part of a nested object leaves the rest of it (RFC 7396).
    pub(crate) merges_parts: bool,
    /// Whether a PUT gives all of a resource, so that what it leaves out is cleared.
    pub(crate) put_replaces: bool,
    /// The query parameter that asks for a call to be checked and not done.
    pub(crate) validate_only: Option<&'static str>,
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
    /// The stable code of an error as a whole: `not_found`.
    pub(crate) code: fn(&Failure) -> String,
    /// Writes an error.
    pub(crate) problem: fn(&Failure, &Asked<'_>) -> Problem,
    /// The OpenAPI schema of an error body.
    pub(crate) problem_schema: fn() -> serde_json::Value,
}

impl Dialect {
    /// The language that a client is answered in, as `Content-Language` has it.
    pub(super) fn language(&self, asked: &Asked<'_>) -> HeaderValue {
        HeaderValue::from_static(language::preferred(asked.languages, self.languages))
    }
}

/// What is done with a member or parameter that the contract does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// It is passed over.
    Ignored,
    /// It is refused.
    Refused,
    /// It is refused when the client asks for it by `Prefer: handling=strict`.
    RefusedOnDemand,
}

/// What an error body may tell of the request.
#[derive(Default)]
pub(crate) struct Asked<'a> {
    /// Path as sent, without the query.
    pub(crate) path: &'a str,
    /// The query as sent.
    pub(crate) query: &'a str,
    /// Id of the request.
    pub(crate) request_id: &'a str,
    /// Scheme of the `Authorization` header, if there was one.
    pub(crate) scheme: Option<&'a str>,
    /// Languages the client reads, as `Accept-Language` says.
    pub(crate) languages: &'a str,
    /// Media types the client reads, as `Accept` says.
    pub(crate) accept: &'a str,
}

impl<'a> Asked<'a> {
    /// What the head of a request says.
    pub(crate) fn of(uri: &'a Uri, request_id: &'a str, headers: &'a HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            path: uri.path(),
            query: uri.query().unwrap_or(""),
            request_id,
            scheme: text(AUTHORIZATION).and_then(|value| value.split(' ').next()),
            languages: text(ACCEPT_LANGUAGE).unwrap_or(""),
            accept: text(ACCEPT).unwrap_or(""),
        }
    }
}

/// The dialect a service names in its option. Loading the catalog refuses a service without.
pub(crate) fn of(dialect: catalog::Dialect) -> &'static Dialect {
    match dialect {
        catalog::Dialect::Unspecified | catalog::Dialect::Facilities => &facilities::DIALECT,
        catalog::Dialect::Rentals => &rentals::DIALECT,
        catalog::Dialect::Cleaning => &cleaning::DIALECT,
    }
}

impl Dialect {
    /// The `reason` by which gRPC tells a failure: the code of the family, in capitals. Where
    /// each refused field is an error of its own, that of the first.
    pub(crate) fn spoken(&self, failure: &Failure) -> String {
        let code = match failure.refused.first() {
            Some(first) if self.documents => first.stable_code(),
            _ => (self.code)(failure),
        };
        code.to_ascii_uppercase()
    }
}

/// `IN_PROGRESS` -> `InProgress`.
fn pascal_case(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for word in name.split('_') {
        let mut chars = word.chars();
        text.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        text.extend(chars.map(|char| char.to_ascii_lowercase()));
    }
    text
}
