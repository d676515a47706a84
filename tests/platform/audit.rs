//! The audit trail.
//!
//! Covers: ListAuditEntries.

use std::time::Duration;

use prost::Message;
use serde_json::{Value, json};
use steward_contracts::steward::facilities::v1::{CreateTagRequest, TagInput};

use super::imports;
use crate::support::fixtures::{person, with};
use crate::support::server::Operator;
use crate::support::{
    Server, Tenant, database, eventually, grpc, grpc_web, http, run, with_tenant,
};

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
        let refused = t.find(PATH, &[("filter", "secret = 1"), ("pageSize", "0")]).await;
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

/// Everywhere but in the audit trail, an address is nobody's business.
#[test]
fn an_entry_says_from_where_it_was_asked_for() {
    with_tenant(async |t| {
        // Nobody said that this client may speak for others.
        let request = t.request("POST", "/api/public/Tags").json(&json!({"name": "Roofs"}));
        http::send(request.header("x-forwarded-for", "198.51.100.7")).await.is(201);
        let message = CreateTagRequest { tag: Some(TagInput { name: "Walls".to_owned() }) };
        let path = "/steward.facilities.v1.TagService/CreateTag";
        grpc::call_bytes(Some(&t.token), path, message.encode_to_vec()).await.expect("a tag");
        let message = CreateTagRequest { tag: Some(TagInput { name: "Doors".to_owned() }) };
        let message = message.encode_to_vec();
        let call = grpc_web::call_bytes(grpc_web::Form::Binary, Some(&t.token), path, &message);
        call.await.expect("a tag");
        let input = json!({"resource": "tags"});
        imports::done(&t, "text/csv", "name\nFloors\n", input).await;

        let page = entries(&t, &[("filter", "resource_type = tag AND address = 127.0.0.1")]).await;
        let items = page["items"].as_array().expect("items");
        let names: Vec<_> = items.iter().map(|item| &item["resource"]["name"]).collect();
        assert_eq!(names, ["Floors", "Doors", "Walls", "Roofs"], "{page}");
        let events = t.get("/api/public/events?cursor=0").await.is(200);
        assert!(!events.text.contains("127.0.0.1"), "{}", events.text);
    });
}

#[test]
fn a_trusted_proxy_says_from_where_it_was_asked_for() {
    run(async {
        let flags = ["--trusted-proxies", "127.0.0.0/8,198.51.100.1"];
        let server = Server::own("audit-proxies", &flags).await;
        let operator = Operator::of(&server).await;
        let post = async |name: &str, forwarded: &str| {
            let request = http::request("POST", &format!("{}/api/public/Tags", server.base));
            let request = request.bearer_auth(&operator.token).json(&json!({"name": name}));
            http::send(request.header("x-forwarded-for", forwarded)).await.is(201);
        };
        post("Direct", "203.0.113.9").await;
        post("Forged", "192.0.2.66, 203.0.113.9, 198.51.100.1").await;
        post("Unreadable", "somebody").await;
        let page = operator.send("GET", PATH, None).await.is(200).json();
        let items = page["items"].as_array().expect("items");
        let seen: Vec<_> = items.iter().map(|item| &item["address"]).collect();
        assert_eq!(seen, ["127.0.0.1", "203.0.113.9", "203.0.113.9"], "the latest first");
    });
}

#[test]
fn mail_that_is_given_up_is_in_the_trail() {
    with_tenant(async |t| {
        let sql = format!(
            "WITH mail AS (
               INSERT INTO platform.mails (tenant_id, template, language, recipient, subject, body,
                 optional)
               VALUES ({id}, 'test', 'nl', 'no address', 'Subject', 'Body', false)
               RETURNING id)
             INSERT INTO platform.jobs (tenant_id, kind, payload)
             SELECT {id}, 'mail.send', jsonb_build_object('mail', mail.id) FROM mail",
            id = t.id
        );
        database::write(t.id, &sql).await;
        let entry = eventually("the entry", Duration::from_secs(60), async || {
            let filter = [("filter", "type = platform.mail.given_up AND client_id = system")];
            entries(&t, &filter).await["items"].get(0).cloned()
        })
        .await;
        assert_eq!((&entry["resourceType"], &entry["rpc"]), (&json!("mail"), &json!("")));
        assert_eq!(entry["address"], Value::Null);
        let told = &entry["resource"];
        assert_eq!((&told["recipient"], &told["language"]), (&json!("no address"), &json!("nl")));
        assert!(told.get("body").is_none());
        let events = t.get("/api/public/events?cursor=0").await.is(200).json();
        assert_eq!(events["items"][0]["type"], "platform.mail.given_up");
    });
}

#[test]
fn the_trail_of_rentals_is_asked_for_as_documented() {
    run(async {
        let t = Tenant::of("rentals").await;
        let (customers, trail) = ("/api/saas/me/customers", "/api/saas/me/audit_entries");
        let document = |name: &str| json!({"data": {"attributes": {"name": name}}});
        let made = t.post(customers, &document("Ann")).await.is(201);
        let path = made.header("location").to_owned();
        let changed = t.put(&path, &document("Bea")).await.is(200);
        t.post(customers, &document("Carl")).await.is(201);
        // Others who ask for changes.
        let sql = format!(
            "INSERT INTO platform.events (tenant_id, sequence, event_type, resource_type,
               resource_id, occurred_at, client_id, rpc, request_id, resource)
             SELECT {id}, h.sequence + n, 'rentals.booking.updated', 'booking', n::text,
               timestamptz '2020-01-01 00:00:00Z' + n * interval '1 day', caller, 'r', 'q', '{{}}'
             FROM platform.event_heads h, unnest(ARRAY['user:12', 'link:7', 'system', 'anybody',
               'user:12x']) WITH ORDINALITY AS c (caller, n)
             WHERE h.tenant_id = {id};
             UPDATE platform.event_heads SET sequence = sequence + 5 WHERE tenant_id = {id}",
            id = t.id
        );
        database::write(t.id, &sql).await;
        let found = async |query: &str| {
            let page = t.get(&format!("{trail}?{query}")).await.is(200).json();
            let items = page["data"].as_array().expect("entries").clone();
            assert_eq!(page["meta"]["total_count"], items.len(), "{query}");
            items
        };
        let ids = async |query: &str| -> Vec<Value> {
            let items = found(query).await.into_iter();
            items.map(|one| one["attributes"]["resource_id"].clone()).collect()
        };

        // Resources are named by the numbers that their routes have.
        let id = made.json()["data"]["attributes"]["internal_id"].clone();
        let [updated, created] =
            &found(&format!("filter[resource]=customer&filter[resource_id]={id}")).await[..]
        else {
            panic!("two entries")
        };
        let updated = &updated["attributes"];
        for (member, expected) in [
            ("actor", json!("client")),
            ("client_id", json!(t.client_id)),
            ("rpc", json!("steward.rentals.v1.CustomersService/UpdateCustomer")),
            ("request_id", json!(changed.header("x-request-id"))),
            ("address", json!("127.0.0.1")),
            ("owner_id", json!(t.id.to_string())),
            ("event_type", json!("rentals.customer.updated")),
            ("resource_type", json!("customer")),
        ] {
            assert_eq!(updated[member], expected, "{member}: {updated}");
        }
        assert_eq!(updated["changes"]["name"], json!(["Ann", "Bea"]));
        assert_eq!(updated["resource"]["name"], "Bea");
        assert_eq!(created["attributes"]["changes"], Value::Null);
        // Times are shown to the second.
        let at = created["attributes"]["created_at"].as_str().expect("a time");
        for (operator, count) in [("gte", 3), ("lt", 0)] {
            let query = format!("filter[created_at][{operator}]={at}&filter[resource]=customer");
            assert_eq!(found(&query).await.len(), count, "{query}");
        }

        assert_eq!(ids("filter[actor]=user").await, ["1"]);
        assert_eq!(ids("filter[actor]=link,system").await, ["3", "2"]);
        assert_eq!(ids("filter[actor]=anybody").await, ["4"]);
        assert_eq!(ids("filter[actor]=client&filter[resource]=booking").await, ["5"]);
        assert_eq!(ids("filter[client_id]=user:12").await, ["1"]);
        let between = "filter[created_at][gt]=2020-01-02T00:00:00Z\
            &filter[created_at][lte]=2020-01-04T00:00:00Z&sort=created_at";
        assert_eq!(ids(between).await, ["2", "3"]);
        t.get(&format!("{trail}?filter[actor]=ghost")).await.is(400);
    });
}

#[test]
fn cleaning_filters_the_trail_by_parameters() {
    run(async {
        let t = Tenant::of("cleaning").await;
        let room = async |name: &str| {
            t.post("/room/add", &json!({"name": name, "minutes": 20})).await.is(201).json()["id"]
                .clone()
        };
        let (kitchen, _) = (room("Kitchen").await, room("Bathroom").await);
        let found = async |query: &str| {
            let page = t.get(&format!("/audit?{query}")).await.is(200).json();
            assert_eq!(page["totalCount"], page["items"].as_array().expect("entries").len());
            page["items"].clone()
        };
        let of_kitchen = found(&format!("objectType=room&objectId={kitchen}")).await;
        assert_eq!(of_kitchen[0]["type"], "cleaning.room.created");
        assert_eq!(
            (&of_kitchen[0]["objectId"], &of_kitchen[1]),
            (&kitchen.to_string().into(), &Value::Null)
        );
        assert_eq!(found("objectType=room").await.as_array().expect("entries").len(), 2);
        assert_eq!(found("objectType=client").await, json!([]));
        assert_eq!(found("objectType=room&actorId=1").await, json!([]), "a client made them");
        assert_eq!(found("objectType=room&from=2999-01-01T00:00:00Z").await, json!([]));
        assert_eq!(found("objectType=room&to=2000-01-01T00:00:00Z").await, json!([]));
        let until =
            found("objectType=room&from=2000-01-01T00:00:00Z&to=2999-01-01T00:00:00Z").await;
        assert_eq!(until.as_array().expect("entries").len(), 2);
    });
}
