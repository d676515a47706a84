//! Errors in JSON, read as each family writes them.

use serde_json::Value;

use super::contract::Dialect;
use crate::support::Answer;

/// An error, whatever it looked like.
#[derive(Debug)]
pub struct Problem {
    /// The kind of the error, in the words of the dialect.
    pub code: String,
    /// Paths of the refused members, sorted, in the words of the dialect: `a.b[1]`.
    pub paths: Vec<String>,
}

/// The code of a reason that all families know.
pub fn code(dialect: Dialect, reason: &str) -> String {
    match (dialect, reason) {
        (Dialect::Facilities, reason) => reason.to_lowercase().replace('_', "-"),
        (_, "AUTHORIZATION_ERROR") => "unauthenticated".to_owned(),
        (Dialect::Cleaning, "IDEMPOTENCY_KEY_REUSED") => "idempotency_mismatch".to_owned(),
        (Dialect::Cleaning, "INVALID_TOKEN") => "unauthenticated".to_owned(),
        (Dialect::Cleaning, "PRECONDITION_FAILED") => "version_mismatch".to_owned(),
        (_, "FORBIDDEN_ACTION") => "forbidden".to_owned(),
        (_, "ENTITY_NOT_FOUND") => "not_found".to_owned(),
        (Dialect::Cleaning, "BAD_REQUEST") => "validation".to_owned(),
        (_, reason) => reason.to_lowercase(),
    }
}

/// The `reason` by which gRPC tells it: the code in capitals.
pub fn reason(dialect: Dialect, reason: &str) -> String {
    match (dialect, reason) {
        (Dialect::Facilities, "INVALID_TOKEN" | "TOKEN_EXPIRED") => {
            "AUTHORIZATION_ERROR".to_owned()
        }
        (Dialect::Facilities, reason) => reason.to_owned(),
        (dialect, reason) => code(dialect, reason).to_uppercase(),
    }
}

/// Reads an error, which must be whole.
#[track_caller]
pub fn read(answer: &Answer, dialect: Dialect) -> Problem {
    let body = answer.json();
    let asked = &answer.asked;
    let id = answer.header("x-request-id");
    assert!(!id.is_empty(), "{asked}: no request id");
    let text = |value: &Value| {
        let text = value.as_str().unwrap_or_else(|| panic!("{asked}: no text in {body}"));
        assert!(!text.is_empty(), "{asked}: an empty text in {body}");
        text.to_owned()
    };
    let mut problem = match dialect {
        Dialect::Facilities => {
            let kind = text(&body["Type"]);
            let code = kind.strip_prefix("/problems/").expect("a problem").to_owned();
            let whole = answer.problem(answer.status, &code);
            Problem { code, paths: keys(&whole["Extensions"]["errors"]) }
        }
        Dialect::Rentals => {
            assert_eq!(answer.header("content-type"), "application/json", "{asked}");
            let errors = body["errors"].as_array().expect("errors");
            assert!(!errors.is_empty(), "{asked}: {body}");
            let mut paths = Vec::new();
            for error in errors {
                for member in ["title", "detail"] {
                    text(&error[member]);
                }
                let status: u16 = text(&error["status"]).parse().expect("a status");
                assert!((400..600).contains(&status), "{asked}: {body}");
                assert_eq!(error["meta"]["request_id"], id, "{asked}: {body}");
                if let Some(pointer) = error["source"]["pointer"].as_str() {
                    paths.push(dotted(pointer));
                }
                paths.extend(error["source"]["parameter"].as_str().map(str::to_owned));
            }
            let first = &errors[0];
            if errors.len() == 1 {
                assert_eq!(first["status"], answer.status.to_string(), "{asked}: {body}");
            }
            Problem { code: text(&first["code"]), paths }
        }
        Dialect::Cleaning => {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{asked}");
            for member in ["title", "detail"] {
                text(&body[member]);
            }
            assert_eq!(body["status"], answer.status, "{asked}: {body}");
            assert_eq!(body["instance"], answer.path, "{asked}: {body}");
            assert_eq!(body["traceId"], id, "{asked}: {body}");
            let code = text(&body["code"]);
            assert_eq!(body["type"], format!("/problems/{code}"), "{asked}: {body}");
            Problem { code, paths: keys(&body["errors"]) }
        }
    };
    problem.paths.sort();
    problem.paths.dedup();
    problem
}

fn keys(errors: &Value) -> Vec<String> {
    errors.as_object().map(|errors| errors.keys().cloned().collect()).unwrap_or_default()
}

/// `/data/attributes/items/0/quantity` -> `items[0].quantity`; the whole body is `$`.
fn dotted(pointer: &str) -> String {
    let Some(path) = pointer.strip_prefix("/data/attributes/") else { return "$".to_owned() };
    let mut dotted = String::new();
    for part in path.split('/') {
        if part.parse::<usize>().is_ok() {
            dotted.push_str(&format!("[{part}]"));
        } else {
            dotted.push_str(if dotted.is_empty() { "" } else { "." });
            dotted.push_str(part);
        }
    }
    dotted
}
