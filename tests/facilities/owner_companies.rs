//! Companies of owners.
//!
//! Covers: CreateOwnerCompany, GetOwnerCompany, ListOwnerCompanies.
//! Covers: UpdateOwnerCompany, DeleteOwnerCompany.

use serde_json::{Value, json};

use crate::support::fixtures::address;
use crate::support::{Tenant, with_tenant};

#[test]
fn a_company_is_kept_and_replaced() {
    with_tenant(async |t| {
        let owner = t.owner().await;
        let path = format!("/api/public/Owners/{owner}/companies");
        let body = json!({
            "name": "Test Company", "invoiceEmail": "c@example.com", "maxMandateAmount": 1000.01,
            "attentionTo": "Sales", "countryCode": "0031", "phoneNumber": "23545467",
            "externalReferenceId": "X", "invoiceAddress": address(),
        });
        let created = t.post(&path, &body).await.is(201).json();
        assert_eq!(created["countryCode"], "31");
        assert_eq!(created["maxMandateAmount"], 1000.01);
        let path = format!("{path}/{}", created["id"]);
        let updated = t.put(&path, &json!({"name": "Renamed"})).await.is(200).json();
        assert_eq!(updated["name"], "Renamed");
        for name in [
            "invoiceEmail",
            "maxMandateAmount",
            "attentionTo",
            "countryCode",
            "phoneNumber",
            "externalReferenceId",
            "invoiceAddress",
        ] {
            assert_eq!(updated[name], Value::Null, "{name}");
        }
        assert_eq!(t.get(&path).await.is(200).json(), updated);
    });
}

#[test]
fn a_company_is_found_below_its_owner_alone() {
    with_tenant(async |t| {
        let (owner, other, manager) = (t.owner().await, t.owner().await, t.manager().await);
        let company = t.company(owner).await;
        let body = json!({"name": "N"});
        for wrong in [other, manager, 987_654_321] {
            let path = format!("/api/public/Owners/{wrong}/companies/{company}");
            t.get(&path).await.problem(404, "entity-not-found");
            t.put(&path, &body).await.problem(404, "entity-not-found");
            t.delete(&path).await.problem(404, "entity-not-found");
        }
        for wrong in [manager, 987_654_321] {
            let path = format!("/api/public/Owners/{wrong}/companies");
            t.get(&path).await.problem(404, "entity-not-found");
            t.post(&path, &body).await.problem(404, "entity-not-found");
        }
        let stranger = Tenant::fresh().await;
        let path = format!("/api/public/Owners/{owner}/companies");
        stranger.get(&path).await.problem(404, "entity-not-found");
        stranger.post(&path, &body).await.problem(404, "entity-not-found");
        assert_eq!(t.get(&path).await.is(200).json()["totalItems"], 1);
    });
}

#[test]
fn deleting_a_company_leaves_the_units_with_their_owner() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let company = t.company(owner).await;
        let unit = t.unit_with(property, owner, json!({"ownerCompanyId": company})).await;
        assert_eq!(unit["ownerCompany"]["id"], company);
        let path = format!("/api/public/owners/{owner}/companies/{company}");
        let answer = t.delete(&path).await.is(200);
        assert_eq!(answer.json(), json!({"id": company}));
        let unit = t.get(&format!("/api/public/PropertyUnit/{}", unit["id"])).await.is(200).json();
        assert_eq!(unit["ownerCompany"], Value::Null);
        assert_eq!(unit["owner"]["id"], owner);
        t.delete(&path).await.problem(404, "entity-not-found");
        t.get(&path).await.problem(404, "entity-not-found");
    });
}

#[test]
fn a_name_is_required() {
    with_tenant(async |t| {
        let path = format!("/api/public/Owners/{}/companies", t.owner().await);
        let answer = t.post(&path, &json!({"attentionTo": "Sales"})).await;
        assert_eq!(answer.refused(400, "bad-request"), ["name"]);
        let body = json!({"name": "N", "maxMandateAmount": -1, "invoiceEmail": "x"});
        let answer = t.post(&path, &body).await;
        assert_eq!(answer.refused(400, "bad-request"), ["invoiceEmail", "maxMandateAmount"]);
    });
}
