//! Covers: CreateCustomer, ListCustomers, GetCustomer, UpdateCustomer, DeleteCustomer
//! Covers: ListCustomerAddresses, GetCustomerAddress, CreateCustomerAddress
//! Covers: UpdateCustomerAddress, DeleteCustomerAddress

use serde_json::{Value, json};

use crate::support::{Answer, Tenant, http, run};

const CUSTOMERS: &str = "/api/saas/me/customers";

fn document(json_type: &str, attributes: &Value) -> Value {
    json!({"data": {"type": json_type, "attributes": attributes}})
}

fn customer(attributes: &Value) -> Value {
    document("customer", attributes)
}

fn address(attributes: &Value) -> Value {
    document("address", attributes)
}

async fn patch(t: &Tenant, path: &str, body: &Value) -> Answer {
    http::send(t.request("PATCH", path).json(body)).await
}

/// Codes and pointers of an answer's errors.
fn errors(answer: &Answer) -> Vec<(String, String)> {
    let body = answer.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = body["errors"].as_array().expect("errors").iter();
    errors.map(|one| (text(&one["code"]), text(&one["source"]["pointer"]))).collect()
}

#[test]
fn customers_are_numbered_kept_and_changed_in_part() {
    run(async {
        let t = &Tenant::of("rentals").await;
        let whole = json!({"name": " Ana ", "email": "Ana@Example.com", "phone_number": "+351912345678",
            "kind": "company", "discount_percentage": 12.5, "tags": ["vip", "vip"],
            "addresses": [{"street": "Rua 1", "city": "Lisboa", "country": "PT"}]});
        let made = t.post(CUSTOMERS, &customer(&whole)).await.is(201);
        assert_eq!(made.header("location"), format!("{CUSTOMERS}/1"));
        let attributes = made.json()["data"]["attributes"].clone();
        assert_eq!((&attributes["internal_id"], &attributes["name"]), (&json!(1), &json!("Ana")));
        assert_eq!(attributes["discount_percentage"], 12.5);
        assert_eq!(
            (&attributes["kind"], &attributes["tags"]),
            (&json!("company"), &json!(["vip"]))
        );
        let second = t.post(CUSTOMERS, &customer(&json!({"name": "Bo"}))).await.is(201).json();
        assert_eq!(second["data"]["attributes"]["internal_id"], 2);
        assert_eq!(second["data"]["attributes"]["kind"], "individual");

        let one = format!("{CUSTOMERS}/1");
        let read = t.get(&format!("{one}?include=addresses")).await.is(200).json();
        assert_eq!(read["included"][0]["attributes"]["city"], "Lisboa");
        assert_eq!(read["included"][0]["attributes"]["main"], true);
        let etag = t.get(&one).await.is(200).header("etag").to_owned();
        let changed =
            patch(t, &one, &customer(&json!({"notes": "Late", "phone_number": null}))).await;
        assert_ne!(changed.header("etag"), etag);
        let changed = changed.is(200).json()["data"]["attributes"].clone();
        assert_eq!((&changed["notes"], &changed["phone_number"]), (&json!("Late"), &Value::Null));
        assert_eq!(changed["email"], "Ana@Example.com");
        let stale = t.request("PUT", &one).header("if-match", &etag);
        let stale = http::send(stale.json(&customer(&json!({"notes": "Lost"})))).await.is(412);
        assert_eq!(errors(&stale)[0].0, "precondition_failed");
    });
}

#[test]
fn what_breaks_a_rule_is_told_all_at_once() {
    run(async {
        let t = &Tenant::of("rentals").await;
        t.post(CUSTOMERS, &customer(&json!({"name": "A", "email": "a@example.com"}))).await.is(201);
        let wrong = json!({"email": "nobody", "phone_number": "12", "discount_percentage": 101});
        let refused = t.post(CUSTOMERS, &customer(&wrong)).await.is(422);
        let mut told = errors(&refused);
        told.sort();
        let at = |code: &str, name: &str| (code.to_owned(), format!("/data/attributes/{name}"));
        assert_eq!(
            told,
            [
                at("invalid_format", "email"),
                at("invalid_format", "phone_number"),
                at("out_of_range", "discount_percentage"),
                at("required", "name"),
            ]
        );
        let taken = customer(&json!({"name": "B", "email": "A@example.com"}));
        let taken = t.post(CUSTOMERS, &taken).await.is(422);
        assert_eq!(errors(&taken), [at("taken", "email")]);
        let unknown = t.post(CUSTOMERS, &customer(&json!({"name": "C", "x": 1}))).await.is(422);
        assert_eq!(errors(&unknown), [at("unknown_attribute", "x")]);
        let other = document("booking", &json!({"name": "C"}));
        assert_eq!(errors(&t.post(CUSTOMERS, &other).await.is(409))[0].0, "type_mismatch");
    });
}

#[test]
fn lists_are_searched_filtered_and_paged() {
    run(async {
        let t = &Tenant::of("rentals").await;
        for (name, kind) in [("Ana", "individual"), ("Bo Ltd", "company"), ("Cy", "individual")] {
            let body = customer(&json!({"name": name, "kind": kind}));
            t.post(CUSTOMERS, &body).await.is(201);
        }
        let names = async |query: &[(&str, &str)]| {
            let list = t.find(CUSTOMERS, query).await.is(200).json();
            let all = list["data"].as_array().expect("a list").iter();
            let names = all.map(|one| one["attributes"]["name"].as_str().unwrap_or("").to_owned());
            names.collect::<Vec<_>>().join(",")
        };
        assert_eq!(names(&[]).await, "Cy,Bo Ltd,Ana");
        assert_eq!(names(&[("sort", "name")]).await, "Ana,Bo Ltd,Cy");
        assert_eq!(names(&[("filter[kind]", "company")]).await, "Bo Ltd");
        assert_eq!(names(&[("filter[name][prefix]", "A")]).await, "Ana");
        assert_eq!(names(&[("filter[kind][not]", "company"), ("sort", "-name")]).await, "Cy,Ana");
        assert_eq!(names(&[("q", "ltd")]).await, "Bo Ltd");
        assert_eq!(names(&[("page[size]", "2"), ("page[number]", "2")]).await, "Ana");
        t.delete(&format!("{CUSTOMERS}/2")).await.is(204);
        t.get(&format!("{CUSTOMERS}/2")).await.is(404);
        assert_eq!(names(&[("sort", "name")]).await, "Ana,Cy");
        assert_eq!(names(&[("filter[deleted]", "only")]).await, "Bo Ltd");
        assert_eq!(names(&[("filter[deleted]", "with"), ("sort", "name")]).await, "Ana,Bo Ltd,Cy");
    });
}

#[test]
fn one_address_is_the_main_one() {
    run(async {
        let t = &Tenant::of("rentals").await;
        t.post(CUSTOMERS, &customer(&json!({"name": "Ana"}))).await.is(201);
        let path = &format!("{CUSTOMERS}/1/addresses");
        let make = async |city: &str, more: Value| {
            let mut given = json!({"street": "Rua 1", "city": city, "country": "PT"});
            given
                .as_object_mut()
                .expect("an object")
                .extend(more.as_object().expect("one").clone());
            let made = t.post(path, &address(&given)).await.is(201);
            made.json()["data"]["id"].as_str().expect("an id").to_owned()
        };
        let first = make("Lisboa", json!({})).await;
        let second = make("Porto", json!({"main": true, "kind": "billing"})).await;
        let main = async || {
            let list = t.get(path).await.is(200).json();
            let all = list["data"].as_array().expect("a list").clone();
            let is_main = |one: &&Value| one["attributes"]["main"] == true;
            let mains: Vec<_> = all.iter().filter(is_main).map(|one| one["id"].clone()).collect();
            assert_eq!(mains.len(), 1, "{all:?}");
            mains[0].as_str().expect("an id").to_owned()
        };
        assert_eq!(main().await, second);
        patch(t, &format!("{path}/{first}"), &address(&json!({"main": true}))).await.is(200);
        assert_eq!(main().await, first);
        let read = t.get(&format!("{path}/{second}")).await.is(200).json();
        assert_eq!(read["data"]["attributes"]["kind"], "billing");
        t.delete(&format!("{path}/{first}")).await.is(204);
        assert_eq!(main().await, second);
        t.get(&format!("{path}/{first}")).await.is(404);
        let wrong =
            json!({"street": "Rua 1", "city": "Lisboa", "country": "PT", "postal_code": "1"});
        let refused = t.post(path, &address(&wrong)).await.is(422);
        assert_eq!(errors(&refused)[0].1, "/data/attributes/postal_code");
    });
}
