//! Changes: one transaction for what a handler does and for all that follows from it.
//!
//! The stack asks for a change and commits it; the handler takes part through its context
//! (`App::transaction`). What an idempotency key stands for and the event are written last, in
//! the same transaction, so that neither can be without the other.

mod batch;
mod founding;
mod repository;

use std::any::Any;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_database::{Database, Isolation, Transaction};
use steward_kernel::{Context, Error, Kind, Result, TenantId, error::reason};
use steward_transport::changes::{Begun, Change, Changes, Event, OpenChange, Outcome, Recorded};

pub use self::batch::Batch;
pub use self::founding::Founding;
use self::repository::{Found, Happened, Key};
use crate::App;
use crate::events::Feed;

/// The changes of every family.
pub struct DatabaseChanges {
    database: Database,
    feed: Arc<Feed>,
}

impl DatabaseChanges {
    /// Changes in the database of `app`, whose events are announced to `feed`.
    #[must_use]
    pub fn new(app: &App, feed: Arc<Feed>) -> Self {
        Self { database: app.database.clone(), feed }
    }
}

impl Changes for DatabaseChanges {
    fn begin<'a>(&'a self, change: Change<'a>) -> BoxFuture<'a, Result<Begun>> {
        async move {
            let Change { context, rpc, key, conditional } = change;
            if let Some(batch) = context.unit::<Batch>() {
                return Ok(Begun::Open(Box::new(batch.open(context, rpc))));
            }
            let isolation =
                if conditional { Isolation::Snapshot } else { Isolation::ReadCommitted };
            let transaction = self.database.begin(context.tenant()?, isolation).await?;
            let key = key.map(|(key, hash)| Key {
                client_id: client_id(context).to_owned(),
                rpc,
                key: key.to_owned(),
                request_hash: hash,
            });
            if let Some(key) = &key {
                match repository::begin(&transaction, key).await? {
                    Found::Nothing => {}
                    Found::Running => return Err(in_progress()),
                    Found::Record { request_hash, answer } => {
                        // The key is let go before the answer leaves, or whoever asks next might
                        // be told that the first call is still running.
                        transaction.commit().await?;
                        if request_hash != key.request_hash {
                            return Err(key_reused());
                        }
                        return Ok(Begun::Replay(answer));
                    }
                }
            }
            let open = OpenDatabaseChange {
                database: self.database.clone(),
                feed: Arc::clone(&self.feed),
                transaction,
                context: context.clone(),
                rpc,
                key,
            };
            Ok(Begun::Open(Box::new(open)))
        }
        .boxed()
    }
}

/// A change whose transaction is open; dropping it rolls back.
struct OpenDatabaseChange {
    database: Database,
    feed: Arc<Feed>,
    transaction: Arc<Transaction>,
    context: Context,
    rpc: &'static str,
    key: Option<Key>,
}

impl OpenChange for OpenDatabaseChange {
    fn unit(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.transaction) as Arc<dyn Any + Send + Sync>
    }

    fn commit(self: Box<Self>, outcome: Outcome) -> BoxFuture<'static, Result<()>> {
        async move {
            if let Some(key) = &self.key {
                repository::record(&self.transaction, key, &outcome.answer).await?;
            }
            let events = outcome.events.into_iter();
            let happened: Vec<_> =
                events.map(|event| happened(&self.context, self.rpc, event)).collect();
            record(&self.transaction, self.context.tenant()?, &self.feed, &happened).await?;
            self.transaction.commit().await
        }
        .boxed()
    }

    fn roll_back(self: Box<Self>, answer: Option<Recorded>) -> BoxFuture<'static, Result<()>> {
        async move {
            let Some(key) = &self.key else {
                self.transaction.roll_back();
                return Ok(());
            };
            // Until then the key is held, and neither this nor a repeated call could have it.
            self.transaction.rolled_back().await?;
            let Some(answer) = answer else { return Ok(()) };
            // A transaction of its own, because the other one may have failed.
            let tenant = self.context.tenant()?;
            let transaction = self.database.begin(tenant, Isolation::ReadCommitted).await?;
            match repository::begin(&transaction, key).await? {
                Found::Nothing => {
                    repository::record(&transaction, key, &answer).await?;
                    transaction.commit().await
                }
                // Somebody was quicker with the same request, and met the same failure.
                Found::Running | Found::Record { .. } => Ok(()),
            }
        }
        .boxed()
    }
}

/// Writes an event of something that no RPC's change has made, as the last of its transaction.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub(crate) async fn note(
    tx: &Transaction,
    caller: &str,
    origin: Origin<'_>,
    event: Event,
) -> Result<()> {
    let happened = Happened {
        event,
        client_id: caller.to_owned(),
        request_id: origin.request_id.to_owned(),
        rpc: origin.rpc,
        address: None,
    };
    repository::append(tx, &[happened]).await.map(drop)
}

/// The call in which something happens.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// `package.Service/Method`.
    pub rpc: &'static str,
    /// Id of the request.
    pub request_id: &'a str,
}

/// What a call has done.
fn happened(context: &Context, rpc: &'static str, event: Event) -> Happened {
    Happened {
        event,
        client_id: client_id(context).to_owned(),
        request_id: context.request_id().to_owned(),
        rpc,
        address: context.address(),
    }
}

/// Who does what the server does by itself, as the audit trail names them.
pub(crate) const SYSTEM: &str = "system";

/// Writes what the server has found out by itself, as the last of its transaction.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn found_out(tx: &Transaction, event: Event) -> Result<()> {
    let happened = Happened {
        event,
        client_id: SYSTEM.to_owned(),
        request_id: String::new(),
        rpc: "",
        address: None,
    };
    // Those who follow the events look for themselves once a second.
    repository::append(tx, &[happened]).await.map(drop)
}

/// Writes what has happened, as the last of its transaction, and has those told who wait for it.
async fn record(
    tx: &Transaction,
    tenant: TenantId,
    feed: &Arc<Feed>,
    happened: &[Happened],
) -> Result<()> {
    if let Some(sequence) = repository::append(tx, happened).await? {
        let feed = Arc::clone(feed);
        tx.after_commit(move || feed.announce(tenant, sequence));
    }
    Ok(())
}

fn client_id(context: &Context) -> &str {
    context.principal().map_or("", |principal| principal.client_id.as_str())
}

fn in_progress() -> Error {
    Error::new(
        Kind::Aborted,
        reason::IDEMPOTENCY_IN_PROGRESS,
        "The first call with this idempotency key is still running.",
    )
    .with_retry_after(std::time::Duration::from_secs(1))
}

fn key_reused() -> Error {
    Error::new(
        Kind::InvalidArgument,
        reason::IDEMPOTENCY_KEY_REUSED,
        "The idempotency key was used for another request.",
    )
}

/// What a record holds of bytes, which JSON has none of.
fn from_hex(text: &str) -> Result<Bytes> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect::<Option<Vec<u8>>>()
        .map(Bytes::from)
        .ok_or_else(|| Error::internal("a record is not hexadecimal"))
}
