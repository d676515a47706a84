//! The token endpoint.
//!
//! Covers: CreateToken.

use std::time::Duration;

use serde_json::{Value, json};
use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::token_service_client::TokenServiceClient;
use tonic_types::StatusExt;

use super::forgery::{claims, header};
use crate::support::server::Operator;
use crate::support::{Answer, Server, Tenant, eventually, grpc, http, run, with_tenant};

const TOKEN: &str = "/api/connect/token";

async fn ask(t: &Tenant, form: &[(&str, &str)]) -> Answer {
    http::send(http::request("POST", &format!("{}{TOKEN}", t.base)).form(form)).await
}

/// The members of a request that is fine, with `changes` in place of theirs.
fn form<'a>(t: &'a Tenant, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![
        ("client_id", &*t.client_id),
        ("client_secret", &*t.client_secret),
        ("scope", "openid api"),
        ("grant_type", "client_credentials"),
    ];
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        if !value.is_empty() {
            form.push((name, value));
        }
    }
    form
}

#[test]
fn a_token_says_who_may_do_what_until_when() {
    with_tenant(async |t| {
        let answer = ask(&t, &form(&t, &[])).await.is(200);
        // Tokens are not for caches (RFC 6749, 5.1).
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = answer.json();
        let token = body["access_token"].as_str().expect("a token");
        let header = header(token);
        assert_eq!(header["alg"], "ES256");
        assert!(header["kid"].is_string(), "{header}");
        let claims = claims(token);
        assert_eq!(claims["iss"], t.base);
        assert_eq!(claims["aud"], "steward");
        assert_eq!(claims["sub"], t.client_id);
        assert_eq!(claims["client_id"], t.client_id);
        assert_eq!(claims["tenantId"].as_str(), Some(&*t.id.to_string()));
        assert_eq!(claims["scope"], "openid api");
        let second = |name: &str| claims[name].as_i64().expect("seconds");
        assert_eq!(second("exp") - second("iat"), 1800);
        assert!(claims["jti"].is_string());
        let again = ask(&t, &form(&t, &[])).await.is(200).json();
        let other = super::forgery::claims(again["access_token"].as_str().expect("a token"));
        assert_ne!(claims["jti"], other["jti"]);

        let identity = body["id_token"].as_str().expect("a token");
        let identity = super::forgery::claims(identity);
        assert_eq!(identity["sub"], t.client_id);
        assert_eq!(identity["aud"], t.client_id);
    });
}

#[test]
fn scopes_come_in_any_order() {
    with_tenant(async |t| {
        for (asked, granted) in [
            ("openid api", "openid api"),
            ("api openid", "openid api"),
            ("api", "api"),
            ("openid", "openid"),
        ] {
            let body = ask(&t, &form(&t, &[("scope", asked)])).await.is(200).json();
            assert_eq!(body["scope"], granted, "{asked}");
            assert_eq!(body["id_token"].is_null(), asked == "api", "{asked}: {body}");
            assert!(body.get("id_token").is_some(), "null rather than absent");
        }
    });
}

fn oauth(answer: &Answer) -> Value {
    let body = answer.json();
    assert!(body["error_description"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    body["error"].clone()
}

#[test]
fn wrong_requests_are_refused_as_oauth_says() {
    with_tenant(async |t| {
        for (name, value, error) in [
            ("scope", "openid api admin", "invalid_scope"),
            ("scope", "admin", "invalid_scope"),
            ("scope", "", "invalid_scope"),
            ("grant_type", "implicit", "unsupported_grant_type"),
            ("grant_type", "", "invalid_request"),
        ] {
            let answer = ask(&t, &form(&t, &[(name, value)])).await.is(400);
            assert_eq!(oauth(&answer), error, "{name} {value}");
            // A member that is missing is told as everywhere.
            let kind = match error {
                "invalid_request" => "bad-request".to_owned(),
                error => error.replace('_', "-"),
            };
            answer.problem(400, &kind);
        }
        for (name, value) in [
            ("client_secret", "wrong"),
            ("client_secret", ""),
            ("client_id", "nobody"),
            ("client_id", "o'brien; --"),
            ("client_id", ""),
        ] {
            let answer = ask(&t, &form(&t, &[(name, value)])).await;
            answer.problem(401, "invalid-credentials");
            assert_eq!(oauth(&answer), "invalid_client", "{name} {value}");
            assert!(answer.header("www-authenticate").starts_with("Basic"), "{answer:?}");
        }
    });
}

#[test]
fn a_form_is_read_and_nothing_else() {
    with_tenant(async |t| {
        let body = json!({"client_id": t.client_id, "client_secret": t.client_secret,
            "scope": "api", "grant_type": "client_credentials"});
        let url = format!("{}{TOKEN}", t.base);
        let answer = http::send(http::request("POST", &url).json(&body)).await;
        assert!([200, 415].contains(&answer.status), "{}", answer.text);
        let xml = http::request("POST", &url).header("content-type", "text/xml").body("<a/>");
        http::send(xml).await.problem(415, "unsupported-media-type");
        let twice = [("scope", "api"), ("scope", "openid")];
        let mut double = form(&t, &[("scope", "")]);
        double.extend(twice);
        assert_eq!(ask(&t, &double).await.status, 400);
        http::send(http::request("GET", &url)).await.problem(405, "method-not-allowed");
    });
}

#[test]
fn basic_authentication_is_taken_too() {
    with_tenant(async |t| {
        let bare = form(&t, &[("client_id", ""), ("client_secret", "")]);
        let url = format!("{}{TOKEN}", t.base);
        let basic = |id: &str, secret: &str, form: &[(&str, &str)]| {
            http::send(http::request("POST", &url).basic_auth(id, Some(secret)).form(form))
        };
        let (id, secret) = (&*t.client_id, &*t.client_secret);
        let body = basic(id, secret, &bare).await.is(200).json();
        let request = http::request("GET", &format!("{}/api/public/Owners", t.base));
        let token = body["access_token"].as_str().expect("a token");
        http::send(request.bearer_auth(token)).await.is(200);
        let answer = basic(id, "wrong", &bare).await;
        answer.problem(401, "invalid-credentials");
        // Two ways at once are forbidden (RFC 6749, 2.3).
        let answer = basic(id, secret, &form(&t, &[])).await.is(400);
        assert_eq!(oauth(&answer), "invalid_request");
    });
}

#[test]
fn ten_failures_a_minute_are_enough() {
    with_tenant(async |t| {
        let wrong = form(&t, &[("client_secret", "wrong")]);
        for _ in 0..10 {
            ask(&t, &wrong).await.problem(401, "invalid-credentials");
        }
        let answer = ask(&t, &wrong).await;
        answer.problem(429, "too-many-attempts");
        let seconds: u64 = answer.header("retry-after").parse().expect("seconds");
        assert!((1..=60).contains(&seconds), "{seconds}");
        // Whoever has the secret is not locked out by somebody who guesses.
        ask(&t, &form(&t, &[])).await.is(200);
        // The token it has still works, and so do other clients.
        t.get("/api/public/Owners").await.is(200);
        Tenant::fresh().await;
    });
}

#[test]
fn grpc_gives_the_same_tokens_and_refusals() {
    with_tenant(async |t| {
        let mut client = TokenServiceClient::new(grpc::with_token(None).await);
        let request = |secret: &str| pb::CreateTokenRequest {
            client_id: t.client_id.clone(),
            client_secret: secret.to_owned(),
            scope: "api".to_owned(),
            grant_type: "client_credentials".to_owned(),
            ..pb::CreateTokenRequest::default()
        };
        let answer =
            client.create_token(request(&t.client_secret)).await.expect("a token").into_inner();
        assert_eq!((answer.expires_in, &*answer.token_type), (1800, "Bearer"));
        assert_eq!(answer.id_token, None);
        let status = client.create_token(request("wrong")).await.expect_err("a refusal");
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
        let info = status.get_details_error_info().expect("error info");
        assert_eq!(info.reason, "INVALID_CREDENTIALS");
        assert_eq!(info.metadata["error"], "invalid_client");
    });
}

#[test]
fn secrets_are_exchanged_without_an_interruption() {
    with_tenant(async |t| {
        let server = Server::shared().await;
        let rotate = || {
            let output = server.command(&["client", "rotate-secret", "--client", &t.client_id]);
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            let answer: Value = serde_json::from_str(&output.stdout).expect("JSON");
            answer["client_secret"].as_str().expect("a secret").to_owned()
        };
        let works =
            async |secret: &str| ask(&t, &form(&t, &[("client_secret", secret)])).await.status;
        let second = rotate();
        assert_eq!((works(&t.client_secret).await, works(&second).await), (200, 200));
        let third = rotate();
        assert_eq!(
            (works(&t.client_secret).await, works(&second).await, works(&third).await),
            (401, 200, 200)
        );
        let output = server.command(&["client", "disable", "--client", &t.client_id]);
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert_eq!(works(&third).await, 401);
        t.get("/api/public/Owners").await.is(200);
    });
}

#[test]
fn keys_and_metadata_are_public() {
    with_tenant(async |t| {
        let get =
            async |path: &str| http::send(http::request("GET", &format!("{}{path}", t.base))).await;
        let metadata = get("/.well-known/openid-configuration").await.is(200).json();
        assert_eq!(metadata["issuer"], t.base);
        assert_eq!(metadata["token_endpoint"], format!("{}{TOKEN}", t.base));
        let path = metadata["jwks_uri"].as_str().expect("a URL").replace(t.base, "");
        let keys = get(&path).await.is(200).json();
        let kid = header(&t.token)["kid"].clone();
        let keys = keys["keys"].as_array().expect("keys");
        let key = keys.iter().find(|key| key["kid"] == kid).expect("the key of the token");
        assert_eq!(
            (&key["kty"], &key["crv"], &key["alg"]),
            (&json!("EC"), &json!("P-256"), &json!("ES256"))
        );
        assert!(keys.iter().all(|key| key.get("d").is_none()), "private halves stay private");
    });
}

#[test]
fn keys_are_rotated_without_downtime() {
    run(async {
        let server = Server::own("rotation", &[]).await;
        let client = Operator::of(&server).await;
        let works = async |token: &str| {
            let request = http::request("GET", &format!("{}/api/public/Owners", server.base));
            http::send(request.bearer_auth(token)).await.is(200);
        };
        let old = client.new_token().await;
        works(&old).await;
        let rotated = server.command(&["keys", "rotate"]);
        assert_eq!(rotated.code, Some(0), "{}", rotated.stderr);
        let rotated: Value = serde_json::from_str(&rotated.stdout).expect("JSON");
        let kid = rotated["kid"].as_str().expect("a key id");
        assert_ne!(header(&old)["kid"], kid);
        let fresh = eventually("a token by the new key", Duration::from_secs(120), async || {
            let token = client.new_token().await;
            works(&token).await;
            (header(&token)["kid"] == kid).then_some(token)
        })
        .await;
        works(&fresh).await;
        works(&old).await;
        assert!(tokio::task::block_in_place(|| server.process.stop()).success());
    });
}
