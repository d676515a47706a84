//! What clients do with imports.

use steward_kernel::{Context, Error, Result};

use super::model::{Fault, Format, Import, MOST_OPEN, NewImport, Payload, SHOWN_ROWS, TYPES};
use super::read::KIND;
use super::repository;
use crate::App;
use crate::files::{self, Announced, Upload};
use crate::jobs::{self, NewJob};

pub(super) async fn create(app: &App, context: &Context, new: NewImport) -> Result<Import> {
    let tenant = context.tenant()?;
    let new = &new;
    app.transaction(context, |tx| async move {
        if repository::count_open(&tx, tenant).await? >= MOST_OPEN {
            let message = "Five imports are not finished yet; wait for one of them.";
            return Err(Error::forbidden_action(message));
        }
        // Boxed, because the compiler's depth has a limit.
        let bind = files::bind(app, &tx, tenant, "import.file_id", &new.file, TYPES);
        let file = Box::pin(bind).await?;
        let format = new.format.unwrap_or_else(|| Format::of(&file.content_type));
        let import = repository::insert(&tx, context, new, format, file.id).await?;
        let job = NewJob::new(KIND, &Payload { import: import.id })?;
        jobs::enqueue(&tx, tenant, job).await?;
        Ok(import)
    })
    .await
}

/// Announces a file to import; answers where to upload it.
pub(super) async fn announce(app: &App, context: &Context, file: Announced) -> Result<Upload> {
    files::ask_within(app, context, "file", file, TYPES).await
}

/// An import, and what was wrong with its first rows.
pub(super) async fn get(app: &App, context: &Context, id: i64) -> Result<(Import, Vec<Fault>)> {
    let (tenant, tx) = (context.tenant()?, app.read(context).await?);
    let import = repository::get(&tx, tenant, id).await?;
    let faults = repository::faults(&tx, tenant, id, 0, SHOWN_ROWS).await?;
    Ok((import, faults))
}

/// What was wrong with the rows after `cursor`, of at most `limit` rows.
pub(super) async fn faults(
    app: &App,
    context: &Context,
    import: i64,
    cursor: Option<i64>,
    limit: i64,
) -> Result<Vec<Fault>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    repository::get(&tx, tenant, import).await?;
    repository::faults(&tx, tenant, import, cursor.unwrap_or_default(), limit).await
}
