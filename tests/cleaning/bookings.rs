//! Bookings.
//!
//! Covers: AddClientBooking, GetBooking, ListBookingEvents, ApproveBooking, RejectBooking,
//! Covers: ListClientBookings, CountBookOnce, GetMyBookingInfo, ListMyClientEvents,
//! Covers: ListBookingsByStatus, CountUnassignedRequests, RemoveRequest.

use serde_json::{Value, json};

use super::clients::{client, signed_in};
use super::company::{Company, problem, refused, stranger, with_company};
use super::homes::home;
use super::locations::area;
use crate::support::{database, http, in_days, unique};

/// What a company offers in one area, in which a client has a home.
pub struct Offer {
    pub area: i64,
    pub service: i64,
    pub oven: Value,
    pub windows: Value,
}

pub async fn offer(c: &Company) -> Offer {
    let area = area(c, "Uptown", &["10001"]).await;
    let extras = json!([{"name": "Oven", "amount": 25, "extraMinutes": 30},
        {"name": "Windows", "amount": 5, "priceKind": "PerUnit", "extraMinutes": 10}]);
    let service = json!({"name": "Standard", "extraRates": extras});
    let service = c.post(&format!("/tenant/location/{area}/service"), &service).await.is(201);
    let service = service.json();
    for (frequency, amount) in
        [("once", 50), ("weekly", 40), ("monthly", 45), ("severalWeekdays", 38)]
    {
        let path = format!("/tenant/service/{}/rate", service["id"]);
        let rate = json!({"frequency": frequency, "amount": amount});
        c.post(&path, &rate).await.is(201);
    }
    let extra = |at: usize| service["extraRates"][at]["id"].clone();
    let (oven, windows) = (extra(0), extra(1));
    Offer { area, service: service["id"].as_i64().expect("an id"), oven, windows }
}

/// A weekly booking of three hours at nine, a week from now, with something else in it.
pub fn weekly(offer: &Offer, more: &Value) -> Value {
    let mut body = json!({"serviceId": offer.service, "frequencyId": 2, "hours": 3,
        "startDate": in_days(7).to_string(), "startTime": "09:00"});
    let members = body.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    body
}

/// Books for a new client of a company; answers what was made.
pub async fn booked(c: &Company, offer: &Offer, more: &Value) -> Value {
    let ann = client(c, &json!({})).await["id"].clone();
    let home = home(c, &ann, "Home", "10001").await;
    let mut body = weekly(offer, more);
    body["clientId"] = ann;
    body["locationId"] = home["id"].clone();
    c.post("/client/addclientbooking", &body).await.is(201).json()
}

fn of<'v>(rows: &'v Value, member: &str) -> Vec<&'v Value> {
    rows.as_array().expect("an array").iter().map(|row| &row[member]).collect()
}

#[test]
fn the_list_of_clients_says_what_their_bookings_bring() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let metrics = async |query: &str| {
            let page = c.get(&format!("/client?{query}")).await.is(200).json();
            assert_eq!(page["metrics"]["count"], page["totalCount"]);
            page["metrics"].clone()
        };
        let of = |count: i64, mrr: f64| json!({"count": count, "mrr": mrr, "lifetimeValue": null});
        assert_eq!(metrics("").await, json!({"count": 0, "mrr": 0, "lifetimeValue": null}));
        let mut mrr = 0.0;
        let mut made = Vec::new();
        for more in [
            json!({}),
            json!({"frequencyId": 7, "weekDays": [1, 3], "extras": [{"extraRateId": offer.oven}]}),
            json!({"frequencyId": 6}),
            json!({"frequencyId": 1}),
        ] {
            let one = booked(&c, &offer, &more).await;
            mrr += one["booking"]["pricing"]["monthlyValue"].as_f64().expect("an amount");
            made.push(one);
        }
        assert!(mrr > 1000.0, "{mrr}");
        // Of all that are asked for, whatever the page.
        for query in ["", "pageSize=1&pageNumber=2", "statusId=2"] {
            assert_eq!(metrics(query).await, of(4, mrr), "{query}");
        }
        let by_revenue = "sortBy=monthlyRecurringRevenue&sortDirection=desc";
        let page = c.get(&format!("/client?{by_revenue}")).await.is(200).json();
        let ids: Vec<&Value> =
            page["items"].as_array().expect("items").iter().map(|one| &one["id"]).collect();
        let ordered = [1, 0, 2, 3].map(|at: usize| &made[at]["client"]["id"]);
        assert_eq!(ids, ordered);
        let email = made[3]["client"]["email"].as_str().expect("an address");
        assert_eq!(
            metrics(&format!("search={email}")).await,
            json!({"count": 1, "mrr": 0, "lifetimeValue": null})
        );
        // What is cancelled brings nothing.
        let weekly = made[0]["booking"]["pricing"]["monthlyValue"].as_f64().expect("an amount");
        c.delete(&format!("/client/delete/{}", made[0]["client"]["id"])).await.is(204);
        assert_eq!(metrics("").await, of(3, mrr - weekly));
    });
}

#[test]
fn a_weekly_booking_has_visits_up_to_the_horizon() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let kitchen = json!({"name": "Kitchen", "price": 12});
        let kitchen = c.post("/room/add", &kitchen).await.is(201).json()["id"].clone();
        let more = json!({"extras": [{"extraRateId": offer.oven}], "notes": " Ring twice ",
            "rooms": [{"roomId": kitchen, "quantity": 2}]});
        let made = booked(&c, &offer, &more).await;
        let (booking, client) = (&made["booking"], &made["client"]);
        assert_eq!(client["status"], "Active");
        assert_ne!(client["activatedAt"], Value::Null);
        assert_eq!(
            (&booking["status"], &booking["source"]),
            (&json!("Unassigned"), &json!("admin"))
        );
        assert_eq!(booking["billingStatus"], "NotConnected");
        assert_eq!((&booking["frequencyId"], &booking["weekDays"]), (&json!(2), &json!([])));
        assert_eq!(
            (&booking["startTime"], &booking["notes"]),
            (&json!("09:00"), &json!("Ring twice"))
        );
        assert_eq!(
            booking["rooms"][0],
            json!({"roomId": kitchen, "quantity": 2, "name": "Kitchen"})
        );
        assert_eq!(booking["durationMinutes"], 210);
        let price = &booking["pricing"];
        for (member, amount) in [
            ("unitRate", json!(40)),
            ("base", json!(120)),
            ("rooms", json!(0)),
            ("extras", json!(25)),
            ("total", json!(145)),
            ("firstVisitTotal", json!(145)),
            ("monthlyValue", json!(628.33)),
            ("currency", json!("USD")),
        ] {
            assert_eq!(price[member], amount, "{member}");
        }
        assert_eq!(of(&price["lines"], "kind"), ["base", "extra"]);
        assert_eq!(booking["segments"][0]["price"], 145);
        let (first, horizon) = (in_days(7).to_string(), in_days(90).to_string());
        assert_eq!(
            (&booking["nextEventDate"], &booking["generatedThrough"]),
            (&json!(first), &json!(horizon))
        );
        assert_eq!(made["events"].as_array().map(Vec::len), Some(5));

        let at = format!("/booking/{}", booking["id"]);
        assert_eq!(c.get(&at).await.is(200).header("etag"), "\"v1\"");
        assert_eq!(c.get(&at).await.json(), *booking);
        let visits = c.get(&format!("{at}/events")).await.is(200);
        assert_eq!(visits.header("x-total-count"), "12");
        let visits = visits.json();
        let expected: Vec<Value> =
            (1..=12).map(|week| json!(in_days(7 * week).to_string())).collect();
        assert_eq!(of(&visits, "date"), expected.iter().collect::<Vec<_>>());
        let visit = &visits[0];
        assert_eq!(visit, &made["events"][0]);
        assert_eq!((&visit["startTime"], &visit["endTime"]), (&json!("09:00"), &json!("12:30")));
        assert_eq!((&visit["price"], &visit["status"]), (&json!(145), &json!("ToClean")));
        assert_eq!((&visit["originalDate"], &visit["requestId"]), (&json!(first), &booking["id"]));
        assert_eq!(
            (&visit["isTimeConfirmed"], &visit["needsAssignment"]),
            (&json!(true), &json!(true))
        );
        let some = format!("{at}/events?from={}&to={}", in_days(14), in_days(27));
        assert_eq!(c.get(&some).await.is(200).header("x-total-count"), "2");
        assert_eq!(c.get(&format!("{at}/events?statusId=3")).await.is(200).json(), json!([]));

        // Prices of later do not touch it.
        let room = json!({"id": kitchen, "name": "Galley"});
        c.post("/room/update", &room).await.is(200);
        assert_eq!(c.get(&at).await.json()["rooms"][0]["name"], "Kitchen");
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");
        problem(&other.get(&format!("{at}/events")).await, 404, "not_found");
    });
}

#[test]
fn somebody_becomes_a_client_by_booking() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let email = format!("{}@example.com", unique("eva"));
        let address =
            json!({"street": "1 Main St", "city": "New York", "state": "NY", "zip": "10001"});
        let more = json!({"tenantId": c.id, "location": {"address": address},
            "client": {"firstName": "Eva", "lastName": "Ray", "email": email, "password": "sunny day 42"}});
        let body = weekly(&offer, &more);
        let path = "/client/addclientbooking";
        let made = stranger("POST", path, Some(&body)).await.is(201).json();
        assert_eq!(
            (&made["client"]["email"], &made["client"]["status"]),
            (&json!(email), &json!("Active"))
        );
        assert_eq!(made["booking"]["source"], "bookingForm");
        problem(&stranger("POST", path, Some(&body)).await, 409, "email_taken");
        let announced = c.get("/changes?cursor=0&pageSize=100").await.is(200).text;
        let told = |of: &str| announced.matches(of).count();
        let made_too = ["booking", "client", "event"].map(|one| format!("cleaning.{one}.created"));
        assert_eq!(made_too.map(|one| told(&one)), [1, 1, 12], "{announced}");

        let login = json!({"username": email, "password": "sunny day 42", "tenantId": c.id});
        let session = c.post("/auth/login", &login).await.is(200).json();
        let eva = c.with_token(session["token"].as_str().expect("a token"));
        let info = eva.get("/client/booking-info").await.is(200).json();
        assert_eq!(info["bookings"], json!([made["booking"]]));
        assert_eq!(info["nextEvent"], made["events"][0]);
        let visits = eva.get("/client/events").await.is(200);
        assert_eq!(visits.header("x-total-count"), "12");
        let later =
            eva.get(&format!("/client/events?appointmentDate={}", in_days(7))).await.is(200);
        assert_eq!(later.header("x-total-count"), "11");
        let at = format!("/client/{}/bookings", made["client"]["id"]);
        assert_eq!(of(&eva.get(&at).await.is(200).json(), "id"), [&made["booking"]["id"]]);

        // Nobody sees what is another's.
        let (ann, own) = signed_in(&c).await;
        problem(&own.get(&at).await, 403, "forbidden");
        problem(&own.get(&format!("/booking/{}", made["booking"]["id"])).await, 403, "forbidden");
        assert_eq!(own.get("/client/booking-info").await.is(200).json()["nextEvent"], Value::Null);
        let theirs = json!({"locationId": made["booking"]["locationId"], "clientId": ann["id"]});
        problem(&own.post(path, &weekly(&offer, &theirs)).await, 403, "forbidden");
        let misled =
            json!({"locationId": made["booking"]["locationId"], "clientId": made["client"]["id"]});
        problem(&own.post(path, &weekly(&offer, &misled)).await, 403, "forbidden");
        let flat = home(&c, &ann["id"], "Flat", "10001").await["id"].clone();
        let own =
            own.post(path, &weekly(&offer, &json!({"locationId": flat}))).await.is(201).json();
        assert_eq!(
            (&own["booking"]["clientId"], &own["booking"]["source"]),
            (&ann["id"], &json!("client"))
        );

        assert_eq!(
            refused(&stranger("POST", path, Some(&weekly(&offer, &json!({})))).await),
            ["locationId"]
        );
        let lost = json!({"locationId": flat});
        assert_eq!(
            refused(&stranger("POST", path, Some(&weekly(&offer, &lost))).await),
            ["client", "tenantId"]
        );
        let elsewhere = json!({"tenantId": 999_999_999, "location": {"address": address}, "client": more["client"]});
        problem(&stranger("POST", path, Some(&weekly(&offer, &elsewhere))).await, 404, "not_found");
    });
}

#[test]
fn what_a_company_does_not_offer_is_refused() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let ann = client(&c, &json!({})).await["id"].clone();
        let flat = home(&c, &ann, "Flat", "10001").await["id"].clone();
        let away = home(&c, &ann, "Cabin", "99999").await["id"].clone();
        let book = async |more: Value| {
            let mut body = weekly(&offer, &more);
            body["clientId"] = ann.clone();
            if body.get("locationId").is_none() {
                body["locationId"] = flat.clone();
            }
            c.post("/client/addclientbooking", &body).await
        };
        problem(&book(json!({"locationId": away})).await, 404, "no_coverage");
        problem(&book(json!({"serviceId": 999_999_999})).await, 404, "not_found");
        let yesterday = in_days(-1).to_string();
        for (more, paths) in [
            (json!({"frequencyId": 3}), &["frequencyId"][..]),
            (json!({"frequencyId": 7}), &["weekDays"]),
            (json!({"frequencyId": 7, "weekDays": [1, 1]}), &["weekDays"]),
            (json!({"weekDays": [1]}), &["weekDays"]),
            (json!({"monthlyMode": "dayOfMonth"}), &["monthlyMode"]),
            (json!({"frequencyId": 6, "monthlyMode": "sometimes"}), &["monthlyMode"]),
            (json!({"hours": 1.5}), &["hours"]),
            (json!({"hours": 3.25}), &["hours"]),
            (json!({"hours": 3.1}), &["hours"]),
            (json!({"hours": 12.5, "firstVisitHours": 16.5}), &["firstVisitHours", "hours"]),
            (json!({"startDate": yesterday}), &["startDate"]),
            (json!({"startDate": in_days(600).to_string()}), &["startDate"]),
            (json!({"startDate": "2026-2-3", "startTime": "24:00"}), &["startDate", "startTime"]),
            (json!({"endDate": in_days(6).to_string()}), &["endDate"]),
            (
                json!({"cleanersNeeded": 11, "timePreferenceId": 5}),
                &["cleanersNeeded", "timePreferenceId"],
            ),
            (json!({"extras": [{"extraRateId": 999_999_999}]}), &["extras[0].extraRateId"]),
            (
                json!({"extras": [{"extraRateId": offer.oven, "quantity": 2}]}),
                &["extras[0].quantity"],
            ),
            (json!({"promoCode": "SPRING"}), &["promoCode"]),
        ] {
            assert_eq!(refused(&book(more.clone()).await), paths, "{more}");
        }
        assert_eq!(c.get("/event/getall").await.is(200).json(), json!([]), "nothing is left of it");

        let most = json!({"frequencyId": 1, "firstVisitHours": 10, "hours": 4, "cleanersNeeded": 2,
            "timePreferenceId": 3, "startTime": null, "extras": [{"extraRateId": offer.windows, "quantity": 6}]});
        let once = book(most).await.is(201).json();
        let visit = &once["events"][0];
        assert_eq!(once["events"].as_array().map(Vec::len), Some(1));
        assert_eq!((&visit["startTime"], &visit["endTime"]), (&json!("12:00"), &json!("23:00")));
        assert_eq!((&visit["isTimeConfirmed"], &visit["price"]), (&json!(false), &json!(1030)));
        assert_eq!(once["booking"]["startTime"], Value::Null);
        assert_eq!(once["booking"]["pricing"]["monthlyValue"], 0);
        assert_eq!(
            c.get(&format!("/client/{ann}/book-once-count")).await.is(200).json(),
            json!({"count": 1})
        );

        let days =
            json!({"frequencyId": 7, "weekDays": [5, 1], "endDate": in_days(34).to_string()});
        let some = book(days).await.is(201).json();
        assert_eq!(some["booking"]["weekDays"], json!([1, 5]));
        let visits = c.get(&format!("/booking/{}/events", some["booking"]["id"])).await.is(200);
        assert_eq!(visits.header("x-total-count"), "8");
        let monthly = book(json!({"frequencyId": 6})).await.is(201).json();
        assert_eq!(monthly["booking"]["monthlyMode"], "nthWeekday");
    });
}

#[test]
fn a_booking_may_wait_for_approval() {
    with_company(async |c| {
        let offer = offer(&c).await;
        c.post("/tenant/updateSettings", &json!({"booking": {"requireApproval": true}}))
            .await
            .is(200);
        let (ann, own) = signed_in(&c).await;
        let flat = home(&c, &ann["id"], "Flat", "10001").await["id"].clone();
        let body = weekly(&offer, &json!({"locationId": flat}));
        let path = "/client/addclientbooking";
        let made = own.post(path, &body).await.is(201).json();
        assert_eq!(
            (&made["booking"]["status"], &made["events"]),
            (&json!("PendingApproval"), &json!([]))
        );
        assert_eq!(made["client"]["status"], "Lead");
        let id = made["booking"]["id"].clone();
        let at = format!("/booking/{id}");
        c.get(&format!("/event/generate/{id}")).await.is(200);
        assert_eq!(c.get(&format!("{at}/events")).await.is(200).json(), json!([]));
        problem(&own.post(&format!("{at}/approve"), &json!({})).await, 403, "forbidden");

        assert_eq!(
            refused(&c.post(&format!("{at}/approve"), &json!({"hours": 1})).await),
            ["hours"]
        );
        let changed = json!({"firstVisitHours": 10, "startTime": "08:00", "startDate": in_days(8).to_string()});
        let approved = c.post(&format!("{at}/approve"), &changed).await.is(200).json();
        assert_eq!((&approved["status"], &approved["hours"]), (&json!("Unassigned"), &json!(3)));
        let visits = c.get(&format!("{at}/events")).await.is(200).json();
        assert_eq!(
            (&visits[0]["startTime"], &visits[0]["endTime"]),
            (&json!("08:00"), &json!("18:00"))
        );
        assert_eq!((&visits[0]["price"], &visits[1]["price"]), (&json!(400), &json!(120)));
        assert_eq!(visits[0]["date"], in_days(8).to_string());
        assert_eq!(c.get(&format!("/client/get/{}", ann["id"])).await.json()["status"], "Active");
        problem(&c.post(&format!("{at}/approve"), &json!({})).await, 409, "illegal_transition");

        let second = own.post(path, &body).await.is(201).json()["booking"]["id"].clone();
        let at = format!("/booking/{second}");
        let no =
            c.post(&format!("{at}/reject"), &json!({"reason": "Too far"})).await.is(200).json();
        assert_eq!((&no["status"], &no["notes"]), (&json!("Cancelled"), &json!("Too far")));
        problem(&c.post(&format!("{at}/reject"), &json!({})).await, 409, "illegal_transition");
        let direct = booked(&c, &offer, &json!({})).await;
        assert_eq!(direct["booking"]["status"], "Unassigned", "an admin's own needs no approval");
    });
}

#[test]
fn bookings_are_listed_counted_and_removed() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let first = booked(&c, &offer, &json!({})).await;
        let second = booked(&c, &offer, &json!({"frequencyId": 1})).await;
        let ids = [&second["booking"]["id"], &first["booking"]["id"]];
        for status in ["all", "0", "1", "unassigned"] {
            let rows = c.get(&format!("/tenant/bookingtenant/{status}")).await.is(200).json();
            assert_eq!(of(&rows, "id"), ids, "{status}");
        }
        assert_eq!(c.get("/tenant/bookingtenant/Cancelled").await.is(200).json(), json!([]));
        assert_eq!(refused(&c.get("/tenant/bookingtenant/gone").await), ["status"]);
        let email = first["client"]["email"].as_str().expect("an e-mail address");
        let found =
            c.get(&format!("/tenant/bookingtenant/all?search={}", &email[..6])).await.is(200);
        assert!(of(&found.json(), "id").contains(&ids[1]));
        let nobody = c.get("/tenant/bookingtenant/all?search=nobody").await.is(200);
        assert_eq!(nobody.json(), json!([]));
        let here = format!("/tenant/bookingtenant/all?tenantLocationId={}", offer.area);
        assert_eq!(c.get(&here).await.is(200).header("x-total-count"), "2");
        let count = async || {
            c.get("/tenant/requests/not-assigned/count").await.is(200).json()["count"].clone()
        };
        assert_eq!(count().await, 2);

        // What a booking needs stays.
        let home = format!("/location/{}", first["booking"]["locationId"]);
        problem(&c.delete(&home).await, 409, "in_use");
        let area = format!("/tenant/{}/location/{}", c.id, offer.area);
        problem(&c.delete(&area).await, 409, "in_use");
        let moved = json!({"id": first["booking"]["locationId"], "address": {"zip": "99999"}});
        problem(&http::send(c.request("PATCH", "/location").json(&moved)).await, 409, "in_use");

        let remove = format!("/tenant/remove/request/{}", ids[1]);
        let visit = &first["events"][0]["id"];
        database::write(c.id, &format!("UPDATE cleaning.events SET status = 3 WHERE id = {visit}"))
            .await;
        problem(&c.delete(&remove).await, 409, "in_use");
        database::write(c.id, &format!("UPDATE cleaning.events SET status = 1 WHERE id = {visit}"))
            .await;
        c.delete(&remove).await.is(204);
        problem(&c.get(&format!("/booking/{}", ids[1])).await, 404, "not_found");
        problem(&c.get(&format!("/event/get/{visit}")).await, 404, "not_found");
        problem(&c.delete(&remove).await, 404, "not_found");
        assert_eq!(count().await, 1);
        c.delete(&home).await.is(204);

        c.delete(&format!("/client/delete/{}", second["client"]["id"])).await.is(204);
        let gone = c.get(&format!("/booking/{}", ids[0])).await.is(200).json();
        assert_eq!((&gone["status"], &gone["nextEventDate"]), (&json!("Cancelled"), &json!(null)));
        c.delete(&area).await.is(204);
    });
}
