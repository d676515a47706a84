//! What holds for every answer of the family: nulls, times, amounts, problems, methods.

use serde_json::{Value, json};

use crate::support::fixtures::{address, person, with};
use crate::support::{http, with_tenant};

#[test]
fn absent_values_are_explicit_nulls() {
    with_tenant(async |t| {
        let created = t.post("/api/public/Owners", &person()).await.is(201).json();
        for name in [
            "companyName",
            "countryCode",
            "phoneNumber",
            "address",
            "additionalNote",
            "authorizedAmount",
            "externalReferenceId",
            "invoiceAddress",
            "invoiceCompany",
            "invoiceEmail",
            "attentionTo",
        ] {
            assert_eq!(created.get(name), Some(&Value::Null), "{name}: {created}");
        }
        // An address with some members has the others as null.
        let body = with(person(), json!({"address": {"city": "Amsterdam"}}));
        let created = t.post("/api/public/Owners", &body).await.is(201).json();
        assert_eq!(created["address"]["city"], "Amsterdam");
        assert_eq!(created["address"].get("street"), Some(&Value::Null));
    });
}

#[test]
fn sent_nulls_are_as_good_as_absent() {
    with_tenant(async |t| {
        let nulls = json!({
            "companyName": null, "address": null, "authorizedAmount": null, "invoiceAddress": null,
        });
        let created = t.post("/api/public/Owners", &with(person(), nulls)).await.is(201).json();
        assert_eq!(created["address"], Value::Null);
        let body = with(person(), json!({"name": null}));
        let refused = t.post("/api/public/Owners", &body).await.refused(400, "bad-request");
        assert_eq!(refused, ["name"]);
    });
}

#[test]
fn unknown_members_are_ignored_and_names_have_a_case() {
    with_tenant(async |t| {
        let body = with(person(), json!({"unheardOf": [1, {"a": null}], "CompanyName": "No"}));
        let created = t.post("/api/public/Owners", &body).await.is(201).json();
        assert_eq!(created["companyName"], Value::Null);
        assert_eq!(created.get("unheardOf"), None);
    });
}

#[test]
fn reads_every_documented_form_of_a_time() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        for (sent, answered) in [
            ("2021-12-16T11:49:14.365Z", "2021-12-16T11:49:14.365Z"),
            ("2021-12-16T11:49:14Z", "2021-12-16T11:49:14.000Z"),
            ("2021-12-16T11:49:14.3659Z", "2021-12-16T11:49:14.365Z"),
            ("2021-12-16T13:49:14.365+02:00", "2021-12-16T11:49:14.365Z"),
            ("2021-12-16T00:30:00-01:30", "2021-12-16T02:00:00.000Z"),
            ("2021-12-16", "2021-12-16T00:00:00.000Z"),
            ("16.12.2021", "2021-12-16T00:00:00.000Z"),
            ("29.02.2024", "2024-02-29T00:00:00.000Z"),
            ("1001-01-01", "1001-01-01T00:00:00.000Z"),
            // The last whole day that an instant can be kept of.
            ("9999-12-31", "9999-12-31T00:00:00.000Z"),
        ] {
            let unit = t.unit_with(property, owner, json!({"contractStart": sent})).await;
            assert_eq!(unit["contractStart"], answered, "{sent}");
        }
    });
}

#[test]
fn refuses_times_that_do_not_exist() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        let path = format!("/api/public/PropertyUnit/{property}");
        for sent in [
            json!("2021-02-30"),
            json!("29.02.2023"),
            json!("31.04.2021"),
            json!("2021-13-01"),
            json!("2021-12-16T25:00:00Z"),
            json!("2021-12-16T11:49:14"),
            json!("1000-12-31"),
            json!("0001-01-01"),
            json!("10000-01-01"),
            json!("16/12/2021"),
            json!("tomorrow"),
            json!(""),
            json!(1639655354),
            json!({"seconds": 1}),
        ] {
            let body = json!({"ownerId": owner, "contractStart": sent});
            let refused = t.post(&path, &body).await.refused(400, "invalid-format");
            assert_eq!(refused, ["contractStart"], "{sent}");
        }
    });
}

#[test]
fn amounts_are_exact() {
    with_tenant(async |t| {
        for (sent, answered) in [
            ("0.1", "0.1"),
            ("0.29", "0.29"),
            ("650.5", "650.5"),
            ("650.50", "650.5"),
            ("1000", "1000"),
            ("1e3", "1000"),
            ("0", "0"),
            ("-0", "0"),
            ("999999999999.99", "999999999999.99"),
            ("9007199254.93", "9007199254.93"),
        ] {
            let email = person()["email"].clone();
            let body = format!(r#"{{"email":{email},"name":"N","authorizedAmount":{sent}}}"#);
            let answer =
                t.raw("POST", "/api/public/Owners", "application/json", body).await.is(201);
            let written = format!("\"authorizedAmount\":{answered},");
            assert!(answer.text.contains(&written), "{sent}: {}", answer.text);
            // Read back from the database, and from a list, it is the same.
            let read = t.get(&format!("/api/public/Owners/{}", answer.id())).await.is(200);
            assert!(read.text.contains(&written), "{sent}: {}", read.text);
            let email = email.as_str().expect("text");
            let list = t.find("/api/public/Owners", &[("searchParameter", email)]).await.is(200);
            assert!(list.text.contains(&written), "{sent}: {}", list.text);
        }
    });
}

#[test]
fn refuses_amounts_that_cannot_be_kept() {
    with_tenant(async |t| {
        for (sent, kind) in [
            ("-1", None),
            ("-0.01", None),
            ("0.001", None),
            ("1e-3", None),
            ("1000000000000", None),
            ("1e400", None),
            ("\"ten\"", Some("invalid-format")),
            ("true", Some("invalid-format")),
            ("[1]", Some("invalid-format")),
            ("{}", Some("invalid-format")),
        ] {
            let email = &person()["email"];
            let body = format!(r#"{{"email":{email},"name":"N","authorizedAmount":{sent}}}"#);
            let answer =
                t.raw("POST", "/api/public/Owners", "application/json", body).await.is(400);
            let kind = kind.map_or_else(
                || {
                    let kind = answer.json()["Type"].as_str().expect("a type").to_owned();
                    assert!(kind.ends_with("invalid-format") || kind.ends_with("bad-request"));
                    kind.replace("/problems/", "")
                },
                str::to_owned,
            );
            assert_eq!(answer.refused(400, &kind), ["authorizedAmount"], "{sent}");
        }
    });
}

#[test]
fn tells_everything_that_is_wrong_at_once() {
    with_tenant(async |t| {
        let body = json!({
            "email": "",
            "authorizedAmount": 1.001,
            "invoiceEmail": "nobody",
            "companyName": "x".repeat(201),
        });
        let answer = t.post("/api/public/Owners", &body).await;
        assert_eq!(
            answer.refused(400, "bad-request"),
            ["authorizedAmount", "companyName", "email", "invoiceEmail", "name"]
        );
        // Members of the wrong type are found all at once too, with their paths.
        let body = json!({"email": 1, "name": [], "address": {"city": 5, "street": true}});
        let answer = t.post("/api/public/Owners", &body).await;
        assert_eq!(
            answer.refused(400, "invalid-format"),
            ["address.city", "address.street", "email", "name"]
        );
        let body = with(person(), json!({"address": "Javastraat 1"}));
        assert_eq!(
            t.post("/api/public/Owners", &body).await.refused(400, "invalid-format"),
            ["address"]
        );
    });
}

#[test]
fn problems_name_the_path_as_sent() {
    with_tenant(async |t| {
        let body = t.get("/API/Public/oWnErS/987654321?x=1").await.problem(404, "entity-not-found");
        assert_eq!(body["Instance"], "/API/Public/oWnErS/987654321");
        assert_eq!(body["Title"], "The requested entity was not found");
        assert_eq!(body["Detail"], "Owner with id 987654321 not found.");
        assert_eq!(body["Extensions"].as_object().expect("an object").len(), 1, "{body}");
    });
}

#[test]
fn an_unknown_path_is_a_problem_too() {
    with_tenant(async |t| {
        for path in [
            "/api/public/Nothing",
            "/api/public/Owners/1/2",
            "/api/public/Owners/1/companies/2/3",
            "/api/public/",
            "/api/public/Owners//companies",
            "/api/publicOwners",
        ] {
            t.get(path).await.problem(404, "not-found");
            // So it is for those who do not say who they are.
            let request = http::request("GET", &format!("{}{path}", t.base));
            http::send(request).await.problem(404, "not-found");
        }
    });
}

#[test]
fn another_method_is_told_which_are_allowed() {
    with_tenant(async |t| {
        let id = t.owner().await;
        for (path, allowed) in [
            ("/api/public/Owners".to_owned(), "GET, HEAD, OPTIONS, POST"),
            (format!("/api/public/owners/{id}"), "GET, HEAD, OPTIONS, PUT"),
            ("/api/public/OWNERS/get-by-email".to_owned(), "GET, HEAD, OPTIONS"),
            ("/api/public/country-codes".to_owned(), "GET, HEAD, OPTIONS"),
            (format!("/api/public/PropertyUnit/{id}"), "GET, HEAD, OPTIONS, POST, PUT"),
            ("/api/connect/token".to_owned(), "OPTIONS, POST"),
        ] {
            let answer = t.delete(&path).await;
            answer.problem(405, "method-not-allowed");
            let mut methods: Vec<&str> = answer.header("allow").split(", ").collect();
            methods.sort_unstable();
            assert_eq!(methods.join(", "), allowed, "{path}");
            t.raw("PATCH", &path, "application/json", "{}")
                .await
                .problem(405, "method-not-allowed");
        }
    });
}

#[test]
fn head_is_get_without_a_body() {
    with_tenant(async |t| {
        let id = t.owner().await;
        let path = format!("/api/public/Owners/{id}");
        let whole = t.get(&path).await.is(200);
        let head = http::send(t.request("HEAD", &path)).await.is(200);
        assert_eq!(head.text, "");
        assert_eq!(head.header("content-type"), "application/json");
        assert_eq!(head.header("content-length"), whole.text.len().to_string());
        let missing = http::send(t.request("HEAD", "/api/public/Owners/987654321")).await.is(404);
        assert_eq!(missing.text, "");
    });
}

#[test]
fn options_tell_the_methods() {
    with_tenant(async |t| {
        let request = http::request("OPTIONS", &format!("{}/api/public/Owners", t.base));
        let answer = http::send(request).await;
        assert!(answer.status == 200 || answer.status == 204, "{answer:?}");
        assert_eq!(answer.text, "");
        assert!(answer.header("allow").contains("POST"), "{answer:?}");
        // A browser asks before it sends a token.
        let request = http::request("OPTIONS", &format!("{}/api/public/Owners", t.base))
            .header("origin", "https://app.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type");
        let answer = http::send(request).await;
        assert!(answer.status == 200 || answer.status == 204, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        let allowed = answer.header("access-control-allow-headers").to_lowercase();
        assert!(allowed.contains("authorization"), "{allowed}");
    });
}

#[test]
fn an_id_in_a_path_is_an_integer() {
    with_tenant(async |t| {
        for id in ["x", "1.5", "1e2", "0x10", "9223372036854775808", "%20", "-", "+1", "1%00"] {
            let answer = t.get(&format!("/api/public/Owners/{id}")).await;
            answer.problem(400, "invalid-format");
        }
        for id in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
            let answer = t.get(&format!("/api/public/Owners/{id}")).await;
            assert!([400, 404].contains(&answer.status), "{id}: {}", answer.text);
        }
    });
}

#[test]
fn an_alias_of_the_documentation_answers_too() {
    with_tenant(async |t| {
        let id = t.manager().await;
        let documented = t.get(&format!("/api/public/managers/{id}")).await.is(200).json();
        let alias = t.get(&format!("/api/public/manager/{id}")).await.is(200).json();
        assert_eq!(documented, alias);
        let upper = t.get(&format!("/API/PUBLIC/MANAGER/{id}")).await.is(200).json();
        assert_eq!(documented, upper);
    });
}

#[test]
fn a_request_id_is_taken_over_and_answered() {
    with_tenant(async |t| {
        let request =
            t.request("GET", "/api/public/Owners/987654321").header("x-request-id", "abc-1");
        let answer = http::send(request).await;
        assert_eq!(answer.header("x-request-id"), "abc-1");
        assert_eq!(answer.problem(404, "entity-not-found")["Extensions"]["traceId"], "abc-1");
    });
}

#[test]
fn both_spellings_of_the_mandate_amount_are_read() {
    with_tenant(async |t| {
        let owner = t.owner().await;
        let path = format!("/api/public/Owners/{owner}/companies");
        for name in ["maxMandateAmount", "maxManadateAmount"] {
            let body = json!({"name": "Company", name: 12.25});
            let created = t.post(&path, &body).await.is(201).json();
            assert_eq!(created["maxMandateAmount"], 12.25, "{name}");
            assert_eq!(created.get("maxManadateAmount"), None);
        }
        let twice = r#"{"name":"C","maxMandateAmount":1,"maxManadateAmount":2}"#;
        t.raw("POST", &path, "application/json", twice).await.problem(400, "invalid-format");
    });
}

#[test]
fn text_of_any_language_comes_back_as_sent() {
    with_tenant(async |t| {
        for name in
            ["Zoë Łukasz", "名前 太郎", "😀 \u{200d} e\u{301}", "a\"b\\c/d\u{7f}", "Ω\u{2028}Ω"]
        {
            let body = with(person(), json!({"name": name, "address": address()}));
            let created = t.post("/api/public/Owners", &body).await.is(201).json();
            assert_eq!(created["name"], name);
        }
    });
}
