//! The job that writes an export.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use object_store::{ObjectStoreExt, WriteMultipart};
use steward_database::{Transaction, list_ids};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Export, Format, Payload, State};
use super::repository;
use super::resource::{Described, Resources};
use crate::files::unreachable;
use crate::jobs::{self, Failure, Handler, Job, Retries};
use crate::{App, tenants};

/// The kind of the jobs that write.
pub(crate) const KIND: &str = "export.write";

/// Records read at a time.
const CHUNK: i32 = 500;

/// How many chunks are written between two reports of how far it has come.
const REPORT_EVERY: i64 = 10;

/// Bytes of a part, the smallest that S3 takes. Two are held.
const PART: usize = 5 * 1024 * 1024;

/// Pauses before further attempts.
const PAUSES: &[Duration] = &[Duration::from_secs(10), Duration::from_secs(120)];

/// What lists are gone through by, for each column that is the key of one.
static KEYS: [(&str, Field); 2] = [
    ("id", Field::integer("id", "r.id")),
    ("internal_id", Field::integer("internal_id", "r.internal_id")),
];

/// Writes exports.
pub struct WriteExport {
    resources: Arc<Resources>,
}

impl WriteExport {
    /// Writes exports of `resources`.
    #[must_use]
    pub fn new(resources: Arc<Resources>) -> Self {
        Self { resources }
    }

    async fn attempt(&self, app: &App, tenant: TenantId, export: &Export, job: &Job) -> Result<()> {
        let family = tenants::family_of(app, tenant).await?;
        let described = self
            .resources
            .find(family, &export.resource)
            .ok_or_else(|| Error::internal(format!("{} is no resource", export.resource)))?;
        report(app, tenant, export.id, State::Running, 0, 0).await?;
        // All chunks see the same, however long it takes.
        let snapshot = app.database.snapshot(tenant).await?;
        let (rows, bytes) = write(app, tenant, export, &described, &snapshot).await?;
        drop(snapshot);
        app.database
            .transaction(tenant, |tx| async move {
                repository::set(&tx, tenant, export.id, State::Done, rows, bytes).await?;
                jobs::complete(&tx, job).await
            })
            .await
    }
}

impl Handler for WriteExport {
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
            let Payload { export } = job.payload()?;
            let tx = app.database.read(tenant).await?;
            let export = repository::get(&tx, tenant, export).await?;
            drop(tx);
            // One that was given up, and is retried by hand.
            if !matches!(export.state, State::Queued | State::Running) {
                return Ok(());
            }
            Ok(self.attempt(app, tenant, &export, job).await?)
        }
        .boxed()
    }

    fn gave_up<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        gave_up(app, job)
    }
}

/// Ends the export of a job that will not be done.
pub(crate) fn gave_up<'a>(app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
    async move {
        let Payload { export } = job.payload()?;
        report(app, job.tenant()?, export, State::Failed, 0, 0).await
    }
    .boxed()
}

async fn report(
    app: &App,
    tenant: TenantId,
    id: i64,
    state: State,
    rows: i64,
    bytes: i64,
) -> Result<()> {
    app.database
        .transaction(tenant, |tx| async move {
            repository::set(&tx, tenant, id, state, rows, bytes).await
        })
        .await
        .map(drop)
}

/// Writes all records; answers how many, and how many bytes they took. What is not written to
/// its end is not there at all.
async fn write(
    app: &App,
    tenant: TenantId,
    export: &Export,
    described: &Described<'_>,
    snapshot: &Transaction,
) -> Result<(i64, i64)> {
    let key = app.files.export_key(tenant, export.id);
    let parts = app.files.store().put_multipart(&key).await.map_err(unreachable)?;
    let mut file = WriteMultipart::new_with_chunk_size(parts, PART);
    match fill(app, tenant, export, described, snapshot, &mut file).await {
        Ok(written) => file.finish().await.map(|_| written).map_err(unreachable),
        Err(error) => {
            // Parts that are left behind would be kept, and paid for.
            if let Err(cause) = file.abort().await {
                tracing::warn!(%cause, "the parts of an export are left in the store");
            }
            Err(error)
        }
    }
}

async fn fill(
    app: &App,
    tenant: TenantId,
    export: &Export,
    described: &Described<'_>,
    snapshot: &Transaction,
    file: &mut WriteMultipart,
) -> Result<(i64, i64)> {
    let resource = described.resource;
    let clock = resource.clock(snapshot, tenant).await?;
    let filter = resource.filter(&export.filter, &clock).map_err(Error::internal)?;
    let page = PageRequest { number: 1, size: CHUNK };
    let query = ListQuery { filter, ..ListQuery::all(page) };
    let key = KEYS.iter().find(|(column, _)| *column == resource.list.key);
    let (_, key) = key.ok_or_else(|| Error::internal("a list with another key"))?;
    let (mut last, mut rows, mut bytes, mut chunks) = (0, 0, 0, 0);
    loop {
        let after = Filter::Compare(key, Operator::Greater, Value::Integer(last));
        let ids = list_ids(snapshot, &resource.list, tenant, Some(&after), &query).await?;
        let records = (resource.read)(snapshot, tenant, &ids).await?;
        let lines = match export.format {
            Format::Csv => table(described, chunks == 0, &records)?,
            Format::Ndjson => lines(described, &records)?,
        };
        file.write(&lines);
        rows += count(records.len());
        bytes += count(lines.len());
        chunks += 1;
        let Some(end) = ids.last() else { return Ok((rows, bytes)) };
        last = *end;
        file.wait_for_capacity(1).await.map_err(unreachable)?;
        if chunks % REPORT_EVERY == 0 {
            report(app, tenant, export.id, State::Running, rows, bytes).await?;
        }
    }
}

/// Records as a table; the first has the names of the columns.
fn table(described: &Described<'_>, first: bool, records: &[Vec<u8>]) -> Result<Vec<u8>> {
    let terminator = csv::Terminator::CRLF;
    let mut table = csv::WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    if first {
        table.write_record(described.columns.names()).map_err(Error::internal)?;
    }
    for record in records {
        table.write_record(described.row(record)?).map_err(Error::internal)?;
    }
    table.into_inner().map_err(|error| Error::internal(error.into_error()))
}

/// Records as a JSON text a line.
fn lines(described: &Described<'_>, records: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for record in records {
        lines.extend(described.json(record)?);
        lines.push(b'\n');
    }
    Ok(lines)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
