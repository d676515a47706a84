//! Visits, and how they are made.
//!
//! Covers: GetEvent, ListEvents, ListEventStatuses, ListTimePreferences, PreviewRecurrence,
//! Covers: GenerateEvents.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::bookings::{booked, offer};
use super::clients::signed_in;
use super::company::{Company, problem, refused, stranger, with_company};
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
        let booking = c.get(&format!("/booking/{}", once["booking"]["id"])).await.is(200).json();
        assert_eq!(
            booking["generatedThrough"],
            in_days(62).to_string(),
            "one visit is all there is"
        );
    });
}
