//! Webhooks: posted, signed, tried again, and turned off.
//!
//! Covers: CreateWebhookEndpoint, GetWebhookEndpoint, ListWebhookEndpoints.
//! Covers: UpdateWebhookEndpoint, DeleteWebhookEndpoint, GetWebhookEndpointSecret.
//! Covers: RotateWebhookEndpointSecret, TestWebhookEndpoint, ListWebhookDeliveries.
//! Covers: GetWebhookDelivery, RedeliverWebhook.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::support::fixtures::with;
use crate::support::{
    Answer, Server, Tenant, database, eventually, http, mail, run, unique, with_tenant,
};

const ENDPOINTS: &str = "/api/public/webhook-endpoints";

/// A message as it arrived.
#[derive(Debug)]
struct Received {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Received {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn signed(&self) -> String {
        let (id, time) = (&self.headers["webhook-id"], &self.headers["webhook-timestamp"]);
        format!("{id}.{time}.{}", self.body)
    }

    fn signatures(&self, version: &str) -> Vec<Vec<u8>> {
        let all = self.headers["webhook-signature"].split(' ');
        let ours = all.filter_map(|one| one.strip_prefix(version)?.strip_prefix(','));
        ours.map(|text| STANDARD.decode(text).expect("base64")).collect()
    }

    /// Whether one of the signatures of each kind was made with a secret.
    fn is_signed_with(&self, secret: &Value) -> bool {
        let key = |name: &str, prefix: &str| {
            let text = secret[name].as_str().and_then(|text| text.strip_prefix(prefix));
            STANDARD.decode(text.expect("a key")).expect("base64")
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(&key("secret", "whsec_")).expect("a key");
        mac.update(self.signed().as_bytes());
        let expected = mac.finalize().into_bytes().to_vec();
        let public: [u8; 32] = key("publicKey", "whpk_").try_into().expect("32 bytes");
        let public = VerifyingKey::from_bytes(&public).expect("a key");
        let fits = |signature: Vec<u8>| {
            let signature = Signature::from_slice(&signature).expect("a signature");
            public.verify(self.signed().as_bytes(), &signature).is_ok()
        };
        self.signatures("v1").contains(&expected) && self.signatures("v1a").into_iter().any(fits)
    }
}

/// The answer of an endpoint that wants to be left alone for an hour.
const LATER: &str = "429 Too Many Requests\r\nretry-after: 3600";

/// The answer of an endpoint that gives none.
const SILENCE: &str = "";

/// An endpoint on the loopback interface, which answers as it is told, else 204.
struct Receiver {
    url: String,
    answers: Arc<Mutex<VecDeque<&'static str>>>,
    messages: mpsc::UnboundedReceiver<Received>,
}

impl Receiver {
    async fn start(answers: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook?a=b", listener.local_addr().expect("an address"));
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect::<VecDeque<_>>()));
        let (sender, messages) = mpsc::unbounded_channel();
        let told = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let answer = told.lock().expect("no panic").pop_front().unwrap_or("204 No Content");
                // The test has ended when nobody listens.
                let _ = sender.send(receive(stream, answer).await);
            }
        });
        Self { url, answers, messages }
    }

    /// Type of the next message and id of what it is about.
    async fn next_about(&mut self) -> (String, String) {
        let body = self.next().await.json();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        (text(&body["type"]), text(&body["data"]["id"]))
    }

    async fn next(&mut self) -> Received {
        let message = tokio::time::timeout(Duration::from_secs(20), self.messages.recv()).await;
        message.expect("a message in time").expect("a message")
    }
}

async fn receive(mut stream: TcpStream, answer: &str) -> Received {
    let mut bytes = Vec::new();
    loop {
        stream.read_buf(&mut bytes).await.expect("more");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let mut lines = head.lines();
        let line = lines.next().expect("a line").to_owned();
        let headers: BTreeMap<String, String> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        if body.len() == headers["content-length"].parse::<usize>().expect("a number") {
            if answer == SILENCE {
                // Whoever posted it waits for as long as it likes.
                tokio::spawn(async move { (stream, std::future::pending::<()>().await) });
            } else {
                let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.expect("an answer");
            }
            return Received { line, headers, body: body.to_owned() };
        }
    }
}

async fn endpoint(t: &Tenant, url: &str, more: Value) -> i64 {
    t.post(ENDPOINTS, &with(json!({"url": url}), more)).await.is(201).id()
}

async fn post(t: &Tenant, path: &str) -> Answer {
    http::send(t.request("POST", path)).await.is(200)
}

async fn deliveries(t: &Tenant, endpoint: i64) -> Vec<Value> {
    let page = t.get(&format!("{ENDPOINTS}/{endpoint}/deliveries")).await.is(200).json();
    page["items"].as_array().expect("items").clone()
}

/// Waits until the latest delivery is as `fits` says.
async fn delivery(t: &Tenant, endpoint: i64, fits: impl Fn(&Value) -> bool) -> Value {
    eventually("the delivery", Duration::from_secs(20), async || {
        deliveries(t, endpoint).await.into_iter().next().filter(&fits)
    })
    .await
}

#[test]
fn endpoints_are_recorded() {
    with_tenant(async |t| {
        let url = "https://webhooks.invalid/hook";
        let created = t.post(ENDPOINTS, &json!({"url": url, "active": false})).await.is(201);
        let id = created.id();
        let path = format!("{ENDPOINTS}/{id}");
        assert_eq!(created.header("location"), path);
        let body = created.json();
        assert_eq!((&body["url"], &body["types"]), (&json!(url), &json!([])));
        assert_eq!((&body["payload"], &body["active"]), (&json!("Full"), &json!(false)));
        assert!(!created.text.contains("whsec_"), "secrets are read where they are asked for");
        assert_eq!(t.get(&path).await.is(200).json(), body);
        let listed = t.get(ENDPOINTS).await.is(200).json();
        assert_eq!(listed["items"], json!([body]));

        let change = json!({"url": url, "types": ["facilities.owner.*"], "payload": "Thin", "active": false});
        let changed = t.put(&path, &change).await.is(200).json();
        assert_eq!((&changed["payload"], &changed["types"]), (&json!("Thin"), &change["types"]));

        for (input, field) in [
            (json!({"url": "x"}), "url"),
            (json!({"url": "ftp://example.com"}), "url"),
            (json!({"url": "https://u:p@example.com"}), "url"),
        ] {
            assert_eq!(t.post(ENDPOINTS, &input).await.refused(400, "bad-request"), [field]);
        }
        let input = json!({"url": url, "types": ["*"]});
        let refused = t.post(ENDPOINTS, &input).await.refused(400, "invalid-format");
        assert_eq!(refused, ["types[0]"]);

        // What nobody is ever told of, and what only others are.
        let input = json!({"url": url, "types": ["facilities.owner.*", "facilities.owner.sold",
            "facilities.nothing.*", "rentals.booking.overdue", "rentals.*", "facilities.tag.created"]});
        let refused = t.post(ENDPOINTS, &input).await.refused(400, "bad-request");
        assert_eq!(refused, ["types[1]", "types[2]", "types[3]", "types[4]"]);
        let refused = t.put(&path, &input).await.refused(400, "bad-request");
        assert_eq!(refused, ["types[1]", "types[2]", "types[3]", "types[4]"]);
        let found_out = [
            "platform.mail.given_up",
            "platform.session.revoked",
            "facilities.webhook_endpoint.disabled",
            "platform.*",
            "facilities.issue.*",
        ];
        t.post(ENDPOINTS, &json!({"url": url, "types": found_out})).await.is(201);

        t.delete(&path).await.is(204);
        t.get(&path).await.problem(404, "entity-not-found");
        t.get(&format!("{path}/deliveries")).await.problem(404, "entity-not-found");
    });
}

#[test]
fn events_are_posted_and_signed() {
    with_tenant(async |t| {
        let mut receiver = Receiver::start(&[]).await;
        let types = json!({"types": ["facilities.owner.*"]});
        let id = endpoint(&t, &receiver.url, types.clone()).await;
        let secret = t.get(&format!("{ENDPOINTS}/{id}/secret")).await.is(200).json();
        t.manager().await;
        t.post("/api/public/Owners", &json!({"name": "no e-mail"})).await.is(400);
        let owner = t.owner().await;

        let message = receiver.next().await;
        assert_eq!(message.line, "POST /hook?a=b HTTP/1.1");
        assert_eq!(message.headers["content-type"], "application/json");
        assert!(message.is_signed_with(&secret), "{message:?}");
        let body = message.json();
        assert_eq!(body["type"], "facilities.owner.created");
        assert_eq!(body["data"]["id"], owner.to_string());
        assert_eq!(body["data"]["resource"]["id"], owner);
        let sequence = body["data"]["sequence"].as_i64().expect("a number");
        assert_eq!(message.headers["webhook-id"], format!("evt_{}_{sequence}", t.id));

        let told = delivery(&t, id, |delivery| delivery["state"] == "Delivered").await;
        assert_eq!((&told["attempts"], &told["status"]), (&json!(1), &json!(204)));
        assert_eq!(told["sequence"], sequence);
        assert_eq!(deliveries(&t, id).await.len(), 1, "of owners that were created alone");

        // For a day after a rotation both secrets are used.
        let path = format!("{ENDPOINTS}/{id}");
        post(&t, &format!("{path}/rotate-secret")).await;
        let rotated = t.get(&format!("{path}/secret")).await.is(200).json();
        assert_ne!(rotated, secret);
        let thin = with(types, json!({"url": receiver.url, "payload": "Thin"}));
        t.put(&path, &thin).await.is(200);
        let owner = t.owner().await;
        let message = receiver.next().await;
        assert!(message.is_signed_with(&secret) && message.is_signed_with(&rotated));
        assert_eq!(message.json()["data"], json!({"id": owner.to_string()}));

        // Sent again, it is the same message to the receiver.
        let told = delivery(&t, id, |delivery| delivery["state"] == "Delivered").await;
        let path = format!("{path}/deliveries/{}", told["id"]);
        post(&t, &format!("{path}/redeliver")).await;
        let again = receiver.next().await;
        assert_eq!(again.headers["webhook-id"], message.headers["webhook-id"]);
        assert_eq!(again.body, message.body);
        let told = delivery(&t, id, |delivery| delivery["attempts"] == 2).await;
        assert_eq!(t.get(&path).await.is(200).json(), told);
    });
}

#[test]
fn failures_are_tried_again() {
    with_tenant(async |t| {
        let answers = ["500 Internal Server Error", "302 Found\r\nlocation: /elsewhere"];
        let mut receiver = Receiver::start(&answers[..1]).await;
        let id = endpoint(&t, &receiver.url, json!({"types": ["facilities.owner.*"]})).await;
        t.owner().await;
        let first = receiver.next().await;
        let told = delivery(&t, id, |delivery| delivery["attempts"] == 1).await;
        assert_eq!((&told["state"], &told["status"]), (&json!("Pending"), &json!(500)));
        let second = receiver.next().await;
        assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"]);
        let told = delivery(&t, id, |delivery| delivery["attempts"] == 2).await;
        assert_eq!((&told["state"], &told["error"]), (&json!("Delivered"), &Value::Null));

        // A redirect is no success, and is not followed.
        receiver.answers.lock().expect("no panic").push_back(answers[1]);
        t.owner().await;
        assert!(receiver.next().await.line.starts_with("POST /hook"));
        let told = delivery(&t, id, |delivery| delivery["attempts"] == 1).await;
        assert_eq!((&told["state"], &told["status"]), (&json!("Pending"), &json!(302)));
        assert!(receiver.next().await.line.starts_with("POST /hook"), "the second attempt");
    });
}

#[test]
fn a_slow_endpoint_delays_itself_alone() {
    with_tenant(async |slow| {
        let t = Tenant::fresh().await;
        let mut silent = Receiver::start(&[SILENCE; 10]).await;
        let mut fine = Receiver::start(&[]).await;
        let types = json!({"types": ["facilities.owner.*"]});
        let id = endpoint(&slow, &silent.url, types.clone()).await;
        let beside = endpoint(&slow, &fine.url, types.clone()).await;
        endpoint(&t, &fine.url, types).await;
        for _ in 0..10 {
            slow.owner().await;
        }
        silent.next().await;
        for _ in 0..10 {
            fine.next().await;
        }
        let owner = t.owner().await;
        assert_eq!(fine.next_about().await, ("facilities.owner.created".into(), owner.to_string()));
        // All of it came while the first message still waited for its answer, and no other was
        // sent there meanwhile.
        assert!(deliveries(&slow, id).await.iter().all(|delivery| delivery["attempts"] == 0));
        assert!(silent.messages.try_recv().is_err(), "one delivery at a time");
        assert_eq!(deliveries(&slow, beside).await.len(), 10);
    });
}

#[test]
fn what_is_about_one_object_keeps_its_order() {
    with_tenant(async |t| {
        let mut receiver = Receiver::start(&["500 Internal Server Error"]).await;
        let id =
            endpoint(&t, &receiver.url, json!({"types": ["facilities.property_type.*"]})).await;
        let first = t.property_type().await;
        let about =
            |what: &str, id: i64| (format!("facilities.property_type.{what}"), id.to_string());
        assert_eq!(receiver.next_about().await, about("created", first));
        let path = format!("/api/public/property-categorization/property/{first}");
        t.put(&path, &json!({"name": "Another"})).await.is(200);
        let second = t.property_type().await;
        // Another object goes on; the change waits for what was before it.
        assert_eq!(receiver.next_about().await, about("created", second));
        assert_eq!(receiver.next_about().await, about("created", first));
        assert_eq!(receiver.next_about().await, about("updated", first));
        let told = delivery(&t, id, |delivery| delivery["state"] == "Delivered").await;
        assert_eq!(told["type"], "facilities.property_type.created");

        // What follows one that was given up goes on too.
        receiver.answers.lock().expect("no panic").push_back(LATER);
        t.delete(&path).await.is(204);
        assert_eq!(receiver.next_about().await, about("deleted", first));
        delivery(&t, id, |delivery| delivery["attempts"] == 1).await;
        let client = database::owner().await;
        let replayed = deliveries(&t, id).await.into_iter().next_back().expect("the first");
        let replayed = &replayed["id"];
        post(&t, &format!("{ENDPOINTS}/{id}/deliveries/{replayed}/redeliver")).await;
        let died = "UPDATE platform.jobs SET state = 'dead' WHERE tenant_id = $1 AND lane = $2
          AND attempt > 0 AND state = 'queued'";
        eventually("a job that waits", Duration::from_secs(20), async || {
            let ended = client.execute(died, &[&t.id, &id.to_string()]).await.expect("a job");
            (ended == 1).then_some(())
        })
        .await;
        assert_eq!(receiver.next_about().await, about("created", first));
    });
}

#[test]
fn retry_after_is_heeded() {
    with_tenant(async |t| {
        let client = database::owner().await;
        for (asked, least, most) in [
            (LATER, 3600, 3700),
            (
                "503 Service Unavailable\r\nretry-after: Thu, 01 Jan 2099 00:00:00 GMT",
                86_400,
                86_500,
            ),
        ] {
            let mut receiver = Receiver::start(&[asked]).await;
            let id = endpoint(&t, &receiver.url, json!({"types": ["facilities.owner.*"]})).await;
            t.owner().await;
            receiver.next().await;
            delivery(&t, id, |delivery| delivery["attempts"] == 1).await;
            // Measured from the attempt, by the clock of the database.
            let pause = "SELECT extract(epoch FROM j.due_at - d.attempted_at)::bigint
              FROM platform.jobs j JOIN platform.webhook_deliveries d
                ON d.tenant_id = j.tenant_id AND d.id::text = j.dedup_key
              WHERE j.tenant_id = $1 AND j.lane = $2 AND j.state = 'queued'";
            let pause: i64 = eventually("the next attempt", Duration::from_secs(20), async || {
                let found = client.query_opt(pause, &[&t.id, &id.to_string()]).await;
                found.expect("a query").map(|row| row.get(0))
            })
            .await;
            assert!((least..most).contains(&pause), "{asked}: {pause}");
            t.delete(&format!("{ENDPOINTS}/{id}")).await.is(204);
        }
    });
}

#[test]
fn the_owner_is_told_of_an_endpoint_that_names_nobody() {
    with_tenant(async |t| {
        let (id, email) = (t.id.to_string(), format!("{}@example.com", unique("owner")));
        let owner = ["user", "create", "--tenant", &id, "--email", &email, "--role", "owner"];
        let made = Server::shared().await.command(&owner);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        let mut receiver = Receiver::start(&["410 Gone"]).await;
        endpoint(&t, &receiver.url, json!({"types": ["facilities.owner.*"]})).await;
        t.owner().await;
        receiver.next().await;
        let [told] = &mail::to(&t, &email, 1).await[..] else { panic!("one mail") };
        assert!(told.text.contains(&receiver.url), "{}", told.text);
    });
}

#[test]
fn an_endpoint_that_is_gone_is_turned_off() {
    with_tenant(async |t| {
        let mut receiver = Receiver::start(&["410 Gone"]).await;
        let contact = format!("{}@example.com", unique("contact"));
        let input = json!({"types": ["facilities.owner.*"], "contactEmail": contact,
            "contactLanguage": "nl"});
        let id = endpoint(&t, &receiver.url, input).await;
        t.owner().await;
        receiver.next().await;
        let told = delivery(&t, id, |delivery| delivery["state"] == "Failed").await;
        assert_eq!(told["status"], 410);
        let [told] = &mail::to(&t, &contact, 1).await[..] else { panic!("one mail") };
        assert_eq!(told.header("Subject"), "Uw webhook is uitgeschakeld");
        assert!(told.text.contains(&receiver.url) && told.text.contains("410"), "{}", told.text);
        let path = format!("{ENDPOINTS}/{id}");
        let found = t.get(&path).await.is(200).json();
        assert_eq!((&found["active"], &found["disabledReason"]), (&json!(false), &json!("gone")));
        let entry = audited(&t, id).await.remove(0);
        assert_eq!(entry["type"], "facilities.webhook_endpoint.disabled");
        assert_eq!((&entry["clientId"], &entry["rpc"]), (&json!("system"), &json!("")));
        let changes = json!({"active": [true, false], "disabledReason": [null, "gone"]});
        assert_eq!(entry["changes"], changes);
        t.owner().await;
        assert_eq!(deliveries(&t, id).await.len(), 1, "what is off is sent nothing");

        // A test is sent all the same.
        let test = post(&t, &format!("{path}/test")).await.json();
        assert_eq!((&test["type"], &test["state"]), (&json!("webhook.test"), &json!("Pending")));
        let message = receiver.next().await;
        assert_eq!(message.json()["type"], "webhook.test");
        delivery(&t, id, |delivery| delivery["state"] == "Delivered").await;
        assert_eq!(t.get(&path).await.json()["active"], false);
    });
}

/// The latest entries of the audit trail about an endpoint, the latest first.
async fn audited(t: &Tenant, endpoint: i64) -> Vec<Value> {
    let filter = format!("resource_type = webhook_endpoint AND resource_id = \"{endpoint}\"");
    let page = t.find("/api/public/audit-entries", &[("filter", &filter)]).await.is(200).json();
    page["items"].as_array().expect("items").clone()
}

#[test]
fn what_is_done_with_secrets_is_told_without_them() {
    with_tenant(async |t| {
        let mut receiver = Receiver::start(&[]).await;
        let types = json!({"types": ["facilities.webhook_endpoint.*"]});
        let id = endpoint(&t, &receiver.url, types).await;
        let path = format!("{ENDPOINTS}/{id}");
        let secret = t.get(&format!("{path}/secret")).await.is(200).json();
        // Nothing keeps an answer with a secret, and nobody reads one without being seen.
        let read = t.request("GET", &format!("{path}/secret"));
        let read = read.header("idempotency-key", "k").header("prefer", "validate-only");
        http::send(read).await.is(200);
        post(&t, &format!("{path}/rotate-secret")).await;
        let rotated = t.get(&format!("{path}/secret")).await.is(200).json();

        let entries = audited(&t, id).await;
        let told: Vec<_> = entries.iter().map(|entry| entry["type"].as_str()).collect();
        let what = ["secret_read", "secret_rotated", "secret_read", "secret_read", "created"]
            .map(|what| format!("facilities.webhook_endpoint.{what}"));
        assert_eq!(told, what.each_ref().map(|what| Some(what.as_str())));
        let changes: Vec<_> =
            entries[1]["changes"].as_object().expect("an object").keys().collect();
        assert_eq!(changes, ["secretChanged"], "{entries:?}");
        assert!(entries[0]["rpc"].as_str().expect("text").ends_with("/GetWebhookEndpointSecret"));
        let all = Value::from(entries).to_string();
        for secret in [&secret["secret"], &rotated["secret"]] {
            assert!(!all.contains(secret.as_str().expect("a secret")), "{all}");
        }
        let client = database::owner().await;
        let kept = "SELECT count(*) FROM platform.idempotency_keys WHERE tenant_id = $1
          AND rpc LIKE '%GetWebhookEndpointSecret'";
        let kept: i64 = client.query_one(kept, &[&t.id]).await.expect("a query").get(0);
        assert_eq!(kept, 0);
        for what in what.iter().rev() {
            assert_eq!(receiver.next_about().await, (what.clone(), id.to_string()));
        }
        t.get(&format!("{ENDPOINTS}/0/secret")).await.problem(404, "entity-not-found");
    });
}

#[test]
fn private_addresses_are_out_of_reach() {
    run(async {
        let server = Server::own("webhooks", &[]).await;
        let token = server.token().await;
        for url in
            ["https://127.0.0.1/", "https://[::1]/", "https://10.0.0.1/", "http://example.com"]
        {
            let request = http::request("POST", &format!("{}{ENDPOINTS}", server.base));
            let request = request.bearer_auth(&token).json(&json!({"url": url}));
            assert_eq!(http::send(request).await.refused(400, "bad-request"), ["url"], "{url}");
        }
        assert!(server.process.stop().success());
    });
}

#[test]
fn messages_of_rentals_are_as_documented() {
    run(async {
        let t = Tenant::of("rentals").await;
        let mut receiver = Receiver::start(&[]).await;
        let document = |attributes: Value| json!({"data": {"attributes": attributes}});
        let wanted = json!({"url": receiver.url, "types": ["rentals.customer.*"]});
        let made = t.post("/api/saas/me/webhook_endpoints", &document(wanted)).await.is(201);
        let endpoint = made.header("location").to_owned();
        let made =
            t.post("/api/saas/me/customers", &document(json!({"name": "Ann"}))).await.is(201);
        let path = made.header("location").to_owned();
        let customer = made.json()["data"].clone();
        let mut told = async || {
            let message = receiver.next().await.json();
            let members: Vec<&String> = message.as_object().expect("an object").keys().collect();
            assert_eq!(members, ["data", "timestamp", "type"], "{message}");
            let at = message["timestamp"].as_str().expect("a time");
            assert!(at.parse::<jiff::Timestamp>().is_ok() && at.ends_with('Z'), "{at}");
            (message["type"].clone(), message["data"].clone())
        };

        let (what, created) = told().await;
        assert_eq!(what, "rentals.customer.created");
        let sequence = created["sequence"].as_i64().expect("a number");
        assert!(sequence > 0);
        // The number that the routes of the resource have.
        let number = customer["attributes"]["internal_id"].to_string();
        let expected = json!({"id": number, "sequence": sequence,
            "owner_id": t.id.to_string(), "resource": created["resource"]});
        assert_eq!(created, expected, "of what is new there are no changes");
        assert_eq!(created["resource"]["name"], customer["attributes"]["name"]);
        assert_eq!(created["resource"]["internal_id"], customer["attributes"]["internal_id"]);
        assert_eq!(created["resource"]["id"], customer["id"]);
        let me = t.get("/api/me").await.is(200).json();
        assert_eq!(created["owner_id"], me["data"]["id"], "whose customer it is");

        let change = document(json!({"name": "Bea", "notes": "Likes tents."}));
        http::send(t.request("PATCH", &path).json(&change)).await.is(200);
        let (what, updated) = told().await;
        assert_eq!(what, "rentals.customer.updated");
        assert_eq!(updated["sequence"], sequence + 1);
        let changes = updated["changes"].as_object().expect("changes");
        // Times are told to the second, which may be the same one.
        let names = changes.keys().map(String::as_str).filter(|name| *name != "updated_at");
        assert_eq!(names.collect::<Vec<_>>(), ["name", "notes"], "what has changed, and no more");
        assert_eq!(
            (&changes["name"], &changes["notes"]),
            (&json!(["Ann", "Bea"]), &json!([null, "Likes tents."]))
        );

        // A thin message leaves it to the receiver to ask.
        let thin = document(json!({"payload": "thin"}));
        http::send(t.request("PATCH", &endpoint).json(&thin)).await.is(200);
        t.delete(&path).await.is(204);
        assert_eq!(told().await, (json!("rentals.customer.deleted"), json!({"id": number})));

        // The feed says the same of it.
        let feed = t.get("/api/saas/me/events?types=rentals.customer.updated").await.is(200).json();
        let event = &feed["data"][0];
        assert_eq!(event["id"], updated["sequence"].to_string());
        for member in ["owner_id", "resource", "changes"] {
            assert_eq!(event["attributes"][member], updated[member], "{member}");
        }
    });
}
