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
use crate::support::{Answer, Server, Tenant, eventually, http, mail, run, unique, with_tenant};

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
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("an answer");
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
