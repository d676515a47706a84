//! Changes of a unit that have routes of their own: owner and property users.
//!
//! Covers: ChangePropertyOwner, AssignPropertyUser, RemovePropertyUser.

use serde_json::{Value, json};

use crate::support::{Tenant, database, with_tenant};

async fn change_owner(t: &Tenant, unit: i64, owner: i64) -> crate::support::Answer {
    let path = format!("/api/public/PropertyUnit/change-property-owner/{unit}?newOwnerId={owner}");
    t.put_nothing(&path).await
}

async fn read(t: &Tenant, unit: i64) -> Value {
    t.get(&format!("/api/public/PropertyUnit/{unit}")).await.is(200).json()
}

#[test]
fn a_unit_changes_hands() {
    with_tenant(async |t| {
        let (property, old, new) = (t.property().await, t.owner().await, t.owner().await);
        let company = json!({"ownerCompanyId": t.company(old).await});
        let unit = t.unit_with(property, old, company).await["id"].as_i64().expect("an id");
        let answer = change_owner(&t, unit, new).await.is(200).json();
        assert_eq!(answer["propertyUnitId"], unit);
        assert_eq!(answer["oldOwner"]["id"], old);
        assert_eq!(answer["newOwner"]["id"], new);
        let changed = read(&t, unit).await;
        assert_eq!(changed["owner"]["id"], new);
        assert_eq!(changed["ownerCompany"], Value::Null, "it belonged to the old owner");

        let sql = format!(
            "SELECT count(*) FROM facilities.property_unit_owner_changes WHERE tenant_id = {} \
             AND property_unit_id = {unit} AND old_owner_id = {old} AND new_owner_id = {new} \
             AND changed_by = '{}'",
            t.id, t.client_id
        );
        assert_eq!(database::value(t.id, &sql).await, 1, "the history is kept");

        // The answer is not the unit, and the event tells of it all the same.
        let types = [("types", "facilities.property_unit.owner_changed")];
        let page = t.find("/api/public/events", &types).await.is(200).json();
        let event = &page["items"][0];
        assert_eq!(event["resource"], changed);
        assert_eq!(event["changes"]["owner"][0]["id"], old);
        assert_eq!(event["changes"]["owner"][1]["id"], new);
    });
}

#[test]
fn the_same_owner_again_changes_nothing() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let company = t.company(owner).await;
        let unit = t.unit_with(property, owner, json!({"ownerCompanyId": company})).await;
        let unit = unit["id"].as_i64().expect("an id");
        let answer = change_owner(&t, unit, owner).await.is(200).json();
        assert_eq!(answer["oldOwner"], answer["newOwner"]);
        assert_eq!(read(&t, unit).await["ownerCompany"]["id"], company, "it is the owner's own");
    });
}

#[test]
fn a_new_owner_must_be_an_owner() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let unit = t.unit(property, owner).await;
        let foreign = Tenant::fresh().await.owner().await;
        for wrong in [t.manager().await, foreign, 987_654_321] {
            change_owner(&t, unit, wrong).await.problem(404, "entity-not-found");
        }
        change_owner(&t, 987_654_321, owner).await.problem(404, "entity-not-found");
        let path = format!("/api/public/PropertyUnit/change-property-owner/{unit}");
        let none = t.put_nothing(&path).await;
        assert_eq!(none.refused(400, "bad-request"), ["newOwnerId"]);
        let unreadable = t.put_nothing(&format!("{path}?newOwnerId=x")).await;
        assert_eq!(unreadable.refused(400, "invalid-format"), ["newOwnerId"]);
        assert_eq!(read(&t, unit).await["owner"]["id"], owner);
    });
}

#[test]
fn users_are_assigned_and_removed() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let (first, second) = (t.user().await, t.user().await);
        let contract = json!({"contractStart": "2021-01-01", "contractEnd": "2022-01-01"});
        let unit = t.unit_with(property, owner, contract).await["id"].as_i64().expect("an id");
        let assigning = format!("/api/public/PropertyUnit/assign-property-user/{unit}");
        let assign = async |user: i64, main: Value| {
            let body = json!({"propertyUserId": user, "isMainContact": main});
            let answer = t.put(&assigning, &body).await.is(200).json();
            assert_eq!(answer["propertyUnitId"], unit);
            let users = answer["propertyUsers"].as_array().expect("users");
            for user in users {
                assert_eq!(user["contractStartDate"], "2021-01-01T00:00:00.000Z");
                assert_eq!(user["contractEndDate"], "2022-01-01T00:00:00.000Z");
            }
            users
                .iter()
                .map(|user| (user["id"].as_i64().expect("an id"), user["isMainContact"] == true))
                .collect::<Vec<_>>()
        };
        assert_eq!(assign(first, json!(true)).await, [(first, true)]);
        assert_eq!(assign(second, json!(null)).await, [(first, true), (second, false)]);
        // The former main contact loses the flag.
        assert_eq!(assign(second, json!(true)).await, [(first, false), (second, true)]);
        // Assigning again only changes the flag.
        assert_eq!(assign(second, json!(false)).await, [(first, false), (second, false)]);

        let removing = format!("/api/public/PropertyUnit/remove-property-user/{unit}");
        let path = format!("{removing}?propertyUserId={first}");
        let answer = t.put_nothing(&path).await.is(200).json();
        assert_eq!(answer["propertyUnitId"], unit);
        assert_eq!(answer["propertyUser"]["id"], first);
        assert_eq!(answer["propertyUser"]["contractEndDate"], "2022-01-01T00:00:00.000Z");
        t.put_nothing(&path).await.problem(404, "entity-not-found");
        let left = read(&t, unit).await;
        assert_eq!(left["propertyUsers"].as_array().map(Vec::len), Some(1));
        let none = t.put_nothing(&removing).await;
        assert_eq!(none.refused(400, "bad-request"), ["propertyUserId"]);
    });
}

#[test]
fn only_property_users_are_assigned() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let unit = t.unit(property, owner).await;
        let path = format!("/api/public/PropertyUnit/assign-property-user/{unit}");
        let foreign = Tenant::fresh().await.user().await;
        for wrong in [owner, t.manager().await, foreign, 987_654_321] {
            let body = json!({"propertyUserId": wrong});
            t.put(&path, &body).await.problem(404, "entity-not-found");
        }
        let none = t.put(&path, &json!({"isMainContact": true})).await;
        assert_eq!(none.refused(400, "bad-request"), ["propertyUserId"]);
        let body = json!({"propertyUserId": t.user().await});
        let nowhere = "/api/public/PropertyUnit/assign-property-user/987654321";
        t.put(nowhere, &body).await.problem(404, "entity-not-found");
        let nowhere = "/api/public/PropertyUnit/remove-property-user/987654321?propertyUserId=1";
        t.put_nothing(nowhere).await.problem(404, "entity-not-found");
    });
}
