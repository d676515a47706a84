//! Transactions that see one tenant's rows.

use std::ops::Deref;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool::managed::Object;
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use steward_kernel::{Result, TenantId, UnitOfWork};

use crate::session::Sessions;
use crate::{Connection, ResultExt};

/// What a transaction may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    SnapshotRead,
    Write,
    SnapshotWrite,
}

/// Whose rows a transaction sees.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Scope<'a> {
    /// The rows of a tenant.
    Tenant(TenantId),
    /// One API client, whose tenant is not known yet.
    Client(&'a str),
    /// Only what belongs to no tenant.
    Platform,
    /// The queue of jobs, over all tenants.
    Worker,
}

/// Ends a transaction whose client is gone without a word, such as when something on the way has
/// forgotten the connection. PostgreSQL would keep it, and the locks of its changes, for the two
/// hours after which it looks for the client. Nothing waits so long between two statements.
const ABANDONED: &str = "; SET LOCAL idle_in_transaction_session_timeout = '30s'";

/// Hides the rows of the tenant that the session may be set to.
const NOBODY: &str = "; SET LOCAL steward.tenant_id = ''";

/// An open transaction that sees one tenant's rows. Rolled back when dropped, which costs no
/// round trip either.
pub struct Transaction {
    session: Object<Sessions>,
    open: AtomicBool,
    after_commit: Mutex<Vec<AfterCommit>>,
}

/// Runs when a transaction was committed.
type AfterCommit = Box<dyn FnOnce() + Send>;

impl Transaction {
    pub(crate) fn begin(session: Object<Sessions>, access: Access, scope: Scope<'_>) -> Self {
        let mode = match access {
            Access::Read => "READ ONLY",
            Access::SnapshotRead => "ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Access::Write => "READ WRITE",
            Access::SnapshotWrite => "ISOLATION LEVEL REPEATABLE READ READ WRITE",
        };
        let mut begin = format!("BEGIN {mode}");
        match scope {
            // The id is an integer, so there is nothing to escape.
            Scope::Tenant(tenant) => {
                begin.push_str(&format!("; SET LOCAL steward.tenant_id = '{tenant}'"));
            }
            Scope::Client(id) => {
                // A zero byte would keep the statement from being sent at all.
                let id = id.replace('\'', "''").replace('\0', "");
                begin.push_str(&format!("; SET LOCAL steward.client_id = '{id}'"));
                begin.push_str(NOBODY);
            }
            Scope::Platform => begin.push_str(NOBODY),
            Scope::Worker => {
                begin.push_str("; SET LOCAL steward.worker = 'on'");
                begin.push_str(NOBODY);
            }
        }
        if matches!(access, Access::Write | Access::SnapshotWrite) {
            begin.push_str(ABANDONED);
        }
        let transaction = Self::on(session, true);
        transaction.send(&begin);
        transaction
    }

    fn on(session: Object<Sessions>, open: bool) -> Self {
        Self { session, open: AtomicBool::new(open), after_commit: Mutex::default() }
    }

    /// Statements that are a transaction each, on a session that is set to a tenant.
    pub(crate) fn around_single_statements(session: Object<Sessions>) -> Self {
        Self::on(session, false)
    }

    /// Undoes everything. Costs no round trip.
    pub fn roll_back(&self) {
        if self.open.swap(false, Ordering::Relaxed) {
            self.send("ROLLBACK");
        }
    }

    /// Makes the changes last.
    ///
    /// # Errors
    /// Those of deferred constraints; INTERNAL when a statement failed and its error was
    /// passed over; UNAVAILABLE when the connection is lost.
    pub async fn commit(&self) -> Result<()> {
        // COMMIT alone quietly rolls a failed transaction back; the empty SELECT says so.
        (&mut self.session.connection()).batch_execute("SELECT; COMMIT").await.or_internal()?;
        self.open.store(false, Ordering::Relaxed);
        let waiting = self.after_commit.lock().map(|mut waiting| std::mem::take(&mut *waiting));
        for run in waiting.unwrap_or_default() {
            run();
        }
        Ok(())
    }

    /// Has `run` called once the changes last, and never when they do not. It must be quick, and
    /// nothing may rely on it, for the process can end in between: it is for waking others.
    pub fn after_commit(&self, run: impl FnOnce() + Send + 'static) {
        if let Ok(mut waiting) = self.after_commit.lock() {
            waiting.push(Box::new(run));
        }
    }

    /// Puts a statement into the connection's queue without waiting for its answer. A failure
    /// shows in the next statement, because the transaction is then aborted.
    fn send(&self, statement: &str) {
        // The first poll queues the statement; the answer is thrown away when it comes.
        let _ = (&mut self.session.connection()).batch_execute(statement).now_or_never();
    }
}

impl UnitOfWork for Transaction {}

impl Deref for Transaction {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.session.connection()
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        if *self.open.get_mut() {
            self.send("ROLLBACK");
        }
    }
}
