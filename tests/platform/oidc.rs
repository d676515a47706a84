//! Sign-in by another issuer, which is a real one in a process of its own.
//!
//! What is refused of its tokens is tested beside the code that verifies them.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use futures_util::future::join_all;
use serde_json::{Value, json};
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Answer, Server, http, process, run};

const AUDIENCE: &str = "https://api.example";

/// The issuer, and the lines it answers.
struct Issuer {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    url: String,
}

impl Issuer {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let installed = root.join("tests/browser/node_modules/oauth2-mock-server");
        assert!(installed.exists(), "run scripts/setup.sh test, which installs the issuer");
        let mut child = Command::new("node")
            .arg(root.join("tests/tools/oidc_server.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let mut issuer = Self { child, lines, url: String::new() };
        issuer.url = issuer.answer()["issuer"].as_str().expect("a URL").to_owned();
        issuer
    }

    fn answer(&mut self) -> Value {
        let line = self.lines.next().expect("an answer").expect("a line");
        serde_json::from_str(&line).expect("JSON")
    }

    fn sign(&mut self, claims: &Value) -> String {
        let request = json!({"do": "token", "kid": "first", "claims": claims, "expiresIn": 600});
        let stdin = self.child.stdin.as_mut().expect("a pipe");
        writeln!(stdin, "{request}").expect("a running issuer");
        self.answer()["token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

#[test]
fn a_person_of_another_issuer_calls_as_the_user_they_are() {
    run(async {
        let mut issuer = Issuer::start();
        let flags = ["--oidc-issuer", &issuer.url, "--oidc-audience", AUDIENCE];
        let server = Server::own("oidc", &flags).await;
        let made = |arguments: &[&str]| -> Value {
            let output = server.command(arguments);
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            serde_json::from_str(&output.stdout).expect("JSON")
        };
        let list = async |token: &str, id_token: Option<&str>| -> Answer {
            let path = format!("{}/api/public/Owners", server.base);
            let request = http::request("GET", &path).bearer_auth(token);
            http::send(match id_token {
                Some(id_token) => request.header("Auth0-IdToken", id_token),
                None => request,
            })
            .await
        };
        let token = &issuer.sign(&json!({"sub": "auth0|ann", "aud": AUDIENCE}));
        // Verified, but nobody yet.
        let stranger = list(token, None).await;
        stranger.problem(403, "onboarding-required");

        let tenant = made(&["tenant", "create", "--name", "Ann"])["id"].to_string();
        let email = "ann@example.com";
        let user =
            made(&["user", "create", "--tenant", &tenant, "--email", email, "--role", "owner"]);
        let url = process::run(&[
            "database-url",
            "--data-dir",
            server.data_dir.to_str().expect("a path in UTF-8"),
        ]);
        let (client, connection) =
            tokio_postgres::connect(url.stdout.trim(), tokio_postgres::NoTls).await.expect("it");
        let connection = tokio::spawn(connection);
        let sql = format!(
            "INSERT INTO platform.identities (tenant_id, issuer, subject, user_id)
             VALUES ({tenant}, '{}', 'auth0|ann', {})",
            issuer.url, user["id"]
        );
        client.batch_execute(&sql).await.expect("an identity");
        drop(client);
        connection.await.expect("a task").expect("an end");

        list(token, None).await.is(200);
        let id_token =
            &issuer.sign(&json!({"sub": "auth0|ann", "aud": "app", "name": "Ann", "locale": "nl"}));
        list(token, Some(id_token)).await.is(200);
        let listed = made(&["user", "list", "--tenant", &tenant]);
        assert_eq!((&listed["name"], &listed["email"]), (&json!("Ann"), &json!(email)));
        // Of somebody else, and of nobody.
        let other = issuer.sign(&json!({"sub": "auth0|eve", "aud": "app", "name": "Eve"}));
        for id_token in [&*other, "x", "ü"] {
            let refused = list(token, Some(id_token)).await;
            refused.problem(401, "invalid-id-token");
        }
        let mut request = tonic::Request::new(
            steward_contracts::steward::facilities::v1::ListOwnersRequest::default(),
        );
        let metadata = request.metadata_mut();
        metadata.insert("authorization", format!("Bearer {token}").parse().expect("a header"));
        metadata.insert("auth0-idtoken", other.parse().expect("a header"));
        let mut owners =
            steward_contracts::steward::facilities::v1::owner_service_client::OwnerServiceClient::new(
                crate::support::grpc::channel(&server),
            );
        let status = owners.list_owners(request).await.expect_err("a refusal");
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(status.get_details_error_info().expect("info").reason, "INVALID_ID_TOKEN");
        // The built-in issuer goes on beside it, and one's ID token is none of the other's.
        let own = user["access_token"].as_str().expect("a token");
        list(own, None).await.is(200);
        list(own, Some(id_token)).await.problem(401, "invalid-id-token");
        let wrong = issuer.sign(&json!({"sub": "auth0|ann", "aud": "somebody else"}));
        list(&wrong, None).await.is(401);

        // Who is who is nobody's business, and least of all the log's.
        let log = std::fs::read_to_string(server.data_dir.with_extension("log")).expect("a log");
        for secret in [token, id_token, own, email, "auth0|ann", "auth0|eve"] {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
        assert!(log.contains("ListOwners"), "calls are logged: {log}");
    });
}

/// Signs a person in for the first time, by the token of the issuer.
async fn sign_up(server: &Server, token: &str, id_token: Option<&str>) -> Answer {
    let request = http::request("GET", &format!("{}/api/me", server.base)).bearer_auth(token);
    http::send(match id_token {
        Some(id_token) => request.header("Auth0-IdToken", id_token),
        None => request,
    })
    .await
}

/// What a business says to start.
async fn onboard(server: &Server, token: &str, company: &str) -> Answer {
    let attributes = json!({
        "name": "Ana Reis", "company_name": company, "country": "PT",
        "business_category_id": "11", "terms_accepted": true,
    });
    let request = http::request("POST", &format!("{}/api/me/onboarding", server.base));
    let body = json!({"data": {"attributes": attributes}});
    http::send(request.bearer_auth(token).json(&body)).await
}

#[test]
fn whoever_is_new_signs_up_and_starts_a_rental_business() {
    run(async {
        let mut issuer = Issuer::start();
        let flags = ["--oidc-issuer", &issuer.url, "--oidc-audience", AUDIENCE];
        let server = Server::own("oidc-signup", &flags).await;
        let tenants = || -> Vec<String> {
            let output = server.command(&["tenant", "list"]);
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            let named = output.stdout.lines().map(|line| {
                let tenant: Value = serde_json::from_str(line).expect("JSON");
                tenant["name"].as_str().expect("a name").to_owned()
            });
            named.collect()
        };
        let token = &issuer.sign(&json!({"sub": "auth0|ana", "aud": AUDIENCE}));
        let claims =
            json!({"sub": "auth0|ana", "aud": "app", "name": "Ana", "email": "ana@example.com"});
        let id_token = &issuer.sign(&claims);

        // What is not for newcomers makes nobody an account.
        let bookings = format!("{}/api/saas/me/bookings", server.base);
        let get = async || http::send(http::request("GET", &bookings).bearer_auth(token)).await;
        let refused = get().await;
        assert_eq!(
            (refused.status, refused.json()["errors"][0]["code"].as_str()),
            (403, Some("onboarding_required"))
        );
        assert!(tenants().is_empty());

        // Of many first calls at once, one makes the account.
        let first = join_all((0..8).map(|_| sign_up(&server, token, Some(id_token)))).await;
        for answer in &first {
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.json()["data"], first[0].json()["data"]);
        }
        let shown = &first[0].json()["data"]["attributes"];
        assert_eq!(
            (&shown["email"], &shown["onboarded"]),
            (&json!("ana@example.com"), &json!(false))
        );
        assert_eq!(tenants(), ["Ana"]);
        let refused = get().await;
        assert_eq!(
            (refused.status, refused.json()["errors"][0]["code"].as_str()),
            (403, Some("onboarding_required"))
        );

        let started = onboard(&server, token, "Onda & Vento").await;
        assert_eq!(started.status, 201, "{}", started.text);
        let shown = started.json()["data"]["attributes"].clone();
        assert_eq!(
            (&shown["onboarded"], &shown["store_slug"]),
            (&json!(true), &json!("onda-vento"))
        );
        assert_eq!(tenants(), ["Onda & Vento"]);
        assert_eq!(get().await.status, 200);
        assert_eq!(onboard(&server, token, "Again").await.status, 409);

        // What the issuer says anew is followed; what is written by hand after that stays.
        let news = json!({"sub": "auth0|ana", "aud": "app", "name": "Ana Sá", "locale": "pt-BR"});
        let id_token = &issuer.sign(&news);
        let followed = sign_up(&server, token, Some(id_token)).await.json();
        let shown = &followed["data"]["attributes"];
        assert_eq!(
            (&shown["name"], &shown["language"], &shown["email"]),
            (&json!("Ana Sá"), &json!("pt"), &json!("ana@example.com"))
        );
        let own = json!({"data": {"attributes": {"name": "Ana", "language": "es"}}});
        let put = http::request("PUT", &format!("{}/api/me", server.base)).bearer_auth(token);
        http::send(put.header("Auth0-IdToken", id_token).json(&own)).await.is(200);
        let kept = sign_up(&server, token, Some(id_token)).await.json();
        let shown = &kept["data"]["attributes"];
        assert_eq!((&shown["name"], &shown["language"]), (&json!("Ana"), &json!("es")));
        assert_eq!(tenants(), ["Onda & Vento"]);

        // The first call may be the start itself, and without an ID token. Nobody sees the other.
        let other = &issuer.sign(&json!({"sub": "auth0|rui", "aud": AUDIENCE}));
        let second = onboard(&server, other, "Rui").await;
        assert_eq!(second.status, 201, "{}", second.text);
        assert_ne!(second.json()["data"]["id"], started.json()["data"]["id"]);
        assert_eq!(
            sign_up(&server, other, None).await.json()["data"]["attributes"]["company_name"],
            "Rui"
        );
    });
}

#[test]
fn accounts_of_one_address_are_limited() {
    run(async {
        let mut issuer = Issuer::start();
        let flags = [
            "--oidc-issuer",
            &issuer.url,
            "--oidc-audience",
            AUDIENCE,
            "--rate-limits",
            "rentals.accounts=2",
        ];
        let server = Server::own("oidc-limits", &flags).await;
        let mut tokens = Vec::new();
        for subject in ["one", "two", "three"] {
            tokens.push(issuer.sign(&json!({"sub": subject, "aud": AUDIENCE})));
        }
        assert_eq!(sign_up(&server, &tokens[0], None).await.status, 200);
        assert_eq!(sign_up(&server, &tokens[1], None).await.status, 200);
        let refused = sign_up(&server, &tokens[2], None).await;
        assert_eq!(refused.status, 429, "{}", refused.text);
        assert!(refused.header("retry-after").parse::<u32>().expect("seconds") > 0);
        assert!(refused.header("ratelimit-policy").contains("rentals.accounts"));
        // Whoever has an account goes on.
        assert_eq!(sign_up(&server, &tokens[0], None).await.status, 200);
    });
}
