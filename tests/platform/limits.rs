//! How many calls a caller may make, and tenants that may change nothing.

use std::time::Duration;

use serde_json::{Value, json};
use steward_contracts::steward::platform::v1::ListEventsRequest;
use steward_contracts::steward::platform::v1::event_service_client::EventServiceClient;
use steward_contracts::steward::rentals::v1 as pb;
use steward_contracts::steward::rentals::v1::items_service_client::ItemsServiceClient;
use tonic::Code;
use tonic_types::StatusExt;

use crate::support::{Answer, Server, Tenant, eventually, grpc, http, run, unique_for_good};

/// What a command prints.
fn command(server: &Server, arguments: &[&str]) -> Value {
    let output = server.command(arguments);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    serde_json::from_str(output.stdout.trim()).expect("JSON")
}

/// A client of a new tenant on a server of its own.
struct Caller<'s> {
    server: &'s Server,
    token: String,
}

impl<'s> Caller<'s> {
    async fn new(server: &'s Server, family: &str) -> Self {
        let name = unique_for_good("Limited ");
        let made = command(server, &["tenant", "create", "--family", family, "--name", &name]);
        let tenant = made["id"].to_string();
        let client = command(server, &["client", "create", "--tenant", &tenant, "--name", "a"]);
        let form = [
            ("client_id", client["client_id"].as_str().expect("text")),
            ("client_secret", client["client_secret"].as_str().expect("text")),
            ("grant_type", "client_credentials"),
            ("scope", "openid api"),
        ];
        let url = format!("{}/api/connect/token", server.base);
        let token = http::send(http::request("POST", &url).form(&form)).await.is(200).json();
        let token = token["access_token"].as_str().expect("a token").to_owned();
        Self { server, token }
    }

    async fn call(&self, method: &str, path: &str) -> Answer {
        let request = http::request(method, &format!("{}{path}", self.server.base));
        let request = request.bearer_auth(&self.token);
        http::send(if method == "GET" { request } else { request.json(&json!({})) }).await
    }
}

#[test]
fn a_caller_may_make_so_many_calls_and_no_more() {
    run(async {
        let limits = "rentals=3,cleaning.public=2,cleaning.auth=2";
        let server = &Server::own("rate-limits", &["--rate-limits", limits]).await;
        let (one, two) =
            (Caller::new(server, "rentals").await, Caller::new(server, "rentals").await);
        for left in [2, 1, 0] {
            let answer = one.call("GET", "/api/saas/me/items").await.is(200);
            assert_eq!(answer.header("ratelimit-policy"), "\"rentals\";q=3;w=60");
            let told = answer.header("ratelimit");
            assert!(told.starts_with(&format!("\"rentals\";r={left};t=")), "{told}");
        }
        let refused = one.call("GET", "/api/saas/me/items").await.is(429);
        assert_eq!(refused.json()["errors"][0]["code"], "rate_limited");
        let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=20).contains(&seconds), "{seconds}");
        assert!(refused.header("ratelimit").starts_with("\"rentals\";r=0;"));
        // Whatever the protocol, it is the same caller; another one is another.
        let mut request = tonic::Request::new(pb::ListItemsRequest::default());
        let bearer = format!("Bearer {}", one.token).parse().expect("a header");
        request.metadata_mut().insert("authorization", bearer);
        let mut client = ItemsServiceClient::new(grpc::channel(server));
        let status = client.list_items(request).await.expect_err("too many calls");
        assert_eq!(status.code(), Code::ResourceExhausted);
        let info = status.get_details_error_info().expect("facts");
        assert_eq!((&*info.reason, &*info.domain), ("RATE_LIMITED", "rentals.steward"));
        assert!(status.get_details_retry_info().is_some());
        assert!(status.metadata().get("ratelimit").is_some(), "{status:?}");
        two.call("GET", "/api/saas/me/items").await.is(200);

        // Facilities have no limit unless the operator wants one.
        let free = Caller::new(server, "facilities").await;
        for _ in 0..10 {
            let answer = free.call("GET", "/api/public/Owners").await.is(200);
            assert!(answer.headers.get("ratelimit").is_none());
        }

        // Whoever has no token is counted by address, and by name where the RPC says so.
        let public = async |method: &str, path: &str, body: Value| {
            let request = http::request(method, &format!("{}{path}", server.base));
            http::send(if method == "GET" { request } else { request.json(&body) }).await.status
        };
        let login = async |name: &str| {
            public("POST", "/auth/login", json!({"username": name, "password": "secret1x"})).await
        };
        assert_eq!(
            [login("a@b.c").await, login("A@b.c ").await, login("a@b.c").await],
            [401, 401, 429]
        );
        assert_eq!(login("d@b.c").await, 401);
        let rooms = async || public("GET", "/room/getallbasic?tenantId=1", json!({})).await;
        let asked = [rooms().await, rooms().await, rooms().await];
        assert!(asked[..2].iter().all(|status| *status != 429) && asked[2] == 429, "{asked:?}");
    });
}

#[test]
fn whoever_tries_tokens_is_stopped_and_nobody_else() {
    run(async {
        let limits = "rentals.refused=3,rentals=100,cleaning.refused=2,facilities.refused=2";
        let proxies = ["--rate-limits", limits, "--trusted-proxies", "127.0.0.1"];
        let server = &Server::own("refused-calls", &proxies).await;
        let owner = Caller::new(server, "rentals").await;
        let ask = async |path: &str, token: Option<&str>, from: &str| {
            let request = http::request("GET", &format!("{}{path}", server.base));
            let request = request.header("x-forwarded-for", from);
            http::send(match token {
                Some(token) => request.bearer_auth(token),
                None => request,
            })
            .await
        };
        let items = "/api/saas/me/items";
        let forged = format!("{}x", owner.token);
        for token in [Some("nonsense"), None, Some(&*forged)] {
            let answer = ask(items, token, "192.0.2.1").await.is(401);
            assert_eq!(answer.header("ratelimit-policy"), "\"rentals.refused\";q=3;w=60");
        }
        let refused = ask(items, Some(&forged), "192.0.2.1").await.is(429);
        assert_eq!(refused.json()["errors"][0]["code"], "rate_limited");
        let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=20).contains(&seconds), "{seconds}");
        ask(items, None, "192.0.2.1").await.is(429);
        // Neither those with a good token at that address, nor other addresses, nor public calls.
        ask(items, Some(&owner.token), "192.0.2.1").await.is(200);
        ask(items, Some(&forged), "192.0.2.2").await.is(401);
        assert_ne!(ask("/room/getallbasic?tenantId=1", None, "192.0.2.1").await.status, 429);

        // An RPC of the platform counts for the family by whose route it is called.
        for expected in [401, 401, 429] {
            let answer = ask("/changes?cursor=0", None, "192.0.2.3").await;
            assert_eq!(answer.status, expected, "{}", answer.text);
        }
        let mut client = EventServiceClient::new(grpc::channel(server));
        let mut codes = Vec::new();
        for _ in 0..3 {
            let status = client.list_events(ListEventsRequest::default()).await;
            codes.push(status.expect_err("a refusal").code());
        }
        assert_eq!(codes, [Code::Unauthenticated, Code::Unauthenticated, Code::ResourceExhausted]);
    });
}

#[test]
fn a_suspended_business_reads_and_changes_nothing() {
    run(async {
        let server = Server::shared().await;
        for (family, read, write, code) in [
            ("facilities", "/api/public/Tags", "/api/public/Tags", "/problems/tenant-suspended"),
            ("rentals", "/api/saas/me/items", "/api/saas/me/items", "tenant_suspended"),
            ("cleaning", "/room/getall", "/room/add", "tenant_suspended"),
        ] {
            let t = if family == "cleaning" {
                Tenant::founded(family, &unique_for_good("Suspended ")).await
            } else {
                Tenant::of(family).await
            };
            let id = t.id.to_string();
            assert_eq!(command(server, &["tenant", "suspend", &id])["suspended"], true);
            let refused = eventually("the suspension", Duration::from_secs(20), async || {
                let answer = t.post(write, &json!({})).await;
                (answer.status == 403).then_some(answer)
            })
            .await;
            assert!(refused.text.contains(code), "{}", refused.text);
            t.get(read).await.is(200);
            let status = async || {
                let company = t.get(&format!("/tenant/get/{id}")).await.is(200);
                (company.json()["status"].clone(), company.header("etag").to_owned())
            };
            let before = if family == "cleaning" { Some(status().await) } else { None };
            if let Some((status, _)) = &before {
                assert_eq!(status, "Suspended");
            }
            let listed = server.command(&["tenant", "list"]).stdout;
            let suspended = listed.lines().any(|line| {
                let one: Value = serde_json::from_str(line).expect("JSON");
                one["id"] == t.id && one["suspended"] == true
            });
            assert!(suspended, "{listed}");

            assert_eq!(command(server, &["tenant", "resume", &id])["suspended"], false);
            eventually("the end of it", Duration::from_secs(20), async || {
                (t.post(write, &json!({})).await.status != 403).then_some(())
            })
            .await;
            if let Some((_, etag)) = before {
                let (status, after) = status().await;
                assert_eq!(status, "Trial");
                assert_ne!(after, etag);
            }
        }
        let unknown = server.command(&["tenant", "suspend", "987654321"]);
        assert_eq!(unknown.code, Some(1));
        assert!(unknown.stderr.contains("987654321"), "{}", unknown.stderr);
    });
}
