//! What it would cost to insure products.
//!
//! Covers: EstimateItemInsurance, EstimateProductInsurance.

use serde_json::{Value, json};

use super::bookings::item;
use super::with_shop;

#[test]
fn an_estimate_follows_class_value_and_time() {
    with_shop(async |t| {
        let camera = json!({"value": 1200, "insurance_class": "photo_video"});
        item(&t, "Camera", camera).await;
        item(&t, "Tripod", json!({"value": 90, "insurance_class": "photo_video"})).await;
        item(&t, "Plane", json!({"value": 90, "insurance_class": "none"})).await;
        item(&t, "Bag", json!({})).await;
        let of = async |number: u32, query: &str| {
            let path = format!("/api/saas/me/items/{number}/insurance_estimate?{query}");
            t.get(&path).await.is(200).attributes()
        };
        // Worked example 10.
        for (number, query, days, each, all) in [
            (1, "days=3&quantity=2", 3, 21.6, 43.2),
            (1, "days=10", 10, 63.36, 63.36),
            (2, "days=3", 3, 3.0, 3.0),
            (1, "start_at=2027-07-14T11:00&end_at=2027-07-17T11:00", 3, 21.6, 21.6),
            (1, "start_at=2027-07-14T11:00&end_at=2027-07-17T11:01", 4, 28.8, 28.8),
            (1, "days=1&value=25000", 1, 150.0, 150.0),
        ] {
            let found = of(number, query).await;
            assert_eq!(
                (
                    &found["insurable"],
                    &found["days"],
                    &found["premium_per_unit"],
                    &found["premium"]
                ),
                (&json!(true), &json!(days), &json!(each), &json!(all)),
                "{query}"
            );
            assert_eq!(
                (&found["insurance_class"], &found["currency"]),
                (&json!("photo_video"), &json!("EUR"))
            );
        }
        for (number, query, reason) in [
            (1, "", "dates_missing"),
            (1, "days=1&value=25000.01", "value_too_high"),
            (3, "days=1", "class_not_insurable"),
            (4, "days=1", "value_missing"),
        ] {
            let found = of(number, query).await;
            assert_eq!(
                (&found["insurable"], &found["reason"]),
                (&json!(false), &json!(reason)),
                "{query}"
            );
            assert_eq!(found["premium"], Value::Null);
        }
        // What says nothing is insured as is usual for the kind of business: 2 is photography.
        assert_eq!(of(4, "days=1&value=100").await["insurance_class"], "other");
        t.change("/api/me", json!({"business_category_id": "2"})).await.is(200);
        assert_eq!(of(4, "days=1&value=100").await["insurance_class"], "photo_video");

        let product = t.get("/api/saas/me/items/1").await.is(200).data()["id"].clone();
        let path = format!("/api/saas/me/products/{}", product.as_str().expect("an id"));
        let found = t.get(&format!("{path}/insurance_estimate?days=3&quantity=2")).await.is(200);
        assert_eq!(found.attributes()["premium"], 43.2);
        assert_eq!(found.data()["type"], "insurance_estimate");
        let bad = async |query: &str| {
            t.get(&format!("{path}/insurance_estimate?{query}")).await.errors(400)[0].1.clone()
        };
        assert_eq!(bad("days=0").await, "days");
        assert_eq!(bad("days=1&quantity=0").await, "quantity");
        assert_eq!(bad("days=1&value=-1").await, "value");
        let never = format!("{path}/insurance_estimate?start_at=2027-07-14&end_at=2027-07-01");
        t.get(&never).await.error(422, "invalid_period", "end_at");
    });
}
