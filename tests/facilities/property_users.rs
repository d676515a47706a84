//! Property users: the units they live or work in.
//!
//! Covers: ListPropertyUsers.

use serde_json::{Value, json};

use crate::support::fixtures::address;
use crate::support::with_tenant;

#[test]
fn units_are_shown_with_contract_and_address() {
    with_tenant(async |t| {
        let (property, owner, user) = (t.property().await, t.owner().await, t.user().await);
        let contract = json!({
            "contractStart": "2021-12-16T11:49:14.365Z", "contractEnd": "2022-12-16",
            "floor": -2, "additionalNote": "Cellar", "contactId": user,
        });
        let first = t.unit_with(property, owner, contract).await;
        let own = json!({"city": "Utrecht"});
        let own = crate::support::fixtures::with(address(), own);
        let second =
            json!({"propertyUserIds": [user], "hasPropertyAddress": false, "address": own});
        let second = t.unit_with(property, owner, second).await;
        for path in
            [format!("/api/public/property-users/{user}"), "/api/public/property-users".into()]
        {
            let answer = t.get(&path).await.is(200).json();
            let shown = if answer["items"].is_array() { &answer["items"][0] } else { &answer };
            let units = shown["propertyUnits"].as_array().expect("units");
            assert_eq!(units.len(), 2, "{shown}");
            assert_eq!(units[0]["propertyUnitId"], first["id"]);
            assert_eq!(units[0]["customUnitId"], first["customUnitId"]);
            assert_eq!(units[0]["floor"], -2);
            assert_eq!(units[0]["additionalNote"], "Cellar");
            assert_eq!(units[0]["isMainContact"], true);
            assert_eq!(units[0]["contractStart"], "2021-12-16T11:49:14.365Z");
            assert_eq!(units[0]["contractEnd"], "2022-12-16T00:00:00.000Z");
            assert_eq!(units[0]["address"]["city"], "Amsterdam");
            assert_eq!(units[1]["propertyUnitId"], second["id"]);
            assert_eq!(units[1]["isMainContact"], false);
            assert_eq!(units[1]["contractStart"], Value::Null);
            assert_eq!(units[1]["address"]["city"], "Utrecht");
        }
    });
}
