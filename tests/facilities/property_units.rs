//! Property units: who and what they refer to, their ids and addresses.
//!
//! Covers: CreatePropertyUnit, GetPropertyUnit, ListPropertyUnits, UpdatePropertyUnit.

use serde_json::{Value, json};

use crate::support::fixtures::{address, person, with};
use crate::support::{Tenant, unique, with_tenant};

fn path(unit: &Value) -> String {
    format!("/api/public/PropertyUnit/{}", unit["id"])
}

#[test]
fn a_bare_unit_has_defaults() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let unit = t.unit_with(property, owner, json!({})).await;
        for name in [
            "contractStart",
            "contractEnd",
            "manager",
            "defaultIssueManager",
            "ownerCompany",
            "attachments",
            "additionalNote",
            "floor",
            "propertyUnitType",
        ] {
            assert_eq!(unit.get(name), Some(&Value::Null), "{name}: {unit}");
        }
        assert_eq!(unit["propertyUsers"], json!([]));
        assert_eq!(unit["hasPropertyAddress"], true);
        assert_eq!(unit["isCommonSpace"], false);
        assert_eq!(unit["isActive"], true);
        assert_eq!(unit["expired"], false);
        assert_eq!(unit["customUnitId"], format!("P{property}-1"));
    });
}

#[test]
fn a_property_must_exist() {
    with_tenant(async |t| {
        let owner = t.owner().await;
        let foreign = Tenant::fresh().await.property().await;
        for property in [987_654_321, foreign] {
            for body in [json!({"ownerId": owner}), json!({"ownerId": owner, "customUnitId": "X"})]
            {
                let answer = t.post(&format!("/api/public/PropertyUnit/{property}"), &body).await;
                answer.problem(404, "entity-not-found");
            }
            let query = [("propertyId", &*property.to_string())];
            t.find("/api/public/PropertyUnit", &query).await.problem(404, "entity-not-found");
        }
        let answer = t.get("/api/public/PropertyUnit").await;
        assert_eq!(answer.refused(400, "bad-request"), ["propertyId"]);
        let answer = t.get("/api/public/PropertyUnit?propertyId=x").await;
        assert_eq!(answer.refused(400, "invalid-format"), ["propertyId"]);
    });
}

#[test]
fn references_must_exist_in_the_right_role() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let (manager, user, provider) = (t.manager().await, t.user().await, t.provider().await);
        let path = format!("/api/public/PropertyUnit/{property}");
        let stranger = Tenant::fresh().await;
        let foreign_owner = stranger.owner().await;
        let company_of_another = t.company(t.owner().await).await;
        for wrong in [
            json!({"ownerId": manager}),
            json!({"ownerId": foreign_owner}),
            json!({"ownerId": 987_654_321}),
            json!({"managerId": owner}),
            json!({"managerId": 987_654_321}),
            json!({"propertyUserIds": [user, provider]}),
            json!({"propertyUserIds": [stranger.user().await]}),
            json!({"contactId": manager}),
            json!({"contactId": 987_654_321}),
            json!({"ownerCompanyId": company_of_another}),
            json!({"ownerCompanyId": 987_654_321}),
            json!({"propertyUnitTypeId": 987_654_321}),
            json!({"propertyUnitTypeId": stranger.unit_type().await}),
        ] {
            let body = with(json!({"ownerId": owner}), wrong);
            let answer = t.post(&path, &body).await;
            answer.problem(404, "entity-not-found");
            let unit = t.unit_with(property, owner, json!({})).await;
            t.put(&self::path(&unit), &body).await.problem(404, "entity-not-found");
            assert_eq!(t.get(&self::path(&unit)).await.is(200).json(), unit, "nothing is written");
        }
        let none = t.post(&path, &json!({"floor": 1})).await;
        assert_eq!(none.refused(400, "bad-request"), ["ownerId"]);
        let twice = json!({"ownerId": owner, "propertyUserIds": [user, user]});
        let unit = t.post(&path, &twice).await.is(201).json();
        assert_eq!(unit["propertyUsers"].as_array().map(Vec::len), Some(1), "each once");
    });
}

#[test]
fn the_contact_is_one_of_the_users() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let (first, second) = (t.user().await, t.user().await);
        let contacts = |unit: &Value| -> Vec<(i64, bool)> {
            let users = unit["propertyUsers"].as_array().expect("users");
            users
                .iter()
                .map(|user| (user["id"].as_i64().expect("an id"), user["isContact"] == true))
                .collect()
        };
        let body = json!({"propertyUserIds": [first], "contactId": second});
        let unit = t.unit_with(property, owner, body).await;
        assert_eq!(contacts(&unit), [(first, false), (second, true)]);
        let body =
            json!({"ownerId": owner, "propertyUserIds": [second, first], "contactId": first});
        let unit = t.put(&path(&unit), &body).await.is(200).json();
        assert_eq!(contacts(&unit), [(first, true), (second, false)]);
        let unit = t.put(&path(&unit), &json!({"ownerId": owner})).await.is(200).json();
        assert_eq!(contacts(&unit), []);
    });
}

#[test]
fn a_contract_does_not_end_before_it_starts() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let creating = format!("/api/public/PropertyUnit/{property}");
        let contract = |start: &str, end: &str| json!({"ownerId": owner, "contractStart": start, "contractEnd": end});
        let wrong = contract("2022-01-02", "2022-01-01");
        assert_eq!(t.post(&creating, &wrong).await.refused(400, "bad-request"), ["contractEnd"]);
        let unit = t.post(&creating, &contract("2022-01-01", "2022-01-01")).await.is(201).json();
        assert_eq!(unit["expired"], true);
        assert_eq!(t.put(&path(&unit), &wrong).await.refused(400, "bad-request"), ["contractEnd"]);
        let unit = t.put(&path(&unit), &contract("2022-01-01", "2999-01-01")).await.is(200).json();
        assert_eq!(unit["expired"], false);
        let open = json!({"ownerId": owner, "contractStart": "2022-01-01"});
        let unit = t.put(&path(&unit), &open).await.is(200).json();
        assert_eq!((&unit["expired"], &unit["contractEnd"]), (&json!(false), &Value::Null));
    });
}

#[test]
fn a_unit_shows_the_address_of_its_property_until_it_has_its_own() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let creating = format!("/api/public/PropertyUnit/{property}");
        // Ignored while the property's address is shown.
        let own = json!({"address": with(address(), json!({"city": "Utrecht"}))});
        let unit = t.unit_with(property, owner, own.clone()).await;
        assert_eq!(
            (&unit["address"]["city"], &unit["hasPropertyAddress"]),
            (&json!("Amsterdam"), &json!(true))
        );
        let city = async || {
            let unit = t.get(&path(&unit)).await.is(200).json();
            (
                unit["address"]["city"].as_str().map(str::to_owned),
                unit["hasPropertyAddress"] == true,
            )
        };
        let move_property = async |city: &str| {
            let body = json!({"address": with(address(), json!({"city": city}))});
            t.put(&format!("/api/public/Properties/{property}"), &body).await.is(200);
        };
        move_property("Delft").await;
        assert_eq!(city().await, (Some("Delft".into()), true));

        let false_without = json!({"ownerId": owner, "hasPropertyAddress": false});
        let refused = t.post(&creating, &false_without).await.refused(400, "bad-request");
        assert!(refused.iter().all(|path| path.starts_with("address")), "{refused:?}");
        assert!(!refused.is_empty());
        let part = with(false_without.clone(), json!({"address": {"city": "Utrecht"}}));
        let answer = t.post(&creating, &part).await;
        assert_eq!(
            answer.refused(400, "bad-request"),
            ["address.country", "address.postCode", "address.street", "address.streetNumber"]
        );

        let with_own = with(false_without, own);
        let changed = t.put(&path(&unit), &with_own).await.is(200).json();
        assert_eq!(changed["hasPropertyAddress"], false);
        assert_ne!(changed["address"]["id"], unit["address"]["id"], "addresses are not shared");
        move_property("Leiden").await;
        assert_eq!(city().await, (Some("Utrecht".into()), false));

        let back = t.put(&path(&unit), &json!({"ownerId": owner})).await.is(200).json();
        assert_eq!(back["address"]["id"], unit["address"]["id"]);
        assert_eq!(city().await, (Some("Leiden".into()), true));
        // Its own is gone for good: asking for it again needs it again.
        let again = json!({"ownerId": owner, "hasPropertyAddress": false});
        assert_eq!(t.put(&path(&unit), &again).await.status, 400);
    });
}

#[test]
fn custom_ids_are_unique_within_the_tenant() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let id = unique("Unit-");
        t.unit_with(property, owner, json!({"customUnitId": id})).await;
        let elsewhere = t.property().await;
        let body = json!({"ownerId": owner, "customUnitId": id});
        t.post(&format!("/api/public/PropertyUnit/{elsewhere}"), &body)
            .await
            .problem(400, "bad-request");
        let unit = t.unit_with(elsewhere, owner, json!({})).await;
        t.put(&path(&unit), &body).await.problem(400, "bad-request");
        let other = Tenant::fresh().await;
        let (property, owner) = (other.property().await, other.owner().await);
        other.unit_with(property, owner, json!({"customUnitId": id})).await;
    });
}

#[test]
fn generated_ids_count_on_and_step_over_taken_ones() {
    with_tenant(async |t| {
        let owner = t.owner().await;
        let property = unique("HOUSE");
        let body = json!({"address": address(), "customPropertyId": property});
        let id = t.post("/api/public/Properties", &body).await.is(201).id();
        let generated = async || {
            let unit = t.unit_with(id, owner, json!({})).await;
            unit["customUnitId"].as_str().expect("text").to_owned()
        };
        assert_eq!(generated().await, format!("{property}-1"));
        for taken in [2, 3] {
            let by_hand = json!({"customUnitId": format!("{property}-{taken}")});
            t.unit_with(id, owner, by_hand).await;
        }
        assert_eq!(generated().await, format!("{property}-4"));
        assert_eq!(generated().await, format!("{property}-5"));
        // An empty id is none.
        let unit = t.unit_with(id, owner, json!({"customUnitId": ""})).await;
        assert_eq!(unit["customUnitId"], format!("{property}-6"));
    });
}

#[test]
fn an_update_replaces_all_but_manager_and_custom_id() {
    with_tenant(async |t| {
        let (property, owner, manager) = (t.property().await, t.owner().await, t.manager().await);
        let unit = t
            .unit_with(
                property,
                owner,
                json!({
                    "managerId": manager, "floor": 3, "contractStart": "2021-01-01",
                    "contractEnd": "2022-01-01", "additionalNote": "N", "isCommonSpace": true,
                    "ownerCompanyId": t.company(owner).await, "contactId": t.user().await,
                    "propertyUnitTypeId": t.unit_type().await,
                }),
            )
            .await;
        let updated = t.put(&path(&unit), &json!({"ownerId": owner})).await.is(200).json();
        assert_eq!(updated["manager"]["id"], manager, "documented: the manager stays");
        assert_eq!(updated["defaultIssueManager"]["id"], manager);
        assert_eq!(updated["customUnitId"], unit["customUnitId"]);
        for name in [
            "floor",
            "contractStart",
            "contractEnd",
            "additionalNote",
            "ownerCompany",
            "propertyUnitType",
        ] {
            assert_eq!(updated[name], Value::Null, "{name}");
        }
        assert_eq!(
            (&updated["isCommonSpace"], &updated["propertyUsers"]),
            (&json!(false), &json!([]))
        );
        let other = t.manager().await;
        let body = json!({"ownerId": owner, "managerId": other, "customUnitId": "New"});
        let updated = t.put(&path(&unit), &body).await.is(200).json();
        assert_eq!(
            (&updated["manager"]["id"], &updated["customUnitId"]),
            (&json!(other), &json!("New"))
        );
        t.put("/api/public/PropertyUnit/987654321", &body).await.problem(404, "entity-not-found");
    });
}

#[test]
fn units_are_found_by_each_documented_member() {
    with_tenant(async |t| {
        let property = t.property().await;
        let named = async |path: &str, name: &str| {
            t.post(path, &with(person(), json!({"name": name}))).await.is(201).id()
        };
        let owner = named("/api/public/Owners", "Olga Ownerson").await;
        let contact = named("/api/public/property-users", "Conny Contact").await;
        let bystander = named("/api/public/property-users", "Bystander").await;
        let companies = format!("/api/public/Owners/{owner}/companies");
        let company = t.post(&companies, &json!({"name": "Holding Nv"})).await.is(201).id();
        let own = json!({
            "street": "Rue de Rivoli", "streetNumber": "42bis", "postCode": "75001",
            "city": "Paris", "country": "Francia",
        });
        let unit = t
            .unit_with(
                property,
                owner,
                json!({
                    "customUnitId": "ATTIC", "hasPropertyAddress": false, "address": own,
                    "ownerCompanyId": company, "contactId": contact,
                    "propertyUserIds": [bystander], "additionalNote": "unsearched",
                }),
            )
            .await;
        t.unit(property, t.owner().await).await;
        let id = property.to_string();
        let ask = async |search: &str| {
            let query = [("propertyId", &*id), ("searchParameter", search)];
            let page = t.find("/api/public/PropertyUnit", &query).await.is(200).json();
            (page["totalItems"].as_i64(), page["items"][0]["id"].clone())
        };
        for search in
            ["attic", "RIVOLI", "42bis", "75001", "paris", "conny", "ownerson", "holding nv"]
        {
            assert_eq!(ask(search).await, (Some(1), unit["id"].clone()), "{search}");
        }
        for search in ["bystander", "unsearched", "francia"] {
            assert_eq!(ask(search).await.0, Some(0), "{search}");
        }
        assert_eq!(ask("Javastraat").await.0, Some(1), "the other shows its property's address");
    });
}
