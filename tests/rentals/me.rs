//! The owner and the addresses of the business.
//!
//! Covers: GetMe, UpdateMe, ListAddresses, GetAddress, CreateAddress, UpdateAddress,
//! Covers: DeleteAddress.

use serde_json::{Value, json};

use super::document::{
    attributes, by_user, document, patch, refused, with_business, with_newcomer,
};
use crate::support::{Tenant, database, http, unique};

const ME: &str = "/api/me";
const ADDRESSES: &str = "/api/me/addresses";

#[test]
fn whoever_has_said_nothing_has_the_defaults() {
    with_newcomer(async |t| {
        let answer = t.get(ME).await.is(200);
        let data = answer.json()["data"].clone();
        assert_eq!((&data["id"], &data["type"]), (&json!(t.id.to_string()), &json!("user")));
        assert_eq!(data.get("relationships"), None);
        let mut shown = data["attributes"].clone();
        let name = shown["name"].take();
        assert!(name.as_str().is_some_and(|name| name.starts_with("Test ")), "{name}");
        let expected = json!({
            "email": null, "phone_verified": false, "onboarded": false, "store_slug": null,
            "name": null, "company_name": null, "phone_number": null, "language": "en",
            "time_zone": "Europe/Lisbon", "country": "PT", "currency": "EUR",
            "business_category_id": null, "website": null, "created_at": null, "updated_at": null,
            "subscription_status": "local", "avatar_url": null, "avatar_preview": null,
            "avatar_filename": null, "avatar_content_type": null, "avatar_metadata": null,
        });
        assert_eq!(shown, expected);
    });
}

#[test]
fn what_is_sent_changes_and_what_is_cleared_has_its_default() {
    with_newcomer(async |t| {
        let given = json!({
            "name": "  Ana Reis ", "company_name": "Onda", "phone_number": "+351912345678",
            "language": "es", "time_zone": "america/new_york", "country": "us", "currency": "usd",
            "business_category_id": "11", "website": "https://onda.example/pt",
            // What the server alone gives is passed over.
            "onboarded": true, "store_slug": "mine", "email": "x@example.com",
        });
        let answer = t.put(ME, &document(&given)).await.is(200);
        let shown = attributes(&answer);
        for (name, value) in [
            ("name", json!("Ana Reis")),
            ("company_name", json!("Onda")),
            ("language", json!("es")),
            ("time_zone", json!("America/New_York")),
            ("country", json!("US")),
            ("currency", json!("USD")),
            ("business_category_id", json!("11")),
            ("website", json!("https://onda.example/pt")),
            ("onboarded", json!(false)),
            ("store_slug", json!(null)),
            ("email", json!(null)),
        ] {
            assert_eq!(shown[name], value, "{name}");
        }
        assert_eq!(attributes(&t.get(ME).await), shown);

        let part = json!({"company_name": "Onda Lda", "time_zone": null, "website": null});
        let shown = attributes(&patch(&t, ME, &part).await.is(200));
        assert_eq!(shown["company_name"], "Onda Lda");
        assert_eq!(shown["time_zone"], "Europe/Lisbon");
        assert_eq!(shown["website"], Value::Null);
        assert_eq!((&shown["name"], &shown["currency"]), (&json!("Ana Reis"), &json!("USD")));

        // Somebody who read before that is told so.
        let stale = answer.header("etag");
        let request = t.request("PUT", ME).header("if-match", stale);
        let late = http::send(request.json(&document(&json!({"name": "Late"})))).await;
        assert_eq!(refused(&late, 412), ["precondition_failed "]);
        assert_eq!(attributes(&t.get(ME).await)["name"], "Ana Reis");
    });
}

#[test]
fn what_is_no_owner_is_refused_all_at_once() {
    with_newcomer(async |t| {
        let wrong = json!({
            "name": " ", "company_name": "x".repeat(161), "phone_number": "912345678",
            "time_zone": "Europe/Atlantis", "country": "P1", "currency": "JPY",
            "business_category_id": "99", "website": "ftp://onda.example",
        });
        let answer = t.put(ME, &document(&wrong)).await;
        let expected = [
            "invalid_format country",
            "invalid_format phone_number",
            "invalid_format website",
            "invalid_value currency",
            "invalid_value time_zone",
            "reference_not_found business_category_id",
            "required name",
            "too_long company_name",
        ];
        assert_eq!(refused(&answer, 422), expected);
        for currency in ["TND", "XAU", "DEM", "E"] {
            let answer = t.put(ME, &document(&json!({"currency": currency}))).await;
            assert_eq!(refused(&answer, 422), ["invalid_value currency"], "{currency}");
        }
        let answer = t.put(ME, &document(&json!({"wings": 2}))).await;
        assert_eq!(refused(&answer, 422), ["unknown_attribute wings"]);
        let answer = t.get("/api/me?include=store").await;
        assert_eq!(refused(&answer, 400), ["unsupported_include include"]);
        assert_eq!(attributes(&t.get(ME).await)["created_at"], Value::Null);
    });
}

#[test]
fn another_telephone_number_is_not_verified() {
    with_business(async |t| {
        patch(&t, ME, &json!({"phone_number": "+351912345678"})).await.is(200);
        let verified = "UPDATE rentals.owners SET phone_verified = true";
        database::write(t.id, verified).await;
        let shown = attributes(&patch(&t, ME, &json!({"name": "Ana"})).await);
        assert_eq!(shown["phone_verified"], true);
        let shown = attributes(&patch(&t, ME, &json!({"phone_number": "+351912345679"})).await);
        assert_eq!(shown["phone_verified"], false);
    });
}

#[test]
fn related_resources_are_included_when_asked_for() {
    with_business(async |t| {
        patch(&t, ME, &json!({"business_category_id": 11})).await.is(200);
        let address = json!({"street": "Rua A 1", "city": "Lisboa", "country": "PT"});
        let id = t.post(ADDRESSES, &document(&address)).await.is(201).json()["data"]["id"].clone();
        let path = format!("{ME}?include=addresses,booking_settings,business_category");
        let request = t.request("GET", &path).header("accept-language", "pt");
        let body = http::send(request).await.is(200).json();
        let own = t.id.to_string();
        let relationships = json!({
            "booking_settings": {"data": {"id": own, "type": "booking_settings"}},
            "addresses": {"data": [{"id": id, "type": "address"}]},
            "business_category": {"data": {"id": "11", "type": "business_category"}},
        });
        assert_eq!(body["data"]["relationships"], relationships);
        let included = body["included"].as_array().expect("a list");
        let of = |kind: &str| {
            included.iter().find(|one| one["type"] == kind).expect("included")["attributes"].clone()
        };
        assert_eq!(included.len(), 3, "{body}");
        assert_eq!(of("address")["street"], "Rua A 1");
        assert_eq!(of("booking_settings")["default_end_time"], "24:00");
        assert_eq!(of("business_category")["name"], "Surf e desportos náuticos");
        // What is included is shown, and is not the owner.
        let included = t.get(&path).await;
        assert_eq!(included.resource_etag(), t.get(ME).await.resource_etag());
    });
}

#[test]
fn the_email_is_that_of_the_caller_or_the_first_owner() {
    with_business(async |t| {
        let (first, second) = (unique("first") + "@example.com", unique("second") + "@example.com");
        by_user(&t, &first).await;
        let caller = by_user(&t, &second).await;
        assert_eq!(attributes(&caller.get(ME).await)["email"], second);
        assert_eq!(attributes(&t.get(ME).await)["email"], first);
    });
}

#[test]
fn a_change_of_the_owner_is_an_event_of_it() {
    with_business(async |t| {
        patch(&t, ME, &json!({"name": "Ana"})).await.is(200);
        patch(&t, ME, &json!({"name": " "})).await.is(422);
        let events = t.get("/api/saas/me/events?cursor=0").await.is(200).json();
        let events = events["data"].as_array().expect("events");
        assert_eq!(events.len(), 1, "{events:?}");
        let text = events[0].to_string();
        assert!(text.contains("rentals.me.updated"), "{text}");
        assert!(text.contains(&format!("\"{}\"", t.id)), "{text}");
    });
}

#[test]
fn addresses_of_the_business_have_one_main_one() {
    with_business(async |t| {
        let make = async |body: Value| {
            let answer = t.post(ADDRESSES, &document(&body)).await.is(201);
            let id = answer.json()["data"]["id"].as_str().expect("an id").to_owned();
            assert_eq!(answer.header("location"), format!("{ADDRESSES}/{id}"));
            id
        };
        let place = |street: &str| json!({"street": street, "city": "Faro", "country": "pt"});
        let (first, second) = (make(place("Rua A")).await, make(place("Rua B")).await);
        let main = async || {
            let body = t.get(ADDRESSES).await.is(200).json();
            assert_eq!(body["meta"]["total_count"], body["data"].as_array().expect("a list").len());
            let all = body["data"].as_array().expect("a list").clone();
            assert!(all.iter().skip(1).all(|one| one["attributes"]["main"] == false), "{all:?}");
            (all[0]["id"].as_str().expect("an id").to_owned(), all.len())
        };
        assert_eq!(main().await, (first.clone(), 2));

        let path = format!("{ADDRESSES}/{second}");
        let part = json!({"main": true, "postal_code": "8000-123", "kind": "pickup"});
        let shown = attributes(&patch(&t, &path, &part).await.is(200));
        assert_eq!((&shown["street"], &shown["country"]), (&json!("Rua B"), &json!("PT")));
        assert_eq!((&shown["kind"], &shown["main"]), (&json!("pickup"), &json!(true)));
        assert_eq!(main().await, (second.clone(), 2));
        let wrong = document(&json!({"postal_code": "8000", "city": null, "latitude": 91}));
        let answer = t.put(&path, &wrong).await;
        let expected = ["invalid_format postal_code", "out_of_range latitude", "required city"];
        assert_eq!(refused(&answer, 422), expected);

        assert_eq!(t.delete(&path).await.is(204).text, "");
        assert_eq!(main().await, (first.clone(), 1));
        for answer in [t.get(&path).await, t.delete(&path).await, patch(&t, &path, &part).await] {
            assert_eq!(refused(&answer, 404), ["not_found "]);
        }
        // An address of a customer is none of the business, nor is one of another business.
        let customer = json!({"name": "Rui", "addresses": [place("Rua C")]});
        let path = "/api/saas/me/customers";
        let number = t.post(path, &document(&customer)).await.is(201).json();
        let number = number["data"]["attributes"]["internal_id"].clone();
        let theirs = t.get(&format!("{path}/{number}/addresses")).await.is(200).json();
        let theirs = theirs["data"][0]["id"].as_str().expect("an id").to_owned();
        t.get(&format!("{ADDRESSES}/{theirs}")).await.is(404);
        assert_eq!(main().await, (first.clone(), 1));
        let other = Tenant::of("rentals").await;
        other.get(&format!("{ADDRESSES}/{first}")).await.is(404);
    });
}

#[test]
fn what_is_only_read_may_be_sent_back() {
    with_business(async |t| {
        let read = t.get(ME).await.is(200);
        assert_eq!(attributes(&read)["subscription_status"], "local");
        let sent = t.put(ME, &json!({"data": read.json()["data"]})).await.is(200);
        assert_eq!(attributes(&sent)["subscription_status"], "local");
    });
}
