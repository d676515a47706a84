//! Stops guessing of passwords.
//!
//! Attempts are counted by user name, over all servers, in the database: a counter in the process
//! would allow as many guesses again for each server. An attempt is written down before the
//! password is looked at, and taken back when it fits, so that many at once get no more guesses
//! than one after the other. A password that fits takes back its own attempt alone: whoever has an
//! account of the same name with another tenant wins no further guesses by signing in there.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sha2::{Digest, Sha256};
use steward_database::{Instant, ResultExt};
use steward_kernel::text::hex;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Kind, Result, error::reason};

use super::repository;
use crate::jobs::{Every, Failure, Handler, Job};
use crate::schema::sign_in_attempts;
use crate::{App, tenants};

/// Failures allowed within [`WINDOW`].
const FAILURES: i64 = 5;

/// The time over which failures are counted.
const WINDOW: Duration = Duration::from_secs(15 * 60);

/// An attempt that is under way.
pub(super) struct Attempt(i64);

/// Writes down that the user name `folded` is tried.
///
/// # Errors
/// RESOURCE_EXHAUSTED, with the rest of the time, after five failures within 15 minutes.
pub(super) async fn begin(app: &App, folded: &str) -> Result<Attempt> {
    let hash: [u8; 32] = Sha256::digest(folded).into();
    let hash = &hash;
    app.database
        .in_earnest()
        .transaction_platform(|tx| async move {
            let mut connection = &**tx;
            // Those who try the same name come here one after the other.
            diesel::sql_query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
                .bind::<Text, _>(format!("sign-in {}", hex(hash)))
                .execute(&mut connection)
                .await
                .or_internal()?;
            let now = time::now();
            // The latest five; when there are as many, the oldest of them says how long to wait.
            let latest: Vec<Instant> = sign_in_attempts::table
                .filter(sign_in_attempts::username_hash.eq(hash.as_slice()))
                .filter(sign_in_attempts::attempted_at.gt(Instant(now - WINDOW)))
                .order(sign_in_attempts::attempted_at.desc())
                .limit(FAILURES)
                .select(sign_in_attempts::attempted_at)
                .load(&mut connection)
                .await
                .or_internal()?;
            if i64::try_from(latest.len()).is_ok_and(|n| n >= FAILURES)
                && let Some(oldest) = latest.last()
            {
                return Err(too_many((oldest.0 + WINDOW).seconds_since(now)));
            }
            diesel::insert_into(sign_in_attempts::table)
                .values((
                    sign_in_attempts::username_hash.eq(hash.as_slice()),
                    sign_in_attempts::attempted_at.eq(Instant(now)),
                ))
                .returning(sign_in_attempts::id)
                .get_result(&mut connection)
                .await
                .or_internal()
                .map(Attempt)
        })
        .await
}

impl Attempt {
    /// Takes the attempt back, because the password fits.
    pub(super) async fn succeeded(self, app: &App) -> Result<()> {
        let id = self.0;
        app.database
            .in_earnest()
            .transaction_platform(|tx| async move {
                diesel::sql_query("DELETE FROM platform.sign_in_attempts WHERE id = $1")
                    .bind::<BigInt, _>(id)
                    .execute(&mut &**tx)
                    .await
                    .or_internal()
                    .map(drop)
            })
            .await
    }
}

fn too_many(seconds: i64) -> Error {
    let message = "Too many failed attempts for this user name. Please wait.";
    // Rounded up: who comes back a moment early would be refused again.
    let wait = Duration::from_secs(u64::try_from(seconds).unwrap_or_default() + 1);
    Error::new(Kind::ResourceExhausted, reason::TOO_MANY_ATTEMPTS, message).with_retry_after(wait)
}

/// The recurring job that forgets what is of no use any more: attempts, and expired sessions.
pub struct ForgetAttempts;

impl Handler for ForgetAttempts {
    fn kind(&self) -> &'static str {
        "sessions.forget"
    }

    fn every(&self) -> Option<Every> {
        Some(Every(Duration::from_secs(3600)))
    }

    fn run<'a>(&'a self, app: &'a App, _: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move { Ok(forget(app, time::now()).await?) }.boxed()
    }
}

pub(super) async fn forget(app: &App, now: Timestamp) -> Result<()> {
    app.database
        .transaction_platform(|tx| async move {
            diesel::delete(sign_in_attempts::table)
                .filter(sign_in_attempts::attempted_at.lt(Instant(now - WINDOW)))
                .execute(&mut &**tx)
                .await
                .or_internal()
                .map(drop)
        })
        .await?;
    tenants::for_each(app, None, |tenant| async move {
        app.database
            .transaction(
                tenant,
                |tx| async move { repository::delete_expired(&tx, tenant, now).await },
            )
            .await
    })
    .await
}
