//! Customers and their addresses.
//!
//! Covers: CreateCustomer, GetCustomer, ListCustomers, UpdateCustomer, DeleteCustomer,
//! Covers: RestoreCustomer, ListCustomerAddresses, GetCustomerAddress, CreateCustomerAddress,
//! Covers: UpdateCustomerAddress, DeleteCustomerAddress.

use prost::Message;
use serde_json::{Value, json};
use steward_contracts::steward::rentals::v1 as pb;

use super::with_shop;
use crate::support::fixtures::with;
use crate::support::{Tenant, grpc, http};

const CUSTOMERS: &str = "/api/saas/me/customers";

fn place(city: &str) -> Value {
    json!({"street": "Rua Augusta 1", "city": city, "country": "PT", "postal_code": "1100-048"})
}

/// A customer of this name; answers the path.
async fn customer(t: &Tenant, name: &str) -> String {
    let made = t.make(CUSTOMERS, json!({"name": name})).await.is(201);
    format!("{CUSTOMERS}/{}", made.attributes()["internal_id"])
}

#[test]
fn a_customer_is_recorded_with_addresses_and_read() {
    with_shop(async |t| {
        let given = json!({
            "name": "  Ana Silva ",
            "kind": "company",
            "email": "Ana@Example.com",
            "phone_number": "+351912345678",
            "language": "pt",
            "discount_percentage": 12.5,
            "tags": ["vip", "vip", "film"],
            "id_document_kind": "passport",
            "addresses": [place("Lisboa"), with(place("Porto"), json!({"kind": "billing"}))],
            "bookings_count": 99,
        });
        let made = t.make(CUSTOMERS, given).await.is(201);
        assert_eq!(made.header("location"), format!("{CUSTOMERS}/1"));
        assert_eq!(made.data()["type"], "customer");
        assert!(made.data()["id"].is_string());
        let attributes = made.attributes();
        for (name, expected) in [
            ("internal_id", json!(1)),
            ("name", json!("Ana Silva")),
            ("kind", json!("company")),
            ("email", json!("Ana@Example.com")),
            ("language", json!("pt")),
            ("discount_percentage", json!(12.5)),
            ("tags", json!(["vip", "film"])),
            ("id_document_kind", json!("passport")),
            ("id_verified", json!(false)),
            ("notes", json!(null)),
            ("bookings_count", json!(0)),
        ] {
            assert_eq!(attributes[name], expected, "{name}");
        }
        assert!(attributes["created_at"].as_str().is_some_and(|text| text.ends_with('Z')));

        let read = t.get(&format!("{CUSTOMERS}/1")).await.is(200);
        assert_eq!(read.attributes(), attributes);
        assert_eq!(read.header("etag"), made.header("etag"));
        assert!(read.data().get("relationships").is_none(), "{}", read.text);
        let whole = t.get(&format!("{CUSTOMERS}/1?include=addresses")).await.is(200).json();
        let links = whole["data"]["relationships"]["addresses"]["data"].as_array().expect("links");
        let included = whole["included"].as_array().expect("addresses");
        assert_eq!((links.len(), included.len()), (2, 2));
        assert_eq!(included[0]["type"], "address");
        assert_eq!(included[0]["attributes"]["city"], "Lisboa");
        assert_eq!(included[0]["attributes"]["main"], true, "the first one is the main one");
        assert_eq!(included[1]["attributes"]["kind"], "billing");

        let sparse = t.get(&format!("{CUSTOMERS}/1?fields%5Bcustomer%5D=name,email")).await.is(200);
        assert_eq!(sparse.attributes(), json!({"name": "Ana Silva", "email": "Ana@Example.com"}));
        let missing = t.get(&format!("{CUSTOMERS}/2")).await;
        missing.error(404, "not_found", "");
    });
}

#[test]
fn refusals_name_each_attribute_and_parameter() {
    with_shop(async |t| {
        let wrong = json!({
            "email": "nobody",
            "phone_number": "912",
            "discount_percentage": 100.5,
            "notes": "x".repeat(5001),
            "colour": "red",
        });
        let mut errors = t.make(CUSTOMERS, wrong).await.errors(422);
        errors.sort();
        let expected = [
            ("invalid_format", "/data/attributes/email"),
            ("invalid_format", "/data/attributes/phone_number"),
            ("out_of_range", "/data/attributes/discount_percentage"),
            ("required", "/data/attributes/name"),
            ("too_long", "/data/attributes/notes"),
            ("unknown_attribute", "/data/attributes/colour"),
        ];
        assert_eq!(errors, expected.map(|(code, at)| (code.to_owned(), at.to_owned())));

        let unreadable = t.make(CUSTOMERS, json!({"name": 5})).await;
        unreadable.error(422, "invalid_format", "/data/attributes/name");
        // What cannot be read is told with what is wrong with the rest.
        let both = json!({"kind": "x", "email": "x", "discount_percentage": "many"});
        let mut errors = t.make(CUSTOMERS, both).await.errors(422);
        errors.sort();
        let expected = [
            ("invalid_format", "/data/attributes/discount_percentage"),
            ("invalid_format", "/data/attributes/email"),
            ("invalid_value", "/data/attributes/kind"),
            ("required", "/data/attributes/name"),
        ];
        assert_eq!(errors, expected.map(|(code, at)| (code.to_owned(), at.to_owned())));
        let made = json!({"name": "Ana", "kind": "x"});
        t.make(CUSTOMERS, made).await.error(422, "invalid_value", "/data/attributes/kind");
        assert_eq!(t.get(CUSTOMERS).await.is(200).json()["meta"]["total_count"], 0);
        let typed = json!({"data": {"type": "item", "attributes": {"name": "A"}}});
        t.post(CUSTOMERS, &typed).await.error(409, "type_mismatch", "");
        t.post(CUSTOMERS, &json!({"name": "A"})).await.error(400, "malformed_body", "/data");
        for other in ["text/plain", "application/merge-patch+json", "application/xml"] {
            let refusal = t.raw("POST", CUSTOMERS, other, r#"{"data": {}}"#).await;
            refusal.error(415, "unsupported_media_type", "");
        }

        for (query, code, place) in [
            ("colour=red", "unknown_parameter", "colour"),
            ("include=bookings", "unsupported_include", "include"),
            ("page%5Bnumber%5D=0", "invalid_parameter", "page[number]"),
            ("page%5Bsize%5D=x", "invalid_parameter", "page[size]"),
            ("page%5Bsize%5D=", "invalid_parameter", "page[size]"),
            ("sort=colour", "invalid_parameter", "sort"),
            ("filter%5Bcolour%5D=red", "invalid_parameter", "filter[colour]"),
            ("filter%5Bdeleted%5D=maybe", "invalid_parameter", "filter[deleted]"),
        ] {
            t.get(&format!("{CUSTOMERS}?{query}")).await.error(400, code, place);
        }

        let portuguese = t.send("POST", CUSTOMERS, json!({})).header("accept-language", "pt-PT");
        let refused = http::send(portuguese).await;
        refused.error(422, "required", "/data/attributes/name");
        let error = &refused.json()["errors"][0];
        assert_eq!(
            (&error["title"], &error["detail"]),
            (&json!("Está em falta"), &json!("name é obrigatório."))
        );
        assert_eq!(refused.header("content-language"), "pt");
        // All that is wrong is told so, and what there is not.
        let wrong = json!({"name": "A".repeat(200), "email": "x", "discount_percentage": 101});
        let request = t.send("POST", CUSTOMERS, wrong).header("accept-language", "de, pt;q=0.5");
        let refused = http::send(request).await.is(422).json();
        let details: Vec<_> = refused["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|one| one["detail"].as_str().expect("text"))
            .collect();
        assert_eq!(
            details,
            [
                "name tem mais de 160 caracteres.",
                "email não é um endereço de e-mail.",
                "discount_percentage não está entre 0 e 100.",
            ]
        );
        let request = t.request("GET", &format!("{CUSTOMERS}/7")).header("accept-language", "pt");
        let missing = http::send(request).await.is(404);
        assert_eq!(missing.json()["errors"][0]["detail"], "Cliente com o id 7 não existe.");
        let made = t.make(CUSTOMERS, json!({"name": "A"})).await.is(201);
        assert_eq!(made.attributes()["internal_id"], 1, "what failed has left no gap");
        assert_eq!(made.header("content-language"), "en");
    });
}

#[test]
fn customers_are_filtered_ordered_and_paged() {
    with_shop(async |t| {
        for (name, more) in [
            ("Alvaro", json!({"kind": "company", "tags": ["Film"], "discount_percentage": 5})),
            ("Bea", json!({"email": "bea@example.com", "language": "es"})),
            ("Carl", json!({"phone_number": "+351912000111", "id_verified": true})),
            ("dora", json!({"vat_number": "PT501", "tags": ["film", "vip"]})),
        ] {
            t.make(CUSTOMERS, with(json!({"name": name}), more)).await.is(201);
        }
        for (query, expected) in [
            ("", vec!["dora", "Carl", "Bea", "Alvaro"]),
            ("sort=name", vec!["Alvaro", "Bea", "Carl", "dora"]),
            ("sort=-internal_id", vec!["dora", "Carl", "Bea", "Alvaro"]),
            ("filter[kind]=company", vec!["Alvaro"]),
            (
                "filter[kind]=company,individual&sort=internal_id",
                vec!["Alvaro", "Bea", "Carl", "dora"],
            ),
            ("filter[kind][not]=company&sort=name", vec!["Bea", "Carl", "dora"]),
            ("filter[tags][match]=film&sort=internal_id", vec!["Alvaro", "dora"]),
            ("filter[id_verified]=true", vec!["Carl"]),
            ("filter[discount_percentage][gte]=5", vec!["Alvaro"]),
            ("filter[email][prefix]=bea@", vec!["Bea"]),
            ("filter[email][null]=false", vec!["Bea"]),
            ("filter[language]=null&sort=name", vec!["Alvaro", "Carl", "dora"]),
            ("q=álvaro", vec!["Alvaro"]),
            ("q=912000", vec!["Carl"]),
            ("q=pt501", vec!["dora"]),
        ] {
            let query: Vec<(&str, &str)> =
                query.split('&').filter_map(|pair| pair.split_once('=')).collect();
            let found = t.find(CUSTOMERS, &query).await.is(200);
            assert_eq!(found.each("name"), expected, "{query:?}");
        }

        let path = format!("{CUSTOMERS}?sort=name&page%5Bsize%5D=3&page%5Bnumber%5D=2");
        let page = t.get(&path).await.is(200);
        assert_eq!(page.each("name"), ["dora"]);
        let body = page.json();
        let meta = json!({"total_count": 4, "page_number": 2, "page_size": 3, "total_pages": 2});
        assert_eq!(body["meta"], meta);
        let links = &body["links"];
        assert_eq!((&links["self"], &links["next"]), (&json!(path), &json!(null)));
        let previous = links["prev"].as_str().expect("a link");
        assert_eq!(links["first"], previous);
        let first = t.get(previous).await.is(200);
        assert_eq!(first.each("name"), ["Alvaro", "Bea", "Carl"]);
        let next = first.json()["links"]["next"].as_str().expect("a link").to_owned();
        assert_eq!(t.get(&next).await.is(200).each("name"), ["dora"]);
        let beyond = [("page[number]", "99999999999"), ("page[size]", "99999999999")];
        assert_eq!(t.find(CUSTOMERS, &beyond).await.is(200).json()["data"], json!([]));
        let far = t.find(CUSTOMERS, &[("page[number]", "9"), ("page[size]", "500")]).await.is(200);
        assert_eq!(far.data(), json!([]));
        assert_eq!(far.json()["meta"]["page_size"], 100);
    });
}

#[test]
fn a_change_of_a_part_leaves_the_rest() {
    with_shop(async |t| {
        let all = json!({"name": "Ana", "email": "ana@example.com", "notes": "n", "tags": ["a"]});
        let made = t.make(CUSTOMERS, all).await.is(201);
        let path = &format!("{CUSTOMERS}/1");
        let changed = t.change(path, json!({"notes": null, "language": "es"})).await.is(200);
        let attributes = changed.attributes();
        assert_eq!(attributes["notes"], json!(null));
        assert_eq!(attributes["email"], "ana@example.com");
        assert_eq!((&attributes["language"], &attributes["tags"]), (&json!("es"), &json!(["a"])));
        let patched = http::send(t.send("PATCH", path, json!({"tags": []}))).await.is(200);
        assert_eq!(patched.attributes()["tags"], json!([]));
        t.change(path, json!({"name": null})).await.error(422, "required", "/data/attributes/name");

        // What was answered can be sent back, and changes nothing.
        let read = t.get(path).await.is(200);
        let again = t.put(path, &read.json()).await.is(200);
        assert_eq!(again.attributes()["name"], "Ana");

        let stale =
            t.send("PUT", path, json!({"name": "B"})).header("if-match", made.header("etag"));
        http::send(stale).await.error(412, "precondition_failed", "");
        let etag = t.get(path).await.header("etag").to_owned();
        let fresh = t.send("PUT", path, json!({"name": "B"})).header("if-match", &etag);
        assert_eq!(http::send(fresh).await.is(200).attributes()["name"], "B");
        let unchanged = t.get(path).await.header("etag").to_owned();
        let same = http::send(t.request("GET", path).header("if-none-match", &unchanged)).await;
        same.is(304);
        t.change(&format!("{CUSTOMERS}/9"), json!({"name": "B"})).await.error(404, "not_found", "");

        // Over gRPC the mask says what is given.
        let update = pb::UpdateCustomerRequest {
            customer_internal_id: 1,
            customer: Some(pb::Customer { vat_number: Some("1".into()), ..Default::default() }),
            update_mask: Some(prost_types::FieldMask { paths: vec!["vat_number".into()] }),
            etag: None,
        };
        let rpc = "/steward.rentals.v1.CustomersService/UpdateCustomer";
        let answer = grpc::call_bytes(Some(&t.token), rpc, update.encode_to_vec()).await;
        let answer = pb::Customer::decode(answer.expect("a change")).expect("a customer");
        assert_eq!((answer.name.as_deref(), answer.vat_number.as_deref()), (Some("B"), Some("1")));
    });
}

#[test]
fn a_repeated_creation_with_a_key_makes_one_customer() {
    with_shop(async |t| {
        let create = |name: &str| {
            t.send("POST", CUSTOMERS, json!({"name": name})).header("idempotency-key", "one")
        };
        let first = http::send(create("Ana")).await.is(201);
        let again = http::send(create("Ana")).await.is(201);
        assert_eq!(again.header("idempotency-replayed"), "true");
        assert_eq!(again.text, first.text);
        http::send(create("Bea")).await.error(422, "idempotency_key_reused", "");
        let dry = t.send("POST", CUSTOMERS, json!({"name": "C"})).header("prefer", "validate-only");
        http::send(dry).await.is(201);
        assert_eq!(t.get(CUSTOMERS).await.each("name"), ["Ana"]);
    });
}

#[test]
fn a_deleted_customer_is_hidden_and_comes_back() {
    with_shop(async |t| {
        let mail = json!({"name": "Ana", "email": "ana@example.com"});
        t.make(CUSTOMERS, mail.clone()).await.is(201);
        let at_email = "/data/attributes/email";
        let shouted = with(mail.clone(), json!({"email": "ANA@example.com"}));
        t.make(CUSTOMERS, shouted.clone()).await.error(422, "taken", at_email);

        let path = &format!("{CUSTOMERS}/1");
        assert_eq!(t.delete(path).await.is(204).text, "");
        t.get(path).await.error(404, "not_found", "");
        t.delete(path).await.error(404, "not_found", "");
        t.change(path, json!({"name": "B"})).await.error(404, "not_found", "");
        t.get(&format!("{path}/addresses")).await.error(404, "not_found", "");
        assert_eq!(t.get(CUSTOMERS).await.data(), json!([]));
        for (scope, count) in [("with", 1), ("only", 1)] {
            let found = t.find(CUSTOMERS, &[("filter[deleted]", scope)]).await.is(200);
            assert_eq!(found.each("name").len(), count, "{scope}");
            assert!(found.each("deleted_at")[0].is_string());
        }

        // The e-mail is free, and the number is not.
        let other = t.make(CUSTOMERS, shouted).await.is(201);
        assert_eq!(other.attributes()["internal_id"], 2);
        t.act(&format!("{path}/restore")).await.error(422, "taken", "");
        t.change(&format!("{CUSTOMERS}/2"), json!({"email": null})).await.is(200);
        let back = t.act(&format!("{path}/restore")).await.is(200);
        assert_eq!(back.attributes()["deleted_at"], json!(null));
        assert_eq!(t.get(path).await.is(200).header("etag"), back.header("etag"));
        t.act(&format!("{path}/restore")).await.is(200);
        t.act(&format!("{CUSTOMERS}/9/restore")).await.error(404, "not_found", "");
        let events = t.get("/api/saas/me/events?cursor=0").await.is(200).json();
        assert!(events.to_string().contains("rentals.customer.restored"), "{events}");
    });
}

#[test]
fn one_address_is_the_main_one() {
    with_shop(async |t| {
        let path = &format!("{}/addresses", customer(&t, "Ana").await);
        let mut ids = Vec::new();
        for city in ["Lisboa", "Porto", "Faro"] {
            let made = t.make(path, place(city)).await.is(201);
            let id = made.data()["id"].as_str().expect("an id").to_owned();
            assert_eq!(made.header("location"), format!("{path}/{id}"));
            ids.push(id);
        }
        let cities = async || t.get(path).await.is(200).each("city");
        let mains = async || t.get(path).await.is(200).each("main");
        assert_eq!(cities().await, ["Lisboa", "Porto", "Faro"]);
        assert_eq!(mains().await, [true, false, false]);

        let faro = &format!("{path}/{}", ids[2]);
        t.change(faro, json!({"main": true})).await.is(200);
        assert_eq!(cities().await, ["Faro", "Lisboa", "Porto"]);
        assert_eq!(mains().await, [true, false, false]);
        // The main one stays it until another one becomes it.
        let kept = t.change(faro, json!({"main": false, "label": "Shop"})).await.is(200);
        assert_eq!(kept.attributes()["main"], true);
        assert_eq!(t.get(faro).await.is(200).attributes(), kept.attributes());
        t.delete(faro).await.is(204);
        t.get(faro).await.error(404, "not_found", "");
        assert_eq!(cities().await, ["Lisboa", "Porto"]);
        assert_eq!(mains().await, [true, false]);

        t.make(path, with(place("Braga"), json!({"postal_code": "1000"}))).await.error(
            422,
            "invalid_format",
            "/data/attributes/postal_code",
        );
        // An address of one customer is none of another's.
        let other = customer(&t, "Bea").await;
        t.get(&format!("{other}/addresses/{}", ids[0])).await.error(404, "not_found", "");
        t.delete(&format!("{other}/addresses/{}", ids[0])).await.error(404, "not_found", "");
    });
}
