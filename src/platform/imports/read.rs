//! The job that reads a file and has its rows written.

use std::sync::Arc;
use std::time::Duration;

use csv::StringRecord;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use object_store::ObjectStoreExt;
use steward_database::Transaction;
use steward_kernel::{Error, Principal, Result, TenantId};
use steward_transport::insider::{Insider, InsiderCall};
use steward_transport::rest::Form;

use super::model::{Fault, Import, MOST_REFUSED, MOST_ROWS, Payload, State};
use super::{Forms, repository};
use crate::files;
use crate::jobs::{self, Failure, Handler, Job, Retries};
use crate::{App, callers};

/// The kind of the jobs that read.
pub(super) const KIND: &str = "import.read";

/// After how many rows it is looked whether who asked for them may still call.
const LOOK_EVERY: i64 = 100;

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
        let gone = "Whoever asked for the import was disabled.";
        let caller =
            async || callers::principal(app, tenant, &import.client_id, &import.scopes).await;
        let Some(principal) = caller().await?.map(Arc::new) else {
            return give_up(app, tenant, import, gone, Some(job)).await;
        };
        let (_, form) = self
            .forms
            .find(principal.family, &import.resource)
            .ok_or_else(|| Error::internal(format!("{} is no resource", import.resource)))?;
        let table = match read(app, tenant, import, form).await? {
            Ok(table) => table,
            Err(why) => return give_up(app, tenant, import, &why, Some(job)).await,
        };
        let mut progress = import.progress;
        progress.rows = count(table.rows.len());
        let done = usize::try_from(progress.processed).unwrap_or_default();
        for row in &table.rows[done.min(table.rows.len())..] {
            // Whoever may not call any more imports no more either.
            if progress.processed % LOOK_EVERY == 0 && caller().await?.is_none() {
                return give_up(app, tenant, import, gone, Some(job)).await;
            }
            let number = progress.processed + 1;
            let mut refused = self.row(&principal, import, form, &table.names, number, row).await?;
            progress.processed = number;
            if !refused.is_empty() {
                progress.failed += 1;
                if progress.failed > MOST_REFUSED {
                    refused.clear();
                }
            }
            let refused = &refused;
            app.database
                .transaction(tenant, |tx| async move {
                    let running = State::Running;
                    repository::set(&tx, tenant, import.id, running, progress, refused).await
                })
                .await?;
        }
        app.database
            .transaction(tenant, |tx| async move {
                if repository::set(&tx, tenant, import.id, State::Done, progress, &[]).await? {
                    release(&tx, tenant, import).await?;
                }
                jobs::complete(&tx, job).await
            })
            .await
    }

    /// Has a row written. Answers what is wrong with it.
    async fn row(
        &self,
        principal: &Arc<Principal>,
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
        let call = InsiderCall {
            principal,
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
            // One that was given up, and is retried by hand: its file has been let go of.
            if matches!(import.state, State::Done | State::Failed) {
                return Ok(());
            }
            Ok(self.attempt(app, tenant, &import, job).await?)
        }
        .boxed()
    }

    fn gave_up<'a>(&'a self, app: &'a App, job: &'a Job) -> BoxFuture<'a, Result<()>> {
        async move {
            let tenant = job.tenant()?;
            let Payload { import } = job.payload()?;
            let tx = app.database.read(tenant).await?;
            let import = repository::get(&tx, tenant, import).await?;
            drop(tx);
            let why = "The server could not write all rows, and gave up.";
            give_up(app, tenant, &import, why, None).await
        }
        .boxed()
    }
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
    form: &Form,
) -> Result<Result<Table, String>> {
    let file = import.file_id.ok_or_else(|| Error::internal("the file is gone"))?;
    let object = app.files.store().get(&app.files.key(tenant, file)).await;
    let object = object.map_err(files::unreachable)?;
    if i64::try_from(object.meta.size).unwrap_or(i64::MAX) > files::LARGEST {
        return Ok(Err("The file is too large.".to_owned()));
    }
    Ok(table(&object.bytes().await.map_err(files::unreachable)?, form))
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
