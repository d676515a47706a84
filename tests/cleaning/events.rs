//! Visits, and how they are made.
//!
//! Covers: GetEvent, ListEvents, ListEventStatuses, ListTimePreferences, PreviewRecurrence,
//! Covers: GenerateEvents, AddEvent, UpdateEvent, DeleteEvent, UpdateEventTime,
//! Covers: UpdateFutureEventsTime.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::bookings::{booked, offer};
use super::clients::signed_in;
use super::company::{Company, problem, refused, stranger, told_of, with_company};
use crate::support::{database, eventually, http, in_days};

#[test]
fn visits_are_seen_by_their_clients_and_the_company() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let visit = &made["events"][0];
        let at = format!("/event/get/{}", visit["id"]);
        assert_eq!(c.get(&at).await.is(200).json(), *visit);
        let (_, own) = signed_in(&c).await;
        problem(&own.get(&at).await, 403, "forbidden");
        problem(&own.get("/event/getall").await, 403, "forbidden");
        problem(&Company::fresh().await.get(&at).await, 404, "not_found");

        let all = c.get("/event/getall").await.is(200);
        assert_eq!(all.header("x-total-count"), "8", "60 days ahead");
        assert_eq!(all.json()[0], *visit);
        let client = &made["client"]["id"];
        let whole =
            format!("/event/getall?clientId={client}&from={}&to={}", in_days(0), in_days(365));
        assert_eq!(c.get(&whole).await.is(200).header("x-total-count"), "12");
        assert_eq!(c.get("/event/getall?statusId=4").await.is(200).json(), json!([]));
        assert_eq!(c.get("/event/getall?tag=vip").await.is(200).json(), json!([]));
        let tagged = json!({"tags": ["VIP"]});
        http::send(c.request("PATCH", &format!("/client/{client}")).json(&tagged)).await.is(200);
        assert_eq!(c.get("/event/getall?tag=vip").await.is(200).header("x-total-count"), "8");
        problem(&c.get("/event/getall?clientId=999999999").await, 404, "not_found");
        assert_eq!(refused(&c.get("/event/getall?from=today").await), ["from"]);
    });
}

#[test]
fn statuses_and_preferences_are_listed() {
    with_company(async |c| {
        let statuses = c.get("/event/statuses").await.is(200).json();
        assert_eq!(statuses.as_array().map(Vec::len), Some(8));
        assert_eq!(
            statuses[6],
            json!({"id": 7, "name": "Paused", "displayName": "Paused",
            "bucket": "paused", "blocks": false})
        );
        c.post("/tenant/updateSettings", &json!({"scheduling": {"pauseKeepsSlot": true}}))
            .await
            .is(200);
        assert_eq!(c.get("/event/statuses").await.is(200).json()[6]["blocks"], true);

        let path = format!("/event/time-preferences?tenantId={}", c.id);
        let preferences = stranger("GET", &path, None).await.is(200).json();
        assert_eq!(
            preferences[1],
            json!({"id": 2, "name": "Morning", "from": "08:00", "to": "12:00"})
        );
        assert_eq!(c.get("/event/time-preferences").await.is(200).json(), preferences);
        let nobody = stranger("GET", "/event/time-preferences", None).await;
        assert_eq!(refused(&nobody), ["tenantId"]);
    });
}

#[test]
fn a_series_is_looked_at_before_it_is_booked() {
    with_company(async |c| {
        let path = "/event/test?startDate=2027-02-28&startTime=02:30&frequencyId=3&hours=1&count=3";
        let visits = c.get(path).await.is(200).json();
        let shown: Vec<_> = visits
            .as_array()
            .expect("visits")
            .iter()
            .map(|one| [&one["date"], &one["startAt"], &one["utcOffset"], &one["adjusted"]])
            .collect();
        assert_eq!(
            shown,
            [
                ["2027-02-28", "2027-02-28T07:30:00Z", "-05:00", "none"],
                ["2027-03-14", "2027-03-14T07:30:00Z", "-04:00", "gap"],
                ["2027-03-28", "2027-03-28T06:30:00Z", "-04:00", "none"],
            ]
        );
        let fold = "/event/test?startDate=2026-11-01&startTime=01:30&frequencyId=1";
        let fold = c.get(fold).await.is(200).json();
        assert_eq!(
            (&fold[0]["adjusted"], &fold[0]["endAt"]),
            (&json!("fold"), &json!("2026-11-01T08:30:00Z"))
        );
        assert_eq!(fold.as_array().map(Vec::len), Some(1));
        let days = "/event/test?startDate=2026-11-03&startTime=08:30&frequencyId=7&weekDays=1&weekDays=5&count=2";
        assert_eq!(c.get(days).await.is(200).json()[0]["date"], "2026-11-06");
        assert_eq!(
            refused(&c.get("/event/test?count=101&hours=25").await),
            ["count", "frequencyId", "hours", "startDate", "startTime"]
        );
        assert_eq!(c.get("/event/getall").await.is(200).json(), json!([]));
    });
}

#[test]
fn a_date_of_a_series_makes_one_visit_ever() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let id = &made["booking"]["id"];
        let path = format!("/event/generate/{id}");
        let again = c.get(&path).await.is(200);
        assert_eq!((again.json(), again.header("cache-control")), (json!([]), "no-store"));
        assert_ne!(again.header("deprecation"), "");
        let twin = c.post(&path, &json!({})).await.is(200);
        assert_eq!((twin.json(), twin.header("deprecation")), (json!([]), ""));
        let ahead = http::send(c.request("GET", &path).header("sec-purpose", "prefetch")).await;
        problem(&ahead, 403, "prefetch_refused");
        assert_eq!(refused(&c.get(&format!("{path}?through={}", in_days(367))).await), ["through"]);
        problem(&c.get("/event/generate/999999999").await, 404, "not_found");

        // One that was deleted is not made again.
        let deleted = &made["events"][1]["id"];
        let delete = format!("UPDATE cleaning.events SET deleted_at = now() WHERE id = {deleted}");
        database::write(c.id, &delete).await;
        let later = format!("{path}?through={}", in_days(7 * 15));
        let many = join_all((0..8).map(|_| c.get(&later))).await;
        let new: usize = many
            .iter()
            .map(|answer| {
                let rows = answer.json();
                rows.as_array().map_or(0, Vec::len)
            })
            .sum();
        assert_eq!(new, 3, "three weeks more, however many ask at once");
        let visits = c.get(&format!("/booking/{id}/events")).await.is(200).json();
        let mut dates: Vec<&Value> =
            visits.as_array().expect("visits").iter().map(|one| &one["date"]).collect();
        assert_eq!(dates.len(), 14);
        dates.dedup();
        assert_eq!(dates.len(), 14);
        let booking = c.get(&format!("/booking/{id}")).await.is(200);
        assert_eq!(booking.header("etag"), "\"v1\"", "nobody changed the booking");
    });
}

#[test]
fn every_night_visits_come_within_the_horizon() {
    with_company(async |c| {
        // A zone in which it is between noon and one, whenever the tests run.
        let ahead = 12 - steward_kernel::time::now().as_second().rem_euclid(86_400) / 3600;
        let zone = format!("Etc/GMT{}{}", if ahead > 0 { "-" } else { "+" }, ahead.abs());
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let once = booked(&c, &offer, &json!({"frequencyId": 1})).await;
        let id = &made["booking"]["id"];
        // A day less, because it may be tomorrow there.
        let nearer = json!({"scheduling": {"horizonDays": 88}});
        c.post("/tenant/updateSettings", &nearer).await.is(200);
        c.post("/tenant/update", &json!({"timeZone": zone})).await.is(200);
        let visit = c.get(&format!("/event/get/{}", made["events"][0]["id"])).await.is(200).json();
        let hour = (9 - ahead).rem_euclid(24);
        let start = visit["startAt"].as_str().expect("an instant");
        assert!(start.ends_with(&format!("T{hour:02}:00:00Z")), "{start} at {zone}");
        assert_eq!((&visit["startTime"], &visit["endTime"]), (&json!("09:00"), &json!("12:00")));
        // As it was four weeks ago.
        let back = format!(
            "DELETE FROM cleaning.events WHERE request_id = {id} AND date > '{0}';
             UPDATE cleaning.bookings SET generated_through = '{0}' WHERE tenant_id = {1}",
            in_days(62),
            c.id
        );
        database::write(c.id, &back).await;
        let job = "INSERT INTO platform.jobs (tenant_id, kind, payload)
            VALUES (0, 'cleaning.extend_series', '{}')";
        database::owner().await.execute(job, &[]).await.expect("a job");
        let path = format!("/booking/{id}/events");
        eventually("visits are made", Duration::from_secs(60), async || {
            let visits = c.get(&path).await.is(200);
            (visits.header("x-total-count") == "12").then_some(())
        })
        .await;
        // Twelve and one that were booked, and the four of this night.
        assert_eq!(told_of(&c, "cleaning.event.created").await, 17);
        let booking = c.get(&format!("/booking/{}", once["booking"]["id"])).await.is(200).json();
        assert_eq!(
            booking["generatedThrough"],
            in_days(62).to_string(),
            "one visit is all there is"
        );
    });
}

fn dates(visits: &Value) -> Vec<String> {
    let rows = visits.as_array().expect("visits").iter();
    rows.map(|one| one["date"].as_str().expect("a date").to_owned()).collect()
}

fn weeks(weeks: impl IntoIterator<Item = i64>) -> Vec<String> {
    weeks.into_iter().map(|week| in_days(7 * week).to_string()).collect()
}

#[test]
fn one_visit_is_moved_between_its_neighbours() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let second = made["events"][1]["id"].clone();
        let update = async |more: Value| {
            let mut body = json!({"id": second});
            body.as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("members").clone());
            c.post("/event/update", &body).await
        };
        let moved = json!({"date": in_days(16).to_string(), "startTime": "10:15", "hours": 4, "notes": "Side door"});
        let changed = update(moved).await.is(200).json();
        let visit = &changed["event"];
        assert_eq!(
            (&visit["date"], &visit["originalDate"]),
            (&json!(in_days(16).to_string()), &json!(in_days(14).to_string()))
        );
        assert_eq!((&visit["startTime"], &visit["endTime"]), (&json!("10:15"), &json!("14:15")));
        assert_eq!((&visit["price"], &visit["isModified"]), (&json!(160), &json!(true)));
        assert_eq!(
            (&visit["notes"], &changed["changedEventIds"]),
            (&json!("Side door"), &json!([second]))
        );
        assert_eq!(
            update(json!({"notes": ""})).await.is(200).json()["event"]["notes"],
            Value::Null
        );
        update(json!({"date": in_days(7).to_string()})).await.is(200);
        update(json!({"date": in_days(20).to_string()})).await.is(200);
        for date in [in_days(6), in_days(21)] {
            assert_eq!(refused(&update(json!({"date": date.to_string()})).await), ["date"]);
        }
        assert_eq!(refused(&update(json!({"frequencyId": 3})).await), ["frequencyId"]);
        assert_eq!(
            refused(&update(json!({"applyTo": "all", "startTime": "25:00", "hours": 0.1})).await),
            ["applyTo", "hours", "startTime"]
        );
        problem(&c.post("/event/update", &json!({"id": 999_999_999})).await, 404, "not_found");

        let at = format!("/manual-assignment/update-event-time/{second}/0845");
        assert_eq!(c.get(&at).await.is(200).json()["startTime"], "08:45");
        assert_ne!(c.get(&at).await.header("deprecation"), "");
        assert_eq!(refused(&c.post(&at.replace("0845", "0860"), &json!({})).await), ["hour"]);
        let done = format!("UPDATE cleaning.events SET status = 3 WHERE id = {second}");
        database::write(c.id, &done).await;
        problem(&update(json!({"startTime": "08:00"})).await, 409, "event_locked");
        problem(&c.post("/event/delete", &json!({"id": second})).await, 409, "event_locked");
    });
}

#[test]
fn clients_move_single_visits_a_day_ahead() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let (ann, own) = signed_in(&c).await;
        let flat = super::homes::home(&c, &ann["id"], "Flat", "10001").await["id"].clone();
        let tomorrow =
            json!({"locationId": flat, "startDate": in_days(1).to_string(), "startTime": "00:00"});
        let body = super::bookings::weekly(&offer, &tomorrow);
        let made = own.post("/client/addclientbooking", &body).await.is(201).json();
        let (soon, later) = (&made["events"][0]["id"], &made["events"][1]["id"]);
        let moved = own.post("/event/update", &json!({"id": later, "startTime": "11:00"})).await;
        assert_eq!(moved.is(200).json()["event"]["startTime"], "11:00");
        let late = json!({"id": soon, "startTime": "11:00"});
        problem(&own.post("/event/update", &late).await, 409, "window_closed");
        for more in [json!({"hours": 4}), json!({"applyTo": "future"}), json!({"frequencyId": 3})] {
            let mut body = json!({"id": later});
            body.as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("members").clone());
            problem(&own.post("/event/update", &body).await, 403, "forbidden");
        }
        let others = booked(&c, &offer, &json!({})).await["events"][1]["id"].clone();
        problem(
            &own.post("/event/update", &json!({"id": others, "startTime": "11:00"})).await,
            403,
            "forbidden",
        );
        problem(&own.post("/event/delete", &json!({"id": later})).await, 403, "forbidden");
    });
}

#[test]
fn visits_from_one_on_keep_the_phase_of_their_series() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let (id, events) = (&made["booking"]["id"], &made["events"]);
        let all = format!("/booking/{id}/events");
        // The fourth keeps what it was given by itself.
        c.post("/event/update", &json!({"id": events[3]["id"], "startTime": "15:00"}))
            .await
            .is(200);
        let third =
            format!("/manual-assignment/update-future-events-time/{}/10.5", events[2]["id"]);
        let changed = c.post(&third, &json!({})).await.is(200).json();
        assert_eq!(changed["keptEventIds"], json!([events[3]["id"]]));
        assert_eq!(changed["changedEventIds"].as_array().map(Vec::len), Some(9));
        assert_eq!(told_of(&c, "cleaning.event.updated").await, 10, "the fourth, then nine");
        assert_eq!(told_of(&c, "cleaning.booking.updated").await, 1);
        let visits = c.get(&all).await.is(200).json();
        let starts: Vec<_> =
            visits.as_array().expect("visits").iter().map(|one| &one["startTime"]).collect();
        assert_eq!(starts[..5], ["09:00", "09:00", "10:30", "15:00", "10:30"]);
        let booking = c.get(&format!("/booking/{id}")).await.is(200).json();
        let segments = &booking["segments"];
        assert_eq!(segments[1]["anchorDate"], segments[0]["anchorDate"], "the phase is kept");
        assert_eq!(
            (&segments[1]["fromDate"], &booking["startTime"]),
            (&json!(in_days(21).to_string()), &json!("10:30"))
        );
        let twice =
            c.post(&format!("{third}?includeModified=true"), &json!({})).await.is(200).json();
        assert_eq!(twice["keptEventIds"], json!([]));
        assert_eq!(c.get(&all).await.json()[3]["startTime"], "10:30");

        // From the fifth on every second day of the week after, from another date on.
        let series =
            json!({"id": events[4]["id"], "applyTo": "future", "date": in_days(37).to_string()});
        let changed = c.post("/event/update", &series).await.is(200).json();
        assert_eq!(changed["event"]["date"], in_days(37).to_string());
        let expected =
            [weeks(1..=4), (0..8).map(|week| in_days(37 + 7 * week).to_string()).collect()]
                .concat();
        let kept = [&events[3]["id"]];
        assert_eq!(dates(&c.get(&all).await.json()), expected, "{kept:?}");
        let days = json!({"id": events[4]["id"], "applyTo": "future", "frequencyId": 1});
        c.post("/event/update", &days).await.is(200);
        assert_eq!(
            dates(&c.get(&all).await.json()),
            [weeks(1..=4), vec![in_days(37).to_string()]].concat()
        );
        let back =
            json!({"id": events[4]["id"], "applyTo": "future", "date": in_days(28).to_string()});
        assert_eq!(refused(&c.post("/event/update", &back).await), ["date"]);
    });
}

#[test]
fn visits_are_added_and_deleted() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let (id, events) = (&made["booking"]["id"], &made["events"]);
        let all = format!("/booking/{id}/events");
        let extra = json!({"requestId": id, "date": in_days(9).to_string(), "startTime": "13:00", "hours": 2});
        let added = c.post("/event/add", &extra).await.is(201);
        let at = added.header("location").to_owned();
        let added = added.json();
        assert_eq!((&added["originalDate"], &added["price"]), (&Value::Null, &json!(80)));
        assert_eq!(c.get(&at).await.is(200).json(), added);
        assert_eq!(
            refused(&c.post("/event/add", &json!({"requestId": id})).await),
            ["date", "hours", "startTime"]
        );
        // What is said beside the booking is its own.
        let mut beside = extra.clone();
        beside["date"] = json!(in_days(10).to_string());
        for name in ["clientId", "locationId", "serviceId"] {
            beside[name] = made["booking"][name].clone();
            let mut other = beside.clone();
            other[name] = json!(9_999_999);
            assert_eq!(refused(&c.post("/event/add", &other).await), [name]);
        }
        c.post("/event/add?validateOnly=true", &beside).await.is(201);
        // Without a booking, a visit is one of its own, also beyond the visits of others.
        assert_eq!(
            refused(&c.post("/event/add", &json!({})).await),
            ["clientId", "date", "hours", "locationId", "serviceId", "startTime"]
        );
        let of = &made["booking"];
        let mut once = json!({"clientId": of["clientId"], "locationId": of["locationId"],
            "serviceId": of["serviceId"], "date": in_days(120).to_string(), "startTime": "10:00",
            "hours": 2, "notes": "Windows only"});
        let visit = c.post("/event/add", &once).await.is(201).json();
        assert_ne!(visit["requestId"], *id);
        assert_eq!((&visit["price"], &visit["notes"]), (&json!(100), &json!("Windows only")));
        assert_eq!(
            (&visit["date"], &visit["startTime"]),
            (&json!(in_days(120).to_string()), &json!("10:00"))
        );
        let bookings = format!("/client/{}/bookings", of["clientId"]);
        let bookings = c.get(&bookings).await.is(200).json();
        assert_eq!(
            (&bookings[0]["id"], &bookings[0]["frequency"]),
            (&visit["requestId"], &json!("Once"))
        );
        once["date"] = json!(in_days(-1).to_string());
        assert_eq!(refused(&c.post("/event/add", &once).await), ["date"]);
        let lone = json!({"id": added["id"], "applyTo": "future"});
        assert_eq!(refused(&c.post("/event/delete", &lone).await), ["applyTo"]);
        c.post("/event/delete", &json!({"id": added["id"]})).await.is(204);
        problem(&c.get(&at).await, 404, "not_found");

        c.post("/event/delete", &json!({"id": events[1]["id"]})).await.is(204);
        assert_eq!(
            c.get(&format!("/event/generate/{id}")).await.is(200).json(),
            json!([]),
            "never again"
        );
        assert_eq!(dates(&c.get(&all).await.json())[..3], weeks([1, 3, 4]));
        let rest = json!({"id": events[3]["id"], "applyTo": "future"});
        c.post("/event/delete", &rest).await.is(204);
        assert_eq!(dates(&c.get(&all).await.json()), weeks([1, 3]));
        let booking = c.get(&format!("/booking/{id}")).await.is(200).json();
        assert_eq!(booking["endDate"], in_days(27).to_string());
        let first = json!({"id": events[0]["id"], "applyTo": "future"});
        problem(&c.post("/event/delete", &first).await, 409, "in_use");
        let cancelled = format!("UPDATE cleaning.bookings SET status = 5 WHERE id = {id}");
        database::write(c.id, &cancelled).await;
        problem(&c.post("/event/add", &extra).await, 409, "event_locked");
    });
}

#[test]
fn the_timeline_tells_of_bookings_and_visits() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let made = booked(&c, &offer, &json!({})).await;
        let (booking, event) = (&made["booking"], &made["events"][0]);
        let told = async |query: &str| -> Vec<Value> {
            let page = c.get(&format!("/timeline/get?{query}")).await.is(200).json();
            page["items"].as_array().expect("entries").clone()
        };
        let of_client = told(&format!("clientId={}", booking["clientId"])).await;
        let kinds: Vec<_> = of_client.iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(kinds, [json!("status"), json!("booking")]);
        for one in &of_client {
            assert_eq!((&one["requestId"], &one["isSystem"]), (&booking["id"], &json!(true)));
            assert_eq!(one["eventId"], Value::Null);
        }
        assert!(told(&format!("eventId={}", event["id"])).await.is_empty());

        // What is about a visit alone is about its client too.
        let note = json!({"eventId": event["id"], "text": "The key is under the mat"});
        let note = c.post("/timeline/add", &note).await.is(201).json();
        assert_eq!(
            (&note["eventId"], &note["clientId"], &note["requestId"]),
            (&event["id"], &booking["clientId"], &Value::Null)
        );
        assert_eq!(told(&format!("eventId={}", event["id"])).await, [note]);
        let call = json!({"requestId": booking["id"], "text": "Called"});
        let call = c.post("/timeline/add", &call).await.is(201).json();
        assert_eq!((&call["requestId"], &call["clientId"]), (&booking["id"], &booking["clientId"]));

        let other = booked(&c, &offer, &json!({})).await["booking"].clone();
        let wrong = json!({"eventId": event["id"], "clientId": other["clientId"], "text": "x"});
        assert_eq!(refused(&c.post("/timeline/add", &wrong).await), ["clientId"]);
        let wrong = json!({"eventId": event["id"], "requestId": other["id"], "text": "x"});
        assert_eq!(refused(&c.post("/timeline/add", &wrong).await), ["requestId"]);
        problem(&c.get("/timeline/get?eventId=999999999").await, 404, "not_found");
    });
}
