//! What the platform's migration promises to the families.

mod support;

use steward_database::row_count;
use steward_kernel::text::folded;
use support::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn folds_text_as_the_kernel_does() {
    let test = TestDatabase::new().await;
    // Every letter and mark of the scripts of Europe and the Near East, and samples of others.
    let mut texts: Vec<String> = (1..0x3000_u32)
        .chain(0xa640..0xa7d0)
        .chain(0xfb00..0xff70)
        .chain(0x1_0400..0x1_0450)
        .filter_map(char::from_u32)
        .map(String::from)
        .collect();
    texts.extend(
        [
            "Éléonore ÅNGSTRÖM",
            "ΟΔΟΣ οδός",
            "Straße STRASSE ẞ",
            "İstanbul ISTANBUL ı",
            "ﬁne Ⅳ ½",
            "が か",
            "",
        ]
        .map(String::from),
    );
    let rows = test
        .owner
        .query(
            "SELECT t, platform.fold_text(t) FROM unnest($1::text[]) WITH ORDINALITY AS u (t, i) ORDER BY i",
            &[&texts],
        )
        .await
        .expect("fold");
    assert_eq!(rows.len(), texts.len());
    let differing: Vec<(String, String)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .filter(|(text, fold): &(String, String)| folded(text) != *fold)
        .collect();
    // Only letters that Unicode got after PostgreSQL's tables were made, which are left alone.
    assert!(differing.iter().all(|(text, fold)| text == fold), "{differing:#?}");
    assert!(differing.len() < 30, "{differing:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_rows_exactly() {
    let test = TestDatabase::new().await;
    test.owner
        .batch_execute(
            "CREATE TABLE platform.things (
               tenant_id bigint NOT NULL, id bigint GENERATED ALWAYS AS IDENTITY, role smallint);
             GRANT ALL ON platform.things TO PUBLIC;
             SELECT platform.count_rows_of('platform.things', 'things', 'role');",
        )
        .await
        .expect("table");
    let database = test.pool(4);
    let (tenant, other) = (test.tenant().await, test.tenant().await);
    let run = async |tenant, sql: &str| {
        database
            .transaction(tenant, |tx| async move {
                use diesel_async::SimpleAsyncConnection;
                use steward_database::ResultExt;
                (&mut &**tx).batch_execute(sql).await.or_internal()
            })
            .await
    };
    let counts = async |tenant| {
        let tx = database.read(tenant).await.expect("read");
        let of = async |kind| row_count(&tx, tenant, kind).await.expect("count");
        [of("things.1").await, of("things.2").await, of("things").await]
    };
    let fill = format!(
        "INSERT INTO platform.things (tenant_id, role) SELECT {tenant}, 1 + n % 2 FROM generate_series(1, 1000) n"
    );
    let (a, b, c) = tokio::join!(run(tenant, &fill), run(tenant, &fill), run(tenant, &fill));
    a.and(b).and(c).expect("fill");
    assert_eq!(counts(tenant).await, [1500, 1500, 0]);
    assert_eq!(counts(other).await, [0, 0, 0]);

    run(tenant, "UPDATE platform.things SET role = 2 WHERE id % 10 = 1 AND role = 1")
        .await
        .expect("move");
    run(tenant, "DELETE FROM platform.things WHERE id % 10 = 2").await.expect("delete");
    let tx = database.read(tenant).await.expect("read");
    let mut connection: &steward_database::Connection = &tx;
    let real: Vec<i64> = {
        use diesel_async::RunQueryDsl;
        diesel::sql_query("SELECT count(*) AS n FROM platform.things GROUP BY role ORDER BY role")
            .load::<Number>(&mut connection)
            .await
            .expect("real")
            .into_iter()
            .map(|row| row.n)
            .collect()
    };
    drop(tx);
    assert_eq!(counts(tenant).await[..2], real[..]);

    // What is rolled back was never counted.
    run(tenant, &format!("{fill}; SELECT 1 / 0")).await.expect_err("rolled back");
    assert_eq!(counts(tenant).await[..2], real[..]);
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

/// Rules that hold for the tables of every family, read from the catalogue.
#[tokio::test(flavor = "multi_thread")]
async fn every_table_of_a_tenant_is_walled() {
    let test = TestDatabase::new().await;
    let faults = test
        .owner
        .query(
            "WITH tables AS (
               SELECT c.oid, n.nspname || '.' || c.relname AS name, c.relrowsecurity, c.relforcerowsecurity
               FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
                 AND n.nspname NOT IN ('information_schema', 'public', 'steward')
                 AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id'))
             SELECT name || ' has no forced row-level security' FROM tables
             WHERE NOT (relrowsecurity AND relforcerowsecurity)
             UNION ALL
             SELECT name || ': the primary key does not start with tenant_id' FROM tables t
             WHERE NOT EXISTS (SELECT FROM pg_index i
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
               WHERE i.indrelid = t.oid AND i.indisprimary AND a.attname = 'tenant_id')
             UNION ALL
             SELECT name || ' has no policy' FROM tables t
             WHERE NOT EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = t.oid)",
            &[],
        )
        .await
        .expect("catalogue");
    let faults: Vec<String> = faults.iter().map(|row| row.get(0)).collect();
    assert!(faults.is_empty(), "{faults:#?}");
}
