//! The list of issues within a period.
//!
//! Covers: ListIssues.

use serde_json::{Value, json};

use crate::support::{Tenant, with_tenant};

const ISSUES: &str = "/api/public/Issues";

async fn unit(t: &Tenant) -> (i64, i64) {
    let (property, owner) = (t.property().await, t.owner().await);
    (t.unit(property, owner).await, t.user().await)
}

async fn found(t: &Tenant, from: &str, to: &str) -> Vec<i64> {
    let query = [("fromDateTime", from), ("toDateTime", to), ("pageSize", "100")];
    let page = t.find(ISSUES, &query).await.is(200).json();
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["id"].as_i64().expect("an id")).collect()
}

#[test]
fn a_period_is_required() {
    with_tenant(async |t| {
        assert_eq!(t.get(ISSUES).await.refused(400, "bad-request"), ["fromDateTime", "toDateTime"]);
        let half = t.find(ISSUES, &[("fromDateTime", "2021-01-01")]).await;
        assert_eq!(half.refused(400, "bad-request"), ["toDateTime"]);
        let query = [("fromDateTime", "2021-02-30"), ("toDateTime", "x")];
        let answer = t.find(ISSUES, &query).await;
        assert_eq!(answer.refused(400, "invalid-format"), ["fromDateTime", "toDateTime"]);
        let query = [("fromDateTime", "2022-01-01"), ("toDateTime", "2021-01-01")];
        let answer = t.find(ISSUES, &query).await;
        assert!([200, 400].contains(&answer.status), "{}", answer.text);
    });
}

#[test]
fn both_ends_of_the_period_are_included() {
    with_tenant(async |t| {
        let (unit, user) = unit(&t).await;
        let mut ids = Vec::new();
        for created in ["2021-07-01T00:00:00Z", "2021-07-17T16:24:40.180Z", "2021-07-31T00:00:00Z"]
        {
            let created = format!("'{created}'");
            ids.push(t.issue(unit, user, &[("created_at", &created)]).await);
        }
        assert_eq!(found(&t, "2021-07-01", "31.07.2021").await, ids);
        assert_eq!(found(&t, "2021-07-01T00:00:00.001Z", "2021-07-30").await, ids[1..2]);
        assert_eq!(
            found(&t, "2021-07-17T18:24:40.180+02:00", "2021-07-17T16:24:40.180Z").await,
            ids[1..2]
        );
        assert_eq!(found(&t, "2022-01-01", "2023-01-01").await, [] as [i64; 0]);
        // Another tenant sees none of it.
        let other = Tenant::fresh().await;
        assert_eq!(found(&other, "2021-01-01", "2022-01-01").await, [] as [i64; 0]);
    });
}

#[test]
fn an_issue_without_facts_shows_nulls() {
    with_tenant(async |t| {
        let (unit, user) = unit(&t).await;
        t.issue(unit, user, &[("created_at", "'2021-07-17'")]).await;
        let query = [("fromDateTime", "2021-07-01"), ("toDateTime", "2021-08-01")];
        let page = t.find(ISSUES, &query).await.is(200).json();
        assert_eq!((&page["pageSize"], &page["currentPage"]), (&json!(15), &json!(1)));
        let issue = &page["items"][0];
        for name in [
            "description",
            "category",
            "issueManagerName",
            "userReferenceId",
            "rejectionComment",
            "overallRating",
        ] {
            assert_eq!(issue.get(name), Some(&Value::Null), "{name}: {issue}");
        }
        assert_eq!(issue["status"], "Reported");
        assert_eq!(
            (&issue["urgent"], &issue["propertyUsersInvolved"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(issue["propertyUnit"]["id"], unit);
        assert_eq!(issue["propertyUnit"]["address"]["city"], "Amsterdam");
        assert_eq!(issue["propertyUnit"]["property"]["name"], Value::Null);
        assert_eq!(issue["responseTimeLeft"], 0, "long past");
    });
}

#[test]
fn the_issue_manager_is_the_manager_of_the_unit() {
    with_tenant(async |t| {
        let (property, owner, user) = (t.property().await, t.owner().await, t.user().await);
        let manager = t.manager().await;
        let unit = t.unit_with(property, owner, json!({"managerId": manager})).await;
        let name = t.get(&format!("/api/public/managers/{manager}")).await.is(200).json();
        let unit = unit["id"].as_i64().expect("an id");
        t.issue(unit, user, &[("created_at", "'2021-07-17'")]).await;
        let query = [("fromDateTime", "2021-07-01"), ("toDateTime", "2021-08-01")];
        let page = t.find(ISSUES, &query).await.is(200).json();
        assert_eq!(page["items"][0]["issueManagerName"], name["name"]);
    });
}

#[test]
fn every_status_has_its_name() {
    with_tenant(async |t| {
        let (unit, user) = unit(&t).await;
        let names =
            ["Reported", "Assigned", "InProgress", "OnHold", "Resolved", "Closed", "Rejected"];
        for number in 1..=names.len() {
            let status = number.to_string();
            t.issue(unit, user, &[("status", &status), ("created_at", "'2021-07-17'")]).await;
        }
        let query = [("fromDateTime", "2021-07-01"), ("toDateTime", "2021-08-01")];
        let page = t.find(ISSUES, &query).await.is(200).json();
        for (index, name) in names.into_iter().enumerate() {
            assert_eq!(page["items"][index]["status"], name);
        }
    });
}

#[test]
fn a_fresh_issue_has_time_left() {
    with_tenant(async |t| {
        let (unit, user) = unit(&t).await;
        t.issue(unit, user, &[]).await;
        t.issue(unit, user, &[("urgent", "true")]).await;
        let query = [("fromDateTime", "2021-07-01"), ("toDateTime", "2999-08-01")];
        let page = t.find(ISSUES, &query).await.is(200).json();
        let left =
            |index: usize| page["items"][index]["responseTimeLeft"].as_i64().expect("minutes");
        assert!((48 * 60 - 5..=48 * 60).contains(&left(0)), "{}", left(0));
        assert!((4 * 60 - 5..=4 * 60).contains(&left(1)), "{}", left(1));
    });
}
