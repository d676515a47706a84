//! What many calls at the same time may not break.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::fixtures::{person, with};
use crate::support::{database, with_tenant};

const AT_ONCE: usize = 24;

#[test]
fn of_many_creations_of_one_email_one_wins() {
    with_tenant(async |t| {
        let paths = [
            "/api/public/Owners",
            "/api/public/managers",
            "/api/public/service-providers",
            "/api/public/property-users",
        ];
        let body = person();
        let email = body["email"].as_str().expect("text");
        let calls = (0..AT_ONCE).map(|index| {
            let email = if index % 2 == 0 { email.to_owned() } else { email.to_uppercase() };
            let body = with(body.clone(), json!({"email": email}));
            let t = &t;
            async move { t.post(paths[index % paths.len()], &body).await }
        });
        let answers = join_all(calls).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.problem(400, "user-already-exists");
        }
        let sql = format!("SELECT count(*) FROM facilities.users WHERE tenant_id = {}", t.id);
        assert_eq!(database::value(t.id, &sql).await, 1);
        let sql = format!(
            "SELECT sum(n)::bigint FROM platform.row_counts WHERE tenant_id = {} \
             AND kind LIKE 'facilities.users.%'",
            t.id
        );
        assert_eq!(database::value(t.id, &sql).await, 1, "the totals agree");
    });
}

#[test]
fn units_created_at_once_get_different_ids() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let calls = (0..AT_ONCE).map(|_| t.unit_with(property, owner, json!({})));
        let units = join_all(calls).await;
        let ids: BTreeSet<_> =
            units.iter().map(|unit| unit["customUnitId"].as_str().expect("text")).collect();
        let expected: Vec<_> =
            (1..=AT_ONCE).map(|number| format!("P{property}-{number}")).collect();
        assert_eq!(ids, expected.iter().map(String::as_str).collect());
    });
}

#[test]
fn main_contacts_assigned_at_once_leave_one() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let unit = t.unit(property, owner).await;
        let users = join_all((0..8).map(|_| t.user())).await;
        let path = format!("/api/public/PropertyUnit/assign-property-user/{unit}");
        let calls = users.iter().cycle().take(AT_ONCE).map(|user| {
            let body = json!({"propertyUserId": user, "isMainContact": true});
            let (t, path) = (&t, &path);
            async move { t.put(path, &body).await.is(200) }
        });
        join_all(calls).await;
        let unit = t.get(&format!("/api/public/PropertyUnit/{unit}")).await.is(200).json();
        let users = unit["propertyUsers"].as_array().expect("users");
        assert_eq!(users.len(), 8);
        let contacts = users.iter().filter(|user| user["isContact"] == Value::Bool(true)).count();
        assert_eq!(contacts, 1);
    });
}

#[test]
fn type_names_created_at_once_stay_unique() {
    with_tenant(async |t| {
        let path = "/api/public/property-categorization/unit";
        let calls = (0..AT_ONCE).map(|_| async { t.post(path, &json!({"name": "Same"})).await });
        let answers = join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.problem(400, "bad-request");
        }
    });
}

/// Deleting a type while properties take it leaves no property with a type that is gone.
#[test]
fn a_type_is_not_deleted_from_under_a_property() {
    with_tenant(async |t| {
        let id = t.property_type().await;
        let body = json!({"address": crate::support::fixtures::address(), "propertyTypeId": id});
        let path = format!("/api/public/property-categorization/property/{id}");
        let creations = join_all(
            (0..8).map(|_| async { t.post("/api/public/Properties", &body).await.status }),
        );
        let deletions = join_all((0..8).map(|_| async { t.delete(&path).await.status }));
        let (created, deleted) = futures_util::join!(creations, deletions);
        assert!(created.iter().all(|status| [201, 404].contains(status)), "{created:?}");
        assert!(deleted.iter().all(|status| [204, 403, 404].contains(status)), "{deleted:?}");
        let is_gone = deleted.contains(&204);
        assert_eq!(created.contains(&201), !is_gone, "{created:?} {deleted:?}");
    });
}
