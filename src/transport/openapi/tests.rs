//! The document holds what the contract says. An independent validator checks its form:
//! `steward openapi --family facilities | openapi-spec-validator -`.

use serde_json::{Value, json};

use super::document;
use crate::catalog::Catalog;
use crate::rest::routes;

fn of_family(name: &str) -> Value {
    let catalog = Catalog::load().expect("the contract is whole");
    document(&catalog, name, "https://api.example").expect("the family is there")
}

fn facilities() -> Value {
    of_family("facilities")
}

#[test]
fn every_route_has_its_operation() {
    let catalog = Catalog::load().expect("the contract is whole");
    for family in catalog.families() {
        let document = of_family(family.name);
        let paths = document["paths"].as_object().expect("paths");
        let operations: Vec<&Value> =
            paths.values().flat_map(|item| item.as_object().expect("an item").values()).collect();
        let offered = routes(&catalog).filter(|route| route.family == family.name).count();
        assert_eq!(operations.len(), offered, "{}", family.name);
        let mut ids: Vec<_> = operations
            .iter()
            .map(|operation| operation["operationId"].as_str().expect("an id"))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), operations.len());
        assert!(operations.iter().all(|operation| operation["summary"] != ""));
        assert!(document_is_closed(&document), "every reference leads somewhere");
    }
    assert!(document(&catalog, "no-such-family", "").is_none());
}

fn document_is_closed(document: &Value) -> bool {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                found.extend(members.get("$ref").and_then(Value::as_str));
                members.values().for_each(|value| references(value, found));
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut found = Vec::new();
    references(document, &mut found);
    !found.is_empty()
        && found.iter().all(|reference| {
            document.pointer(reference.trim_start_matches('#')).is_some_and(Value::is_object)
        })
}

#[test]
fn operations_tell_what_the_contract_says() {
    let document = facilities();
    let create = &document["paths"]["/api/public/Owners"]["post"];
    assert_eq!(create["operationId"], "OwnerService_CreateOwner");
    assert_eq!(create["tags"], json!(["Owner"]));
    assert!(create["responses"]["201"]["headers"]["Location"].is_object());
    let export = &document["paths"]["/api/public/exports"]["post"]["responses"];
    assert!(export["202"]["headers"]["Location"].is_object() && export.get("201").is_none());
    let body = &create["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(body["$ref"], "#/components/schemas/OwnerInput");

    let schemas = &document["components"]["schemas"];
    let event = &schemas["Event"];
    assert_eq!(event["properties"]["address"]["type"], "string");
    let required = event["required"].as_array().expect("names");
    assert!(required.contains(&json!("changes")) && !required.contains(&json!("address")));
    let input = &schemas["OwnerInput"];
    assert_eq!(input["required"], json!(["email", "name"]));
    assert_eq!(input["properties"]["email"]["format"], "email");
    assert_eq!(input["properties"]["email"]["maxLength"], 254);
    assert_eq!(input["properties"]["companyName"]["type"], json!(["string", "null"]));
    assert_eq!(input["properties"]["authorizedAmount"]["type"], json!(["number", "null"]));
    let unit = &schemas["PropertyUnit"]["properties"];
    assert_eq!(unit["contractStart"]["format"], "date-time");
    assert_eq!(unit["attachments"]["type"], json!(["array", "null"]));
    let tags = &schemas["ServiceProviderInput"]["properties"]["tags"];
    assert_eq!(
        (&tags["type"], &tags["items"]["type"]),
        (&json!(["array", "null"]), &json!("integer"))
    );

    let list = &document["paths"]["/api/public/Owners"]["get"]["parameters"];
    let names: Vec<_> = list.as_array().expect("some").iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["pageNo", "pageSize", "searchParameter", "filter", "orderBy"]);
    let token = &document["paths"]["/api/connect/token"]["post"];
    assert_eq!(token["security"], json!([]));
    assert!(token["requestBody"]["content"]["application/x-www-form-urlencoded"].is_object());
    let flow = &document["components"]["securitySchemes"]["token"]["flows"]["clientCredentials"];
    assert_eq!(flow["tokenUrl"], "https://api.example/api/connect/token");

    // Two routes of one path under one name, as OpenAPI wants it.
    let unit = &document["paths"]["/api/public/PropertyUnit/{propertyUnitId}"];
    assert!(unit["get"].is_object() && unit["put"].is_object() && unit["post"].is_object());
}

#[test]
fn documents_are_described_as_they_are() {
    let document = of_family("rentals");
    let schemas = &document["components"]["schemas"];
    let list = &document["paths"]["/api/saas/me/customers"]["get"];
    let content = &list["responses"]["200"]["content"];
    for kind in ["application/json", "application/vnd.api+json"] {
        let schema = &content[kind]["schema"]["$ref"];
        assert_eq!(schema, "#/components/schemas/ListCustomersResponse");
    }
    let page = &schemas["ListCustomersResponse"]["properties"];
    assert_eq!(page["data"]["items"]["$ref"], "#/components/schemas/Customer");
    assert_eq!(page["links"]["$ref"], "#/components/schemas/Links");
    assert_eq!(
        page["meta"]["required"],
        json!(["total_count", "page_number", "page_size", "total_pages"])
    );
    assert_eq!(page["included"]["items"]["anyOf"][0]["$ref"], "#/components/schemas/Address");

    let customer = &schemas["Customer"]["properties"];
    assert_eq!(
        (&customer["id"]["type"], &customer["type"]["const"]),
        (&json!("string"), &json!("customer"))
    );
    let attributes = &customer["attributes"]["properties"];
    assert_eq!(attributes["total_spent"]["type"], json!(["number", "null"]));
    assert_eq!(attributes["total_spent"]["readOnly"], true);
    assert_eq!(attributes["kind"]["enum"], json!(["individual", "company", null]));
    assert!(attributes["addresses"].is_null() && attributes["etag"].is_null());
    let related = &customer["relationships"]["properties"]["addresses"]["properties"]["data"];
    assert_eq!(related["items"]["properties"]["type"]["const"], "address");

    let parameters = list["parameters"].as_array().expect("some");
    let names: Vec<_> = parameters.iter().map(|one| one["name"].as_str().expect("text")).collect();
    let expected = [
        "page[number]",
        "page[size]",
        "q",
        "filter",
        "sort",
        "filter[deleted]",
        "include",
        "fields",
    ];
    assert_eq!(names, expected);
    for deep in ["filter", "fields"] {
        let parameter = parameters.iter().find(|one| one["name"] == deep).expect("it is there");
        assert_eq!(
            (&parameter["style"], &parameter["explode"]),
            (&json!("deepObject"), &json!(true))
        );
    }

    let create = &document["paths"]["/api/saas/me/customers"]["post"];
    let body = &create["requestBody"]["content"]["application/vnd.api+json"]["schema"];
    let data = &body["properties"]["data"];
    assert_eq!(data["properties"]["attributes"]["$ref"], "#/components/schemas/Customer.Create");
    assert_eq!(schemas["Customer.Create"]["required"], json!(["name"]));
    assert_eq!(schemas["Customer.Update"]["required"], json!([]));
    assert!(create["responses"]["201"]["headers"]["Location"].is_object());
    assert!(create["responses"]["422"].is_object());

    // Changes by PUT and by PATCH are the same, and neither is old.
    let one = &document["paths"]["/api/saas/me/customers/{customer_internal_id}"];
    assert!(one["put"]["deprecated"].is_null() && one["patch"]["deprecated"].is_null());
    assert_eq!(one["patch"]["parameters"][0]["schema"]["type"], "integer");
    let address = "/api/saas/me/customers/{customer_internal_id}/addresses/{id}";
    let id = &document["paths"][address]["get"]["parameters"][1];
    assert_eq!((&id["name"], &id["schema"]["type"]), (&json!("id"), &json!("string")));
}

#[test]
fn requests_are_described_as_they_are_read() {
    let rentals = of_family("rentals");
    let path = "/api/saas/me/bookings/{booking_internal_id}/status/cancel";
    let content = &rentals["paths"][path]["post"]["requestBody"]["content"];
    for kind in ["application/json", "application/vnd.api+json"] {
        let data = &content[kind]["schema"]["properties"]["data"]["properties"];
        let attributes = "#/components/schemas/CancelRequest.Attributes";
        assert_eq!(data["attributes"]["$ref"], attributes);
    }
    let schemas = &rentals["components"]["schemas"];
    let attributes = &schemas["CancelRequest.Attributes"];
    assert_eq!(attributes["properties"]["reason"]["maxLength"], 500);
    assert!(attributes["properties"].get("booking_internal_id").is_none(), "the path says it");
    // What is not known is refused, however deep it is.
    let address = &schemas["Customer.Create"]["properties"]["addresses"]["items"]["$ref"];
    let address = address.as_str().and_then(|name| name.rsplit('/').next()).expect("a name");
    assert_eq!(schemas[address]["additionalProperties"], false);
    let phone = &schemas[address]["properties"]["phone_number"];
    assert_eq!(phone["pattern"], r"^(\+[1-9][0-9]{6,14})?$");

    let cleaning = of_family("cleaning");
    // An update may give a part of what is nested, too.
    let address = &cleaning["components"]["schemas"]["Tenant.Update"]["properties"]["address"];
    assert!(address.to_string().contains("#/components/schemas/Address.Update\""), "{address}");
    assert!(cleaning["components"]["schemas"]["Address.Update"]["required"].is_null());
    let hours = &cleaning["paths"]["/cleaner/{cleanerId}/unavailable-hours"]["put"];
    let schema = &hours["requestBody"]["content"]["application/json"]["schema"];
    assert_eq!(schema["type"], "array");
    let area = &cleaning["paths"]["/cleaner/{cleanerId}/location"]["post"]["responses"];
    assert_eq!(area["200"]["content"], area["201"]["content"], "it may have been there");
    let signed = &cleaning["paths"]["/signed-agreement"]["post"]["requestBody"]["content"];
    let signed = &signed["application/json"]["schema"]["$ref"];
    let signed = signed.as_str().and_then(|name| name.rsplit('/').next()).expect("a name");
    let image = &cleaning["components"]["schemas"][signed]["properties"]["signatureImage"];
    assert!(image["pattern"].as_str().is_some_and(|pattern| pattern.contains("==")), "{image}");
}
