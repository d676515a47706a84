//! Transactions, the pool and errors, on a real PostgreSQL.

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use steward_database::{Connection, Key, PoolMode, PoolStatus, ResultExt};
use steward_kernel::{Error, Kind, Result, TenantId};
use support::TestDatabase;
use tokio::sync::Barrier;

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn number(mut connection: &Connection, sql: &str) -> Result<i64> {
    let row: Number = diesel::sql_query(sql).get_result(&mut connection).await.or_internal()?;
    Ok(row.n)
}

async fn execute(mut connection: &Connection, sql: &str) -> Result<usize> {
    diesel::sql_query(sql).execute(&mut connection).await.or_internal()
}

fn insert_client(tenant: TenantId, id: &str) -> String {
    format!(
        "INSERT INTO platform.clients (tenant_id, client_id, name, secret_hash)
         VALUES ({tenant}, '{id}', 'test', '')"
    )
}

const CLIENTS: &str = "SELECT count(*) AS n FROM platform.clients";

#[tokio::test(flavor = "multi_thread")]
async fn tenants_see_their_own_rows_alone_in_sessions() {
    tenants_see_their_own_rows_alone(PoolMode::Session).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tenants_see_their_own_rows_alone_in_transactions() {
    tenants_see_their_own_rows_alone(PoolMode::Transaction).await;
}

async fn tenants_see_their_own_rows_alone(mode: PoolMode) {
    let test = TestDatabase::new().await;
    // One connection, so that each use finds what the one before left.
    let database = test.pool_in(mode, 1);
    let (mine, other) = (test.tenant().await, test.tenant().await);
    for (tenant, id) in [(mine, "mine"), (other, "it's \\ other")] {
        let sql = insert_client(tenant, &id.replace('\'', "''"));
        let sql = &sql;
        database.transaction(tenant, |tx| async move { execute(&tx, sql).await }).await.expect(id);
    }

    let seen = "SELECT count(*) FILTER (WHERE client_id <> 'mine') AS n FROM platform.clients";
    for (tenant, others) in [(mine, 0), (mine, 0), (other, 1), (mine, 0), (other, 1)] {
        let tx = database.read(tenant).await.expect("read");
        assert_eq!(number(&tx, CLIENTS).await.expect("one"), 1);
        assert_eq!(number(&tx, seen).await.expect("whose"), others);
        // A failure, or a reader that gives up, leaves nothing behind.
        assert!(number(&tx, "SELECT 1 / 0::bigint AS n").await.is_err());
        let _ = number(&tx, "SELECT 1::bigint AS n FROM pg_sleep(0.01)").now_or_never();
    }
    let tx = database.read(mine).await.expect("read");
    let written = execute(&tx, &insert_client(mine, "by a read")).await;
    assert_eq!(written.expect_err("read-only").kind(), Kind::Unavailable);
    drop(tx);
    let tx = database.read_platform().await.expect("read");
    assert_eq!(number(&tx, CLIENTS).await.expect("none"), 0);
    drop(tx);
    for (id, seen) in [("it's \\ other", 1), ("nobody", 0), ("mi\0ne", 1), ("' OR true --", 0)] {
        let tx = database.read_by(Key::Client(id)).await.expect("read");
        assert_eq!(number(&tx, CLIENTS).await.expect(id), seen, "{id:?}");
    }

    // Rows of another tenant can neither be made nor changed.
    let sql = &insert_client(other, "forged");
    let forged = database.transaction(mine, |tx| async move { execute(&tx, sql).await }).await;
    assert_eq!(forged.expect_err("forged").kind(), Kind::Internal);
    let sql = "UPDATE platform.clients SET name = 'changed'";
    let changed = database.transaction(mine, |tx| async move { execute(&tx, sql).await }).await;
    assert_eq!(changed.expect("update"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_what_went_wrong() {
    let test = TestDatabase::new().await;
    let database = test.pool(1);
    let tenant = test.tenant().await;
    for (sql, kind) in [
        (
            "SELECT (2147483647 + n::int)::bigint AS n FROM (VALUES (1)) AS v (n)",
            Kind::InvalidArgument,
        ),
        ("SELECT (1000000::numeric(4, 2))::bigint AS n", Kind::InvalidArgument),
        ("SELECT length('\\u0000'::jsonb ->> 0)::bigint AS n", Kind::Internal),
        ("SELECT length('\"\\u0000\"'::jsonb #>> '{}')::bigint AS n", Kind::InvalidArgument),
        (
            "SELECT extract(epoch FROM timestamp '99999-01-01' + interval '300000 years')::bigint AS n",
            Kind::InvalidArgument,
        ),
        (
            "INSERT INTO platform.tenants (name) VALUES ('') RETURNING id AS n",
            Kind::InvalidArgument,
        ),
        (
            "INSERT INTO platform.tenants (name) VALUES (NULL) RETURNING id AS n",
            Kind::InvalidArgument,
        ),
        ("SELECT 1 / 0::bigint AS n", Kind::Internal),
        (
            "WITH s AS (SELECT set_config('statement_timeout', '10ms', true)) SELECT n FROM s,
            (SELECT 1::bigint AS n) AS one",
            Kind::Unavailable,
        ),
    ] {
        let result = database
            .transaction(tenant, |tx| async move {
                let n = number(&tx, sql).await?;
                // The last case has set a timeout that this one meets.
                execute(&tx, "SELECT pg_sleep(5)").await?;
                Ok(n)
            })
            .await;
        assert_eq!(result.expect_err(sql).kind(), kind, "{sql}");
    }

    let tx = database.read(tenant).await.expect("read");
    let zero = diesel::sql_query("SELECT length($1)::bigint AS n")
        .bind::<Text, _>("a\0b")
        .get_result::<Number>(&mut &*tx)
        .await
        .or_internal();
    assert_eq!(zero.err().map(|error| error.kind()), Some(Kind::InvalidArgument));
    drop(tx);

    let tx = database.read(tenant).await.expect("read");
    let written = execute(&tx, "INSERT INTO platform.tenants (name) VALUES ('x')").await;
    assert_eq!(written.expect_err("read-only").kind(), Kind::Unavailable);
    drop(tx);

    let sql = &insert_client(tenant, "twice");
    let twice = database
        .transaction(tenant, |tx| async move {
            execute(&tx, sql).await?;
            diesel::sql_query(sql)
                .execute(&mut &**tx)
                .await
                .on_constraint("clients_pkey", || Error::rule("client_id", "taken"))
        })
        .await;
    assert_eq!(twice.expect_err("twice").message(), "taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_nothing_of_what_failed_or_was_cancelled() {
    let test = TestDatabase::new().await;
    let database = test.pool(1);
    let tenant = test.tenant().await;
    let sql = &insert_client(tenant, "half");
    let count = async || {
        let tx = database.read(tenant).await.expect("read");
        number(&tx, CLIENTS).await.expect("count")
    };

    // An error that was passed over must not look like success.
    let passed_over = database
        .transaction(tenant, |tx| async move {
            execute(&tx, sql).await?;
            let _ = execute(&tx, "SELECT 1 / 0").await;
            Ok(())
        })
        .await;
    assert_eq!(passed_over.expect_err("passed over").kind(), Kind::Internal);
    assert_eq!(count().await, 0);

    // Cancelled between statements, in a statement, and before any.
    for (after_insert, statement) in
        [(true, None), (true, Some("SELECT pg_sleep(0.2)")), (false, None)]
    {
        let (reached, reach) = tokio::sync::oneshot::channel::<()>();
        let reached = std::sync::Mutex::new(Some(reached));
        let work = database.transaction(tenant, |tx| {
            let reached = reached.lock().expect("lock").take();
            async move {
                if after_insert {
                    execute(&tx, sql).await?;
                }
                if let Some(reached) = reached {
                    let _ = reached.send(());
                }
                match statement {
                    Some(statement) => execute(&tx, statement).await.map(|_| ()),
                    None => std::future::pending().await,
                }
            }
        });
        tokio::select! {
            biased;
            _ = reach => {}
            _ = work => panic!("ended before it was cancelled"),
        }
        assert_eq!(count().await, 0, "{after_insert} {statement:?}");
    }

    // At every single point where it can be cancelled.
    for polls in 0..40 {
        let mut work = Box::pin(database.transaction(tenant, |tx| async move {
            execute(&tx, sql).await?;
            execute(&tx, "SELECT 1").await?;
            Err::<(), _>(Error::rule("x", "never committed"))
        }));
        for _ in 0..polls {
            if (&mut work).now_or_never().is_some() {
                break;
            }
            tokio::task::yield_now().await;
        }
        drop(work);
        assert_eq!(count().await, 0, "after {polls} polls");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tries_again_after_a_deadlock() {
    let test = TestDatabase::new().await;
    let database = test.pool(2);
    let tenant = test.tenant().await;
    for id in ["a", "b"] {
        let sql = &insert_client(tenant, id);
        database.transaction(tenant, |tx| async move { execute(&tx, sql).await }).await.expect(id);
    }
    let both_hold_one = Barrier::new(2);
    let attempts = AtomicU32::new(0);
    let rename = async |first: &str, second: &str| {
        let (barrier, attempts) = (&both_hold_one, &attempts);
        let tried = AtomicU32::new(0);
        let tried = &tried;
        database
            .transaction(tenant, |tx| async move {
                attempts.fetch_add(1, Ordering::Relaxed);
                let update = |id| {
                    format!(
                        "UPDATE platform.clients SET name = name || 'x' WHERE client_id = '{id}'"
                    )
                };
                execute(&tx, &update(first)).await?;
                if tried.fetch_add(1, Ordering::Relaxed) == 0 {
                    barrier.wait().await;
                }
                execute(&tx, &update(second)).await
            })
            .await
    };
    let (one, other) = tokio::join!(rename("a", "b"), rename("b", "a"));
    one.expect("one");
    other.expect("other");
    assert!(attempts.into_inner() >= 3, "they did not meet");
    let tx = database.read(tenant).await.expect("read");
    let twice = "SELECT count(*) AS n FROM platform.clients WHERE name = 'testxx'";
    assert_eq!(number(&tx, twice).await.expect("count"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn gives_up_waiting_and_recovers() {
    let test = TestDatabase::new().await;
    let database = Arc::new(test.pool(2));
    let tenant = test.tenant().await;
    database.check_ready().await.expect("ready");

    // All connections are taken: the next call is told so, within the wait.
    let held =
        (database.read(tenant).await.expect("first"), database.read(tenant).await.expect("second"));
    let began = Instant::now();
    let refused = database.read(tenant).await.err().expect("third");
    assert_eq!(refused.kind(), Kind::Unavailable);
    assert!(refused.retry_after().is_some());
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    drop(held);
    assert_eq!(database.status(), PoolStatus { limit: 2, size: 2, available: 2, waiting: 0 });

    // A connection that dies under a statement fails that call alone.
    let tx = database.read(tenant).await.expect("read");
    number(&tx, CLIENTS).await.expect("alive");
    test.kill_connections().await;
    let lost = number(&tx, CLIENTS).await.expect_err("killed");
    assert_eq!(lost.kind(), Kind::Unavailable);
    drop(tx);
    for _ in 0..4 {
        let tx = database.read(tenant).await.expect("read");
        number(&tx, CLIENTS).await.expect("a new connection");
    }

    // A database that takes no connections is unavailable, and back when it does.
    let admin = support::admin().await;
    let name: String =
        test.owner.query_one("SELECT current_database()::text", &[]).await.expect("name").get(0);
    admin
        .batch_execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"))
        .await
        .expect("close");
    test.kill_connections().await;
    assert_eq!(database.check_ready().await.expect_err("closed").kind(), Kind::Unavailable);
    admin
        .batch_execute(&format!("ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true"))
        .await
        .expect("open");
    database.check_ready().await.expect("open again");

    // A database that is behind is not ready.
    steward_database::migrate_down(&test.owner_url, 1).await.expect("down");
    assert_eq!(database.check_ready().await.expect_err("behind").kind(), Kind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_as_a_lack_that_passes() {
    let test = TestDatabase::new().await;
    let database = test.pool(1);
    let tenant = test.tenant().await;
    for words in ["No space left on device", "Disk quota exceeded"] {
        let sql = format!(
            "DO $$ BEGIN RAISE 'could not extend file \"base/5/1247\": {words}' \
             USING ERRCODE = 'disk_full'; END $$"
        );
        let refused = database.transaction(tenant, |tx| {
            let sql = &sql;
            async move { execute(&tx, sql).await }
        });
        let refused = refused.await.expect_err("no room");
        assert_eq!(refused.kind(), Kind::Unavailable, "{words}");
        assert!(refused.retry_after().is_some());
    }
}
