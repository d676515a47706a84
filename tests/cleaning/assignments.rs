//! Which cleaners come to which bookings, and that nobody is at two visits at once.
//!
//! Covers: GetAssignment, ListBookingCleaners, AssignCleaner, AssignCleanerToRequest,
//! Covers: AcceptJobRequest, DismissAndReassign, ListCleanerEvents, ListCleanerFutureEvents.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::bookings::{Offer, booked, offer};
use super::cleaners::{cleaner, signed_in};
use super::company::{Company, heard, problem, refused, told_of, with_company};
use crate::support::{Answer, Tenant, database, in_days};

/// Lets everybody of a company work at all hours, and in all areas.
async fn at_all_hours(c: &Company) {
    let sql = format!(
        "DELETE FROM cleaning.unavailable_hours WHERE tenant_id = {0};
         INSERT INTO cleaning.cleaner_areas (tenant_id, cleaner_id, tenant_location_id)
         SELECT c.tenant_id, c.id, l.id FROM cleaning.cleaners c
         JOIN cleaning.tenant_locations l USING (tenant_id) WHERE c.tenant_id = {0}
         ON CONFLICT DO NOTHING",
        c.id
    );
    database::write(c.id, &sql).await;
}

/// Somebody who works at all hours; answers the id, and calls in their name.
pub async fn worker(c: &Company) -> (Value, Tenant) {
    let (made, own) = signed_in(c).await;
    at_all_hours(c).await;
    (made["id"].clone(), own)
}

pub async fn assign(c: &Company, booking: &Value, cleaner: &Value) -> Answer {
    c.post("/cleaner/assign", &json!({"requestId": booking, "cleanerId": cleaner})).await
}

pub fn claim(booking: &Value, cleaner: &Value) -> String {
    format!("/cleaner/accept-job-request/{booking}/{cleaner}/09:00")
}

/// Claims with others at once.
async fn claimed(own: &Tenant, path: &str) -> Answer {
    heard(own, path, &json!({})).await
}

pub async fn visits(c: &Company, booking: &Value) -> Vec<Value> {
    let visits = c.get(&format!("/booking/{booking}/events")).await.is(200).json();
    visits.as_array().expect("visits").clone()
}

pub async fn status(c: &Company, booking: &Value) -> Value {
    c.get(&format!("/booking/{booking}")).await.is(200).json()["status"].clone()
}

#[test]
fn a_cleaner_is_sent_to_all_visits_of_a_booking() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let (booking, first) = (&made["booking"]["id"], &made["events"][0]["id"]);
        let (cleo, own) = worker(&c).await;
        let (_, stranger) = worker(&c).await;
        let visit = format!("/event/get/{first}");
        problem(&own.get(&visit).await, 403, "forbidden");

        let assigned = assign(&c, booking, &cleo).await.is(200).json();
        assert_eq!(
            (&assigned["status"], &assigned["source"]),
            (&json!("Active"), &json!("manual"))
        );
        assert_eq!(
            (&assigned["startHour"], &assigned["fromDate"], &assigned["isLead"]),
            (&json!("09:00"), &json!(in_days(0).to_string()), &json!(true))
        );
        let told = [told_of(&c, "cleaning.event.updated"), told_of(&c, "cleaning.booking.updated")];
        assert_eq!(join_all(told).await, [12, 1], "the visits and the booking are others by that");
        assert_eq!(assign(&c, booking, &cleo).await.is(200).json(), assigned, "as they are");
        let at = format!("/assignment/{}", assigned["id"]);
        assert_eq!(c.get(&at).await.is(200).json(), assigned);
        assert_eq!(own.get(&at).await.is(200).json(), assigned);
        problem(&stranger.get(&at).await, 403, "forbidden");

        let shown = own.get(&visit).await.is(200);
        assert_eq!(shown.header("etag"), "\"v2\"");
        let shown = shown.json();
        let expected = json!([{"cleanerId": cleo, "assignmentId": assigned["id"], "isLead": true,
            "name": "Cleo Ray", "imageUrl": null}]);
        assert_eq!((&shown["cleaners"], &shown["needsAssignment"]), (&expected, &json!(false)));
        assert_eq!(shown["hasConflict"], false);
        problem(&stranger.get(&visit).await, 403, "forbidden");
        assert!(visits(&c, booking).await.iter().all(|one| one["needsAssignment"] == false));
        assert_eq!(status(&c, booking).await, "Assigned");
        let those = c.get(&format!("/booking/{booking}/cleaners")).await.is(200).json();
        assert_eq!(those.as_array().map(Vec::len), Some(1));
        assert_eq!(
            (&those[0]["assignment"], &those[0]["cleaner"]["lastName"]),
            (&assigned, &json!("Ray"))
        );
        let all = own.get("/cleaner/events").await.is(200).json();
        assert_eq!(all[0], shown);
        assert_eq!(c.get(&format!("/cleaner/events/{cleo}")).await.is(200).json(), all);
        assert_eq!(own.get(&format!("/cleaner/future-events/{cleo}")).await.is(200).json(), all);
        let some = format!("/cleaner/events?from={}&to={}", in_days(8), in_days(14));
        assert_eq!(own.get(&some).await.is(200).header("x-total-count"), "1");
        assert_eq!(stranger.get("/cleaner/events").await.is(200).json(), json!([]));
        problem(&stranger.get(&format!("/cleaner/events/{cleo}")).await, 403, "forbidden");
        // Visits that are made later have the cleaner too.
        let later = format!("/event/generate/{booking}?through={}", in_days(7 * 14));
        let later = c.get(&later).await.is(200).json();
        assert_eq!(later.as_array().map(Vec::len), Some(2));
        assert_eq!(later[1]["cleaners"][0]["cleanerId"], cleo);

        let (other, _) = worker(&c).await;
        problem(&assign(&c, booking, &other).await, 409, "request_taken");
        problem(&assign(&c, &json!(999_999_999), &other).await, 404, "not_found");
        let bad = json!({"requestId": booking, "cleanerId": other, "startTime": "25:00",
            "fromDate": "soon"});
        assert_eq!(refused(&c.post("/cleaner/assign", &bad).await), ["fromDate", "startTime"]);
        let past = json!({"requestId": booking, "cleanerId": other,
            "fromDate": in_days(-1).to_string()});
        assert_eq!(refused(&c.post("/cleaner/assign", &past).await), ["fromDate"]);
        problem(&own.post("/cleaner/assign", &past).await, 403, "forbidden");

        // Whoever works no more frees their seats.
        let reason = c.get("/cleaner-churn-reasons").await.is(200).json()[0]["id"].clone();
        let stop = format!("/cleaner/changeCleanerStatus/{cleo}/5?churnReasonId={reason}");
        c.post(&stop, &json!({})).await.is(200);
        assert_eq!(c.get(&at).await.is(200).json()["status"], "Ended");
        assert!(visits(&c, booking).await.iter().all(|one| one["needsAssignment"] == true));
        assert_eq!(status(&c, booking).await, "Unassigned");
    });
}

#[test]
fn of_many_who_claim_at_once_one_comes() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let booking = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        let (cleo, own) = signed_in(&c).await;
        let none = json!({});
        let mut others = Vec::new();
        while others.len() < 199 {
            let some = (others.len()..199).take(8);
            others.extend(join_all(some.map(|_| cleaner(&c, &none))).await);
        }
        at_all_hours(&c).await;
        let own_path = claim(&booking, &cleo["id"]);
        let paths: Vec<String> = others.iter().map(|one| claim(&booking, &one["id"])).collect();
        let (first, rest) = futures_util::join!(
            claimed(&own, &own_path),
            join_all(paths.iter().map(|path| claimed(&c, path)))
        );
        let answers: Vec<_> = std::iter::once(&first).chain(&rest).collect();
        let won: Vec<_> = answers.iter().filter(|one| one.status == 200).collect();
        assert_eq!((answers.len(), won.len()), (200, 1));
        for lost in answers.iter().filter(|one| one.status != 200) {
            problem(lost, 409, "request_taken");
        }
        let winner = won[0].json();
        assert_eq!((&winner["source"], &winner["status"]), (&json!("claim"), &json!("Active")));
        for visit in visits(&c, &booking).await {
            assert_eq!(visit["cleaners"].as_array().map(Vec::len), Some(1), "{visit}");
            assert_eq!(visit["cleaners"][0]["cleanerId"], winner["cleanerId"]);
        }
        assert_eq!(status(&c, &booking).await, "Assigned");
        // The winner may ask again.
        let again = c.post(&claim(&booking, &winner["cleanerId"]), &none).await;
        assert_eq!(again.is(200).json(), winner);
        problem(&own.post(&claim(&booking, &others[0]["id"]), &none).await, 403, "forbidden");
    });
}

#[test]
fn of_many_bookings_at_one_time_a_cleaner_has_one() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let mut bookings = Vec::new();
        for _ in 0..20 {
            bookings.push(booked(&c, &offer, &json!({})).await["booking"]["id"].clone());
        }
        let (cleo, own) = worker(&c).await;
        let paths: Vec<String> = bookings.iter().map(|one| claim(one, &cleo)).collect();
        let answers = join_all(paths.iter().map(|path| claimed(&own, path))).await;
        assert_eq!(answers.iter().filter(|one| one.status == 200).count(), 1);
        for lost in answers.iter().filter(|one| one.status != 200) {
            let body = problem(lost, 409, "slot_conflict");
            assert_eq!(body["conflicts"][0]["kind"], "overlap", "{body}");
        }
        // Whatever the program says, the database does not let anybody be at two visits.
        let taken = answers.iter().position(|one| one.status == 200).expect("one");
        let free = &bookings[usize::from(taken == 0)];
        let forced = format!(
            "INSERT INTO cleaning.event_cleaners (tenant_id, event_id, cleaner_id, assignment_id)
             SELECT e.tenant_id, e.id, {cleo}, a.id FROM cleaning.events e
             JOIN cleaning.assignments a USING (tenant_id)
             WHERE e.tenant_id = {} AND e.request_id = {free}",
            c.id
        );
        let refused =
            database::owner().await.batch_execute(&forced).await.expect_err("two at once");
        let refused = refused.as_db_error().expect("of the database");
        assert_eq!(refused.constraint(), Some("event_cleaners_overlap_excl"));
    });
}

/// Books visits at an hour and sends a cleaner there; answers the booking.
async fn at(c: &Company, offer: &Offer, hour: &str, cleaner: &Value) -> Value {
    let made = booked(c, offer, &json!({"startTime": hour})).await;
    assign(c, &made["booking"]["id"], cleaner).await.is(200);
    made
}

#[test]
fn no_visit_moves_onto_another_of_its_cleaner() {
    with_company(async |c| {
        let offer = offer(&c).await;
        // Ways between homes are not what this is about.
        let near = json!({"scheduling": {"minTravelMinutes": 0, "defaultTravelMinutes": 0}});
        c.post("/tenant/updateSettings", &near).await.is(200);
        let (cleo, _) = worker(&c).await;
        let morning = at(&c, &offer, "09:00", &cleo).await;
        let noon = at(&c, &offer, "12:00", &cleo).await;
        let later = json!({"id": morning["events"][0]["id"], "startTime": "09:15"});
        problem(&c.post("/event/update", &later).await, 409, "slot_conflict");
        let all =
            format!("/manual-assignment/update-future-events-time/{}/11", noon["events"][0]["id"]);
        problem(&c.post(&all, &json!({})).await, 409, "slot_conflict");
        // A visit that is deleted keeps nobody.
        c.post("/event/delete", &json!({"id": noon["events"][0]["id"]})).await.is(204);
        c.post("/event/update", &later).await.is(200);
        c.post("/event/update", &json!({"id": later["id"], "startTime": "09:00"})).await.is(200);
        // All move at once in another zone, the first to where the second was.
        c.post("/tenant/update", &json!({"timeZone": "America/Los_Angeles"})).await.is(200);
        let moved = visits(&c, &noon["booking"]["id"]).await;
        assert!(moved.iter().all(|one| one["cleaners"][0]["cleanerId"] == cleo), "{moved:?}");
        let third = booked(&c, &offer, &json!({"startTime": "14:00"})).await;
        let third = &third["booking"]["id"];
        let body = problem(&assign(&c, third, &cleo).await, 409, "slot_conflict");
        assert_eq!(body["conflicts"][0]["withEventId"], moved[0]["id"], "{body}");
        let hard = json!({"requestId": third, "cleanerId": cleo, "override": true});
        problem(&c.post("/cleaner/assign", &hard).await, 409, "slot_conflict");
        // Another start does away with it, and is that of all visits from then on.
        let path =
            format!("/manual-assignment/assign-cleaner-to-clean-request/{cleo}/{third}/1530");
        assert_eq!(c.get(&path).await.is(200).json()["startHour"], "15:30");
        assert!(visits(&c, third).await.iter().all(|one| one["startTime"] == "15:30"));
    });
}

#[test]
fn admins_pass_over_hours_and_areas_and_cleaners_do_not() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let booking = booked(&c, &offer, &json!({"startTime": "07:00"})).await;
        let booking = booking["booking"]["id"].clone();
        let (made, own) = signed_in(&c).await;
        let cleo = made["id"].clone();
        let early = format!("/cleaner/accept-job-request/{booking}/{cleo}/7");
        let body = problem(&own.post(&early, &json!({})).await, 409, "slot_conflict");
        let kinds: Vec<_> = body["conflicts"]
            .as_array()
            .expect("conflicts")
            .iter()
            .map(|one| one["kind"].as_str().expect("a kind"))
            .collect();
        assert_eq!(kinds[0], "area");
        assert!(kinds[1..].iter().all(|kind| *kind == "unavailable"), "{kinds:?}");
        problem(&assign(&c, &booking, &cleo).await, 409, "slot_conflict");
        let over = json!({"requestId": booking, "cleanerId": cleo, "override": true});
        c.post("/cleaner/assign", &over).await.is(200);
        assert!(visits(&c, &booking).await.iter().all(|one| one["hasConflict"] == true));

        let applied = cleaner(&c, &json!({"statusId": 1})).await["id"].clone();
        let other = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        let hard = json!({"requestId": other, "cleanerId": applied, "override": true});
        let body = problem(&c.post("/cleaner/assign", &hard).await, 409, "slot_conflict");
        assert_eq!(body["conflicts"][0]["kind"], "inactive");
        let wrong = format!("/cleaner/accept-job-request/{other}/{cleo}/0930");
        assert_eq!(refused(&own.post(&wrong, &json!({})).await), ["startTime"]);
    });
}

#[test]
fn whoever_is_dismissed_comes_no_more() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let booking = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        let (cleo, own) = worker(&c).await;
        let (dora, _) = worker(&c).await;
        assign(&c, &booking, &cleo).await.is(200);
        let dismiss = json!({"requestId": booking, "cleanerId": cleo, "reason": "Too loud"});
        let done = c.post("/cleaner/dismiss-and-reassign", &dismiss).await.is(200).json();
        assert_eq!((&done["reopened"], &done["assignment"]), (&json!(true), &Value::Null));
        let gone = &done["dismissed"];
        assert_eq!(
            (&gone["status"], &gone["endReason"]),
            (&json!("Dismissed"), &json!("Too loud"))
        );
        assert!(visits(&c, &booking).await.iter().all(|one| one["needsAssignment"] == true));
        assert_eq!(status(&c, &booking).await, "Unassigned");
        let again = own.post(&claim(&booking, &cleo), &json!({})).await;
        problem(&again, 409, "dismissed_for_client");
        problem(&c.post("/cleaner/dismiss-and-reassign", &dismiss).await, 404, "not_found");

        assign(&c, &booking, &dora).await.is(200);
        let (eve, _) = worker(&c).await;
        let instead = json!({"requestId": booking, "cleanerId": dora, "newCleanerId": eve,
            "fromDate": in_days(14).to_string()});
        let done = c.post("/cleaner/dismiss-and-reassign", &instead).await.is(200).json();
        assert_eq!((&done["reopened"], &done["assignment"]["cleanerId"]), (&json!(false), &eve));
        assert_eq!(done["dismissed"]["untilDate"], in_days(13).to_string());
        let those: Vec<Value> = visits(&c, &booking)
            .await
            .iter()
            .map(|one| one["cleaners"][0]["cleanerId"].clone())
            .collect();
        assert_eq!((&those[0], &those[1], those.last()), (&dora, &eve, Some(&eve)));
        let all = format!("/booking/{booking}/cleaners?includeEnded=true");
        assert_eq!(c.get(&all).await.is(200).header("x-total-count"), "3");

        // With the booking its assignments are over.
        c.delete(&format!("/tenant/remove/request/{booking}")).await.is(204);
        let all = format!("/assignment/{}", done["assignment"]["id"]);
        assert_eq!(c.get(&all).await.is(200).json()["status"], "Ended");
    });
}

#[test]
fn the_visits_of_whoever_goes_are_told_of() {
    with_company(async |c| {
        let told = async || {
            let visits = told_of(&c, "cleaning.event.updated").await;
            (visits, told_of(&c, "cleaning.booking.updated").await)
        };
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let booking = &made["booking"]["id"];
        let (cleo, _) = worker(&c).await;
        assign(&c, booking, &cleo).await.is(200);
        assert_eq!(told().await, (12, 1));
        c.get(&format!("/cleaner/delete/{cleo}")).await.is(204);
        assert!(visits(&c, booking).await.iter().all(|one| one["needsAssignment"] == true));
        assert_eq!(told().await, (24, 2), "all of them have nobody any more");

        c.post("/tenant/update", &json!({"timeZone": "America/Los_Angeles"})).await.is(200);
        assert_eq!(told().await, (36, 2), "all of them are at other instants");

        c.delete(&format!("/client/delete/{}", made["booking"]["clientId"])).await.is(204);
        assert_eq!(told().await, (48, 3), "all of them are cancelled, with their booking");
    });
}
