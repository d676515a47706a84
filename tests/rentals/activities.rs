//! Activities: what was done with a booking, and comments on it.
//!
//! Covers: ListActivities, GetActivity, CreateActivity, UpdateActivity, DeleteActivity.

use serde_json::json;

use super::bookings::{booked, booking, item, line};
use super::with_shop;
use crate::support::http;

#[test]
fn what_was_done_is_told_as_documented() {
    with_shop(async |t| {
        let coat = item(&t, "Mediocre Marble Coat", json!({"stock": 1})).await;
        let new = booking(coat, 1, "2027-03-23T15:15", "2027-03-24T15:15");
        let path = booked(&t, new).await;
        t.act(&format!("{path}/status/reserve")).await.is(200);
        let line = line(&t, &path).await;
        let both = json!({"picked_up_quantity": 1, "returned_quantity": 1});
        t.change(&line, both).await.is(200);
        let told = t.get(&format!("{path}/activities")).await.is(200);
        let mut kinds: Vec<_> =
            told.each("kind").iter().map(|kind| kind.as_str().expect("text").to_owned()).collect();
        kinds.sort();
        assert_eq!(
            kinds,
            [
                "booking_changed_dates",
                "booking_created",
                "booking_customer_set",
                "booking_item_created",
                "booking_item_picked_up",
                "booking_item_returned",
                "booking_status_changed",
                "booking_status_changed",
                "booking_status_changed",
            ]
        );
        let of = |kind: &str| {
            let all = told.data();
            let all = all.as_array().expect("a list").clone();
            let found = all.into_iter().find(|one| one["attributes"]["kind"] == kind);
            found.expect("the kind")["attributes"]["properties"].clone()
        };
        assert_eq!(
            of("booking_item_created"),
            json!({"attrs": ["created_at"], "params": {"item_title": "Mediocre Marble Coat"}})
        );
        assert_eq!(of("booking_changed_dates")["params"]["new_end_at"], "2027-03-24T15:15:00.000Z");
        assert_eq!(
            of("booking_item_picked_up"),
            json!({"attrs": ["picked_up_quantity"], "params": {"new": 1, "old": 0}})
        );
        let created = told.data();
        let first = created.as_array().expect("a list").last().expect("one").clone();
        assert_eq!(first["attributes"]["kind"], "booking_created");
        let id = t.get(&path).await.is(200).data()["id"].as_str().expect("an id").to_owned();
        let params = &first["attributes"]["properties"]["params"];
        assert_eq!(params["booking_id"].to_string(), id);
        let only = async |kinds: &str| {
            let listed = t.get(&format!("{path}/activities?filter%5Bkind%5D={kinds}")).await;
            listed.is(200).each("kind")
        };
        assert_eq!(only("booking_created,comment").await, ["booking_created"]);
        let two = only("booking_item_picked_up,booking_item_returned").await;
        assert_eq!(two, ["booking_item_returned", "booking_item_picked_up"]);
        let unknown = format!("{path}/activities?filter%5Bkind%5D=comment,nonsense");
        assert_eq!(t.get(&unknown).await.errors(400)[0].0, "invalid_parameter");
        assert!(first["attributes"].get("attachment_url").is_none(), "{first}");
    });
}

#[test]
fn comments_are_written_changed_and_deleted() {
    with_shop(async |t| {
        let path = booked(&t, json!({"title": "Film"})).await;
        let comment = json!({"properties": {"comment": "sample comment"}});
        let made = t.make(&format!("{path}/activities"), comment).await.is(201);
        assert_eq!(made.attributes()["kind"], "comment");
        assert_eq!(made.attributes()["properties"], json!({"comment": "sample comment"}));
        let place = format!("{path}/activities/{}", made.data()["id"].as_str().expect("an id"));
        let changed = t.change(&place, json!({"properties": {"comment": "Updated comment"}})).await;
        assert_eq!(changed.is(200).attributes()["comment"], "Updated comment");
        let long = json!({"properties": {"comment": "x".repeat(4001)}});
        let at = "/data/attributes/properties/comment";
        t.make(&format!("{path}/activities"), long).await.error(422, "too_long", at);
        let more = json!({"properties": {"comment": "x", "colour": "red"}});
        let at = "/data/attributes/properties/colour";
        t.make(&format!("{path}/activities"), more).await.error(422, "unknown_attribute", at);
        let foreign = json!({"attachment_id": "no such file", "properties": {"comment": "x"}});
        let at = "/data/attributes/attachment_id";
        t.make(&format!("{path}/activities"), foreign).await.error(422, "invalid_attachment", at);
        assert_eq!(http::send(t.request("DELETE", &place)).await.status, 204);
        let rest = t.get(&format!("{path}/activities")).await.is(200).data();
        let first = rest[0]["id"].as_str().expect("an id").to_owned();
        let refused = http::send(t.request("DELETE", &format!("{path}/activities/{first}"))).await;
        refused.error(409, "invalid_transition", "");
        for words in [json!({"comment": "x"}), json!({"properties": {"comment": "x"}})] {
            let refused = t.change(&format!("{path}/activities/{first}"), words).await;
            refused.error(409, "invalid_transition", "");
        }
    });
}

#[test]
fn changes_of_a_line_are_told_as_it_is_shown() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 3})).await;
        let path = booked(&t, booking(camera, 2, "2027-07-14T11:00", "2027-07-15T11:00")).await;
        let line = line(&t, &path).await;
        let changes = format!("{path}/activities?filter%5Bkind%5D=booking_item_changed");
        let mut known = Vec::new();
        for (change, attrs, old, new) in [
            (
                json!({"unit_price": 15}),
                json!(["unit_price", "total", "price_edited"]),
                json!({"unit_price": 20.0, "total": 40.0, "price_edited": false}),
                json!({"unit_price": 15.0, "total": 30.0, "price_edited": true}),
            ),
            (
                json!({"deposit_per_item": 5}),
                json!(["deposit_per_item", "deposit_total"]),
                json!({"deposit_per_item": 0.0, "deposit_total": 0.0}),
                json!({"deposit_per_item": 5.0, "deposit_total": 10.0}),
            ),
            (
                json!({"tax_rate": 6}),
                json!(["tax_rate"]),
                json!({"tax_rate": 23.0}),
                json!({"tax_rate": 6.0}),
            ),
            (
                json!({"quantity": 1}),
                json!(["quantity", "total", "deposit_total"]),
                json!({"quantity": 2, "total": 30.0, "deposit_total": 10.0}),
                json!({"quantity": 1, "total": 15.0, "deposit_total": 5.0}),
            ),
        ] {
            t.change(&line, change).await.is(200);
            let told = t.get(&changes).await.is(200);
            let all = told.data();
            let all = all.as_array().expect("a list");
            let fresh = all.iter().find(|one| !known.contains(&one["id"])).expect("a new one");
            let params = json!({"item_title": "Camera", "old": old, "new": new});
            let properties = &fresh["attributes"]["properties"];
            assert_eq!(*properties, json!({"attrs": attrs, "params": params}));
            known.push(fresh["id"].clone());
        }
        // Amounts have two decimals wherever they are.
        let told = t.get(&format!("{path}/activities")).await.is(200).text;
        assert!(told.contains("\"total\":40.00") && told.contains("\"tax_rate\":6.00"), "{told}");
        // Other dates cost something else, which is told of the dates.
        t.change(&path, json!({"end_at": "2027-07-17T11:00"})).await.is(200);
        assert_eq!(t.get(&changes).await.is(200).each("kind").len(), known.len());

        let paid = json!({"kind": "payment", "amount": 12.5});
        t.make(&format!("{path}/payments"), paid).await.is(201);
        t.change(&path, json!({"discount_kind": "amount", "discount_value": 3})).await.is(200);
        let told = t.get(&format!("{path}/activities")).await.is(200).text;
        assert!(told.contains("\"amount\":12.50") && told.contains("\"amount\":3.00"), "{told}");
    });
}
