//! When and where cleaners work.
//!
//! Covers: GetUnavailableHours, SetUnavailableHours, ListExceptionAvailability,
//! Covers: GetExceptionAvailability, CreateExceptionAvailability, UpdateExceptionAvailability,
//! Covers: DeleteExceptionAvailability, ListCleanerAreas, AddCleanerArea, RemoveCleanerArea.

use serde_json::{Value, json};

use super::cleaners::{cleaner, signed_in};
use super::company::{problem, refused, with_company};
use super::locations::area;
use crate::support::http;

#[test]
fn a_week_is_replaced_day_by_day() {
    with_company(async |c| {
        let (me, own) = signed_in(&c).await;
        let path = format!("/cleaner/{}/unavailable-hours", me["id"]);
        let week = own.get(&path).await.is(200).json();
        assert_eq!(week.as_array().expect("a week").len(), 7);
        assert_eq!(week[0]["ranges"], json!([{"from": "00:00", "to": "24:00"}]));
        assert_eq!(week[0]["hours"].as_array().expect("hours").len(), 24);
        assert_eq!(week[1]["hours"], json!([0, 1, 2, 3, 4, 5, 6, 7, 18, 19, 20, 21, 22, 23]));

        let days = json!([{"weekDay": 1, "hours": [12, 11], "ranges": [{"from": "13:00", "to": "13:30"}]},
            {"weekDay": 0}]);
        let put = own.put(&path, &days).await.is(200).json();
        assert_eq!(put[1]["ranges"], json!([{"from": "11:00", "to": "13:30"}]));
        assert_eq!(put[1]["hours"], json!([11, 12]));
        assert_eq!((&put[0]["ranges"], &put[2]), (&json!([]), &week[2]));
        assert_eq!(c.get(&path).await.is(200).json(), put);
        let bad = json!([{"hours": [1]}, {"weekDay": 7}, {"weekDay": 2, "hours": [24],
            "ranges": [{"from": "09:05", "to": "9"}, {"from": "10:00"}]}, {"weekDay": 2}]);
        assert_eq!(
            refused(&own.put(&path, &bad).await),
            [
                "[0].weekDay",
                "[1].weekDay",
                "[2].hours[0]",
                "[2].ranges[0].from",
                "[2].ranges[0].to",
                "[2].ranges[1].to",
                "[3].weekDay"
            ]
        );
        let other = cleaner(&c, &json!({})).await;
        let foreign = format!("/cleaner/{}/unavailable-hours", other["id"]);
        problem(&own.get(&foreign).await, 403, "forbidden");
        problem(&own.put(&foreign, &days).await, 403, "forbidden");
        problem(&c.get("/cleaner/999999999/unavailable-hours").await, 404, "not_found");
    });
}

#[test]
fn a_usual_week_has_exceptions() {
    with_company(async |c| {
        let (me, own) = signed_in(&c).await;
        let path = format!("/cleaner/{}/exception-availability", me["id"]);
        let body =
            json!({"start": "2027-03-01T14:00", "end": "2027-03-01T15:30", "reason": "Dentist"});
        let made = own.post(&path, &body).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["isAvailable"], &made["cleanerId"]), (&json!(false), &me["id"]));
        assert_eq!(own.get(&at).await.is(200).json(), made);
        let days = json!({"start": "2027-02-01", "end": "2027-02-03", "isAllDay": true});
        let days = c.post(&path, &days).await.is(201).json();
        assert_eq!((&days["start"], &days["end"]), (&json!("2027-02-01"), &json!("2027-02-03")));
        assert_eq!(own.get(&path).await.is(200).json(), json!([days, made]), "by their start");
        for (query, expected) in [
            ("from=2027-02-03&to=2027-02-28", json!([days])),
            ("from=2027-02-04", json!([made])),
            ("to=2027-02-01", json!([days])),
            ("from=2027-03-02", json!([])),
        ] {
            assert_eq!(
                own.get(&format!("{path}?{query}")).await.is(200).json(),
                expected,
                "{query}"
            );
        }
        let put = own
            .put(
                &at,
                &json!({"start": "2027-03-01T14:00", "end": "2027-03-01T16:00",
            "isAvailable": true}),
            )
            .await
            .is(200);
        assert_eq!(put.header("etag"), "\"v2\"");
        assert_eq!(put.json()["reason"], Value::Null);
        for (bad, members) in [
            (json!({}), &["end", "start"][..]),
            (json!({"start": "2027-03-01", "end": "2027-03-02"}), &["end", "start"][..]),
            (json!({"start": "2027-03-02T10:00", "end": "2027-03-02T10:00"}), &["end"][..]),
            (json!({"start": "2027-03-02", "end": "2027-03-01", "isAllDay": true}), &["end"][..]),
            (json!({"start": "2027-03-02", "end": "2028-03-10", "isAllDay": true}), &["end"][..]),
            (json!({"start": "2027-02-30T10:00", "end": "2027-03-02T10:00"}), &["start"][..]),
        ] {
            assert_eq!(refused(&own.post(&path, &bad).await), members, "{bad}");
        }
        let other = cleaner(&c, &json!({})).await;
        let foreign = format!("/cleaner/{}/exception-availability", other["id"]);
        problem(&own.get(&foreign).await, 403, "forbidden");
        problem(&c.get(&format!("{foreign}/{}", made["id"])).await, 404, "not_found");
        problem(&c.delete(&format!("{foreign}/{}", made["id"])).await, 404, "not_found");
        own.delete(&at).await.is(204);
        problem(&own.delete(&at).await, 404, "not_found");
    });
}

#[test]
fn cleaners_work_in_areas() {
    with_company(async |c| {
        let (me, own) = signed_in(&c).await;
        let (uptown, downtown) = (area(&c, "Uptown", &[]).await, area(&c, "Downtown", &[]).await);
        let path = format!("/cleaner/{}/location", me["id"]);
        let added = c.post(&path, &json!({"tenantLocationId": uptown})).await.is(201).json();
        assert_eq!((&added["id"], &added["cleanerCount"]), (&json!(uptown), &json!(1)));
        c.post(&path, &json!({"tenantLocationId": uptown})).await.is(200);
        c.post(&path, &json!({"tenantLocationId": downtown})).await.is(201);
        let listed = own.get(&path).await.is(200);
        assert_eq!(listed.header("x-total-count"), "2");
        let seen = own.get("/cleaner/GetCleanerProfile").await.is(200).json();
        assert_eq!(seen["tenantLocations"], listed.json());
        assert_eq!(seen["version"], 3, "an area makes a version of the cleaner");
        problem(&c.post(&path, &json!({"tenantLocationId": 999_999_999})).await, 404, "not_found");
        problem(&own.post(&path, &json!({"tenantLocationId": uptown})).await, 403, "forbidden");

        c.delete(&format!("{path}/{downtown}")).await.is(204);
        problem(&c.delete(&format!("{path}/{downtown}")).await, 404, "not_found");
        // An area that is gone is nobody's any more.
        c.delete(&format!("/tenant/{}/location/{uptown}", c.id)).await.is(204);
        assert_eq!(own.get(&path).await.is(200).json(), json!([]));
        let seen = own.get("/cleaner/GetCleanerProfile").await.is(200).json();
        assert_eq!(seen["tenantLocations"], json!([]));
        let other = cleaner(&c, &json!({})).await;
        problem(&own.get(&format!("/cleaner/{}/location", other["id"])).await, 403, "forbidden");
        // The log of changes says what happened to the cleaner, who is still there.
        let events = http::send(c.request("GET", "/changes?cursor=0")).await.is(200).json();
        let text = events.to_string();
        for what in ["area_added", "area_removed"] {
            assert!(text.contains(&format!("cleaning.cleaner.{what}")), "{what}: {text}");
        }
    });
}
