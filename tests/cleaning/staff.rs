//! Visits that are moved or get other cleaners, and what speaks against it.

use serde_json::{Value, json};

use super::assignments::{assign, visits, worker};
use super::bookings::{booked, offer, weekly};
use super::clients::signed_in;
use super::company::{Company, problem, refused, with_company};
use super::homes::home;
use crate::support::fixtures::with;
use crate::support::in_days;

/// Who comes to a visit.
fn who(visit: &Value) -> Vec<Value> {
    let cleaners = visit["cleaners"].as_array().expect("cleaners");
    cleaners.iter().map(|one| one["cleanerId"].clone()).collect()
}

async fn visit(c: &Company, id: &Value) -> Value {
    c.get(&format!("/event/get/{id}")).await.is(200).json()
}

#[test]
fn visits_are_moved_to_when_their_cleaners_work() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let (ann, own) = signed_in(&c).await;
        let place = home(&c, &ann["id"], "Home", "10001").await;
        let order = with(
            weekly(&offer, &json!({})),
            json!({"clientId": ann["id"], "locationId": place["id"]}),
        );
        let made = c.post("/client/addclientbooking", &order).await.is(201).json();
        let (booking, first) = (&made["booking"]["id"], &made["events"][0]["id"]);
        let (cleo, _) = worker(&c).await;
        assign(&c, booking, &cleo).await.is(200);
        let date = in_days(7);
        let away = json!({"start": format!("{date}T14:00"), "end": format!("{date}T20:00")});
        let away = c.post(&format!("/cleaner/{cleo}/exception-availability"), &away).await.is(201);
        let away = away.json()["id"].clone();

        let late = format!("/manual-assignment/update-event-time/{first}/15");
        let body = problem(&c.post(&late, &json!({})).await, 409, "slot_conflict");
        assert_eq!(body["title"], "The time is not free");
        assert_eq!(body["conflicts"][0]["kind"], "unavailable", "{body}");
        assert_eq!(body["conflicts"][0]["exceptionId"], away);
        let future = format!("/manual-assignment/update-future-events-time/{first}/15");
        problem(&c.post(&future, &json!({})).await, 409, "slot_conflict");
        let update = json!({"id": first, "startTime": "15:00"});
        problem(&c.post("/event/update", &update).await, 409, "slot_conflict");
        problem(&own.post("/event/update", &update).await, 409, "slot_conflict");
        let over = with(update, json!({"override": true}));
        problem(&own.post("/event/update", &over).await, 403, "forbidden");
        assert_eq!(visit(&c, first).await["startTime"], "09:00");
        // What is not about the time is no matter of it.
        c.post("/event/update", &json!({"id": first, "notes": "Ring"})).await.is(200);

        let moved = c.post(&format!("{late}?override=true"), &json!({})).await.is(200).json();
        assert_eq!((&moved["startTime"], &moved["hasConflict"]), (&json!("15:00"), &json!(true)));
        c.post("/event/update", &json!({"id": first, "startTime": "09:00"})).await.is(200);
        assert_eq!(visit(&c, first).await["hasConflict"], false);
        let all = format!("{future}?override=true&includeModified=true");
        c.post(&all, &json!({})).await.is(200);
        let all = visits(&c, booking).await;
        assert!(all.iter().all(|one| one["startTime"] == "15:00"), "{all:?}");
        let against: Vec<bool> = all.iter().map(|one| one["hasConflict"] == true).collect();
        assert!(against[0] && !against[1..].contains(&true), "{against:?}");
    });
}

#[test]
fn visits_get_other_cleaners() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let booking = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        let (cleo, _) = worker(&c).await;
        let (dora, own) = worker(&c).await;
        assign(&c, &booking, &cleo).await.is(200);
        let all = visits(&c, &booking).await;
        let (first, third) = (&all[0]["id"], &all[2]["id"]);

        let one = json!({"id": first, "cleanerIds": [dora], "startTime": "10:00"});
        let done = c.post("/event/update", &one).await.is(200).json();
        assert_eq!(who(&done["event"]), std::slice::from_ref(&dora));
        assert_eq!(done["event"]["startTime"], "10:00");
        own.get(&format!("/event/get/{first}")).await.is(200);
        let all = visits(&c, &booking).await;
        assert!(all[1..].iter().all(|one| who(one) == std::slice::from_ref(&cleo)), "{all:?}");
        let back = json!({"id": first, "cleanerIds": [cleo]});
        let done = c.post("/event/update", &back).await.is(200).json();
        assert_eq!(who(&done["event"]), std::slice::from_ref(&cleo));

        let later = json!({"id": third, "applyTo": "future", "cleanerIds": [dora]});
        c.post("/event/update", &later).await.is(200);
        let all = visits(&c, &booking).await;
        let those: Vec<Vec<Value>> = all.iter().map(who).collect();
        assert!(those[..2].iter().all(|one| one[..] == [cleo.clone()]), "{those:?}");
        assert!(those[2..].iter().all(|one| one[..] == [dora.clone()]), "{those:?}");

        let both = json!({"id": first, "cleanerIds": [cleo, dora]});
        assert_eq!(refused(&c.post("/event/update", &both).await), ["cleanerIds"]);
        let many: Vec<i64> = (1..=11).collect();
        let many = json!({"id": first, "cleanerIds": many});
        assert_eq!(refused(&c.post("/event/update", &many).await), ["cleanerIds"]);
        let nobody = json!({"id": first, "cleanerIds": [999_999_999]});
        problem(&c.post("/event/update", &nobody).await, 404, "not_found");
        assert_eq!(who(&visit(&c, first).await), std::slice::from_ref(&cleo));

        // A visit beside the series has those who come to the booking then, or those who are named.
        let added = json!({"requestId": booking, "date": in_days(8).to_string(),
            "startTime": "09:00", "hours": 3});
        let own = c.post("/event/add", &added).await.is(201).json();
        assert_eq!(who(&own), std::slice::from_ref(&cleo));
        let named = with(added, json!({"cleanerIds": [dora]}));
        let own = c.post("/event/add", &named).await.is(201).json();
        assert_eq!(who(&own), std::slice::from_ref(&dora));
        // Whoever is busy then is not sent, and no visit is left.
        let elsewhere = booked(&c, &offer, &json!({"startDate": in_days(9).to_string()})).await;
        assign(&c, &elsewhere["booking"]["id"], &dora).await.is(200);
        let busy = with(named, json!({"date": in_days(9).to_string(), "override": true}));
        let before = visits(&c, &booking).await.len();
        let body = problem(&c.post("/event/add", &busy).await, 409, "slot_conflict");
        assert_eq!(body["conflicts"][0]["kind"], "overlap", "{body}");
        assert_eq!(visits(&c, &booking).await.len(), before);
    });
}
