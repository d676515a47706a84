//! Claims that somebody of the company approves, and one cleaner in another one's place.
//!
//! Covers: ListHeldClaims, ApproveClaim, RejectClaim, ReassignCleaner.

use std::time::Duration;

use serde_json::{Value, json};

use super::assignments::{assign, claim, status, visits, worker};
use super::bookings::{booked, offer};
use super::company::{Company, problem, refused, with_company};
use crate::support::{database, eventually, in_days};

async fn approves_claims(c: &Company) {
    let settings = json!({"booking": {"claimMode": "approval", "claimHoldMinutes": 60}});
    c.post("/tenant/updateSettings", &settings).await.is(200);
}

/// Who comes to each visit of a booking; null where nobody does.
async fn who(c: &Company, booking: &Value) -> Vec<Value> {
    let visits = visits(c, booking).await;
    visits.iter().map(|one| one["cleaners"][0]["cleanerId"].clone()).collect()
}

#[test]
fn a_claim_is_held_until_it_is_approved() {
    with_company(async |c| {
        approves_claims(&c).await;
        let offer = offer(&c).await;
        // In the morning, at no fixed time.
        let free = json!({"startTime": null, "timePreferenceId": 2});
        let booking = booked(&c, &offer, &free).await["booking"]["id"].clone();
        let same = booked(&c, &offer, &free).await["booking"]["id"].clone();
        let (cleo, own) = worker(&c).await;
        let (dora, other) = worker(&c).await;
        let at = |booking: &Value, cleaner: &Value, hour: &str| {
            format!("/cleaner/accept-job-request/{booking}/{cleaner}/{hour}")
        };
        let held = own.post(&at(&booking, &cleo, "10"), &json!({})).await.is(200).json();
        assert_eq!((&held["status"], &held["startHour"]), (&json!("Held"), &json!("10:00")));
        assert!(held["heldUntil"].is_string(), "{held}");
        assert_eq!(own.post(&at(&booking, &cleo, "10"), &json!({})).await.is(200).json(), held);
        // The seat is taken, and nobody comes yet.
        let second = other.post(&at(&booking, &dora, "10"), &json!({})).await;
        problem(&second, 409, "request_taken");
        assert_eq!(status(&c, &booking).await, "Unassigned");
        assert!(
            visits(&c, &booking)
                .await
                .iter()
                .all(|one| one["needsAssignment"] == true && one["startTime"] == "08:00")
        );
        // So are the times.
        let twice = own.post(&at(&same, &cleo, "08"), &json!({})).await;
        let twice = problem(&twice, 409, "slot_conflict");
        assert_eq!(twice["conflicts"][0]["kind"], "overlap", "{twice}");
        let claims = c.get("/claims").await.is(200).json();
        assert_eq!(claims["totalCount"], 1);
        assert_eq!(claims["items"][0]["assignment"], held);
        assert_eq!(claims["items"][0]["cleaner"]["id"], cleo);
        problem(&own.get("/claims").await, 403, "forbidden");
        let approve = format!("/claims/{}/approve", held["id"]);
        problem(&own.post(&approve, &json!({})).await, 403, "forbidden");
        problem(&Company::fresh().await.post(&approve, &json!({})).await, 404, "not_found");

        // Visits that are made meanwhile are the cleaner's too.
        let later = format!("/event/generate/{booking}?through={}", in_days(7 * 14));
        c.get(&later).await.is(200);
        let approved = c.post(&approve, &json!({})).await.is(200).json();
        assert_eq!((&approved["status"], &approved["heldUntil"]), (&json!("Active"), &Value::Null));
        assert_eq!(c.post(&approve, &json!({})).await.is(200).json(), approved);
        let all = visits(&c, &booking).await;
        assert!(all.iter().all(|one| one["cleaners"][0]["cleanerId"] == cleo), "{all:?}");
        assert!(all.iter().all(|one| one["startTime"] == "10:00"), "{all:?}");
        assert_eq!(status(&c, &booking).await, "Assigned");
        assert_eq!(c.get("/claims").await.is(200).json()["items"], json!([]));
        let reject = format!("/claims/{}/reject", held["id"]);
        problem(&c.post(&reject, &json!({})).await, 409, "illegal_transition");
        // Whom an admin sends needs nobody to agree.
        let sent = c.post(&at(&same, &dora, "9"), &json!({})).await.is(200).json();
        assert_eq!(sent["status"], "Active");
    });
}

#[test]
fn a_claim_that_is_rejected_or_too_old_frees_the_seat() {
    with_company(async |c| {
        approves_claims(&c).await;
        let offer = offer(&c).await;
        let booking = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        let (cleo, own) = worker(&c).await;
        let (dora, other) = worker(&c).await;
        let first = own.post(&claim(&booking, &cleo), &json!({})).await.is(200).json();
        let reject = format!("/claims/{}/reject", first["id"]);
        let why = json!({"reason": "Too far"});
        let rejected = c.post(&reject, &why).await.is(200).json();
        assert_eq!(
            (&rejected["status"], &rejected["endReason"]),
            (&json!("Rejected"), &json!("Too far"))
        );
        assert_eq!(c.post(&reject, &json!({})).await.is(200).json(), rejected);
        let approve = format!("/claims/{}/approve", first["id"]);
        problem(&c.post(&approve, &json!({})).await, 409, "illegal_transition");

        let second = other.post(&claim(&booking, &dora), &json!({})).await.is(200).json();
        let sql = format!(
            "UPDATE cleaning.assignments SET held_until = now() WHERE tenant_id = {} AND id = {}",
            c.id, second["id"]
        );
        database::write(c.id, &sql).await;
        let approve = format!("/claims/{}/approve", second["id"]);
        problem(&c.post(&approve, &json!({})).await, 409, "hold_expired");
        assert_eq!(c.get("/claims").await.is(200).json()["totalCount"], 0);
        let due = format!(
            "UPDATE platform.jobs SET due_at = now()
             WHERE tenant_id = {} AND kind = 'cleaning.release_claim'",
            c.id
        );
        database::write(c.id, &due).await;
        let at = format!("/assignment/{}", second["id"]);
        let released =
            eventually("a claim that is released", Duration::from_secs(60), async || {
                let claim = c.get(&at).await.is(200).json();
                (claim["status"] != "Held").then_some(claim)
            });
        let released = released.await;
        assert_eq!(released["status"], "Rejected");
        assert_eq!(released["endReason"], "Nobody approved it in time.");
        // Either may try again, and keeps no other visits from being theirs.
        assign(&c, &booking, &cleo).await.is(200);
        assert!(who(&c, &booking).await.iter().all(|one| *one == cleo));
    });
}

#[test]
fn one_cleaner_comes_in_another_ones_place() {
    with_company(async |c| {
        let offer = offer(&c).await;
        let booking = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        let (cleo, own) = worker(&c).await;
        let (dora, _) = worker(&c).await;
        let (eve, _) = worker(&c).await;
        assign(&c, &booking, &cleo).await.is(200);
        let body = json!({"requestId": booking, "fromCleanerId": cleo, "toCleanerId": dora,
            "fromDate": in_days(14).to_string()});
        let done = c.post("/cleaner/reassign", &body).await.is(200).json();
        assert_eq!(
            (&done["ended"]["status"], &done["ended"]["untilDate"]),
            (&json!("Active"), &json!(in_days(13).to_string()))
        );
        let instead = &done["assignment"];
        assert_eq!(
            (&instead["source"], &instead["fromDate"], &instead["cleanerId"]),
            (&json!("reassign"), &json!(in_days(14).to_string()), &dora)
        );
        assert_eq!(done["movedEventIds"].as_array().map(Vec::len), Some(11));
        let those = who(&c, &booking).await;
        assert_eq!(those[0], cleo);
        assert!(those[1..].iter().all(|one| *one == dora), "{those:?}");
        assert_eq!(status(&c, &booking).await, "Assigned");

        // Some visits alone; the cleaner comes to the rest.
        let all = visits(&c, &booking).await;
        let some = json!([all[3]["id"], all[5]["id"]]);
        let body = json!({"requestId": booking, "fromCleanerId": dora, "toCleanerId": eve,
            "eventIds": some});
        let tried = c.post("/cleaner/reassign?validateOnly=true", &body).await.is(200).json();
        assert_eq!(tried["movedEventIds"], some);
        let done = c.post("/cleaner/reassign", &body).await.is(200).json();
        assert_eq!(done["movedEventIds"], some);
        assert_eq!(
            (&done["ended"]["status"], &done["ended"]["untilDate"]),
            (&json!("Active"), &Value::Null)
        );
        assert_eq!(
            (&done["assignment"]["fromDate"], &done["assignment"]["untilDate"]),
            (&all[3]["date"], &all[5]["date"])
        );
        let those = who(&c, &booking).await;
        assert_eq!(
            (&those[2], &those[3], &those[4], &those[5], &those[6]),
            (&dora, &eve, &dora, &eve, &dora)
        );
        // One that is between them goes by the same assignment.
        let body = json!({"requestId": booking, "fromCleanerId": dora, "toCleanerId": eve,
            "eventIds": [all[4]["id"]]});
        let more = c.post("/cleaner/reassign", &body).await.is(200).json();
        assert_eq!(more["assignment"]["id"], done["assignment"]["id"]);
        // The first visit was never theirs, and has gone by the second call.
        let foreign = json!({"requestId": booking, "fromCleanerId": dora, "toCleanerId": eve,
            "eventIds": [all[0]["id"]], "startTime": "10:00"});
        assert_eq!(
            refused(&c.post("/cleaner/reassign", &foreign).await),
            ["eventIds", "startTime"]
        );

        // Who is busy then does not come, and nothing changes.
        let (flo, _) = worker(&c).await;
        let elsewhere = booked(&c, &offer, &json!({})).await["booking"]["id"].clone();
        assign(&c, &elsewhere, &flo).await.is(200);
        let busy = json!({"requestId": booking, "fromCleanerId": dora, "toCleanerId": flo,
            "override": true});
        let body = problem(&c.post("/cleaner/reassign", &busy).await, 409, "slot_conflict");
        assert_eq!(body["conflicts"][0]["kind"], "overlap", "{body}");
        assert_eq!(who(&c, &booking).await[1], dora);
        let same = json!({"requestId": booking, "fromCleanerId": dora, "toCleanerId": dora});
        assert_eq!(refused(&c.post("/cleaner/reassign", &same).await), ["toCleanerId"]);
        assert_eq!(
            refused(&c.post("/cleaner/reassign", &json!({})).await),
            ["fromCleanerId", "requestId", "toCleanerId"]
        );
        let nobody = json!({"requestId": booking, "fromCleanerId": flo, "toCleanerId": cleo});
        problem(&c.post("/cleaner/reassign", &nobody).await, 404, "not_found");
        problem(&own.post("/cleaner/reassign", &nobody).await, 403, "forbidden");

        // From today on it has ended.
        let body = json!({"requestId": booking, "fromCleanerId": cleo, "toCleanerId": flo,
            "startTime": "16:00"});
        let done = c.post("/cleaner/reassign", &body).await.is(200).json();
        assert_eq!(done["ended"]["status"], "Ended");
        assert_eq!(done["assignment"]["untilDate"], in_days(13).to_string());
        assert_eq!(who(&c, &booking).await[..2], [flo, dora]);
        assert!(visits(&c, &booking).await.iter().all(|one| one["startTime"] == "16:00"));
    });
}
