//! Attachments of units, properties, service providers and issues.
//!
//! Covers: CreateAttachmentUpload, CreateAttachment, GetAttachment, ListAttachments.
//! Covers: DeleteAttachment, BatchGetAttachments.

use std::time::Duration;

use serde_json::{Value, json};
use steward_contracts::steward::facilities::v1 as pb;
use tonic::Code;

use crate::support::{Tenant, database, eventually, http, unique, with_tenant};

const ATTACHMENTS: &str = "/api/public/Attachments";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0 and what else";
const PDF: &[u8] = b"%PDF-1.7\n1 0 obj <</Type /Pages /Count 3>> endobj";

/// One record of every kind that has attachments: the name of its id, its id, its path.
async fn parents(t: &Tenant) -> [(&'static str, i64, String); 4] {
    let (property, owner) = (t.property().await, t.owner().await);
    let unit = t.unit(property, owner).await;
    let provider = t.provider().await;
    let issue = t.issue(unit, owner, &[]).await;
    [
        ("propertyUnitId", unit, format!("/api/public/PropertyUnit/{unit}")),
        ("propertyId", property, format!("/api/public/Properties/{property}")),
        ("serviceProviderId", provider, format!("/api/public/service-providers/{provider}")),
        ("issueId", issue, format!("/api/public/Issues/{issue}")),
    ]
}

async fn uses(t: &Tenant) -> i64 {
    let sql =
        format!("SELECT COALESCE(sum(uses), 0) FROM platform.files WHERE tenant_id = {}", t.id);
    database::value(t.id, &format!("SELECT ({sql})::bigint")).await
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}

#[test]
fn a_file_is_attached_shown_and_taken_away_again() {
    with_tenant(async |t| {
        for (parent, id, path) in parents(&t).await {
            let before = t.get(&path).await.is(200);
            let shows = before.json().get("attachments").cloned();
            // Documented: null for a unit without any; elsewhere an empty list.
            let none = if parent == "propertyUnitId" { Value::Null } else { json!([]) };
            assert_eq!(shows, (parent != "propertyId").then_some(none), "{parent}");

            let file = t.file("Façade.png", "image/png", PNG).await;
            let body = json!({parent: id, "signedId": file, "title": "Front", "description": "D"});
            let made = t.post(ATTACHMENTS, &body).await.is(201);
            let attachment = made.id();
            let at = format!("{ATTACHMENTS}/{attachment}");
            assert_eq!(made.header("location"), at);
            let made = made.json();
            let mut expected = json!({
                "id": attachment, "propertyUnitId": null, "propertyId": null,
                "serviceProviderId": null, "issueId": null, "title": "Front", "description": "D",
                "filename": "Façade.png", "contentType": "image/png", "size": PNG.len(),
                "url": made["url"], "created": made["created"], "createdBy": t.client_id,
                "width": 640, "height": 480, "pages": null,
            });
            expected[parent] = json!(id);
            assert_eq!(made, expected);
            let mut read = t.get(&at).await.is(200).json();
            let (status, _, bytes) = http::fetch(text(&read, "url"), &[]).await;
            assert_eq!((status, &*bytes), (200, PNG));
            read["url"] = made["url"].clone();
            assert_eq!(read, made);

            // Without a title the name of the file stands for it.
            let file = t.file("Lease.pdf", "application/pdf", PDF).await;
            let body = json!({parent: id, "signedId": file});
            let second = t.post(ATTACHMENTS, &body).await.is(201);
            let [width, height, pages] =
                ["width", "height", "pages"].map(|fact| second.json()[fact].clone());
            assert_eq!((width, height, pages), (Value::Null, Value::Null, json!(3)));
            let second = second.id();
            let list = t.get(&format!("{ATTACHMENTS}?{parent}={id}")).await.is(200).json();
            assert_eq!(list["totalItems"], 2);
            let ids: Vec<_> =
                list["items"].as_array().expect("items").iter().map(|one| &one["id"]).collect();
            assert_eq!(ids, [attachment, second]);
            for only in ["pageSize=1&pageNo=2", "filter=pages>2"] {
                let list = format!("{ATTACHMENTS}?{parent}={id}&{only}");
                assert_eq!(t.get(&list).await.is(200).json()["items"][0]["id"], second, "{only}");
            }

            let after = t.get(&path).await.is(200);
            if parent != "propertyId" {
                let shown = &after.json()["attachments"];
                let url = text(&shown[1], "url");
                let expected = json!([
                    {"id": attachment, "name": "Front", "url": shown[0]["url"], "size": PNG.len()},
                    {"id": second, "name": "Lease.pdf", "url": url, "size": PDF.len()},
                ]);
                assert_eq!(*shown, expected, "{parent}");
                assert_eq!(http::fetch(url, &[]).await.2, PDF);
                assert_ne!(before.header("etag"), after.header("etag"), "{parent}");
            }
            for attachment in [attachment, second] {
                let at = format!("{ATTACHMENTS}/{attachment}");
                assert_eq!(t.delete(&at).await.is(204).text, "");
                t.get(&at).await.problem(404, "entity-not-found");
                t.delete(&at).await.problem(404, "entity-not-found");
            }
            let again = t.get(&path).await.is(200);
            assert_eq!(again.json().get("attachments"), before.json().get("attachments"));
            assert_eq!(again.header("etag"), before.header("etag"), "{parent}");

            // Each time the record shows other files is told; a property shows none.
            let kind = ["property_unit", "service_provider", "issue"]
                .into_iter()
                .find(|kind| parent.to_lowercase() == format!("{}id", kind.replace('_', "")));
            if let Some(kind) = kind {
                let told = format!("/api/public/events?cursor=0&types=facilities.{kind}.updated");
                let told = t.get(&told).await.is(200).json();
                let told = told["items"].as_array().expect("events");
                let text = json!(id.to_string());
                let of = told.iter().filter(|event| event["resourceId"] == text);
                assert_eq!(of.count(), 4, "{kind}");
            }
        }
        assert_eq!(uses(&t).await, 0);
    });
}

#[test]
fn grpc_clients_attach_photos_to_an_issue() {
    with_tenant(async |t| {
        use pb::attachment_service_client::AttachmentServiceClient;
        let [.., (_, issue, _)] = parents(&t).await;
        let mut client = AttachmentServiceClient::new(t.grpc().await);
        let announced = pb::CreateAttachmentUploadRequest {
            filename: "leak.png".to_owned(),
            content_type: "image/png".to_owned(),
            byte_size: PNG.len() as i64,
        };
        let upload = client.create_attachment_upload(announced).await.expect("an upload");
        let upload = upload.into_inner();
        assert_eq!(upload.headers[0].name, "content-type");
        let put = http::request("PUT", &upload.url).header("content-type", "image/png").body(PNG);
        http::send(put).await.is(204);
        let input = pb::AttachmentInput {
            issue_id: Some(issue),
            signed_id: upload.signed_id,
            ..pb::AttachmentInput::default()
        };
        let made = client
            .create_attachment(pb::CreateAttachmentRequest { attachment: Some(input) })
            .await
            .expect("an attachment")
            .into_inner();
        assert_eq!((made.issue_id, &*made.content_type), (Some(issue), "image/png"));
        let mut issues = pb::issue_service_client::IssueServiceClient::new(t.grpc().await);
        let issue = issues.get_issue(pb::GetIssueRequest { issue_id: issue }).await;
        let photos = issue.expect("the issue").into_inner().attachments;
        assert_eq!((photos[0].id, &*photos[0].name), (made.id, "leak.png"));
        // A stale etag deletes nothing; the one it has does.
        let mut delete =
            pb::DeleteAttachmentRequest { attachment_id: made.id, etag: Some("old".to_owned()) };
        let refused = client.delete_attachment(delete.clone()).await.expect_err("a refusal");
        assert_eq!(refused.code(), Code::Aborted);
        delete.etag = Some(made.etag);
        client.delete_attachment(delete).await.expect("deleted");
    });
}

#[test]
fn urls_end_and_etags_and_events_do_not_know_them() {
    with_tenant(async |t| {
        let parents = parents(&t).await;
        let (parent, unit, path) = &parents[0];
        let file = t.file("a.png", "image/png", PNG).await;
        let body = json!({*parent: unit, "signedId": file});
        let at = format!("{ATTACHMENTS}/{}", t.post(ATTACHMENTS, &body).await.is(201).id());
        let first = [t.get(&at).await.is(200), t.get(path).await.is(200)];
        let url = |answer: &http::Answer| match answer.json().get("attachments") {
            Some(shown) => text(&shown[0], "url").to_owned(),
            None => text(&answer.json(), "url").to_owned(),
        };
        // A URL says when it ends, to the second.
        let second = eventually("other URLs", Duration::from_secs(10), async || {
            let second = [t.get(&at).await.is(200), t.get(path).await.is(200)];
            let differ = first.iter().zip(&second).all(|(one, other)| url(one) != url(other));
            differ.then_some(second)
        })
        .await;
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(first.resource_etag(), second.resource_etag());
            // Who has a URL that is good for long needs no other. Who knows the resource alone gets
            // one.
            let asked = async |etag: &str| {
                http::send(t.request("GET", &first.path).header("if-none-match", etag)).await
            };
            asked(second.header("etag")).await.is(304);
            let known = format!("\"{}\"", first.resource_etag());
            assert!(!url(&asked(&known).await.is(200)).is_empty());
        }
        // A change that changes nothing is none, although the URLs differ.
        let events = async || {
            let found = t.get("/api/public/events?cursor=0&pageSize=100").await.is(200).json();
            found["items"].as_array().expect("items").clone()
        };
        let update = json!({"ownerId": second[1].json()["owner"]["id"]});
        t.put(path, &update).await.is(200);
        let before = events().await.len();
        t.put(path, &update).await.is(200);
        assert_eq!(events().await.len(), before);
        t.put(path, &json!({"ownerId": update["ownerId"], "floor": 7})).await.is(200);
        let found = events().await;
        assert_eq!(found.len(), before + 1);
        let changed = found.last().expect("an event");
        assert_eq!(changed["changes"], json!({"floor": [null, 7]}));
        let shown = json!([{"id": shown_id(&at), "name": "a.png", "size": PNG.len()}]);
        assert_eq!(changed["resource"]["attachments"], shown);

        let if_match = |etag: &str| t.request("DELETE", &at).header("if-match", etag.to_owned());
        http::send(if_match("\"old\"")).await.problem(412, "precondition-failed");
        http::send(if_match(second[0].header("etag"))).await.is(204);
        let found = events().await;
        let types: Vec<_> = found
            .iter()
            .filter(|event| text(event, "type").starts_with("facilities.attachment."))
            .map(|event| {
                assert_eq!(event["resource"]["filename"], "a.png");
                assert_eq!(event["resource"].get("url"), None, "{event}");
                text(event, "type")
            })
            .collect();
        assert_eq!(types, ["facilities.attachment.created", "facilities.attachment.deleted"]);
    });
}

fn shown_id(path: &str) -> i64 {
    path.rsplit('/').next().and_then(|id| id.parse().ok()).expect("an id")
}

#[test]
fn a_key_attaches_once() {
    with_tenant(async |t| {
        let [(parent, id, _), ..] = parents(&t).await;
        let file = t.file("a.pdf", "application/pdf", PDF).await;
        let body = json!({parent: id, "signedId": file});
        let attach = || t.request("POST", ATTACHMENTS).header("idempotency-key", "k").json(&body);
        let first = http::send(attach()).await.is(201);
        let second = http::send(attach()).await.is(201);
        assert_eq!(first.id(), second.id());
        assert_eq!(second.header("idempotency-replayed"), "true");
        assert_eq!(uses(&t).await, 1);
        // Without a key the same file is attached again.
        t.post(ATTACHMENTS, &body).await.is(201);
        assert_eq!(uses(&t).await, 2);
    });
}

#[test]
fn announcements_are_checked() {
    with_tenant(async |t| {
        let good = json!({"filename": "a.png", "contentType": "image/png", "byteSize": 5});
        for (name, value) in [
            ("filename", json!("")),
            ("filename", json!("x".repeat(256))),
            ("contentType", json!("text/html")),
            ("contentType", json!("image/svg+xml")),
            ("contentType", json!("")),
            ("byteSize", json!(0)),
            ("byteSize", json!(-1)),
            ("byteSize", json!(10_485_761)),
        ] {
            let mut body = good.clone();
            body[name] = value;
            let refused = t.post(&format!("{ATTACHMENTS}/uploads"), &body).await;
            assert_eq!(refused.refused(400, "bad-request"), [name], "{body}");
        }
        let upload = t.post(&format!("{ATTACHMENTS}/uploads"), &good).await.is(201).json();
        let header = json!([{"name": "content-type", "value": "image/png"}]);
        assert_eq!(upload["headers"], header);
        assert!(text(&upload, "expires") > "2026", "{upload}");
    });
}

#[test]
fn only_what_was_uploaded_is_attached() {
    with_tenant(async |t| {
        let [(parent, id, _), ..] = parents(&t).await;
        let attach = async |file: &str| {
            let answer = t.post(ATTACHMENTS, &json!({parent: id, "signedId": file})).await;
            answer.problem(400, "file-upload")
        };
        // Announced, and never uploaded.
        let upload = t.announced("a.png", "image/png", PNG.len()).await;
        let file = text(&upload, "signedId");
        attach(file).await;
        // Another content than announced, of the right size.
        http::upload(&upload, &vec![b'<'; PNG.len()]).await.is(204);
        attach(file).await;
        http::upload(&upload, PNG).await.is(204);
        // Forged: another id, another end, another tenant, another use.
        let parts: Vec<_> = file.split('.').collect();
        for (place, other) in [(0, "1"), (1, "1"), (2, "99999999999"), (3, "AAAA")] {
            let mut forged = parts.clone();
            forged[place] = other;
            attach(&forged.join(".")).await;
        }
        let url = text(&upload, "url");
        let link = url.rsplit('/').next().expect("a link");
        for wrong in [link, url, "x", "..."] {
            attach(wrong).await;
        }
        // Another tenant's file.
        let stranger = Tenant::fresh().await;
        let foreign = stranger.file("a.png", "image/png", PNG).await;
        attach(&foreign).await;
        assert_eq!((uses(&t).await, uses(&stranger).await), (0, 0));
        t.post(ATTACHMENTS, &json!({parent: id, "signedId": file})).await.is(201);
        // Once attached it stays as it is.
        http::upload(&upload, PNG).await.problem(400, "file-upload");
    });
}

#[test]
fn an_attachment_belongs_to_exactly_one_record() {
    with_tenant(async |t| {
        let parents = parents(&t).await;
        let file = t.file("a.png", "image/png", PNG).await;
        let none = t.post(ATTACHMENTS, &json!({"signedId": file})).await;
        assert_eq!(none.refused(400, "bad-request"), ["propertyUnitId"]);
        t.get(ATTACHMENTS).await.problem(400, "bad-request");
        let [(one, id, _), _, _, (other, issue, _)] = &parents;
        let both = json!({*one: id, *other: issue, "signedId": file});
        let refused = t.post(ATTACHMENTS, &both).await.refused(400, "bad-request");
        assert_eq!(refused, [*other, *one]);
        let query = format!("{ATTACHMENTS}?{one}={id}&{other}={issue}");
        t.get(&query).await.problem(400, "bad-request");
        let long = json!({*one: id, "signedId": file, "title": "x".repeat(201), "description": "x".repeat(4001)});
        let refused = t.post(ATTACHMENTS, &long).await.refused(400, "bad-request");
        assert_eq!(refused, ["description", "title"]);
        // Unknown, another tenant's, or of another kind.
        let stranger = Tenant::fresh().await;
        let foreign = self::parents(&stranger).await;
        for ((name, ..), (_, foreign, _)) in parents.iter().zip(foreign) {
            for id in [foreign, 0, i64::MAX] {
                let answer = t.post(ATTACHMENTS, &json!({*name: id, "signedId": file})).await;
                answer.problem(404, "entity-not-found");
                let list = t.get(&format!("{ATTACHMENTS}?{name}={id}")).await;
                list.problem(404, "entity-not-found");
            }
        }
        let body = json!({"serviceProviderId": t.owner().await, "signedId": file});
        t.post(ATTACHMENTS, &body).await.problem(404, "entity-not-found");
        assert_eq!(uses(&t).await, 0);
        // And nobody sees another tenant's.
        let at = format!("{ATTACHMENTS}/{}", t.attachment(one, *id).await);
        stranger.get(&at).await.problem(404, "entity-not-found");
        stranger.delete(&at).await.problem(404, "entity-not-found");
        t.get(&at).await.is(200);
    });
}

#[test]
fn a_record_has_at_most_a_hundred() {
    with_tenant(async |t| {
        let [(parent, id, _), ..] = parents(&t).await;
        let first = t.attachment(parent, id).await;
        let sql = format!(
            "INSERT INTO facilities.attachments (tenant_id, property_unit_id, file_id, created_by)
             SELECT tenant_id, property_unit_id, file_id, created_by
             FROM facilities.attachments, generate_series(1, 98)
             WHERE tenant_id = {tenant} AND id = {first};
             UPDATE platform.files SET uses = 99 WHERE tenant_id = {tenant}",
            tenant = t.id
        );
        database::write(t.id, &sql).await;
        // Two at once: one is the hundredth.
        let file = t.file("a.png", "image/png", PNG).await;
        let body = json!({parent: id, "signedId": file});
        let (one, other) = tokio::join!(t.post(ATTACHMENTS, &body), t.post(ATTACHMENTS, &body));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 403], "{one:?} {other:?}");
        let refused = t.post(ATTACHMENTS, &body).await.problem(403, "forbidden-action");
        assert!(text(&refused, "Detail").contains("100"), "{refused}");
        let list = t.get(&format!("{ATTACHMENTS}?{parent}={id}&pageSize=100")).await.is(200).json();
        assert_eq!(list["totalItems"], 100);
        t.delete(&format!("{ATTACHMENTS}/{first}")).await.is(204);
        t.post(ATTACHMENTS, &body).await.is(201);
    });
}

#[test]
fn what_a_record_had_attached_goes_with_it() {
    with_tenant(async |t| {
        let property = t.property().await;
        let attachment = t.attachment("propertyId", property).await;
        assert_eq!(uses(&t).await, 1);
        t.delete(&format!("/api/public/Properties/{property}")).await.is(204);
        t.get(&format!("{ATTACHMENTS}/{attachment}")).await.problem(404, "entity-not-found");
        assert_eq!(uses(&t).await, 0);
        // By whatever way it goes.
        let [(unit, id, _), .., (issue, issue_id, _)] = parents(&t).await;
        t.attachment(unit, id).await;
        t.attachment(issue, issue_id).await;
        assert_eq!(uses(&t).await, 2);
        let sql = format!("DELETE FROM facilities.issues WHERE tenant_id = {}", t.id);
        database::write(t.id, &sql).await;
        assert_eq!(uses(&t).await, 1);
    });
}

#[test]
fn a_name_of_any_letters_comes_back() {
    with_tenant(async |t| {
        let [(parent, id, _), ..] = parents(&t).await;
        let name = unique("Überg\"abe\\ ;=%/..\u{202e}");
        let file = t.file(&name, "text/plain", "één".as_bytes()).await;
        let made = t.post(ATTACHMENTS, &json!({parent: id, "signedId": file})).await.is(201).json();
        assert_eq!(made["filename"], name);
        let (status, headers, body) = http::fetch(text(&made, "url"), &[]).await;
        assert_eq!((status, &*body), (200, "één".as_bytes()));
        let disposition = headers["content-disposition"].to_str().expect("text");
        assert!(
            disposition.starts_with("attachment; filename*=UTF-8''%C3%9Cberg%22"),
            "{disposition}"
        );
        assert!(!disposition.contains('/'), "{disposition}");
    });
}
