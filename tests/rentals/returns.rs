//! What pieces that are picked up and come back lead a booking to, and how that is told.

use serde_json::{Value, json};

use super::bookings::{booked, booking, item, status};
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::{Tenant, http, mail};

/// A booking of two lines that is reserved for a customer with an address: its path, and the paths
/// of the lines.
async fn reserved(t: &Tenant, email: &str) -> (String, Vec<String>) {
    let camera = item(t, "Camera", json!({"stock": 5})).await;
    let light = item(t, "Light", json!({"stock": 5})).await;
    let two = json!({
        "customer": {"name": "Ana", "email": email},
        "items": [{"item_internal_id": camera, "quantity": 2}, {"item_internal_id": light}],
        "reserve": true, "notify": false,
    });
    let path = booked(t, with(booking(camera, 1, "2027-07-14", "2027-07-15"), two)).await;
    let lines = t.get(&format!("{path}/items")).await.is(200).data();
    let lines = lines.as_array().expect("a list").iter();
    let lines = lines.map(|line| format!("{path}/items/{}", line["id"].as_str().expect("an id")));
    let lines = lines.collect();
    (path, lines)
}

/// What was recorded of a booking since it was reserved, the first first: the kind, and what was
/// there before and after.
async fn recorded(t: &Tenant, path: &str) -> Vec<String> {
    let told = t.get(&format!("{path}/activities")).await.is(200).data();
    let mut told: Vec<(i64, String)> = told
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| {
            let id = one["id"].as_str().expect("an id").parse().expect("a number");
            let params = &one["attributes"]["properties"]["params"];
            let (old, new) = (params["old"].to_string(), params["new"].to_string());
            let what = match one["attributes"]["kind"].as_str().expect("a kind") {
                "booking_email_sent" => format!("mail {}", params["email_kind"]),
                kind => format!("{} {old} {new}", kind.trim_start_matches("booking_")),
            };
            (id, what.replace('"', ""))
        })
        .collect();
    told.sort_unstable();
    let reserved = told.iter().position(|(_, what)| what == "status_changed drafting reserved");
    told.drain(..=reserved.expect("reserved"));
    told.into_iter().map(|(_, what)| what).collect()
}

#[test]
fn what_begins_and_ends_at_once_is_told_step_by_step() {
    with_shop(async |t| {
        let (path, lines) = &reserved(&t, "once@example.com").await;
        assert_eq!(http::send(t.request("DELETE", &lines[1])).await.status, 204);
        let both = json!({"picked_up_quantity": 2, "returned_quantity": 2});
        t.change(&lines[0], both).await.is(200);
        let shown = t.get(path).await.is(200).attributes();
        assert_eq!(
            (&shown["status"], &shown["previous_status"]),
            (&json!("completed"), &json!("ongoing"))
        );
        let expected = [
            "item_removed null null",
            "status_changed reserved ongoing",
            "item_picked_up 0 2",
            "status_changed ongoing completed",
            "item_returned 0 2",
            "mail pick_up",
            "mail completed",
        ];
        assert_eq!(recorded(&t, path).await, expected);
        mail::to(&t, "once@example.com", 2).await;
    });
}

#[test]
fn a_pick_up_is_told_once() {
    with_shop(async |t| {
        let (path, lines) = &reserved(&t, "again@example.com").await;
        for (pieces, becomes) in [(1, "ongoing"), (0, "reserved"), (2, "ongoing")] {
            t.change(&lines[0], json!({"picked_up_quantity": pieces})).await.is(200);
            assert_eq!(status(&t, path).await, becomes);
        }
        let told = recorded(&t, path).await.into_iter().filter(|one| *one == *"mail pick_up");
        assert_eq!(told.count(), 1);
    });
}

#[test]
fn what_a_removed_line_completed_can_be_under_way_again() {
    with_shop(async |t| {
        let (path, lines) = &reserved(&t, "removed@example.com").await;
        t.change(&lines[0], json!({"picked_up_quantity": 2})).await.is(200);
        t.change(&lines[0], json!({"returned_quantity": 2})).await.is(200);
        assert_eq!(status(&t, path).await, "ongoing");
        assert_eq!(http::send(t.request("DELETE", &lines[1])).await.status, 204);
        assert_eq!(status(&t, path).await, "completed");
        let back = t.act(&format!("{path}/status/revert_completed")).await.is(200).attributes();
        assert_eq!(
            (&back["status"], &back["previous_status"], &back["completed_at"]),
            (&json!("ongoing"), &json!("completed"), &Value::Null)
        );
        // Nothing but a piece that comes back, or a line that goes, completes it again.
        t.change(path, json!({"notes": "One more to come"})).await.is(200);
        assert_eq!(status(&t, path).await, "ongoing");
        t.change(&lines[0], json!({"returned_quantity": 1})).await.is(200);
        t.change(&lines[0], json!({"returned_quantity": 2})).await.is(200);
        assert_eq!(status(&t, path).await, "completed");
        let expected = [
            "status_changed reserved ongoing",
            "item_picked_up 0 2",
            "mail pick_up",
            "item_returned 0 2",
            "item_removed null null",
            "status_changed ongoing completed",
            "mail completed",
            "status_changed completed ongoing",
            "item_returned 2 1",
            "status_changed ongoing completed",
            "item_returned 1 2",
            "mail completed",
        ];
        assert_eq!(recorded(&t, path).await, expected);
    });
}

#[test]
fn what_a_lowered_line_completed_gets_its_pieces_back() {
    with_shop(async |t| {
        let (path, lines) = &reserved(&t, "lowered@example.com").await;
        assert_eq!(http::send(t.request("DELETE", &lines[1])).await.status, 204);
        t.change(&lines[0], json!({"picked_up_quantity": 1, "returned_quantity": 1})).await.is(200);
        assert_eq!(status(&t, path).await, "ongoing");
        t.change(&lines[0], json!({"quantity": 1})).await.is(200);
        assert_eq!(status(&t, path).await, "completed");
        t.act(&format!("{path}/status/revert_completed")).await.is(200);
        assert_eq!(status(&t, path).await, "ongoing");
        let line = t.get(&lines[0]).await.is(200).attributes();
        assert_eq!((&line["quantity"], &line["returned_quantity"]), (&json!(2), &json!(1)));
        let told = recorded(&t, path).await;
        let last = told.last().expect("an activity");
        assert_eq!(last, "status_changed completed ongoing", "{told:?}");
    });
}
