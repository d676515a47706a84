//! Items, and whether they can be rented.
//!
//! Covers: CreateItem, ListItems, ListItemsOfCategory, GetItem, GetItemCategoryOfItem, UpdateItem,
//! Covers: DeleteItem, RestoreItem, GetProduct, EnableProduct, DisableProduct.

use prost::Message;
use serde_json::{Value, json};
use steward_contracts::steward::rentals::v1 as pb;

use super::with_shop;
use crate::support::fixtures::with;
use crate::support::{Tenant, database, grpc, http};

const ITEMS: &str = "/api/saas/me/items";
const CATEGORIES: &str = "/api/me/item_categories";
const PRODUCTS: &str = "/api/saas/me/products";

async fn category(t: &Tenant, name: &str, parent: Option<&str>) -> String {
    let made = t.make(CATEGORIES, json!({"name": name, "parent_id": parent})).await.is(201);
    made.data()["id"].as_str().expect("an id").to_owned()
}

/// The events of a tenant since the beginning: type, resource and id.
async fn events(t: &Tenant) -> Vec<(String, String)> {
    let events = t.get("/api/saas/me/events?cursor=0").await.is(200).json();
    let items = events["data"].as_array().expect("events").clone();
    let text =
        |event: &Value, name: &str| event["attributes"][name].as_str().expect("text").to_owned();
    items.iter().map(|event| (text(event, "event_type"), text(event, "resource_id"))).collect()
}

#[test]
fn an_item_is_recorded_with_all_it_has() {
    with_shop(async |t| {
        let lenses = category(&t, "Lenses", None).await;
        let given = json!({
            "title": "Camera",
            "description": "Full frame",
            "item_category_id": lenses,
            "brand": "Kanon", "model": "R5", "sku": "CAM-1",
            "tags": ["film"],
            "value": 1200,
            "tax_rate": 6,
            "prices": [
                {"up_to": 7, "unit": "day", "price": 15.5},
                {"up_to": 4, "unit": "hour", "price": "9.00", "basis": "flat"},
                {"up_to": 1, "unit": "day", "price": 20.00, "basis": "per_unit"},
            ],
            "overtime_rule": {"mode": "custom", "unit": "hour", "price": 2.5},
            "deposit_kind": "percentage", "deposit_value": 12.5,
            "stock": 3,
            "allow_overbooking": true, "overbooking_limit": 1,
            "buffer_before_minutes": 60,
            "insurance_class": "photo_video",
            "show_in_store": true,
            "notes": "shelf 3",
        });
        let made = t.make(ITEMS, given).await.is(201);
        assert_eq!(made.header("location"), format!("{ITEMS}/1"));
        assert!(made.text.contains("\"value\":1200.00"), "{}", made.text);
        let data = made.data();
        assert_eq!(data["type"], "item");
        assert_eq!(data["attributes"]["product_id"], data["id"]);
        let link = json!({"data": {"id": lenses, "type": "item_category"}});
        assert_eq!(data["relationships"]["category"], link);
        let attributes = made.attributes();
        let row = |up_to: i32, unit: &str, price: f64, basis: &str| json!({"up_to": up_to, "unit": unit, "price": price, "basis": basis});
        let prices = json!([
            row(4, "hour", 9.0, "flat"),
            row(1, "day", 20.0, "per_unit"),
            row(7, "day", 15.5, "per_unit"),
        ]);
        for (name, expected) in [
            ("internal_id", json!(1)),
            ("item_category_id", json!(lenses)),
            ("value", json!(1200.0)),
            ("taxable", json!(true)),
            ("tax_rate", json!(6)),
            ("prices", prices),
            ("overtime_rule", json!({"mode": "custom", "unit": "hour", "price": 2.5})),
            ("deposit_kind", json!("percentage")),
            ("deposit_value", json!(12.5)),
            ("manage_stock", json!(true)),
            ("stock", json!(3)),
            ("overbooking_limit", json!(1)),
            ("buffer_before_minutes", json!(60)),
            ("buffer_after_minutes", json!(null)),
            ("insurance_class", json!("photo_video")),
            ("active", json!(true)),
            ("show_in_store", json!(true)),
        ] {
            assert_eq!(attributes[name], expected, "{name}");
        }
        let read = t.get(&format!("{ITEMS}/1?include=category")).await.is(200);
        assert_eq!(read.attributes(), attributes);
        let (whole, alone) = (read.header("etag").to_owned(), made.header("etag").to_owned());
        assert_eq!(read.resource_etag(), made.resource_etag(), "what is included is not the item");
        assert_ne!(whole, alone, "and is shown");
        assert_eq!(read.json()["included"][0]["attributes"]["name"], "Lenses");
        let unless = async |path: &str, etag: &str| {
            http::send(t.request("GET", path).header("if-none-match", etag)).await
        };
        let with = format!("{ITEMS}/1?include=category");
        unless(&with, &whole).await.is(304);
        unless(&with, &alone).await.is(200);
        unless(&format!("{ITEMS}/1"), &alone).await.is(304);
        let category = read.json()["included"][0]["id"].as_str().expect("an id").to_owned();
        let category = format!("/api/me/item_categories/{category}");
        t.change(&category, json!({"name": "Lentes"})).await.is(200);
        unless(&with, &whole).await.is(200);
        t.change(&category, json!({"name": "Lenses"})).await.is(200);
        let tape = t.make(ITEMS, json!({"title": "Tape", "manage_stock": false})).await.is(201);
        unless(tape.header("location"), tape.header("etag")).await.is(304);

        let make = async || {
            let request = t.send("POST", ITEMS, json!({"title": "Bag"}));
            http::send(request.header("idempotency-key", "bag")).await.is(201)
        };
        let (plain, again) = (make().await, make().await);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.header("etag"), plain.header("etag"));
        unless(again.header("location"), again.header("etag")).await.is(304);
        let data = plain.data();
        assert_eq!(data["relationships"]["category"], json!({"data": null}));
        let attributes = plain.attributes();
        for (name, expected) in [
            ("internal_id", json!(3)),
            ("value", json!(null)),
            ("tax_rate", json!(null)),
            ("prices", json!([])),
            ("overtime_rule", json!({"mode": "minimum_interval"})),
            ("deposit_kind", json!("none")),
            ("deposit_value", json!(0)),
            ("stock", json!(1)),
            ("allow_overbooking", json!(false)),
            ("insurance_class", json!(null)),
            ("show_in_store", json!(false)),
        ] {
            assert_eq!(attributes[name], expected, "{name}");
        }
    });
}

#[test]
fn items_that_break_rules_are_refused() {
    with_shop(async |t| {
        let day = |up_to: i32, price: Value| json!({"up_to": up_to, "unit": "day", "price": price});
        let twice = json!([day(1, json!(5)), {"up_to": 24, "unit": "hour", "price": 5}]);
        let many: Vec<Value> = (1..=21).map(|up_to| day(up_to, json!(1))).collect();
        for (changes, code, at) in [
            (json!({"title": "x".repeat(161)}), "too_long", "title"),
            (json!({"value": -1}), "out_of_range", "value"),
            (json!({"value": 1.005}), "invalid_format", "value"),
            (json!({"value": 1_000_000_000}), "out_of_range", "value"),
            (json!({"tax_rate": 101}), "out_of_range", "tax_rate"),
            (json!({"prices": [day(0, json!(5))]}), "out_of_range", "prices/0/up_to"),
            (json!({"prices": [day(3651, json!(5))]}), "out_of_range", "prices/0/up_to"),
            (json!({"prices": [day(1, json!(-5))]}), "out_of_range", "prices/0/price"),
            (json!({"prices": [day(1, json!(null))]}), "required", "prices/0/price"),
            (json!({"prices": [{"up_to": 1, "price": 5}]}), "required", "prices/0/unit"),
            (json!({"prices": [{"unit": "day", "price": 5}]}), "required", "prices/0/up_to"),
            (json!({"prices": twice}), "taken", "prices/1/up_to"),
            (json!({"prices": many}), "too_long", "prices"),
            (
                json!({"overtime_rule": {"mode": "custom", "unit": "day"}}),
                "required",
                "overtime_rule/price",
            ),
            (
                json!({"overtime_rule": {"mode": "custom", "price": 1}}),
                "required",
                "overtime_rule/unit",
            ),
            (
                json!({"deposit_kind": "percentage", "deposit_value": 101}),
                "out_of_range",
                "deposit_value",
            ),
            (
                json!({"deposit_kind": "fixed", "deposit_value": -1}),
                "out_of_range",
                "deposit_value",
            ),
            (
                json!({"deposit_kind": "fixed", "deposit_value": 0.001}),
                "invalid_format",
                "deposit_value",
            ),
            (json!({"deposit_kind": "lots"}), "invalid_value", "deposit_kind"),
            (json!({"stock": -1}), "out_of_range", "stock"),
            (json!({"stock": 1_000_001}), "out_of_range", "stock"),
            (json!({"overbooking_limit": -1}), "out_of_range", "overbooking_limit"),
            (json!({"buffer_after_minutes": 43201}), "out_of_range", "buffer_after_minutes"),
            (json!({"item_category_id": "999"}), "reference_not_found", "item_category_id"),
            (json!({"address_id": "999"}), "reference_not_found", "address_id"),
        ] {
            let body = with(json!({"title": "Camera"}), changes.clone());
            let refused = t.make(ITEMS, body).await;
            assert_eq!(refused.status, 422, "{changes}: {}", refused.text);
            refused.error(422, code, &format!("/data/attributes/{at}"));
        }
        assert_eq!(t.get(ITEMS).await.data(), json!([]));

        // Another currency than the one of the business.
        let money = steward_contracts::google::r#type::Money {
            currency_code: "USD".to_owned(),
            units: 1,
            nanos: 0,
        };
        let item =
            pb::Item { title: Some("A".to_owned()), value: Some(money), ..Default::default() };
        let create = pb::CreateItemRequest { item: Some(item) }.encode_to_vec();
        let rpc = "/steward.rentals.v1.ItemsService/CreateItem";
        let refused = grpc::call_bytes(Some(&t.token), rpc, create).await.expect_err("a refusal");
        assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    });
}

#[test]
fn an_item_is_kept_at_an_address_of_the_business() {
    with_shop(async |t| {
        let address = |customer: &str| {
            format!(
                "INSERT INTO rentals.addresses (tenant_id, customer_id, kind, street, city, country, main)
                 VALUES ({}, {customer}, 4, 'Street', 'City', 'PT', true) RETURNING id",
                t.id
            )
        };
        let own = database::value(t.id, &address("NULL")).await.to_string();
        let customer = t.make("/api/saas/me/customers", json!({"name": "A"})).await.is(201);
        let customer = customer.data()["id"].as_str().expect("an id").to_owned();
        let theirs = database::value(t.id, &address(&customer)).await.to_string();
        let refused = t.make(ITEMS, json!({"title": "A", "address_id": theirs})).await;
        refused.error(422, "reference_not_found", "/data/attributes/address_id");
        t.make(ITEMS, json!({"title": "A", "address_id": own})).await.is(201);
        // It may go, and what else is changed does not ask for it again.
        let sql = format!("UPDATE rentals.addresses SET deleted_at = now() WHERE id = {own}");
        database::write(t.id, &sql).await;
        let path = &format!("{ITEMS}/1");
        assert_eq!(
            t.change(path, json!({"title": "B"})).await.is(200).attributes()["address_id"],
            own
        );
        t.change(path, json!({"address_id": null})).await.is(200);
        let refused = t.change(path, json!({"address_id": own})).await;
        refused.error(422, "reference_not_found", "/data/attributes/address_id");
    });
}

#[test]
fn a_change_replaces_what_is_given() {
    with_shop(async |t| {
        let day = |up_to: i32, price: i32| json!({"up_to": up_to, "unit": "day", "price": price});
        let given = json!({
            "title": "Camera", "sku": "C1", "stock": 5, "value": 100,
            "prices": [day(1, 20), day(3, 18)],
            "deposit_kind": "fixed", "deposit_value": 50.25,
        });
        t.make(ITEMS, given).await.is(201);
        let path = &format!("{ITEMS}/1");
        let changed = t.change(path, json!({"prices": [day(2, 10)], "value": null})).await.is(200);
        let attributes = changed.attributes();
        assert_eq!(attributes["prices"].as_array().map(Vec::len), Some(1));
        assert_eq!((&attributes["value"], &attributes["stock"]), (&json!(null), &json!(5)));
        assert_eq!(attributes["deposit_value"], json!(50.25));
        let none = t.change(path, json!({"deposit_kind": "none"})).await.is(200);
        assert_eq!(none.attributes()["deposit_value"], 0);
        // A document as it was answered can be sent back.
        let read = t.get(path).await.is(200);
        assert_eq!(t.put(path, &read.json()).await.is(200).attributes()["stock"], 5);
        t.make(ITEMS, json!({"title": "B", "sku": "C1"})).await.error(
            422,
            "taken",
            "/data/attributes/sku",
        );
        t.make(ITEMS, json!({"title": "B", "sku": "C2"})).await.is(201);
        t.change(&format!("{ITEMS}/2"), json!({"sku": "C1"})).await.error(
            422,
            "taken",
            "/data/attributes/sku",
        );
        t.change(&format!("{ITEMS}/3"), json!({"sku": "C1"})).await.error(404, "not_found", "");
        let stale = t.send("PUT", path, json!({"stock": 1})).header("if-match", "\"old\"");
        http::send(stale).await.error(412, "precondition_failed", "");
    });
}

#[test]
fn items_are_found() {
    with_shop(async |t| {
        let audio = category(&t, "Audio", None).await;
        let wired = category(&t, "Wired", Some(&audio)).await;
        for (title, more) in [
            ("Alto", json!({"item_category_id": audio, "stock": 5, "value": 10, "brand": "Zed"})),
            ("Bass", json!({"item_category_id": wired, "sku": "B-1", "tags": ["Loud"]})),
            ("Cable", json!({"manage_stock": false, "active": false, "show_in_store": true})),
        ] {
            t.make(ITEMS, with(json!({"title": title}), more)).await.is(201);
        }
        for (query, expected) in [
            ("", vec!["Cable", "Bass", "Alto"]),
            ("sort=title", vec!["Alto", "Bass", "Cable"]),
            ("sort=-stock,title", vec!["Alto", "Bass", "Cable"]),
            ("sort=value", vec!["Alto", "Bass", "Cable"]),
            ("filter[active]=false", vec!["Cable"]),
            ("filter[show_in_store]=true", vec!["Cable"]),
            ("filter[manage_stock]=true&sort=title", vec!["Alto", "Bass"]),
            ("filter[sku]=B-1", vec!["Bass"]),
            ("filter[stock][gt]=1", vec!["Alto"]),
            ("filter[value][gte]=9.99", vec!["Alto"]),
            ("filter[value][gt]=10.00", vec![]),
            ("filter[tags][match]=loud", vec!["Bass"]),
            ("filter[item_category_id]=null", vec!["Cable"]),
            ("q=álto", vec!["Alto"]),
            ("q=zed", vec!["Alto"]),
        ] {
            let query: Vec<(&str, &str)> =
                query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            assert_eq!(t.find(ITEMS, &query).await.is(200).each("title"), expected, "{query:?}");
        }
        let query = format!("filter%5Bitem_category_id%5D={wired}&include=category");
        let found = t.get(&format!("{ITEMS}?{query}")).await.is(200);
        assert_eq!(found.each("title"), ["Bass"]);
        assert_eq!(found.json()["included"][0]["attributes"]["path"], json!(["Audio", "Wired"]));

        let of = async |category: &str, query: &str| {
            let path =
                format!("{CATEGORIES}/{category}/items").replace("/api/me/", "/api/saas/me/");
            t.get(&format!("{path}{query}")).await
        };
        assert_eq!(of(&audio, "?sort=title").await.each("title"), ["Alto", "Bass"]);
        assert_eq!(of(&audio, "?recursive=false").await.each("title"), ["Alto"]);
        assert_eq!(of(&audio, "?q=bass").await.each("title"), ["Bass"]);
        assert_eq!(of(&wired, "").await.json()["meta"]["total_count"], 1);
        of("999", "").await.error(404, "not_found", "");

        let own = async |number: i32| t.get(&format!("{ITEMS}/{number}/category")).await;
        let path = own(2).await.is(200).attributes()["path"].clone();
        assert_eq!(path, json!(["Audio", "Wired"]));
        assert_eq!(own(3).await.is(200).json(), json!({"data": null}));
        own(9).await.error(404, "not_found", "");
        t.get(&format!("{ITEMS}?filter%5Bbrand%5D=Zed")).await.errors(400);
        t.get(&format!("{ITEMS}?include=bundles")).await.error(
            400,
            "unsupported_include",
            "include",
        );
    });
}

#[test]
fn a_deleted_item_is_hidden_and_comes_back() {
    with_shop(async |t| {
        let made = t.make(ITEMS, json!({"title": "Camera", "sku": "C1"})).await.is(201);
        let product = format!("{PRODUCTS}/{}", made.data()["id"].as_str().expect("an id"));
        let path = &format!("{ITEMS}/1");
        t.delete(path).await.is(204);
        for hidden in [path, &product] {
            t.get(hidden).await.error(404, "not_found", "");
        }
        t.delete(path).await.error(404, "not_found", "");
        assert_eq!(t.get(ITEMS).await.data(), json!([]));
        assert_eq!(t.find(ITEMS, &[("filter[deleted]", "only")]).await.each("title"), ["Camera"]);
        t.make(ITEMS, json!({"title": "Other", "sku": "C1"})).await.is(201);
        t.act(&format!("{path}/restore")).await.error(422, "taken", "");
        t.change(&format!("{ITEMS}/2"), json!({"sku": null})).await.is(200);
        let back = t.act(&format!("{path}/restore")).await.is(200);
        assert_eq!(back.attributes()["sku"], "C1");
        t.get(&product).await.is(200);
    });
}

#[test]
fn a_product_is_taken_out_and_put_back() {
    with_shop(async |t| {
        let made = t.make(ITEMS, json!({"title": "Camera"})).await.is(201);
        let product = format!("{PRODUCTS}/{}", made.data()["id"].as_str().expect("an id"));
        let read = t.get(&product).await.is(200);
        assert_eq!(read.data(), made.data());
        assert_eq!(read.resource_etag(), made.resource_etag(), "a product has that of the item");
        assert!(read.json().get("meta").is_none(), "{}", read.text);

        let stale = t.request("POST", &format!("{product}/status/disable"));
        let stale = http::send(stale.header("if-match", "\"old\"")).await;
        stale.error(412, "precondition_failed", "");
        let disable = t.request("POST", &format!("{product}/status/disable"));
        let disabled = http::send(disable.header("if-match", made.header("etag"))).await.is(200);
        assert_eq!(disabled.data()["type"], "item");
        assert_eq!(disabled.attributes()["active"], false);
        let item = t.get(&format!("{ITEMS}/1")).await.is(200);
        assert_eq!(item.resource_etag(), disabled.resource_etag());
        // Once more changes nothing, and so tells nothing.
        let again = t.act(&format!("{product}/status/disable")).await.is(200);
        assert_eq!(again.text, disabled.text);
        let enabled = t.act(&format!("{product}/status/enable")).await.is(200);
        assert_eq!(enabled.attributes()["active"], true);
        let told = events(&t).await;
        let event = |what: &str| (format!("rentals.item.{what}"), "1".to_owned());
        assert_eq!(told, [event("created"), event("updated"), event("updated")]);
        t.act(&format!("{PRODUCTS}/999999999/status/enable")).await.error(404, "not_found", "");
    });
}

#[test]
fn a_document_is_of_the_resource_it_is_sent_to() {
    with_shop(async |t| {
        let made = t.make(ITEMS, json!({"title": "Tent", "value": 10})).await.is(201);
        let path = made.header("location").to_owned();
        let send = async |id: &Value| {
            let data = json!({"type": "item", "id": id, "attributes": {"title": "Big tent"}});
            http::send(t.request("PUT", &path).json(&json!({"data": data}))).await
        };
        send(&made.data()["id"]).await.is(200);
        for wrong in [json!("987654"), json!("a")] {
            send(&wrong).await.error(409, "id_mismatch", "");
        }
        assert_eq!(t.get(&path).await.is(200).attributes()["title"], "Big tent");
        // Attributes can be chosen; relationships are there all the same.
        let shown = t.get(&format!("{path}?fields[item]=title")).await.is(200);
        assert_eq!(shown.attributes(), json!({"title": "Big tent"}));
        assert!(shown.data()["relationships"]["category"].is_object(), "{shown:?}");
    });
}

#[test]
fn errors_of_headers_name_them() {
    with_shop(async |t| {
        let given = json!({"data": {"attributes": {"title": "Tent"}}});
        let long = "k".repeat(256);
        let answer = http::send(
            t.request("POST", ITEMS).header("idempotency-key", long.as_str()).json(&given),
        )
        .await
        .is(400);
        let error = &answer.json()["errors"][0];
        assert_eq!(error["code"], "invalid_parameter");
        assert_eq!(error["source"], json!({"header": "Idempotency-Key"}));
        let forged = format!("{}x", t.token);
        let url = format!("{}{ITEMS}", t.base);
        let answer = http::send(http::request("GET", &url).bearer_auth(forged)).await.is(401);
        assert_eq!(answer.json()["errors"][0]["code"], "invalid_token");
    });
}

#[test]
fn whoever_takes_a_product_out_learns_which_reservations_have_it() {
    with_shop(async |t| {
        let made = t.make(ITEMS, json!({"title": "Camera", "stock": 9})).await.is(201);
        let product = format!("{PRODUCTS}/{}", made.data()["id"].as_str().expect("an id"));
        let book = async |start: &str, end: &str, reserve: bool| {
            let line = json!({"item_internal_id": 1, "quantity": 2});
            let new = json!({
                "customer": {"name": "Ana"}, "items": [line, line], "start_at": start, "end_at": end,
                "reserve": reserve,
            });
            t.make("/api/saas/me/bookings", new).await.is(201);
        };
        book("2020-03-01", "2020-03-02", true).await;
        book("2099-03-01", "2099-03-02", false).await;
        book("2099-04-01", "2099-04-02", true).await;
        let disabled = t.act(&format!("{product}/status/disable")).await.is(200);
        assert_eq!(disabled.attributes()["active"], false);
        let reserved = json!([{
            "booking_internal_id": 3, "quantity": 4,
            "start_at": "2099-04-01T00:00:00", "end_at": "2099-04-03T00:00:00",
        }]);
        assert_eq!(disabled.json()["meta"], json!({"warnings": reserved}));
        let enabled = t.act(&format!("{product}/status/enable")).await.is(200);
        assert!(enabled.json().get("meta").is_none(), "{}", enabled.text);
    });
}

#[test]
fn a_body_that_may_be_missing_is_read_where_it_is_there() {
    with_shop(async |t| {
        let made = t.make(ITEMS, json!({"title": "Camera"})).await.is(201);
        let product = format!("{PRODUCTS}/{}", made.data()["id"].as_str().expect("an id"));
        t.make("/api/saas/me/customers", json!({"name": "Ana"})).await.is(201);
        http::send(t.request("DELETE", &format!("{ITEMS}/1"))).await.is(204);
        http::send(t.request("DELETE", "/api/saas/me/customers/1")).await.is(204);
        let hook = json!({"url": "https://webhooks.invalid/", "active": false});
        let hook = t.make("/api/saas/me/webhook_endpoints", hook).await.is(201);
        let id = hook.data()["id"].as_str().expect("an id").to_owned();
        for (path, status) in [
            (format!("{ITEMS}/1/restore"), 200),
            (format!("{product}/status/enable"), 200),
            (format!("{product}/status/disable"), 200),
            ("/api/saas/me/customers/1/restore".to_owned(), 200),
            (format!("/api/saas/me/webhook_endpoints/{id}/rotate_secret"), 200),
        ] {
            let send = async |body: &str| {
                let request = t.request("POST", &path).header("content-type", "application/json");
                http::send(request.body(body.to_owned())).await
            };
            let unknown = send(r#"{"data": {"attributes": {"colour": "red"}}}"#).await;
            unknown.error(422, "unknown_attribute", "/data/attributes/colour");
            assert_eq!(send("{").await.errors(400)[0].0, "malformed_body", "{path}");
            if !path.contains("webhook") {
                let other = send(r#"{"data": {"type": "owner", "attributes": {}}}"#).await;
                assert_eq!(other.errors(409)[0].0, "type_mismatch", "{path}");
            }
            send(r#"{"data": {"attributes": {}}}"#).await.is(status);
            t.act(&path).await.is(status);
        }
    });
}

#[test]
fn a_new_item_asks_the_deposit_that_the_settings_say() {
    with_shop(async |t| {
        let deposit = async |item: Value| {
            let made = t.make(ITEMS, item).await.is(201).attributes();
            (made["deposit_kind"].clone(), made["deposit_value"].clone())
        };
        assert_eq!(deposit(json!({"title": "Before"})).await, (json!("none"), json!(0)));
        let settings = json!({"deposit_kind": "percentage", "deposit_value": 12.5});
        t.change("/api/me/bookings_settings", settings).await.is(200);
        assert_eq!(deposit(json!({"title": "Usual"})).await, (json!("percentage"), json!(12.5)));
        let own = json!({"title": "Own", "deposit_kind": "fixed", "deposit_value": 50});
        assert_eq!(deposit(own).await, (json!("fixed"), json!(50)));
        let free = json!({"title": "Free", "deposit_kind": "none"});
        assert_eq!(deposit(free).await.0, json!("none"));
        let before = t.get(&format!("{ITEMS}/1")).await.is(200).attributes();
        assert_eq!(before["deposit_kind"], "none", "those that are there stay as they are");
    });
}
