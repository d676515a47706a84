//! The migrations, carried by the binary and applied under a lock.
//!
//! Each is applied in a transaction of its own that first takes a lock on the whole history,
//! so any number of servers may start at once: one applies, the others find it applied. The
//! lock ends with the transaction, which also works through PgBouncer.

use sha2::{Digest, Sha256};
use steward_kernel::text;
use tokio_postgres::Client;

use crate::setup::{Context, SetupError, connect, parse};

/// One step of the history.
struct Migration {
    /// `<utc>_<family>_<what>`; the order of names is the order of the history.
    name: &'static str,
    up: &'static str,
    down: &'static str,
}

static MIGRATIONS: &[Migration] = include!(concat!(env!("OUT_DIR"), "/migrations.rs"));

/// The advisory lock that whoever changes the schema or its roles holds.
pub(crate) const LOCK: &str = "SELECT pg_advisory_xact_lock(7390223847021)";

const HISTORY: &str = "
    SET LOCAL client_min_messages = warning;
    CREATE SCHEMA IF NOT EXISTS steward;
    CREATE TABLE IF NOT EXISTS steward.schema_migrations (
      name text PRIMARY KEY,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
    COMMENT ON TABLE steward.schema_migrations IS 'Applied migrations, kept by steward.';";

impl Migration {
    fn checksum(&self) -> String {
        text::hex(&Sha256::digest(self.up.as_bytes()))
    }
}

/// Applies what is missing to the database at `url`, whose role must own the database or be
/// a superuser. Answers the names of what was applied.
///
/// # Errors
/// When the database cannot be reached or refuses, is ahead of this program, or has a
/// migration that was changed since.
pub async fn migrate(url: &str) -> Result<Vec<&'static str>, SetupError> {
    migrate_with(&mut connect(&parse(url)?).await?).await
}

pub(crate) async fn migrate_with(client: &mut Client) -> Result<Vec<&'static str>, SetupError> {
    let mut applied = Vec::new();
    loop {
        let transaction = client.transaction().await.context("Migrating")?;
        transaction.batch_execute(LOCK).await.context("Waiting for the lock to migrate")?;
        transaction.batch_execute(HISTORY).await.context("Preparing the history")?;
        let done = history(transaction.client()).await?;
        let Some(next) = missing(&done)?.first().copied() else {
            transaction.commit().await.context("Migrating")?;
            return Ok(applied);
        };
        let context = || format!("Migration {}", next.name);
        transaction.batch_execute(next.up).await.context(context())?;
        transaction
            .execute(
                "INSERT INTO steward.schema_migrations (name, checksum) VALUES ($1, $2)",
                &[&next.name, &next.checksum()],
            )
            .await
            .context(context())?;
        transaction.commit().await.context(context())?;
        tracing::info!(migration = next.name, "migration applied");
        applied.push(next.name);
    }
}

/// Takes back the newest `count` migrations, newest first; all of them with `usize::MAX`.
/// Answers the names of what was taken back. Destroys data: meant for tests and development.
///
/// # Errors
/// As [`migrate`].
pub async fn migrate_down(url: &str, count: usize) -> Result<Vec<&'static str>, SetupError> {
    let mut client = connect(&parse(url)?).await?;
    let mut reverted = Vec::new();
    while reverted.len() < count {
        let transaction = client.transaction().await.context("Taking back migrations")?;
        transaction.batch_execute(LOCK).await.context("Waiting for the lock to migrate")?;
        transaction.batch_execute(HISTORY).await.context("Preparing the history")?;
        let done = history(transaction.client()).await?;
        missing(&done)?;
        let newest = done
            .last()
            .and_then(|(name, _)| MIGRATIONS.iter().find(|migration| migration.name == name));
        let Some(newest) = newest else {
            break;
        };
        let context = || format!("Taking back migration {}", newest.name);
        transaction.batch_execute(newest.down).await.context(context())?;
        transaction
            .execute("DELETE FROM steward.schema_migrations WHERE name = $1", &[&newest.name])
            .await
            .context(context())?;
        transaction.commit().await.context(context())?;
        reverted.push(newest.name);
    }
    Ok(reverted)
}

/// Whether `client`'s database has exactly the migrations of this program.
pub(crate) async fn check(client: &Client) -> Result<(), SetupError> {
    let known: bool = client
        .query_one("SELECT to_regclass('steward.schema_migrations') IS NOT NULL", &[])
        .await
        .context("Reading the history")?
        .get(0);
    let done = if known { history(client).await? } else { Vec::new() };
    match missing(&done)?.first() {
        Some(migration) => Err(SetupError::Behind { name: migration.name.to_owned() }),
        None => Ok(()),
    }
}

/// The newest migration of this program, which a ready database has.
pub(crate) fn newest() -> &'static str {
    MIGRATIONS.last().map_or("", |migration| migration.name)
}

async fn history(client: &Client) -> Result<Vec<(String, String)>, SetupError> {
    let rows = client
        .query(
            "SELECT name, checksum FROM steward.schema_migrations ORDER BY name COLLATE \"C\"",
            &[],
        )
        .await
        .context("Reading the history")?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// What is left to apply after `done`, which must be a part of our own history.
fn missing(done: &[(String, String)]) -> Result<Vec<&'static Migration>, SetupError> {
    compare(MIGRATIONS, done)
}

fn compare(
    known: &'static [Migration],
    done: &[(String, String)],
) -> Result<Vec<&'static Migration>, SetupError> {
    for (name, checksum) in done {
        match known.iter().find(|migration| migration.name == name) {
            None => return Err(SetupError::Newer { name: name.clone() }),
            Some(migration) if migration.checksum() != *checksum => {
                return Err(SetupError::Changed { name: name.clone() });
            }
            Some(_) => {}
        }
    }
    Ok(known
        .iter()
        .filter(|migration| done.iter().all(|(name, _)| name != migration.name))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_well_formed() {
        assert!(MIGRATIONS.is_sorted_by(|a, b| a.name < b.name));
        for migration in MIGRATIONS {
            let (time, rest) = migration.name.split_once('_').expect(migration.name);
            assert!(time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(rest.contains('_'), "{}", migration.name);
            assert!(!migration.down.trim().is_empty(), "{} has no way back", migration.name);
        }
    }

    #[test]
    fn refuses_what_is_newer_or_changed() {
        let first = &MIGRATIONS[0];
        let done = vec![(first.name.to_owned(), first.checksum())];
        assert_eq!(missing(&done).expect("known").len(), MIGRATIONS.len() - 1);

        let newer = vec![("29991231000000_x_y".to_owned(), String::new())];
        assert!(matches!(missing(&newer), Err(SetupError::Newer { .. })));

        let changed = vec![(first.name.to_owned(), "0".repeat(64))];
        assert!(matches!(missing(&changed), Err(SetupError::Changed { .. })));
    }
}
