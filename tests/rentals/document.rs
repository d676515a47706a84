//! Documents of JSON:API, as tests write and read them.

use serde_json::{Value, json};

use crate::support::{Answer, RUNTIME, Server, Tenant, http};

/// Runs a test with a fresh tenant of the family on the shared server.
pub fn with_business(test: impl AsyncFnOnce(Tenant)) {
    RUNTIME.block_on(async { test(Tenant::of("rentals").await).await });
}

/// Runs a test with a tenant of the family whose business has not started yet.
pub fn with_newcomer(test: impl AsyncFnOnce(Tenant)) {
    RUNTIME.block_on(async { test(Tenant::newcomer("rentals").await).await });
}

/// The same tenant, called by a user of it whom a command makes.
pub async fn by_user(t: &Tenant, email: &str) -> Tenant {
    let tenant = t.id.to_string();
    let arguments = ["user", "create", "--tenant", &tenant, "--email", email, "--role", "owner"];
    let output = Server::shared().await.command(&arguments);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let made: Value = serde_json::from_str(&output.stdout).expect("JSON");
    Tenant {
        id: t.id,
        family: t.family.clone(),
        client_id: t.client_id.clone(),
        client_secret: t.client_secret.clone(),
        token: made["access_token"].as_str().expect("a token").to_owned(),
        base: t.base,
    }
}

/// A document with attributes.
pub fn document(attributes: &Value) -> Value {
    json!({"data": {"attributes": attributes}})
}

/// Sends a PATCH with attributes.
pub async fn patch(t: &Tenant, path: &str, attributes: &Value) -> Answer {
    http::send(t.request("PATCH", path).json(&document(attributes))).await
}

/// The attributes of the one resource of an answer.
#[track_caller]
pub fn attributes(answer: &Answer) -> Value {
    answer.value()["data"]["attributes"].clone()
}

/// What an answer refuses: each code with the attribute or parameter it is about, sorted.
#[track_caller]
pub fn refused(answer: &Answer, status: u16) -> Vec<String> {
    assert_eq!(answer.status, status, "{}: {}", answer.asked, answer.text);
    let body = answer.json();
    let errors = body["errors"].as_array().expect("errors");
    let mut refused: Vec<String> = errors
        .iter()
        .map(|error| {
            assert_eq!(error["status"], status.to_string(), "{error}");
            let source = &error["source"];
            let source = source["pointer"].as_str().or(source["parameter"].as_str());
            let source = source.unwrap_or("").trim_start_matches("/data/attributes/");
            format!("{} {source}", error["code"].as_str().expect("a code"))
        })
        .collect();
    refused.sort();
    refused
}
