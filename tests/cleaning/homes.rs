//! Homes of clients.
//!
//! Covers: ListLocations, CreateLocation, GetLocation, UpdateLocation, PatchLocation,
//! Covers: DeleteLocation.

use std::slice::from_ref;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::clients::{client, signed_in};
use super::company::{Company, problem, refused, with_company};
use super::locations::area;
use crate::support::{Answer, Tenant, http};

fn address(zip: &str) -> Value {
    json!({"street": "1 Main St", "city": "New York", "state": "NY", "zip": zip})
}

/// Adds a home to a client; answers what was made.
pub async fn home(c: &Company, client: &Value, nickname: &str, zip: &str) -> Value {
    let body = json!({"clientId": client, "nickname": nickname, "address": address(zip)});
    c.post("/location", &body).await.is(201).json()
}

async fn patch(t: &Tenant, path: &str, body: &Value) -> Answer {
    http::send(t.request("PATCH", path).json(body)).await
}

#[test]
fn a_home_is_added_changed_and_deleted() {
    with_company(async |c| {
        let ann = client(&c, &json!({})).await["id"].clone();
        let uptown = area(&c, "Uptown", &["10001"]).await;
        let made = home(&c, &ann, "Home", "99999").await;
        let (id, at) = (&made["id"], format!("/location/{}", made["id"]));
        assert_eq!((&made["isDefault"], &made["hasPets"]), (&json!(true), &json!(false)));
        assert_eq!(made["tenantLocationId"], Value::Null);
        assert_eq!(c.get(&at).await.is(200).json(), made);
        let taken = json!({"clientId": ann, "nickname": "HOME", "address": address("10001")});
        problem(&c.post("/location", &taken).await, 409, "duplicate");

        // The area is that of the zip code, whenever it is asked for.
        let moved =
            patch(&c, "/location", &json!({"id": id, "address": {"zip": "10001"}})).await.is(200);
        assert_eq!(moved.header("etag"), "\"v2\"");
        let moved = moved.json();
        assert_eq!((&moved["tenantLocationId"], &moved["clientId"]), (&json!(uptown), &ann));
        assert_eq!(moved["address"]["street"], "1 Main St");
        let by_query = format!("/location?id={id}");
        let noted = patch(&c, &by_query, &json!({"accessNotes": "Ring twice"})).await;
        assert_eq!(noted.is(200).json()["accessNotes"], "Ring twice");
        let stale = c.request("PATCH", &by_query).header("if-match", "\"v2\"");
        problem(&http::send(stale.json(&json!({"petNotes": "x"}))).await, 412, "version_mismatch");
        let client = c.get(&format!("/client/get/{ann}")).await.is(200).json();
        assert_eq!(client["locations"][0]["accessNotes"], "Ring twice");
        assert_eq!(client["version"], 4, "a home makes a version of its client");

        let body = json!({"id": id, "address": address("10001"), "bedrooms": 2});
        let replaced = c.put("/location", &body).await.is(200).json();
        assert_eq!((&replaced["accessNotes"], &replaced["bedrooms"]), (&Value::Null, &json!(2)));
        assert_eq!(replaced["isDefault"], true);
        let bad = json!({"id": id, "squareFeet": 0, "bedrooms": -1, "bathrooms": 1.3});
        assert_eq!(
            refused(&c.put("/location", &bad).await),
            ["address", "bathrooms", "bedrooms", "squareFeet"]
        );
        let unnamed = json!({"address": address("10001")});
        assert_eq!(refused(&c.post("/location", &unnamed).await), ["clientId"]);
        assert_eq!(refused(&c.post("/location", &json!({})).await), ["address", "clientId"]);
        let unnamed = patch(&c, "/location", &json!({"bedrooms": 1})).await;
        assert_eq!(refused(&unnamed), ["id"]);
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");

        c.delete(&at).await.is(204);
        problem(&c.delete(&at).await, 404, "not_found");
        home(&c, &ann, "Home", "10001").await;
    });
}

#[test]
fn one_home_of_a_client_is_the_default() {
    with_company(async |c| {
        let ann = &client(&c, &json!({})).await["id"];
        let first = home(&c, ann, "First", "10001").await["id"].clone();
        let second = home(&c, ann, "Second", "10001").await["id"].clone();
        let third = home(&c, ann, "Third", "10001").await["id"].clone();
        let default = async || -> Vec<Value> {
            let homes = c.get(&format!("/location?clientId={ann}")).await.is(200).json();
            let homes = homes.as_array().expect("homes").clone().into_iter();
            homes.filter(|home| home["isDefault"] == true).map(|home| home["id"].clone()).collect()
        };
        assert_eq!(default().await, from_ref(&first));
        let no = json!({"id": first, "isDefault": false});
        assert_eq!(refused(&patch(&c, "/location", &no).await), ["isDefault"]);
        patch(&c, "/location", &json!({"id": third, "isDefault": true})).await.is(200);
        assert_eq!(default().await, from_ref(&third));
        let all = [&first, &second, &third].map(async |id| {
            patch(&c, "/location", &json!({"id": id, "isDefault": true})).await.is(200);
        });
        join_all(all).await;
        assert_eq!(default().await.len(), 1, "however many ask at once");
        patch(&c, "/location", &json!({"id": third, "isDefault": true})).await.is(200);
        c.delete(&format!("/location/{third}")).await.is(204);
        assert_eq!(default().await, from_ref(&first), "the oldest takes its place");
        c.delete(&format!("/location/{second}")).await.is(204);
        c.delete(&format!("/location/{first}")).await.is(204);
        assert_eq!(default().await, Vec::<Value>::new());
    });
}

#[test]
fn clients_see_and_write_their_own_homes_alone() {
    with_company(async |c| {
        let ann = client(&c, &json!({})).await["id"].clone();
        let foreign = home(&c, &ann, "Home", "10001").await["id"].clone();
        let (me, own) = signed_in(&c).await;
        let body = json!({"address": address("10002")});
        let made = own.post("/location", &body).await.is(201).json();
        assert_eq!(made["clientId"], me["id"]);
        assert_eq!(own.get("/location").await.is(200).json(), json!([made]));
        assert_eq!(own.get("/location?zip=10001").await.is(200).json(), json!([]));
        assert_eq!(c.get("/location?zip=10002").await.is(200).json(), json!([made]));
        assert_eq!(c.get("/location").await.is(200).json().as_array().expect("homes").len(), 2);

        let at = format!("/location/{foreign}");
        problem(&own.get(&at).await, 403, "forbidden");
        problem(&own.delete(&at).await, 403, "forbidden");
        problem(&own.get(&format!("/location?clientId={ann}")).await, 403, "forbidden");
        let to_ann = json!({"clientId": ann, "address": address("10002")});
        problem(&own.post("/location", &to_ann).await, 403, "forbidden");
        let change = json!({"id": foreign, "bedrooms": 9});
        problem(&patch(&own, "/location", &change).await, 403, "forbidden");
        assert_eq!(c.get(&at).await.is(200).json()["bedrooms"], Value::Null);
        own.delete(&format!("/location/{}", made["id"])).await.is(204);
        let (_, cleaner) = c.user("cleaner").await;
        problem(&c.with_token(&cleaner).get(&at).await, 403, "forbidden");
    });
}
