//! An agreement, and the fields that its text may have.

use steward_kernel::Error;
use steward_kernel::time::Timestamp;

use crate::reason;

/// What an admin writes of an agreement.
#[derive(Debug, Clone)]
pub struct AgreementInput {
    /// Name.
    pub name: String,
    /// When it is sent, as the contract numbers it.
    pub trigger: i16,
    /// Who signs it: `client` or `cleaner`.
    pub audience: String,
    /// The text in Markdown.
    pub body: String,
    /// Whether it is sent.
    pub is_active: bool,
}

/// A text that clients or cleaners sign.
#[derive(Debug, Clone)]
pub struct Agreement {
    /// Its id.
    pub id: i64,
    /// What the admin wrote.
    pub written: AgreementInput,
    /// Grows with every new body.
    pub revision: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Grows with every change.
    pub version: i32,
}

/// When agreements are sent, as the contract numbers it.
pub mod trigger {
    /// When a cleaner is assigned to a booking.
    pub const ON_CLEANER_ASSIGN: i16 = 1;
    /// When a client books.
    pub const ON_CLIENT_BOOKING: i16 = 2;
    /// When a cleaner is hired.
    pub const ON_CLEANER_HIRE: i16 = 3;
}

/// Who may sign an agreement.
pub const AUDIENCES: [&str; 2] = ["client", "cleaner"];

/// The fields that are filled in for whoever signs.
const FIELDS: [&str; 8] = [
    "client.firstName",
    "cleaner.fullName",
    "tenant.name",
    "booking.frequency",
    "booking.hours",
    "assignment.startHour",
    "assignment.firstDate",
    "today",
];

/// Most fields that a refusal names.
const MOST_UNKNOWN: usize = 20;

/// The first fields of a text that nothing fills in: unknown ones, and one that does not end.
pub fn unknown_fields(body: &str) -> Vec<&str> {
    let mut unknown = Vec::new();
    let mut rest = body;
    while let Some((_, field)) = rest.split_once("{{")
        && unknown.len() < MOST_UNKNOWN
    {
        let Some((name, after)) = field.split_once("}}") else {
            unknown.push(field.lines().next().unwrap_or_default());
            break;
        };
        if !FIELDS.contains(&name.trim()) && !unknown.contains(&name.trim()) {
            unknown.push(name.trim());
        }
        rest = after;
    }
    unknown
}

/// The error for a name that another agreement has.
pub fn name_taken() -> Error {
    reason::duplicate("Another agreement has this name.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_nothing_fills_in_are_found() {
        for (body, unknown) in [
            ("Dear {{client.firstName}}, on {{ today }}.", vec![]),
            ("No field { at } all }}", vec![]),
            ("{{client.lastName}}", vec!["client.lastName"]),
            ("{{today}} {{}}", vec![""]),
            ("{{today", vec!["today"]),
            ("{{ Today }}, {{a}}, {{ Today }}, {{b", vec!["Today", "a", "b"]),
        ] {
            assert_eq!(unknown_fields(body), unknown, "{body}");
        }
    }
}
