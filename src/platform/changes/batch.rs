//! Several changes in one transaction.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use steward_database::Transaction;
use steward_kernel::{Context, Error, Result, TenantId, UnitOfWork};
use steward_transport::changes::{OpenChange, Outcome, Recorded};

use super::{Happened, happened, record};
use crate::events::Feed;

/// Changes that are made in one transaction, by calls from within: all of them last, or none.
///
/// Whoever has the transaction writes the events of all of them with [`Batch::record`] and
/// commits. The events come last, because from them to the commit other changes of the tenant
/// wait. The changes have no idempotency keys: what is written together with them says whether
/// they were made.
pub struct Batch {
    transaction: Arc<Transaction>,
    happened: Mutex<Vec<Happened>>,
    failed: AtomicBool,
}

impl UnitOfWork for Batch {}

impl Batch {
    /// Changes in `transaction`.
    #[must_use]
    pub fn new(transaction: &Arc<Transaction>) -> Arc<Self> {
        Arc::new(Self {
            transaction: Arc::clone(transaction),
            happened: Mutex::default(),
            failed: AtomicBool::new(false),
        })
    }

    /// A change that takes part.
    pub(super) fn open(self: Arc<Self>, context: &Context, rpc: &'static str) -> OpenPart {
        OpenPart { batch: self, context: context.clone(), rpc, is_made: false }
    }

    /// Writes the events of all changes. Whoever waits for events of the tenant is told by `feed`
    /// after the commit.
    ///
    /// # Errors
    /// INTERNAL when one of the changes was not made: what it had written before is still there,
    /// so the transaction must be rolled back.
    pub async fn record(&self, tenant: TenantId, feed: &Arc<Feed>) -> Result<()> {
        if self.failed.load(Ordering::Relaxed) {
            return Err(Error::internal("a change of the batch was not made"));
        }
        let happened = self.happened.lock().map(|mut list| std::mem::take(&mut *list));
        let happened = happened.map_err(|_| Error::internal("the events of a batch are lost"))?;
        record(&self.transaction, tenant, feed, &happened).await
    }
}

/// A change of a batch.
pub(super) struct OpenPart {
    batch: Arc<Batch>,
    context: Context,
    rpc: &'static str,
    is_made: bool,
}

impl OpenChange for OpenPart {
    fn unit(&self) -> Arc<dyn Any + Send + Sync> {
        Arc::clone(&self.batch.transaction) as Arc<dyn Any + Send + Sync>
    }

    fn commit(mut self: Box<Self>, outcome: Outcome) -> BoxFuture<'static, Result<()>> {
        async move {
            {
                let mut list = self.batch.happened.lock();
                let list = list.as_mut().map_err(|_| Error::internal("another change failed"))?;
                let events = outcome.events.into_iter();
                list.extend(events.map(|event| happened(&self.context, self.rpc, event)));
            }
            self.is_made = true;
            Ok(())
        }
        .boxed()
    }

    fn roll_back(self: Box<Self>, _: Option<Recorded>) -> BoxFuture<'static, Result<()>> {
        // Dropping it says that the batch has failed.
        async { Ok(()) }.boxed()
    }
}

impl Drop for OpenPart {
    fn drop(&mut self) {
        if !self.is_made {
            self.batch.failed.store(true, Ordering::Relaxed);
        }
    }
}
