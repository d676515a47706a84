//! The rules of the rentals family, resource by resource, in documents of JSON:API.

mod activities;
mod availability;
mod booking_changes;
mod booking_settings;
mod bookings;
mod business_categories;
mod commitments;
mod customers;
mod document;
mod insurance;
mod item_categories;
mod items;
mod lists;
mod me;
mod onboarding;
mod payments;
mod returns;
mod stock;
pub mod uploads;
mod watching;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::{Answer, RUNTIME, Tenant, http};

/// Runs a test with a fresh rental business on the shared server.
fn with_shop(test: impl AsyncFnOnce(Tenant)) {
    RUNTIME.block_on(async { test(Tenant::of("rentals").await).await });
}

/// A document with attributes.
fn document(attributes: Value) -> Value {
    json!({"data": {"attributes": attributes}})
}

/// How calls were answered, the lowest status first.
fn statuses(answers: &[Answer]) -> Vec<u16> {
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    statuses
}

impl Tenant {
    /// Posts a document with attributes.
    async fn make(&self, path: &str, attributes: Value) -> Answer {
        self.post(path, &document(attributes)).await
    }

    /// Puts a document with attributes.
    async fn change(&self, path: &str, attributes: Value) -> Answer {
        self.put(path, &document(attributes)).await
    }

    /// Posts nothing.
    async fn act(&self, path: &str) -> Answer {
        http::send(self.request("POST", path)).await
    }

    /// A request with a document.
    fn send(&self, method: &str, path: &str, attributes: Value) -> RequestBuilder {
        self.request(method, path).json(&document(attributes))
    }
}

impl Answer {
    /// The resource of a document.
    #[track_caller]
    fn data(&self) -> Value {
        let value = self.value();
        assert!(value.get("data").is_some(), "{}: {value}", self.asked);
        value["data"].clone()
    }

    /// The attributes of the one resource of a document.
    #[track_caller]
    fn attributes(&self) -> Value {
        self.data()["attributes"].clone()
    }

    /// The values of an attribute of a list, in its order.
    #[track_caller]
    fn each(&self, attribute: &str) -> Vec<Value> {
        let data = self.data();
        let list = data.as_array().unwrap_or_else(|| panic!("{}: {data}", self.asked));
        list.iter().map(|one| one["attributes"][attribute].clone()).collect()
    }

    /// Checks that the answer is a document of errors, and answers code and place of each.
    #[track_caller]
    fn errors(&self, status: u16) -> Vec<(String, String)> {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text);
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{}: {body}", self.asked));
        assert!(!errors.is_empty(), "{}: {body}", self.asked);
        let error = |error: &Value| {
            for name in ["status", "code", "title", "detail"] {
                assert!(
                    error[name].as_str().is_some_and(|text| !text.is_empty()),
                    "{name}: {error}"
                );
            }
            assert_eq!(error["meta"]["request_id"], self.header("x-request-id"), "{error}");
            let source = &error["source"];
            let place = source["pointer"].as_str().or(source["parameter"].as_str());
            (error["code"].as_str().expect("text").to_owned(), place.unwrap_or("").to_owned())
        };
        errors.iter().map(error).collect()
    }

    /// Checks that the answer is one error with a code and a place.
    #[track_caller]
    fn error(&self, status: u16, code: &str, place: &str) {
        assert_eq!(self.errors(status), [(code.to_owned(), place.to_owned())], "{}", self.text);
    }
}
