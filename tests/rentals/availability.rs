//! What is free when.
//!
//! Covers: CheckProduct, CheckProducts, CheckBooking, CheckBookingProduct.

use serde_json::{Value, json};

use super::bookings::{booked, booking, item};
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::http;

#[test]
fn what_is_free_follows_from_what_is_reserved() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 5})).await;
        let id = t.get("/api/saas/me/items/1").await.is(200).data()["id"].clone();
        let path = format!("/api/saas/me/products/{}/availability", id.as_str().expect("an id"));
        let reserved = json!({"reserve": true});
        let first = booking(camera, 2, "2027-06-10T10:00", "2027-06-12T10:00");
        booked(&t, with(first, reserved.clone())).await;
        let second = booking(camera, 1, "2027-06-11T14:00", "2027-06-13T10:00");
        booked(&t, with(second, reserved)).await;
        for (start, end, free) in [
            ("2027-06-11T12:00", "2027-06-12T09:00", 2),
            ("2027-06-10T10:00", "2027-06-11T10:00", 3),
            ("2027-06-12T10:00", "2027-06-13T09:00", 4),
        ] {
            let found = t.find(&path, &[("start_at", start), ("end_at", end)]).await.is(200);
            assert_eq!(found.attributes()["available_quantity"], free, "{start}");
        }
        let days = [
            ("start_at", "2027-06-10"),
            ("end_at", "2027-06-13"),
            ("interval", "day"),
            ("quantity", "3"),
            ("commitments", "true"),
        ];
        let answer = t.find(&path, &days).await.is(200);
        let query =
            "start_at=2027-06-10&end_at=2027-06-13&interval=day&quantity=3&commitments=true";
        let same = t.request("GET", &format!("{path}?{query}"));
        let same = same.header("if-none-match", answer.header("etag"));
        http::send(same).await.is(304);
        let found = answer.attributes();
        let days = found["intervals"].as_array().expect("days");
        let free: Vec<_> = days.iter().map(|day| day["available_quantity"].clone()).collect();
        assert_eq!(free, [3, 2, 2, 4]);
        assert_eq!(found["available"], false);
        assert_eq!(found["shortage"]["missing_quantity"], 1);
        assert_eq!(found["commitments"].as_array().map(Vec::len), Some(2));
        assert_eq!(found["price"]["total"], 180.0, "4 days x 15 x 3");

        let third = booked(&t, booking(camera, 4, "2027-06-11", "2027-06-11")).await;
        let check = t.get(&format!("{third}/availability")).await.is(200).attributes();
        assert_eq!(check["available"], false);
        assert_eq!(check["items"][0]["missing_quantity"], 2, "{check}");
        assert_eq!(check["items"][0]["from"], "2027-06-11T00:00:00", "{check}");
        let other = [("start_at", "2027-06-20"), ("end_at", "2027-06-21")];
        let check = t.find(&format!("{third}/availability"), &other).await.is(200).attributes();
        assert_eq!(check["available"], true);
        let first = &check["items"][0];
        let clear = (&first["reason"], &first["conflicts"], &first["next_available_at"]);
        assert_eq!(clear, (&json!("none"), &json!([]), &Value::Null));
        let product = format!("{third}/items/availability?item_internal_id={camera}");
        let more = t.get(&product).await.is(200).attributes();
        assert_eq!(more["available_quantity"], 0, "its own line wants all that is left");
        let all = "/api/saas/me/products/availability?start_at=2027-06-11&end_at=2027-06-11";
        assert_eq!(t.get(all).await.is(200).each("available_quantity"), [2]);
        t.get(&path).await.errors(400);
        let asked = [("start_at", "2027-06-20"), ("end_at", "2027-06-21")];
        let related = t.find(&path, &asked).await.is(200).data()["relationships"].clone();
        assert_eq!(related, json!({"item": {"data": {"id": id, "type": "item"}}}));
        let booking = t.get(&third).await.is(200).data()["id"].clone();
        let related = t.find(&format!("{third}/availability"), &asked).await.is(200);
        let expected = json!({"booking": {"data": {"id": booking, "type": "booking"}}});
        assert_eq!(related.data()["relationships"], expected);
        assert!(related.json().get("included").is_none(), "{}", related.text);
    });
}

#[test]
fn what_is_no_period_and_what_is_missing_is_told() {
    with_shop(async |t| {
        item(&t, "Camera", json!({"stock": 1})).await;
        let id = t.get("/api/saas/me/items/1").await.is(200).data()["id"].clone();
        let one = format!("/api/saas/me/products/{}/availability", id.as_str().expect("an id"));
        let undated = booked(&t, json!({"title": "Idea"})).await;
        let of_booking = format!("{undated}/availability");
        for path in [&*one, "/api/saas/me/products/availability", &*of_booking] {
            for (start, end) in [("2027-06-12", "2027-06-10T09:00"), ("2027-06-10", "2029-06-10")] {
                let refused = t.find(path, &[("start_at", start), ("end_at", end)]).await;
                refused.error(422, "invalid_period", "end_at");
            }
            let half = t.find(path, &[("end_at", "2027-06-10")]).await;
            half.error(400, "invalid_parameter", "start_at");
            assert_eq!(half.json()["errors"][0]["status"], "400");
        }
        let half = t.find("/api/saas/me/items", &[("available_from", "2027-06-10")]).await;
        half.error(400, "invalid_parameter", "available_till");
        assert_eq!(half.json()["errors"][0]["status"], "400");
        t.get(&of_booking).await.error(422, "booking_incomplete", "");
        let line = format!("{undated}/items/availability");
        t.get(&line).await.error(400, "invalid_parameter", "item_internal_id");
        t.get(&format!("{line}?item_internal_id=1")).await.error(422, "booking_incomplete", "");
    });
}
