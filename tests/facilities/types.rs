//! Types of properties and of units.
//!
//! Covers: CreatePropertyType, GetPropertyType, ListPropertyTypes.
//! Covers: UpdatePropertyType, DeletePropertyType.
//! Covers: CreatePropertyUnitType, GetPropertyUnitType, ListPropertyUnitTypes.
//! Covers: UpdatePropertyUnitType, DeletePropertyUnitType.

use serde_json::{Value, json};

use crate::support::fixtures::{address, with};
use crate::support::{Tenant, unique, with_tenant};

const PROPERTY: &str = "/api/public/property-categorization/property";
const UNIT: &str = "/api/public/property-categorization/unit";

fn usage(shown: &Value) -> (bool, bool) {
    let flag = |name: &str| shown[name].as_bool().expect("a flag");
    (flag("isUsed"), flag("canDelete"))
}

const USED: (bool, bool) = (true, false);
const UNUSED: (bool, bool) = (false, true);

#[test]
fn a_property_type_knows_whether_it_is_used() {
    with_tenant(async |t| {
        let (id, other) = (t.property_type().await, t.property_type().await);
        let path = format!("{PROPERTY}/{id}");
        let shown = async || usage(&t.get(&path).await.is(200).json());
        assert_eq!(shown().await, UNUSED);
        let body = json!({"address": address(), "propertyTypeId": id});
        let property = t.post("/api/public/Properties", &body).await.is(201).json();
        assert_eq!(usage(&property["propertyType"]), USED);
        assert_eq!(shown().await, USED);
        let list = t.get(PROPERTY).await.is(200).json();
        assert_eq!((usage(&list[0]), usage(&list[1])), (USED, UNUSED));
        t.delete(&path).await.problem(403, "forbidden-action");

        let moved = with(body, json!({"propertyTypeId": other}));
        let property = format!("/api/public/Properties/{}", property["id"]);
        t.put(&property, &moved).await.is(200);
        assert_eq!(shown().await, UNUSED);
        assert_eq!(t.delete(&path).await.is(204).text, "");
        t.get(&path).await.problem(404, "entity-not-found");
        t.delete(&path).await.problem(404, "entity-not-found");
        t.put(&path, &json!({"name": "X"})).await.problem(404, "entity-not-found");
    });
}

#[test]
fn a_unit_type_knows_whether_it_is_used() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let id = t.unit_type().await;
        let path = format!("{UNIT}/{id}");
        let shown = async || usage(&t.get(&path).await.is(200).json());
        assert_eq!(shown().await, UNUSED);
        let unit = t.unit_with(property, owner, json!({"propertyUnitTypeId": id})).await;
        assert_eq!(usage(&unit["propertyUnitType"]), USED);
        assert_eq!(shown().await, USED);
        t.delete(&path).await.problem(403, "forbidden-action");
        let renamed = t.put(&path, &json!({"name": "Renamed"})).await.is(200).json();
        assert_eq!(usage(&renamed), USED);
        let bare = json!({"ownerId": owner});
        t.put(&format!("/api/public/PropertyUnit/{}", unit["id"]), &bare).await.is(200);
        assert_eq!(shown().await, UNUSED);
        assert_eq!(t.delete(&path).await.is(204).text, "");
        t.get(&path).await.problem(404, "entity-not-found");
    });
}

#[test]
fn names_are_unique_in_any_case() {
    with_tenant(async |t| {
        for path in [PROPERTY, UNIT] {
            let name = unique("Ébène ");
            let id = t.post(path, &json!({"name": name})).await.is(201).id();
            let shouted = json!({"name": name.to_uppercase()});
            t.post(path, &shouted).await.problem(400, "bad-request");
            let other = t.post(path, &json!({"name": unique("Other ")})).await.is(201).id();
            t.put(&format!("{path}/{other}"), &shouted).await.problem(400, "bad-request");
            // Its own name in another case is no obstacle.
            let renamed = t.put(&format!("{path}/{id}"), &shouted).await.is(200).json();
            assert_eq!(renamed["name"], name.to_uppercase());
            Tenant::fresh().await.post(path, &json!({"name": name})).await.is(201);
        }
        // The two kinds do not get in each other's way.
        let name = json!({"name": unique("Both ")});
        t.post(PROPERTY, &name).await.is(201);
        t.post(UNIT, &name).await.is(201);
    });
}

#[test]
fn a_name_is_required() {
    with_tenant(async |t| {
        for path in [PROPERTY, UNIT] {
            for body in
                [json!({}), json!({"name": ""}), json!({"name": "  "}), json!({"name": null})]
            {
                assert_eq!(t.post(path, &body).await.refused(400, "bad-request"), ["name"]);
            }
            let long = json!({"name": "x".repeat(201)});
            assert_eq!(t.post(path, &long).await.refused(400, "bad-request"), ["name"]);
        }
    });
}

#[test]
fn lists_are_bare_and_ordered_by_id() {
    with_tenant(async |t| {
        for path in [PROPERTY, UNIT] {
            assert_eq!(t.get(path).await.is(200).json(), json!([]));
            let mut ids = Vec::new();
            for _ in 0..3 {
                ids.push(t.post(path, &json!({"name": unique("Z")})).await.is(201).id());
            }
            let list = t.get(path).await.is(200).json();
            let listed: Vec<_> =
                list.as_array().expect("a list").iter().map(|item| item["id"].as_i64()).collect();
            assert_eq!(listed, ids.into_iter().map(Some).collect::<Vec<_>>());
        }
    });
}
