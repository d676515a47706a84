//! What the platform has, at the routes and in the JSON of each family.
//!
//! Covers: CreateImportUpload.

use std::time::Duration;

use futures_util::future::join_all;
use reqwest::header::ACCEPT;
use serde_json::{Value, json};

use crate::support::fixtures::with;
use crate::support::{Answer, Tenant, eventually, http, process, run};

/// Method and path of all routes of the platform in a family.
fn routes(family: &str) -> Vec<(String, String)> {
    let output = process::run(&["routes"]);
    let lines = output
        .stdout
        .lines()
        .map(|line| -> Value { serde_json::from_str(line).expect("an object a line") });
    let text = |route: &Value, name: &str| route[name].as_str().expect("text").to_owned();
    let of_platform = lines.filter(|route| {
        route["family"] == family && text(route, "rpc").starts_with("steward.platform.")
    });
    let found: Vec<_> = of_platform.map(|one| (text(&one, "method"), text(&one, "path"))).collect();
    assert!(found.len() >= 20, "{family}: {found:?}");
    found
}

/// A path with a number for each variable.
fn filled(path: &str) -> String {
    let part =
        |part: &str| if part.starts_with('{') { "987654321".into() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Calls a route with a body that says nothing.
async fn call(tenant: &Tenant, method: &str, path: &str) -> Answer {
    let request = tenant.request(method, &filled(path));
    let request = match method {
        "GET" | "DELETE" => request.timeout(Duration::from_secs(20)),
        _ => request.json(&json!({})),
    };
    http::send(request).await
}

#[test]
fn a_family_is_reached_by_its_own_tenants_alone() {
    run(async {
        for family in ["facilities", "rentals", "cleaning"] {
            let own = Tenant::of(family).await;
            let foreign =
                Tenant::of(if family == "rentals" { "cleaning" } else { "rentals" }).await;
            let routes = routes(family);
            // The tokens are for all, and a stream does not end.
            let calls = routes.iter().filter(|(_, path)| {
                !path.ends_with("/stream") && !path.ends_with("/connect/token")
            });
            join_all(calls.map(async |(method, path)| {
                let answer = call(&foreign, method, path).await;
                assert_eq!(answer.status, 403, "{}: {}", answer.asked, answer.text);
                let answer =
                    http::send(http::request(method, &format!("{}{path}", own.base))).await;
                assert_eq!(answer.status, 401, "{}: {}", answer.asked, answer.text);
                let answer = call(&own, method, path).await;
                let is_there = match (&**method, path.contains('{')) {
                    ("GET", false) => answer.status == 200,
                    (_, true) => matches!(answer.status, 400 | 404 | 422),
                    _ => matches!(answer.status, 400 | 422),
                };
                assert!(is_there, "{}: {} {}", answer.asked, answer.status, answer.text);
            }))
            .await;
        }
    });
}

/// Where a family has what the platform does, and how it writes it.
pub struct Family {
    pub name: &'static str,
    base: &'static str,
    endpoints: &'static str,
    changes: &'static str,
    audit: &'static str,
}

pub const FACILITIES: Family = Family {
    name: "facilities",
    base: "/api/public",
    endpoints: "/api/public/webhook-endpoints",
    changes: "/api/public/events",
    audit: "/api/public/audit-entries",
};

pub const RENTALS: Family = Family {
    name: "rentals",
    base: "/api/saas/me",
    endpoints: "/api/saas/me/webhook_endpoints",
    changes: "/api/saas/me/events",
    audit: "/api/saas/me/audit_entries",
};

pub const CLEANING: Family = Family {
    name: "cleaning",
    base: "",
    endpoints: "/webhook/subscriptions",
    changes: "/changes",
    audit: "/audit",
};

impl Family {
    fn is_documents(&self) -> bool {
        self.name == "rentals"
    }

    /// A member as the family names it.
    pub fn name<'n>(&self, snake: &'n str, camel: &'n str) -> &'n str {
        if self.is_documents() { snake } else { camel }
    }

    pub fn body(&self, members: Value) -> Value {
        if self.is_documents() { json!({"data": {"attributes": members}}) } else { members }
    }

    /// The members of one resource, with its id.
    fn one(&self, answer: &Value) -> Value {
        if !self.is_documents() {
            return answer.clone();
        }
        let data = answer.get("data").unwrap_or(answer);
        assert!(data["type"].is_string() && data["id"].is_string(), "{data}");
        with(data["attributes"].clone(), json!({"id": data["id"]}))
    }

    /// The members of each resource of a list.
    fn all(&self, answer: &Value) -> Vec<Value> {
        let items = &answer[self.name("data", "items")];
        items.as_array().expect("a list").iter().map(|one| self.one(one)).collect()
    }

    /// Imports a table of a resource, and waits until it is done.
    async fn import(&self, t: &Tenant, file: &str, input: Value) -> Value {
        self.import_as(t, "text/csv", file, input).await
    }

    /// Imports a file of a media type, and waits until it is done.
    pub async fn import_as(&self, t: &Tenant, is: &str, file: &str, input: Value) -> Value {
        let announced = json!({"filename": "rows",
            self.name("content_type", "contentType"): is,
            self.name("byte_size", "byteSize"): file.len()});
        let path = format!("{}/imports/uploads", self.base);
        let upload = t.post(&path, &self.body(announced)).await.is(201).json();
        let upload = self.one(&upload);
        http::upload(&upload, file.as_bytes()).await.is(204);
        let signed = upload[self.name("id", "signedId")].clone();
        let named = match self.name {
            "rentals" => "attachment_id",
            "cleaning" => "attachmentId",
            _ => "fileId",
        };
        let input = with(input, json!({named: signed}));
        let path = format!("{}/imports", self.base);
        let asked = t.post(&path, &self.body(input)).await.is(202);
        let path = asked.header("location").to_owned();
        self.finished(t, &path).await
    }

    /// Waits for the end of an import or export.
    async fn finished(&self, t: &Tenant, path: &str) -> Value {
        eventually("the work", Duration::from_secs(60), async || {
            let one = self.one(&t.get(path).await.is(200).json());
            let state =
                one[self.name("status", "state")].as_str().expect("a state").to_ascii_lowercase();
            matches!(state.as_str(), "done" | "failed").then_some(one)
        })
        .await
    }

    /// The file of an export of a resource.
    async fn export(&self, t: &Tenant, resource: &str) -> String {
        self.export_as(t, json!({"resource": resource})).await
    }

    /// The file of an export.
    pub async fn export_as(&self, t: &Tenant, input: Value) -> String {
        let path = format!("{}/exports", self.base);
        let asked = t.post(&path, &self.body(input)).await.is(202);
        let path = asked.header("location").to_owned();
        let done = self.finished(t, &path).await;
        assert_eq!(
            done[self.name("status", "state")].as_str().map(str::to_ascii_lowercase),
            Some("done".into()),
            "{done}"
        );
        let link = self.one(&t.get(&format!("{path}/download")).await.is(200).json());
        let fetch = async |url: &Value| {
            let request = http::request("GET", url.as_str().expect("a URL"));
            http::send(request).await.is(200).text
        };
        let file = fetch(&link["url"]).await;
        assert_eq!(fetch(&done[self.name("file_url", "fileUrl")]).await, file, "{done}");
        file
    }
}

#[test]
fn what_no_call_has_changed_can_be_subscribed() {
    run(async {
        for family in [RENTALS, CLEANING] {
            let t = Tenant::of(family.name).await;
            let found_out = match family.name {
                "rentals" => json!([
                    "rentals.booking.overdue",
                    "rentals.shortage.opened",
                    "rentals.shortage.closed",
                    "rentals.webhook_endpoint.disabled"
                ]),
                _ => json!(["cleaning.event.created", "cleaning.webhook_endpoint.disabled"]),
            };
            let input = json!({"url": "https://found.invalid/", "types": found_out});
            t.post(family.endpoints, &family.body(input)).await.is(201);
            let input = json!({"url": "https://found.invalid/",
                "types": ["platform.mail.given_up", "facilities.owner.created"]});
            let answer = t.post(family.endpoints, &family.body(input)).await;
            assert!(matches!(answer.status, 400 | 422), "{}", answer.text);
            assert!(answer.text.contains("types[1]") || answer.text.contains("types/1"));
        }
    });
}

#[test]
fn an_endpoint_is_recorded_changed_in_part_and_deleted() {
    run(async {
        for family in [RENTALS, CLEANING] {
            let t = Tenant::of(family.name).await;
            let input = json!({"url": "https://webhooks.invalid/", "active": false,
                "types": [format!("{}.*", family.name)]});
            let made = t.post(family.endpoints, &family.body(input)).await.is(201);
            let path = made.header("location").to_owned();
            let shown = family.one(&made.json());
            assert!(path.starts_with(family.endpoints), "{path}");
            assert_eq!(shown["active"], false, "{shown}");
            // What is not given stays: the endpoint is not turned on by default.
            let change = family.body(json!({"url": "https://other.invalid/"}));
            let request = t.request("PATCH", &path).json(&change);
            let changed = family.one(&http::send(request).await.is(200).json());
            assert_eq!(
                (&changed["url"], &changed["active"]),
                (&json!("https://other.invalid/"), &json!(false))
            );
            assert_eq!(changed["types"], shown["types"], "{changed}");
            let key = t.get(&format!("{path}/secret")).await.is(200).text;
            assert!(key.contains("whsec_"), "{key}");
            let test = http::send(t.request("POST", &format!("{path}/test"))).await.is(200).json();
            let delivery = family.one(&test)["id"].to_string().replace('"', "");
            // From its first attempt on it stays as it is for a while.
            let told = format!("{path}/deliveries/{delivery}");
            eventually("an attempt", Duration::from_secs(20), async || {
                let told = family.one(&t.get(&told).await.is(200).json());
                (told["attempts"] != 0).then_some(())
            })
            .await;
            let deliveries = t.get(&format!("{path}/deliveries")).await.is(200).json();
            assert_eq!(family.all(&deliveries).len(), 1, "{deliveries}");
            if !family.is_documents() {
                let all = t.get("/webhook/deliveries").await.is(200).json();
                assert_eq!(all, deliveries);
                let endpoint = shown["id"].to_string();
                assert_eq!(all["items"][0]["webhookEndpointId"].to_string(), endpoint);
                let query = [("subscriptionId", "0"), ("filter", "attempts > 99")];
                let none = t.find("/webhook/deliveries", &query).await.is(200).json();
                assert_eq!(none["items"], json!([]));
                let elsewhere = [("subscriptionId", "999999999")];
                assert_eq!(t.find("/webhook/deliveries", &elsewhere).await.status, 404);
                let again = format!("/webhook/deliveries/{delivery}/replay");
                http::send(t.request("POST", &again)).await.is(200);
            }
            t.delete(&path).await.is(204);
            let gone = t.get(&path).await;
            assert_eq!(gone.status, 404, "{}", gone.text);
            assert!(gone.text.contains("\"not_found\""), "an error of the family: {}", gone.text);

            // The events are told in the words and in the JSON of the family.
            let events = t.get(&format!("{}?types={}.*", family.changes, family.name)).await;
            let events = family.all(&events.is(200).json());
            let types: Vec<_> = events
                .iter()
                .map(|event| event[family.name("event_type", "type")].as_str().expect("text"))
                .collect();
            let named = |what: &str| format!("{}.webhook_endpoint.{what}", family.name);
            assert_eq!(types[..2], [named("created"), named("updated")], "{events:?}");
            assert_eq!(types.last().copied(), Some(&*named("deleted")));
            let resource = &events[0][family.name("resource", "data")];
            assert!(resource.get(family.name("contact_language", "contactLanguage")).is_some());
            if !family.is_documents() {
                let event = &events[0];
                assert_eq!(event["cursor"], 1, "{event}");
                assert_eq!(event["objectId"], shown["id"].to_string(), "{event}");
                assert!(event["actor"].is_string() && event["at"].is_string(), "{event}");
            }
            let size = family.name("page[size]", "pageSize");
            let page = async |number: usize| {
                let number = format!("{}={number}", family.name("page[number]", "pageNumber"));
                let path = format!("{}?{size}=2&{number}", family.audit);
                t.get(&path).await.is(200).json()
            };
            let (first, second) = (page(1).await, page(2).await);
            let sequences = |page: &Value| -> Vec<i64> {
                let number = |entry: &Value| {
                    entry[family.name("id", "cursor")].to_string().replace('"', "").parse()
                };
                family.all(page).iter().map(|one| number(one).expect("a number")).collect()
            };
            let newest = sequences(&first)[0];
            let expected: Vec<_> = (0..4).map(|back| newest - back).collect();
            assert_eq!([sequences(&first), sequences(&second)].concat(), expected, "{first}");
            let pages = (newest + 1) / 2;
            if family.is_documents() {
                let meta = &second["meta"];
                assert_eq!((&meta["page_number"], &meta["page_size"]), (&json!(2), &json!(2)));
                assert_eq!(meta["total_pages"], pages, "{meta}");
                let last = second["links"]["last"].as_str().expect("a link");
                assert!(last.contains(&format!("page%5Bnumber%5D={pages}")), "{last}");
                let large = format!("{}?{size}=1000", family.audit);
                let large = t.get(&large).await.is(200).json();
                assert_eq!(large["meta"]["page_size"], 100, "lowered");
            } else {
                assert_eq!(
                    (&second["pageNumber"], &second["totalPages"], &second["hasPreviousPage"]),
                    (&json!(2), &json!(pages), &json!(true))
                );
                assert_eq!(second["hasNextPage"], json!(pages > 2));
                t.get(&format!("{}?{size}=201", family.audit)).await.is(400);
                let least = format!("{}?pageNumber={}", family.audit, i32::MIN);
                t.get(&least).await.is(400);
            }
            for past in [99, 9999] {
                assert_eq!(family.all(&page(past).await), [] as [Value; 0], "past the end");
            }
            assert!(
                t.get(&format!("{}?{size}=2&cursor=2", family.audit)).await.is(200).text.len() > 2
            );
        }
    });
}

#[test]
fn events_are_streamed_in_the_json_of_the_family() {
    run(async {
        for family in [RENTALS, CLEANING] {
            let t = Tenant::of(family.name).await;
            let input = json!({"url": "https://webhooks.invalid/", "active": false});
            t.post(family.endpoints, &family.body(input)).await.is(201);
            let path = format!("{}/stream?cursor=0", family.changes);
            let request = t.request("GET", &path).header(ACCEPT, "text/event-stream");
            let mut response = request.send().await.expect("a stream");
            assert_eq!(response.status(), 200);
            let mut text = String::new();
            while !text.contains("webhook_endpoint.created") {
                let chunk = response.chunk().await.expect("a chunk").expect("an event");
                text.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
            }
            let data = text.lines().find_map(|line| line.strip_prefix("data: ")).expect("data");
            let event: Value = serde_json::from_str(data).expect("JSON");
            let event = family.one(&event);
            assert_eq!(event[family.name("resource_type", "objectType")], "webhook_endpoint");
            assert!(text.contains("\nid: 1\n") || text.starts_with("id: 1\n"), "{text}");
        }
    });
}

#[test]
fn items_and_customers_go_out_and_come_in() {
    run(async {
        let (t, family) = (Tenant::of("rentals").await, RENTALS);
        let file = "title,sku,stock,value,active\n\
            Camera,CAM-1,3,1200.00,true\n\
            Light,LIT-1,5,,true\n\
            ,NONE-1,1,,true\n";
        let create = json!({"resource": "items"});
        let done = family.import(&t, file, create.clone()).await;
        assert_eq!((&done["created"], &done["failed"]), (&json!(2), &json!(1)), "{done}");
        let error = &done["errors"][0];
        let told = (&error["row"], &error["code"], &error["pointer"]);
        assert_eq!(
            told,
            (&json!(3), &json!("required"), &json!("/data/attributes/title")),
            "{done}"
        );
        assert!(error["detail"].is_string(), "{error}");

        // An item is known by its sku; what a row leaves out stays.
        let upsert = with(create, json!({"mode": "upsert"}));
        let done =
            family.import(&t, "sku,title,stock\nCAM-1,Camera II,4\nNEW-1,New,1\n", upsert).await;
        let counts = ["created", "updated", "failed"].map(|name| done[name].clone());
        assert_eq!(counts, [1, 1, 0].map(Value::from), "{done}");
        let items = family.export(&t, "items").await;
        let camera = items.lines().find(|line| line.contains("CAM-1")).expect("the camera");
        assert!(camera.contains("Camera II") && camera.contains("1200.00"), "{items}");
        // What is deleted is no part of an export.
        t.delete("/api/saas/me/items/2").await.is(204);
        let items = family.export(&t, "items").await;
        assert!(!items.contains("LIT-1") && items.contains("NEW-1"), "{items}");

        let file = "name,email\nAnn,ann@example.com\nBob,\n";
        let done = family.import(&t, file, json!({"resource": "customers"})).await;
        assert_eq!(done["created"], 2, "{done}");
        let upsert = json!({"resource": "customers", "mode": "upsert"});
        let done = family.import(&t, "email,name\nANN@example.com,Anna\n", upsert).await;
        assert_eq!(done["updated"], 1, "{done}");
        let customers = family.export(&t, "customers").await;
        assert!(customers.contains("Anna") && !customers.contains("Ann,"), "{customers}");

        let booking = json!({"start_at": "2031-06-10T10:00:00", "end_at": "2031-06-12T10:00:00",
            "items": [{"item_internal_id": 1, "quantity": 1}]});
        t.post("/api/saas/me/bookings", &family.body(booking)).await.is(201);
        let bookings = family.export(&t, "bookings").await;
        assert!(
            bookings.lines().count() == 2 && bookings.contains("2031-06-10T10:00:00"),
            "{bookings}"
        );
        let payment = json!({"kind": "payment", "amount": 12.5});
        t.post("/api/saas/me/bookings/1/payments", &family.body(payment)).await.is(201);
        let comment = json!({"properties": {"comment": "Bring a tripod."}});
        t.post("/api/saas/me/bookings/1/activities", &family.body(comment)).await.is(201);
        for (resource, count, cells) in [
            ("booking_items", 1, ["1", "Camera II"]),
            ("payments", 1, ["payment", "12.50"]),
            // That it was made, its dates, the line, the payment and the comment.
            ("activities", 5, ["comment", "{\"comment\":\"Bring a tripod.\"}"]),
        ] {
            let file = family.export(&t, resource).await;
            let mut table = csv::Reader::from_reader(file.as_bytes());
            let names = table.headers().expect("names").clone();
            let has = |name: &str| names.iter().any(|column| column == name);
            assert!(has("booking_internal_id") && has("created_at"), "{names:?}");
            // What only requests give is no part of a record.
            let given = ["confirm_shortage", "receipt_id", "attachment_id"];
            assert!(!given.into_iter().any(has), "{names:?}");
            let rows: Vec<_> = table.records().map(|row| row.expect("a row")).collect();
            assert_eq!(rows.len(), count, "{resource}: {file}");
            assert!(rows.iter().all(|row| &row[1] == "1"), "the booking: {file}");
            let is_told = |row: &csv::StringRecord| {
                cells.iter().all(|cell| row.iter().any(|one| one == *cell))
            };
            assert!(rows.iter().any(is_told), "{resource}: {file}");
        }
        let names = |file: &str| file.lines().next().expect("names").to_owned();
        assert!(!names(&bookings).contains("confirm_shortage"), "{bookings}");
        assert!(!names(&items).contains("photo_ids"), "{items}");

        // Only some of them, and nothing of a booking that is gone.
        let only = |resource: &str, filter: &str| {
            family.body(json!({"resource": resource, "filter": filter, "format": "ndjson"}))
        };
        for (resource, filter, rows) in [
            ("activities", "kind = comment AND created_at > 2020-01-01T00:00:00Z", 1),
            ("payments", "method = cash AND amount > 12", 1),
            ("payments", "booking_internal_id = 2", 0),
            ("booking_items", "quantity > 1", 0),
            // Times by the owner's clock, as lists take them.
            ("bookings", "start_at = 2031-06-10T10:00:00", 1),
            ("bookings", "start_at > \"2031-06-10T10:00\" AND end_at <= 2031-06-12", 0),
            ("payments", "paid_at > 2020-01-01", 1),
        ] {
            let path = "/api/saas/me/exports";
            let asked = t.post(path, &only(resource, filter)).await.is(202);
            let done = family.finished(&t, asked.header("location")).await;
            assert_eq!(
                (&done["row_count"], &done["status"]),
                (&json!(rows), &json!("done")),
                "{filter}"
            );
        }
        // A line names what a record is related to, and says nothing else of it.
        let asked = json!({"resource": "booking_items", "format": "ndjson"});
        let file = family.export_as(&t, asked).await;
        let line: Value = serde_json::from_str(&file).expect("a line");
        assert_eq!(line["item"].as_object().expect("an object").len(), 1, "{line}");
        let done = t.get("/api/saas/me/exports?filter[status]=done&sort=-created_at").await.is(200);
        let done = family.all(&done.json());
        assert!(done.len() >= 8 && done.iter().all(|one| one["file_url"].is_string()), "{done:?}");
        t.delete("/api/saas/me/bookings/1").await.is(204);
        for resource in ["booking_items", "payments", "activities"] {
            let file = family.export(&t, resource).await;
            assert_eq!(file.lines().count(), 1, "{resource}: {file}");
        }
        let trail = family.export(&t, "audit_entries").await;
        assert!(trail.starts_with("sequence,") || trail.contains("resource_type"), "{trail}");
        let unknown = json!({"resource": "owners", "file_id": "x"});
        let refused = t.post("/api/saas/me/imports", &family.body(unknown)).await.is(422);
        assert!(refused.text.contains("/data/attributes/resource"), "{}", refused.text);
        let unknown = json!({"resource": "items", "attachment_id": "x"});
        let refused = t.post("/api/saas/me/imports", &family.body(unknown)).await.is(422);
        assert!(refused.text.contains("/data/attributes/attachment_id"), "{}", refused.text);
    });
}

#[test]
fn rooms_and_zip_codes_go_out_and_rooms_come_in() {
    run(async {
        let (t, family) = (Tenant::of("cleaning").await, CLEANING);
        let file = "name,minutes,price\nSauna,30,12.5\nSauna,30,12.5\n";
        let done = family.import(&t, file, json!({"resource": "rooms"})).await;
        assert_eq!((&done["createdCount"], &done["failedCount"]), (&json!(1), &json!(1)), "{done}");
        let error = &done["errors"][0];
        assert_eq!((&error["row"], &error["code"]), (&json!(2), &json!("duplicate")), "{done}");
        let rooms = family.export(&t, "rooms").await;
        assert!(rooms.contains("Sauna"), "{rooms}");
        let codes = family.export(&t, "zip_codes").await;
        assert!(codes.starts_with("id,"), "{codes}");
        let upsert = json!({"resource": "rooms", "mode": "Upsert", "fileId": "x"});
        let refused = t.post("/imports", &upsert).await.is(400);
        assert!(refused.text.contains("\"modeId\""), "{}", refused.text);
    });
}
