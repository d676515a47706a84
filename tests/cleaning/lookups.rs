//! The lists that people choose from.
//!
//! Covers: ListCleanerChurnReasons, ListClientChurnReasons, ListCleanerLeadSources,
//! Covers: ListClientLeadSources.

use serde_json::{Value, json};

use super::company::{Company, problem, refused, stranger, with_company};

fn names(list: &Value) -> Vec<&str> {
    list.as_array()
        .expect("a list")
        .iter()
        .map(|one| one["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn a_company_starts_with_its_lists() {
    with_company(async |c| {
        let sources = ["Google", "Facebook", "Referral", "Website", "Other"];
        for path in ["/client-lead-sources", "/cleaner-lead-sources"] {
            let own = c.get(path).await.is(200);
            assert_eq!(own.header("x-total-count"), "5");
            let own = own.json();
            assert_eq!(names(&own), sources, "{path}");
            assert_eq!((&own[0]["isSystem"], &own[0]["version"]), (&json!(true), &json!(1)));
            assert!(path[1..].starts_with(own[0]["kind"].as_str().expect("a kind")), "{own}");
            let public = format!("{path}?tenantId={}", c.id);
            assert_eq!(stranger("GET", &public, None).await.is(200).json(), own, "{path}");
            assert_eq!(refused(&stranger("GET", path, None).await), ["tenantId"]);
            let other = Company::fresh().await.get(path).await.is(200).json();
            assert_ne!(other[0]["id"], own[0]["id"], "each has its own");
        }
        let reasons = c.get("/client-churn-reasons").await.is(200).json();
        let expected = ["TooExpensive", "Moving", "UnhappyWithService", "NoLongerNeeded", "Other"];
        assert_eq!(names(&reasons), expected);
        assert_eq!(reasons[0]["kind"], "client");
        let reasons = c.get("/cleaner-churn-reasons?pageSize=2").await.is(200).json();
        assert_eq!(reasons[0]["kind"], "cleaner");
        assert_eq!(names(&reasons), ["BetterJob", "Moving"]);

        let (_, client) = c.user("client").await;
        let client = c.with_token(&client);
        client.get("/client-churn-reasons").await.is(200);
        problem(&client.get("/cleaner-churn-reasons").await, 403, "forbidden");
        problem(&stranger("GET", "/client-churn-reasons", None).await, 401, "unauthenticated");
    });
}
