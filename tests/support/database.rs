//! The database behind the shared server, seen as its owner.

use std::collections::BTreeMap;

use tokio::sync::OnceCell;
use tokio_postgres::{Client, Config, NoTls};

use super::Server;

static URL: OnceCell<String> = OnceCell::const_new();
static OWNER: OnceCell<Client> = OnceCell::const_new();

/// A connection of the test's own to the shared server's database, as its owner.
pub async fn own() -> Client {
    connect(URL.get_or_init(async || url(Server::shared().await)).await).await
}

/// A connection as the owner of the tables, shared by all tests: only for statements that need
/// no transaction of their own.
pub async fn owner() -> &'static Client {
    OWNER.get_or_init(own).await
}

/// The URL of a server's database, as its owner.
pub fn url(server: &Server) -> String {
    let output = server.command(&["database-url"]);
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    output.stdout.trim().to_owned()
}

/// A connection of the test's own.
pub async fn connect(url: &str) -> Client {
    connect_with(&url.parse().expect("a URL")).await
}

/// A connection of the test's own.
pub async fn connect_with(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.expect("a connection");
    tokio::spawn(async move {
        // Ends with the client, or with the database in tests that stop it.
        let _ = connection.await;
    });
    client
}

/// Runs `sql`, which writes rows of one tenant, with row-level security in force.
pub async fn write(tenant: i64, sql: &str) {
    let text = format!("BEGIN; SET LOCAL steward.tenant_id = '{tenant}'; {sql}; COMMIT");
    let client = own().await;
    client.batch_execute(&text).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

/// The number that `sql` answers for a tenant, whose rows it may write.
pub async fn value(tenant: i64, sql: &str) -> i64 {
    let mut client = own().await;
    let tx = client.transaction().await.expect("a transaction");
    tx.batch_execute(&format!("SET LOCAL steward.tenant_id = '{tenant}'")).await.expect("set");
    let row = tx.query_one(sql, &[]).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    tx.commit().await.expect("a commit");
    row.get(0)
}

/// What each table holds of a tenant, in short.
pub async fn digest(tenant: i64) -> BTreeMap<String, String> {
    let client = owner().await;
    let sql = "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns \
               JOIN information_schema.tables USING (table_schema, table_name) \
               WHERE table_schema IN ('cleaning', 'facilities', 'platform', 'rentals') AND column_name = 'tenant_id' \
               AND table_type = 'BASE TABLE'";
    let tables = client.query(sql, &[]).await.expect("the tables");
    assert!(tables.len() >= 13, "{}", tables.len());
    let mut digests = BTreeMap::new();
    for row in tables {
        let table: String = row.get(0);
        let sql = format!(
            "SELECT COALESCE(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM {table} t \
             WHERE tenant_id = {tenant}"
        );
        let mut client = own().await;
        let tx = client.transaction().await.expect("a transaction");
        tx.batch_execute(&format!("SET LOCAL steward.tenant_id = '{tenant}'")).await.expect("set");
        let row = tx.query_one(&sql, &[]).await.expect("a digest");
        digests.insert(table, row.get(0));
    }
    digests
}
