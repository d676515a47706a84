//! What operators see: probes, metrics and the log.

use serde_json::Value;

use crate::support::fixtures::person;
use crate::support::{Server, grpc, http, run, with_tenant};

async fn get(path: &str) -> crate::support::Answer {
    let base = &Server::shared().await.base;
    http::send(http::request("GET", &format!("{base}{path}"))).await
}

#[test]
fn probes_need_no_token() {
    run(async {
        get("/livez").await.is(200);
        get("/readyz").await.is(200);
        let document = get("/openapi/facilities.json").await.is(200).json();
        assert!(document["paths"].is_object());
        let page = get("/docs").await.is(200);
        assert!(page.header("content-type").starts_with("text/html"), "{page:?}");
        assert!(!page.text.contains("https://"), "the page works offline");
    });
}

#[test]
fn calls_are_counted_by_rpc_and_protocol() {
    with_tenant(async |t| {
        t.get("/api/public/Owners").await.is(200);
        t.get("/api/public/Owners/987654321").await.is(404);
        let path = "/steward.facilities.v1.OwnerService/ListOwners";
        grpc::call_bytes(Some(&t.token), path, vec![]).await.expect("a page");
        let metrics = get("/metrics").await.is(200).text;
        let has = |words: &[&str]| {
            metrics.lines().any(|line| words.iter().all(|word| line.contains(word)))
        };
        assert!(has(&["OwnerService/ListOwners", "json"]), "{metrics}");
        assert!(has(&["OwnerService/ListOwners", "grpc"]), "{metrics}");
        assert!(
            has(&["OwnerService/GetOwner", "NOT_FOUND"])
                || has(&["OwnerService/GetOwner", "NotFound"]),
            "{metrics}"
        );
        assert!(has(&["steward_database_connections"]), "{metrics}");
        assert!(!metrics.contains(&t.client_id), "metrics name nobody");
    });
}

#[test]
fn the_log_tells_about_calls_but_not_about_people() {
    with_tenant(async |t| {
        let id = format!("log-{}", t.id);
        let body = person();
        let request = t.request("POST", "/api/public/Owners").header("x-request-id", &id);
        http::send(request.json(&body)).await.is(201);
        let log = Server::shared().await.process.logged();
        let line = log.lines().find(|line| line.contains(&id)).expect("a line of the call");
        let line: Value = serde_json::from_str(line).expect("JSON");
        let shown = line.to_string();
        assert!(shown.contains("OwnerService/CreateOwner"), "{shown}");
        assert!(shown.contains(&t.id.to_string()), "{shown}");
        assert!(shown.contains("duration") || shown.contains("ms"), "{shown}");
        for secret in [
            &*t.token,
            &*t.client_secret,
            body["email"].as_str().expect("text"),
            body["name"].as_str().expect("text"),
        ] {
            assert!(!log.contains(secret), "the log holds {secret}");
        }
    });
}
