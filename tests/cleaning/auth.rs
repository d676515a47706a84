//! Registering, signing in and choosing a new password.
//!
//! Covers: RegisterTenant, Login, RefreshToken, SendResetLink, CheckResetCode, ResetPassword,
//! Covers: GetUser.

use serde_json::{Value, json};

use super::clients::signed_in as client_signed_in;
use super::company::{Company, problem, refused, stranger, with_company};
use crate::platform::forgery::claims;
use crate::support::{
    Answer, Server, Tenant, database, eventually, http, mail, run, unique_for_good,
};

const PASSWORD: &str = "correct horse 1";

/// What registers a company that no other test knows.
fn company() -> Value {
    let name = unique_for_good("Registered ");
    let email = format!("{}@Example.com", unique_for_good("owner"));
    json!({"name": name, "email": email, "password": PASSWORD, "firstName": "Ann",
        "lastName": "Lee", "phone": "+12125550100", "timeZone": "Europe/Lisbon", "currency": "eur"})
}

async fn post(path: &str, body: &Value) -> Answer {
    stranger("POST", path, Some(body)).await
}

async fn get(session: &Value, path: &str) -> Answer {
    let url = format!("{}{path}", Server::shared().await.base);
    http::send(http::request("GET", &url).bearer_auth(session["token"].as_str().expect("a token")))
        .await
}

async fn login(company: &Value, password: &str) -> Answer {
    post("/auth/login", &json!({"username": company["email"], "password": password})).await
}

#[test]
fn a_company_registers_and_its_owner_is_signed_in() {
    run(async {
        let company = company();
        let made = post("/tenant/register", &company).await.is(201);
        let location = made.header("location").to_owned();
        let made = made.json();
        let (tenant, session) = (&made["tenant"], &made["session"]);
        assert_eq!((&tenant["name"], &tenant["currency"]), (&company["name"], &json!("EUR")));
        assert_eq!((&tenant["status"], &tenant["isSandbox"]), (&json!("Trial"), &json!(false)));
        assert_eq!(session["tenantId"], tenant["id"]);
        assert_eq!(location, format!("/tenant/get/{}", tenant["id"]));
        assert_eq!((&session["tokenType"], &session["clientId"]), (&json!("Bearer"), &json!(null)));
        assert_eq!(session["expiresIn"], 3600);
        let user = &session["user"];
        assert_eq!((&user["firstName"], &user["lastName"]), (&json!("Ann"), &json!("Lee")));
        assert_eq!((&user["role"], &user["id"]), (&json!("owner"), &tenant["tenantUserId"]));
        assert_eq!(user["phone"], "+12125550100");

        // Everything is there that the company needs.
        let own = get(session, "/tenant").await.is(200).json();
        assert_eq!(own["timeZone"], "Europe/Lisbon");
        let settings = get(session, "/tenant/settings").await.is(200).json();
        assert_eq!(settings["scheduling"]["horizonDays"], 90);
        let path = format!("/user/getuser/{}", user["id"]);
        let seen = get(session, &path).await.is(200);
        assert!(seen.header("etag").starts_with("\"v"), "{}", seen.header("etag"));
        assert_eq!(seen.json()["email"], own["email"]);
        assert_eq!(seen.json(), *user, "what signing in answers is what is read");
        let unless = async |etag: &str| {
            let url = format!("{}{path}", Server::shared().await.base);
            let token = session["token"].as_str().expect("a token");
            let request = http::request("GET", &url).bearer_auth(token);
            http::send(request.header("if-none-match", etag)).await
        };
        unless(seen.header("etag")).await.is(304);
        login(&company, PASSWORD).await.is(200);
        let later = unless(seen.header("etag")).await.is(200);
        assert_ne!(later.header("etag"), seen.header("etag"), "shown, and so counted");

        problem(&post("/tenant/register", &company).await, 409, "duplicate");
        let weak =
            json!({"name": "", "email": "bad", "password": "x", "firstName": "", "lastName": "A"});
        assert_eq!(
            refused(&post("/tenant/register", &weak).await),
            ["email", "firstName", "name", "password"]
        );
        let bad = json!({"name": " ", "email": "x", "phone": "1", "currency": "XXX"});
        assert_eq!(
            refused(&post("/tenant/register", &bad).await),
            ["currency", "email", "firstName", "lastName", "name", "password", "phone"]
        );
        let told = post("/tenant/register", &bad).await.json()["errors"]["phone"].clone();
        assert_eq!(told.as_array().map(Vec::len), Some(1), "{told}");
        let mut weak = self::company();
        weak["password"] = json!("short1");
        assert_eq!(refused(&post("/tenant/register", &weak).await), ["password"]);
        // Nothing is left of a registration that failed.
        weak["password"] = json!(PASSWORD);
        post("/tenant/register", &weak).await.is(201);
    });
}

#[test]
fn a_registration_that_is_repeated_with_its_key_is_the_same() {
    run(async {
        let company = company();
        let register = async |company: &Value, key: &str| {
            let url = format!("{}/tenant/register", Server::shared().await.base);
            let request = http::request("POST", &url).header("idempotency-key", key).json(company);
            http::send(request).await
        };
        let key = &unique_for_good("key");
        let both = futures_util::future::join(register(&company, key), register(&company, key));
        let (one, two) = both.await;
        let replayed = |answer: &Answer| answer.headers.contains_key("idempotency-replayed");
        assert_ne!(replayed(&one), replayed(&two), "{} {}", one.text, two.text);
        let (one, two) = (one.is(201).json(), two.is(201).json());
        assert_eq!(one["tenant"], two["tenant"]);
        let again = register(&company, key).await.is(201);
        assert!(replayed(&again));
        let again = again.json();
        get(&again["session"], "/tenant").await.is(200);
        assert_eq!(again["tenant"]["id"], one["tenant"]["id"]);

        for (member, value) in [("password", "another1"), ("firstName", "Eve")] {
            let mut other = company.clone();
            other[member] = json!(value);
            problem(&register(&other, key).await, 422, "idempotency_mismatch");
        }
        problem(&register(&company, &unique_for_good("other")).await, 409, "duplicate");
        problem(&register(&self::company(), "a key").await, 400, "validation");
        // Somebody else who happens to choose the same key is somebody else.
        register(&self::company(), key).await.is(201);
    });
}

#[test]
fn a_refresh_token_is_good_once_and_ends_its_session_when_it_comes_again() {
    run(async {
        let company = company();
        post("/tenant/register", &company).await.is(201);
        let session = login(&company, PASSWORD).await.is(200).json();
        get(&session, "/tenant").await.is(200);
        let refresh = async |session: &Value| {
            post("/auth/refresh-token", &json!({"refreshToken": session["refreshToken"]})).await
        };
        let next = refresh(&session).await.is(200).json();
        assert_ne!(next["refreshToken"], session["refreshToken"]);
        assert_eq!(next["user"]["id"], session["user"]["id"]);
        get(&next, "/tenant").await.is(200);
        problem(&refresh(&session).await, 401, "refresh_reused");
        problem(&refresh(&next).await, 401, "refresh_invalid");
        let unknown = json!({"refreshToken": "unknown"});
        problem(&post("/auth/refresh-token", &unknown).await, 401, "refresh_invalid");
        assert_eq!(refused(&post("/auth/refresh-token", &json!({})).await), ["refreshToken"]);
        // Its access tokens end too, everywhere within about a second.
        eventually("the session ends", std::time::Duration::from_secs(10), async || {
            (get(&next, "/tenant").await.status == 401).then_some(())
        })
        .await;
    });
}

#[test]
fn who_does_not_know_the_password_stays_out() {
    run(async {
        let company = company();
        post("/tenant/register", &company).await.is(201);
        let shouted = company["email"].as_str().expect("text").to_uppercase();
        let body = json!({"UserName": shouted, "password": PASSWORD, "tenantId": 999_999_999});
        problem(&post("/auth/login", &body).await, 401, "invalid_credentials");
        let body = json!({"UserName": shouted, "password": PASSWORD});
        post("/auth/login", &body).await.is(200);
        assert_eq!(refused(&post("/auth/login", &json!({})).await), ["password", "username"]);
        for _ in 0..4 {
            problem(&login(&company, "wrong horse 1").await, 401, "invalid_credentials");
        }
        let blocked = login(&company, PASSWORD).await;
        problem(&blocked, 429, "rate_limited");
        let wait: u64 = blocked.header("retry-after").parse().expect("seconds");
        assert!((800..=901).contains(&wait), "{wait}");
        let nobody = json!({"username": unique_for_good("nobody"), "password": PASSWORD});
        problem(&post("/auth/login", &nobody).await, 401, "invalid_credentials");

        // One name and password for two companies: the user says which.
        let (mut one, mut other) = (self::company(), self::company());
        other["email"] = one["email"].clone();
        let mut ids = Vec::new();
        for body in [&mut one, &mut other] {
            let made = post("/tenant/register", body).await.is(201).json();
            ids.push(made["tenant"]["id"].clone());
        }
        let which = problem(&login(&one, PASSWORD).await, 409, "tenant_required");
        let listed = which["tenants"].as_array().expect("a list");
        assert_eq!(listed.len(), 2, "{which}");
        assert!(ids.iter().all(|id| listed.iter().any(|one| one["id"] == *id)), "{which}");
        let body = json!({"username": one["email"], "password": PASSWORD, "tenantId": ids[1]});
        assert_eq!(post("/auth/login", &body).await.is(200).json()["tenantId"], ids[1]);
    });
}

#[test]
fn a_mailed_code_lets_choose_a_new_password() {
    run(async {
        let company = company();
        let made = post("/tenant/register", &company).await.is(201).json();
        let session = login(&company, PASSWORD).await.is(200).json();
        let email = company["email"].as_str().expect("text").to_lowercase();
        post("/auth/sendresetlink", &json!({"email": email})).await.is(204);
        post("/auth/sendresetlink", &json!({"email": "nobody@example.com"})).await.is(204);
        let tenant = Tenant {
            id: made["tenant"]["id"].as_i64().expect("an id"),
            family: "cleaning".to_owned(),
            client_id: String::new(),
            client_secret: String::new(),
            token: String::new(),
            base: &Server::shared().await.base,
        };
        let sent = mail::to(&tenant, &email, 1).await.remove(0);
        assert_eq!(sent.header("X-Steward-Kind"), "reset-code");
        assert!(sent.path(tenant.base).starts_with("/passwords/"), "{}", sent.text);
        let code = sent.text.lines().find_map(|line| line.strip_prefix("Code: ")).expect("a code");
        let check = async |code: &str| {
            let body = json!({"email": email, "code": code});
            post("/auth/checkcode", &body).await.is(200).json()
        };
        let wrong = if code == "000000" { "000001" } else { "000000" };
        assert_eq!(check(wrong).await, json!({"isValid": false, "expiresAt": null}));
        let right = check(code).await;
        assert_eq!(right["isValid"], true);
        assert!(right["expiresAt"].as_str().is_some_and(|at| at.ends_with('Z')), "{right}");

        let reset = |code: &str, password: &str| json!({"email": email, "code": code, "newPassword": password});
        let weak = post("/auth/reset", &reset(code, "short1")).await;
        assert_eq!(refused(&weak), ["newPassword"]);
        let answer = post("/auth/reset", &reset(wrong, "another horse 2")).await;
        assert_eq!(refused(&answer), ["code"]);
        post("/auth/reset", &reset(code, "another horse 2")).await.is(204);
        let answer = post("/auth/reset", &reset(code, "another horse 3")).await;
        assert_eq!(refused(&answer), ["code"], "a code is good once");
        problem(&login(&company, PASSWORD).await, 401, "invalid_credentials");
        login(&company, "another horse 2").await.is(200);
        let body = json!({"refreshToken": session["refreshToken"]});
        problem(&post("/auth/refresh-token", &body).await, 401, "refresh_invalid");
    });
}

#[test]
fn users_see_themselves_and_admins_see_all() {
    with_company(async |c| {
        let ((cleaner, token), (client, _)) = (c.user("cleaner").await, c.user("client").await);
        let path = |id: i64| format!("/user/getuser/{id}");
        let own = c.with_token(&token).get(&path(cleaner)).await.is(200).json();
        assert_eq!((&own["firstName"], &own["lastName"]), (&json!("Ann"), &json!("Lee")));
        assert_eq!((&own["role"], &own["isActive"]), (&json!("cleaner"), &json!(true)));
        problem(&c.with_token(&token).get(&path(client)).await, 403, "forbidden");
        assert_eq!(c.get(&path(cleaner)).await.is(200).json(), own);
        assert_eq!(c.get(&path(client)).await.is(200).json()["role"], "client");
        let other = Company::fresh().await;
        problem(&other.get(&path(cleaner)).await, 404, "not_found");
        problem(&c.with_token(&token).get(&path(999_999_999)).await, 404, "not_found");
    });
}

#[test]
fn an_operator_may_close_registration() {
    run(async {
        let server = Server::own("closed", &["--registration-closed"]).await;
        let request = http::request("POST", &format!("{}/tenant/register", server.base));
        problem(&http::send(request.json(&company())).await, 403, "registration_closed");
    });
}

/// What a company has when nothing is at work in it any more.
async fn settled(id: i64) -> std::collections::BTreeMap<String, String> {
    let waiting = format!("SELECT count(*) FROM platform.jobs WHERE tenant_id = {id}");
    eventually("no jobs", std::time::Duration::from_secs(60), async || {
        (database::value(id, &waiting).await == 0).then_some(())
    })
    .await;
    database::digest(id).await
}

#[test]
fn who_only_asks_is_neither_registered_nor_signed_in() {
    run(async {
        let company = company();
        let tried = post("/tenant/register?validateOnly=true", &company).await.is(201);
        assert_eq!(tried.header("preference-applied"), "validate-only");
        let tried = tried.json();
        assert_eq!(tried["tenant"]["name"], company["name"]);
        assert_eq!(tried["session"]["user"]["firstName"], "Ann");
        // There is no session that tokens could be of.
        assert_eq!(
            (&tried["session"]["token"], &tried["session"]["refreshToken"]),
            (&json!(""), &json!(""))
        );
        problem(&login(&company, PASSWORD).await, 401, "invalid_credentials");
        let mut bad = company.clone();
        bad["email"] = json!("x");
        assert_eq!(refused(&post("/tenant/register?validateOnly=true", &bad).await), ["email"]);

        let made = post("/tenant/register", &company).await.is(201).json();
        let id = made["tenant"]["id"].as_i64().expect("an id");
        problem(&post("/tenant/register?validateOnly=true", &company).await, 409, "duplicate");
        let session = login(&company, PASSWORD).await.is(200).json();
        let email = company["email"].as_str().expect("text").to_lowercase();
        post("/auth/sendresetlink", &json!({"email": email})).await.is(204);
        let base = &Server::shared().await.base;
        let (client_id, client_secret, token) = Default::default();
        let family = "cleaning".to_owned();
        let tenant = Tenant { id, family, client_id, client_secret, token, base };
        let sent = mail::to(&tenant, &email, 1).await.remove(0);
        let code = sent.text.lines().find_map(|line| line.strip_prefix("Code: ")).expect("a code");

        let before = settled(id).await;
        let signing_in = json!({"username": email, "password": PASSWORD});
        let reset = json!({"email": email, "code": code, "newPassword": "another horse 2"});
        let refresh = json!({"refreshToken": session["refreshToken"]});
        let calls = [
            ("/auth/login", &signing_in, 200),
            ("/auth/sendresetlink", &json!({"email": email}), 204),
            ("/auth/checkcode", &json!({"email": email, "code": code}), 200),
            ("/auth/reset", &reset, 204),
            ("/auth/refresh-token", &refresh, 200),
        ];
        for (path, body, status) in calls {
            let request = http::request("POST", &format!("{base}{path}")).json(body);
            let tried = http::send(request.header("prefer", "validate-only")).await.is(status);
            assert_eq!(tried.header("preference-applied"), "validate-only", "{path}");
            if status == 200 && path != "/auth/checkcode" {
                let tried = tried.json();
                assert_eq!(tried["user"]["id"], session["user"]["id"], "{path}");
                assert_eq!((&tried["token"], &tried["refreshToken"]), (&json!(""), &json!("")));
            }
            assert_eq!(settled(id).await, before, "{path}");
        }
        let form = [
            ("grant_type", "password"),
            ("scope", "api"),
            ("username", &*email),
            ("password", PASSWORD),
        ];
        let request = http::request("POST", &format!("{base}/api/connect/token")).form(&form);
        let tried = http::send(request.header("prefer", "validate-only")).await.is(200).json();
        assert_eq!(tried["access_token"], "");
        assert_eq!(settled(id).await, before, "a token");

        // All of it can still be done. Guesses count, whatever a call asks for: the first was made
        // before there was an account.
        post("/auth/refresh-token", &refresh).await.is(200);
        post("/auth/reset", &reset).await.is(204);
        let wrong = json!({"username": email, "password": "wrong horse 1"});
        for _ in 0..4 {
            let tried = post("/auth/login?validateOnly=true", &wrong).await;
            problem(&tried, 401, "invalid_credentials");
        }
        problem(&login(&company, "another horse 2").await, 429, "rate_limited");
    });
}

#[test]
fn a_session_says_which_client_or_cleaner_signed_in() {
    with_company(async |c| {
        let session = async |made: &Value, password: &str| {
            let body = json!({"username": made["email"], "password": password, "tenantId": c.id});
            c.post("/auth/login", &body).await.is(200).json()
        };
        let (ann, _) = client_signed_in(&c).await;
        let (cleo, _) = super::cleaners::signed_in(&c).await;
        for (made, own, other) in
            [(&ann, "clientId", "cleanerId"), (&cleo, "cleanerId", "clientId")]
        {
            let session = session(made, "correct horse 7").await;
            assert_eq!((&session[own], &session[other]), (&made["id"], &json!(null)));
            assert_eq!(session["expiresIn"], 3600);
            let claims = claims(session["token"].as_str().expect("a token"));
            assert_eq!(claims["pid"], made["id"].to_string());
            assert_eq!(claims["tid"], c.id.to_string());
            assert_eq!(claims["sub"], made["userId"].to_string());
            let body = json!({"refreshToken": session["refreshToken"]});
            assert_eq!(post("/auth/refresh-token", &body).await.is(200).json()[own], made["id"]);
        }
        let own = claims(&Company::fresh().await.token);
        assert!(own["tid"].is_string() && own.get("pid").is_none(), "{own}");
    });
}
