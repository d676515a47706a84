//! Behind PgBouncer in transaction mode, where each transaction may get another connection.

mod support;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use futures_util::future::try_join_all;
use steward_database::{Database, PoolOptions, ResultExt, prepare};
use steward_kernel::{Result, TenantId};
use support::TestDatabase;

struct PgBouncer {
    process: Child,
    directory: PathBuf,
}

impl PgBouncer {
    /// Starts one in front of the database of `app_url`, and answers the URL to it.
    async fn start(program: &Path, app_url: &str) -> (Self, String) {
        let config: tokio_postgres::Config = app_url.parse().expect("URL");
        let tokio_postgres::config::Host::Unix(sockets) = &config.get_hosts()[0] else {
            panic!("no socket")
        };
        let user = config.get_user().expect("role");
        let password = String::from_utf8_lossy(config.get_password().expect("password"));
        let directory = PathBuf::from(format!("/tmp/steward-bouncer-{}", std::process::id()));
        std::fs::create_dir(&directory).expect("directory");
        std::fs::write(
            directory.join("pgbouncer.ini"),
            format!(
                "[databases]\n* = host={} port=5432\n[pgbouncer]\nlisten_addr =\n\
                 unix_socket_dir = {dir}\nlisten_port = 6543\nauth_type = plain\n\
                 auth_file = {dir}/users\npool_mode = transaction\ndefault_pool_size = 2\n\
                 max_client_conn = 50\n",
                sockets.display(),
                dir = directory.display()
            ),
        )
        .expect("configuration");
        std::fs::write(directory.join("users"), format!("\"{user}\" \"{password}\"\n"))
            .expect("users");

        let mut command = Command::new(program);
        command.arg(directory.join("pgbouncer.ini")).stdout(Stdio::null()).stderr(Stdio::null());
        if nix::unistd::geteuid().is_root() {
            // It refuses root as PostgreSQL does, and has to reach the socket of the latter.
            use std::os::unix::fs::MetadataExt;
            let owner = sockets.metadata().expect("sockets").uid();
            let user = nix::unistd::User::from_uid(owner.into()).expect("user").expect("account");
            std::os::unix::fs::chown(&directory, Some(owner), None).expect("chown");
            command.arg("--user").arg(&user.name);
        }
        let bouncer = Self { process: command.spawn().expect("pgbouncer"), directory };
        let url = format!(
            "postgresql://{user}:{password}@{}:6543/{}",
            bouncer.directory.display().to_string().replace('/', "%2F"),
            config.get_dbname().expect("database")
        );
        let deadline = Instant::now() + Duration::from_secs(10);
        while tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not answer");
            tokio::task::yield_now().await;
        }
        (bouncer, url)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

#[derive(diesel::QueryableByName)]
struct Counts {
    #[diesel(sql_type = BigInt)]
    mine: i64,
    #[diesel(sql_type = BigInt)]
    others: i64,
}

async fn write_and_count(database: &Database, tenant: TenantId, id: String) -> Result<Counts> {
    let id = &id;
    database
        .transaction(tenant, |tx| async move {
            diesel::sql_query(
                "INSERT INTO platform.clients (tenant_id, client_id, name, secret_hash)
                 VALUES ($1, $2, 'test', '')",
            )
            .bind::<BigInt, _>(tenant.0)
            .bind::<Text, _>(id)
            .execute(&mut &**tx)
            .await
            .or_internal()
        })
        .await?;
    let tx = database.read(tenant).await?;
    diesel::sql_query(
        "SELECT count(*) FILTER (WHERE tenant_id = $1) AS mine,
           count(*) FILTER (WHERE tenant_id <> $1) AS others FROM platform.clients",
    )
    .bind::<BigInt, _>(tenant.0)
    .get_result(&mut &*tx)
    .await
    .or_internal()
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_tenants_apart_with_connections_that_change() {
    let programs =
        ["/usr/sbin/pgbouncer", "/opt/homebrew/bin/pgbouncer", "/usr/local/bin/pgbouncer"];
    let program = programs.iter().map(Path::new).find(|path| path.exists());
    let program = program.expect("PgBouncer, which `scripts/setup.sh test` installs");
    let test = TestDatabase::new().await;
    let (_bouncer, url) = PgBouncer::start(program, &test.app_url).await;

    // The role is fit to serve with, and the database migrated: used as it is.
    let prepared = prepare(&url).await.expect("prepare");
    assert_eq!(prepared.app_url, url);

    let options = PoolOptions {
        size: 8,
        wait: Duration::from_secs(10),
        prepared_statements: false,
        ..PoolOptions::default()
    };
    let database = Database::open(&url, options).expect("pool");
    let tenants = [test.tenant().await, test.tenant().await];
    let work =
        (0..160_usize).map(|n| write_and_count(&database, tenants[n % 2], format!("client-{n}")));
    let counts = try_join_all(work).await.expect("all answered");
    assert!(counts.iter().all(|counts| counts.others == 0 && counts.mine > 0));
    assert_eq!(counts.iter().map(|counts| counts.mine).max(), Some(80));

    // A transaction that is dropped half-way gives its connection back clean.
    for _ in 0..4 {
        drop(database.read(tenants[0]).await.expect("read"));
    }
    let tx = database.read_platform().await.expect("read");
    let seen: Counts =
        diesel::sql_query("SELECT count(*) AS mine, 0::bigint AS others FROM platform.clients")
            .get_result(&mut &*tx)
            .await
            .expect("count");
    assert_eq!((seen.mine, seen.others), (0, 0));
}
