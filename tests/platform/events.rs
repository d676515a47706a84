//! Events: listed, watched over all protocols, and in one order without gaps.
//!
//! Covers: ListEvents, WatchEvents.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::Response;
use serde_json::{Value, json};
use steward_contracts::steward::platform::v1 as pb;
use steward_contracts::steward::platform::v1::event_service_client::EventServiceClient;
use tonic::Code;

use crate::support::fixtures::person;
use crate::support::{Server, Tenant, database, http, run, with_tenant};

const EVENTS: &str = "/api/public/events";
const STREAM: &str = "/api/public/events/stream";

async fn listed(t: &Tenant, query: &[(&str, &str)]) -> Value {
    t.find(EVENTS, query).await.is(200).json()
}

fn items(page: &Value) -> &[Value] {
    page["items"].as_array().expect("items")
}

fn sequences(page: &Value) -> Vec<i64> {
    items(page).iter().map(|event| event["sequence"].as_i64().expect("a number")).collect()
}

/// A stream, read piece by piece.
struct Stream {
    response: Response,
    received: String,
    separator: &'static str,
}

impl Stream {
    async fn open(t: &Tenant, query: &[(&str, &str)], headers: &[(&str, &str)]) -> Self {
        let mut request = t.request("GET", STREAM).query(query);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let kind = response.headers()["content-type"].to_str().expect("text").to_owned();
        let separator = match &*kind {
            "text/event-stream" => "\n\n",
            "application/x-ndjson" => "\n",
            other => panic!("{other}"),
        };
        Self { response, received: String::new(), separator }
    }

    /// The next piece without the separator; none at the end.
    async fn next(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.received.find(self.separator) {
                let rest = self.received.split_off(end + self.separator.len());
                let piece = std::mem::replace(&mut self.received, rest);
                return Some(piece[..end].to_owned());
            }
            let chunk = self.response.chunk().await.expect("more of the stream")?;
            self.received.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }

    /// The next event; heartbeats are passed over.
    async fn event(&mut self) -> Value {
        loop {
            let piece = self.next().await.expect("an event");
            let data = match self.separator {
                "\n" => Some(&*piece).filter(|line| !line.is_empty()),
                _ => piece.lines().find_map(|line| line.strip_prefix("data: ")),
            };
            if let Some(data) = data {
                return serde_json::from_str(data).expect("JSON");
            }
        }
    }
}

#[test]
fn every_change_leaves_an_event() {
    with_tenant(async |t| {
        let empty = listed(&t, &[]).await;
        assert_eq!(empty, json!({"items": [], "nextCursor": 0, "hasMore": false, "totalCount": 0}));

        let path = "/api/public/property-categorization/property";
        let created = t.post(path, &json!({"name": "House"})).await.is(201);
        let (id, request) = (created.id(), created.header("x-request-id").to_owned());
        let path = format!("{path}/{id}");
        t.put(&path, &json!({"name": "Villa"})).await.is(200);
        t.delete(&path).await.is(204);

        let page = listed(&t, &[]).await;
        assert_eq!(sequences(&page), [1, 2, 3]);
        assert_eq!((&page["nextCursor"], &page["hasMore"]), (&json!(3), &json!(false)));
        let [first, second, third] = items(&page) else { panic!("three events") };
        let members: Vec<_> = first.as_object().expect("an object").keys().collect();
        assert_eq!(members.len(), 12, "{members:?}");
        assert_eq!(first["type"], "facilities.property_type.created");
        assert_eq!(first["resourceType"], "property_type");
        assert_eq!(first["resourceId"], id.to_string());
        assert_eq!(first["clientId"], *t.client_id);
        assert_eq!((&first["actor"], &first["tenantId"]), (&json!("Client"), &json!(t.id)));
        assert_eq!(first["requestId"], *request);
        let rpc = "steward.facilities.v1.PropertyTypeService/CreatePropertyType";
        assert_eq!(first["rpc"], rpc);
        assert_eq!(first["resource"], created.json(), "the JSON of the resource itself");
        assert_eq!(first["changes"], Value::Null);
        assert!(first["occurredAt"].as_str().is_some_and(|time| time.ends_with('Z')), "{first}");
        assert_eq!(second["type"], "facilities.property_type.updated");
        assert_eq!(second["changes"], json!({"name": ["House", "Villa"]}));
        assert_eq!(third["type"], "facilities.property_type.deleted");
        assert_eq!(third["resource"]["name"], "Villa");

        // The same over gRPC, where JSON is a text.
        let mut client = EventServiceClient::new(t.grpc().await);
        let request = pb::ListEventsRequest { cursor: Some(1), ..Default::default() };
        let answer = client.list_events(request).await.expect("events").into_inner();
        assert_eq!(answer.items.len(), 2);
        let changes = answer.items[0].changes.as_deref().expect("changes");
        let changes: Value = serde_json::from_str(changes).expect("JSON");
        assert_eq!(changes, json!({"name": ["House", "Villa"]}));
        assert_eq!(answer.items[1].changes, None);

        let other = Tenant::fresh().await;
        assert_eq!(listed(&other, &[]).await, empty);
    });
}

#[test]
fn what_changes_nothing_leaves_no_event() {
    with_tenant(async |t| {
        let path = "/api/public/property-categorization/property";
        let body = json!({"name": "House"});
        let keyed = || t.request("POST", path).header("idempotency-key", "one").json(&body);
        let first = http::send(keyed()).await.is(201).id();
        assert_eq!(http::send(keyed()).await.is(201).id(), first, "a replay");
        let trial = t.request("POST", path).header("prefer", "validate-only");
        http::send(trial.json(&json!({"name": "Villa"}))).await.is(201);
        t.post(path, &body).await.is(400);
        t.delete(&format!("{path}/999999")).await.is(404);
        assert_eq!(sequences(&listed(&t, &[]).await), [1]);
    });
}

#[test]
fn pages_and_types() {
    with_tenant(async |t| {
        for _ in 0..3 {
            t.owner().await;
            t.manager().await;
        }
        let page = listed(&t, &[("pageSize", "4")]).await;
        assert_eq!(sequences(&page), [1, 2, 3, 4]);
        assert_eq!((&page["nextCursor"], &page["hasMore"]), (&json!(4), &json!(true)));
        let page = listed(&t, &[("pageSize", "4"), ("cursor", "4")]).await;
        assert_eq!(sequences(&page), [5, 6]);
        assert_eq!(page["hasMore"], false);
        assert_eq!(items(&listed(&t, &[("cursor", "6")]).await), [] as [Value; 0]);

        let owners = listed(&t, &[("types", "facilities.owner.*")]).await;
        assert_eq!(sequences(&owners), [1, 3, 5]);
        assert_eq!(owners["nextCursor"], 6, "past the events of other types");
        let two = [("types", "facilities.owner.created"), ("types", "facilities.none.created")];
        assert_eq!(sequences(&listed(&t, &two).await), [1, 3, 5]);
        let first = listed(&t, &[("types", "facilities.owner.*"), ("pageSize", "1")]).await;
        assert_eq!((&first["nextCursor"], &first["hasMore"]), (&json!(1), &json!(true)));

        for (query, field) in [
            (("cursor", "7"), "cursor"),
            (("cursor", "-1"), "cursor"),
            (("pageSize", "0"), "pageSize"),
            (("pageSize", "101"), "pageSize"),
        ] {
            let refused = t.find(EVENTS, &[query]).await.refused(400, "bad-request");
            assert_eq!(refused, [field], "{query:?}");
        }
        for types in ["*", "facilities.%"] {
            let answer = t.find(EVENTS, &[("types", types)]).await;
            assert_eq!(answer.refused(400, "invalid-format"), ["types[0]"]);
            let answer = t.find(STREAM, &[("types", types)]).await;
            assert_eq!(answer.refused(400, "invalid-format"), ["types[0]"]);
        }
        t.find(STREAM, &[("cursor", "7")]).await.problem(400, "bad-request");
    });
}

#[test]
fn events_are_listed_for_thirty_days() {
    with_tenant(async |t| {
        // Numbers 1 to 40, of which the first 23 are older.
        let sql = format!(
            "INSERT INTO platform.events (tenant_id, sequence, event_type, resource_type,
               resource_id, occurred_at, client_id, rpc, request_id, resource)
             SELECT {id}, n, 'facilities.owner.created', 'owner', n::text,
               now() - CASE WHEN n <= 23 THEN interval '31 days' ELSE interval '29 days' END,
               'c', 'r', 'q', '{{}}' FROM generate_series(1, 40) n;
             INSERT INTO platform.event_heads (tenant_id, sequence) VALUES ({id}, 40)",
            id = t.id
        );
        database::write(t.id, &sql).await;
        assert_eq!(sequences(&listed(&t, &[]).await), (24..=40).collect::<Vec<_>>());
        assert_eq!(sequences(&listed(&t, &[("cursor", "23")]).await)[0], 24, "nothing is missed");
        for path in [EVENTS, STREAM] {
            t.find(path, &[("cursor", "22")]).await.problem(410, "cursor-expired");
        }
        let mut client = EventServiceClient::new(t.grpc().await);
        let request = pb::WatchEventsRequest { cursor: Some(0), ..Default::default() };
        let status = client.watch_events(request).await.expect_err("a refusal");
        assert_eq!(status.code(), Code::OutOfRange);
    });
}

#[test]
fn events_of_cleaning_are_listed_for_ninety_days() {
    run(async {
        let t = Tenant::newcomer("cleaning").await;
        let sql = format!(
            "INSERT INTO platform.events (tenant_id, sequence, event_type, resource_type,
               resource_id, occurred_at, client_id, rpc, request_id, resource)
             SELECT {id}, n, 'cleaning.room.created', 'room', n::text,
               now() - (92 - n) * interval '1 day', 'c', 'r', 'q', '{{}}'
             FROM generate_series(1, 4) n;
             INSERT INTO platform.event_heads (tenant_id, sequence) VALUES ({id}, 4)",
            id = t.id
        );
        database::write(t.id, &sql).await;
        let listed = t.get("/changes").await.is(200).json();
        let cursors: Vec<_> = items(&listed).iter().map(|row| row["cursor"].clone()).collect();
        assert_eq!(cursors, [3, 4], "not those of 91 and 90 days ago");
        let gone = t.find("/changes", &[("after", "1")]).await;
        assert_eq!(gone.status, 410, "{}", gone.text);
    });
}

#[test]
fn streams_resume_where_they_ended() {
    with_tenant(async |t| {
        for _ in 0..3 {
            t.owner().await;
        }
        let mut stream = Stream::open(&t, &[("cursor", "1")], &[]).await;
        assert_eq!(stream.next().await.as_deref(), Some(": heartbeat\nid: 1"));
        let piece = stream.next().await.expect("an event");
        let (id, data) = piece.split_once('\n').expect("two lines");
        assert_eq!(id, "id: 2");
        let data: Value =
            serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
        assert_eq!(
            (&data["sequence"], &data["resource"]["id"].to_string()),
            (&json!(2), &data["resourceId"].as_str().expect("text").to_owned())
        );
        drop(stream);

        // A client that was cut off sends the URL of the beginning again.
        let mut stream = Stream::open(&t, &[("cursor", "1")], &[("last-event-id", "2")]).await;
        assert_eq!(stream.event().await["sequence"], 3);
        t.manager().await;
        assert_eq!(stream.event().await["sequence"], 4);

        let accept = [("accept", "application/x-ndjson")];
        let query = [("cursor", "0"), ("types", "facilities.manager.*")];
        let mut lines = Stream::open(&t, &query, &accept).await;
        assert_eq!(lines.next().await.as_deref(), Some(""), "a heartbeat");
        assert_eq!(lines.event().await["sequence"], 4);
        drop(lines);

        // What is not asked for changes no number.
        t.owner().await;
        let query = [("cursor", "0"), ("types", "facilities.manager.*")];
        let mut some = Stream::open(&t, &query, &[]).await;
        assert!(some.next().await.is_some_and(|beat| beat.starts_with(": heartbeat")));
        let event = some.next().await.expect("an event");
        assert!(event.lines().any(|line| line == "id: 4"), "{event}");
        drop(some);

        // Without a cursor, from now on.
        let mut fresh = Stream::open(&t, &[], &[]).await;
        assert_eq!(fresh.next().await.as_deref(), Some(": heartbeat\nid: 5"));
        t.owner().await;
        assert_eq!(fresh.event().await["sequence"], 6);

        let answer = http::send(t.request("GET", STREAM).header("last-event-id", "x")).await;
        assert_eq!(answer.refused(400, "invalid-format"), ["Last-Event-ID"]);
    });
}

/// What is committed behind the back of this server is found too.
#[test]
fn streams_show_changes_of_other_servers() {
    with_tenant(async |t| {
        let mut stream = Stream::open(&t, &[], &[]).await;
        assert!(stream.next().await.is_some_and(|beat| beat.starts_with(": heartbeat")));
        let sql = "SELECT platform.record_event('c', 'r', 'q', 'facilities.owner.created', \
                   'owner', '1', NULL, '{\"id\": 1}')";
        assert_eq!(database::value(t.id, sql).await, 1);
        assert_eq!(stream.event().await["resource"], json!({"id": 1}));
    });
}

const WRITERS: usize = 32;
const CHANGES: usize = 6;

/// One write: when it was asked and answered, and what it made.
struct Write {
    asked: Instant,
    answered: Instant,
    id: String,
}

async fn write(t: &Tenant) -> Vec<Write> {
    let mut writes = Vec::new();
    for _ in 0..CHANGES {
        let asked = Instant::now();
        let answer = t.post("/api/public/Owners", &person()).await.is(201);
        writes.push(Write { asked, answered: Instant::now(), id: answer.id().to_string() });
    }
    writes
}

#[test]
fn many_writers_make_one_order_without_gaps() {
    with_tenant(async |t| {
        let (t, other) = (&t, &Tenant::fresh().await);
        let total = i64::try_from(WRITERS * CHANGES).expect("small");
        let writing = join_all((0..WRITERS).map(|_| write(t)));
        let elsewhere = join_all((0..4).map(|_| write(other)));

        // Follows by stream: each number comes once and in order.
        let streaming = async {
            let mut client = EventServiceClient::new(t.grpc().await);
            let request = pb::WatchEventsRequest { cursor: Some(0), ..Default::default() };
            let mut stream = client.watch_events(request).await.expect("a stream").into_inner();
            let mut seen = Vec::new();
            while seen.len() < WRITERS * CHANGES {
                let message = stream.message().await.expect("a message").expect("no end");
                if let Some(event) = message.event {
                    assert_eq!(message.cursor, event.sequence);
                    seen.push(event);
                }
            }
            seen
        };
        // Follows by pages: whatever is seen has no hole, and no lower number turns up later.
        let paging = async {
            let mut client = EventServiceClient::new(t.grpc().await);
            let (mut cursor, mut pages) = (0, 0);
            while cursor < total {
                let request = pb::ListEventsRequest { cursor: Some(cursor), ..Default::default() };
                let page = client.list_events(request).await.expect("a page").into_inner();
                for event in &page.items {
                    assert_eq!(event.sequence, cursor + 1, "a hole, or a late number");
                    cursor = event.sequence;
                }
                assert_eq!(page.next_cursor, cursor);
                pages += 1;
            }
            pages
        };
        let (writes, _, seen, pages) = futures_util::join!(writing, elsewhere, streaming, paging);
        assert!(pages > 3, "it was read while it was written");

        let numbers: Vec<i64> = seen.iter().map(|event| event.sequence).collect();
        assert_eq!(numbers, (1..=total).collect::<Vec<_>>());
        assert!(seen.iter().all(|event| event.client_id == t.client_id), "events of others");

        // A change that was asked for after another was answered comes after it.
        let number = |write: &Write| {
            let event = seen.iter().find(|event| event.resource_id == write.id);
            event.expect("its event").sequence
        };
        let writes: Vec<(&Write, i64)> =
            writes.iter().flatten().map(|write| (write, number(write))).collect();
        for (earlier, first) in &writes {
            for (later, second) in &writes {
                assert!(earlier.answered > later.asked || first < second, "{first} {second}");
            }
        }
        assert_eq!(sequences(&listed(other, &[]).await).len(), 4 * CHANGES);
    });
}

#[test]
fn streams_end_when_the_server_stops() {
    run(async {
        let server = Server::own("events-stop", &[]).await;
        let url = format!("{}{STREAM}", server.base);
        let token = server.token().await;
        let request = http::request("GET", &url).bearer_auth(token);
        let mut response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let beat = response.chunk().await.expect("a piece").expect("a heartbeat");
        assert!(beat.starts_with(b": heartbeat"));

        let started = Instant::now();
        server.process.signal(nix::sys::signal::Signal::SIGTERM);
        let mut rest = Vec::new();
        while let Some(chunk) = response.chunk().await.expect("an end in order") {
            rest.extend_from_slice(&chunk);
        }
        let rest = String::from_utf8(rest).expect("UTF-8");
        assert!(rest.starts_with("event: error\ndata: {"), "{rest}");
        assert!(rest.contains("/problems/unavailable"), "{rest}");
        assert!(started.elapsed() < Duration::from_secs(20), "before the server gives up");
        assert!(server.process.ended().success());
    });
}
