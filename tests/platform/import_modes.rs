//! Imports: changing what is there, writing all rows or none, and rows as lines of JSON.

use std::time::Duration;

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::imports::{PATH, counts, done, faults, total};
use crate::support::fixtures::address;
use crate::support::server::Operator;
use crate::support::{Server, Tenant, database, eventually, http, run, with_tenant};

pub async fn upsert(t: &Tenant, resource: &str, file: &str) -> Value {
    done(t, "text/csv", file, json!({"resource": resource, "mode": "Upsert"})).await
}

async fn all_or_nothing(t: &Tenant, resource: &str, file: &str) -> Value {
    done(t, "text/csv", file, json!({"resource": resource, "allOrNothing": true})).await
}

async fn lines(t: &Tenant, resource: &str, file: &str) -> Value {
    done(t, "application/x-ndjson", file, json!({"resource": resource})).await
}

fn updated(import: &Value) -> i64 {
    import["updatedCount"].as_i64().expect("a count")
}

/// Row and column of everything that was wrong.
async fn places(t: &Tenant, import: &Value) -> Vec<(i64, String)> {
    faults(t, import).await.into_iter().map(|(row, column, _)| (row, column)).collect()
}

#[test]
fn an_upsert_changes_what_is_there_and_creates_the_rest() {
    with_tenant(async |t| {
        let body = json!({"email": "ann@example.com", "name": "Ann", "companyName": "A"});
        let ann = t.post("/api/public/Owners", &body).await.is(201).id();
        let body = json!({"email": "max@example.com", "name": "Max"});
        t.post("/api/public/managers", &body).await.is(201);

        let file = "email,name\n ANN@example.com ,Anna\nbob@example.com,Bob\n\
            max@example.com,Owner Max\nbob@example.com,Bobby\n,Nobody\n";
        let import = upsert(&t, "owners", file).await;
        assert_eq!((counts(&import), updated(&import)), ([5, 1, 2], 2), "{import}");
        assert_eq!((&import["mode"], &import["format"]), (&json!("Upsert"), &json!("Csv")));
        // The address of a manager is no owner's, and is taken.
        assert_eq!(places(&t, &import).await, [(3, "email".to_owned()), (5, "email".to_owned())]);
        let owner = t.get(&format!("/api/public/Owners/{ann}")).await.is(200).json();
        assert_eq!((&owner["name"], &owner["companyName"]), (&json!("Anna"), &json!("A")));
        assert_eq!(total(&t, "/api/public/Owners").await, 2);

        // Each row is a change like any other, told once.
        let page = t.get("/api/public/events?cursor=0").await.is(200).json();
        let items = page["items"].as_array().expect("items");
        let told: Vec<_> = items
            .iter()
            .filter(|event| event["resourceType"] == "owner")
            .map(|event| (event["type"].as_str().expect("text"), &event["resource"]["name"]))
            .collect();
        assert_eq!(
            told,
            [
                ("facilities.owner.created", &json!("Ann")),
                ("facilities.owner.updated", &json!("Anna")),
                ("facilities.owner.created", &json!("Bob")),
                ("facilities.owner.updated", &json!("Bobby")),
            ]
        );
        let again = upsert(&t, "owners", "email,name\nbob@example.com,Bobby\n").await;
        assert_eq!((counts(&again), updated(&again)), ([1, 0, 0], 1));
        let after = t.get("/api/public/events?cursor=0").await.is(200).json();
        let imports = |page: &Value| {
            let items = page["items"].as_array().expect("items");
            items.iter().filter(|event| event["resourceType"] == "import").count()
        };
        let count = |page: &Value| page["items"].as_array().map(Vec::len).unwrap_or_default();
        let others = |page: &Value| count(page) - imports(page);
        assert_eq!(others(&after), others(&page), "what stays as it is is no event");
    });
}

#[test]
fn every_resource_with_a_key_can_be_upserted() {
    with_tenant(async |t| {
        let (owner, property) = (t.owner().await, t.property().await);
        let other = t.property().await;
        for (resource, file, next) in [
            ("managers", "email,name\nm@example.com,M\n".to_owned(), "email,name\nM@Example.com,N\n".to_owned()),
            ("service_providers", "email,name\ns@example.com,S\n".to_owned(), "email,name\ns@example.com,T\n".to_owned()),
            ("property_users", "email,name\nu@example.com,U\n".to_owned(), "email,name\nu@example.com,V\n".to_owned()),
            ("tags", "name\nroofs\n".to_owned(), "name\nRoofs\n".to_owned()),
            ("property_types", "name\nhouse\n".to_owned(), "name\nHouse\n".to_owned()),
            ("property_unit_types", "name\nflat\n".to_owned(), "name\nFlat\n".to_owned()),
            (
                "owner_companies",
                format!("ownerId,name\n{owner},Acme\n"),
                format!("ownerId,name,attentionTo\n{owner},ACME,Ann\n"),
            ),
            (
                "property_units",
                format!("propertyId,ownerId,customUnitId\n{property},{owner},A-1\n"),
                format!("propertyId,ownerId,customUnitId,floor\n{property},{owner},A-1,3\n"),
            ),
            (
                "properties",
                "customPropertyId,address.street,address.city,address.country,address.streetNumber,address.postCode,address.googlePlaceId\nP-1,Java,Delft,NL,1,1094 EM,x\n".to_owned(),
                "customPropertyId,address.street,address.city,address.country,address.streetNumber,address.postCode,address.googlePlaceId\nP-1,Bali,Delft,NL,1,1094 EM,x\n".to_owned(),
            ),
        ] {
            let import = upsert(&t, resource, &file).await;
            let told = faults(&t, &import).await;
            assert_eq!((counts(&import), updated(&import)), ([1, 1, 0], 0), "{resource} {told:?}");
            let import = upsert(&t, resource, &next).await;
            let told = faults(&t, &import).await;
            assert_eq!((counts(&import), updated(&import)), ([1, 0, 0], 1), "{resource} {told:?}");
        }
        let units = t.get(&format!("/api/public/PropertyUnit?propertyId={property}")).await.json();
        assert_eq!(units["items"][0]["floor"], 3);
        // A unit of another property is another unit, whose id is taken.
        let file = format!("propertyId,ownerId,customUnitId\n{other},{owner},A-1\n");
        assert_eq!(counts(&upsert(&t, "property_units", &file).await), [1, 0, 1]);
        // Nothing keeps two companies from having one name.
        t.post(&format!("/api/public/Owners/{owner}/companies"), &json!({"name": "acme"}))
            .await
            .is(201);
        let import = upsert(&t, "owner_companies", &format!("ownerId,name\n{owner},Acme\n")).await;
        assert_eq!(places(&t, &import).await, [(1, "name".to_owned())]);

        let id = t.file("rows", "text/csv", b"name\nx\n").await;
        let input = json!({"resource": "issues", "fileId": id, "mode": "Upsert"});
        assert_eq!(t.post(PATH, &input).await.refused(400, "bad-request"), ["mode"]);
    });
}

#[test]
fn a_dry_upsert_says_what_it_would_do() {
    with_tenant(async |t| {
        t.tag("Roofs").await;
        let input = json!({"resource": "tags", "mode": "Upsert", "dryRun": true});
        let import = done(&t, "text/csv", "name\nROOFS\nWalls\n\"\"\n", input).await;
        assert_eq!((counts(&import), updated(&import)), ([3, 1, 1], 1), "{import}");
        let tags = t.get("/api/public/Tags").await.json();
        assert_eq!((&tags["totalItems"], &tags["items"][0]["name"]), (&json!(1), &json!("Roofs")));
    });
}

/// More rows than are written from one mark to the next, and some of each kind that are refused.
#[test]
fn a_dry_run_finds_what_is_wrong_with_rows_beside_others() {
    with_tenant(async |t| {
        let mut file = "email,name\n".to_owned();
        for row in 1..=150 {
            let line = match row {
                3 | 70 | 71 => "A1@example.com,Again\n".to_owned(),
                100 => "no address,X\n".to_owned(),
                150 => "a149@example.com,Again\n".to_owned(),
                row => format!("a{row}@example.com,N{row}\n"),
            };
            file.push_str(&line);
        }
        let dry = json!({"resource": "owners", "dryRun": true});
        let dry = done(&t, "text/csv", &file, dry).await;
        assert_eq!(total(&t, "/api/public/Owners").await, 0);
        let wet = done(&t, "text/csv", &file, json!({"resource": "owners"})).await;
        assert_eq!(total(&t, "/api/public/Owners").await, 145);
        assert_eq!(counts(&wet)[2], 5, "{wet}");
        assert_eq!(counts(&dry), counts(&wet), "{dry}");
        assert_eq!(faults(&t, &dry).await, faults(&t, &wet).await);

        // A row may change what only a row before it would have made.
        let upsert = |dry: bool| json!({"resource": "owners", "mode": "Upsert", "dryRun": dry});
        let file = "email,name\nnew@example.com,New\nNEW@example.com,Newer\n";
        let dry = done(&t, "text/csv", file, upsert(true)).await;
        let wet = done(&t, "text/csv", file, upsert(false)).await;
        assert_eq!((counts(&dry), updated(&dry)), (counts(&wet), updated(&wet)));
        assert_eq!(updated(&dry), 1, "{dry}");
    });
}

#[test]
fn either_every_row_is_written_or_none() {
    with_tenant(async |t| {
        // What is wrong by itself, all of it told.
        let file = "email,name\na@example.com,A\nno address,B\nc@example.com,C\n,D\n";
        let import = all_or_nothing(&t, "owners", file).await;
        assert_eq!((&import["state"], counts(&import)), (&json!("Failed"), [4, 0, 2]), "{import}");
        assert_eq!(places(&t, &import).await, [(2, "email".to_owned()), (4, "email".to_owned())]);
        // What is wrong only beside another row.
        let file = "email,name\na@example.com,A\nb@example.com,B\nA@example.com,C\n";
        let import = all_or_nothing(&t, "owners", file).await;
        assert_eq!((&import["state"], counts(&import)), (&json!("Failed"), [3, 0, 1]), "{import}");
        assert_eq!(places(&t, &import).await, [(3, "email".to_owned())]);
        assert!(import["failure"].as_str().expect("text").contains("none was written"));
        assert_eq!(total(&t, "/api/public/Owners").await, 0);
        let seen = t.get("/api/public/audit-entries?filter=resource_type%20%3D%20owner").await;
        assert_eq!(seen.is(200).json()["items"], json!([]), "nothing has happened");

        let file = "email,name\na@example.com,A\nb@example.com,B\n";
        let input = json!({"resource": "owners", "allOrNothing": true, "dryRun": true});
        let import = done(&t, "text/csv", file, input.clone()).await;
        assert_eq!((&import["state"], counts(&import)), (&json!("Done"), [2, 2, 0]), "{import}");
        assert_eq!(total(&t, "/api/public/Owners").await, 0);
        let both = "email,name\na@example.com,A\na@example.com,B\n";
        let import = done(&t, "text/csv", both, input).await;
        assert_eq!(counts(&import), [2, 0, 1], "dry, but not blind to other rows");

        let import = all_or_nothing(&t, "owners", file).await;
        assert_eq!((&import["state"], counts(&import)), (&json!("Done"), [2, 2, 0]), "{import}");
        assert_eq!(total(&t, "/api/public/Owners").await, 2);
    });
}

/// Far more events than one statement writes: they are in the order of the rows, without a hole,
/// and a change from elsewhere comes before or after all of them.
#[test]
fn the_events_of_all_rows_come_together() {
    with_tenant(async |t| {
        let rows = 1200;
        let file: String = (1..=rows).map(|row| format!("Tag {row}\n")).collect();
        let import = all_or_nothing(&t, "tags", &format!("name\n{file}")).await;
        assert_eq!(counts(&import), [rows, rows, 0], "{import}");
        let (mut cursor, mut names, mut places) = (0, Vec::new(), Vec::new());
        loop {
            let page = t.get(&format!("/api/public/events?cursor={cursor}")).await.is(200).json();
            for event in page["items"].as_array().expect("items") {
                let sequence = event["sequence"].as_i64().expect("a number");
                assert_eq!(sequence, cursor + 1, "a hole");
                cursor = sequence;
                if event["resourceType"] == "tag" {
                    names.push(event["resource"]["name"].as_str().expect("text").to_owned());
                    places.push(sequence);
                }
            }
            if page["hasMore"] != true {
                break;
            }
        }
        let expected: Vec<String> = (1..=rows).map(|row| format!("Tag {row}")).collect();
        assert_eq!(names, expected);
        assert_eq!(places.last().expect("one") - places[0], rows - 1);
    });
}

#[test]
fn a_line_of_json_is_a_row() {
    with_tenant(async |t| {
        let file = "{\"email\": \"a@example.com\", \"name\": \"=Ann\", \"authorizedAmount\": 12.5, \
            \"address\": {\"city\": \"Delft\", \"street\": null}}\n\n\
            {\"email\": \"b@example.com\", \"name\": \"B\", \"shoeSize\": 44}\r\n\
            {\"email\": \"c@example.com\", \"name\": \"C\", \"address\": {\"town\": \"X\"}}\n\
            [1]\n{\"email\": \n{\"email\": 7, \"name\": \"D\"}\n";
        let import = lines(&t, "owners", file).await;
        assert_eq!((counts(&import), &import["format"]), ([6, 1, 5], &json!("Ndjson")), "{import}");
        let places = places(&t, &import).await;
        let places: Vec<_> = places.iter().map(|(row, name)| (*row, &**name)).collect();
        assert_eq!(places, [(2, "shoeSize"), (3, "address.town"), (4, ""), (5, ""), (6, "email")]);
        let owner = t.get("/api/public/Owners").await.json()["items"][0].clone();
        assert_eq!((&owner["name"], &owner["address"]["city"]), (&json!("=Ann"), &json!("Delft")));
        assert_eq!(owner["authorizedAmount"], 12.5);

        // The path's variables are members too, and lists are lists.
        let id = owner["id"].as_i64().expect("an id");
        let file = format!("{{\"ownerId\": {id}, \"name\": \"Acme\"}}\n{{\"name\": \"None\"}}\n");
        assert_eq!(counts(&lines(&t, "owner_companies", &file).await), [2, 1, 1]);
        let tag = t.tag("Roofs").await;
        let file =
            format!("{{\"email\": \"p@example.com\", \"name\": \"P\", \"tags\": [{tag}]}}\n");
        assert_eq!(counts(&lines(&t, "service_providers", &file).await), [1, 1, 0]);

        // What is asked for goes before what the file says it is.
        let input = json!({"resource": "tags", "format": "Ndjson"});
        let import = done(&t, "text/csv", "{\"name\": \"Walls\"}\n", input).await;
        assert_eq!(counts(&import), [1, 1, 0]);
    });
}

#[test]
fn an_exported_line_can_be_imported_elsewhere() {
    with_tenant(async |t| {
        let body = json!({"customPropertyId": "P-1", "name": "House", "address": address()});
        t.post("/api/public/Properties", &body).await.is(201);
        let input = json!({"resource": "properties", "format": "Ndjson"});
        let id = t.post("/api/public/exports", &input).await.is(202).id();
        let path = format!("/api/public/exports/{id}");
        eventually("the export", Duration::from_secs(60), async || {
            (t.get(&path).await.is(200).json()["state"] == "Done").then_some(())
        })
        .await;
        let url = t.get(&format!("{path}/download")).await.is(200).json();
        let url = url["url"].as_str().expect("a URL");
        let file = http::send(http::request("GET", url)).await.is(200).text;
        let other = Tenant::fresh().await;
        for expected in [([1, 1, 0], 0), ([1, 0, 0], 1)] {
            let input = json!({"resource": "properties", "mode": "Upsert"});
            let import = done(&other, "application/x-ndjson", &file, input).await;
            let told = faults(&other, &import).await;
            assert_eq!((counts(&import), updated(&import)), expected, "{told:?}");
        }
    });
}

/// A server that is killed when every row is written, but not committed, leaves none of them.
/// The next one begins again, and then all are there once.
#[test]
fn a_lost_server_leaves_nothing_of_an_import_of_all_or_nothing() {
    run(async {
        let lease: &[&str] = &["--job-lease", "2s"];
        let server = Server::own("import-all-or-nothing", lease).await;
        let mut operator = Operator::of(&server).await;
        let post = async |operator: &Operator, path: &str, body: Value| {
            operator.send("POST", path, Some(&body)).await.value()
        };
        post(&operator, "/api/public/Tags", json!({"name": "First"})).await;
        let rows = 50;
        let file: String = (1..=rows).map(|row| format!("Tag {row}\n")).collect();
        let file = format!("name\n{file}");
        let announced =
            json!({"filename": "tags.csv", "contentType": "text/csv", "byteSize": file.len()});
        let upload = post(&operator, "/api/public/Attachments/uploads", announced).await;
        http::upload(&upload, file.as_bytes()).await.is(204);

        // The rows are written, and their events wait for the number that is held here.
        let mut owner = database::connect(&database::url(&server)).await;
        let watcher = database::connect(&database::url(&server)).await;
        let input = json!({"resource": "tags", "fileId": upload["signedId"], "allOrNothing": true});
        let path = format!("{PATH}/{}", post(&operator, PATH, input).await["id"]);
        let holder = owner.transaction().await.expect("a transaction");
        holder.batch_execute("SET LOCAL steward.tenant_id = '1'").await.expect("set");
        holder.batch_execute("SELECT FROM platform.event_heads FOR UPDATE").await.expect("held");
        eventually("the rows to be written", Duration::from_secs(60), async || {
            let sql = "SELECT count(*) FROM pg_stat_activity \
                WHERE wait_event_type = 'Lock' AND query LIKE '%record_events%'";
            let waits: i64 = watcher.query_one(sql, &[]).await.expect("a count").get(0);
            (waits > 0).then_some(())
        })
        .await;
        let import = operator.send("GET", &path, None).await.is(200).json();
        assert_eq!((&import["state"], counts(&import)), (&json!("Running"), [rows, 0, 0]));
        let data_dir = server.data_dir.clone();
        server.process.signal(Signal::SIGKILL);
        tokio::task::block_in_place(|| server.process.ended());
        drop(holder);

        let server = tokio::task::block_in_place(|| Server::start_in(&data_dir, lease));
        server.ready().await;
        operator.move_to(&server);
        let tags = operator.send("GET", "/api/public/Tags", None).await.is(200).json();
        let found = tags["totalItems"].as_i64().expect("a total");
        assert!(found == 1 || found == rows + 1, "{found}: neither nothing nor everything");
        let import = eventually("the import", Duration::from_secs(60), async || {
            let import = operator.send("GET", &path, None).await.is(200).json();
            (import["state"] == "Done").then_some(import)
        })
        .await;
        assert_eq!(counts(&import), [rows, rows, 0]);
        let tags = operator.send("GET", "/api/public/Tags", None).await.is(200).json();
        assert_eq!(tags["totalItems"], rows + 1);
    });
}
