//! Exports: asked for, written, downloaded.
//!
//! Covers: CreateExport, GetExport, ListExports, GetExportDownload.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::coverage::request::Ids;
use crate::support::fixtures::{address, person, with};
use crate::support::{Tenant, database, eventually, http, with_tenant};

const PATH: &str = "/api/public/exports";

/// Asks for an export and waits until it is done.
async fn export(t: &Tenant, input: Value) -> Value {
    let accepted = t.post(PATH, &input).await.is(202);
    let path = format!("{PATH}/{}", accepted.id());
    assert_eq!(accepted.header("location"), path);
    eventually("the export", Duration::from_secs(60), async || {
        let export = t.get(&path).await.is(200).value();
        assert_ne!(export["state"], "Failed", "{export}");
        (export["state"] == "Done").then_some(export)
    })
    .await
}

/// Where an export can be downloaded.
async fn url(t: &Tenant, export: &Value) -> String {
    let path = format!("{PATH}/{}/download", export["id"]);
    t.get(&path).await.is(200).json()["url"].as_str().expect("a URL").to_owned()
}

async fn text(t: &Tenant, export: &Value) -> String {
    let answer = http::send(http::request("GET", &url(t, export).await)).await.is(200);
    assert_eq!(answer.text.len(), export["byteSize"], "{export}");
    answer.text
}

#[test]
fn a_table_has_a_row_for_every_record() {
    with_tenant(async |t| {
        let ann =
            json!({"name": "=HYPERLINK(\"x\")", "address": address(), "authorizedAmount": 12.5});
        let ann = t.post("/api/public/Owners", &with(person(), ann)).await.is(201).value();
        let bea = json!({"name": "Bea, \"B\"\nBos", "companyName": "ünï"});
        t.post("/api/public/Owners", &with(person(), bea)).await.is(201);
        let export = export(&t, json!({"resource": "owners"})).await;
        assert_eq!((&export["rowCount"], &export["format"]), (&json!(2), &json!("Csv")));

        let text = text(&t, &export).await;
        let mut table = csv::Reader::from_reader(text.as_bytes());
        let names = table.headers().expect("names").clone();
        let rows: Vec<_> = table.records().map(|row| row.expect("a row")).collect();
        let cell = |row: usize, name: &str| {
            let column = names.iter().position(|column| column == name);
            rows[row].get(column.unwrap_or_else(|| panic!("{name} in {names:?}"))).expect("a cell")
        };
        assert_eq!(rows.len(), 2);
        assert_eq!(cell(0, "id"), ann["id"].to_string());
        assert_eq!(cell(0, "name"), "'=HYPERLINK(\"x\")", "no formula");
        assert_eq!(cell(0, "address.city"), ann["address"]["city"]);
        assert_eq!(cell(0, "authorizedAmount"), "12.5");
        assert_eq!(cell(1, "name"), "Bea, \"B\"\nBos");
        assert_eq!((cell(1, "companyName"), cell(1, "address.city")), ("ünï", ""));
    });
}

#[test]
fn lines_are_what_the_reading_route_answers() {
    with_tenant(async |t| {
        let ids = [t.owner().await, t.owner().await, t.owner().await];
        let filter = format!("id > {}", ids[0]);
        let input = json!({"resource": "owners", "format": "Ndjson", "filter": filter});
        let text = text(&t, &export(&t, input).await).await;
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
        assert_eq!(lines.len(), 2);
        for (line, id) in lines.iter().zip(&ids[1..]) {
            assert_eq!(*line, t.get(&format!("/api/public/Owners/{id}")).await.is(200).value());
        }
    });
}

#[test]
fn a_download_is_taken_up_where_it_broke_off_and_by_nobody_else() {
    with_tenant(async |t| {
        t.tag("Roofs").await;
        let export = export(&t, json!({"resource": "tags"})).await;
        let whole = text(&t, &export).await;
        let url = url(&t, &export).await;
        let rest = http::send(http::request("GET", &url).header("range", "bytes=5-")).await.is(206);
        assert_eq!(rest.text, whole[5..]);
        assert!(rest.header("content-disposition").contains("tags-"));
        let forged = format!("{}x", &url[..url.len() - 1]);
        http::send(http::request("GET", &forged)).await.is(404);
        let other = Tenant::fresh().await;
        let path = format!("{PATH}/{}", export["id"]);
        other.get(&path).await.is(404);
        other.get(&format!("{path}/download")).await.is(404);
    });
}

#[test]
fn every_resource_can_be_exported() {
    with_tenant(async |t| {
        Ids::make(&t).await;
        for resource in [
            "owners",
            "managers",
            "service_providers",
            "property_users",
            "owner_companies",
            "properties",
            "property_units",
            "issues",
            "tags",
            "property_types",
            "property_unit_types",
        ] {
            for format in ["Csv", "Ndjson"] {
                let done = export(&t, json!({"resource": resource, "format": format})).await;
                assert_eq!(done["rowCount"], 1, "{done}");
                let text = text(&t, &done).await;
                let lines = if format == "Csv" { 2 } else { 1 };
                assert!(text.lines().count() >= lines, "{text}");
            }
        }
        let all = t.get(PATH).await.is(200).json();
        // One was there before.
        assert_eq!(all["items"].as_array().map(Vec::len), Some(23));
        let page = t.find(PATH, &[("pageSize", "4")]).await.is(200).json();
        let ids = |page: &Value, count: usize| -> Vec<Value> {
            let items = page["items"].as_array().expect("items").iter().take(count);
            items.map(|one| one["id"].clone()).collect()
        };
        // Their URLs are signed anew in each answer.
        assert_eq!(ids(&page, 5), ids(&all, 4));
        assert_eq!(page["nextCursor"], page["items"][3]["id"]);
    });
}

/// All owners are renamed again and again, each time at once: without a snapshot some export
/// has two names.
#[test]
fn an_export_shows_one_moment() {
    with_tenant(async |t| {
        let insert = format!(
            "INSERT INTO facilities.users (tenant_id, role, status, email, name)
             SELECT {}, 1, 1, n || '@example.com', 'name 0' FROM generate_series(1, 3000) n",
            t.id
        );
        database::write(t.id, &insert).await;
        let id = t.id;
        let renaming = async {
            for round in 1.. {
                let sql = format!("UPDATE facilities.users SET name = 'name {round}'");
                database::write(id, &format!("{sql} WHERE tenant_id = {id}")).await;
            }
        };
        let exporting = async {
            for _ in 0..3 {
                let done = export(&t, json!({"resource": "owners", "format": "Ndjson"})).await;
                assert_eq!(done["rowCount"], 3000);
                let text = text(&t, &done).await;
                let name = |line: &str| {
                    let owner: Value = serde_json::from_str(line).expect("an object");
                    owner["name"].as_str().expect("a name").to_owned()
                };
                let names: HashSet<String> = text.lines().map(name).collect();
                assert_eq!(names.len(), 1, "{names:?}");
            }
        };
        tokio::select! {
            () = exporting => {}
            () = renaming => unreachable!("it goes on for ever"),
        }
    });
}

#[test]
fn what_cannot_be_exported_is_told() {
    with_tenant(async |t| {
        for (input, field) in [
            (json!({"resource": "secrets"}), "resource"),
            (json!({"resource": "tags", "filter": "colour = red"}), "filter"),
            (json!({}), "resource"),
        ] {
            let told = t.post(PATH, &input).await.refused(400, "bad-request");
            assert_eq!(told, [field], "{input}");
        }
        let open = format!(
            "INSERT INTO platform.exports (tenant_id, resource, format, filter, state)
             SELECT {}, 'tags', 'csv', '', state FROM unnest(ARRAY['queued', 'queued', 'queued',
               'running', 'running', 'failed', 'expired']) state",
            t.id
        );
        database::write(t.id, &open).await;
        let first = format!("SELECT min(id) FROM platform.exports WHERE tenant_id = {}", t.id);
        let first = database::value(t.id, &first).await;
        t.post(PATH, &json!({"resource": "tags"})).await.problem(403, "forbidden-action");
        for (id, expected) in [(first, "not done"), (first + 5, "failed"), (first + 6, "expired")] {
            let answer = t.get(&format!("{PATH}/{id}/download")).await;
            let problem = answer.problem(403, "forbidden-action");
            assert!(problem["Detail"].as_str().expect("text").contains(expected), "{problem}");
        }
    });
}

/// A line of JSON each, as the lists of the resources have them.
#[test]
fn what_is_said_and_done_can_be_exported_too() {
    with_tenant(async |t| {
        let (manager, tag) = (t.manager().await, t.tag("Roofs").await.to_string());
        let invitation = t.invitation(manager).await;
        let unit = t.unit(t.property().await, t.owner().await).await;
        let attachment = t.attachment("propertyUnitId", unit).await;
        let lines = async |resource: &str, filter: &str| -> Vec<Value> {
            let input = json!({"resource": resource, "format": "Ndjson", "filter": filter});
            let text = text(&t, &export(&t, input).await).await;
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let shown = lines("invitations", "").await;
        assert_eq!((shown.len(), &shown[0]["id"]), (1, &json!(invitation)));
        assert_eq!(shown[0]["userName"].as_str().map(str::is_empty), Some(false));

        let shown = lines("attachments", "filename = note.txt").await;
        assert_eq!((shown.len(), &shown[0]["id"]), (1, &json!(attachment)));
        assert!(shown[0].get("url").is_none(), "a URL that ends is no part of what is kept");

        let listed = t.get("/api/public/audit-entries").await.is(200).json();
        let listed = listed["items"].as_array().expect("items");
        let shown = lines("audit_entries", "").await;
        // The exports themselves are in the trail, from the first on.
        assert!(shown.len() > listed.len());
        let one =
            shown.iter().find(|one| one["resourceId"].as_str() == Some(&tag)).expect("the tag");
        let same = listed.iter().find(|other| other["sequence"] == one["sequence"]);
        assert_eq!(Some(one), same, "as the list has it");
        assert_eq!(
            (&one["address"], &one["resource"]["name"]),
            (&json!("127.0.0.1"), &json!("Roofs"))
        );
        let only = lines("audit_entries", "resource_type = tag").await;
        assert_eq!(only.len(), 1);
        let table = export(&t, json!({"resource": "audit_entries"})).await;
        let table = text(&t, &table).await;
        assert!(table.starts_with("sequence,type,resourceType,resourceId,occurredAt,"), "{table}");
        assert!(table.contains("\"{\"\"id\"\":"), "a resource is one cell of JSON: {table}");
    });
}
