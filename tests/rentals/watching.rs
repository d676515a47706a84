//! What nobody asks for is told: ends that pass with pieces out, and items that run short.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::bookings::{booked, booking, item, line};
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::server::{Beside, Operator};
use crate::support::{Server, Tenant, database, eventually, run};

const BOOKINGS: &str = "/api/saas/me/bookings";
const OVERDUE: &str = "rentals.booking.overdue";
const OPENED: &str = "rentals.shortage.opened";
const CLOSED: &str = "rentals.shortage.closed";

/// A time so many minutes from now.
fn minutes(from_now: i64) -> String {
    let second = steward_kernel::time::now().as_second() + 60 * from_now;
    jiff::Timestamp::from_second(second).expect("a time").to_string()
}

/// A reserved booking of one piece.
async fn reserved(t: &Tenant, item: i64, start: i64, end: i64) -> String {
    let booking = booking(item, 1, &minutes(start), &minutes(end));
    booked(t, with(booking, json!({"reserve": true}))).await
}

/// The events of some types that there are.
pub async fn events(t: &Tenant, types: &[&str]) -> Vec<Value> {
    let path = format!("/api/saas/me/events?cursor=0&types={}", types.join("&types="));
    let found = t.get(&path).await.is(200).json();
    found["data"].as_array().expect("events").iter().map(|one| one["attributes"].clone()).collect()
}

/// The events of some types, once there are so many.
async fn told(t: &Tenant, types: &[&str], count: usize) -> Vec<Value> {
    eventually(&format!("{count} of {types:?}"), Duration::from_secs(60), async || {
        let found = events(t, types).await;
        assert!(found.len() <= count, "{found:?}");
        (found.len() == count).then_some(found)
    })
    .await
}

/// Waits until no job is due, so that what was not told will not be.
async fn quiet(t: &Tenant) {
    let sql = format!(
        "SELECT count(*) FROM platform.jobs WHERE tenant_id = {} AND due_at < now()
           AND kind IN ('rentals.tell_overdue', 'rentals.look_at_stock')",
        t.id
    );
    eventually("no jobs", Duration::from_secs(60), async || {
        (database::value(t.id, &sql).await == 0).then_some(())
    })
    .await;
}

#[test]
fn it_is_told_once_that_an_end_passes_with_pieces_out() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        let late = reserved(&t, camera, -180, -60).await;
        let in_time = reserved(&t, camera, -180, 60).await;
        let back = reserved(&t, camera, -180, -60).await;
        let out = json!({"picked_up_quantity": 1});
        let both = json!({"picked_up_quantity": 1, "returned_quantity": 1});
        t.change(&line(&t, &late).await, out.clone()).await.is(200);
        t.change(&line(&t, &in_time).await, out.clone()).await.is(200);
        t.change(&line(&t, &back).await, both).await.is(200);
        let event = told(&t, &[OVERDUE], 1).await.remove(0);
        assert_eq!(
            (&event["resource_type"], &event["resource_id"]),
            (&json!("booking"), &json!("1"))
        );
        assert_eq!(event["changes"], json!({"overdue": [false, true]}));
        assert_eq!(
            (&event["resource"]["status"], &event["resource"]["overdue"]),
            (&json!("ongoing"), &json!(true))
        );

        // Not again, however often pieces go out for the same end; but for another one.
        t.change(&line(&t, &late).await, json!({"picked_up_quantity": 0})).await.is(200);
        t.change(&line(&t, &late).await, out).await.is(200);
        quiet(&t).await;
        told(&t, &[OVERDUE], 1).await;
        t.change(&late, json!({"end_at": minutes(-30)})).await.is(200);
        told(&t, &[OVERDUE], 2).await;
        // Somebody waits for the end of the other one.
        let sql = format!(
            "SELECT count(*) FROM platform.jobs WHERE tenant_id = {} AND kind = 'rentals.tell_overdue'
               AND due_at BETWEEN now() + interval '55 minutes' AND now() + interval '65 minutes'",
            t.id
        );
        assert_eq!(database::value(t.id, &sql).await, 1);
    });
}

#[test]
fn it_is_told_when_an_item_runs_short_and_when_that_is_over() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 1})).await;
        let late = reserved(&t, camera, -180, -60).await;
        reserved(&t, camera, 120, 240).await;
        quiet(&t).await;
        assert_eq!(events(&t, &[OPENED, CLOSED]).await, [] as [Value; 0]);

        // What should be back is held for a day, and so into the other booking.
        let line = line(&t, &late).await;
        t.change(&line, json!({"picked_up_quantity": 1})).await.is(200);
        let event = told(&t, &[OPENED, CLOSED], 1).await.remove(0);
        assert_eq!(event["event_type"], OPENED);
        let short = &event["resource"];
        assert_eq!(
            (&short["item_internal_id"], &short["item_title"]),
            (&json!(camera), &json!("Camera"))
        );
        let stretch = &short["stretches"][0];
        assert_eq!(
            (&stretch["missing_quantity"], &short["stretches"][1]),
            (&json!(1), &Value::Null)
        );
        assert_eq!(stretch["booking_internal_ids"], json!([1, 2]));
        // It is looked at again by itself, for the clock moves that hold.
        let sql = format!(
            "SELECT count(*) FROM platform.jobs WHERE tenant_id = {} AND due_at > now()
               AND kind = 'rentals.look_at_stock' AND due_at < now() + interval '20 minutes'",
            t.id
        );
        assert_eq!(database::value(t.id, &sql).await, 1);

        t.change(&line, json!({"returned_quantity": 1})).await.is(200);
        let event = told(&t, &[OPENED, CLOSED], 2).await.remove(1);
        assert_eq!(
            (&event["event_type"], &event["resource"]["stretches"]),
            (&json!(CLOSED), &json!([]))
        );

        // Less stock than is promised is a shortage too, until somebody cancels.
        let place = format!("/api/saas/me/items/{camera}");
        t.change(&place, json!({"stock": 0, "confirm_shortage": true})).await.is(200);
        told(&t, &[OPENED], 2).await;
        t.act(&format!("{BOOKINGS}/2/status/cancel")).await.is(200);
        told(&t, &[CLOSED], 2).await;
    });
}

#[test]
fn what_a_change_does_to_others_is_told_as_well() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9, "prices": []})).await;
        let new = booking(camera, 1, &minutes(-180), &minutes(180));
        let customer = json!({"name": "Ana Reis", "email": "ana@example.com"});
        let new = with(new, json!({"reserve": true, "customer": customer}));
        let place = booked(&t, new).await;
        let types = ["booking", "customer", "booking_item", "booking_service"]
            .map(|one| format!("rentals.{one}.*"));
        let types = types.each_ref().map(String::as_str);
        let of = |one: &Value| {
            let text = |name: &str| one[name].as_str().expect("a text").to_owned();
            (text("event_type"), text("resource_id"))
        };
        let named = |types: &[(&str, &str)]| -> Vec<(String, String)> {
            let owned = |(of, id): &(&str, &str)| (format!("rentals.{of}"), (*id).to_owned());
            types.iter().map(owned).collect()
        };
        let mut known = 0;
        let mut next = async || {
            let found = events(&t, &types).await;
            let new = found[known..].to_vec();
            known = found.len();
            (new.iter().map(of).collect::<Vec<_>>(), new)
        };
        let (told, _) = next().await;
        assert_eq!(told, named(&[("booking.created", "1"), ("customer.created", "1")]));

        let copy = json!({"phone_number": "+351912345678", "update_customer": true});
        t.change(&format!("{place}/customer"), copy).await.is(200);
        let (told, events) = next().await;
        assert_eq!(told.last(), named(&[("customer.updated", "1")]).last(), "{told:?}");
        let changes = &events.last().expect("an event")["changes"];
        assert_eq!(changes["phone_number"], json!([null, "+351912345678"]));

        let line = line(&t, &place).await;
        let id = line.rsplit('/').next().expect("an id").to_owned();
        t.change(&line, json!({"picked_up_quantity": 1})).await.is(200);
        let (told, events) = next().await;
        let expected = [("booking_item.updated", &*id), ("booking.status_changed", "1")];
        assert_eq!(told, named(&expected));
        assert_eq!(events[1]["changes"]["status"], json!(["reserved", "ongoing"]));
        assert_eq!(events[1]["resource"]["status"], "ongoing");
        // What it is related to is told by id alone.
        let items = &events[1]["resource"]["items"];
        assert_eq!(items, &json!([{"id": id}]), "{items}");

        // A trial tells of nothing, nor does what changes nothing of the booking.
        t.change(&line, json!({"picked_up_quantity": 1})).await.is(200);
        assert_eq!(next().await.0, []);
        let service = json!({"kind": "transport", "price": "12.00"});
        let made = t.make(&format!("{place}/services"), service).await.is(201).data();
        let id = made["id"].as_str().expect("an id");
        let expected = [("booking_service.created", id), ("booking.updated", "1")];
        assert_eq!(next().await.0, named(&expected));
        t.delete(&format!("{place}/services/{id}")).await.is(204);
        let expected = [("booking_service.deleted", id), ("booking.updated", "1")];
        assert_eq!(next().await.0, named(&expected));
    });
}

#[test]
fn what_a_change_answers_is_what_there_is() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 9})).await;
        let new = booking(camera, 1, &minutes(-180), &minutes(180));
        let (etag, place) = {
            let made = t.make(BOOKINGS, new).await.is(201);
            (made.header("etag").to_owned(), made.header("location").to_owned())
        };
        let same = async |place: &str, etag: &str| {
            assert_eq!(t.get(place).await.is(200).header("etag"), etag, "{place}");
        };
        same(&place, &etag).await;
        for (step, attributes) in [
            ("", json!({"title": "Film"})),
            ("/status/reserve", json!({})),
            ("/status/unreserve", json!({})),
        ] {
            let method = if step.is_empty() { "PUT" } else { "POST" };
            let changed = t.send(method, &format!("{place}{step}"), attributes);
            let changed = crate::support::http::send(changed).await.is(200);
            same(&place, changed.header("etag")).await;
        }
        for (part, attributes) in [
            ("services", json!({"kind": "transport", "price": "12.00"})),
            ("payments", json!({"kind": "payment", "amount": "5.00", "method": "cash"})),
            ("items", json!({"item_internal_id": camera, "quantity": 1})),
        ] {
            let made = t.make(&format!("{place}/{part}"), attributes).await.is(201);
            same(made.header("location"), made.header("etag")).await;
        }
    });
}

#[test]
fn three_servers_tell_it_once() {
    run(async {
        let home = Server::own("rentals-watching", &[]).await;
        let url = database::url(&home);
        let others = [1, 2].map(|n| Beside::start(&format!("rentals-watching-{n}"), &url, &[]));
        let owner = Operator::of_family(&home, "rentals").await;
        let send = async |method: &str, path: &str, attributes: Value| {
            let body = json!({"data": {"attributes": attributes}});
            owner.send(method, path, Some(&body)).await
        };
        let camera = json!({"title": "Camera", "stock": 20, "prices": []});
        send("POST", "/api/saas/me/items", camera).await.is(201);
        let out = async |number: usize| {
            let booking = booking(1, 1, &minutes(-180), &minutes(-60));
            let made =
                send("POST", BOOKINGS, with(booking, json!({"reserve": true}))).await.is(201);
            let path = format!("{BOOKINGS}/{}", made.json()["data"]["attributes"]["internal_id"]);
            let lines = owner.send("GET", &format!("{path}/items"), None).await.is(200).json();
            let line = format!("{path}/items/{}", lines["data"][0]["id"].as_str().expect("an id"));
            send("PUT", &line, json!({"picked_up_quantity": 1})).await.is(200);
            number
        };
        assert_eq!(join_all((0..20).map(out)).await.len(), 20);
        let fewer = json!({"stock": 10, "confirm_shortage": true});
        send("PUT", "/api/saas/me/items/1", fewer).await.is(200);
        let events = async || {
            let path = "/api/saas/me/events?cursor=0&page[size]=100";
            let types = format!("{path}&types={OVERDUE}&types={OPENED}&types={CLOSED}");
            let found = owner.send("GET", &types, None).await.is(200).json();
            let named = |one: &Value| {
                let told = &one["attributes"];
                (told["event_type"].to_string(), told["resource_id"].to_string())
            };
            found["data"].as_array().expect("events").iter().map(named).collect::<Vec<_>>()
        };
        let client = database::connect(&url).await;
        let due =
            "SELECT count(*) FROM platform.jobs WHERE due_at < now() AND kind LIKE 'rentals.%'";
        eventually("everything told", Duration::from_secs(60), async || {
            let due: i64 = client.query_one(due, &[]).await.expect("jobs").get(0);
            (due == 0 && events().await.len() >= 21).then_some(())
        })
        .await;
        let told = events().await;
        let distinct: std::collections::BTreeSet<_> = told.iter().collect();
        assert_eq!((told.len(), distinct.len()), (21, 21), "{told:?}");
        for other in others {
            assert!(other.process.stop().success());
        }
        assert!(home.process.stop().success());
    });
}
