//! What clients do with exports.

use std::time::Duration;

use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Context, Error, Result, TenantId};

use super::model::{Export, MOST_OPEN, NewExport, Payload, State};
use super::repository;
use super::write::KIND;
use crate::App;
use crate::jobs::{self, NewJob};
use crate::links::Signer;

/// How long a download may begin.
const DOWNLOAD_FOR: Duration = Duration::from_secs(3600);

/// What a link allows. A link for something else is none for this.
const DOWNLOAD: &str = "export download";

pub(super) async fn create(app: &App, context: &Context, new: NewExport) -> Result<Export> {
    let (tenant, new) = (context.tenant()?, &new);
    app.transaction(context, |tx| async move {
        if repository::count_open(&tx, tenant).await? >= MOST_OPEN {
            let message = "Five exports are not finished yet; wait for one of them.";
            return Err(Error::forbidden_action(message));
        }
        let export = repository::insert(&tx, tenant, new).await?;
        let job = NewJob::new(KIND, &Payload { export: export.id })?;
        jobs::enqueue(&tx, tenant, job).await?;
        Ok(export)
    })
    .await
}

pub(super) async fn get(app: &App, context: &Context, id: i64) -> Result<Export> {
    repository::get(&*app.read(context).await?, context.tenant()?, id).await
}

pub(super) async fn list(
    app: &App,
    context: &Context,
    cursor: Option<i64>,
    limit: i64,
) -> Result<Vec<Export>> {
    repository::list(&*app.read(context).await?, context.tenant()?, cursor, limit).await
}

/// Where an export can be downloaded, and until when that may begin.
pub(super) async fn download(app: &App, context: &Context, id: i64) -> Result<(String, Timestamp)> {
    let tenant = context.tenant()?;
    let export = get(app, context, id).await?;
    match export.state {
        State::Done => {}
        State::Queued | State::Running => {
            return Err(Error::forbidden_action("The export is not done yet."));
        }
        State::Failed => return Err(Error::forbidden_action("The export has failed.")),
        State::Expired => return Err(Error::forbidden_action("The export has expired.")),
    }
    let ends = time::now() + DOWNLOAD_FOR;
    let key = app.files.export_key(tenant, id);
    let content_type = export.format.content_type();
    if let Some(url) = app.files.presigned(&key, &export.filename(), content_type).await? {
        return Ok((url, ends));
    }
    let signer = Signer::open(&app.database).await?;
    let text = format!("{tenant}.{id}.{}", ends.as_second());
    let signature = signer.sign(DOWNLOAD, &text);
    Ok((format!("{}/files/exports/{text}.{signature}", app.files.base_url()), ends))
}

/// The export that a link leads to; nothing when it is not ours or has ended.
pub(super) async fn linked(app: &App, link: &str) -> Result<Option<(TenantId, Export)>> {
    let signer = Signer::open(&app.database).await?;
    let Some((tenant, id)) = crate::files::linked(&signer, DOWNLOAD, link, time::now()) else {
        return Ok(None);
    };
    let tx = app.database.read(tenant).await?;
    let export = match repository::get(&tx, tenant, id).await {
        Ok(export) => export,
        Err(error) if error.kind() == steward_kernel::Kind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok((export.state == State::Done).then_some((tenant, export)))
}
