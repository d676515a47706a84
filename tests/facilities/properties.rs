//! Properties.
//!
//! Covers: CreateProperty, GetProperty, ListProperties, UpdateProperty.

use serde_json::{Value, json};

use crate::support::fixtures::{address, with, without};
use crate::support::{Tenant, unique, with_tenant};

const PROPERTIES: &str = "/api/public/Properties";

#[test]
fn a_property_needs_the_whole_address() {
    with_tenant(async |t| {
        let none = t.post(PROPERTIES, &json!({"name": "N"})).await;
        let refused = none.refused(400, "bad-request");
        assert!(refused.iter().all(|path| path.starts_with("address")), "{refused:?}");
        assert!(!refused.is_empty());
        for part in ["street", "streetNumber", "postCode", "city", "country"] {
            for body in [without(address(), part), with(address(), json!({part: " "}))] {
                let answer = t.post(PROPERTIES, &json!({"address": body})).await;
                assert_eq!(answer.refused(400, "bad-request"), [format!("address.{part}")]);
            }
        }
        let place = without(address(), "googlePlaceId");
        let created = t.post(PROPERTIES, &json!({"address": place})).await.is(201).json();
        assert_eq!(created["address"]["googlePlaceId"], Value::Null);
        assert_eq!(created["isActive"], true);
        for name in ["name", "customPropertyId", "propertyType"] {
            assert_eq!(created.get(name), Some(&Value::Null), "{name}");
        }
        let path = format!("{PROPERTIES}/{}", created["id"]);
        let answer = t.put(&path, &json!({"address": {"city": "A"}})).await;
        assert_eq!(
            answer.refused(400, "bad-request"),
            ["address.country", "address.postCode", "address.street", "address.streetNumber"]
        );
    });
}

#[test]
fn a_type_must_exist() {
    with_tenant(async |t| {
        let foreign = Tenant::fresh().await.property_type().await;
        for id in [987_654_321, foreign, t.unit_type().await + 1_000_000] {
            let body = json!({"address": address(), "propertyTypeId": id});
            t.post(PROPERTIES, &body).await.problem(404, "entity-not-found");
        }
        assert_eq!(t.get(PROPERTIES).await.is(200).json()["totalItems"], 0);
    });
}

#[test]
fn an_update_replaces_everything() {
    with_tenant(async |t| {
        let body = json!({
            "address": address(), "name": "The Building", "customPropertyId": "222",
            "propertyTypeId": t.property_type().await,
        });
        let created = t.post(PROPERTIES, &body).await.is(201).json();
        let path = format!("{PROPERTIES}/{}", created["id"]);
        let moved = with(address(), json!({"city": "Utrecht"}));
        let updated = t.put(&path, &json!({"address": moved})).await.is(200).json();
        assert_eq!(updated["address"]["city"], "Utrecht");
        assert_eq!(updated["address"]["id"], created["address"]["id"]);
        for name in ["name", "customPropertyId", "propertyType"] {
            assert_eq!(updated[name], Value::Null, "{name}");
        }
        t.put(&format!("{PROPERTIES}/987654321"), &body).await.problem(404, "entity-not-found");
    });
}

#[test]
fn properties_are_found_by_each_documented_member() {
    with_tenant(async |t| {
        let place = json!({
            "street": "Rue de Rivoli", "streetNumber": "42bis", "postCode": "75001",
            "city": "Paris", "country": "Francia", "googlePlaceId": "unsearched",
        });
        let name = unique("Palais ");
        let body = json!({"address": place, "name": name, "customPropertyId": "PARIS/1er"});
        let id = t.post(PROPERTIES, &body).await.is(201).id();
        t.property().await;
        for search in [&*name, "paris/1er", "rivoli", "42BIS", "75001", "paris"] {
            let page = t.find(PROPERTIES, &[("searchParameter", search)]).await.is(200).json();
            assert_eq!(page["totalItems"], 1, "{search}");
            assert_eq!(page["items"][0]["id"], id, "{search}");
        }
        for search in ["Francia", "unsearched", "%", "_"] {
            let page = t.find(PROPERTIES, &[("searchParameter", search)]).await.is(200).json();
            assert_eq!(page["totalItems"], 0, "{search}");
        }
    });
}
