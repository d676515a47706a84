//! What bookings keep others from doing, and what they tell about others.

use futures_util::future::join_all;
use serde_json::{Value, json};
use steward_kernel::time;

use super::bookings::{booked, booking, item, line};
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::{Tenant, database, http};

const ME: &str = "/api/me";
const BOOKINGS: &str = "/api/saas/me/bookings";
const ITEMS: &str = "/api/saas/me/items";
const CUSTOMERS: &str = "/api/saas/me/customers";

fn reserved(item: i64, quantity: u32, start: &str, end: &str) -> Value {
    with(booking(item, quantity, start, end), json!({"reserve": true}))
}

/// So many days from now.
fn days(count: i64) -> String {
    (time::now() + std::time::Duration::from_secs(count.unsigned_abs() * 86_400)).to_string()
}

async fn delete(t: &Tenant, path: &str) -> crate::support::Answer {
    http::send(t.request("DELETE", path)).await
}

#[test]
fn the_currency_is_fixed_by_the_first_booking() {
    with_shop(async |t| {
        t.change(ME, json!({"currency": "USD"})).await.is(200);
        let draft = booked(&t, json!({"title": "Film"})).await;
        let locked = async || {
            let answer = t.change(ME, json!({"currency": "GBP"})).await;
            answer.error(409, "currency_locked", "/data/attributes/currency");
        };
        locked().await;
        delete(&t, &draft).await.is(204);
        locked().await;
        assert_eq!(t.get(ME).await.attributes()["currency"], "USD");
        // Whatever has a price says so.
        let camera = item(&t, "Camera", json!({"value": 10})).await;
        t.get(&format!("{ITEMS}/{camera}")).await.is(200);
    });
}

#[test]
fn of_a_first_booking_and_another_currency_one_is_refused_or_follows() {
    with_shop(async |t| {
        let (currency, title) = (json!({"currency": "USD"}), json!({"title": "Film"}));
        let (money, made) = futures_util::join!(t.change(ME, currency), t.make(BOOKINGS, title));
        let made = made.is(201).attributes()["currency"].clone();
        let owned = t.get(ME).await.attributes()["currency"].clone();
        assert_eq!(made, owned, "{} {}", money.status, money.text);
    });
}

#[test]
fn another_zone_keeps_the_clock_and_waits_for_what_is_agreed() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 1})).await;
        let path = booked(&t, reserved(camera, 1, "2027-07-14T11:00", "2027-07-15T11:00")).await;
        let zone = json!({"time_zone": "America/New_York"});
        let refused = t.change(ME, zone.clone()).await;
        refused.error(409, "in_use", "/data/attributes/time_zone");
        t.act(&format!("{path}/status/unreserve")).await.is(200);
        t.change(ME, zone).await.is(200);
        let moved = t.get(&path).await.is(200).attributes();
        assert_eq!(moved["start_at"], "2027-07-14T11:00:00");
        let sql = "SELECT count(*) FROM rentals.bookings
                   WHERE start_at = '2027-07-14T15:00:00Z' AND end_at = '2027-07-15T15:00:00Z'";
        assert_eq!(database::value(t.id, &format!("{sql} AND tenant_id = {}", t.id)).await, 1);
        // Lists compare by the clock of the business.
        let of = async |query: &str| t.get(&format!("{BOOKINGS}?{query}")).await.is(200).data();
        for (query, found) in [
            ("filter%5Bstart_at%5D=2027-07-14T11:00", 1),
            ("filter%5Bstart_at%5D=2027-07-14T15:00:00Z", 1),
            ("filter%5Bstart_at%5D%5Bgte%5D=2027-07-14", 1),
            ("filter%5Bstart_at%5D%5Bgt%5D=2027-07-14T11:00", 0),
            ("filter%5Bend_at%5D%5Blte%5D=2027-07-15", 1),
            ("filter%5Bend_at%5D%5Blt%5D=2027-07-15T11:00", 0),
            ("filter%5Bitem_internal_id%5D=1", 1),
            ("filter%5Bitem_internal_id%5D=2", 0),
            ("filter%5Bsource%5D=owner", 1),
        ] {
            assert_eq!(of(query).await.as_array().map(Vec::len), Some(found), "{query}");
        }
        t.get(&format!("{BOOKINGS}?filter%5Bstart_at%5D=soon")).await.errors(400);
        t.act(&format!("{path}/status/reserve")).await.is(200);
    });
}

#[test]
fn what_an_agreed_booking_uses_stays() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 1})).await;
        let place = json!({"street": "Rua 1", "city": "Lisboa", "country": "PT"});
        let place = t.make("/api/me/addresses", place).await.is(201).data()["id"].clone();
        let place = place.as_str().expect("an id");
        let new = with(
            booking(camera, 1, "2027-07-14", "2027-07-15"),
            json!({"pickup_address_id": place}),
        );
        let path = booked(&t, new).await;
        let things =
            [format!("/api/me/addresses/{place}"), format!("{ITEMS}/1"), format!("{CUSTOMERS}/1")];
        t.act(&format!("{path}/status/negotiate")).await.is(200);
        delete(&t, &things[2]).await.error(409, "in_use", "");
        t.act(&format!("{path}/status/reserve")).await.is(200);
        for thing in &things {
            delete(&t, thing).await.error(409, "in_use", "");
            t.get(thing).await.is(200);
        }
        t.act(&format!("{path}/status/cancel")).await.is(200);
        for thing in &things {
            delete(&t, thing).await.is(204);
        }
        // The booking keeps what it shows, and cannot be agreed again without the item.
        assert_eq!(t.get(&path).await.is(200).attributes()["pickup_address_id"], place);
        let refused = t.act(&format!("{path}/status/undo_cancel")).await.errors(422);
        assert_eq!(refused[0].0, "item_inactive");
        let gone = t.make(BOOKINGS, json!({"pickup_address_id": place})).await;
        gone.error(422, "reference_not_found", "/data/attributes/pickup_address_id");
    });
}

#[test]
fn stock_is_not_lowered_below_what_is_promised() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 5})).await;
        let path = format!("{ITEMS}/{camera}");
        let held = booked(&t, reserved(camera, 3, "2027-06-10", "2027-06-12")).await;
        // What is over promises nothing.
        let past = booked(&t, reserved(camera, 5, "2020-06-10", "2020-06-12")).await;
        t.change(&path, json!({"stock": 3})).await.is(200);
        let refused = t.change(&path, json!({"stock": 2})).await;
        refused.error(409, "stock_below_commitments", "/data/attributes/stock");
        let named = &refused.json()["errors"][0]["meta"]["bookings"];
        assert_eq!(named.as_array().map(Vec::len), Some(1), "{named}");
        assert_eq!(
            (&named[0]["booking_internal_id"], &named[0]["quantity"], &named[0]["start_at"]),
            (&json!(1), &json!(3), &json!("2027-06-10T00:00:00"))
        );
        assert_eq!(t.get(&path).await.attributes()["stock"], 3);
        assert_eq!(t.get(&held).await.attributes()["shortage"], false);

        let confirmed = json!({"stock": 2, "confirm_shortage": true});
        t.change(&path, confirmed).await.is(200);
        let short = async || t.get(&held).await.is(200).attributes()["shortage"].clone();
        assert_eq!(short().await, true);
        assert_eq!(t.get(&past).await.attributes()["shortage"], false);
        let all = t.get(&format!("{BOOKINGS}?sort=internal_id")).await.is(200);
        assert_eq!(all.each("shortage"), [true, false]);

        // Where nothing is counted, nothing is short; to begin to count is to lower.
        t.change(&path, json!({"manage_stock": false})).await.is(200);
        assert_eq!(short().await, false);
        let refused = t.change(&path, json!({"manage_stock": true})).await;
        refused.error(409, "stock_below_commitments", "/data/attributes/manage_stock");
        t.change(&path, json!({"manage_stock": true, "stock": 3})).await.is(200);
        t.act(&format!("{held}/status/cancel")).await.is(200);
        t.change(&path, json!({"stock": 0})).await.is(200);
    });
}

#[test]
fn stock_that_is_lowered_at_once_with_reservations_is_never_short() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 6})).await;
        let path = format!("{ITEMS}/{camera}");
        let reserve =
            (0..6).map(|_| t.make(BOOKINGS, reserved(camera, 1, "2027-06-10", "2027-06-12")));
        let lower = [4, 3, 2].map(|stock| t.change(&path, json!({"stock": stock})));
        let (reserves, lowers) = futures_util::join!(join_all(reserve), join_all(lower));
        assert!(reserves.iter().all(|one| matches!(one.status, 201 | 409)));
        assert!(lowers.iter().all(|one| matches!(one.status, 200 | 409)));
        let all = t.get(&format!("{BOOKINGS}?filter%5Bstatus%5D=reserved")).await.is(200);
        assert!(all.each("shortage").iter().all(|short| short == false));
        let stock = t.get(&path).await.attributes()["stock"].as_u64().expect("a number");
        assert!(all.each("shortage").len() as u64 <= stock);
    });
}

#[test]
fn items_tell_what_is_free_now_and_are_found_by_what_is_free() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 3})).await;
        let light = item(&t, "Light", json!({"stock": 1, "buffer_before_minutes": 600})).await;
        item(&t, "Tape", json!({"manage_stock": false})).await;
        item(&t, "Broken", json!({"stock": 9, "active": false})).await;
        booked(&t, reserved(camera, 2, "2025-01-01", &days(700))).await;
        booked(&t, reserved(light, 1, "2027-06-10T10:00", "2027-06-12T10:00")).await;
        let listed =
            async |query: &str| t.get(&format!("{ITEMS}?sort=internal_id{query}")).await.is(200);
        let all = listed("").await;
        assert_eq!(all.each("available_now"), [json!(1), json!(1), Value::Null, json!(9)]);
        assert_eq!(t.get(&format!("{ITEMS}/1")).await.attributes()["available_now"], 1);
        let period =
            |from: &str, till: &str| format!("&available_from={from}&available_till={till}");
        for (query, found) in [
            (period("2027-06-08T10:00", "2027-06-09T10:00"), json!([1, 2, 3])),
            (period("2027-06-10T09:00", "2027-06-10T11:00"), json!([1, 3])),
            // It is not free for the ten hours before.
            (period("2027-06-12T12:00", "2027-06-13T12:00"), json!([1, 3])),
            (period("2027-06-12T20:00", "2027-06-13T12:00"), json!([1, 2, 3])),
            (period("2027-07-01", "2027-07-01") + "&quantity=2", json!([3])),
            (period(&days(701), &days(702)) + "&quantity=3", json!([1, 3])),
        ] {
            let found_now = Value::from(listed(&query).await.each("internal_id"));
            assert_eq!(found_now, found, "{query}");
        }
        let refused = t.get(&format!("{ITEMS}?available_from=2027-06-09")).await;
        refused.error(400, "invalid_parameter", "available_till");
        let backward = period("2027-06-09", "2027-06-01");
        let refused = t.get(&format!("{ITEMS}?{}", backward.trim_start_matches('&'))).await;
        refused.error(422, "invalid_period", "available_till");
        // What is free changes by itself: it is shown, and is not the item.
        let read = t.get(&format!("{ITEMS}/1")).await;
        booked(&t, reserved(camera, 1, "2025-01-01", &days(700))).await;
        let again = t.get(&format!("{ITEMS}/1")).await;
        assert_eq!(again.attributes()["available_now"], 0);
        assert_eq!(read.resource_etag(), again.resource_etag());
        assert_ne!(read.header("etag"), again.header("etag"));
    });
}

#[test]
fn customers_tell_what_they_booked() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        let first = booked(&t, reserved(camera, 1, "2027-06-10T10:00", "2027-06-11T10:00")).await;
        let again = |more: Value| {
            let one = booking(camera, 1, "2027-06-12T10:00", "2027-06-13T10:00");
            let mut one = with(one, more);
            one.as_object_mut().expect("members").remove("customer");
            one
        };
        let second = booked(&t, again(json!({"customer_internal_id": 1}))).await;
        let other = json!({"customer": {"name": "Bea"}});
        booked(&t, with(booking(camera, 1, "2027-06-10", "2027-06-10"), other)).await;
        let sums = async |number: u32| {
            let customer = t.get(&format!("{CUSTOMERS}/{number}")).await.is(200).attributes();
            let latest = customer["last_booking_at"].is_string();
            (customer["bookings_count"].clone(), customer["total_spent"].clone(), latest)
        };
        assert_eq!(sums(1).await, (json!(2), json!(0.0), true));
        let line = line(&t, &first).await;
        let both = json!({"picked_up_quantity": 1, "returned_quantity": 1});
        t.change(&line, both.clone()).await.is(200);
        assert_eq!(sums(1).await, (json!(2), json!(20.0), true));
        t.change(&line, json!({"late_fee": 5})).await.is(200);
        assert_eq!(sums(1).await, (json!(2), json!(25.0), true));
        t.act(&format!("{first}/status/revert_completed")).await.is(200);
        assert_eq!(sums(1).await, (json!(2), json!(0.0), true));
        // The second one goes to somebody else, and then away.
        t.change(&second, json!({"customer_internal_id": 2})).await.is(200);
        assert_eq!((sums(1).await.0, sums(2).await.0), (json!(1), json!(2)));
        delete(&t, &second).await.is(204);
        assert_eq!(sums(2).await, (json!(1), json!(0.0), true));
        let never = t.make(CUSTOMERS, json!({"name": "Cleo"})).await.is(201).attributes();
        assert_eq!(never["last_booking_at"], Value::Null);
        t.change(&line, both).await.is(200);
        let sorted = async |sort: &str| {
            t.get(&format!("{CUSTOMERS}?sort={sort}")).await.is(200).each("internal_id")
        };
        assert_eq!(sorted("-total_spent").await[0], 1);
        assert_eq!(sorted("-last_booking_at").await, [2, 1, 3]);
    });
}

#[test]
fn drafts_follow_their_customer() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        let draft = booked(&t, booking(camera, 1, "2027-06-10", "2027-06-11")).await;
        let address = json!({"customer_internal_id": 1, "title": "Agreed"});
        let agreed = booked(&t, address).await;
        let place = json!({"street": "Rua 1", "city": "Porto", "country": "PT"});
        t.change(&format!("{agreed}/customer"), json!({"address": place})).await.is(200);
        let lines = json!({"item_internal_id": camera});
        t.make(&format!("{agreed}/items"), lines).await.is(201);
        let dates = json!({"start_at": "2027-06-10", "end_at": "2027-06-10"});
        t.change(&agreed, dates).await.is(200);
        let renamed = json!({"name": "Ana Sousa", "email": "ana@example.com"});
        t.change(&format!("{CUSTOMERS}/1"), renamed).await.is(200);
        for path in [&draft, &agreed] {
            let copy = t.get(&format!("{path}/customer")).await.is(200).attributes();
            assert_eq!(
                (&copy["name"], &copy["email"]),
                (&json!("Ana Sousa"), &json!("ana@example.com"))
            );
        }
        let copy = t.get(&format!("{agreed}/customer")).await.attributes();
        assert_eq!(copy["address"]["city"], "Porto", "the address on a booking stays");
        let found = t.get(&format!("{BOOKINGS}?q=sousa&sort=internal_id")).await.is(200);
        assert_eq!(found.each("internal_id"), [1, 2]);
        assert_eq!(t.get(&format!("{BOOKINGS}?q=camera")).await.each("internal_id").len(), 2);
        t.act(&format!("{agreed}/status/reserve")).await.is(200);
        t.change(&format!("{CUSTOMERS}/1"), json!({"name": "Ana Reis"})).await.is(200);
        let copy = t.get(&format!("{agreed}/customer")).await.attributes();
        assert_eq!(copy["name"], "Ana Sousa", "what is agreed stays as it was agreed");
    });
}

#[test]
fn what_is_picked_up_early_is_told() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 1})).await;
        let out = booked(&t, reserved(camera, 1, "2025-01-01", &days(700))).await;
        let line = |data: Value, path: &str| {
            format!("{path}/items/{}", data[0]["id"].as_str().expect("an id"))
        };
        let later = booked(&t, reserved(camera, 1, &days(701), &days(702))).await;
        let place = line(t.get(&format!("{later}/items")).await.data(), &later);
        let early = t.change(&place, json!({"picked_up_quantity": 1})).await.is(200);
        let told = &early.json()["meta"]["warnings"][0];
        assert_eq!((&told["missing_quantity"], &told["item_internal_id"]), (&json!(1), &json!(1)));
        for path in [&out, &later] {
            assert_eq!(t.get(path).await.attributes()["shortage"], true, "{path}");
        }
    });
}
