//! Service providers: tags and active issues.
//!
//! Covers: ListServiceProviders.

use serde_json::json;

use crate::support::fixtures::{person, with};
use crate::support::{Tenant, unique, with_tenant};

const PROVIDERS: &str = "/api/public/service-providers";

#[test]
fn tags_are_replaced_by_an_update_that_names_them() {
    with_tenant(async |t| {
        let (plumbing, roofs) = (t.tag("Plumbing").await, t.tag("Roofs").await);
        let id = t.provider().await;
        let path = format!("{PROVIDERS}/{id}");
        let update = async |tags| {
            let body = with(person(), json!({"tags": tags}));
            t.put(&path, &body).await.is(200).json()["tags"].clone()
        };
        let (plumbing_tag, roofs_tag) =
            (json!({"id": plumbing, "name": "Plumbing"}), json!({"id": roofs, "name": "Roofs"}));
        assert_eq!(update(json!([roofs, plumbing])).await, json!([plumbing_tag, roofs_tag]));
        // Without the member the tags stay, and so they do with null.
        let left = t.put(&path, &person()).await.is(200).json();
        assert_eq!(left["tags"], json!([plumbing_tag, roofs_tag]));
        assert_eq!(update(json!(null)).await, json!([plumbing_tag, roofs_tag]));
        let list = t.get(PROVIDERS).await.is(200).json();
        assert_eq!(list["items"][0]["tags"], json!(["Plumbing", "Roofs"]));
        assert_eq!(update(json!([roofs])).await, json!([roofs_tag]));
        assert_eq!(update(json!([])).await, json!([]));
    });
}

#[test]
fn an_unknown_tag_is_not_found_and_nothing_is_written() {
    with_tenant(async |t| {
        let mine = t.tag("Mine").await;
        let foreign = Tenant::fresh().await.tag("Theirs").await;
        let body = person();
        let id = t.post(PROVIDERS, &body).await.is(201).id();
        let path = format!("{PROVIDERS}/{id}");
        for tag in [987_654_321, foreign] {
            let changed = with(person(), json!({"tags": [mine, tag]}));
            t.put(&path, &changed).await.problem(404, "entity-not-found");
        }
        let read = t.get(&path).await.is(200).json();
        assert_eq!((&read["email"], &read["tags"]), (&body["email"], &json!([])));
        let wrong = with(person(), json!({"tags": ["x", {}]}));
        let answer = t.put(&path, &wrong).await;
        assert_eq!(answer.refused(400, "invalid-format"), ["tags[0]", "tags[1]"]);
        let twice = with(person(), json!({"tags": [mine, mine]}));
        let answer = t.put(&path, &twice).await;
        assert!([200, 400].contains(&answer.status), "{}", answer.text);
    });
}

#[test]
fn providers_are_found_by_tag() {
    with_tenant(async |t| {
        let name = unique("Carpentry ");
        let tag = t.tag(&name).await;
        let id = t.provider().await;
        t.provider().await;
        let body = with(person(), json!({"tags": [tag]}));
        t.put(&format!("{PROVIDERS}/{id}"), &body).await.is(200);
        let search = name.to_uppercase();
        let list = t.find(PROVIDERS, &[("searchParameter", &search)]).await.is(200).json();
        assert_eq!(list["totalItems"], 1);
        assert_eq!(list["items"][0]["id"], id);
    });
}

#[test]
fn active_issues_are_those_not_closed_or_rejected() {
    with_tenant(async |t| {
        let (property, owner, user) = (t.property().await, t.owner().await, t.user().await);
        let (unit, provider) = (t.unit(property, owner).await, t.provider().await);
        let assigned = provider.to_string();
        for status in ["2", "3", "4", "5", "6", "7"] {
            t.issue(unit, user, &[("status", status), ("service_provider_id", &assigned)]).await;
        }
        t.issue(unit, user, &[]).await;
        let list = t.get(PROVIDERS).await.is(200).json();
        assert_eq!(list["items"][0]["activeIssues"], 4);
    });
}
