//! Tags of service providers.
//!
//! Covers: CreateTag, GetTag, ListTags, UpdateTag, DeleteTag.

use serde_json::json;

use crate::support::fixtures::{person, with};
use crate::support::{Tenant, with_tenant};

const TAGS: &str = "/api/public/Tags";

async fn tag(t: &Tenant, name: &str) -> i64 {
    t.post(TAGS, &json!({"name": name})).await.is(201).id()
}

#[test]
fn a_tag_is_made_renamed_and_deleted() {
    with_tenant(async |t| {
        let id = tag(&t, "Plumbing").await;
        let path = format!("{TAGS}/{id}");
        assert_eq!(t.get(&path).await.is(200).json(), json!({"id": id, "name": "Plumbing"}));
        let body = with(person(), json!({"tags": [id]}));
        let provider = t.post("/api/public/service-providers", &body).await.is(201).id();
        let provider = format!("/api/public/service-providers/{provider}");

        let renamed = json!({"id": id, "name": "Water"});
        assert_eq!(t.put(&path, &json!({"name": "Water"})).await.is(200).json(), renamed);
        assert_eq!(t.get(&provider).await.json()["tags"], json!([renamed]));

        assert_eq!(t.delete(&path).await.is(204).text, "");
        assert_eq!(t.get(&provider).await.json()["tags"], json!([]));
        for answer in
            [t.get(&path).await, t.delete(&path).await, t.put(&path, &json!({"name": "X"})).await]
        {
            answer.problem(404, "entity-not-found");
        }
    });
}

#[test]
fn names_are_unique_in_any_case() {
    with_tenant(async |t| {
        let (id, other) = (tag(&t, "Heating").await, tag(&t, "Painting").await);
        let shouted = json!({"name": "HEATING"});
        t.post(TAGS, &shouted).await.problem(400, "bad-request");
        t.put(&format!("{TAGS}/{other}"), &shouted).await.problem(400, "bad-request");
        t.put(&format!("{TAGS}/{id}"), &shouted).await.is(200);
        Tenant::fresh().await.post(TAGS, &shouted).await.is(201);
        for body in [json!({}), json!({"name": " "}), json!({"name": "x".repeat(201)})] {
            assert_eq!(t.post(TAGS, &body).await.refused(400, "bad-request"), ["name"]);
        }
    });
}

#[test]
fn tags_are_listed_and_searched() {
    with_tenant(async |t| {
        let mut ids = Vec::new();
        for name in ["Électricité", "Cleaning", "Elevators"] {
            ids.push(tag(&t, name).await);
        }
        let page = t.find(TAGS, &[("pageSize", "2")]).await.is(200).json();
        assert_eq!((&page["totalItems"], &page["numberOfPages"]), (&json!(3), &json!(2)));
        assert_eq!(page["items"][1]["id"], ids[1]);
        let page = t.find(TAGS, &[("searchParameter", "ele")]).await.is(200).json();
        let names: Vec<_> = (0..2).map(|index| page["items"][index]["name"].clone()).collect();
        assert_eq!(names, ["Électricité", "Elevators"]);
        assert_eq!(page["totalItems"], 2);
    });
}
