//! Which sessions were ended before their access tokens expire.
//!
//! Each server asks the database twice a second, so a token of a session that ended is refused
//! everywhere within about a second, and a call costs no look-up. While the database cannot be
//! asked, tokens work until they expire, an hour at most; nothing else works then anyway.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use steward_database::Database;
use steward_kernel::Result;
use tokio::sync::Mutex;

use super::repository;
use crate::tokens::{LEEWAY, USER_TOKEN_LIFETIME};

/// Time between two looks.
const POLL: Duration = Duration::from_millis(500);

/// How far a look reaches back behind the one before: an end is written down a moment before it is
/// committed, and a transaction may take that long.
const OVERLAP: Duration = Duration::from_secs(120);

/// How long an end is remembered: until the last token of the session has expired.
const REMEMBERED: Duration =
    Duration::from_secs(USER_TOKEN_LIFETIME.as_secs() + LEEWAY.as_secs() + OVERLAP.as_secs());

/// The sessions that ended lately.
pub struct Ended {
    database: Database,
    /// By id, with the time until which they are remembered.
    sessions: ArcSwap<HashMap<i64, Instant>>,
    /// When the database was asked last with success.
    asked_at: Mutex<Instant>,
}

impl Ended {
    /// Asks the database for the first time.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub async fn open(database: Database) -> Result<Arc<Self>> {
        let asked_at = Instant::now();
        let found = ask(&database, REMEMBERED).await?;
        Ok(Arc::new(Self {
            database,
            sessions: ArcSwap::from_pointee(found.into_iter().collect()),
            asked_at: Mutex::new(asked_at),
        }))
    }

    /// Whether a session was ended.
    pub(crate) fn includes(&self, session: i64) -> bool {
        self.sessions.load().contains_key(&session)
    }

    /// Follows what other servers end until the process ends.
    pub async fn follow(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.look().await {
                tracing::debug!(reason = error.reason(), "ended sessions not looked for");
            }
        }
    }

    /// Asks for what has ended since the last time.
    pub(super) async fn look(&self) -> Result<()> {
        let mut asked_at = self.asked_at.lock().await;
        let now = Instant::now();
        let reach = now.duration_since(*asked_at) + OVERLAP;
        let found = ask(&self.database, reach.min(REMEMBERED)).await?;
        *asked_at = now;
        let known = self.sessions.load();
        let is_new = found.iter().any(|(id, _)| !known.contains_key(id));
        let is_over = known.values().any(|until| *until < now);
        if is_new || is_over {
            let mut sessions: HashMap<_, _> = (**known).clone();
            sessions.retain(|_, until| *until >= now);
            sessions.extend(found);
            self.sessions.store(Arc::new(sessions));
        }
        Ok(())
    }
}

/// The sessions that ended in the latest `reach`, and until when they are remembered.
async fn ask(database: &Database, reach: Duration) -> Result<Vec<(i64, Instant)>> {
    let tx = database.read_worker().await?;
    let found = repository::ended(&tx, reach.as_secs_f64()).await?;
    let now = Instant::now();
    let until = |ago: f64| {
        let ago = Duration::try_from_secs_f64(ago).unwrap_or_default();
        now + REMEMBERED.saturating_sub(ago)
    };
    Ok(found.into_iter().map(|(id, ago)| (id, until(ago))).collect())
}
