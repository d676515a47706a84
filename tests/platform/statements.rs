//! How many statements a call costs, as PostgreSQL itself logs them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::server::Operator;
use crate::support::{Server, database, eventually, http, run, unique};

/// Statements logged since the last time, but for those that open and close transactions.
struct Statements {
    server: Server,
    owner: tokio_postgres::Client,
    seen: usize,
}

impl Statements {
    async fn since(&mut self) -> Vec<String> {
        // Lines come in the order in which they were executed, so everything before the marker
        // has arrived with it.
        let marker = unique("marker-");
        self.owner.batch_execute(&format!("SELECT '{marker}'")).await.expect("a marker");
        let log = eventually("the marker in the log", Duration::from_secs(10), async || {
            let log = self.server.process.logged();
            log.contains(&marker).then_some(log)
        })
        .await;
        let lines: Vec<&str> = log.lines().collect();
        let new = lines[self.seen..].iter();
        let is_statement = |line: &&&str| line.contains("execute ") || line.contains("statement: ");
        let is_frame = |line: &str| {
            ["BEGIN", "COMMIT", "ROLLBACK", "SET LOCAL", "marker-"]
                .iter()
                .any(|word| line.contains(word))
        };
        let found =
            new.filter(is_statement).filter(|line| !is_frame(line)).map(|line| (*line).to_owned());
        let found = found.collect();
        self.seen = lines.len();
        found
    }
}

impl Statements {
    /// How many statements a GET takes: the least of a few looks, because the server's own
    /// work in the background is logged too.
    async fn of(&mut self, t: &Operator, path: &str) -> usize {
        let mut least = usize::MAX;
        for _ in 0..3 {
            self.since().await;
            t.send("GET", path, None).await.is(200);
            let asked = self.since().await;
            assert!(!asked.is_empty(), "{path}: nothing was logged");
            least = least.min(asked.len());
        }
        assert!(least <= 3, "{path}: {least}");
        least
    }
}

#[test]
fn a_list_takes_at_most_three_statements_however_long_it_is() {
    run(async {
        let server = Server::own("statements", &[]).await;
        let owner = database::connect(&database::url(&server)).await;
        // Settings of a role hold for its next connections.
        let sql = "DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg\\_%' LOOP
              EXECUTE format('ALTER ROLE %I SET log_statement = ''all''', name);
            END LOOP; END $$";
        owner.batch_execute(sql).await.expect("a superuser");
        drop(owner);
        let data_dir = server.data_dir.clone();
        assert!(tokio::task::block_in_place(|| server.process.stop()).success());
        let arguments = ["--log", "debug", "--readiness-interval", "1h"];
        let server = tokio::task::block_in_place(|| Server::start_in(&data_dir, &arguments));
        server.ready().await;
        let t = Operator::of(&server).await;
        let owner = database::connect(&database::url(&server)).await;
        let mut statements = Statements { server, owner, seen: 0 };

        let person = || json!({"email": format!("{}@example.com", unique("s")), "name": "N"});
        let place = json!({"street": "S", "streetNumber": "1", "postCode": "P", "city": "C", "country": "C"});
        let post =
            async |path: &str, body: Value| t.send("POST", path, Some(&body)).await.is(201).id();
        let property = post("/api/public/Properties", json!({"address": place})).await;
        let unit_owner = post("/api/public/Owners", person()).await;
        let user = post("/api/public/property-users", person()).await;
        let units = format!("/api/public/PropertyUnit/{property}");
        let unit = json!({"ownerId": unit_owner, "contactId": user});
        let announced = json!({"filename": "n.txt", "contentType": "text/plain", "byteSize": 1});
        let path = "/api/public/Attachments/uploads";
        let upload = t.send("POST", path, Some(&announced)).await.is(201).json();
        http::upload(&upload, b"n").await.is(204);
        let attachment = json!({"propertyId": property, "signedId": upload["signedId"]});
        let companies = format!("/api/public/Owners/{unit_owner}/companies");
        let lists = [
            ("/api/public/Owners".to_owned(), "/api/public/Owners".to_owned()),
            ("/api/public/managers".to_owned(), "/api/public/managers".to_owned()),
            (
                "/api/public/service-providers".to_owned(),
                "/api/public/service-providers".to_owned(),
            ),
            ("/api/public/property-users".to_owned(), "/api/public/property-users".to_owned()),
            ("/api/public/Properties".to_owned(), "/api/public/Properties".to_owned()),
            (companies.clone(), companies),
            (
                format!("/api/public/Attachments?propertyId={property}"),
                "/api/public/Attachments".to_owned(),
            ),
            (format!("/api/public/PropertyUnit?propertyId={property}"), units),
            (
                "/api/public/property-categorization/property".to_owned(),
                "/api/public/property-categorization/property".to_owned(),
            ),
            (
                "/api/public/property-categorization/unit".to_owned(),
                "/api/public/property-categorization/unit".to_owned(),
            ),
        ];
        for (path, create) in lists {
            let separator = if path.contains('?') { '&' } else { '?' };
            let page = format!("{path}{separator}pageSize=");
            let answer = t.send("GET", &format!("{page}100"), None).await.is(200).json();
            let items = answer.get("items").unwrap_or(&answer);
            let mut listed = items.as_array().expect("items").len();
            let mut counts = Vec::new();
            for wanted in [1, 15, 40] {
                while listed < wanted {
                    let body = if create.ends_with("Properties") {
                        json!({"address": place})
                    } else if create.contains("PropertyUnit") {
                        unit.clone()
                    } else if create.ends_with("Attachments") {
                        attachment.clone()
                    } else {
                        json!({"email": person()["email"], "name": unique("Name ")})
                    };
                    post(&create, body).await;
                    listed += 1;
                }
                for size in [15, 100] {
                    counts.push(statements.of(&t, &format!("{page}{size}")).await);
                }
            }
            counts.dedup();
            assert_eq!(counts.len(), 1, "{path}: the count grows with the list: {counts:?}");
        }
        // A record shows its attachments in its own row.
        let unit = post(&format!("/api/public/PropertyUnit/{property}"), unit).await;
        let path = format!("/api/public/PropertyUnit/{unit}");
        let mut counts = vec![statements.of(&t, &path).await];
        for _ in 0..3 {
            let body = json!({"propertyUnitId": unit, "signedId": upload["signedId"]});
            post("/api/public/Attachments", body).await;
            counts.push(statements.of(&t, &path).await);
        }
        assert_eq!(counts, [1; 4]);
        assert!(tokio::task::block_in_place(|| statements.server.process.stop()).success());
    });
}
