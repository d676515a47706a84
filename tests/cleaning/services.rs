//! Services, rates and extras.
//!
//! Covers: ListMyServices, CreateService, ListServices, GetService, UpdateService, ListMyRates,
//! Covers: CreateRate, ListRates, GetRate, UpdateRate, GetExtraRate, DeleteExtraRate.

use serde_json::json;

use super::company::{Company, problem, refused, stranger, with_company};
use super::locations::area;

#[test]
fn a_service_is_made_with_extras_and_replaced() {
    with_company(async |c| {
        let area = area(&c, "Uptown", &[]).await;
        let path = format!("/tenant/location/{area}/service");
        let body = json!({"name": "Standard", "extraRates": [
            {"name": "Oven", "amount": 25}, {"name": "Fridge", "amount": "20.50", "priceKindId": 2}]});
        let made = c.post(&path, &body).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["kindId"], &made["kind"]), (&json!(1), &json!("Hourly")));
        assert_eq!((&made["minHours"], &made["stepHours"]), (&json!(2), &json!(0.5)));
        assert_eq!(made["extraRates"][1]["amount"], 20.5);
        assert_eq!(made["extraRates"][1]["priceKind"], "PerUnit");
        assert_eq!(c.get(&at).await.is(200).json(), made);
        problem(&c.post(&path, &json!({"name": "standard"})).await, 409, "duplicate");

        let oven = made["extraRates"][0]["id"].clone();
        let body = json!({"name": "Deep", "kind": "Flat", "sortOrder": 2, "extraRates": [
            {"id": oven, "name": "Oven", "amount": 30, "isActive": false}, {"name": "Windows", "amount": 0}]});
        let put = c.put(&at, &body).await.is(200).json();
        assert_eq!((&put["kindId"], &put["description"]), (&json!(2), &json!(null)));
        let names: Vec<_> =
            put["extraRates"].as_array().expect("extras").iter().map(|one| &one["name"]).collect();
        assert_eq!(names, ["Oven", "Fridge", "Windows"], "what is missing is kept");
        assert!(put["version"].as_i64() > made["version"].as_i64());
        let oven_at = format!("/tenant/extrarate/{oven}");
        assert_eq!(c.get(&oven_at).await.is(200).json()["amount"], 30);

        // Others see what is active.
        let public = format!("/tenant/{}/location/{area}/service", c.id);
        let seen = stranger("GET", &public, None).await.is(200).json();
        assert_eq!(seen[0]["extraRates"].as_array().map(Vec::len), Some(2));
        c.put(&at, &json!({"name": "Deep", "isActive": false})).await.is(200);
        assert_eq!(stranger("GET", &public, None).await.is(200).json(), json!([]));
        let (_, client) = c.user("client").await;
        assert_eq!(c.with_token(&client).get(&path).await.is(200).json(), json!([]));
        assert_eq!(c.get(&path).await.is(200).header("x-total-count"), "1");
        problem(&c.with_token(&client).get(&at).await, 403, "forbidden");

        let before = c.get(&at).await.json()["version"].as_i64();
        c.delete(&oven_at).await.is(204);
        problem(&c.get(&oven_at).await, 404, "not_found");
        let after = c.get(&at).await.json();
        assert_eq!(after["extraRates"].as_array().map(Vec::len), Some(2));
        assert!(after["version"].as_i64() > before, "the service shows it no more");

        let bad = json!({"name": "", "minHours": 1.1, "maxHours": 25, "kindId": 1,
            "extraRates": [{"name": "X", "amount": 1.001, "extraMinutes": 481}]});
        assert_eq!(
            refused(&c.put(&at, &bad).await),
            ["extraRates[0].amount", "extraRates[0].extraMinutes", "maxHours", "minHours", "name"]
        );
        let bad = json!({"name": "X", "minHours": 8, "maxHours": 4});
        assert_eq!(refused(&c.put(&at, &bad).await), ["maxHours"]);
        let foreign =
            json!({"name": "X", "extraRates": [{"id": 999_999_999, "name": "Y", "amount": 1}]});
        problem(&c.put(&at, &foreign).await, 404, "not_found");
        let other = Company::fresh().await;
        problem(&other.get(&at).await, 404, "not_found");
        problem(&other.get(&path).await, 404, "not_found");
        problem(&other.post(&path, &json!({"name": "Theirs"})).await, 404, "not_found");
    });
}

#[test]
fn what_a_deleted_area_charged_is_gone_with_it() {
    with_company(async |c| {
        let area = area(&c, "Uptown", &[]).await;
        let body = json!({"name": "Standard", "extraRates": [{"name": "Oven", "amount": 25}]});
        let made = c.post(&format!("/tenant/location/{area}/service"), &body).await.is(201);
        let service = made.header("location").to_owned();
        let extra = format!("/tenant/extrarate/{}", made.json()["extraRates"][0]["id"]);
        let rates = format!("{service}/rate");
        let price = json!({"frequencyId": 2, "amount": 40});
        let rate = c.post(&rates, &price).await.is(201).header("location").to_owned();
        let public = rates.replace("/tenant/", &format!("/tenant/{}/", c.id));
        stranger("GET", &public, None).await.is(200);
        c.delete(&format!("/tenant/{}/location/{area}", c.id)).await.is(204);
        for path in [&service, &rates, &rate] {
            problem(&c.get(path).await, 404, "not_found");
        }
        problem(&stranger("GET", &public, None).await, 404, "not_found");
        problem(&c.put(&service, &json!({"name": "Deep"})).await, 404, "not_found");
        problem(&c.put(&rate, &json!({"amount": 41})).await, 404, "not_found");
        problem(&c.post(&rates, &price).await, 404, "not_found");
        problem(&c.delete(&extra).await, 404, "not_found");
    });
}

#[test]
fn a_currency_of_other_decimals_is_chosen_before_there_are_amounts() {
    with_company(async |c| {
        let change = async |code: &str| c.post("/tenant/update", &json!({"currency": code})).await;
        change("JPY").await.is(200);
        change("USD").await.is(200);
        let area = area(&c, "Uptown", &[]).await;
        let path = format!("/tenant/location/{area}/service");
        let service = c.post(&path, &json!({"name": "A"})).await.is(201).id();
        let rates = format!("/tenant/service/{service}/rate");
        c.post(&rates, &json!({"frequencyId": 2, "amount": 30.55})).await.is(201);
        problem(&change("JPY").await, 409, "in_use");
        change("EUR").await.is(200);
        assert_eq!(c.get(&rates).await.is(200).json()[0]["amount"], 30.55);
    });
}

#[test]
fn a_service_has_one_active_rate_for_a_frequency() {
    with_company(async |c| {
        let area = area(&c, "Uptown", &[]).await;
        let path = format!("/tenant/location/{area}/service");
        let service = c.post(&path, &json!({"name": "Standard"})).await.is(201).id();
        let path = format!("/tenant/service/{service}/rate");
        let body = json!({"frequencyId": 2, "amount": {"units": 1}});
        assert_eq!(refused(&c.post(&path, &body).await), ["amount"]);
        let made = c.post(&path, &json!({"frequency": "weekly", "amount": 45})).await.is(201);
        let at = made.header("location").to_owned();
        let made = made.json();
        assert_eq!((&made["frequencyId"], &made["frequency"]), (&json!(2), &json!("Weekly")));
        assert_eq!((&made["amount"], &made["currency"]), (&json!(45), &json!("USD")));
        assert_eq!((&made["revision"], &made["isActive"]), (&json!(1), &json!(true)));
        assert_eq!(c.get(&at).await.is(200).json(), made);
        let second = json!({"frequencyId": 2, "amount": 50});
        problem(&c.post(&path, &second).await, 409, "duplicate");
        let idle = json!({"frequencyId": 2, "amount": 50, "isActive": false});
        let idle = c.post(&path, &idle).await.is(201);
        let idle_at = idle.header("location").to_owned();

        let same = c.put(&at, &json!({"amount": 45})).await.is(200);
        assert_eq!((same.header("etag"), &same.json()["revision"]), ("\"v1\"", &json!(1)));
        let dearer = c.put(&at, &json!({"amount": 47.5})).await.is(200).json();
        assert_eq!((&dearer["amount"], &dearer["revision"]), (&json!(47.5), &json!(2)));
        assert_eq!(dearer["version"], 2);
        problem(&c.put(&idle_at, &json!({"amount": 50})).await, 409, "duplicate");
        c.put(&at, &json!({"amount": 47.5, "isActive": false})).await.is(200);
        c.put(&idle_at, &json!({"amount": 50})).await.is(200);

        assert_eq!(c.get(&path).await.is(200).header("x-total-count"), "2");
        let public = format!("/tenant/{}/service/{service}/rate", c.id);
        let seen = stranger("GET", &public, None).await.is(200).json();
        assert_eq!((seen.as_array().map(Vec::len), &seen[0]["amount"]), (Some(1), &json!(50)));
        let (_, cleaner) = c.user("cleaner").await;
        assert_eq!(c.with_token(&cleaner).get(&path).await.is(200).json(), seen);

        assert_eq!(
            refused(&c.post(&path, &json!({"frequencyId": 9, "amount": 0})).await),
            ["amount", "frequencyId"]
        );
        assert_eq!(refused(&c.post(&path, &json!({"amount": 0})).await), ["amount", "frequencyId"]);
        assert_eq!(refused(&c.put(&at, &json!({})).await), ["amount"]);
        let other = Company::fresh().await;
        problem(&other.get(&path).await, 404, "not_found");
        problem(&other.put(&at, &json!({"amount": 1})).await, 404, "not_found");
    });
}
