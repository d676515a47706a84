//! What clients do with exports.

use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Context, Error, Kind, Result, TenantId};

use super::model::{Export, MOST_OPEN, NewExport, Payload, State};
use super::repository;
use super::resource::{Described, WallClock};
use super::write::KIND;
use crate::App;
use crate::files::{self, DOWNLOAD_FOR};
use crate::jobs::{self, NewJob};
use crate::links::Signer;

/// What a link allows. A link for something else is none for this.
const DOWNLOAD: &str = "export download";

/// By which clock the caller filters what is exported.
pub(super) async fn clock(
    app: &App,
    context: &Context,
    exported: &Described<'_>,
) -> Result<WallClock> {
    exported.resource.clock(&*app.read(context).await?, context.tenant()?).await
}

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

/// Where the file of an export can be downloaded; nothing for one that is not done.
pub(super) async fn file_url(
    app: &App,
    context: &Context,
    export: &Export,
) -> Result<Option<String>> {
    if export.state != State::Done {
        return Ok(None);
    }
    url(app, context.tenant()?, export, time::now() + DOWNLOAD_FOR).await.map(Some)
}

/// Where the file of an export that is done can be downloaded until `ends`.
async fn url(app: &App, tenant: TenantId, export: &Export, ends: Timestamp) -> Result<String> {
    let key = app.files.export_key(tenant, export.id);
    let content_type = export.format.content_type();
    let filename = export.filename();
    let url = app.files.presigned(&key, &filename, content_type, DOWNLOAD_FOR).await?;
    if let Some(url) = url {
        return Ok(url);
    }
    let signer = Signer::open(&app.database).await?;
    let link = files::link(&signer, DOWNLOAD, tenant, export.id, ends);
    Ok(format!("{}/files/exports/{link}", app.files.base_url()))
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
    Ok((url(app, tenant, &export, ends).await?, ends))
}

/// The export that a link leads to; nothing when it is not ours or has ended.
pub(super) async fn linked(app: &App, link: &str) -> Result<Option<(TenantId, Export)>> {
    let signer = Signer::open(&app.database).await?;
    let Some((tenant, id)) = files::linked(&signer, DOWNLOAD, link, time::now()) else {
        return Ok(None);
    };
    let tx = app.database.read(tenant).await?;
    let export = match repository::get(&tx, tenant, id).await {
        Ok(export) => export,
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok((export.state == State::Done).then_some((tenant, export)))
}
