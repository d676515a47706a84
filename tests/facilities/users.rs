//! What owners, managers, service providers and property users have in common.
//!
//! Covers: CreateOwner, CreateManager, CreateServiceProvider, CreatePropertyUser.
//! Covers: GetManager, GetServiceProvider, GetPropertyUser.
//! Covers: UpdateOwner, UpdateManager, UpdateServiceProvider, UpdatePropertyUser.
//! Covers: FindOwnerByEmail, FindManagerByEmail, FindPropertyUserByEmail.

use serde_json::{Value, json};

use crate::support::fixtures::{address, person, with};
use crate::support::{Tenant, with_tenant};

/// The four resources, and the noun their errors use.
const ROLES: [(&str, &str); 4] = [
    ("/api/public/Owners", "Owner"),
    ("/api/public/managers", "Property manager"),
    ("/api/public/service-providers", "Service provider"),
    ("/api/public/property-users", "Property user"),
];

fn phone_of(user: &Value) -> (Option<&str>, Option<&str>) {
    (user["countryCode"].as_str(), user["phoneNumber"].as_str())
}

#[test]
fn phone_numbers_are_kept_only_when_possible() {
    with_tenant(async |t| {
        let kept = Some("31");
        for (path, _) in ROLES {
            for (code, number, answered) in [
                (json!("31"), json!("984356578"), (kept, Some("984356578"))),
                (json!("+31"), json!("98 43-56.578"), (kept, Some("984356578"))),
                (json!("0031"), json!("(98) 4356578"), (kept, Some("984356578"))),
                (json!("25"), json!("354354353"), (None, None)),
                (json!("999"), json!("354354353"), (None, None)),
                (json!("NL"), json!("984356578"), (None, None)),
                (json!("31"), json!("1234"), (None, None)),
                (json!("31"), json!("12345678901234"), (None, None)),
                (json!("31"), json!("call me"), (None, None)),
                (json!("31"), json!("+31984356578"), (None, None)),
                (json!("31"), json!(null), (None, None)),
                (json!(null), json!("984356578"), (None, None)),
                (json!(""), json!(""), (None, None)),
            ] {
                let body = with(person(), json!({"countryCode": code, "phoneNumber": number}));
                let created = t.post(path, &body).await.is(201).json();
                assert_eq!(phone_of(&created), answered, "{path} {code} {number}");
            }
        }
    });
}

#[test]
fn an_update_that_makes_a_number_impossible_empties_both() {
    with_tenant(async |t| {
        for (path, _) in ROLES {
            let good = with(person(), json!({"countryCode": "31", "phoneNumber": "984356578"}));
            let id = t.post(path, &good).await.is(201).id();
            let bad = with(good, json!({"countryCode": "25"}));
            let updated = t.put(&format!("{path}/{id}"), &bad).await.is(200).json();
            assert_eq!(phone_of(&updated), (None, None), "{path}");
        }
    });
}

#[test]
fn an_update_replaces_everything() {
    with_tenant(async |t| {
        for (path, _) in ROLES {
            let full = with(
                person(),
                json!({
                    "companyName": "C", "countryCode": "31", "phoneNumber": "984356578",
                    "additionalNote": "N", "externalReferenceId": "E", "address": address(),
                }),
            );
            let id = t.post(path, &full).await.is(201).id();
            let bare = person();
            let updated = t.put(&format!("{path}/{id}"), &bare).await.is(200).json();
            assert_eq!(updated["id"], id);
            assert_eq!(updated["email"], bare["email"]);
            for name in [
                "companyName",
                "countryCode",
                "phoneNumber",
                "additionalNote",
                "externalReferenceId",
                "address",
            ] {
                assert_eq!(updated[name], Value::Null, "{path} {name}");
            }
            let read = t.get(&format!("{path}/{id}")).await.is(200).json();
            assert_eq!(read, updated, "{path}");
        }
    });
}

#[test]
fn an_email_belongs_to_one_user_whatever_the_role_and_case() {
    with_tenant(async |t| {
        for (first, _) in ROLES {
            let body = person();
            let id = t.post(first, &body).await.is(201).id();
            let shouted = body["email"].as_str().expect("text").to_uppercase();
            for (second, _) in ROLES {
                for email in [&body["email"], &json!(shouted)] {
                    let same = with(person(), json!({"email": email}));
                    t.post(second, &same).await.problem(400, "user-already-exists");
                }
                let other = t.post(second, &person()).await.is(201).id();
                let same = with(person(), json!({"email": shouted}));
                let answer = t.put(&format!("{second}/{other}"), &same).await;
                answer.problem(400, "user-already-exists");
            }
            // One's own e-mail is no obstacle, and its case may change.
            let same = with(body.clone(), json!({"email": shouted}));
            let updated = t.put(&format!("{first}/{id}"), &same).await.is(200).json();
            assert_eq!(updated["email"], shouted);
        }
        // Another tenant is another world.
        let body = person();
        t.post("/api/public/Owners", &body).await.is(201);
        Tenant::fresh().await.post("/api/public/Owners", &body).await.is(201);
    });
}

#[test]
fn roles_are_kept_apart() {
    with_tenant(async |t| {
        for (made, _) in ROLES {
            let body = person();
            let id = t.post(made, &body).await.is(201).id();
            for (asked, noun) in ROLES.into_iter().filter(|(asked, _)| *asked != made) {
                let path = format!("{asked}/{id}");
                let problem = t.get(&path).await.problem(404, "entity-not-found");
                assert_eq!(problem["Detail"], format!("{noun} with id {id} not found."));
                t.put(&path, &person()).await.problem(404, "entity-not-found");
            }
            let read = t.get(&format!("{made}/{id}")).await.is(200).json();
            assert_eq!(read["email"], body["email"], "a refused update changes nothing");
        }
    });
}

#[test]
fn ids_come_from_one_sequence() {
    with_tenant(async |t| {
        let ids = [t.owner().await, t.manager().await, t.provider().await, t.user().await];
        assert!(ids.is_sorted(), "{ids:?}");
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
    });
}

#[test]
fn an_id_is_found_by_email() {
    with_tenant(async |t| {
        for (path, noun) in ROLES.into_iter().filter(|(path, _)| !path.ends_with("providers")) {
            let body = person();
            let id = t.post(path, &body).await.is(201).id();
            let email = body["email"].as_str().expect("text");
            let ask = async |email: &str| {
                t.find(&format!("{path}/get-by-email"), &[("email", email)]).await
            };
            let answer = ask(email).await.is(200);
            assert_eq!(answer.text, id.to_string(), "the bare integer");
            assert_eq!(ask(&email.to_uppercase()).await.is(200).text, id.to_string());
            let problem = ask("nobody@example.com").await.problem(404, "entity-not-found");
            let detail = problem["Detail"].as_str().expect("text");
            assert!(detail.starts_with(noun), "{detail}");
            ask("nobody").await.problem(400, "invalid-format");
            assert_eq!(ask("").await.refused(400, "bad-request"), ["email"]);
            let none = t.get(&format!("{path}/get-by-email")).await;
            assert_eq!(none.refused(400, "bad-request"), ["email"]);
            // A user of another role is not found here.
            let other = if path.ends_with("Owners") { ROLES[1].0 } else { ROLES[0].0 };
            let stranger = person();
            t.post(other, &stranger).await.is(201);
            let email = stranger["email"].as_str().expect("text");
            ask(email).await.problem(404, "entity-not-found");
        }
    });
}

#[test]
fn email_and_name_are_required() {
    with_tenant(async |t| {
        for (path, _) in ROLES {
            let none = t.post(path, &json!({})).await;
            assert_eq!(none.refused(400, "bad-request"), ["email", "name"], "{path}");
            let blank = json!({"email": "  ", "name": "\t"});
            assert_eq!(t.post(path, &blank).await.refused(400, "bad-request"), ["email", "name"]);
            for email in ["nobody", "@example.com", "a@", "a b@example.com", "a@b@c", "<a@b.c>"] {
                let body = with(person(), json!({"email": email}));
                assert_eq!(t.post(path, &body).await.refused(400, "invalid-format"), ["email"]);
            }
            let long = with(person(), json!({"name": "é".repeat(201)}));
            assert_eq!(t.post(path, &long).await.refused(400, "bad-request"), ["name"]);
            let longest = with(person(), json!({"name": "é".repeat(200)}));
            t.post(path, &longest).await.is(201);
        }
    });
}

#[test]
fn addresses_are_never_shared() {
    with_tenant(async |t| {
        let body = || with(person(), json!({"address": address(), "invoiceAddress": address()}));
        let first = t.post("/api/public/Owners", &body()).await.is(201).json();
        let second = t.post("/api/public/Owners", &body()).await.is(201).json();
        let list = t.get("/api/public/Owners").await.is(200).json();
        let mut ids: Vec<i64> = [&first["invoiceAddress"], &second["invoiceAddress"]]
            .into_iter()
            .chain(list["items"].as_array().expect("items").iter().map(|item| &item["address"]))
            .map(|address| address["id"].as_i64().expect("an id"))
            .collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), 4, "{ids:?}");
        // Any subset of the members may be given.
        for subset in
            [json!({}), json!({"city": "A"}), json!({"googlePlaceId": "x", "street": "y"})]
        {
            let body = with(person(), json!({"address": subset}));
            let created = t.post("/api/public/managers", &body).await.is(201).json();
            for (name, value) in subset.as_object().expect("an object") {
                assert_eq!(&created["address"][name], value);
            }
        }
    });
}
