//! Rules of the schema, read from the catalogue.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Client;

use crate::support::{database, run, with_tenant};

/// Schemas of steward.
const SCHEMAS: &str = "('cleaning', 'facilities', 'platform', 'rentals')";

/// Tables that belong to no tenant, and why.
const WITHOUT_TENANT: &[(&str, &str)] = &[
    ("platform.tenants", "the tenants themselves"),
    ("platform.signing_keys", "one set of keys signs the tokens of all tenants"),
    ("platform.job_slots", "recurring jobs of the platform itself, each slot done once"),
    ("platform.link_keys", "one set of keys signs the links of all tenants"),
    ("cleaning.tenant_leads", "companies that are no tenants yet"),
    ("platform.sign_in_attempts", "a user name is tried before anybody knows whose it is"),
];

/// Unique keys that do not start with the tenant, and why.
const GLOBAL_KEYS: &[(&str, &str)] = &[
    ("clients_client_id_key", "a token request names a client before its tenant is known"),
    ("tenants_pkey", "the tenants themselves"),
    ("cleaning_tenants_name_key", "a company's name is its own in the whole deployment"),
    ("users_id_key", "a token names a user by the id alone"),
    ("signing_keys_pkey", "one set of keys signs the tokens of all tenants"),
    ("job_slots_pkey", "recurring jobs of the platform itself, each slot done once"),
    ("identities_subject_key", "a person is one user, whosever"),
    ("refresh_tokens_token_hash_key", "a token is shown before its tenant is known"),
    ("tenant_leads_pkey", "companies that are no tenants yet"),
    ("tenant_leads_digest_key", "companies that are no tenants yet"),
    ("sign_in_attempts_pkey", "a user name is tried before anybody knows whose it is"),
    ("link_keys_pkey", "one set of keys signs the links of all tenants"),
    ("owners_store_slug_key", "a store is found by its slug before its tenant is known"),
];

/// Policies beside the tenants', and why.
const FURTHER_POLICIES: &[(&str, &str)] =
    &[("jobs_worker", "a worker takes the next job, whosever it is")];

async fn texts(client: &Client, sql: &str) -> Vec<Vec<String>> {
    let rows = client.query(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    rows.iter().map(|row| (0..row.len()).map(|column| row.get(column)).collect()).collect()
}

/// Every table, `schema.name`, but for the list of migrations.
async fn tables(client: &Client) -> Vec<String> {
    let sql = format!(
        "SELECT n.nspname || '.' || c.relname FROM pg_class c
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relkind IN ('r', 'p') AND n.nspname IN {SCHEMAS}
           AND c.relname NOT LIKE '%migrations' ORDER BY 1"
    );
    let tables: Vec<_> = texts(client, &sql).await.concat();
    assert!(tables.len() >= 14, "{tables:?}");
    tables
}

async fn tenant_tables(client: &Client) -> Vec<String> {
    let all = tables(client).await;
    let is_exempt = |table: &String| WITHOUT_TENANT.iter().any(|(name, _)| name == table);
    all.into_iter().filter(|table| !is_exempt(table)).collect()
}

#[test]
fn every_table_belongs_to_tenants() {
    run(async {
        let client = database::owner().await;
        for table in tenant_tables(client).await {
            let sql = format!(
                "SELECT format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '!' ELSE '' END
                 FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = 'tenant_id'"
            );
            assert_eq!(texts(client, &sql).await, [["bigint!"]], "{table}");
        }
    });
}

#[test]
fn every_unique_key_starts_with_the_tenant() {
    run(async {
        let client = database::owner().await;
        let sql = format!(
            "SELECT i.relname, a.attname FROM pg_index x
             JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_attribute a ON a.attrelid = i.oid AND a.attnum = 1
             WHERE x.indisunique AND n.nspname IN {SCHEMAS} AND c.relname NOT LIKE '%migrations'"
        );
        let keys = texts(client, &sql).await;
        assert!(keys.len() >= 15, "{keys:?}");
        let wrong: BTreeSet<_> =
            keys.iter().filter(|key| key[1] != "tenant_id").map(|key| key[0].as_str()).collect();
        let exempt: BTreeSet<_> = GLOBAL_KEYS.iter().map(|(name, _)| *name).collect();
        assert_eq!(wrong, exempt);
        let sql = format!(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind = 'r' AND n.nspname IN {SCHEMAS} AND NOT EXISTS
               (SELECT FROM pg_index x WHERE x.indrelid = c.oid AND x.indisprimary)"
        );
        assert_eq!(texts(client, &sql).await, Vec::<Vec<String>>::new(), "no primary key");
    });
}

#[test]
fn row_level_security_is_forced_with_a_policy_for_tenants() {
    run(async {
        let client = database::owner().await;
        let further: Vec<_> = FURTHER_POLICIES.iter().map(|(name, _)| *name).collect();
        let further = further.join(",");
        for table in tenant_tables(client).await {
            let sql = format!(
                "SELECT relrowsecurity::text, relforcerowsecurity::text FROM pg_class
                 WHERE oid = '{table}'::regclass"
            );
            assert_eq!(texts(client, &sql).await, [["true", "true"]], "{table}");
            let sql = format!(
                "SELECT polcmd::text, COALESCE(pg_get_expr(polqual, polrelid), ''),
                   COALESCE(pg_get_expr(polwithcheck, polrelid), '')
                 FROM pg_policy WHERE polrelid = '{table}'::regclass AND polname <> ALL ('{{{further}}}')"
            );
            let policies = texts(client, &sql).await;
            let isolating = "(tenant_id = platform.current_tenant())";
            let all: Vec<_> = policies.iter().filter(|policy| policy[0] != "r").collect();
            assert_eq!(all, [&["*".to_owned(), isolating.into(), isolating.into()]], "{table}");
        }
    });
}

#[test]
fn foreign_keys_stay_inside_the_tenant_and_are_indexed() {
    run(async {
        let client = database::owner().await;
        let sql = format!(
            "SELECT k.conname,
               (SELECT a.attname FROM pg_attribute a
                WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1])::text,
               k.confrelid::regclass::text,
               COALESCE((SELECT a.attname FROM pg_attribute a
                WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1]), '')::text,
               EXISTS (SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indpred IS NULL
                 AND k.conkey <@ (x.indkey::int2[])[0:array_length(k.conkey, 1) - 1])::text
             FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
             WHERE k.contype = 'f' AND n.nspname IN {SCHEMAS}"
        );
        let keys = texts(client, &sql).await;
        assert!(keys.len() >= 25, "{}", keys.len());
        for key in keys {
            let [name, column, target, target_column, indexed] = &key[..] else {
                panic!("{key:?}")
            };
            assert_eq!(column, "tenant_id", "{name}");
            let expected = if target == "platform.tenants" { "id" } else { "tenant_id" };
            assert_eq!(target_column, expected, "{name}");
            assert_eq!(indexed, "true", "{name} has no index");
        }
    });
}

/// A connection as the role the server works as, without a tenant.
async fn as_app() -> Client {
    let client = database::own().await;
    let sql = "SELECT rolname::text FROM pg_roles
               WHERE NOT rolsuper AND rolname NOT LIKE 'pg\\_%' AND has_table_privilege(rolname, 'facilities.users', 'SELECT')
                 AND rolname <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'facilities.users'::regclass)";
    let roles = texts(&client, sql).await;
    assert_eq!(roles.len(), 1, "{roles:?}");
    client
        .batch_execute(&format!("SET SESSION AUTHORIZATION \"{}\"", roles[0][0]))
        .await
        .expect("a role");
    client
}

#[test]
fn the_role_of_the_server_owns_nothing_and_bypasses_nothing() {
    run(async {
        let client = as_app().await;
        let sql = "SELECT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb)::text
                   FROM pg_roles WHERE rolname = current_user";
        assert_eq!(texts(&client, sql).await, [["false"]]);
        for (what, catalogue, owner) in [
            ("relations", "pg_class", "relowner"),
            ("functions", "pg_proc", "proowner"),
            ("schemas", "pg_namespace", "nspowner"),
            ("types", "pg_type", "typowner"),
        ] {
            let sql = format!(
                "SELECT count(*)::text FROM {catalogue} WHERE pg_get_userbyid({owner}) = current_user"
            );
            assert_eq!(texts(&client, &sql).await, [["0"]], "{what}");
        }
        for sql in [
            "CREATE TABLE facilities.mine (id int)",
            "ALTER TABLE facilities.users DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE facilities.users NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY tenant_isolation ON facilities.users",
            "TRUNCATE facilities.users",
            "ALTER ROLE CURRENT_USER BYPASSRLS",
            "CREATE SCHEMA mine",
            "SET row_security = off; SELECT * FROM facilities.users",
        ] {
            client.batch_execute(sql).await.expect_err(sql);
        }
    });
}

#[test]
fn without_a_tenant_every_table_is_empty() {
    with_tenant(async |t| {
        let (property, owner) = (t.property().await, t.owner().await);
        t.unit(property, owner).await;
        let all = database::owner().await;
        let client = as_app().await;
        for table in tenant_tables(all).await {
            let count = async |client: &Client| {
                let sql = format!("SELECT count(*)::text FROM {table}");
                // A table the role may not read at all shows nothing either.
                match client.query_one(&sql, &[]).await {
                    Ok(row) => row.get::<_, String>(0),
                    Err(error) => error.code().expect("an SQL state").code().to_owned(),
                }
            };
            let seen = count(&client).await;
            assert!(["0", "42501"].contains(&&*seen), "{table}: {seen}");
            client
                .batch_execute(&format!("SET steward.tenant_id = '{}'", t.id))
                .await
                .expect("set");
            let seen = count(&client).await;
            if ["facilities.users", "facilities.property_units"].contains(&&*table) {
                assert_eq!(seen, "1", "{table}");
            }
            client.batch_execute("SET steward.tenant_id = '-1'").await.expect("set");
            let seen = count(&client).await;
            assert!(["0", "42501"].contains(&&*seen), "{table}: {seen}");
            client.batch_execute("RESET steward.tenant_id").await.expect("reset");
        }
        // Nor can rows be written for another tenant.
        client.batch_execute(&format!("SET steward.tenant_id = '{}'", t.id)).await.expect("set");
        let other = t.id + 1;
        let sql = format!("INSERT INTO facilities.tags (tenant_id, name) VALUES ({other}, 'New')");
        let error = client.batch_execute(&sql).await.expect_err("another tenant's row");
        assert_eq!(error.code().map(tokio_postgres::error::SqlState::code), Some("42501"));
    });
}

#[test]
fn the_program_knows_the_columns_of_the_catalogue() {
    run(async {
        let client = database::owner().await;
        for (schema, source) in [
            ("cleaning", include_str!("../../src/cleaning/schema/lib.rs")),
            ("facilities", include_str!("../../src/facilities/schema/lib.rs")),
            ("rentals", include_str!("../../src/rentals/schema/lib.rs")),
        ] {
            let known = tables_of(schema, source);
            assert!(known.len() >= 3, "{schema}: {:?}", known.keys());
            for (table, columns) in known {
                knows(client, &format!("{schema}.{table}"), &columns).await;
            }
        }
    });
}

/// Compares the columns that the program knows of a table with those there are.
async fn knows(client: &Client, table: &str, columns: &[(String, String)]) {
    let sql = format!(
        "SELECT attname::text, format_type(atttypid, -1), attnotnull::text,
           (SELECT relkind::text FROM pg_class WHERE oid = attrelid)
         FROM pg_attribute
         WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped"
    );
    let stored: BTreeMap<_, _> =
        texts(client, &sql).await.into_iter().map(|row| (row[0].clone(), row)).collect();
    for (name, kind) in columns {
        let Some(column) = stored.get(name) else { panic!("{table}.{name} is not there") };
        let is_view = column[3] == "v";
        let (kind, nullable) = match kind.strip_prefix("Nullable<") {
            Some(kind) => (kind.strip_suffix('>').expect("an end"), true),
            None => (kind.as_str(), false),
        };
        assert_eq!(sql_type(kind), column[1], "{table}.{name}");
        // Columns of a view have no NOT NULL to compare with.
        if !is_view {
            assert_eq!(nullable, column[2] == "false", "{table}.{name}");
        }
    }
}

/// The SQL type of a diesel type.
fn sql_type(kind: &str) -> &str {
    match kind {
        "Int2" | "SmallInt" => "smallint",
        "Int4" | "Integer" => "integer",
        "Int8" | "BigInt" => "bigint",
        "Text" => "text",
        "Bool" => "boolean",
        "Numeric" => "numeric",
        "Jsonb" => "jsonb",
        "Timestamptz" => "timestamp with time zone",
        "Timestamp" => "timestamp without time zone",
        "Date" => "date",
        "Tstzrange" => "tstzrange",
        "Bytea" => "bytea",
        "Float8" => "double precision",
        "Array<Text>" => "text[]",
        "Array<Int4>" => "integer[]",
        "Array<Int8>" => "bigint[]",
        other => panic!("an unknown type: {other}"),
    }
}

/// Names of tables with the names and types of their columns, from `table!` macros.
fn tables_of(schema: &str, source: &str) -> BTreeMap<String, Vec<(String, String)>> {
    let mut tables = BTreeMap::new();
    let mut current = String::new();
    for line in source.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix(&format!("{schema}.")) {
            current = rest.split([' ', '(']).next().expect("a name").to_owned();
            tables.insert(current.clone(), Vec::new());
        } else if line.starts_with("joinable!") {
            current.clear();
        } else if let Some((name, kind)) = line.split_once(" -> ")
            && let Some(columns) = tables.get_mut(&current)
        {
            columns.push((name.to_owned(), kind.trim_end_matches(',').to_owned()));
        }
    }
    tables
}
