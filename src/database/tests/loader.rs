//! Reads by id that are answered together, on a real PostgreSQL.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Text};
use futures_util::future::join_all;
use steward_database::{Connection, Database, PoolMode, Record, ResultExt};
use steward_kernel::{Error, Kind, Result, TenantId};
use support::TestDatabase;

/// The clients of a tenant, known by the number at the end of their ids.
#[derive(Debug, Clone, diesel::QueryableByName)]
struct Client {
    #[diesel(sql_type = BigInt)]
    tenant_id: i64,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = Text)]
    name: String,
}

/// Statements run, by all tests that run in this process: only one counts them.
static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

impl Record for Client {
    fn id(&self) -> i64 {
        self.number
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Client", id)
    }

    // Row-level security alone keeps the tenants apart here.
    async fn many(mut connection: &Connection, _: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        use diesel_async::RunQueryDsl;

        STATEMENTS.fetch_add(1, Ordering::Relaxed);
        diesel::sql_query(
            "SELECT tenant_id, split_part(client_id, '-', 2)::bigint AS number, name
             FROM platform.clients WHERE split_part(client_id, '-', 2)::bigint = ANY ($1)",
        )
        .bind::<Array<BigInt>, _>(ids)
        .load(&mut connection)
        .await
        .or_internal()
    }
}

async fn record(test: &TestDatabase, tenant: TenantId, number: i64) {
    let sql = format!(
        "INSERT INTO platform.clients (tenant_id, client_id, name, secret_hash)
         VALUES ({tenant}, '{tenant}-{number}', 'n{number}', '')"
    );
    test.owner.batch_execute(&sql).await.expect("client");
}

async fn load(database: &Database, tenant: TenantId, number: i64) -> Result<Client> {
    let database = database.clone();
    tokio::spawn(async move { database.get(tenant, number).await }).await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_once_share_statements_and_see_their_own_tenant() {
    for mode in [PoolMode::Session, PoolMode::Transaction] {
        let test = TestDatabase::new().await;
        let database = test.pool_in(mode, 3);
        let tenants = [test.tenant().await, test.tenant().await];
        for (number, tenant) in (1..=8).flat_map(|n| tenants.map(|tenant| (n, tenant))) {
            record(&test, tenant, number).await;
        }
        STATEMENTS.store(0, Ordering::Relaxed);
        let rounds = 20;
        for _ in 0..rounds {
            let calls = (0..120_usize).map(|call| {
                let tenant = tenants[call % 2];
                // Every tenth asks for a client that there is not.
                let number = if call % 10 == 9 { 1000 } else { (call % 8) as i64 + 1 };
                let database = &database;
                async move { (tenant, number, load(database, tenant, number).await) }
            });
            for (tenant, number, found) in join_all(calls).await {
                match found {
                    Ok(client) => {
                        assert_eq!((client.tenant_id, client.number), (tenant.0, number));
                        assert_eq!(client.name, format!("n{number}"));
                    }
                    Err(error) => {
                        assert_eq!((number, error.kind()), (1000, Kind::NotFound));
                        assert_eq!(error.resource(), Some(("Client", "1000")));
                    }
                }
            }
        }
        let statements = STATEMENTS.load(Ordering::Relaxed);
        assert!(
            statements < rounds * 120 / 4,
            "{statements} statements for {} calls",
            rounds * 120
        );
        // Their connections come back.
        while database.status().available < database.status().size {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_sees_what_was_committed_before_it() {
    let test = TestDatabase::new().await;
    let database = test.pool_in(PoolMode::Session, 3);
    let tenant = test.tenant().await;
    record(&test, tenant, 1).await;
    let asking = tokio::spawn({
        let database = database.clone();
        async move {
            loop {
                join_all((0..16).map(|_| load(&database, tenant, 1))).await;
            }
        }
    });
    for version in 0..200 {
        let sql = format!("UPDATE platform.clients SET name = 'v{version}'");
        test.owner.batch_execute(&sql).await.expect("update");
        let seen = load(&database, tenant, 1).await.expect("found").name;
        assert_eq!(seen, format!("v{version}"));
    }
    asking.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_reaches_all_who_wait_and_nobody_after() {
    let test = TestDatabase::new().await;
    let database = test.pool_in(PoolMode::Session, 2);
    let tenant = test.tenant().await;
    record(&test, tenant, 1).await;
    load(&database, tenant, 1).await.expect("found");

    // The owner holds the table, so that the reads are in PostgreSQL when they are cut off.
    let lock = "BEGIN; LOCK TABLE platform.clients IN ACCESS EXCLUSIVE MODE";
    test.owner.batch_execute(lock).await.expect("lock");
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move { database.get::<Client>(tenant, 1).await })
        })
        .collect();
    // One gives up; the others must not notice.
    let impatient = database.get::<Client>(tenant, 1);
    let gave_up = tokio::time::timeout(Duration::from_millis(200), impatient).await;
    gave_up.expect_err("the table is held");
    test.kill_connections().await;
    test.owner.batch_execute("ROLLBACK").await.expect("unlock");
    let mut failed = 0;
    for call in calls {
        match call.await.expect("no panic") {
            Ok(client) => assert_eq!(client.number, 1),
            Err(error) => {
                assert_eq!(error.kind(), Kind::Unavailable);
                failed += 1;
            }
        }
    }
    assert!(failed > 0, "nobody was cut off");
    load(&database, tenant, 1).await.expect("a new connection");
}
