//! What can be done with attachments.

use std::sync::Arc;

use steward_database::{Transaction, find};
use steward_kernel::error::reason;
use steward_kernel::page::Page;
use steward_kernel::{Context, Error, Kind, Result};
use steward_platform::App;
use steward_platform::files::{self, Announced, Upload};

use super::model::{
    ALLOWED, Attachment, AttachmentInput, AttachmentQuery, MOST, Parent, ShowsFiles,
};
use super::repository;
use crate::issues::actions::not_found as issue_not_found;
use crate::properties::actions::not_found as property_not_found;
use crate::property_units::actions::not_found as unit_not_found;
use crate::users::model::Role;
use crate::{issues, property_units, service_providers};

/// Announces a file; answers where to upload it.
pub async fn announce(app: &App, context: &Context, file: Announced) -> Result<Upload> {
    files::ask(app, context, file, &ALLOWED).await
}

/// Attaches an uploaded file. Fails with `FORBIDDEN_ACTION` when the record has [`MOST`].
pub async fn create(app: &App, context: &Context, input: &AttachmentInput) -> Result<Attachment> {
    let tenant = context.tenant()?;
    let client = context.principal().map_or("", |principal| principal.client_id.as_str());
    let create = |tx: Arc<Transaction>| async move {
        let (field, parent) = ("attachment.signed_id", input.parent);
        // Before anything is locked that others wait for: the store may be slow.
        let file = files::bind(app, &tx, tenant, field, &input.signed_id, &ALLOWED).await;
        let file = file.map_err(unusable)?;
        if !repository::lock(&tx, tenant, parent).await? {
            return Err(parent_not_found(parent));
        }
        if repository::count(&tx, tenant, parent).await? >= MOST {
            return Err(Error::forbidden_action(format!(
                "A record has at most {MOST} attachments."
            )));
        }
        will_change(context, parent).await?;
        let id = repository::insert(&tx, tenant, client, input, file.id).await?;
        find(&tx, tenant, id).await
    };
    show(app, context, app.transaction(context, create).await?).await
}

/// Tells of the record that a file is attached to, where it shows its files.
async fn will_change(context: &Context, parent: Parent) -> Result<()> {
    let (getter, id) = match parent {
        Parent::PropertyUnit(id) => (property_units::GETTER, id),
        Parent::ServiceProvider(id) => (service_providers::GETTER, id),
        Parent::Issue(id) => (issues::GETTER, id),
        Parent::Property(_) => return Ok(()),
    };
    context.will_change(getter, id).await
}

/// The attachment with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Attachment> {
    show(app, context, app.get(context, id).await?).await
}

/// The attachments with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Attachment>> {
    show_all(app, context, app.get_all(context, ids).await?).await
}

/// A page of the attachments of one record.
pub async fn list(
    app: &App,
    context: &Context,
    query: AttachmentQuery,
) -> Result<Page<Attachment>> {
    let scope = repository::scope(query.parent);
    let mut page: Page<Attachment> = app.page(context, Some(&scope), &query.list).await?;
    if page.total == 0 {
        // Told apart from a record there is not.
        let tx = app.read(context).await?;
        if !repository::exists(&tx, context.tenant()?, query.parent).await? {
            return Err(parent_not_found(query.parent));
        }
    }
    page.items = show_all(app, context, page.items).await?;
    Ok(page)
}

/// Deletes an attachment. The database takes back the use of the file.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present: Attachment = find(&tx, tenant, id).await?;
        will_change(context, present.parent).await?;
        if repository::delete(&tx, tenant, id).await? { Ok(()) } else { Err(not_found(id)) }
    })
    .await
}

/// Signs the URLs of the files that a record shows.
pub async fn show<R: ShowsFiles>(app: &App, context: &Context, mut record: R) -> Result<R> {
    files::show(app, context.tenant()?, record.files()).await?;
    Ok(record)
}

/// Signs the URLs of the files that records show.
pub async fn show_all<R: ShowsFiles>(
    app: &App,
    context: &Context,
    mut records: Vec<R>,
) -> Result<Vec<R>> {
    let files = records.iter_mut().flat_map(ShowsFiles::files).collect();
    files::show(app, context.tenant()?, files).await?;
    Ok(records)
}

/// The error for a file that cannot be attached.
fn unusable(error: Error) -> Error {
    match error.violations() {
        [] => error,
        [first, ..] => {
            let message = first.message.clone();
            Error::new(Kind::FailedPrecondition, reason::FILE_UPLOAD, message)
        }
    }
}

/// The error for an id that is no such record of the tenant.
fn parent_not_found(parent: Parent) -> Error {
    match parent {
        Parent::PropertyUnit(id) => unit_not_found(id),
        Parent::Property(id) => property_not_found(id),
        Parent::ServiceProvider(id) => Role::ServiceProvider.not_found(id),
        Parent::Issue(id) => issue_not_found(id),
    }
}

/// The error for an id that is no attachment of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Attachment", id)
}
