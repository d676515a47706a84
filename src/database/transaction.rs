//! Transactions that see one tenant's rows.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use deadpool::managed::Object;
use diesel_async::SimpleAsyncConnection;
use futures_util::FutureExt;
use steward_kernel::{Error, Result, TenantId, UnitOfWork, text};

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
    /// The rows that have a key, whose tenant is not known yet.
    Key(Key<'a>),
    /// Only what belongs to no tenant.
    Platform,
    /// The queue of jobs, over all tenants.
    Worker,
}

/// What is known of a row before its tenant is. A policy of the row's table shows the rows that
/// have it, and no others.
#[derive(Debug, Clone, Copy)]
pub enum Key<'a> {
    /// Id of an API client.
    Client(&'a str),
    /// Id of a user.
    User(i64),
    /// A user name or an e-mail, in the form in which they are compared. Each tenant may have users
    /// with it.
    Username(&'a str),
    /// The SHA-256 of a refresh token.
    RefreshToken(&'a [u8; 32]),
    /// The idempotency key with which a tenant was founded.
    Founding(&'a str),
    /// A person, by the name another issuer has for them.
    Identity {
        /// URL of the issuer.
        issuer: &'a str,
        /// The issuer's name for the person.
        subject: &'a str,
    },
}

impl Key<'_> {
    /// The setting that the policy compares with, and its value.
    fn setting(&self) -> (&'static str, Cow<'_, str>) {
        match self {
            Self::Client(id) => ("client_id", Cow::Borrowed(id)),
            Self::User(id) => ("user_id", Cow::Owned(id.to_string())),
            Self::Username(name) => ("username", Cow::Borrowed(name)),
            Self::Founding(key) => ("founding", Cow::Borrowed(key)),
            Self::Identity { issuer, subject } => {
                ("identity", Cow::Owned(format!("{issuer}\n{subject}")))
            }
            Self::RefreshToken(hash) => ("refresh_token", Cow::Owned(text::hex(*hash))),
        }
    }
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
    /// Whether it sees the rows of no tenant, and may go on to see those of one.
    nobodys: AtomicBool,
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
            Scope::Key(key) => {
                let (setting, value) = key.setting();
                // A zero byte would keep the statement from being sent at all.
                let value = value.replace('\'', "''").replace('\0', "");
                begin.push_str(&format!("; SET LOCAL steward.{setting} = '{value}'"));
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
        let mut transaction = Self::on(session, true);
        *transaction.nobodys.get_mut() = matches!(scope, Scope::Platform);
        transaction.send(&begin);
        transaction
    }

    fn on(session: Object<Sessions>, open: bool) -> Self {
        Self {
            session,
            open: AtomicBool::new(open),
            nobodys: AtomicBool::new(false),
            after_commit: Mutex::default(),
        }
    }

    /// Statements that are a transaction each, on a session that is set to a tenant.
    pub(crate) fn around_single_statements(session: Object<Sessions>) -> Self {
        Self::on(session, false)
    }

    /// Goes on as a transaction of `tenant`, once, after it made that tenant. Costs no round trip.
    ///
    /// # Errors
    /// INTERNAL when the transaction is one of a tenant already.
    pub fn enter(&self, tenant: TenantId) -> Result<()> {
        if !self.nobodys.swap(false, Ordering::Relaxed) {
            return Err(Error::internal("a transaction sees one tenant's rows"));
        }
        // The id is an integer, so there is nothing to escape.
        self.send(&format!("SET LOCAL steward.tenant_id = '{tenant}'"));
        Ok(())
    }

    /// Undoes everything. Costs no round trip.
    pub fn roll_back(&self) {
        if self.open.swap(false, Ordering::Relaxed) {
            self.send("ROLLBACK");
        }
    }

    /// Undoes everything, and answers once that is done and nothing is held any more.
    ///
    /// # Errors
    /// UNAVAILABLE when the connection is lost.
    pub async fn rolled_back(&self) -> Result<()> {
        if self.open.swap(false, Ordering::Relaxed) {
            (&mut self.session.connection()).batch_execute("ROLLBACK").await.or_internal()?;
        }
        Ok(())
    }

    /// Remembers how things are, for [`Transaction::back_to_mark`]. There is one mark; a later one
    /// takes its place. Costs no round trip.
    pub fn mark(&self) {
        self.send("SAVEPOINT mark");
    }

    /// Undoes everything since [`Transaction::mark`], also after a statement has failed. Costs no
    /// round trip.
    pub fn back_to_mark(&self) {
        self.send("ROLLBACK TO SAVEPOINT mark");
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
