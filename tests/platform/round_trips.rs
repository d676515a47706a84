//! What goes out comes in again: the file of an export is one that can be imported.

use serde_json::{Value, json};
use steward_platform::imports::Importable;

use super::families::{CLEANING, FACILITIES, Family, RENTALS};
use super::import_modes::upsert;
use super::imports::{counts, faults};
use crate::support::fixtures::{address, person, with};
use crate::support::{Tenant, database, run, with_tenant};

/// Records of every resource that can be imported, with all they may have.
async fn fill(t: &Tenant, family: &Family) {
    let made =
        async |path: &str, body: Value| t.post(path, &family.body(body)).await.is(201).value();
    if family.name == "rentals" {
        let category = made("/api/me/item_categories", json!({"name": "Cameras"})).await;
        let item = json!({"title": "=Camera", "sku": "CAM-1", "stock": 3, "value": 1200.5,
            "item_category_id": category["data"]["id"], "tags": ["film", "new"], "notes": "-",
            "prices": [{"up_to": 7, "unit": "day", "price": 15.5}],
            "overtime_rule": {"mode": "custom", "unit": "hour", "price": 2.5},
            "deposit_kind": "percentage", "deposit_value": 12.5, "tax_rate": 6});
        made("/api/saas/me/items", item).await;
        made("/api/saas/me/items", json!({"title": "Light", "sku": "LIT-1"})).await;
        let customer = json!({"name": "Ann", "email": "ann@example.com", "tags": ["film"],
            "discount_percentage": 10, "phone_number": "+351912345678", "language": "pt",
            "id_document_kind": "id_card", "id_document_number": "1", "id_verified": true});
        made("/api/saas/me/customers", customer).await;
        let other = json!({"name": "Bob", "email": "bob@example.com"});
        made("/api/saas/me/customers", other).await;
        return;
    }
    if family.name == "cleaning" {
        let room = json!({"name": "Sauna", "description": "Hot", "minutes": 30, "price": 12.5,
            "maxQuantity": 2, "defaultTasks": ["Sweep", "Wipe"], "sortOrder": 7});
        made("/room/add", room).await;
        return;
    }
    let phone = json!({"countryCode": "31", "phoneNumber": "612345678"});
    let place = json!({"street": "Keizersgracht", "streetNumber": "1", "city": "Amsterdam"});
    let whole = |more: Value| {
        let person = with(with(person(), phone.clone()), json!({"companyName": "=A, \"B\""}));
        with(with(person, json!({"address": place, "additionalNote": "A\nnote"})), more)
    };
    let id = |made: Value| made["id"].as_i64().expect("an id");
    let owner = json!({"authorizedAmount": 12.5, "invoiceAddress": place, "attentionTo": "Ann",
        "externalReferenceId": "E-1", "invoiceEmail": "i@example.com", "invoiceCompany": "C"});
    let owner = id(made("/api/public/Owners", whole(owner)).await);
    t.owner().await;
    let company = json!({"name": "Acme", "maxMandateAmount": 99.95, "invoiceAddress": place,
        "attentionTo": "Bea", "externalReferenceId": "C-1", "invoiceEmail": "c@example.com"});
    let company = with(company, phone.clone());
    let company = id(made(&format!("/api/public/Owners/{owner}/companies"), company).await);
    let manager = id(made("/api/public/managers", whole(json!({}))).await);
    let tags = [t.tag("Roofs").await, t.tag("Walls").await];
    made("/api/public/service-providers", whole(json!({"tags": tags}))).await;
    t.provider().await;
    let user = id(made("/api/public/property-users", whole(json!({}))).await);
    let other = t.user().await;
    let (of_property, of_unit) = (t.property_type().await, t.unit_type().await);
    let property = json!({"address": address(), "name": "House", "customPropertyId": "P-1",
        "propertyTypeId": of_property});
    let property = id(made("/api/public/Properties", property).await);
    let plain = json!({"address": address(), "customPropertyId": "P-2"});
    made("/api/public/Properties", plain).await;
    let unit = json!({"customUnitId": "U-1", "floor": 3, "managerId": manager, "contactId": user,
        "ownerCompanyId": company, "propertyUserIds": [user, other], "additionalNote": "Note",
        "contractStart": "2026-01-01T00:00:00.000Z", "contractEnd": "2030-01-01T00:00:00.000Z",
        "propertyUnitTypeId": of_unit, "hasPropertyAddress": false, "address": address()});
    let unit = id(t.unit_with(property, owner, unit).await);
    t.unit_with(property, owner, json!({"customUnitId": "U-2", "isCommonSpace": true})).await;
    let issue = json!({"propertyUnitId": unit, "reporterId": user, "name": "Leak", "urgent": true,
        "description": "Water", "category": "Pipes", "issueManagerId": manager,
        "propertyUsersInvolved": true, "userReferenceId": "I-1"});
    made("/api/public/Issues", issue).await;
}

async fn without_rooms() -> Tenant {
    let t = Tenant::of("cleaning").await;
    let sql = format!("DELETE FROM cleaning.rooms WHERE tenant_id = {}", t.id);
    database::write(t.id, &sql).await;
    t
}

const FORMATS: [(&str, &str); 2] = [("Csv", "text/csv"), ("Ndjson", "application/x-ndjson")];

/// All that can be imported, as an export has it.
async fn files(t: &Tenant, family: &Family, all: &[Importable], format: &str) -> Vec<String> {
    let mut files = Vec::new();
    for one in all {
        let input = json!({"resource": one.resource, "format": format});
        files.push(family.export_as(t, input).await);
    }
    files
}

/// A file without the times in it: a record says when it was last written.
fn without_times(file: &str) -> String {
    let is_time = |bytes: &[u8]| {
        let shape = b"0000-00-00T00:00:00";
        bytes.iter().zip(shape).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
    };
    let (mut out, mut rest) = (String::new(), file);
    while let Some(at) = rest.as_bytes().windows(19).position(is_time) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        rest = after.split_at(19).1;
    }
    out + rest
}

/// A file that was exported changes nothing where it comes from, in either format, and creates
/// the same where records are known by nothing but their ids.
#[test]
fn what_goes_out_comes_in_and_changes_nothing() {
    run(async {
        for (family, all) in [
            (FACILITIES, steward_facilities::IMPORTS),
            (RENTALS, steward_rentals::IMPORTS),
            (CLEANING, steward_cleaning::IMPORTS),
        ] {
            let t = Tenant::of(family.name).await;
            fill(&t, &family).await;
            for (format, media_type) in FORMATS {
                let before = files(&t, &family, all, format).await;
                for (one, file) in all.iter().zip(&before) {
                    let resource = one.resource;
                    let mut input = json!({"resource": resource, "mode": "Upsert"});
                    if one.upsert.is_none() {
                        let dry_run = family.name("dry_run", "dryRun");
                        input = json!({"resource": resource, dry_run: true});
                    }
                    // A room has a name that no other has, so it goes to a company without rooms.
                    let elsewhere = match resource {
                        "rooms" => Some(without_rooms().await),
                        _ => None,
                    };
                    let to = elsewhere.as_ref().unwrap_or(&t);
                    let done = family.import_as(to, media_type, file, input).await;
                    let count = |snake: &str, camel: &str| {
                        done[family.name(snake, camel)].as_i64().expect("a count")
                    };
                    let rows = count("row_count", "rowCount");
                    assert!(rows > 0, "{resource}: none is made here");
                    let written = match one.upsert {
                        Some(_) => count("updated", "updatedCount"),
                        None => count("created", "createdCount"),
                    };
                    assert_eq!(written, rows, "{resource} as {format}: {done}\n{file}");
                    let ignored = &done[family.name("ignored_columns", "ignoredColumns")];
                    assert!(ignored.as_array().expect("a list").contains(&json!("id")), "{done}");
                }
                let after = files(&t, &family, all, format).await;
                for ((one, before), after) in all.iter().zip(&before).zip(&after) {
                    let (after, before) = (without_times(after), without_times(before));
                    assert_eq!(after, before, "{} as {format}", one.resource);
                }
            }
        }
    });
}

#[test]
fn what_no_column_names_stays_and_what_is_empty_goes() {
    with_tenant(async |t| {
        fill(&t, &FACILITIES).await;
        let property = async || {
            let found =
                t.find("/api/public/Properties", &[("filter", "custom_property_id = \"P-1\"")]);
            found.await.is(200).json()["items"][0].clone()
        };
        let before = property().await;
        let import = upsert(&t, "properties", "customPropertyId,name\nP-1,Villa\n").await;
        assert_eq!(counts(&import), [1, 0, 0], "{:?}", faults(&t, &import).await);
        assert_eq!(property().await, with(before.clone(), json!({"name": "Villa"})));
        let file = "customPropertyId,address.city,propertyType.id\nP-1,Delft,\n";
        let import = upsert(&t, "properties", file).await;
        assert_eq!(counts(&import), [1, 0, 0], "{:?}", faults(&t, &import).await);
        let changed = property().await;
        assert_eq!((&changed["propertyType"], &changed["name"]), (&Value::Null, &json!("Villa")));
        let moved = with(before["address"].clone(), json!({"city": "Delft"}));
        assert_eq!(changed["address"]["street"], moved["street"]);
        assert_eq!(changed["address"]["city"], "Delft");

        let providers = t.get("/api/public/service-providers").await.json()["items"].clone();
        let email = providers[0]["email"].as_str().expect("text");
        let tagged = async || {
            t.get("/api/public/service-providers").await.json()["items"][0]["tags"].clone()
        };
        upsert(&t, "service_providers", &format!("email,additionalNote\n{email},New\n")).await;
        assert_eq!(tagged().await, json!(["Roofs", "Walls"]));
        let import = upsert(&t, "service_providers", &format!("email,tags\n{email},\n")).await;
        assert_eq!(counts(&import), [1, 0, 0], "{:?}", faults(&t, &import).await);
        assert_eq!(tagged().await, json!([]));

        // What cannot be written is told, and what there is not is refused.
        let file = format!("email,isActive,status\n{email},false,Active\n");
        let import = upsert(&t, "service_providers", &file).await;
        assert!(import["failure"].as_str().expect("text").contains("isActive"), "{import}");
        let file = format!("email,status\n{email},Active\n");
        let import = upsert(&t, "service_providers", &file).await;
        assert_eq!(import["ignoredColumns"], json!(["status"]));
    });
}
