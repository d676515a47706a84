//! Agreements.
//!
//! Covers: ListAgreements, CreateAgreement, GetAgreement, UpdateAgreement, DeleteAgreement.

use serde_json::{Value, json};

use super::company::{Company, problem, refused, with_company};
use crate::support::fixtures::{with, without};

fn agreement(name: &str) -> Value {
    json!({"name": name, "triggerId": 4, "audience": "cleaner",
        "body": "# Rules\n\nDear {{cleaner.fullName}}, as of {{ today }}:"})
}

#[test]
fn an_agreement_is_made_revised_and_deleted() {
    with_company(async |c| {
        let made = c.post("/agreement", &agreement("Rules")).await.is(201);
        assert_eq!(made.header("etag"), "\"v1\"");
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["triggerId"], &made["trigger"]), (&json!(4), &json!("Manual")));
        assert_eq!((&made["revision"], &made["isActive"]), (&json!(1), &json!(true)));
        assert_eq!(c.get(&at).await.is(200).json(), made);
        problem(&c.post("/agreement", &agreement("RULES")).await, 409, "duplicate");

        let renamed = with(agreement("House rules"), json!({"isActive": false}));
        let renamed = c.put(&at, &renamed).await.is(200).json();
        assert_eq!((&renamed["revision"], &renamed["version"]), (&json!(1), &json!(2)));
        // An enumeration may be given by its name.
        let revised = json!({"body": "New", "trigger": "oncleanerhire"});
        let revised = with(without(agreement("House rules"), "triggerId"), revised);
        let revised = c.put(&at, &revised).await.is(200).json();
        assert_eq!((&revised["revision"], &revised["version"]), (&json!(2), &json!(3)));
        assert_eq!((&revised["triggerId"], &revised["isActive"]), (&json!(3), &json!(true)));

        assert_eq!(
            refused(&c.put(&at, &json!({})).await),
            ["audience", "body", "name", "triggerId"]
        );
        for (member, value) in [
            ("body", json!("Dear {{client.surname}}")),
            ("body", json!("é".repeat(50_001))),
            ("audience", json!("boss")),
            ("name", json!("x".repeat(121))),
            ("triggerId", json!(9)),
        ] {
            let body = with(agreement("X"), json!({member: value}));
            assert_eq!(refused(&c.post("/agreement", &body).await), [member], "{body}");
        }
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");
        problem(&other.put(&at, &agreement("Theirs")).await, 404, "not_found");
        problem(&other.delete(&at).await, 404, "not_found");
        let (_, cleaner) = c.user("cleaner").await;
        problem(&c.with_token(&cleaner).get("/agreement").await, 403, "forbidden");

        c.delete(&at).await.is(204);
        problem(&c.get(&at).await, 404, "not_found");
        problem(&c.delete(&at).await, 404, "not_found");
        c.post("/agreement", &agreement("House rules")).await.is(201);
    });
}

#[test]
fn agreements_are_listed_by_name() {
    with_company(async |c| {
        for (name, trigger, active) in [("b", 1, true), ("C", 4, false), ("A", 4, true)] {
            let body = with(agreement(name), json!({"triggerId": trigger, "isActive": active}));
            c.post("/agreement", &body).await.is(201);
        }
        let names = async |query: &str| -> Vec<String> {
            let all = c.get(&format!("/agreement{query}")).await.is(200).json();
            let all = all.as_array().expect("a list").iter();
            all.map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
        };
        assert_eq!(names("").await, ["A", "b", "C"]);
        assert_eq!(names("?triggerId=4").await, ["A", "C"]);
        assert_eq!(names("?trigger=Manual&isActive=true").await, ["A"]);
        assert_eq!(names("?isActive=false").await, ["C"]);
        assert_eq!(names("?pageNumber=2&pageSize=2").await, ["C"]);
    });
}
