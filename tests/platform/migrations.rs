//! The history of the schema, up, down to nothing, and up again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio_postgres::Client;

use crate::support::{Server, database, process, run};

/// The directories of all migrations, oldest first.
fn migrations() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut found: Vec<_> =
        fs::read_dir(root).expect("migrations").flatten().map(|entry| entry.path()).collect();
    found.sort();
    assert!(found.len() >= 2, "{found:?}");
    found
}

fn name(migration: &Path) -> &str {
    migration.file_name().and_then(|name| name.to_str()).expect("a name")
}

/// Everything the catalogue knows of our schemas, as text.
async fn catalogue(client: &Client) -> Vec<String> {
    let sql = "
        SELECT format('column %s.%s %s %s %s %s %s', table_schema, table_name, ordinal_position,
          column_name, data_type, is_nullable, COALESCE(column_default, generation_expression))
          FROM information_schema.columns WHERE table_schema IN ('cleaning', 'facilities', 'platform', 'rentals')
        UNION ALL SELECT format('constraint %s %s %s', conrelid::regclass, conname,
          pg_get_constraintdef(oid)) FROM pg_constraint
          WHERE connamespace::regnamespace::text IN ('cleaning', 'facilities', 'platform', 'rentals')
        UNION ALL SELECT format('index %s', indexdef) FROM pg_indexes
          WHERE schemaname IN ('cleaning', 'facilities', 'platform', 'rentals')
        UNION ALL SELECT format('function %s', pg_get_functiondef(oid)) FROM pg_proc
          WHERE pronamespace::regnamespace::text IN ('cleaning', 'facilities', 'platform', 'rentals') AND prokind = 'f'
        UNION ALL SELECT format('trigger %s', pg_get_triggerdef(oid)) FROM pg_trigger
          WHERE NOT tgisinternal
        UNION ALL SELECT format('policy %s %s %s', tablename, policyname, qual) FROM pg_policies
        UNION ALL SELECT format('view %s %s', viewname, definition) FROM pg_views
          WHERE schemaname IN ('cleaning', 'facilities', 'platform', 'rentals')
        UNION ALL SELECT format('sequence %s.%s', schemaname, sequencename) FROM pg_sequences
          WHERE schemaname IN ('cleaning', 'facilities', 'platform', 'rentals')
        ORDER BY 1";
    let rows = client.query(sql, &[]).await.expect("the catalogue");
    rows.iter().map(|row| row.get(0)).collect()
}

#[test]
fn every_migration_can_be_taken_back() {
    run(async {
        let scratch = format!("scratch_{}", std::process::id());
        let cluster = database::own().await;
        cluster.batch_execute(&format!("CREATE DATABASE {scratch}")).await.expect("a database");
        let url = database::url(Server::shared().await);
        let (head, _) = url.rsplit_once('/').expect("a database");
        let url = format!("{head}/{scratch}");
        let migrate = || -> Value {
            let arguments = ["migrate", "--database-url", &url];
            let output = tokio::task::block_in_place(|| process::run(&arguments));
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            serde_json::from_str(&output.stdout).expect("JSON")
        };
        let all: Vec<_> = migrations();
        let names: Vec<_> = all.iter().map(|migration| name(migration)).collect();
        assert_eq!(migrate(), json!({"applied": names}));
        assert_eq!(migrate(), json!({"applied": []}), "a second time there is nothing to do");

        let client = database::connect(&url).await;
        let first = catalogue(&client).await;
        assert!(first.len() > 200, "{}", first.len());
        for migration in all.iter().rev() {
            let sql = fs::read_to_string(migration.join("down.sql")).expect("down.sql");
            client
                .batch_execute(&format!("BEGIN; {sql}; COMMIT"))
                .await
                .unwrap_or_else(|error| panic!("{}: {error:?}", migration.display()));
        }
        assert_eq!(catalogue(&client).await, Vec::<String>::new(), "nothing is left");
        client.batch_execute("DELETE FROM steward.schema_migrations").await.expect("the history");
        assert_eq!(migrate(), json!({"applied": names}));
        assert_eq!(catalogue(&client).await, first);

        // A database ahead of the program, or one with another history, is left alone.
        let sql = "INSERT INTO steward.schema_migrations (name, checksum) VALUES ('29990101000000_x', 'x')";
        client.batch_execute(sql).await.expect("the future");
        let output =
            tokio::task::block_in_place(|| process::run(&["migrate", "--database-url", &url]));
        assert_eq!(output.code, Some(1), "{output:?}");
        assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
        drop(client);
        let sql = format!("DROP DATABASE {scratch} WITH (FORCE)");
        cluster.batch_execute(&sql).await.expect("the end");
        cluster
            .batch_execute(&format!("DROP ROLE IF EXISTS {scratch}_app"))
            .await
            .expect("the end");
    });
}
