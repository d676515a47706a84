//! Short reads of one tenant, sharing a connection.
//!
//! A read by key keeps its connection waiting for most of its time. Several of them on one
//! connection travel and are answered together, which spares both sides system calls and task
//! switches: with 64 calls in flight about a third of a read. A lane is a connection that is
//! shared so; it belongs to one tenant, because the session is set to it, and exists only while
//! it is used.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use deadpool::managed::Object;
use steward_kernel::TenantId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::session::{Session, Sessions};

/// Reads on one connection from which on another one is better, while there is one to spare.
const WELL_FILLED: usize = 16;

/// Most reads on one connection at a time.
const MOST_SHARING: usize = 64;

/// After so many reads a lane ends when its last one does. The connection then passes through
/// the pool, which drops it if it is broken.
const MOST_READS: usize = 256;

/// The connections that are shared now.
#[derive(Clone, Default)]
pub(crate) struct Lanes {
    // Held for a look at a few numbers only, never over an await.
    open: Arc<Mutex<Vec<Lane>>>,
    /// Tells those who wait for a connection that there is a lane to look at.
    opened: Arc<Notify>,
}

struct Lane {
    tenant: TenantId,
    session: Arc<Object<Sessions>>,
    sharing: usize,
    reads: usize,
}

/// A place on a lane.
pub(crate) struct Place {
    lanes: Lanes,
    session: Arc<Object<Sessions>>,
}

impl Lanes {
    /// A place on the least busy lane of `tenant`. Nothing when there is none with room, or when
    /// it is well filled and `spare` says that another connection is free.
    pub(crate) fn join(&self, tenant: TenantId, spare: impl FnOnce() -> bool) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let lane = open
            .iter_mut()
            .filter(|lane| lane.tenant == tenant && lane.reads < MOST_READS)
            .min_by_key(|lane| lane.sharing)
            .filter(|lane| lane.sharing < MOST_SHARING)?;
        if lane.sharing >= WELL_FILLED && spare() {
            return None;
        }
        lane.sharing += 1;
        lane.reads += 1;
        Some(Place { lanes: self.clone(), session: Arc::clone(&lane.session) })
    }

    /// Waits until some lane is opened after this call.
    pub(crate) fn opened(&self) -> Notified<'_> {
        self.opened.notified()
    }

    /// Opens a lane on a session that is set to `tenant`.
    pub(crate) fn open(&self, tenant: TenantId, session: Object<Sessions>) -> Place {
        let session = Arc::new(session);
        let lane = Lane { tenant, session: Arc::clone(&session), sharing: 1, reads: 1 };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).push(lane);
        self.opened.notify_waiters();
        Place { lanes: self.clone(), session }
    }
}

impl Deref for Place {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.lanes.open.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = open.iter().position(|lane| Arc::ptr_eq(&lane.session, &self.session))
        else {
            return;
        };
        open[place].sharing -= 1;
        if open[place].sharing == 0 {
            // The session goes back to the pool when this place, the last one, is gone.
            open.swap_remove(place);
        }
    }
}
