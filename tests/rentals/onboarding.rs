//! How a business starts.
//!
//! Covers: Onboard.

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::document::{attributes, by_user, document, refused, with_newcomer};
use super::statuses;
use crate::support::{Server, Tenant, database, http, mail, run, unique};

const ME: &str = "/api/me";
const ONBOARDING: &str = "/api/me/onboarding";

fn onboarding(company: &str) -> Value {
    json!({
        "name": "Ana Reis", "company_name": company, "country": "pt",
        "business_category_id": "11", "terms_accepted": true,
    })
}

/// The tax that an owner starts with.
async fn tax(t: &Tenant) -> (String, String) {
    let sql = "SELECT tax_name, default_tax_rate::text FROM rentals.owners WHERE tenant_id = $1";
    let row = database::owner().await.query_one(sql, &[&t.id]).await.expect("an owner");
    (row.get(0), row.get(1))
}

#[test]
fn a_business_starts_once_and_is_welcomed() {
    with_newcomer(async |t| {
        let email = unique("ana") + "@example.com";
        let t = by_user(&t, &email).await;
        // What was said before stays where nothing else is said.
        let before = json!({"website": "https://onda.example", "time_zone": "Atlantic/Azores"});
        t.put(ME, &document(&before)).await.is(200);

        let mut body = onboarding("Onda & Vento");
        body["language"] = json!("pt");
        body["currency"] = json!("gbp");
        body["phone_number"] = json!("+351912345678");
        let slug = format!("onda-vento-{}", t.id);
        body["store_slug"] = json!(slug);
        let answer = t.post(ONBOARDING, &document(&body)).await.is(201);
        assert_eq!(answer.header("location"), ME);
        let answered = answer.json();
        assert_eq!(answered["data"]["type"], "user");
        assert_eq!(answered["included"][0]["type"], "booking_settings");
        assert!(answered["included"][0]["attributes"]["created_at"].is_string(), "{answered}");
        let shown = attributes(&answer);
        for (name, value) in [
            ("onboarded", json!(true)),
            ("email", json!(email)),
            ("name", json!("Ana Reis")),
            ("company_name", json!("Onda & Vento")),
            ("country", json!("PT")),
            ("language", json!("pt")),
            ("currency", json!("GBP")),
            ("time_zone", json!("Atlantic/Azores")),
            ("website", json!("https://onda.example")),
            ("phone_number", json!("+351912345678")),
            ("business_category_id", json!("11")),
            ("store_slug", json!(slug)),
        ] {
            assert_eq!(shown[name], value, "{name}");
        }
        assert_eq!(attributes(&t.get(ME).await), shown);
        assert_eq!(tax(&t).await, ("IVA".to_owned(), "23.00".to_owned()));

        let again = t.post(ONBOARDING, &document(&onboarding("Other"))).await;
        assert_eq!(refused(&again, 409), ["already_onboarded "]);
        assert_eq!(attributes(&t.get(ME).await), shown);
        let mails = mail::to(&t, &email, 1).await;
        assert_eq!(mails[0].header("Subject"), "Bem-vindos, Onda & Vento");
        assert!(mails[0].text.contains("Onda & Vento está pronta"), "{}", mails[0].text);

        let events = t.get("/api/saas/me/events?cursor=0").await.is(200).text;
        assert_eq!(events.matches("rentals.me.onboarded").count(), 1, "{events}");
    });
}

#[test]
fn customers_are_mailed_by_the_business_in_their_language() {
    run(async {
        let t = Tenant::newcomer("rentals").await;
        let email = unique("eva") + "@example.com";
        let t = by_user(&t, &email).await;
        t.post(ONBOARDING, &document(&onboarding("Viento"))).await.is(201);
        let item = json!({"title": "Tabla", "stock": 1, "prices": []});
        t.post("/api/saas/me/items", &document(&item)).await.is(201);
        let booking = json!({
            "start_at": "2027-06-12T10:00:00", "end_at": "2027-06-13T10:00:00",
            "customer": {"name": "Luz", "email": "luz@example.com", "language": "es"},
            "items": [{"item_internal_id": 1, "quantity": 1}], "reserve": true,
        });
        t.post("/api/saas/me/bookings", &document(&booking)).await.is(201);
        let mails = mail::to(&t, "luz@example.com", 1).await;
        assert_eq!(mails[0].header("Subject"), "Su reserva 1 =?utf-8?b?ZXN0w6E=?= confirmada");
        assert!(mails[0].text.contains("Viento le ha reservado"), "{}", mails[0].text);
        assert_eq!(mails[0].header("From"), "Viento <noreply@localhost>");
        assert_eq!(mails[0].header("Reply-To"), email);
        // A business that is called otherwise writes so.
        t.put(ME, &document(&json!({"company_name": "Brisa"}))).await.is(200);
        t.post("/api/saas/me/bookings/1/status/cancel", &document(&json!({}))).await.is(200);
        let mails = mail::to(&t, "luz@example.com", 2).await;
        assert_eq!(mails[1].header("From"), "Brisa <noreply@localhost>");
    });
}

#[test]
fn stores_are_named_and_numbered() {
    run(async {
        // Names of stores are unique over all tenants, those of earlier tests too.
        let own = Tenant::newcomer("rentals").await.id;
        let company = format!("Zé & Irmãos Aluguer {own}");
        let plain = format!("ze-irmaos-aluguer-{own}");
        // All at once: each gets a name of its own.
        let started = join_all((0..6).map(|_| async {
            let t = Tenant::newcomer("rentals").await;
            let answer = t.post(ONBOARDING, &document(&onboarding(&company))).await.is(201);
            attributes(&answer)["store_slug"].as_str().expect("a slug").to_owned()
        }));
        let mut slugs = started.await;
        slugs.sort();
        let expected: Vec<String> = std::iter::once(plain.clone())
            .chain((2..=6).map(|number| format!("{plain}-{number}")))
            .collect();
        assert_eq!(slugs, expected);

        // One that was asked for is not numbered, and nothing is written.
        let t = Tenant::newcomer("rentals").await;
        let mut body = onboarding("Other");
        body["store_slug"] = json!(plain);
        let answer = t.post(ONBOARDING, &document(&body)).await;
        assert_eq!(refused(&answer, 422), ["taken store_slug"]);
        assert_eq!(attributes(&t.get(ME).await)["onboarded"], false);
        assert_eq!(attributes(&t.get(ME).await)["created_at"], Value::Null);

        // A long one is cut where it is numbered.
        let long = format!("{own}{}", "a".repeat(100));
        for end in ["", "-2"] {
            let t = Tenant::newcomer("rentals").await;
            let answer = t.post(ONBOARDING, &document(&onboarding(&long))).await.is(201);
            let slug = attributes(&answer)["store_slug"].as_str().expect("a slug").to_owned();
            assert_eq!(slug.len(), 63);
            assert_eq!(slug, format!("{}{end}", &long[..63 - end.len()]));
        }
    });
}

#[test]
fn what_is_missing_is_told_all_at_once() {
    with_newcomer(async |t| {
        let answer = t.post(ONBOARDING, &document(&json!({}))).await;
        let expected = [
            "required business_category_id",
            "required company_name",
            "required country",
            "required name",
            "required terms_accepted",
        ];
        assert_eq!(refused(&answer, 422), expected);
        let wrong = json!({
            "name": "x".repeat(121), "company_name": "x".repeat(161), "country": "PRT",
            "business_category_id": "19", "terms_accepted": false, "currency": "JPY",
            "time_zone": "Mars/Olympus", "phone_number": "1", "store_slug": "ab",
        });
        let expected = [
            "invalid_format country",
            "invalid_format phone_number",
            "invalid_value currency",
            "invalid_value terms_accepted",
            "invalid_value time_zone",
            "reference_not_found business_category_id",
            "too_long company_name",
            "too_long country",
            "too_long name",
            "too_short store_slug",
        ];
        assert_eq!(refused(&t.post(ONBOARDING, &document(&wrong)).await, 422), expected);
        let mut body = onboarding("Onda");
        body["store_slug"] = json!("Onda!");
        let answer = t.post(ONBOARDING, &document(&body)).await;
        assert_eq!(refused(&answer, 422), ["invalid_format store_slug"]);
        assert_eq!(attributes(&t.get(ME).await)["onboarded"], false);
    });
}

#[test]
fn of_many_starts_at_once_one_is_taken() {
    with_newcomer(async |t| {
        let body = document(&onboarding(&format!("Many {}", t.id)));
        let answers = join_all((0..8).map(|_| t.post(ONBOARDING, &body))).await;
        assert_eq!(statuses(&answers), [201, 409, 409, 409, 409, 409, 409, 409]);
        for answer in answers.iter().filter(|answer| answer.status == 409) {
            assert_eq!(refused(answer, 409), ["already_onboarded "]);
        }
    });
}

#[test]
fn a_repeated_start_is_answered_as_the_first() {
    with_newcomer(async |t| {
        let body = document(&onboarding(&format!("Repeat {}", t.id)));
        let send = async || {
            let request = t.request("POST", ONBOARDING).header("idempotency-key", "start");
            http::send(request.json(&body)).await.is(201)
        };
        let (first, second) = (send().await, send().await);
        assert_eq!(first.text, second.text);
        assert_eq!(second.header("idempotency-replayed"), "true");
    });
}

#[test]
fn a_tenant_that_an_operator_makes_has_started() {
    run(async {
        let name = format!("Operated {}", Tenant::newcomer("rentals").await.id);
        let arguments = ["tenant", "create", "--family", "rentals", "--name", &name];
        let output = Server::shared().await.command(&arguments);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        let made: Value = serde_json::from_str(&output.stdout).expect("JSON");
        let mut t = Tenant::newcomer("rentals").await;
        t.id = made["id"].as_i64().expect("an id");
        (t.client_id, t.client_secret) = Tenant::client(t.id).await;
        t.token = t.token_with("openid api").await;
        let shown = attributes(&t.get(ME).await.is(200));
        assert_eq!((&shown["onboarded"], &shown["name"]), (&json!(true), &json!(name)));
        let slug = name.to_lowercase().replace(' ', "-");
        assert_eq!((&shown["currency"], &shown["store_slug"]), (&json!("EUR"), &json!(slug)));
        assert_eq!(tax(&t).await, ("IVA".to_owned(), "23.00".to_owned()));
        let again = t.post(ONBOARDING, &document(&onboarding("Again"))).await;
        assert_eq!(refused(&again, 409), ["already_onboarded "]);
    });
}

#[test]
fn before_it_only_the_owner_is_there() {
    with_newcomer(async |t| {
        t.get(ME).await.is(200);
        t.get("/api/business_categories").await.is(200);
        for (method, path) in [
            ("GET", "/api/saas/me/bookings"),
            ("POST", "/api/saas/me/items"),
            ("GET", "/api/me/addresses"),
            ("GET", "/api/saas/me/events"),
        ] {
            let answer = http::send(t.request(method, path).json(&document(&json!({})))).await;
            assert_eq!(refused(&answer, 403), ["onboarding_required "], "{path}");
        }
        t.post(ONBOARDING, &document(&onboarding("Started"))).await.is(201);
        t.get("/api/saas/me/bookings").await.is(200);
    });
}
