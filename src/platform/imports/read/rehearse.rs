//! Dry runs: rows are written one after the other, so that each meets those before it, and all of it
//! is undone.

use std::sync::Arc;

use steward_database::Transaction;
use steward_kernel::{Error, Result};

use super::{DISABLED, Run, count, end};
use crate::changes::Batch;
use crate::imports::model::{Fault, MOST_REFUSED, Progress};

/// How many rows there are from one mark to the next. After a row that is refused, those since the
/// mark are written again; and a transaction of very many marks slows the whole cluster down.
const AT_ONCE: usize = 64;

/// What a rehearsal has found; nothing when whoever asked for it may not call any more.
type Found = Option<(Progress, Vec<Fault>)>;

impl Run<'_> {
    /// Says what would become of each row, of which nothing is written.
    pub(super) async fn rehearse(&self) -> Result<()> {
        let before = self.import.progress;
        let start = Progress { rows: count(self.rows.len()), ..Progress::default() };
        let begin =
            |tx: Arc<Transaction>| async move { self.advance(&tx, before, start, &[]).await };
        self.app.database.transaction(self.tenant, begin).await?;
        let trial = self.app.database.on_trial();
        let rehearsal = |tx: Arc<Transaction>| async move { self.rehearsed(&tx, start).await };
        let Some((found, faults)) = &trial.transaction(self.tenant, rehearsal).await? else {
            return end(self.app, self.tenant, self.import, DISABLED, Some(self.job)).await;
        };
        self.app
            .database
            .transaction(self.tenant, |tx| async move {
                self.advance(&tx, start, *found, faults).await?;
                self.finish(&tx, *found).await
            })
            .await
    }

    async fn rehearsed(&self, tx: &Arc<Transaction>, start: Progress) -> Result<Found> {
        let (mut found, mut faults) = (start, Vec::new());
        let mut since_mark = Vec::with_capacity(AT_ONCE);
        tx.mark();
        while found.processed < found.rows {
            if self.is_disabled(found.processed).await? {
                return Ok(None);
            }
            let number = found.processed + 1;
            let outcome = self.row(Some((tx, &Batch::new(tx))), number).await?;
            if outcome.is_ok() {
                since_mark.push(number);
            } else {
                tx.back_to_mark();
                for written in &since_mark {
                    let again = self.row(Some((tx, &Batch::new(tx))), *written).await?;
                    // Somebody else has got in the way by now; the next attempt finds it out.
                    again.map_err(|_| Error::conflict())?;
                }
            }
            if since_mark.len() == AT_ONCE {
                tx.mark();
                since_mark.clear();
            }
            let (after, refused) = found.after(outcome);
            found = after;
            if found.failed <= MOST_REFUSED {
                faults.extend(refused);
            }
        }
        Ok(Some((found, faults)))
    }
}
