//! The audit trail.
//!
//! Covers: ListAuditEntries.

use serde_json::{Value, json};

use crate::support::fixtures::{person, with};
use crate::support::{Tenant, database, with_tenant};

const PATH: &str = "/api/public/audit-entries";

async fn entries(t: &Tenant, query: &[(&str, &str)]) -> Value {
    t.find(PATH, query).await.is(200).json()
}

fn sequences(page: &Value) -> Vec<i64> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["sequence"].as_i64().expect("a number")).collect()
}

#[test]
fn every_change_is_in_the_trail() {
    with_tenant(async |t| {
        let owner = t.post("/api/public/Owners", &with(person(), json!({"name": "Ann"}))).await;
        let owner = owner.is(201).value();
        let id = owner["id"].as_i64().expect("an id");
        let path = format!("/api/public/Owners/{id}");
        let changed = with(person(), json!({"name": "Bea", "email": owner["email"]}));
        let request = t.put(&path, &changed).await.is(200).header("x-request-id").to_owned();
        let tag = t.tag("Roofs").await;
        t.delete(&format!("/api/public/Tags/{tag}")).await.is(204);
        // What was refused changed nothing.
        t.put(&path, &json!({"name": ""})).await.is(400);

        let page = entries(&t, &[]).await;
        let [deleted, _, updated, created] = page["items"].as_array().expect("items").as_slice()
        else {
            panic!("{page}")
        };
        assert_eq!(page["nextCursor"], Value::Null);
        assert_eq!(created["type"], "facilities.owner.created");
        assert_eq!(created["clientId"], t.client_id);
        assert_eq!(created["resource"]["name"], "Ann");
        assert_eq!(updated["requestId"], request);
        assert_eq!(updated["rpc"], "steward.facilities.v1.OwnerService/UpdateOwner");
        assert_eq!(updated["changes"]["name"], json!(["Ann", "Bea"]));
        assert_eq!(deleted["type"], "facilities.tag.deleted");
        assert_eq!(deleted["resource"]["name"], "Roofs", "what is gone can be seen here");
    });
}

#[test]
fn the_trail_goes_back_page_by_page_and_is_filtered() {
    with_tenant(async |t| {
        let first = t.owner().await;
        for _ in 0..4 {
            t.owner().await;
        }
        t.tag("Roofs").await;
        let page = entries(&t, &[("pageSize", "4")]).await;
        assert_eq!((sequences(&page), &page["nextCursor"]), (vec![6, 5, 4, 3], &json!(3)));
        let page = entries(&t, &[("pageSize", "4"), ("cursor", "3")]).await;
        assert_eq!((sequences(&page), &page["nextCursor"]), (vec![2, 1], &Value::Null));

        let history = format!("resource_type = owner AND resource_id = {first}");
        for (filter, expected) in [
            (&*history, vec![1]),
            ("type = facilities.tag.*", vec![6]),
            ("sequence > 2 AND NOT resource_type = tag", vec![5, 4, 3]),
            ("occurred_at < 2020-01-01T00:00:00Z", vec![]),
            ("rpc:OwnerService AND client_id:*", vec![5, 4, 3, 2, 1]),
        ] {
            let page = entries(&t, &[("filter", filter)]).await;
            assert_eq!(sequences(&page), expected, "{filter}");
        }
        let refused = t.find(PATH, &[("filter", "resource = 1"), ("pageSize", "0")]).await;
        assert_eq!(refused.refused(400, "bad-request").len(), 2);
        let other = Tenant::fresh().await;
        assert_eq!(sequences(&entries(&other, &[]).await), Vec::<i64>::new());
    });
}

#[test]
fn entries_stay_and_nobody_can_change_them() {
    with_tenant(async |t| {
        let sql = format!(
            "INSERT INTO platform.events (tenant_id, sequence, event_type, resource_type,
               resource_id, occurred_at, client_id, rpc, request_id, resource)
             SELECT {id}, n, 'facilities.owner.created', 'owner', n::text,
               now() - interval '5 years', 'c', 'r', 'q', '{{}}' FROM generate_series(1, 3) n;
             INSERT INTO platform.event_heads (tenant_id, sequence) VALUES ({id}, 3)",
            id = t.id
        );
        database::write(t.id, &sql).await;
        assert_eq!(sequences(&entries(&t, &[]).await), [3, 2, 1]);
        for (privilege, expected) in [("INSERT", 1), ("UPDATE", 0), ("DELETE", 0), ("TRUNCATE", 0)]
        {
            let sql = format!(
                "SELECT has_table_privilege(current_database() || '_app', 'platform.events',
                   '{privilege}')::int::bigint"
            );
            assert_eq!(database::value(t.id, &sql).await, expected, "{privilege}");
        }
    });
}
