//! Who watches whose events, and how they learn that there are more.
//!
//! A change of this server wakes the watches of its tenant when it has been committed. Changes
//! of other servers are found by asking for the latest number about every second, for tenants
//! that are watched. NOTIFY within the change would be quicker, but makes the commits of all
//! tenants wait for each other.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use steward_database::Database;
use steward_kernel::{Error, Kind, Result, TenantId, error::reason};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::model::{Event, Message, Types};
use super::repository;

/// How often other servers' changes are looked for.
const POLL: Duration = Duration::from_secs(1);

/// How many tenants are looked at, at a time.
const POLLED_AT_ONCE: usize = 2;

/// How long a watch says nothing.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// How long a watch lasts: as long as a token, so that one whose client was disabled ends.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// Most watches of a server.
const MOST_WATCHES: usize = 1024;

/// Most watches of a tenant on a server, so that one leaves room for the others.
const MOST_OF_A_TENANT: usize = 64;

/// The watches of this server.
pub struct Feed {
    database: Database,
    tenants: Mutex<HashMap<TenantId, Watched>>,
    places: Arc<Semaphore>,
    stopping: watch::Sender<bool>,
}

/// A tenant whose events are watched.
struct Watched {
    /// The highest number known to be committed.
    newest: watch::Sender<i64>,
    watches: usize,
}

impl Feed {
    /// A feed without watches.
    #[must_use]
    pub fn new(database: Database) -> Arc<Self> {
        Arc::new(Self {
            database,
            tenants: Mutex::default(),
            places: Arc::new(Semaphore::new(MOST_WATCHES)),
            stopping: watch::Sender::new(false),
        })
    }

    /// Wakes the watches of `tenant`: all events up to `sequence` are committed.
    pub fn announce(&self, tenant: TenantId, sequence: i64) {
        if let Some(watched) = self.lock().get(&tenant) {
            watched.newest.send_if_modified(|newest| {
                let more = sequence > *newest;
                *newest = sequence.max(*newest);
                more
            });
        }
    }

    /// Looks for the changes of other servers, as long as it is polled.
    pub async fn follow(self: Arc<Self>) -> Infallible {
        let feed = &*self;
        let mut ticks = interval(POLL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let tenants: Vec<TenantId> = feed.lock().keys().copied().collect();
            stream::iter(tenants)
                .for_each_concurrent(POLLED_AT_ONCE, |tenant| async move {
                    match feed.newest(tenant).await {
                        Ok(newest) => feed.announce(tenant, newest),
                        // The next round tries again; calls tell that the database is down.
                        Err(error) => tracing::debug!(%tenant, %error, "events not looked for"),
                    }
                })
                .await;
        }
    }

    /// Ends all watches, and takes no more.
    pub fn stop(&self) {
        self.stopping.send_replace(true);
    }

    async fn newest(&self, tenant: TenantId) -> Result<i64> {
        let tx = self.database.read(tenant).await?;
        repository::newest(&tx, tenant).await
    }

    /// Takes a place among the watches of `tenant`.
    ///
    /// # Errors
    /// RESOURCE_EXHAUSTED (`TOO_MANY_STREAMS`) when there is none, UNAVAILABLE when stopping.
    pub(super) fn subscribe(feed: &Arc<Self>, tenant: TenantId) -> Result<Seat> {
        let stopping = feed.stopping.subscribe();
        if *stopping.borrow() {
            return Err(ending());
        }
        let Ok(place) = Arc::clone(&feed.places).try_acquire_owned() else {
            return Err(too_many());
        };
        let mut tenants = feed.lock();
        let watched = tenants
            .entry(tenant)
            .or_insert_with(|| Watched { newest: watch::Sender::new(0), watches: 0 });
        if watched.watches >= MOST_OF_A_TENANT {
            return Err(too_many());
        }
        watched.watches += 1;
        let newest = watched.newest.subscribe();
        drop(tenants);
        Ok(Seat { feed: Arc::clone(feed), tenant, newest, stopping, _place: place })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Watched>> {
        // Nothing is left half done under the lock.
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_many() -> Error {
    Error::new(
        Kind::ResourceExhausted,
        reason::TOO_MANY_STREAMS,
        "As many streams are open as may be.",
    )
    .with_retry_after(Duration::from_secs(10))
}

fn ending() -> Error {
    Error::unavailable("The server is stopping; go on from the last cursor.", POLL)
}

/// A place among the watches of a tenant, given back when dropped.
pub(super) struct Seat {
    feed: Arc<Feed>,
    tenant: TenantId,
    newest: watch::Receiver<i64>,
    stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut tenants = self.feed.lock();
        if let Some(watched) = tenants.get_mut(&self.tenant) {
            watched.watches -= 1;
            if watched.watches == 0 {
                tenants.remove(&self.tenant);
            }
        }
    }
}

/// One who follows the events of a tenant. Reads when asked for the next message and not
/// before, so a slow client costs neither memory nor a connection to the database.
pub(super) struct Watch {
    seat: Seat,
    types: Types,
    limit: i64,
    /// What was read and not sent yet.
    ready: VecDeque<Event>,
    /// Up to where was read.
    read: i64,
    /// When something has to be sent.
    heartbeat: Instant,
    end: Instant,
}

impl Watch {
    pub(super) fn new(seat: Seat, cursor: i64, types: Types, limit: i64) -> Self {
        let now = Instant::now();
        let (heartbeat, end) = (now, now + LIFE);
        Self { seat, types, limit, ready: VecDeque::new(), read: cursor, heartbeat, end }
    }

    /// The next event or heartbeat; nothing at the end.
    ///
    /// # Errors
    /// UNAVAILABLE when the server stops or the database is down.
    pub(super) async fn next(&mut self) -> Result<Option<Message>> {
        loop {
            let now = Instant::now();
            if *self.seat.stopping.borrow() {
                return Err(ending());
            }
            if now >= self.end {
                return Ok(None);
            }
            if let Some(event) = self.ready.pop_front() {
                self.heartbeat = now + HEARTBEAT;
                // Heartbeats say how far the feed has come beside what is not asked for.
                return Ok(Some(Message { cursor: event.sequence, event: Some(event) }));
            }
            if now >= self.heartbeat {
                self.heartbeat = now + HEARTBEAT;
                return Ok(Some(Message { event: None, cursor: self.read }));
            }
            let newest = *self.seat.newest.borrow_and_update();
            if newest > self.read {
                let tenant = self.seat.tenant;
                let tx = self.seat.feed.database.read(tenant).await?;
                let batch =
                    repository::after(&tx, tenant, self.read, newest, &self.types, self.limit)
                        .await?;
                self.read = batch.cursor;
                self.ready = batch.events.into();
                continue;
            }
            tokio::select! {
                // The sender lives in the feed as long as the seat does.
                _ = self.seat.newest.changed() => {}
                _ = self.seat.stopping.changed() => {}
                () = sleep_until(self.heartbeat.min(self.end)) => {}
            }
        }
    }
}
