//! What can be done with the photos of an item.

use std::collections::HashMap;

use steward_database::{Connection, Transaction};
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;
use steward_platform::files;

use super::model::{ItemPhoto, MOST, PhotoInput};
use super::repository;
use crate::deletion::live;
use crate::items;
use crate::items::model::Item;

fn not_found(id: i64) -> Error {
    Error::not_found("Item photo", id)
}

/// Photos with URLs that show them.
pub(crate) async fn shown(
    app: &App,
    tenant: TenantId,
    mut photos: Vec<ItemPhoto>,
) -> Result<Vec<ItemPhoto>> {
    files::show(app, tenant, photos.iter_mut().map(|photo| &mut photo.file).collect()).await?;
    Ok(photos)
}

/// The photos of the item with a number, by position.
pub async fn list(app: &App, context: &Context, number: i64) -> Result<Vec<ItemPhoto>> {
    let tenant = context.tenant()?;
    let item: Item = live(app.get(context, number).await?)?;
    let tx = app.read(context).await?;
    shown(app, tenant, repository::of(&tx, tenant, &[item.id]).await?).await
}

/// Where the first photos of some items can be fetched, by the item's id.
pub(crate) async fn first(
    app: &App,
    context: &Context,
    items: &[i64],
) -> Result<HashMap<i64, String>> {
    if items.is_empty() {
        return Ok(HashMap::new());
    }
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let mut photos = repository::of(&tx, tenant, items).await?;
    photos.retain(|photo| photo.position == 0);
    let photos = shown(app, tenant, photos).await?;
    Ok(photos.into_iter().map(|photo| (photo.item_id, photo.file.url)).collect())
}

/// The photo with an id.
pub async fn get(app: &App, context: &Context, number: i64, id: i64) -> Result<ItemPhoto> {
    let photos = list(app, context, number).await?;
    photos.into_iter().find(|photo| photo.id == id).ok_or_else(|| not_found(id))
}

/// Adds a photo to an item.
pub async fn create(
    app: &App,
    context: &Context,
    number: i64,
    input: &PhotoInput,
) -> Result<ItemPhoto> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        // Before the item is locked: the store may be slow.
        let file = bind(app, &tx, tenant, "item_photo.attachment_id", &input.attachment_id).await?;
        let item = items::hold(&tx, tenant, number).await?;
        let present = repository::of(&tx, tenant, &[item]).await?.len();
        if present >= MOST {
            return Err(too_many("item_photo.attachment_id"));
        }
        let last = i32::try_from(present).unwrap_or(i32::MAX);
        let position = input.position.map_or(last, |position| position.min(last));
        let alt = input.alt.as_deref();
        let id = repository::insert(&tx, tenant, item, file, position, alt).await?;
        get(app, context, number, id).await
    })
    .await
}

/// The error for more photos than an item may have.
pub(crate) fn too_many(field: &str) -> Error {
    Error::named(field, "OUT_OF_RANGE", "An item has at most 20 photos.")
}

async fn bind(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    field: &str,
    signed_id: &str,
) -> Result<i64> {
    Ok(files::bind(app, tx, tenant, field, signed_id, files::IMAGES).await?.id)
}

/// Adds the photos that a new item brings, in their order.
pub(crate) async fn begin(
    app: &App,
    tx: &Transaction,
    tenant: TenantId,
    item: i64,
    signed_ids: &[String],
) -> Result<()> {
    let connection: &Connection = tx;
    for (place, signed_id) in signed_ids.iter().enumerate() {
        let field = format!("item.photo_ids[{place}]");
        let file = bind(app, tx, tenant, &field, signed_id).await?;
        let position = i32::try_from(place).unwrap_or(i32::MAX);
        repository::insert(connection, tenant, item, file, position, None).await?;
    }
    Ok(())
}

/// Removes a photo from an item; the others close up.
pub async fn delete(app: &App, context: &Context, number: i64, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let item = items::hold(&tx, tenant, number).await?;
        let photos = repository::of(&tx, tenant, &[item]).await?;
        let photo = photos.iter().find(|photo| photo.id == id).ok_or_else(|| not_found(id))?;
        repository::delete(&tx, tenant, photo).await
    })
    .await
}
