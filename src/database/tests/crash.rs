//! Whatever is killed, the next start finds everything that was committed.
//!
//! The server that gets killed is this test program itself, started again with the data
//! directory in a variable; see `plays_the_server`.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use steward_database::embedded::{Cluster, Options};
use tokio_postgres::{Client, NoTls};

const ROLE: &str = "STEWARD_TEST_SERVER_DIRECTORY";

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("steward-{name}-{}", std::process::id())))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn options(directory: &Path) -> Options {
    Options { data_dir: directory.to_owned(), pg_bin: None }
}

/// A server in a process of its own, and the process id of its PostgreSQL.
struct Server {
    process: Child,
    postgres: Pid,
}

impl Server {
    fn start(directory: &Path) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "plays_the_server", "--nocapture"])
            .env(ROLE, directory)
            .stdout(Stdio::piped())
            .spawn()
            .expect("spawn");
        let output = BufReader::new(process.stdout.take().expect("output"));
        let postgres = output
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.split("ready ").nth(1)?.trim().parse().ok())
            .expect("the server became ready");
        Self { process, postgres: Pid::from_raw(postgres) }
    }

    fn kill(&mut self) {
        self.process.kill().expect("kill");
        self.process.wait().expect("wait");
    }
}

/// Not a test of its own: a server that runs until it is killed.
#[expect(clippy::disallowed_methods, reason = "how the test tells itself which part to play")]
#[tokio::test(flavor = "multi_thread")]
async fn plays_the_server() {
    let Some(directory) = std::env::var_os(ROLE) else { return };
    let cluster = Cluster::start(&options(Path::new(&directory))).await.expect("start");
    let client = connect(cluster.owner_url()).await;
    client
        .batch_execute("CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)")
        .await
        .expect("insert");
    println!("\nready {}", cluster.process_id().expect("running"));
    std::io::stdout().flush().expect("flush");
    std::future::pending::<()>().await;
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    client
}

async fn kept(cluster: &Cluster) -> i64 {
    let client = connect(cluster.owner_url()).await;
    client.query_one("SELECT count(*) FROM kept", &[]).await.expect("count").get(0)
}

async fn within(time: Duration, what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + time;
    while !holds().await {
        assert!(Instant::now() < deadline, "not within {time:?}: {what}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn survives_the_death_of_server_postgres_and_both() {
    let directory = Directory::new("crash");

    // The server alone: PostgreSQL notices and stops in good order.
    let mut server = Server::start(&directory.0);
    let postgres = server.postgres;
    server.kill();
    within(Duration::from_secs(10), "PostgreSQL stops with its server", async || {
        kill(postgres, None).is_err()
    })
    .await;

    // Both at once; the record of the dead PostgreSQL stays behind.
    let mut server = Server::start(&directory.0);
    server.kill();
    let _ = kill(server.postgres, Signal::SIGKILL);

    // At once, while the one before may still be going down.
    let cluster = Cluster::start(&options(&directory.0)).await.expect("start after both");
    assert_eq!(kept(&cluster).await, 2);

    // PostgreSQL alone: it comes back without the server doing anything.
    let before = cluster.process_id().expect("running");
    kill(Pid::from_raw(i32::try_from(before).expect("id")), Signal::SIGKILL).expect("kill");
    let url = cluster.owner_url().to_owned();
    within(Duration::from_secs(20), "PostgreSQL is started again", async || {
        cluster.process_id().is_some_and(|now| now != before)
            && tokio_postgres::connect(&url, NoTls).await.is_ok()
    })
    .await;
    assert_eq!(kept(&cluster).await, 2);
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ignores_records_of_strangers() {
    let directory = Directory::new("stale");
    Cluster::start(&options(&directory.0)).await.expect("first").stop().await;

    // A recycled process id: this test's own, which is alive and no PostgreSQL.
    let record = format!("{}\n{}\n", std::process::id(), directory.0.join("postgres").display());
    std::fs::write(directory.0.join("postgres/postmaster.pid"), record).expect("write");
    let lock = directory.0.join("run/.s.PGSQL.5432.lock");
    std::fs::write(lock, format!("{}\n", std::process::id())).expect("write");
    // What an interrupted initdb leaves.
    std::fs::create_dir_all(directory.0.join("postgres.new-1/base")).expect("make");

    let began = Instant::now();
    let cluster = Cluster::start(&options(&directory.0)).await.expect("second");
    println!("started on an existing directory in {:?}", began.elapsed());
    assert!(!directory.0.join("postgres.new-1").exists());
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn finds_a_place_for_the_socket_of_a_long_path() {
    let parent = Directory::new("long");
    let directory = parent.0.join("d".repeat(90));
    let cluster = Cluster::start(&options(&directory)).await.expect("start");
    let url = cluster.owner_url().to_owned();
    connect(&url).await;
    cluster.stop().await;
    let place = url.split_once("%2F").and_then(|(_, rest)| rest.split_once("/steward"));
    let place = format!("/{}", place.expect("path").0.replace("%2F", "/"));
    assert!(place.starts_with("/tmp/steward-") && !Path::new(&place).exists(), "{place}");
}
