//! Properties and their types, in use and out of use.
//!
//! Covers: DeactivateProperty, ReactivateProperty, DeleteProperty.
//! Covers: DeactivatePropertyType, ReactivatePropertyType.

use serde_json::json;

use crate::support::fixtures::{address, with};
use crate::support::with_tenant;

const PROPERTIES: &str = "/api/public/Properties";

#[test]
fn a_property_is_taken_out_of_use_and_back() {
    with_tenant(async |t| {
        let path = format!("{PROPERTIES}/{}", t.property().await);
        for (verb, is_active) in
            [("deactivate", false), ("deactivate", false), ("reactivate", true)]
        {
            let shown = t.post(&format!("{path}/{verb}"), &json!({})).await.is(200).json();
            assert_eq!(shown["isActive"], is_active, "{verb}");
            assert_eq!(t.get(&path).await.json(), shown);
        }
        let nowhere = format!("{PROPERTIES}/999999/deactivate");
        t.post(&nowhere, &json!({})).await.problem(404, "entity-not-found");
    });
}

#[test]
fn a_property_with_units_is_not_deleted() {
    with_tenant(async |t| {
        let (used, empty, owner) = (t.property().await, t.property().await, t.owner().await);
        t.unit(used, owner).await;
        t.delete(&format!("{PROPERTIES}/{used}")).await.problem(403, "forbidden-action");
        let path = format!("{PROPERTIES}/{empty}");
        assert_eq!(t.delete(&path).await.is(204).text, "");
        t.get(&path).await.problem(404, "entity-not-found");
        t.delete(&path).await.problem(404, "entity-not-found");
        assert_eq!(t.get(PROPERTIES).await.json()["totalItems"], 1);
    });
}

#[test]
fn a_type_out_of_use_is_given_to_no_further_property() {
    with_tenant(async |t| {
        let id = t.property_type().await;
        let path = format!("/api/public/property-categorization/property/{id}");
        let body = json!({"address": address(), "propertyTypeId": id});
        let property = t.post(PROPERTIES, &body).await.is(201).id();
        let shown = t.post(&format!("{path}/deactivate"), &json!({})).await.is(200).json();
        assert_eq!((&shown["isActive"], &shown["isUsed"]), (&json!(false), &json!(true)));
        let answer = t.post(PROPERTIES, &body).await;
        assert_eq!(answer.refused(400, "bad-request"), ["propertyTypeId"]);
        // Who has it keeps it.
        let renamed = with(body.clone(), json!({"name": "Renamed"}));
        t.put(&format!("{PROPERTIES}/{property}"), &renamed).await.is(200);
        let shown = t.post(&format!("{path}/reactivate"), &json!({})).await.is(200).json();
        assert_eq!(shown["isActive"], true);
        t.post(PROPERTIES, &body).await.is(201);
    });
}
