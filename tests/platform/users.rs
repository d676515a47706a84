//! Users: made by commands, signing in, and what their tokens and those of clients open.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use prost::Message;
use serde_json::{Value, json};
use steward_contracts::steward::facilities::v1 as facilities;
use steward_contracts::steward::platform::v1 as platform;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::support::{
    Answer, Server, database, eventually, grpc, http, process, run, unique, unique_for_good,
    with_tenant,
};

const LIST_OWNERS: &str = "/steward.facilities.v1.OwnerService/ListOwners";
const LIST_EVENTS: &str = "/steward.platform.v1.EventService/ListEvents";
const CREATE_EXPORT: &str = "/steward.platform.v1.ExportService/CreateExport";

/// What a command prints.
fn command(server: &Server, arguments: &[&str]) -> Vec<Value> {
    let output = server.command(arguments);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    output.stdout.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn one(server: &Server, arguments: &[&str]) -> Value {
    let mut lines = command(server, arguments);
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

/// A tenant of a family; answers its id.
fn tenant(server: &Server, family: &str) -> String {
    let made = one(
        server,
        &["tenant", "create", "--family", family, "--name", &unique_for_good("Users ")],
    );
    assert_eq!(made["family"], family);
    made["id"].to_string()
}

fn user(server: &Server, tenant: &str, email: &str, role: &str) -> Value {
    one(server, &["user", "create", "--tenant", tenant, "--email", email, "--role", role])
}

fn token(user: &Value) -> &str {
    user["access_token"].as_str().expect("a token")
}

fn claims(token: &str) -> Value {
    let claims = token.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON")
}

async fn call(token: &str, path: &str) -> Result<bytes::Bytes, Status> {
    grpc::call_bytes(Some(token), path, Vec::new()).await
}

async fn refused(token: &str, path: &str) {
    let status = call(token, path).await.expect_err("a refusal");
    assert_eq!(status.code(), Code::PermissionDenied, "{path}: {status:?}");
    assert_eq!(status.get_details_error_info().expect("info").reason, "FORBIDDEN_ACTION");
}

/// Commands are told by the environment what the server is told, or their tokens would be those of
/// another issuer.
#[test]
fn the_environment_says_whose_token_a_new_user_gets() {
    run(async {
        let server = Server::shared().await;
        let tenant = tenant(server, "cleaning");
        let email = format!("{}@example.com", unique("zoe"));
        let arguments =
            ["user", "create", "--tenant", &tenant, "--email", &email, "--role", "owner"];
        let mut command = process::steward();
        command.args(arguments).arg("--data-dir").arg(&server.data_dir);
        command.env("STEWARD_PUBLIC_URL", "https://steward.example");
        let output = tokio::task::block_in_place(|| command.output().expect("the program"));
        assert!(output.status.success(), "{output:?}");
        let made: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(claims(token(&made))["iss"], "https://steward.example");
    });
}

#[test]
fn a_user_is_made_listed_and_disabled_by_commands() {
    run(async {
        let server = Server::shared().await;
        let tenant = &tenant(server, "cleaning");
        let email = &format!("{}@Example.com", unique("ann"));
        let made = user(server, tenant, email, "tenantAdmin");
        let password = made["password"].as_str().expect("a password");
        assert!(password.len() >= 16, "{password}");
        let id = made["id"].as_i64().expect("an id").to_string();
        let claims = claims(token(&made));
        assert_eq!((&claims["sub"], &claims["tenantId"]), (&json!(id), &json!(tenant)));
        assert_eq!(
            (&claims["family"], &claims["role"]),
            (&json!("cleaning"), &json!("tenantAdmin"))
        );
        assert!(claims["sid"].is_string() && claims["scope"] == "api", "{claims}");
        let lifetime = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(e, i)| e - i);
        assert_eq!(lifetime, Some(3600));

        let listed = server.command(&["user", "list", "--tenant", tenant]);
        assert!(!listed.stdout.contains(password), "passwords are shown once");
        let listed: Value = serde_json::from_str(&listed.stdout).expect("one user");
        assert_eq!(listed["email"], *email);
        assert_eq!(listed["username"], *email);
        assert_eq!(listed["role"], "tenantAdmin");
        assert_eq!((&listed["is_active"], &listed["has_password"]), (&json!(true), &json!(true)));

        let again = one(server, &["user", "set-password", "--user", &id]);
        assert_ne!(again["password"], made["password"]);
        one(server, &["user", "disable", "--user", &id]);
        assert_eq!(one(server, &["user", "list", "--tenant", tenant])["is_active"], false);

        // The same name is taken in this tenant in any letter case, and free in others.
        let shouted = &email.to_uppercase();
        let twice = ["user", "create", "--tenant", tenant, "--email", shouted, "--role", "client"];
        let output = server.command(&twice);
        assert_eq!(output.code, Some(1), "{}", output.stdout);
        assert!(!output.stderr.contains(shouted), "{}", output.stderr);
        let other = &self::tenant(server, "rentals");
        user(server, other, email, "owner");

        let kept = database::owner()
            .await
            .query_one(
                "SELECT password_hash FROM platform.users WHERE id = $1::text::bigint",
                &[&id],
            )
            .await
            .expect("a user");
        assert!(kept.get::<_, String>(0).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    });
}

#[test]
fn commands_refuse_what_is_no_user() {
    run(async {
        let server = Server::shared().await;
        let tenant = &tenant(server, "facilities");
        for (arguments, code) in [
            (&["--tenant", "987654321", "--email", "a@example.com", "--role", "owner"][..], 1),
            (&["--tenant", tenant, "--email", "nobody", "--role", "owner"], 1),
            (&["--tenant", tenant, "--email", "a@example.com", "--role", "king"], 2),
            (&["--tenant", tenant, "--email", "a@example.com"], 2),
        ] {
            let output = server.command(&[&["user", "create"], arguments].concat());
            assert_eq!(output.code, Some(code), "{arguments:?}: {}", output.stderr);
        }
        for command in ["disable", "set-password"] {
            let output = server.command(&["user", command, "--user", "987654321"]);
            assert_eq!(output.code, Some(1), "{}", output.stderr);
        }
        let output = server.command(&["tenant", "create", "--family", "x", "--name", "N"]);
        assert_eq!(output.code, Some(2), "{}", output.stderr);
    });
}

#[test]
fn a_token_opens_the_rpcs_of_its_family_and_role() {
    run(async {
        let server = Server::shared().await;
        let cleaning = &tenant(server, "cleaning");
        let facilities = &tenant(server, "facilities");
        let person = |tenant: &str, role: &str| {
            user(server, tenant, &format!("{}@example.com", unique("u")), role)
        };
        // Where an RPC states no roles, owners and admins may call.
        for (role, may) in
            [("owner", true), ("tenantAdmin", true), ("cleaner", false), ("client", false)]
        {
            let made = person(facilities, role);
            if may {
                call(token(&made), LIST_OWNERS).await.expect(role);
            } else {
                refused(token(&made), LIST_OWNERS).await;
                refused(token(&made), LIST_EVENTS).await;
            }
        }
        // What all families have is open to each; the RPCs of another family are not.
        let made = person(cleaning, "owner");
        call(token(&made), LIST_EVENTS).await.expect("events");
        refused(token(&made), LIST_OWNERS).await;
        // Nor can records of another family be asked for by way of the platform.
        let export = platform::CreateExportRequest {
            export: Some(platform::ExportInput {
                resource: "owners".to_owned(),
                ..platform::ExportInput::default()
            }),
        };
        let asked = grpc::call_bytes(Some(token(&made)), CREATE_EXPORT, export.encode_to_vec());
        assert_eq!(asked.await.expect_err("no such resource").code(), Code::InvalidArgument);
        let owner = person(facilities, "owner");
        let asked = grpc::call_bytes(Some(token(&owner)), CREATE_EXPORT, export.encode_to_vec());
        asked.await.expect("an export");
    });
}

#[test]
fn a_client_has_the_family_of_its_tenant() {
    run(async {
        let server = Server::shared().await;
        for (family, may) in [("facilities", true), ("cleaning", false), ("rentals", false)] {
            let tenant = &tenant(server, family);
            let client = one(server, &["client", "create", "--tenant", tenant, "--name", "App"]);
            let form = [
                ("client_id", client["client_id"].as_str().expect("text")),
                ("client_secret", client["client_secret"].as_str().expect("text")),
                ("grant_type", "client_credentials"),
                ("scope", "api"),
            ];
            let request = http::request("POST", &format!("{}/api/connect/token", server.base));
            let answer = http::send(request.form(&form)).await.is(200).value();
            let token = answer["access_token"].as_str().expect("a token");
            assert_eq!(claims(token)["family"], family);
            call(token, LIST_EVENTS).await.expect(family);
            if may {
                call(token, LIST_OWNERS).await.expect(family);
            } else {
                refused(token, LIST_OWNERS).await;
            }
        }
    });
}

#[test]
fn the_trail_names_the_user() {
    with_tenant(async |t| {
        let server = Server::shared().await;
        let email = format!("{}@example.com", unique("ann"));
        let made = user(server, &t.id.to_string(), &email, "owner");
        let request = facilities::CreateTagRequest {
            tag: Some(facilities::TagInput { name: "Roofs".to_owned() }),
        };
        let path = "/steward.facilities.v1.TagService/CreateTag";
        grpc::call_bytes(Some(token(&made)), path, request.encode_to_vec()).await.expect("a tag");
        let entries = t.get("/api/public/audit-entries").await.is(200).json();
        assert_eq!(entries["items"][0]["clientId"], format!("user:{}", made["id"]));
    });
}

/// Asks the token endpoint.
async fn ask(server: &Server, form: &[(&str, &str)]) -> Answer {
    let request = http::request("POST", &format!("{}/api/connect/token", server.base));
    http::send(request.form(form)).await
}

fn text<'a>(answer: &'a Value, name: &str) -> &'a str {
    answer[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer}"))
}

#[test]
fn a_user_signs_in_by_password_and_stays_signed_in() {
    run(async {
        let server = Server::shared().await;
        let tenant = &tenant(server, "facilities");
        let email = &format!("{}@example.com", unique("sign-in"));
        let made = user(server, tenant, email, "owner");
        let shouted = email.to_uppercase();
        let password = [
            ("grant_type", "password"),
            ("username", &*shouted),
            ("password", text(&made, "password")),
            ("scope", "openid api"),
        ];
        let first = ask(server, &password).await.is(200).value();
        assert_eq!((&first["expires_in"], &first["token_type"]), (&json!(3600), &json!("Bearer")));
        assert_eq!(first["scope"], "openid api");
        let identity = claims(text(&first, "id_token"));
        assert_eq!(identity["sub"], made["id"].to_string());
        call(text(&first, "access_token"), LIST_OWNERS).await.expect("owners");

        // Its ID token may be shown as well; that of another user may not.
        let other = user(server, tenant, &format!("other-{email}"), "owner");
        let with_id = async |token: &str, id_token: &str| {
            let request = http::request("GET", &format!("{}/api/public/Owners", server.base));
            http::send(request.bearer_auth(token).header("auth0-idtoken", id_token)).await
        };
        with_id(text(&first, "access_token"), text(&first, "id_token")).await.is(200);
        let refused = with_id(token(&other), text(&first, "id_token")).await;
        refused.problem(401, "invalid-id-token");

        let refresh = |token: &str| {
            let token = token.to_owned();
            async move {
                ask(server, &[("grant_type", "refresh_token"), ("refresh_token", &*token)]).await
            }
        };
        let second = refresh(text(&first, "refresh_token")).await.is(200).value();
        assert_eq!((&second["scope"], &second["id_token"]), (&json!("api"), &Value::Null));
        call(text(&second, "access_token"), LIST_OWNERS).await.expect("owners");
        // The copy of a used token ends the session, within a moment.
        let reused = refresh(text(&first, "refresh_token")).await;
        reused.problem(401, "refresh-reused");
        assert_eq!(reused.json()["error"], "invalid_grant");
        refresh(text(&second, "refresh_token")).await.problem(401, "refresh-invalid");
        for answer in [&first, &second] {
            let token = text(answer, "access_token");
            eventually("the end of the session", std::time::Duration::from_secs(10), async || {
                let status = call(token, LIST_OWNERS).await.err()?;
                assert_eq!(status.code(), Code::Unauthenticated, "{status:?}");
                Some(())
            })
            .await;
        }
        // The session that the command opened goes on, until the user is disabled.
        call(token(&made), LIST_OWNERS).await.expect("owners");
        one(server, &["user", "disable", "--user", &made["id"].to_string()]);
        eventually("the end of all sessions", std::time::Duration::from_secs(10), async || {
            call(token(&made), LIST_OWNERS).await.err().map(drop)
        })
        .await;
        ask(server, &password).await.problem(403, "account-inactive");
    });
}

#[test]
fn wrong_passwords_are_refused_and_nothing_of_them_is_logged() {
    run(async {
        let server = Server::own("sign-in", &[]).await;
        let tenant = &tenant(&server, "rentals");
        let made = user(&server, tenant, "guessed@example.com", "owner");
        let sign_in = async |password: &str| {
            let form = [
                ("grant_type", "password"),
                ("username", "guessed@example.com"),
                ("password", password),
            ];
            ask(&server, &form).await
        };
        let password = text(&made, "password");
        let answer = sign_in(password).await.is(200).value();
        for _ in 0..5 {
            let refused = sign_in("a wrong guess").await;
            refused.problem(401, "invalid-credentials");
            assert_eq!(refused.json()["error"], "invalid_grant");
        }
        let blocked = sign_in(password).await;
        blocked.problem(429, "too-many-attempts");
        let wait: u64 = blocked.header("retry-after").parse().expect("seconds");
        assert!((800..=901).contains(&wait), "{wait}");
        let log = std::fs::read_to_string(server.data_dir.with_extension("log")).expect("a log");
        let secrets = [
            password,
            "a wrong guess",
            "guessed@example.com",
            text(&answer, "access_token"),
            text(&answer, "refresh_token"),
        ];
        for secret in secrets {
            assert!(!log.contains(secret), "{secret} is in the log");
        }
        assert!(log.contains("CreateToken"), "{log}");
    });
}
