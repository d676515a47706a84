//! What can be done with tags.

use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::Tag;
use super::repository;

/// Records a tag.
pub async fn create(app: &App, context: &Context, name: &str) -> Result<Tag> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = repository::insert(&tx, tenant, name).await?;
        Ok(Tag { id, name: name.to_owned() })
    })
    .await
}

/// The tag with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Tag> {
    app.get(context, id).await
}

/// The tags with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Tag>> {
    app.get_all(context, ids).await
}

/// A page of tags.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<Tag>> {
    app.page(context, None, &query).await
}

/// Renames a tag.
pub async fn rename(app: &App, context: &Context, id: i64, name: &str) -> Result<Tag> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if !repository::rename(&tx, tenant, id, name).await? {
            return Err(not_found(id));
        }
        Ok(Tag { id, name: name.to_owned() })
    })
    .await
}

/// Deletes a tag and takes it from the providers that have it.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if repository::delete(&tx, tenant, id).await? { Ok(()) } else { Err(not_found(id)) }
    })
    .await
}

/// The error for an id that is no tag of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Tag", id)
}
