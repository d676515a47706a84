//! Owners: billing members and the units they own.
//!
//! Covers: GetOwner, ListOwners.

use serde_json::{Value, json};

use crate::support::fixtures::{address, person, with};
use crate::support::with_tenant;

#[test]
fn billing_is_kept_and_replaced() {
    with_tenant(async |t| {
        let billing = json!({
            "authorizedAmount": 650.5, "invoiceAddress": address(), "invoiceCompany": "Invoices Ltd",
            "invoiceEmail": "invoices@example.com", "attentionTo": "Accounts",
        });
        let body = with(person(), billing.clone());
        let created = t.post("/api/public/Owners", &body).await.is(201).json();
        for (name, value) in billing.as_object().expect("an object") {
            if name != "invoiceAddress" {
                assert_eq!(&created[name], value, "{name}");
            }
        }
        assert!(created["invoiceAddress"]["id"].is_i64(), "{created}");
        assert_eq!(created["address"].get("id"), None, "its address is documented without an id");
        let path = format!("/api/public/Owners/{}", created["id"]);
        let updated = t.put(&path, &person()).await.is(200).json();
        for name in billing.as_object().expect("an object").keys() {
            assert_eq!(updated[name], Value::Null, "{name}");
        }
    });
}

#[test]
fn an_invoice_address_keeps_its_id_while_there_is_one() {
    with_tenant(async |t| {
        let body = with(person(), json!({"invoiceAddress": address()}));
        let created = t.post("/api/public/Owners", &body).await.is(201).json();
        let path = format!("/api/public/Owners/{}", created["id"]);
        let moved = with(body.clone(), json!({"invoiceAddress": {"city": "Utrecht"}}));
        let updated = t.put(&path, &moved).await.is(200).json();
        assert_eq!(updated["invoiceAddress"]["id"], created["invoiceAddress"]["id"]);
        assert_eq!(updated["invoiceAddress"]["city"], "Utrecht");
        assert_eq!(updated["invoiceAddress"]["street"], Value::Null);
    });
}

#[test]
fn the_list_counts_the_units_owned_now() {
    with_tenant(async |t| {
        let (property, first, second) = (t.property().await, t.owner().await, t.owner().await);
        let unit = t.unit(property, first).await;
        t.unit(property, first).await;
        let counts = async || {
            let list = t.get("/api/public/Owners").await.is(200).json();
            let items = list["items"].as_array().expect("items").clone();
            items.iter().map(|item| item["numberOfPropertyUnits"].as_i64()).collect::<Vec<_>>()
        };
        assert_eq!(counts().await, [Some(2), Some(0)]);
        let path =
            format!("/api/public/PropertyUnit/change-property-owner/{unit}?newOwnerId={second}");
        t.put_nothing(&path).await.is(200);
        assert_eq!(counts().await, [Some(1), Some(1)]);
    });
}

#[test]
fn an_invoice_email_is_an_email() {
    with_tenant(async |t| {
        let body = with(person(), json!({"invoiceEmail": "not one"}));
        let answer = t.post("/api/public/Owners", &body).await;
        assert_eq!(answer.refused(400, "invalid-format"), ["invoiceEmail"]);
    });
}

#[test]
fn a_missing_owner_is_not_found() {
    with_tenant(async |t| {
        t.get("/api/public/Owners/987654321").await.problem(404, "entity-not-found");
        t.put("/api/public/Owners/987654321", &person()).await.problem(404, "entity-not-found");
    });
}
