//! Changes: once for a key, only while the resource is as the caller says, or only tried.

use futures_util::future::join_all;
use serde_json::json;

use crate::support::fixtures::{person, with};
use crate::support::{Answer, Tenant, http, with_tenant};

const OWNERS: &str = "/api/public/Owners";

async fn create(t: &Tenant, key: &str, body: &serde_json::Value) -> Answer {
    http::send(t.request("POST", OWNERS).header("idempotency-key", key).json(body)).await
}

async fn count(t: &Tenant) -> Option<i64> {
    t.get(OWNERS).await.is(200).json()["totalItems"].as_i64()
}

#[test]
fn a_key_makes_a_creation_happen_once() {
    with_tenant(async |t| {
        let body = person();
        let first = create(&t, "key-1", &body).await.is(201);
        let second = create(&t, "key-1", &body).await.is(201);
        assert_eq!(first.text, second.text);
        assert_eq!(first.header("location"), second.header("location"));
        assert_eq!(first.header("idempotency-replayed"), "");
        assert_eq!(second.header("idempotency-replayed"), "true");
        // In another order it is the same.
        let members = body.as_object().expect("an object").iter().rev();
        let members: Vec<_> = members.map(|(name, value)| format!("{name:?}:{value}")).collect();
        let turned = format!("{{{}}}", members.join(","));
        let request = t.request("POST", OWNERS).header("idempotency-key", "key-1");
        let request = request.header("content-type", "application/json").body(turned);
        let third = http::send(request).await.is(201);
        assert_eq!(third.header("idempotency-replayed"), "true");
        let other = create(&t, "key-1", &person()).await;
        assert!((400..500).contains(&other.status), "{}", other.text);
        other.problem(other.status, "idempotency-key-reused");
        assert_eq!(count(&t).await, Some(1));
        // A key is the client's own.
        let stranger = Tenant::fresh().await;
        create(&stranger, "key-1", &body).await.is(201);
        create(&t, "two words", &body).await.problem(400, "invalid-format");
    });
}

#[test]
fn a_key_used_at_once_makes_one() {
    with_tenant(async |t| {
        let body = person();
        let answers = join_all((0..24).map(|_| create(&t, "key-2", &body))).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!made.is_empty());
        assert!(made.iter().all(|answer| answer.text == made[0].text));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.problem(409, "idempotency-in-progress");
        }
        assert_eq!(count(&t).await, Some(1));
    });
}

#[test]
fn a_key_stands_for_a_refusal_as_well() {
    with_tenant(async |t| {
        let body = person();
        let path = format!("{OWNERS}/{}", t.post(OWNERS, &body).await.is(201).id());
        let changed = |key: &str| {
            t.request("PUT", &path).header("if-match", "\"old\"").header("idempotency-key", key)
        };
        for round in 0..20 {
            let key = format!("refused-{round}");
            let first = create(&t, &key, &body).await.is(400);
            let second = create(&t, &key, &body).await.is(400);
            assert_eq!(second.header("idempotency-replayed"), "true", "{round}: {first:?}");
            assert_eq!(first.json()["Type"], second.json()["Type"]);
            let other = create(&t, &key, &person()).await;
            other.problem(other.status, "idempotency-key-reused");
            let key = format!("stale-{round}");
            http::send(changed(&key).json(&body)).await.is(412);
            let again = http::send(changed(&key).json(&body)).await.is(412);
            assert_eq!(again.header("idempotency-replayed"), "true", "{round}");
        }
        assert_eq!(count(&t).await, Some(1));
    });
}

#[test]
fn a_stale_change_is_refused() {
    with_tenant(async |t| {
        let body = person();
        let path = format!("{OWNERS}/{}", t.post(OWNERS, &body).await.is(201).id());
        let etag = t.get(&path).await.is(200).header("etag").to_owned();
        assert!(etag.starts_with('"'), "{etag:?}");
        let change = async |etag: &str, name: &str| {
            let body = with(body.clone(), json!({"name": name}));
            http::send(t.request("PUT", &path).header("if-match", etag).json(&body)).await
        };
        let fresh = change(&etag, "First").await.is(200);
        assert_ne!(fresh.header("etag"), etag);
        let stale = change(&etag, "Second").await;
        stale.problem(412, "precondition-failed");
        assert_eq!(t.get(&path).await.is(200).json()["name"], "First");
        change(fresh.header("etag"), "Third").await.is(200);
        change("*", "Fourth").await.is(200);
    });
}

#[test]
fn a_change_can_be_tried_without_making_it() {
    with_tenant(async |t| {
        let body = person();
        let request = t.request("POST", OWNERS).header("prefer", "respond-async");
        let request = request.header("prefer", "validate-only; for=now").json(&body);
        http::send(request).await;
        assert_eq!(count(&t).await, Some(0));
        let wrong = json!({"email": "nobody", "name": "N"});
        let request = t.request("POST", OWNERS).header("prefer", "validate-only").json(&wrong);
        http::send(request).await.problem(400, "invalid-format");
        t.post(OWNERS, &body).await.is(201);
    });
}
