//! The keys as this process knows them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use quick_cache::sync::Cache;
use steward_database::Database;
use steward_kernel::{Principal, Result, time};
use tokio::sync::Mutex;

use super::model::SigningKey;
use super::{actions, repository};

/// Time between two looks into the database when nothing else asks for one.
const REFRESH: Duration = Duration::from_secs(30);

/// Least time between two looks into the database. Tokens with made-up key ids wait for the
/// next one, so that they cost at most this many queries together.
const PAUSE: Duration = Duration::from_millis(250);

/// Most verified tokens remembered; a token is about half a kilobyte.
const REMEMBERED_TOKENS: usize = 10_000;

/// A token whose signature and claims were found good.
pub(crate) struct Verified {
    /// Who it speaks for.
    pub(crate) principal: Arc<Principal>,
    /// When it expires, in seconds since 1970.
    pub(crate) expires_at: i64,
}

/// All living keys at one moment.
pub(crate) struct KeySet {
    /// Newest first.
    keys: Vec<SigningKey>,
    /// Tokens verified with these keys, by their whole text. Lives and dies with the set, so
    /// that a token does not outlive its key.
    pub(crate) verified: Cache<Box<str>, Arc<Verified>>,
}

impl KeySet {
    /// Makes a set of keys, the newest first.
    pub(crate) fn new(keys: Vec<SigningKey>) -> Self {
        Self { keys, verified: Cache::new(REMEMBERED_TOKENS) }
    }

    /// The living key with an id.
    pub(crate) fn find(&self, kid: &str) -> Option<&SigningKey> {
        let now = time::now();
        self.keys.iter().find(|key| key.kid == kid && key.is_alive(now))
    }

    /// All living keys.
    pub(crate) fn living(&self) -> impl Iterator<Item = &SigningKey> {
        let now = time::now();
        self.keys.iter().filter(move |key| key.is_alive(now))
    }

    fn is_same(&self, other: &Self) -> bool {
        let facts = |key: &SigningKey| (key.kid.clone(), key.retired_at);
        self.keys.iter().map(facts).eq(other.keys.iter().map(facts))
    }
}

/// Keeps the keys at hand and in step with the database.
pub struct KeyRing {
    database: Database,
    current: ArcSwap<KeySet>,
    /// When the keys were read last. Held while they are read, so that many who miss a key
    /// share one query.
    read_at: Mutex<Instant>,
}

impl KeyRing {
    /// Reads the keys; makes the first one when there is none. Several servers that start at
    /// once agree on one key.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub async fn open(database: Database) -> Result<Arc<Self>> {
        actions::ensure(&database).await?;
        let asked_at = Instant::now();
        let keys = read(&database).await?;
        Ok(Arc::new(Self {
            database,
            current: ArcSwap::from_pointee(KeySet::new(keys)),
            read_at: Mutex::new(asked_at),
        }))
    }

    /// The keys as known now.
    pub(crate) fn current(&self) -> arc_swap::Guard<Arc<KeySet>> {
        self.current.load()
    }

    /// Makes sure that the keys are not older than `wanted`, reading them again if need be.
    ///
    /// # Errors
    /// UNAVAILABLE when the database cannot be reached.
    pub(crate) async fn catch_up(&self, wanted: Instant) -> Result<()> {
        let mut read_at = self.read_at.lock().await;
        if *read_at >= wanted {
            return Ok(());
        }
        tokio::time::sleep_until((*read_at + PAUSE).into()).await;
        let asked_at = Instant::now();
        let fresh = KeySet::new(read(&self.database).await?);
        // An unchanged set is kept for the tokens it remembers.
        if !self.current.load().is_same(&fresh) {
            tracing::info!(keys = fresh.keys.len(), "signing keys changed");
            self.current.store(Arc::new(fresh));
        }
        *read_at = asked_at;
        Ok(())
    }

    /// Follows rotations made elsewhere until the process ends.
    pub async fn follow(self: Arc<Self>) {
        let mut ticks = tokio::time::interval(REFRESH);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.catch_up(Instant::now()).await {
                tracing::warn!(reason = error.reason(), "signing keys could not be read again");
            }
        }
    }
}

async fn read(database: &Database) -> Result<Vec<SigningKey>> {
    let stored = repository::list(database).await?;
    stored.iter().map(SigningKey::read).collect()
}
