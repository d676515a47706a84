//! Imports: rows of a file as records.
//!
//! Covers: CreateImport, GetImport, ListImports, ListImportErrors.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::support::fixtures::with;
use crate::support::server::Operator;
use crate::support::{Server, Tenant, database, eventually, http, run, with_tenant};

pub const PATH: &str = "/api/public/imports";

/// Imports a file and waits until it is done.
async fn import(t: &Tenant, resource: &str, file: &str, dry_run: bool) -> Value {
    done(t, "text/csv", file, json!({"resource": resource, "dryRun": dry_run})).await
}

/// Imports a file of a media type as `input` says, and waits until it is done.
pub async fn done(t: &Tenant, content_type: &str, file: &str, input: Value) -> Value {
    let id = t.file("rows", content_type, file.as_bytes()).await;
    let input = with(input, json!({"fileId": id}));
    let path = format!("{PATH}/{}", t.post(PATH, &input).await.is(202).id());
    eventually("the import", Duration::from_secs(60), async || {
        let import = t.get(&path).await.is(200).value();
        let state = import["state"].as_str().expect("a state");
        matches!(state, "Done" | "Failed").then_some(import)
    })
    .await
}

/// Row, column and message of everything that was wrong.
pub async fn faults(t: &Tenant, import: &Value) -> Vec<(i64, String, String)> {
    let page = t.get(&format!("{PATH}/{}/errors", import["id"])).await.is(200).json();
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let fault = |one: &Value| {
        (one["row"].as_i64().expect("a row"), text(&one["column"]), text(&one["message"]))
    };
    page["items"].as_array().expect("items").iter().map(fault).collect()
}

pub fn counts(import: &Value) -> [i64; 3] {
    ["rowCount", "createdCount", "failedCount"].map(|name| import[name].as_i64().expect("a count"))
}

pub async fn total(t: &Tenant, path: &str) -> i64 {
    t.get(path).await.is(200).json()["totalItems"].as_i64().expect("a total")
}

const OWNERS: &str = "\u{feff}email,name,address.city,authorizedAmount,status\r\n\
    ann@example.com,\"Ann, \"\"A\"\"\",Utrecht,12.50,Active\r\n\
    not an address,Bob,,1,\r\n\
    cees@example.com,'=Cees,,,\r\n\
    ann@example.com,Other Ann,,,\r\n\
    dora@example.com,Dora,,many,\r\n\
    short@example.com\r\n";

#[test]
fn good_rows_become_records_and_bad_ones_are_told() {
    with_tenant(async |t| {
        let done = import(&t, "owners", OWNERS, false).await;
        assert_eq!((&done["state"], counts(&done)), (&json!("Done"), [6, 2, 4]), "{done}");
        let owners = t.get("/api/public/Owners").await.is(200).json();
        let [ann, cees] = owners["items"].as_array().expect("items").as_slice() else {
            panic!("{owners}")
        };
        assert_eq!((&ann["name"], &ann["authorizedAmount"]), (&json!("Ann, \"A\""), &json!(12.5)));
        assert_eq!(ann["address"]["city"], "Utrecht");
        assert_eq!(ann["userStatus"], "Uninvited", "an import invites nobody");
        assert_eq!(cees["name"], "=Cees");
        let faults = faults(&t, &done).await;
        let places: Vec<_> = faults.iter().map(|(row, column, _)| (*row, &**column)).collect();
        assert_eq!(
            places,
            [(2, "email"), (4, "email"), (5, "authorizedAmount"), (6, "")],
            "{faults:?}"
        );
        let page = t.get(&format!("{PATH}/{}/errors", done["id"])).await.is(200).json();
        let told = |one: &Value| {
            assert_eq!(one["detail"], one["message"]);
            format!("{} {}", one["code"], one["pointer"]).replace('"', "")
        };
        let told: Vec<String> = page["items"].as_array().expect("items").iter().map(told).collect();
        let expected = [
            "invalid_format /email",
            "user_already_exists /email",
            "invalid_format /authorizedAmount",
            "invalid_format ",
        ];
        assert_eq!(told, expected, "{page}");

        // Each row is a change like any other.
        let events = t.get("/api/public/audit-entries?filter=resource_type%20%3D%20owner").await;
        let events = events.is(200).json();
        assert_eq!(events["items"].as_array().map(Vec::len), Some(2));
        assert_eq!(events["items"][0]["clientId"], t.client_id);
    });
}

#[test]
fn a_dry_run_checks_and_writes_nothing() {
    with_tenant(async |t| {
        let done = import(&t, "owners", OWNERS, true).await;
        assert_eq!((&done["state"], counts(&done)), (&json!("Done"), [6, 2, 4]), "{done}");
        assert_eq!(total(&t, "/api/public/Owners").await, 0);
    });
}

#[test]
fn rows_below_a_record_name_it() {
    with_tenant(async |t| {
        let (owner, property) = (t.owner().await, t.property().await);
        let file = format!("ownerId,name\n{owner},First\n{owner},Second\n0,Nobody\nx,None\n");
        let done = import(&t, "owner_companies", &file, false).await;
        assert_eq!(counts(&done), [4, 2, 2], "{done}");
        let file = format!("propertyId,ownerId,customUnitId,floor\n{property},{owner},A-1,3\n");
        assert_eq!(counts(&import(&t, "property_units", &file, false).await), [1, 1, 0]);
        let units = t.get(&format!("/api/public/PropertyUnit?propertyId={property}")).await.json();
        assert_eq!(units["items"][0]["floor"], 3);
        let tag = t.tag("Roofs").await;
        let file = format!("email,name,tags\np@example.com,Pat,[{tag}]\nq@example.com,Q,Roofs\n");
        let done = import(&t, "service_providers", &file, false).await;
        assert_eq!(faults(&t, &done).await.len(), 1);
        let found = t.get("/api/public/service-providers").await.json();
        assert_eq!(found["items"][0]["tags"], json!(["Roofs"]));
    });
}

#[test]
fn an_export_can_be_imported_elsewhere() {
    with_tenant(async |t| {
        let body = json!({"email": "a@example.com", "name": "+Anna", "companyName": "A, B & C",
            "address": {"street": "Long Lane", "number": "1", "city": "Delft"}});
        t.post("/api/public/Owners", &body).await.is(201);
        let id = t.post("/api/public/exports", &json!({"resource": "owners"})).await.is(202).id();
        let path = format!("/api/public/exports/{id}");
        eventually("the export", Duration::from_secs(60), async || {
            (t.get(&path).await.is(200).json()["state"] == "Done").then_some(())
        })
        .await;
        let url = t.get(&format!("{path}/download")).await.is(200).json();
        let url = url["url"].as_str().expect("a URL");
        let file = http::send(http::request("GET", url)).await.is(200).text;
        let other = Tenant::fresh().await;
        let done = import(&other, "owners", &file, false).await;
        assert_eq!(counts(&done), [1, 1, 0], "{:?}", faults(&other, &done).await);
        let copy = other.get("/api/public/Owners").await.json()["items"][0].clone();
        assert_eq!((&copy["name"], &copy["companyName"]), (&json!("+Anna"), &json!("A, B & C")));
        assert_eq!(copy["address"]["city"], "Delft");
    });
}

#[test]
fn a_file_that_is_no_table_of_the_resource_is_refused_whole() {
    with_tenant(async |t| {
        for (file, told) in [
            ("email,shoeSize\na@example.com,44\n", "\"shoeSize\""),
            ("email,email\na@example.com,b\n", "twice"),
        ] {
            let done = import(&t, "owners", file, false).await;
            assert_eq!((&done["state"], counts(&done)), (&json!("Failed"), [0, 0, 0]));
            assert!(done["failure"].as_str().expect("text").contains(told), "{done}");
        }
        let missing = import(&t, "owner_companies", "name\nX\n", false).await;
        assert!(missing["failure"].as_str().expect("text").contains("\"ownerId\""), "{missing}");

        let input = json!({"resource": "secrets", "fileId": "x"});
        assert_eq!(t.post(PATH, &input).await.refused(400, "bad-request"), ["resource"]);
        let input = json!({"resource": "tags", "fileId": "1.2.3.x"});
        assert_eq!(t.post(PATH, &input).await.refused(400, "bad-request"), ["fileId"]);
        let other = Tenant::fresh().await;
        let foreign = other.file("rows.csv", "text/csv", b"name\nX\n").await;
        let input = json!({"resource": "tags", "fileId": foreign});
        assert_eq!(t.post(PATH, &input).await.refused(400, "bad-request"), ["fileId"]);
        other.get(&format!("{PATH}/{}", missing["id"])).await.is(404);
        other.get(&format!("{PATH}/{}/errors", missing["id"])).await.is(404);
    });
}

/// A server that is killed in the middle leaves rows that are written and not counted; the next
/// one goes on, and writes none of them again.
#[test]
fn an_import_that_was_broken_off_writes_nothing_twice() {
    run(async {
        let lease: &[&str] = &["--job-lease", "2s"];
        let server = Server::own("import-broken-off", lease).await;
        let mut operator = Operator::of(&server).await;
        let rows = 600;
        let file: String = (1..=rows).map(|row| format!("Tag {row}\n")).collect();
        let file = format!("name\n{file}");
        let post = async |operator: &Operator, path: &str, body: Value| {
            operator.send("POST", path, Some(&body)).await.value()
        };
        let announced =
            json!({"filename": "tags.csv", "contentType": "text/csv", "byteSize": file.len()});
        let upload = post(&operator, "/api/public/Attachments/uploads", announced).await;
        http::upload(&upload, file.as_bytes()).await.is(204);
        let input = json!({"resource": "tags", "fileId": upload["signedId"]});
        let path = format!("{PATH}/{}", post(&operator, PATH, input).await["id"]);
        eventually("some rows", Duration::from_secs(30), async || {
            let import = operator.send("GET", &path, None).await.is(200).json();
            (import["createdCount"].as_i64()? >= 50).then_some(())
        })
        .await;
        let data_dir = server.data_dir.clone();
        server.process.signal(Signal::SIGKILL);
        tokio::task::block_in_place(|| server.process.ended());

        let server = tokio::task::block_in_place(|| Server::start_in(&data_dir, lease));
        server.ready().await;
        operator.move_to(&server);
        let done = eventually("the import", Duration::from_secs(60), async || {
            let import = operator.send("GET", &path, None).await.is(200).json();
            (import["state"] == "Done").then_some(import)
        })
        .await;
        assert_eq!(counts(&done), [rows, rows, 0]);
        let tags = operator.send("GET", "/api/public/Tags", None).await.is(200).json();
        assert_eq!(tags["totalItems"], rows);
    });
}

/// A token works until it expires, but nothing goes on in the name of a client for longer.
#[test]
fn an_import_of_a_disabled_client_ends() {
    with_tenant(async |t| {
        let sql = format!(
            "UPDATE platform.clients SET disabled_at = now() WHERE client_id = '{}'",
            t.client_id
        );
        database::write(t.id, &sql).await;
        let done = import(&t, "tags", "name\nRoofs\n", false).await;
        assert_eq!((&done["state"], counts(&done)), (&json!("Failed"), [0, 0, 0]), "{done}");
        assert!(done["failure"].as_str().expect("text").contains("disabled"), "{done}");
        assert_eq!(total(&t, "/api/public/Tags").await, 0);
    });
}

#[test]
fn errors_come_in_pages_of_rows() {
    with_tenant(async |t| {
        let id = t.import().await;
        let sql = format!(
            "INSERT INTO platform.import_errors
             SELECT {}, {id}, n, p, 'name', 'No.' FROM generate_series(1, 5) n,
               generate_series(0, 1) p",
            t.id
        );
        database::write(t.id, &sql).await;
        let path = format!("{PATH}/{id}/errors");
        let rows = |page: &Value| -> Vec<i64> {
            let items = page["items"].as_array().expect("items");
            items.iter().map(|one| one["row"].as_i64().expect("a row")).collect()
        };
        let page = t.find(&path, &[("pageSize", "2")]).await.is(200).json();
        assert_eq!((rows(&page), &page["nextCursor"]), (vec![1, 1, 2, 2], &json!(2)));
        let page = t.find(&path, &[("pageSize", "3"), ("cursor", "2")]).await.is(200).json();
        assert_eq!((rows(&page), &page["nextCursor"]), (vec![3, 3, 4, 4, 5, 5], &Value::Null));
    });
}
