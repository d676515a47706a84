//! The job that reads a file and has its rows written.

use std::sync::Arc;
use std::time::Duration;

use csv::StringRecord;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use object_store::ObjectStoreExt;
use steward_kernel::{Error, Principal, Result, TenantId};
use steward_transport::insider::{Insider, InsiderCall};
use steward_transport::rest::Form;

use super::model::{Fault, Import, MOST_REFUSED, MOST_ROWS, Payload, State};
use super::{Forms, repository};
use crate::App;
use crate::files;
use crate::jobs::{self, Failure, Handler, Job, Retries};

/// The kind of the jobs that read.
pub(super) const KIND: &str = "import.read";

/// How many rows are written between two reports of how far it has come.
const REPORT_EVERY: i64 = 50;

/// Pauses before further attempts.
const PAUSES: &[Duration] =
    &[Duration::from_secs(10), Duration::from_secs(60), Duration::from_secs(600)];

/// Reads imports.
pub struct ReadImport {
    forms: Arc<Forms>,
    insider: Insider,
}

/// A file that was read.
struct Table {
    names: Vec<String>,
    rows: Vec<StringRecord>,
}

impl ReadImport {
    /// Writes rows as `forms` say, by calls from within.
    #[must_use]
    pub fn new(forms: Arc<Forms>, insider: Insider) -> Self {
        Self { forms, insider }
    }

    async fn attempt(&self, app: &App, tenant: TenantId, import: &Import, job: &Job) -> Result<()> {
        let (_, form) = self
            .forms
            .find(&import.resource)
            .ok_or_else(|| Error::internal(format!("{} is no resource", import.resource)))?;
        let bytes = app.files.store().get(&app.files.key(tenant, import.file_id)).await;
        let bytes = bytes.map_err(files::unreachable)?.bytes().await.map_err(files::unreachable)?;
        let table = match table(&bytes, form) {
            Ok(table) => table,
            Err(why) => return give_up(app, tenant, import, &why, Some(job)).await,
        };
        let mut progress = import.progress;
        progress.rows = count(table.rows.len());
        let mut faults = Vec::new();
        let done = usize::try_from(progress.processed).unwrap_or_default();
        for row in &table.rows[done.min(table.rows.len())..] {
            let number = progress.processed + 1;
            let refused = self.row(tenant, import, form, &table.names, number, row).await?;
            progress.processed = number;
            if !refused.is_empty() {
                progress.failed += 1;
                if progress.failed <= MOST_REFUSED {
                    faults.extend(refused);
                }
            }
            if number % REPORT_EVERY == 0 {
                let found = &std::mem::take(&mut faults);
                app.database
                    .transaction(tenant, |tx| async move {
                        repository::set(&tx, tenant, import.id, State::Running, progress, found)
                            .await
                    })
                    .await?;
            }
        }
        let faults = &faults;
        app.database
            .transaction(tenant, |tx| async move {
                repository::set(&tx, tenant, import.id, State::Done, progress, faults).await?;
                files::release(&tx, tenant, import.file_id).await?;
                jobs::complete(&tx, job).await
            })
            .await
    }

    /// Has a row written. Answers what is wrong with it.
    async fn row(
        &self,
        tenant: TenantId,
        import: &Import,
        form: &Form,
        names: &[String],
        number: i64,
        row: &StringRecord,
    ) -> Result<Vec<Fault>> {
        let fault = |column: String, message: String| Fault { row: number, column, message };
        if row.len() != names.len() {
            let message = format!("The row has {} cells for {} columns.", row.len(), names.len());
            return Ok(vec![fault(String::new(), message)]);
        }
        let cells: Vec<&str> = row.iter().collect();
        let request = match form.request(names, &cells) {
            Ok(request) => request,
            Err((column, message)) => return Ok(vec![fault(column, message)]),
        };
        let principal = Arc::new(Principal {
            tenant,
            client_id: import.client_id.clone(),
            scopes: import.scopes.clone(),
        });
        let call = InsiderCall {
            principal: &principal,
            method: form.method().clone(),
            path: &request.path,
            body: &request.body,
            key: &format!("import-{}-{number}", import.id),
            validate_only: import.dry_run,
        };
        match self.insider.call(call).await? {
            Ok(()) => Ok(Vec::new()),
            Err(refusal) if refusal.passing => Err(Error::internal(refusal.message)),
            Err(refusal) if refusal.members.is_empty() => {
                Ok(vec![fault(String::new(), refusal.message)])
            }
            Err(refusal) => {
                let members = refusal.members.into_iter();
                Ok(members.map(|(column, message)| fault(column, message)).collect())
            }
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
            let Payload { import } = job.payload()?;
            let tx = app.database.read(tenant).await?;
            let import = repository::get(&tx, tenant, import).await?;
            drop(tx);
            let result = self.attempt(app, tenant, &import, job).await;
            let last = usize::try_from(job.attempt).is_ok_and(|attempt| attempt > PAUSES.len());
            if result.is_err() && last {
                let why = "The server could not write all rows, and gave up.";
                give_up(app, tenant, &import, why, None).await?;
            }
            result.map_err(Failure::from)
        }
        .boxed()
    }
}

/// Ends an import as a whole, and its job with it when the job is done so.
async fn give_up(
    app: &App,
    tenant: TenantId,
    import: &Import,
    why: &str,
    job: Option<&Job>,
) -> Result<()> {
    app.database
        .transaction(tenant, |tx| async move {
            repository::fail(&tx, tenant, import.id, why).await?;
            files::release(&tx, tenant, import.file_id).await?;
            match job {
                Some(job) => jobs::complete(&tx, job).await,
                None => Ok(()),
            }
        })
        .await
}

/// Reads a file; the error says why the file as a whole is refused.
fn table(bytes: &[u8], form: &Form) -> Result<Table, String> {
    // Spreadsheets mark UTF-8 so.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
    let unreadable = |error: csv::Error| match error.position() {
        Some(position) => format!("The file cannot be read at line {}.", position.line()),
        None => "The file cannot be read.".to_owned(),
    };
    let names = reader.headers().map_err(unreadable)?;
    let names: Vec<String> = names.iter().map(|name| name.trim().to_owned()).collect();
    form.check(&names)?;
    let mut rows = Vec::new();
    for row in reader.records() {
        if rows.len() == MOST_ROWS {
            return Err("The file has more than 50,000 rows.".to_owned());
        }
        rows.push(row.map_err(unreadable)?);
    }
    Ok(Table { names, rows })
}

fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
