//! The embedded cluster, the migrations and the server's role, on a real PostgreSQL.

use std::path::PathBuf;

use steward_database::embedded::{Cluster, Options};
use steward_database::{SetupError, embedded, migrate, migrate_down, prepare};
use tokio_postgres::{Client, NoTls};

struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("steward-{name}-{}", std::process::id()));
        Self(path)
    }

    fn options(&self) -> Options {
        Options { data_dir: self.0.clone(), pg_bin: None }
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connect");
    tokio::spawn(connection);
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn first_start_migrates_and_serves_with_a_powerless_role() {
    let directory = Directory::new("first");
    let cluster = Cluster::start(&directory.options()).await.expect("start");

    let refused = Cluster::start(&directory.options()).await.err().expect("second");
    assert!(
        matches!(&refused, SetupError::InUse { process, .. } if *process == std::process::id().to_string()),
        "{refused}"
    );
    let beside = embedded::url_if_running(&directory.0).await.expect("lock");
    assert_eq!(beside.as_deref(), Some(cluster.owner_url()));

    // Any number of servers may start at once.
    let (first, second) = tokio::join!(prepare(cluster.owner_url()), prepare(cluster.owner_url()));
    let (first, second) = (first.expect("first"), second.expect("second"));
    assert_eq!(first.app_url, second.app_url);
    let mut applied = [first.applied, second.applied].concat();
    applied.sort_unstable();
    assert!(applied.len() >= 2 && applied.is_sorted_by(|a, b| a < b), "{applied:?}");

    let app = connect(&first.app_url).await;
    for forbidden in [
        "SELECT password FROM steward.server_role",
        "CREATE TABLE platform.mine (id int)",
        "ALTER TABLE platform.clients DISABLE ROW LEVEL SECURITY",
        "DELETE FROM steward.schema_migrations",
        "SET ROLE steward",
    ] {
        assert!(app.batch_execute(forbidden).await.is_err(), "{forbidden}");
    }

    // The role is used as it is when it is all that is given.
    let hardened = prepare(&first.app_url).await.expect("hardened");
    assert!(hardened.owner_url.is_none());
    drop(app);

    // Down to nothing and up again.
    let reverted = migrate_down(cluster.owner_url(), usize::MAX).await.expect("down");
    assert_eq!(reverted.len(), applied.len());
    let behind = prepare(&first.app_url).await.err().expect("behind");
    assert!(matches!(behind, SetupError::Behind { .. }), "{behind}");
    assert_eq!(migrate(cluster.owner_url()).await.expect("up"), applied);

    cluster.stop().await;
    assert_eq!(embedded::url_if_running(&directory.0).await.expect("lock"), None);
}
