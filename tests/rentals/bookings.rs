//! Bookings: from the first draft to the last piece that comes back.
//!
//! Covers: CreateBooking, GetBooking, ListBookings, UpdateBooking, DeleteBooking,
//! Covers: UpdateBookingDocument, GetBookingCustomer, UpdateBookingCustomer, ListBookingItems,
//! Covers: GetBookingItem, CreateBookingItem, UpdateBookingItem, DeleteBookingItem, Negotiate,
//! Covers: HaltNegotiation, Reserve, Unreserve, HaltOngoing, RevertCompleted, Cancel, UndoCancel,
//! Covers: SendEmail.

use serde_json::{Value, json};

use super::document::refused;
use super::watching::events;
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::{Tenant, http, mail};

const BOOKINGS: &str = "/api/saas/me/bookings";

/// An item with prices by the day; answers its number.
pub async fn item(t: &Tenant, title: &str, more: Value) -> i64 {
    let camera = json!({
        "title": title,
        "prices": [
            {"up_to": 1, "unit": "day", "price": 20},
            {"up_to": 3, "unit": "day", "price": 18},
            {"up_to": 7, "unit": "day", "price": 15},
        ],
    });
    let made = t.make("/api/saas/me/items", with(camera, more)).await.is(201);
    made.attributes()["internal_id"].as_i64().expect("a number")
}

/// What a booking of so many pieces of an item says.
pub fn booking(item: i64, quantity: u32, start: &str, end: &str) -> Value {
    json!({
        "start_at": start,
        "end_at": end,
        "customer": {"name": "Ana Silva"},
        "items": [{"item_internal_id": item, "quantity": quantity}],
    })
}

/// Records a booking; answers its path.
pub async fn booked(t: &Tenant, attributes: Value) -> String {
    let made = t.make(BOOKINGS, attributes).await.is(201);
    format!("{BOOKINGS}/{}", made.attributes()["internal_id"])
}

/// The path of the only line of a booking.
pub async fn line(t: &Tenant, booking: &str) -> String {
    let lines = t.get(&format!("{booking}/items")).await.is(200).data();
    format!("{booking}/items/{}", lines[0]["id"].as_str().expect("an id"))
}

/// Where a booking stands.
pub async fn status(t: &Tenant, booking: &str) -> Value {
    t.get(booking).await.is(200).attributes()["status"].clone()
}

#[test]
fn a_booking_is_priced_and_shows_what_belongs_to_it() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"value": 1200, "stock": 3})).await;
        let attributes = with(
            booking(camera, 2, "2027-07-14T11:00", "2027-07-19T11:00"),
            json!({"customer": {"name": "Ana", "discount_percentage": 10}}),
        );
        let made = t.make(BOOKINGS, attributes).await.is(201);
        assert_eq!(made.header("location"), format!("{BOOKINGS}/1"));
        let found = made.attributes();
        for (name, expected) in [
            ("status", json!("drafting")),
            ("start_at", json!("2027-07-14T11:00:00")),
            ("duration", json!({"days": 5, "hours": 120, "minutes": 7200})),
            ("items_total", json!(150.0)),
            ("discount_total", json!(15.0)),
            ("discount_source", json!("customer")),
            ("total", json!(135.0)),
            ("tax_total", json!(25.24)),
            ("net_total", json!(109.76)),
            ("payment_status", json!("unpaid")),
        ] {
            assert_eq!(found[name], expected, "{name}");
        }
        assert!(made.text.contains("\"total\":135.00"), "two decimals: {}", made.text);
        assert!(found["created_at"].as_str().is_some_and(|text| text.ends_with("+00:00")));
        let whole =
            t.get(&format!("{BOOKINGS}/1?include=customer,items.item")).await.is(200).json();
        let types: Vec<_> = whole["included"].as_array().expect("included").iter().collect();
        let types: Vec<_> = types.iter().map(|one| one["type"].as_str().expect("text")).collect();
        assert_eq!(types, ["customer", "booking_item", "item"]);

        // An edited total follows dates and quantity; the table is a word away.
        let line = line(&t, &format!("{BOOKINGS}/1")).await;
        let edited = t.change(&line, json!({"total": 98})).await.is(200).attributes();
        assert_eq!((&edited["unit_price"], &edited["price_edited"]), (&json!(9.8), &json!(true)));
        let half = t.change(&line, json!({"quantity": 1})).await.is(200).attributes();
        assert_eq!(half["total"], 49.0);
        let table = t.change(&line, json!({"price_edited": false})).await.is(200).attributes();
        assert_eq!((&table["total"], &table["table_total"]), (&json!(75.0), &json!(75.0)));

        // The table is today's; a line that nobody edited keeps the one that was copied.
        let item = format!("/api/saas/me/items/{camera}");
        let prices = json!({"prices": [{"unit": "day", "up_to": 7, "price": 10}]});
        t.change(&item, prices).await.is(200);
        let kept = t.change(&line, json!({"price_edited": false})).await.is(200).attributes();
        assert_eq!(kept["total"], 75.0);
        t.change(&line, json!({"total": 20})).await.is(200);
        let today = t.change(&line, json!({"price_edited": false})).await.is(200).attributes();
        assert_eq!((&today["total"], &today["price_edited"]), (&json!(50.0), &json!(false)));
        let both = json!({"total": 1, "unit_price": 1});
        t.change(&line, both).await.error(422, "invalid_value", "/data/attributes/total");
        let lines = format!("{BOOKINGS}/1/items");
        t.make(&lines, json!({"item_internal_id": camera})).await.is(201);
        assert_eq!(http::send(t.request("DELETE", &line)).await.status, 204);
        assert_eq!(t.get(&format!("{BOOKINGS}/1/items")).await.is(200).each("quantity"), [1]);
    });
}

#[test]
fn all_that_is_wrong_with_a_booking_is_told_at_once() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 3})).await;
        let wrong = json!({
            "title": "t".repeat(161), "start_at": "soon", "end_at": "2027-07-19",
            "customer_internal_id": 99, "pickup_address_id": "99", "reserve": true,
            "items": [{"quantity": 0, "item_internal_id": camera}, {"item_internal_id": 77}],
            "services": [{"kind": "magic", "price": -1}],
        });
        let answer = t.make(BOOKINGS, wrong).await;
        let expected = [
            "invalid_format start_at",
            "invalid_value services/0/kind",
            "out_of_range items/0/quantity",
            "out_of_range services/0/price",
            "reference_not_found customer_internal_id",
            "reference_not_found items/1/item_internal_id",
            "reference_not_found pickup_address_id",
            "too_long title",
        ];
        assert_eq!(refused(&answer, 422), expected);
        assert_eq!(t.get(BOOKINGS).await.is(200).json()["meta"]["total_count"], 0);

        let path = booked(&t, booking(camera, 1, "2027-07-14T11:00", "2027-07-15T11:00")).await;
        let wrong = json!({"reference": "r".repeat(61), "end_at": "late",
            "customer_internal_id": 99, "pickup_address_id": "99"});
        let expected = [
            "invalid_format end_at",
            "reference_not_found customer_internal_id",
            "reference_not_found pickup_address_id",
            "too_long reference",
        ];
        assert_eq!(refused(&t.change(&path, wrong).await, 422), expected);
        // What is given once is refused later, where it would be lost or come twice.
        let more = json!({"items": [{"item_internal_id": camera}],
            "services": [{"kind": "other", "title": "A", "price": 5}]});
        let expected = ["invalid_value items/0/item_internal_id", "invalid_value services/0/kind"];
        assert_eq!(refused(&t.change(&path, more).await, 422), expected);
        let wrong = json!({"item_internal_id": 77, "notes": "n".repeat(1001)});
        let expected = ["reference_not_found item_internal_id", "too_long notes"];
        assert_eq!(refused(&t.make(&format!("{path}/items"), wrong).await, 422), expected);
    });
}

#[test]
fn what_there_is_none_of_is_said_all_the_same() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({})).await;
        let path = booked(&t, booking(camera, 1, "2027-07-14", "2027-07-15")).await;
        let item = format!("/api/saas/me/items/{camera}");
        for (path, name, expected) in [
            (&path, "insurance_status", json!("none")),
            (&path, "link_id", Value::Null),
            (&path, "link_url", Value::Null),
            (&path, "inquiry_internal_id", Value::Null),
            (&line(&t, &path).await, "bundle_internal_id", Value::Null),
            (&line(&t, &path).await, "parent_id", Value::Null),
            (&item, "bundles_count", json!(0)),
        ] {
            let shown = t.get(path).await.is(200).attributes();
            assert_eq!(shown.get(name), Some(&expected), "{name} of {path}");
            // What was read can be sent back, and says nothing.
            let back = t.change(path, json!({name: expected})).await.is(200).attributes();
            assert_eq!(back.get(name), Some(&expected), "{name} of {path}");
        }
    });
}

#[test]
fn a_booking_goes_from_draft_to_return_and_back() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 2})).await;
        let path = &booked(&t, booking(camera, 2, "2027-07-14", "2027-07-15")).await;
        t.act(&format!("{path}/status/negotiate")).await.is(200);
        t.act(&format!("{path}/status/halt_negotiation")).await.is(200);
        t.act(&format!("{path}/status/halt_negotiation")).await.error(
            409,
            "invalid_transition",
            "",
        );
        t.act(&format!("{path}/status/reserve")).await.is(200);
        t.act(&format!("{path}/status/unreserve")).await.is(200);
        t.act(&format!("{path}/status/reserve")).await.is(200);
        let cancel = t.make(&format!("{path}/status/cancel"), json!({"reason": "rain"})).await;
        assert_eq!(cancel.is(200).attributes()["cancellation_reason"], "rain");
        let back = t.act(&format!("{path}/status/undo_cancel")).await.is(200).attributes();
        assert_eq!(
            (&back["status"], &back["previous_status"]),
            (&"reserved".into(), &"cancelled".into())
        );

        let line = &line(&t, path).await;
        let at = "/data/attributes/item_internal_id";
        let other = t.change(line, json!({"item_internal_id": camera + 1})).await;
        other.error(422, "invalid_value", at);
        t.change(line, json!({"item_internal_id": camera})).await.is(200);
        let picked = t.change(line, json!({"picked_up_quantity": 2})).await.is(200).attributes();
        assert_eq!(picked["picked_up_quantity"], 2);
        assert_eq!(status(&t, path).await, "ongoing");
        for part in [json!({"title": "Film"}), json!({"language": "pt"})] {
            t.change(path, part).await.error(409, "booking_closed", "");
        }
        t.act(&format!("{path}/status/halt_ongoing")).await.is(200);
        assert_eq!(status(&t, path).await, "reserved");
        t.change(line, json!({"picked_up_quantity": 2})).await.is(200);
        t.change(line, json!({"returned_quantity": 1})).await.is(200);
        t.act(&format!("{path}/status/halt_ongoing")).await.error(409, "invalid_transition", "");
        let order = "/data/attributes/returned_quantity";
        t.change(line, json!({"returned_quantity": 3})).await.error(422, "quantity_order", order);
        t.change(line, json!({"returned_quantity": 2})).await.is(200);
        assert_eq!(status(&t, path).await, "completed");
        assert_eq!(http::send(t.request("DELETE", path)).await.status, 409);
        t.act(&format!("{path}/status/revert_completed")).await.is(200);
        let again = t.get(line).await.is(200).attributes();
        assert_eq!(again["returned_quantity"], 1, "just what the last request brought back");

        let tripod = item(&t, "Tripod", json!({})).await;
        let held = booked(&t, booking(tripod, 1, "2027-08-14", "2027-08-15")).await;
        t.act(&format!("{held}/status/reserve")).await.is(200);
        let last = t.request("DELETE", &self::line(&t, &held).await);
        http::send(last).await.error(422, "booking_incomplete", "");

        let draft = &booked(&t, json!({"title": "Only an idea"})).await;
        let missing = t.act(&format!("{draft}/status/reserve")).await.errors(422);
        assert_eq!(missing.len(), 3, "customer, dates and items: {missing:?}");
        assert!(missing.iter().all(|(code, _)| code == "booking_incomplete"), "{missing:?}");
        assert_eq!(http::send(t.request("DELETE", draft)).await.status, 204);
        assert_eq!(t.get(draft).await.status, 404);
        let deleted = t.get(&format!("{BOOKINGS}?filter%5Bdeleted%5D=only")).await.is(200);
        assert_eq!(deleted.each("title"), ["Only an idea"]);
    });
}

#[test]
fn what_is_short_is_refused_as_a_whole_with_its_reasons() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 3})).await;
        let light = item(
            &t,
            "Light",
            json!({"stock": 1, "allow_overbooking": true, "overbooking_limit": 1}),
        )
        .await;
        let first = booking(camera, 2, "2027-06-10T10:00", "2027-06-12T10:00");
        t.make(BOOKINGS, with(first, json!({"reserve": true}))).await.is(201);
        let second = booking(camera, 2, "2027-06-11T14:00", "2027-06-13T10:00");
        let refused = t.make(BOOKINGS, with(second.clone(), json!({"reserve": true}))).await;
        refused.error(409, "shortage", "/data/relationships/items");
        let short = &refused.json()["errors"][0]["meta"];
        for (name, expected) in [
            ("reason", json!("blocking")),
            ("requested_quantity", json!(2)),
            ("available_quantity", json!(1)),
            ("missing_quantity", json!(1)),
            ("next_available_at", json!("2027-06-12T10:00:00")),
        ] {
            assert_eq!(short[name], expected, "{name}: {short}");
        }
        assert_eq!(short["conflicts"][0]["booking_internal_id"], 1, "{short}");
        assert_eq!(t.get(BOOKINGS).await.is(200).each("internal_id"), [1], "nothing was written");

        // When the first one is over, the second one may begin.
        let later = booking(camera, 3, "2027-06-12T10:00", "2027-06-13T10:00");
        t.make(BOOKINGS, with(later, json!({"reserve": true}))).await.is(201);

        let once = booking(light, 1, "2027-06-10", "2027-06-10");
        t.make(BOOKINGS, with(once.clone(), json!({"reserve": true}))).await.is(201);
        let ask = json!({"reserve": true, "confirm_shortage": false});
        let asked = t.make(BOOKINGS, with(once.clone(), ask)).await;
        asked.error(409, "shortage_confirmation_required", "/data/relationships/items");
        let told = t.make(BOOKINGS, with(once.clone(), json!({"reserve": true}))).await.is(201);
        assert_eq!(told.json()["meta"]["warnings"][0]["reason"], "warning");
        let third =
            t.make(BOOKINGS, with(once, json!({"reserve": true, "confirm_shortage": true})));
        third.await.error(409, "shortage", "/data/relationships/items");
    });
}

#[test]
fn the_customer_of_a_booking_is_a_copy() {
    with_shop(async |t| {
        let path =
            &booked(&t, json!({"customer": {"name": "Ana", "email": "ana@example.com"}})).await;
        let copy = t.get(&format!("{path}/customer")).await.is(200);
        assert_eq!(copy.data()["type"], "booking_customer");
        assert_eq!(copy.attributes()["name"], "Ana");
        let place = format!("{path}/customer");
        t.change(&place, json!({"name": "Ana B."})).await.is(200);
        let customer = t.get("/api/saas/me/customers/1").await.is(200).attributes();
        assert_eq!(customer["name"], "Ana", "the customer stays");
        t.change(&place, json!({"name": "Ana C.", "update_customer": true})).await.is(200);
        let customer = t.get("/api/saas/me/customers/1").await.is(200).attributes();
        assert_eq!(customer["name"], "Ana C.");
        // It has an etag of its own, and the booking is told of too.
        let etag = t.get(&place).await.is(200).header("etag").to_owned();
        let named = |name: &str, etag: &str| {
            http::send(t.send("PUT", &place, json!({"name": name})).header("if-match", etag))
        };
        let changed = named("Ana D.", &etag).await.is(200);
        named("Ana E.", &etag).await.error(412, "precondition_failed", "");
        assert_eq!(changed.header("etag"), t.get(&place).await.is(200).header("etag"));
        let told = events(&t, &["rentals.*"]).await;
        let last: Vec<_> = told.iter().rev().take(2).rev().map(|one| &one["event_type"]).collect();
        assert_eq!(last, ["rentals.booking_customer.updated", "rentals.booking.updated"]);
        assert_eq!(told[told.len() - 2]["changes"]["name"], json!(["Ana C.", "Ana D."]));
        t.change(&place, json!({"customer_internal_id": null})).await.is(200);
        assert_eq!(t.get(&place).await.is(200).data(), Value::Null);
        let told = events(&t, &["rentals.*"]).await;
        assert_eq!(told[told.len() - 2]["changes"]["name"], json!(["Ana D.", null]));
        let nobody = json!({"customer_internal_id": 99});
        let at = "/data/attributes/customer_internal_id";
        t.change(path, nobody).await.error(422, "reference_not_found", at);
    });
}

#[test]
fn lists_are_filtered_summed_and_customers_are_mailed() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        for day in [10, 12, 14] {
            let start = format!("2027-06-{day}");
            let customer = json!({"customer": {"name": format!("Customer {day}"), "email": format!("c{day}@example.com")}});
            booked(&t, with(booking(camera, 1, &start, &start), customer)).await;
        }
        let path = format!("{BOOKINGS}/2");
        t.act(&format!("{path}/status/reserve")).await.is(200);
        let text = mail::to(&t, "c12@example.com", 1).await.remove(0).text;
        assert!(text.contains("1 x Camera"), "{text}");
        let query = "filter%5Bstatus%5D=reserved,ongoing&stats%5Btotal%5D=sum,count";
        let found = t.get(&format!("{BOOKINGS}?{query}")).await.is(200);
        assert_eq!(found.each("internal_id"), [2]);
        assert_eq!(found.json()["meta"]["stats"]["total"], json!({"sum": 20.0, "count": 1}));
        let meet = "filter%5Boverlaps%5D=2027-06-11,2027-06-13&sort=internal_id";
        assert_eq!(t.get(&format!("{BOOKINGS}?{meet}")).await.is(200).each("internal_id"), [2]);
        let by_text = t.get(&format!("{BOOKINGS}?q=customer%2014")).await.is(200);
        assert_eq!(by_text.each("internal_id"), [3]);
        let sent = json!({"kind": "custom", "subject": "Hello", "message": "It is ready."});
        let sent = t.make(&format!("{path}/status/send_email"), sent).await;
        assert_eq!(sent.status, 202, "{}", sent.text);
        assert!(mail::to(&t, "c12@example.com", 2).await[1].text.contains("It is ready."));
        let customer = json!({"customer": {"name": "Nobody"}});
        let nobody =
            booked(&t, with(booking(camera, 1, "2027-06-20", "2027-06-20"), customer)).await;
        let ready = json!({"kind": "custom", "subject": "Hello", "message": "It is ready."});
        let refused = t.make(&format!("{nobody}/status/send_email"), ready).await;
        refused.error(422, "required", "/data/attributes/to");
        let document = json!({"signer_name": "Ana", "valid_until": "2027-01-31"});
        let set = t.change(&format!("{path}/document"), document).await.is(200).attributes();
        assert_eq!(set["document_settings"]["valid_until"], "2027-01-31");
    });
}
