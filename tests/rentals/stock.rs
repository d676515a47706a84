//! Nothing is promised twice, whoever asks at the same time.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::bookings::{booked, booking, item};
use super::with_shop;
use crate::support::fixtures::with;
use crate::support::{Answer, Tenant, database};

const BOOKINGS: &str = "/api/saas/me/bookings";

#[test]
fn of_many_who_reserve_at_once_as_many_succeed_as_there_are_pieces() {
    with_shop(async |t| {
        let camera = item(&t, "Camera", json!({"stock": 10})).await;
        let mut paths = Vec::new();
        for _ in 0..200 {
            paths.push(booked(&t, booking(camera, 1, "2027-06-10", "2027-06-12")).await);
        }
        let answers = join_all(paths.iter().map(|path| reserve(&t, path))).await;
        let count = |status: u16| answers.iter().filter(|one| one.status == status).count();
        assert_eq!((count(200), count(409)), (10, 190), "{:?}", other(&answers));
        for refused in answers.iter().filter(|one| one.status == 409) {
            refused.error(409, "shortage", "/data/relationships/items");
            let short = refused.json()["errors"][0]["meta"].clone();
            assert_eq!(short["available_quantity"], 0, "{short}");
        }
    });
}

/// Reserves a booking. Where the server has no connection to spare for the call, which then did
/// nothing, it is made again when the server says.
async fn reserve(t: &Tenant, path: &str) -> Answer {
    for _ in 0..20 {
        let answer = t.act(&format!("{path}/status/reserve")).await;
        if answer.status != 503 {
            return answer;
        }
        let pause = answer.header("retry-after").parse().expect("seconds");
        tokio::time::sleep(Duration::from_secs(pause)).await;
    }
    panic!("{path}: the server never had room");
}

fn other(answers: &[Answer]) -> Vec<&str> {
    let others = answers.iter().filter(|one| one.status != 200 && one.status != 409);
    others.map(|one| one.text.as_str()).collect()
}

/// A step of a walk that is the same for the same seed.
fn next(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// Makes, moves, grows, reserves and cancels bookings of two items in any order.
async fn walk(t: &Tenant, mut seed: u64, steps: usize, items: [i64; 2]) {
    for _ in 0..steps {
        let day = 1 + next(&mut seed) % 20;
        let (start, end) =
            (format!("2027-06-{day:02}"), format!("2027-06-{:02}", day + next(&mut seed) % 5));
        let quantity = 1 + next(&mut seed) % 3;
        let one = (next(&mut seed) % 2) as usize;
        let lines: Vec<Value> = [items[one], items[1 - one]]
            .into_iter()
            .map(|item| json!({"item_internal_id": item, "quantity": quantity}))
            .collect();
        let known = 1 + next(&mut seed) % 40;
        let path = format!("{BOOKINGS}/{known}");
        let answer = match next(&mut seed) % 6 {
            0 | 1 => {
                let new = with(
                    booking(items[0], 1, &start, &end),
                    json!({"items": lines, "reserve": true}),
                );
                t.make(BOOKINGS, new).await
            }
            2 => t.change(&path, json!({"start_at": start, "end_at": end})).await,
            3 => t.act(&format!("{path}/status/reserve")).await,
            4 => t.act(&format!("{path}/status/cancel")).await,
            _ => t.act(&format!("{path}/status/undo_cancel")).await,
        };
        let expected = matches!(answer.status, 200 | 201 | 404 | 409 | 422);
        assert!(expected, "{}: {} {}", answer.asked, answer.status, answer.text);
        assert!(!answer.text.contains("\"conflict\""), "{}: {}", answer.asked, answer.text);
    }
}

#[test]
fn whatever_is_done_at_once_no_more_is_held_than_there_is() {
    with_shop(async |t| {
        let stock = 4;
        let items = [
            item(&t, "Camera", json!({"stock": stock})).await,
            item(&t, "Light", json!({"stock": stock})).await,
        ];
        join_all((1..=10).map(|seed| walk(&t, seed * 7919, 100, items))).await;
        // Pieces held at the start of each hold, which is where most are.
        let sql = format!(
            "SELECT COALESCE(max(held), 0)::bigint FROM (
               SELECT (SELECT sum(o.quantity) FROM rentals.booking_items o
                   WHERE o.item_id = l.item_id AND o.deleted_at IS NULL
                     AND o.hold_from <= l.hold_from AND o.hold_till > l.hold_from) AS held
               FROM rentals.booking_items l
               WHERE l.tenant_id = {} AND l.deleted_at IS NULL AND l.hold_from IS NOT NULL
             ) AS moments",
            t.id
        );
        let most = database::value(t.id, &sql).await;
        assert!((1..=stock).contains(&most), "{most} pieces were held of {stock}");
    });
}
