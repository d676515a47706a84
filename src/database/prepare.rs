//! From a database URL to one the server may run with: migrated, and through a role that
//! owns nothing and cannot bypass row-level security.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use tokio_postgres::Client;
use url::Url;

use crate::migrate::{self, LOCK};
use crate::setup::{Context, SetupError, connect, parse};

/// A database that is ready to be served from.
#[derive(Clone)]
pub struct Prepared {
    /// For the pool: a role that owns nothing and cannot bypass row-level security. Holds a
    /// password, so it must not be logged.
    pub app_url: String,
    /// What was given, when its role may change the schema.
    pub owner_url: Option<String>,
    /// Names of the migrations that were applied just now.
    pub applied: Vec<&'static str>,
}

/// Makes the database at `url` ready.
///
/// A role that may change the schema (the owner of the database, a superuser, the embedded
/// cluster's own) migrates it, then makes or refreshes the role `<database>_app` for the
/// server, whose password only the owner can read; several servers share it. A role that may
/// not, as in a hardened set-up or behind `PgBouncer`, is used as it is, once the schema is
/// found migrated and the role unable to bypass row-level security.
///
/// # Errors
/// When the database cannot be reached, cannot be migrated, lacks migrations that this role
/// may not apply, or the role is not fit to serve with.
pub async fn prepare(url: &str) -> Result<Prepared, SetupError> {
    let config = parse(url)?;
    let mut client = connect(&config).await?;
    // In a transaction, so that a pooler keeps to one server for the statements prepared here.
    let checks = client.transaction().await.context("Looking at the database")?;
    check_version(checks.client()).await?;
    if !may_change_schema(checks.client()).await? {
        check_role(checks.client()).await?;
        migrate::check(checks.client()).await?;
        return Ok(Prepared { app_url: url.to_owned(), owner_url: None, applied: Vec::new() });
    }
    drop(checks);
    let applied = migrate::migrate_with(&mut client).await?;
    let (role, password) = ensure_role(&mut client).await?;
    let app_url = with_role(url, &role, &password)?;

    // The proof is taken with the very URL the pool gets.
    let app = connect(&parse(&app_url)?).await?;
    check_role(&app).await?;
    migrate::check(&app).await?;
    Ok(Prepared { app_url, owner_url: Some(url.to_owned()), applied })
}

/// Refuses a server older than the features the migrations use.
async fn check_version(client: &Client) -> Result<(), SetupError> {
    let row = client
        .query_one("SELECT current_setting('server_version_num')::int, version()", &[])
        .await
        .context("Reading the version of PostgreSQL")?;
    if row.get::<_, i32>(0) < 150_000 {
        return Err(SetupError::TooOld(row.get(1)));
    }
    Ok(())
}

/// Whether the role may create schemas here, or owns one of ours.
async fn may_change_schema(client: &Client) -> Result<bool, SetupError> {
    let row = client
        .query_one(
            "SELECT has_database_privilege(current_database(), 'CREATE') OR EXISTS (
               SELECT FROM pg_namespace n
               WHERE n.nspname IN ('steward', 'platform') AND pg_has_role(n.nspowner, 'USAGE'))",
            &[],
        )
        .await
        .context("Reading the role's rights")?;
    Ok(row.get(0))
}

/// Refuses a role that row-level security would not hold: a superuser, one with BYPASSRLS, one
/// that owns a table or schema of ours or the database, or may become such a role.
async fn check_role(client: &Client) -> Result<(), SetupError> {
    let row = client
        .query_one(
            "SELECT current_user::text,
               bool_or(r.rolsuper), bool_or(r.rolbypassrls),
               EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database()
                 AND pg_has_role(d.datdba, 'MEMBER'))
               OR EXISTS (SELECT FROM pg_namespace n WHERE n.nspname !~ '^pg_'
                 AND n.nspname NOT IN ('information_schema', 'public')
                 AND pg_has_role(n.nspowner, 'MEMBER'))
               OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                 AND pg_has_role(c.relowner, 'MEMBER'))
             FROM pg_roles r WHERE pg_has_role(r.oid, 'MEMBER')",
            &[],
        )
        .await
        .context("Reading the role's rights")?;
    let role: String = row.get(0);
    let fault = if row.get(1) {
        "is a superuser"
    } else if row.get(2) {
        "can bypass row-level security (BYPASSRLS)"
    } else if row.get(3) {
        "owns the database or tables in it"
    } else {
        return Ok(());
    };
    Err(SetupError::Role(format!(
        "The role {role} {fault}, or may become a role that does, so tenants would not be kept \
         apart. Serve with a role that has no such rights."
    )))
}

/// Makes or refreshes the server's role and answers its name and password.
async fn ensure_role(client: &mut Client) -> Result<(String, String), SetupError> {
    let context = || "Making the server's role";
    let transaction = client.transaction().await.context(context())?;
    transaction.batch_execute(LOCK).await.context(context())?;
    transaction
        .batch_execute(
            "SET LOCAL client_min_messages = warning;
             CREATE TABLE IF NOT EXISTS steward.server_role (
               name text PRIMARY KEY,
               password text NOT NULL
             );
             COMMENT ON TABLE steward.server_role IS
               'The role the servers run with; only the owner of the database may read it.';
             REVOKE ALL ON steward.server_role FROM PUBLIC;",
        )
        .await
        .context(context())?;

    // A role belongs to all databases of a cluster, and its name ends at 63 bytes.
    let row = transaction
        .query_one(
            "SELECT CASE WHEN length(d) <= 59 THEN d ELSE left(d, 26) || '_' || md5(d) END || '_app'
             FROM (SELECT current_database()::text AS d) AS current",
            &[],
        )
        .await
        .context(context())?;
    let role: String = row.get(0);
    let exists: bool = transaction
        .query_one("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", &[&role])
        .await
        .context(context())?
        .get(0);
    let kept: Option<String> = transaction
        .query_opt("SELECT password FROM steward.server_role WHERE name = $1", &[&role])
        .await
        .context(context())?
        .map(|row| row.get(0));

    let password = match (exists, kept) {
        (true, Some(password)) => password,
        (exists, _) => {
            // A dump carries the password but no role, a dropped database leaves the role but
            // no password: in each case both are set anew.
            let password = random_password()?;
            let verb = if exists { "ALTER" } else { "CREATE" };
            transaction
                .batch_execute(&format!(
                    "{verb} ROLE {} LOGIN NOINHERIT NOCREATEDB NOCREATEROLE PASSWORD '{password}'",
                    identifier(&role)
                ))
                .await
                .context(format!(
                    "Making the role {role} for the server (the owner needs CREATEROLE; else \
                     migrate with it and serve with a role made by hand)"
                ))?;
            transaction
                .execute(
                    "INSERT INTO steward.server_role (name, password) VALUES ($1, $2)
                     ON CONFLICT (name) DO UPDATE SET password = excluded.password",
                    &[&role, &password],
                )
                .await
                .context(context())?;
            password
        }
    };
    transaction.batch_execute(&grants(&role)).await.context(context())?;
    tune(&transaction, &role).await?;
    transaction.commit().await.context(context())?;
    Ok((role, password))
}

/// What the server's role may do: work on rows, and nothing about their shape. Also holds for
/// tables that later migrations make.
fn grants(role: &str) -> String {
    format!(
        "DO $grants$
         DECLARE
           server constant text := {role};
           space text;
         BEGIN
           EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), server);
           FOR space IN
             SELECT nspname FROM pg_namespace
             WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public', 'steward')
               AND pg_has_role(nspowner, 'USAGE')
           LOOP
             EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', space, server);
             EXECUTE format(
               'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO %I',
               space, server);
             EXECUTE format(
               'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %I TO %I', space, server);
             EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I '
               'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', space, server);
             EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I '
               'GRANT USAGE, SELECT ON SEQUENCES TO %I', space, server);
           END LOOP;
           -- What happened stays as it was written: the audit trail stands on it.
           EXECUTE format('REVOKE UPDATE, DELETE ON platform.events FROM %I', server);
           EXECUTE format('GRANT USAGE ON SCHEMA steward TO %I', server);
           EXECUTE format('GRANT SELECT ON steward.schema_migrations TO %I', server);
           -- A statement whose caller is gone must end on its own.
           EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', server, '30s');
           EXECUTE format(
             'ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', server, '60s');
           EXECUTE format('ALTER ROLE %I SET jit = off', server);
         END
         $grants$",
        role = literal(role)
    )
}

/// What only a superuser may set, and what makes things better rather than right.
async fn tune(transaction: &tokio_postgres::Transaction<'_>, role: &str) -> Result<(), SetupError> {
    let superuser: bool = transaction
        .query_one("SELECT rolsuper FROM pg_roles WHERE rolname = current_user", &[])
        .await
        .context("Reading the role's rights")?
        .get(0);
    if !superuser {
        return Ok(());
    }
    // Row-level security lets an index serve a condition of the query only when its operator
    // is declared leakproof. LIKE is not, because a malformed pattern is an error that quotes
    // the pattern, which the caller knows anyway; without this, searches read all rows of a
    // tenant. Holds for this database alone.
    //
    // Errors are told apart by their English text, because the driver hides the code.
    transaction
        .batch_execute(&format!(
            "ALTER FUNCTION pg_catalog.textlike(text, text) LEAKPROOF;
             ALTER ROLE {} SET lc_messages = 'C';",
            identifier(role)
        ))
        .await
        .context("Tuning the database")
}

/// `url` with another role and password; all else stays as it was written.
fn with_role(url: &str, role: &str, password: &str) -> Result<String, SetupError> {
    let mut url = Url::parse(url).map_err(|error| {
        SetupError::Url(format!("{error}; it must look like postgresql://role:password@host/name"))
    })?;
    let mut query: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !matches!(pair.split('=').next(), Some("" | "user" | "password")))
        .map(str::to_owned)
        .collect();
    if url.host_str().is_none_or(str::is_empty) {
        // The host is a parameter, and then the role has to be one as well.
        query.push(format!("user={}", percent_encoded(role)));
        query.push(format!("password={password}"));
    } else {
        let refused = |()| SetupError::Url("it takes no role and password".to_owned());
        url.set_username(role).map_err(refused)?;
        url.set_password(Some(password)).map_err(refused)?;
    }
    url.set_query(if query.is_empty() { None } else { Some(query.join("&")) }.as_deref());
    Ok(url.into())
}

/// `text` as a part of a URL.
pub(crate) fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// 256 random bits, in letters that need no escaping.
fn random_password() -> Result<String, SetupError> {
    let mut bytes = [0; 32];
    rand::rngs::OsRng
        .try_fill_bytes(&mut bytes)
        .map_err(std::io::Error::other)
        .context("Drawing a random password")?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_the_role_and_nothing_else() {
        for (given, expected) in [
            (
                "postgresql://me:x@db:5433/a?sslmode=disable",
                "postgresql://r:p@db:5433/a?sslmode=disable",
            ),
            ("postgresql://me@%2Fvar%2Frun/a", "postgresql://r:p@%2Fvar%2Frun/a"),
            ("postgres://db/a?user=me&password=x", "postgres://r:p@db/a"),
            ("postgres://db/a?options=-c%20a%3Db", "postgres://r:p@db/a?options=-c%20a%3Db"),
            (
                "postgresql:///a?host=/var/run&user=me",
                "postgresql:///a?host=/var/run&user=r&password=p",
            ),
        ] {
            assert_eq!(with_role(given, "r", "p").expect(given), expected);
        }
        assert!(with_role("host=db user=me", "r", "p").is_err());
    }
}
