//! What a change of a booking says is changed, and nothing else.

use serde_json::{Value, json};

use super::bookings::{booked, booking, item, line};
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::http;

const BOOKINGS: &str = "/api/saas/me/bookings";
const TAKEN: &str = "taken@example.com";

#[test]
fn each_short_item_is_an_error_with_its_facts() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 1})).await;
        let light = item(&t, "Light", json!({"stock": 2})).await;
        let wants = json!({
            "items": [
                {"item_internal_id": camera, "quantity": 2},
                {"item_internal_id": light, "quantity": 5},
            ],
            "reserve": true,
        });
        let new = with(booking(camera, 1, "2027-06-10T09:00", "2027-06-12T09:00"), wants);
        let refused = t.make(BOOKINGS, new).await;
        let at = ("shortage".to_owned(), "/data/relationships/items".to_owned());
        assert_eq!(refused.errors(409), [at.clone(), at]);
        let body = refused.json();
        for (index, title, missing) in [(0, "Camera", 1), (1, "Light", 3)] {
            let error = &body["errors"][index];
            let detail = error["detail"].as_str().expect("text");
            assert!(detail.contains(title), "{detail}");
            let meta = &error["meta"];
            assert_eq!(meta["item_title"], title, "{meta}");
            assert_eq!(meta["missing_quantity"], missing, "{meta}");
            assert_eq!(meta["from"], "2027-06-10T09:00:00", "by the clock of the business: {meta}");
            assert_eq!(meta["till"], "2027-06-12T09:00:00", "{meta}");
            assert_eq!((&meta["detail"], &meta["shortages"]), (&Value::Null, &Value::Null));
        }
    });
}

#[test]
fn a_customer_who_comes_with_a_booking_has_a_name() {
    with_shop(async |t| {
        let name = "/data/attributes/customer/name";
        for customer in [json!({"email": "x@example.com"}), json!({})] {
            let refused = t.make(BOOKINGS, json!({"customer": customer})).await;
            refused.error(422, "required", name);
        }
        let path = booked(&t, json!({})).await;
        let refused = t.change(&path, json!({"customer": {"email": "x@example.com"}})).await;
        refused.error(422, "required", name);
        // What a booking answers of its customer is no customer to record.
        let whole = t.get(&path).await.is(200).json();
        t.put(&path, &json!({"data": whole["data"]})).await.is(200);
    });
}

#[test]
fn what_is_not_said_of_the_documents_stays() {
    with_shop(async |t| {
        let path = &booked(&t, json!({})).await;
        let place = &format!("{path}/document");
        let all = json!({"signer_name": "Ana", "notes": "Old", "language": "pt"});
        t.change(place, all).await.is(200);
        t.change(place, json!({"notes": "New"})).await.is(200);
        let patch = t.send("PATCH", place, json!({"signer_name": null, "terms": "Cash"}));
        let set = http::send(patch).await.is(200).attributes()["document_settings"].take();
        for (name, expected) in [
            ("notes", json!("New")),
            ("language", json!("pt")),
            ("signer_name", Value::Null),
            ("terms", json!("Cash")),
        ] {
            assert_eq!(set[name], expected, "{name}: {set}");
        }
    });
}

#[test]
fn half_a_discount_keeps_the_other_half() {
    with_shop(async |t| {
        let path = &booked(&t, json!({"discount_kind": "amount", "discount_value": 10})).await;
        let shown = async || {
            let booking = t.get(path).await.is(200).attributes();
            (booking["discount_kind"].clone(), booking["discount_value"].clone())
        };
        t.change(path, json!({"discount_value": 90})).await.is(200);
        assert_eq!(shown().await, (json!("amount"), json!(90)));
        t.change(path, json!({"discount_kind": "percentage"})).await.is(200);
        assert_eq!(shown().await, (json!("percentage"), json!(90)));
        let value = "/data/attributes/discount_value";
        t.change(path, json!({"discount_value": 101})).await.error(422, "out_of_range", value);
        t.change(path, json!({"discount_kind": null})).await.is(200);
        assert_eq!(shown().await, (Value::Null, Value::Null));
        let kind = "/data/attributes/discount_kind";
        t.change(path, json!({"discount_value": 5})).await.error(422, "required", kind);
        t.change(path, json!({"discount_kind": "amount"})).await.error(422, "required", value);
    });
}

#[test]
fn an_address_that_is_taken_is_told_where_it_was_written() {
    with_shop(async |t| {
        let other = json!({"name": "Bea", "email": TAKEN});
        t.make("/api/saas/me/customers", other).await.is(201);
        let path = booked(&t, json!({"customer": {"name": "Ana"}})).await;
        let place = format!("{path}/customer");
        let both = json!({"email": TAKEN, "update_customer": true});
        t.change(&place, both).await.error(422, "taken", "/data/attributes/email");
        assert_eq!(t.get(&place).await.is(200).attributes()["email"], Value::Null);
        t.change(&place, json!({"email": TAKEN})).await.is(200);
    });
}

#[test]
fn places_are_whole_and_in_a_country() {
    with_shop(async |t| {
        let whole = json!({"street": "Rua 1", "city": "Lisboa", "country": "pt"});
        let code = with(whole.clone(), json!({"postal_code": "1"}));
        let nowhere = with(whole.clone(), json!({"country": "XX"}));
        let path = booked(&t, json!({"delivery_address": whole, "customer": {"name": "A"}})).await;
        let shown = t.get(&path).await.is(200).attributes();
        assert_eq!(shown["delivery_address"]["country"], "PT");
        let required = |at: &str| ("required".to_owned(), at.to_owned());
        for (place, field) in
            [(path.clone(), "delivery_address"), (format!("{path}/customer"), "address")]
        {
            let at = format!("/data/attributes/{field}");
            let part = t.change(&place, json!({field: {"street": "x"}})).await;
            let expected = [required(&format!("{at}/country")), required(&format!("{at}/city"))];
            assert_eq!(part.errors(422), expected);
            let refused = t.change(&place, json!({field: code})).await;
            refused.error(422, "invalid_format", &format!("{at}/postal_code"));
            let refused = t.change(&place, json!({field: nowhere})).await;
            refused.error(422, "invalid_value", &format!("{at}/country"));
        }
        let country = "/data/attributes/country";
        t.make("/api/me/addresses", nowhere).await.error(422, "invalid_value", country);
        t.change("/api/me", json!({"country": "XX"})).await.error(422, "invalid_value", country);
    });
}

#[test]
fn a_line_can_be_sent_back_as_it_was_answered() {
    with_shop(async |t| {
        let camera =
            item(&t, "Camera", json!({"deposit_kind": "fixed", "deposit_value": 50})).await;
        let path = booked(&t, booking(camera, 2, "2027-07-14", "2027-07-15")).await;
        let place = &line(&t, &path).await;
        let fetched = async || t.get(place).await.is(200).attributes();
        let table = fetched().await;
        let same = t.change(place, table.clone()).await.is(200).attributes();
        assert_eq!((&same["total"], &same["price_edited"]), (&table["total"], &json!(false)));
        // Of what belongs together, what differs is what is written.
        let dear = t.change(place, with(table.clone(), json!({"total": 100}))).await.is(200);
        assert_eq!(dear.attributes()["total"], 100.0);
        assert_eq!(dear.attributes()["price_edited"], true);
        let edited = fetched().await;
        let again = t.change(place, edited.clone()).await.is(200).attributes();
        assert_eq!(again["unit_price"], edited["unit_price"]);
        let deposit = with(edited.clone(), json!({"deposit_per_item": 10}));
        assert_eq!(t.change(place, deposit).await.is(200).attributes()["deposit_total"], 20.0);
        let both = with(fetched().await, json!({"total": 1, "unit_price": 1}));
        t.change(place, both).await.error(422, "invalid_value", "/data/attributes/total");
    });
}
