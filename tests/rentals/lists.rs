//! What lists find, and what they cannot be asked for.

use serde_json::json;

use super::bookings::{booked, booking, item};
use super::with_shop;
use crate::support::Tenant;
use crate::support::fixtures::with;

const BOOKINGS: &str = "/api/saas/me/bookings";
const CUSTOMERS: &str = "/api/saas/me/customers";
const ITEMS: &str = "/api/saas/me/items";

/// How many a search finds.
async fn found(t: &Tenant, path: &str, q: &str) -> u64 {
    let answer = t.find(path, &[("q", q)]).await.is(200).json();
    answer["meta"]["total_count"].as_u64().expect("a count")
}

#[test]
fn a_search_looks_for_words() {
    with_shop(async |t| {
        let eos = item(&t, "Body", json!({"brand": "Canon", "model": "EOS R5"})).await;
        item(&t, "Lens", json!({"brand": "Canon"})).await;
        t.make(CUSTOMERS, json!({"name": "José Ária", "email": "ze@example.com"})).await.is(201);
        t.make(CUSTOMERS, json!({"name": "José Silva"})).await.is(201);
        let customer = json!({"customer": {"name": "Maria Sá"}, "title": "Wedding 50%"});
        booked(&t, with(booking(eos, 1, "2027-06-10", "2027-06-11"), customer)).await;
        for (path, q, expected) in [
            (ITEMS, "canon eos", 1),
            (ITEMS, "EOS  body CANON", 1),
            (ITEMS, "canon", 2),
            (ITEMS, "canon nikon", 0),
            (
                "/api/saas/me/products/availability?start_at=2027-06-10&end_at=2027-06-11",
                "r5 eos",
                1,
            ),
            (CUSTOMERS, "aria jose", 1),
            (CUSTOMERS, "jose ze@", 1),
            (CUSTOMERS, "jose", 2),
            (BOOKINGS, "body sa wedding", 1),
            (BOOKINGS, "50% maria", 1),
            (BOOKINGS, "5_% maria", 0),
            (BOOKINGS, " ", 1),
        ] {
            assert_eq!(found(&t, path, q).await, expected, "{path}: {q}");
        }
    });
}

#[test]
fn a_time_without_a_zone_is_one_of_the_owners_clock() {
    with_shop(async |t| {
        t.make(CUSTOMERS, json!({"name": "Ana"})).await.is(201);
        for (operator, value, expected) in [
            ("gte", "2026-01-01", 1),
            ("lt", "2026-01-01T09:00:00", 0),
            ("gt", "2026-01-01T09:00:00", 1),
            ("lte", "2026-01-01T09:00:00.5Z", 0),
        ] {
            let name = format!("filter[created_at][{operator}]");
            let answer = t.find(CUSTOMERS, &[(&*name, value)]).await.is(200).json();
            assert_eq!(answer["meta"]["total_count"], expected, "{operator} {value}");
        }
    });
}

#[test]
fn what_is_not_offered_cannot_be_asked_for() {
    with_shop(async |t| {
        item(&t, "Camera", json!({"stock": 1})).await;
        booked(&t, json!({"title": "Film"})).await;
        for (path, name, value) in [
            (BOOKINGS, "filter[title]", "Film"),
            (BOOKINGS, "filter[status]", "foo"),
            (BOOKINGS, "filter[status]", "drafting,foo"),
            (BOOKINGS, "filter[payment_status]", "foo"),
            (BOOKINGS, "filter[deposit_status]", "foo"),
            (BOOKINGS, "sort", "title"),
            (BOOKINGS, "sort", "customer_internal_id"),
            (CUSTOMERS, "filter[name]", "Ana"),
            (CUSTOMERS, "sort", "email"),
            (ITEMS, "filter[title]", "Camera"),
            (ITEMS, "sort", "sku"),
            ("/api/me/item_categories", "filter[name]", "Audio"),
        ] {
            let refused = t.find(path, &[(name, value)]).await.errors(400);
            assert_eq!(refused[0].0, "invalid_parameter", "{path} {name}: {refused:?}");
        }
        let drafts = t.find(BOOKINGS, &[("filter[status]", "drafting")]).await.is(200);
        assert_eq!(drafts.each("title"), ["Film"]);
        let unpaid = [("filter[payment_status]", "not_required"), ("sort", "-status")];
        assert_eq!(t.find(BOOKINGS, &unpaid).await.is(200).each("title"), ["Film"]);
    });
}

#[test]
fn products_are_chosen_by_id_category_kind_and_what_is_free() {
    with_shop(async |t| {
        let audio = t.make("/api/me/item_categories", json!({"name": "Audio"})).await.is(201);
        let audio = audio.data()["id"].as_str().expect("an id").to_owned();
        let camera = item(&t, "Camera", json!({"stock": 1})).await;
        item(&t, "Light", json!({"stock": 1})).await;
        item(&t, "Microphone", json!({"stock": 1, "item_category_id": audio})).await;
        let taken = booking(camera, 1, "2027-06-10", "2027-06-11");
        booked(&t, with(taken, json!({"reserve": true}))).await;
        let ids = t.get(&format!("{ITEMS}?sort=title")).await.is(200).data();
        let id = |place: usize| ids[place]["id"].as_str().expect("an id");
        let both = format!("{},{}", id(0), id(2));
        for (name, value, expected) in [
            ("product_ids", both.as_str(), vec!["Camera", "Microphone"]),
            ("filter[item_category_id]", &audio, vec!["Microphone"]),
            ("filter[item_category_id]", "null", vec!["Camera", "Light"]),
            ("filter[kind]", "item", vec!["Camera", "Light", "Microphone"]),
            ("filter[kind]", "bundle", vec![]),
            ("filter[available]", "true", vec!["Light", "Microphone"]),
            ("filter[available]", "false", vec!["Camera"]),
        ] {
            let query = [("start_at", "2027-06-10"), ("end_at", "2027-06-11"), (name, value)];
            let path = "/api/saas/me/products/availability";
            let answer = t.find(path, &query).await.is(200);
            let total = answer.json()["meta"]["total_count"].clone();
            assert_eq!(total, expected.len(), "{name}={value}");
            assert_eq!(answer.each("title"), expected, "{name}={value}");
        }
    });
}
