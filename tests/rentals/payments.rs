//! What is charged beside the items of bookings, and what was paid.
//!
//! Covers: ListServices, GetService, CreateService, UpdateService, DeleteService, ListPayments,
//! Covers: GetPayment, CreatePayment, UpdatePayment, DeletePayment.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::bookings::{booked, booking, item};
use super::uploads::{PNG, uploaded};
use super::{statuses, with_shop};
use crate::support::fixtures::with;
use crate::support::{Answer, Tenant, http};

const BOOKINGS: &str = "/api/saas/me/bookings";

async fn delete(t: &Tenant, path: &str) -> Answer {
    http::send(t.request("DELETE", path)).await
}

/// The path of what was made.
fn place(made: &Answer) -> String {
    made.header("location").to_owned()
}

async fn booking_of(t: &Tenant, path: &str) -> Value {
    t.get(path).await.is(200).attributes()
}

/// Kinds and properties of what was done with a booking, of some kinds.
async fn told(t: &Tenant, path: &str, about: &str) -> Vec<(String, Value)> {
    let all = t.get(&format!("{path}/activities")).await.is(200).data();
    let all = all.as_array().expect("a list").iter().rev();
    let one = |one: &Value| {
        let attributes = &one["attributes"];
        let kind = attributes["kind"].as_str().expect("text").to_owned();
        (kind, attributes["properties"].clone())
    };
    let mut found: Vec<_> = all.map(one).filter(|(kind, _)| kind.contains(about)).collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    found
}

#[test]
fn services_are_part_of_the_totals_and_taxes() {
    with_shop(async |t| {
        // Worked example 6.
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        let light = item(
            &t,
            "Light",
            json!({"tax_rate": 6, "prices": [
                {"up_to": 7, "unit": "day", "price": 12}
            ]}),
        )
        .await;
        let new = with(
            booking(camera, 2, "2027-07-14T11:00", "2027-07-19T11:00"),
            json!({
                "items": [
                    {"item_internal_id": camera, "quantity": 2},
                    {"item_internal_id": light, "quantity": 1},
                ],
                "services": [{"kind": "transport", "price": 30}],
                "discount_kind": "percentage",
                "discount_value": 10,
            }),
        );
        let path = booked(&t, new).await;
        let found = booking_of(&t, &path).await;
        for (name, expected) in [
            ("items_total", json!(210.0)),
            ("discount_total", json!(21.0)),
            ("services_total", json!(30.0)),
            ("total", json!(219.0)),
            ("tax_total", json!(33.91)),
            ("net_total", json!(185.09)),
            ("balance", json!(219.0)),
            (
                "taxes",
                json!([
                    {"rate": 6, "base": 54.0, "tax": 3.06},
                    {"rate": 23, "base": 165.0, "tax": 30.85},
                ]),
            ),
        ] {
            assert_eq!(found[name], expected, "{name}");
        }
        let services = format!("{path}/services");
        let first = t.get(&services).await.is(200);
        assert_eq!(first.each("kind"), ["transport"]);
        assert_eq!(first.each("tax_rate"), [23]);
        let whole = t.get(&format!("{path}?include=services,payments")).await.is(200).json();
        assert_eq!(whole["included"][0]["attributes"]["price"], 30.0);

        let setup = t.make(&services, json!({"kind": "setup", "title": "Stage", "price": "12.50"}));
        let setup = place(&setup.await.is(201));
        assert_eq!(booking_of(&t, &path).await["services_total"], 42.5);
        let changed = t.change(&setup, json!({"price": 10, "tax_rate": 0})).await.is(200);
        assert_eq!(
            (&changed.attributes()["title"], &changed.attributes()["tax_rate"]),
            (&json!("Stage"), &json!(0))
        );
        let kind = t.change(&setup, json!({"kind": "other"})).await;
        kind.error(422, "invalid_value", "/data/attributes/kind");
        t.change(&setup, json!({"kind": "setup", "price": null})).await.is(200);
        assert_eq!(t.get(&setup).await.attributes()["price"], 0.0);
        let below = t.change(&setup, json!({"price": -1})).await;
        below.error(422, "out_of_range", "/data/attributes/price");
        t.make(&services, json!({"price": 1})).await.error(
            422,
            "required",
            "/data/attributes/kind",
        );
        delete(&t, &setup).await.is(204);
        assert_eq!(t.get(&setup).await.status, 404);
        assert_eq!(delete(&t, &setup).await.status, 404);
        assert_eq!(t.get(&services).await.each("kind"), ["transport"]);
        let kinds: Vec<String> =
            told(&t, &path, "service").await.into_iter().map(|(kind, _)| kind).collect();
        assert_eq!(
            kinds,
            [
                "booking_service_changed",
                "booking_service_changed",
                "booking_service_created",
                "booking_service_created",
                "booking_service_removed",
            ]
        );
        let created = told(&t, &path, "service_created").await;
        let expected = json!({"attrs": ["created_at"], "params": {"service_kind": "transport"}});
        assert_eq!(created[0].1, expected);

        t.act(&format!("{path}/status/cancel")).await.is(200);
        let late = t.make(&services, json!({"kind": "other"})).await;
        late.error(409, "booking_closed", "");
    });
}

#[test]
fn insurance_is_charged_once_at_its_premium() {
    with_shop(async |t| {
        let more = json!({"value": 1200, "insurance_class": "photo_video", "stock": 9});
        let camera = item(&t, "Camera", more).await;
        let path = booked(&t, booking(camera, 2, "2027-07-14T11:00", "2027-07-17T11:00")).await;
        let services = format!("{path}/services");
        // Worked example 10.
        let made = t.make(&services, json!({"kind": "insurance"})).await.is(201);
        let shown = made.attributes();
        assert_eq!((&shown["price"], &shown["estimated_price"]), (&json!(43.2), &json!(43.2)));
        assert_eq!(shown["tax_rate"], 0);
        let second = t.make(&services, json!({"kind": "insurance", "price": 1})).await;
        second.error(409, "duplicate", "");
        t.change(&place(&made), json!({"price": 50})).await.is(200);
        let shown = t.get(&place(&made)).await.is(200).attributes();
        assert_eq!((&shown["price"], &shown["estimated_price"]), (&json!(50.0), &json!(43.2)));
        let today = t.change(&place(&made), json!({"price": null})).await.is(200).attributes();
        assert_eq!(today["price"], 43.2);
        let at_once = with(
            booking(camera, 1, "2027-07-14T11:00", "2027-07-24T11:00"),
            json!({"services": [{"kind": "insurance"}]}),
        );
        assert_eq!(booking_of(&t, &booked(&t, at_once).await).await["services_total"], 63.36);
        let twice = json!({"services": [{"kind": "insurance"}, {"kind": "insurance"}]});
        t.make(BOOKINGS, twice).await.error(409, "duplicate", "");
    });
}

#[test]
fn payments_and_deposits_are_followed() {
    with_shop(async |t| {
        let more = json!({"deposit_kind": "fixed", "deposit_value": 50, "stock": 9});
        let camera = item(&t, "Camera", more).await;
        let path = booked(&t, booking(camera, 2, "2027-07-14T11:00", "2027-07-19T11:00")).await;
        let payments = format!("{path}/payments");
        let stands = async || {
            let found = booking_of(&t, &path).await;
            ["paid_total", "balance", "deposit_held", "payment_status", "deposit_status"]
                .map(|name| found[name].clone())
        };
        assert_eq!(
            stands().await,
            [json!(0.0), json!(150.0), json!(0.0), json!("unpaid"), json!("pending")]
        );
        let part = json!({"kind": "payment", "amount": 60, "method": "mbway", "reference": "MB1"});
        let part = t.make(&payments, part).await.is(201);
        assert_eq!(part.attributes()["method"], "mbway");
        assert_eq!(
            stands().await,
            [json!(60.0), json!(90.0), json!(0.0), json!("partially_paid"), json!("pending")]
        );
        // What is open is what is paid when nobody says how much.
        let rest = t.make(&payments, json!({"kind": "payment"})).await.is(201).attributes();
        assert_eq!((&rest["amount"], &rest["method"]), (&json!(90.0), &json!("cash")));
        let none = t.make(&payments, json!({"kind": "payment"})).await;
        none.error(422, "out_of_range", "/data/attributes/amount");
        let deposit = t.make(&payments, json!({"kind": "deposit"})).await.is(201);
        assert_eq!(deposit.attributes()["amount"], 100.0);
        assert_eq!(
            stands().await,
            [json!(150.0), json!(0.0), json!(100.0), json!("paid"), json!("collected")]
        );
        let kept = json!({"kind": "deposit_capture", "amount": 30});
        t.make(&payments, kept).await.is(201);
        assert_eq!(
            stands().await,
            [
                json!(180.0),
                json!(-30.0),
                json!(70.0),
                json!("overpaid"),
                json!("partially_returned")
            ]
        );
        let back = t.make(&payments, json!({"kind": "deposit_refund"})).await.is(201);
        assert_eq!(back.attributes()["amount"], 70.0);
        assert_eq!(stands().await[4], "captured");

        let exceeded = ("refund_exceeds_paid", "/data/attributes/amount");
        let more = t.make(&payments, json!({"kind": "payment_refund", "amount": 180.01})).await;
        more.error(422, exceeded.0, exceeded.1);
        let more = t.change(&place(&deposit), json!({"amount": 99})).await;
        more.error(422, exceeded.0, exceeded.1);
        delete(&t, &place(&deposit)).await.error(422, exceeded.0, "");
        let kind = t.change(&place(&part), json!({"kind": "deposit"})).await;
        kind.error(422, "invalid_value", "/data/attributes/kind");
        let changed = t.change(&place(&part), json!({"amount": 50, "notes": "less"})).await.is(200);
        assert_eq!(changed.attributes()["reference"], "MB1");
        assert_eq!(stands().await[0], 170.0);
        for (amount, code) in [
            (json!(0), "out_of_range"),
            (json!(-5), "out_of_range"),
            (json!(1.234), "invalid_format"),
        ] {
            let wrong = t.make(&payments, json!({"kind": "payment", "amount": amount})).await;
            wrong.error(422, code, "/data/attributes/amount");
        }
        let all =
            t.get(&format!("{payments}?stats%5Bamount%5D=sum,count,minimum,average")).await.is(200);
        assert_eq!(all.each("amount").len(), 5);
        let stats = &all.json()["meta"]["stats"]["amount"];
        assert_eq!(*stats, json!({"sum": 340.0, "count": 5, "minimum": 30.0, "average": 68.0}));
        delete(&t, &place(&part)).await.is(204);
        assert_eq!(t.get(&place(&part)).await.status, 404);
        assert_eq!(stands().await[0], 120.0);
        let removed = told(&t, &path, "payment_removed").await;
        let expected =
            json!({"attrs": ["amount"], "params": {"payment_kind": "payment", "amount": 50.0}});
        assert_eq!(removed[0].1, expected);
        assert_eq!(told(&t, &path, "payment_created").await.len(), 5);
        let events = "/api/saas/me/events?types=rentals.booking_payment.deleted,rentals.nothing.*";
        assert_eq!(t.get(events).await.is(200).each("resource_type"), ["booking_payment"]);

        for (query, found) in [
            ("filter%5Bpayment_status%5D=partially_paid", 1),
            ("filter%5Bpayment_status%5D=paid", 0),
            ("filter%5Bdeposit_status%5D=captured,returned", 1),
            ("filter%5Btotal%5D%5Bgt%5D=0", 1),
        ] {
            let listed = t.get(&format!("{BOOKINGS}?{query}")).await.is(200).data();
            assert_eq!(listed.as_array().map(Vec::len), Some(found), "{query}");
        }
        let stats = t.get(&format!("{BOOKINGS}?stats%5Bbalance%5D=sum")).await.is(200).json();
        assert_eq!(stats["meta"]["stats"]["balance"]["sum"], 30.0);

        t.act(&format!("{path}/status/cancel")).await.is(200);
        let late = t.make(&payments, json!({"kind": "payment", "amount": 1})).await;
        late.error(409, "booking_closed", "");
        let refund = t.make(&payments, json!({"kind": "payment_refund"})).await.is(201);
        assert_eq!(refund.attributes()["amount"], 120.0);
        assert_eq!(stands().await[3], "refunded");
    });
}

#[test]
fn a_receipt_belongs_to_its_payment() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({})).await;
        let path = booked(&t, booking(camera, 1, "2027-07-14", "2027-07-15")).await;
        let receipt = uploaded(&t, "image", "receipt.png", "image/png", PNG).await;
        let given = json!({"kind": "payment", "amount": 5, "receipt_id": receipt});
        let made = t.make(&format!("{path}/payments"), given).await.is(201);
        let shown = made.attributes();
        assert_eq!(shown["receipt_filename"], "receipt.png");
        assert_eq!(
            shown["receipt_metadata"],
            json!({"byte_size": PNG.len(), "width": 640, "height": 480})
        );
        let url = shown["receipt_url"].as_str().expect("a URL");
        let (status, _, bytes) = http::fetch(url, &[]).await;
        assert_eq!((status, &*bytes), (200, PNG));
        let cleared = t.change(&place(&made), json!({"receipt_id": null})).await.is(200);
        assert!(cleared.attributes().get("receipt_url").is_none());
        let wrong = t.change(&place(&made), json!({"receipt_id": "nothing"})).await;
        wrong.error(422, "invalid_attachment", "/data/attributes/receipt_id");
    });
}

#[test]
fn of_many_refunds_at_once_no_more_is_given_back_than_was_paid() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({})).await;
        let path = booked(&t, booking(camera, 1, "2027-07-14", "2027-07-15")).await;
        let payments = format!("{path}/payments");
        t.make(&payments, json!({"kind": "payment", "amount": 30})).await.is(201);
        let refund = json!({"kind": "payment_refund", "amount": 10});
        let answers = join_all((0..8).map(|_| t.make(&payments, refund.clone()))).await;
        assert_eq!(statuses(&answers), [201, 201, 201, 422, 422, 422, 422, 422]);
        assert_eq!(booking_of(&t, &path).await["paid_total"], 0.0);
    });
}

#[test]
fn what_is_made_in_a_booking_can_ask_for_the_booking_as_it_was() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        let path = booked(&t, booking(camera, 1, "2027-07-14", "2027-07-15")).await;
        let etag = t.get(&path).await.is(200).header("etag").to_owned();
        for (part, new) in [
            ("payments", json!({"kind": "payment", "amount": 1})),
            ("services", json!({"kind": "setup", "title": "Stage", "price": 5})),
            ("items", json!({"item_internal_id": camera, "quantity": 1})),
        ] {
            let make = t.send("POST", &format!("{path}/{part}"), new);
            let stale = http::send(make.header("if-match", "\"old\"")).await;
            stale.error(412, "precondition_failed", "");
        }
        assert_eq!(t.get(&path).await.is(200).header("etag"), etag, "nothing was made");
        let payment = json!({"kind": "payment", "amount": 1});
        let pay = || {
            let request = t.send("POST", &format!("{path}/payments"), payment.clone());
            http::send(request.header("if-match", &etag))
        };
        // Of several at once that saw the same booking, one is in time.
        let answers = join_all((0..4).map(|_| pay())).await;
        assert_eq!(statuses(&answers), [201, 412, 412, 412]);
        assert_eq!(booking_of(&t, &path).await["paid_total"], 1.0);
    });
}
