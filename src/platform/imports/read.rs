//! The job that reads a file and has its rows written.

mod rehearse;

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use object_store::ObjectStoreExt;
use steward_database::Transaction;
use steward_kernel::{Error, Kind, Principal, Result, TenantId, error::reason};
use steward_transport::insider::{Aim, Insider, InsiderCall};
use steward_transport::rest::{Refusal, RefusedMember, Row, RowRequest, Unreadable};

use super::file::Rows;
use super::model::{Fault, Import, MOST_REFUSED, Mode, Payload, Progress, State};
use super::{Described, Forms, repository};
use crate::changes::Batch;
use crate::events::Feed;
use crate::exports::Resources;
use crate::files;
use crate::jobs::{self, Failure, Handler, Job, Retries};
use crate::{App, callers};

/// The kind of the jobs that read.
pub(crate) const KIND: &str = "import.read";

/// After how many rows it is looked whether who asked for them may still call.
const LOOK_EVERY: i64 = 100;

/// Pauses before further attempts.
const PAUSES: &[Duration] =
    &[Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];

/// Why an import ends when who asked for it may not call any more.
const DISABLED: &str = "Whoever asked for the import was disabled.";

/// Reads imports.
pub struct ReadImport {
    forms: Arc<Forms>,
    /// What the records are like that a row may change.
    resources: Arc<Resources>,
    insider: Insider,
    feed: Arc<Feed>,
}

/// What a row has become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Created,
    Updated,
}

/// What a row has become, or what is wrong with it.
type Outcome = Result<Written, Vec<Fault>>;

/// One attempt at an import.
struct Run<'a> {
    reader: &'a ReadImport,
    app: &'a App,
    tenant: TenantId,
    import: &'a Import,
    job: &'a Job,
    described: &'a Described,
    rows: Rows,
    principal: Arc<Principal>,
}

impl ReadImport {
    /// Writes rows as `forms` say, by calls from within; what a row does not name stays as
    /// `resources` read it. `feed` tells of them.
    #[must_use]
    pub fn new(
        forms: Arc<Forms>,
        resources: Arc<Resources>,
        insider: Insider,
        feed: Arc<Feed>,
    ) -> Self {
        Self { forms, resources, insider, feed }
    }

    async fn attempt(&self, app: &App, tenant: TenantId, import: &Import, job: &Job) -> Result<()> {
        let Some(principal) = caller(app, tenant, import).await? else {
            return end(app, tenant, import, DISABLED, Some(job)).await;
        };
        let described = self
            .forms
            .find(principal.family, &import.resource)
            .ok_or_else(|| Error::internal(format!("{} is no resource", import.resource)))?;
        let rows = match read(app, tenant, import, described).await? {
            Ok(rows) => rows,
            Err(why) => return end(app, tenant, import, &why, Some(job)).await,
        };
        let ignored = &Vec::from_iter(rows.passed_over(&described.form));
        // Most files have none, and one that was begun before has said them.
        if *ignored != import.ignored_columns {
            app.database
                .transaction(tenant, |tx| async move {
                    repository::ignore(&tx, tenant, import.id, ignored).await
                })
                .await?;
        }
        let principal = Arc::new(principal);
        let run = Run { reader: self, app, tenant, import, job, described, rows, principal };
        match (import.all_or_nothing, import.dry_run) {
            (true, _) => run.together().await,
            (false, true) => run.rehearse().await,
            (false, false) => run.one_by_one().await,
        }
    }
}

impl Run<'_> {
    /// Writes each row and how far the import has come in a transaction of its own, so that an
    /// import that is taken up again goes on where it was. A row that is refused stops no other.
    async fn one_by_one(&self) -> Result<()> {
        let mut progress = Progress { rows: count(self.rows.len()), ..self.import.progress };
        while progress.processed < progress.rows {
            if self.is_disabled(progress.processed).await? {
                return end(self.app, self.tenant, self.import, DISABLED, Some(self.job)).await;
            }
            progress = self.next(progress).await?;
        }
        let finish = |tx: Arc<Transaction>| async move { self.finish(&tx, progress).await };
        self.app.database.transaction(self.tenant, finish).await
    }

    /// Writes the row after those that are done.
    async fn next(&self, before: Progress) -> Result<Progress> {
        self.app
            .database
            .transaction(self.tenant, |tx| async move {
                let outcome = self.write(&tx, before.processed + 1).await?;
                let (progress, mut refused) = before.after(outcome);
                if progress.failed > MOST_REFUSED {
                    refused.clear();
                }
                self.advance(&tx, before, progress, &refused).await?;
                Ok(progress)
            })
            .await
    }

    /// Writes a row with its event, or leaves nothing of it.
    async fn write(&self, tx: &Arc<Transaction>, number: i64) -> Result<Outcome> {
        tx.mark();
        let batch = Batch::new(tx);
        let outcome = self.row(Some((tx, &batch)), number).await?;
        match &outcome {
            Ok(_) => batch.record(self.tenant, &self.reader.feed).await?,
            Err(_) => tx.back_to_mark(),
        }
        Ok(outcome)
    }

    /// Writes down how far the import has come, unless another worker has.
    async fn advance(
        &self,
        tx: &Transaction,
        before: Progress,
        after: Progress,
        faults: &[Fault],
    ) -> Result<()> {
        let (tenant, id) = (self.tenant, self.import.id);
        if repository::advance(tx, tenant, id, before.processed, after, faults).await? {
            return Ok(());
        }
        Err(Error::new(Kind::Aborted, "IMPORT_ELSEWHERE", "Another worker writes the import."))
    }

    /// Writes all rows, or none, in one transaction that ends the import too: a server that is
    /// lost in the middle leaves nothing, and the next one begins again.
    ///
    /// First all rows are only checked, each by itself. That finds almost everything that can be
    /// wrong without anybody having to wait for it, and tells what is wrong with every row.
    async fn together(&self) -> Result<()> {
        let start = Progress { rows: count(self.rows.len()), ..Progress::default() };
        let begin =
            |tx: Arc<Transaction>| async move { self.advance(&tx, start, start, &[]).await };
        self.app.database.transaction(self.tenant, begin).await?;
        let (mut checked, mut faults) = (start, Vec::new());
        while checked.processed < checked.rows {
            if self.is_disabled(checked.processed).await? {
                return end(self.app, self.tenant, self.import, DISABLED, Some(self.job)).await;
            }
            let outcome = self.row(None, checked.processed + 1).await?;
            let (after, refused) = checked.after(outcome);
            checked = after;
            if checked.failed <= MOST_REFUSED {
                faults.extend(refused);
            }
        }
        let (checked, faults) = (checked, &faults);
        self.app
            .database
            .transaction(self.tenant, |tx| async move {
                if checked.failed > 0 {
                    return self.refuse(&tx, checked, faults).await;
                }
                tx.mark();
                let batch = Batch::new(&tx);
                let mut written = start;
                for number in 1..=start.rows {
                    let outcome = self.row(Some((&tx, &batch)), number).await?;
                    let (after, refused) = written.after(outcome);
                    written = after;
                    // Such as two rows that exclude each other.
                    if !refused.is_empty() {
                        tx.back_to_mark();
                        return self.refuse(&tx, written, &refused).await;
                    }
                }
                if self.import.dry_run {
                    tx.back_to_mark();
                } else {
                    batch.record(self.tenant, &self.reader.feed).await?;
                }
                // Fails when another worker has the job by now, and undoes all of this.
                self.finish(&tx, written).await
            })
            .await
    }

    /// Ends an import of which nothing is written.
    async fn refuse(&self, tx: &Transaction, found: Progress, faults: &[Fault]) -> Result<()> {
        if repository::refuse(tx, self.tenant, self.import.id, found, faults).await? {
            release(tx, self.tenant, self.import).await?;
        }
        jobs::complete(tx, self.job).await
    }

    /// Ends an import that was done.
    async fn finish(&self, tx: &Transaction, done: Progress) -> Result<()> {
        if repository::finish(tx, self.tenant, self.import.id, done).await? {
            release(tx, self.tenant, self.import).await?;
        }
        jobs::complete(tx, self.job).await
    }

    /// Whether who asked for the import may not call any more: then nothing more is imported.
    async fn is_disabled(&self, processed: i64) -> Result<bool> {
        if processed % LOOK_EVERY != 0 {
            return Ok(false);
        }
        caller(self.app, self.tenant, self.import).await.map(|caller| caller.is_none())
    }

    /// Has one row written in a batch, or only checked: finds out whether it creates or changes a
    /// record, and calls the RPC.
    async fn row(
        &self,
        within: Option<(&Arc<Transaction>, &Arc<Batch>)>,
        number: i64,
    ) -> Result<Outcome> {
        let form = &self.described.form;
        let refused = |Unreadable { column, code, message }| {
            let (code, pointer) = (code.to_owned(), form.pointer(&column));
            Ok(Err(vec![Fault { row: number, column, message, code, pointer }]))
        };
        let at = usize::try_from(number - 1).unwrap_or_default();
        let row = match self.rows.row(at, form) {
            Ok(row) => row,
            Err(unreadable) => return refused(unreadable),
        };
        let found = match (self.import.mode, within) {
            (Mode::Create, _) => Ok(None),
            (Mode::Upsert, Some((tx, _))) => self.record(tx, &row).await?,
            (Mode::Upsert, None) => {
                self.record(&self.app.database.read(self.tenant).await?, &row).await?
            }
        };
        let found = match found {
            Ok(found) => found,
            Err(unclear) => return refused(unclear),
        };
        let update = found.and_then(|(id, present)| form.update(&row, id, &present));
        let (request, written) = match update {
            Some(update) => (update, Written::Updated),
            None => (form.creation(&row), Written::Created),
        };
        let RowRequest { method, path, body } = request;
        let aim = match within {
            Some((_, batch)) => Aim::Write(Arc::clone(batch) as _),
            None => Aim::Check,
        };
        let call = InsiderCall {
            principal: &self.principal,
            address: self.import.address,
            method,
            path: &path,
            body: &body,
            aim,
        };
        match self.reader.insider.call(call).await? {
            Ok(_) => Ok(Ok(written)),
            Err(refusal) if refusal.passing => Err(passing(refusal)),
            Err(Refusal { members, message, code, .. }) if members.is_empty() => {
                let (column, pointer) = (String::new(), form.pointer(""));
                Ok(Err(vec![Fault { row: number, column, message, code, pointer }]))
            }
            Err(refusal) => {
                let fault = |RefusedMember { path, message, code, pointer }| Fault {
                    row: number,
                    column: path,
                    message,
                    code,
                    pointer,
                };
                Ok(Err(refusal.members.into_iter().map(fault).collect()))
            }
        }
    }

    /// The record that a row is about, by its id and as a row of its own; nothing when there is none
    /// yet. The inner error says why that cannot be told.
    async fn record(
        &self,
        tx: &Transaction,
        row: &Row,
    ) -> Result<Result<Option<(i64, Row)>, Unreadable>> {
        let Some(upsert) = &self.described.importable.upsert else { return Ok(Ok(None)) };
        let mut values = Vec::with_capacity(upsert.key.len());
        for part in upsert.key {
            match row.text(part.column) {
                Some(value) => values.push(value),
                None => {
                    let message = "Records are found by this, so it must not be empty.";
                    return Ok(Err(Unreadable::new(part.column, "required", message)));
                }
            }
        }
        let found = repository::find_by_key(tx, self.tenant, upsert, &values).await?;
        Ok(match found.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some((*one, self.present(tx, *one).await?))),
            _ => {
                let last = upsert.key.last().map_or("", |part| part.column);
                Err(Unreadable::new(last, "ambiguous", "More than one record has this."))
            }
        })
    }

    /// A record as a row of an export has it.
    async fn present(&self, tx: &Transaction, id: i64) -> Result<Row> {
        let (family, resource) = (self.principal.family, &self.import.resource);
        let described = self.reader.resources.find(family, resource);
        let described = described
            .ok_or_else(|| Error::internal(format!("{resource} can be changed, not exported")))?;
        let records = (described.resource.read)(tx, self.tenant, &[id]).await?;
        let record = records.first().ok_or_else(|| Error::internal("a record without a row"))?;
        let members = serde_json::from_slice(&described.json(record)?).map_err(Error::internal)?;
        let present = self.described.form.object(members);
        present.map_err(|unreadable| Error::internal(format!("an export: {unreadable:?}")))
    }
}

/// A refusal that the next attempt may not meet.
fn passing(refusal: Refusal) -> Error {
    if refusal.reason == reason::CONFLICT {
        return Error::conflict();
    }
    Error::unavailable(refusal.message, Duration::from_secs(1))
}

impl Progress {
    /// How far it has come after the next row, and what was wrong with that.
    fn after(self, outcome: Outcome) -> (Self, Vec<Fault>) {
        let next = Self { processed: self.processed + 1, ..self };
        match outcome {
            Ok(Written::Created) => (next, Vec::new()),
            Ok(Written::Updated) => (Self { updated: next.updated + 1, ..next }, Vec::new()),
            Err(faults) => (Self { failed: next.failed + 1, ..next }, faults),
        }
    }
}

impl Handler for ReadImport {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn retries(&self) -> Retries {
        Retries::After(PAUSES)
    }

    fn concurrency(&self) -> usize {
        2
    }

    fn time_limit(&self) -> Duration {
        Duration::from_secs(2 * 3600)
    }

    fn run<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            let tenant = job.tenant()?;
            let import = of_job(app, job).await?;
            // One that was given up, and is retried by hand: its file has been let go of.
            if matches!(import.state, State::Done | State::Failed) {
                return Ok(());
            }
            Ok(self.attempt(app, tenant, &import, job).await?)
        }
        .boxed()
    }

    fn gave_up<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        gave_up(app, job)
    }
}

/// Who asked for an import, as they are by now; nothing when they may not call any more.
async fn caller(app: &App, tenant: TenantId, import: &Import) -> Result<Option<Principal>> {
    callers::principal(app, tenant, &import.client_id, &import.scopes).await
}

async fn of_job(app: &App, job: &Job) -> Result<Import> {
    let tenant = job.tenant()?;
    let Payload { import } = job.payload()?;
    let tx = app.database.read(tenant).await?;
    repository::get(&tx, tenant, import).await
}

/// Ends the import of a job that will not be done.
pub(crate) fn gave_up<'a>(app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
    async move {
        let import = of_job(app, job).await?;
        let why = "The server could not write all rows, and gave up.";
        end(app, job.tenant()?, &import, why, None).await
    }
    .boxed()
}

/// Lets go of the file of an import.
async fn release(tx: &Transaction, tenant: TenantId, import: &Import) -> Result<()> {
    match import.file_id {
        Some(file) => files::release(tx, tenant, file).await,
        None => Ok(()),
    }
}

/// Reads the file of an import; the inner error says why it is refused as a whole.
async fn read(
    app: &App,
    tenant: TenantId,
    import: &Import,
    described: &Described,
) -> Result<Result<Rows, String>> {
    let file = import.file_id.ok_or_else(|| Error::internal("the file is gone"))?;
    let object = app.files.store().get(&app.files.key(tenant, file)).await;
    let object = object.map_err(files::unreachable)?;
    if i64::try_from(object.meta.size).unwrap_or(i64::MAX) > files::LARGEST {
        return Ok(Err("The file is too large.".to_owned()));
    }
    let bytes = object.bytes().await.map_err(files::unreachable)?;
    Ok(Rows::read(&bytes, import.format, &described.form))
}

/// Ends an import as a whole, and its job with it when the job is done so.
async fn end(
    app: &App,
    tenant: TenantId,
    import: &Import,
    why: &str,
    job: Option<&Job>,
) -> Result<()> {
    app.database
        .transaction(tenant, |tx| async move {
            if repository::fail(&tx, tenant, import.id, why).await? {
                release(&tx, tenant, import).await?;
            }
            match job {
                Some(job) => jobs::complete(&tx, job).await,
                None => Ok(()),
            }
        })
        .await
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
