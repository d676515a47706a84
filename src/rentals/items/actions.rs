//! What can be done with items.

use std::collections::{BTreeSet, HashMap};

use steward_database::{Connection, Transaction, find, in_order};
use steward_kernel::list::Filter;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Kind, Result, TenantId};
use steward_platform::App;

use super::for_bookings::lock;
use super::free;
use super::model::{Item, ItemAnswer, ItemInput, With};
use super::repository::{self, CATEGORY};
use crate::addresses;
use crate::addresses::model::Of;
use crate::bookings::{self, Used, lookout};
use crate::deletion::{self, in_use, live};
use crate::item_categories;
use crate::item_categories::model::ItemCategory;
use crate::item_photos::{self, model::ItemPhoto};
use crate::numbers::{self, Numbered};

/// Records an item with the photos that it brings.
pub async fn create(
    app: &App,
    context: &Context,
    input: &ItemInput,
    photo_ids: &[String],
) -> Result<ItemAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        check_address(&tx, tenant, input.address_id).await?;
        let number = numbers::take(&tx, Numbered::Item).await?;
        let item = repository::insert(&tx, tenant, number, input).await?;
        item_photos::actions::begin(app, &tx, tenant, item.id, photo_ids).await?;
        answer(app, &tx, context, item, With::default()).await
    })
    .await
}

/// Refuses an address that is not one of the business.
async fn check_address(tx: &Transaction, tenant: TenantId, id: Option<i64>) -> Result<()> {
    let Some(id) = id else { return Ok(()) };
    match addresses::find(tx, tenant, Of::Owner, id).await {
        Err(error) if error.kind() == Kind::NotFound => Err(repository::no_such_address()),
        found => found.map(drop),
    }
}

/// Items as they are answered. However many there are, a few statements.
pub(crate) async fn answers(
    app: &App,
    connection: &Connection,
    context: &Context,
    items: Vec<Item>,
    with: With,
) -> Result<Vec<ItemAnswer>> {
    let tenant = context.tenant()?;
    let mut categories: HashMap<i64, ItemCategory> = HashMap::new();
    if with.category {
        let ids: BTreeSet<i64> =
            items.iter().filter_map(|item| item.written.item_category_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let mut found: Vec<ItemCategory> = in_order(connection, tenant, &ids).await?;
        item_categories::actions::show(app, tenant, found.iter_mut()).await?;
        categories.extend(found.into_iter().map(|category| (category.id, category)));
    }
    let free = free::now(connection, tenant, &items).await?;
    let ids: Vec<i64> = items.iter().map(|item| item.id).collect();
    let found = item_photos::of(connection, tenant, &ids).await?;
    let mut photos: HashMap<i64, Vec<ItemPhoto>> = HashMap::new();
    for photo in item_photos::actions::shown(app, tenant, found).await? {
        photos.entry(photo.item_id).or_default().push(photo);
    }
    let answer = |item: Item| {
        let category = item.written.item_category_id.and_then(|id| categories.get(&id)).cloned();
        let available_now = free.get(&item.id).copied();
        let photos = photos.remove(&item.id).unwrap_or_default();
        ItemAnswer { item, category, available_now, photos, with_photos: with.photos }
    };
    Ok(items.into_iter().map(answer).collect())
}

/// An item as it is answered.
pub(crate) async fn answer(
    app: &App,
    connection: &Connection,
    context: &Context,
    item: Item,
    with: With,
) -> Result<ItemAnswer> {
    let found = answers(app, connection, context, vec![item], with).await?;
    found.into_iter().next().ok_or_else(|| Error::internal("an item without an answer"))
}

/// The item with a number; a deleted one is not found.
pub async fn get(app: &App, context: &Context, number: i64, with: With) -> Result<ItemAnswer> {
    let item: Item = live(app.get(context, number).await?)?;
    let tx = app.read(context).await?;
    answer(app, &tx, context, item, with).await
}

/// A page of items.
pub async fn list(
    app: &App,
    context: &Context,
    scope: Option<&Filter>,
    query: &ListQuery,
    with: With,
) -> Result<Page<ItemAnswer>> {
    let Page { request, total, items } = app.page::<Item>(context, scope, query).await?;
    let tx = app.read(context).await?;
    Ok(Page { request, total, items: answers(app, &tx, context, items, with).await? })
}

/// Whether an item is in a category or, if those count too, in one below it.
pub async fn in_category(
    app: &App,
    context: &Context,
    category: i64,
    recursive: bool,
) -> Result<Filter> {
    let tx = app.read(context).await?;
    let branch = item_categories::branch(&tx, context.tenant()?, category).await?;
    Ok(Filter::Among(CATEGORY, if recursive { branch } else { vec![category] }))
}

/// Replaces what is written of an item.
///
/// # Errors
/// FAILED_PRECONDITION (`STOCK_BELOW_COMMITMENTS`) for less stock than is promised, unless the
/// caller confirms it.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    input: &ItemInput,
    confirm_shortage: Option<bool>,
) -> Result<ItemAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present: Item = live(find(&tx, tenant, number).await?)?;
        free::check_stock(&tx, tenant, present.id, input, confirm_shortage).await?;
        // An address that was deleted meanwhile is no reason to refuse a change of something else.
        if input.address_id != present.written.address_id {
            check_address(&tx, tenant, input.address_id).await?;
        }
        let item = repository::update(&tx, tenant, number, input).await?;
        let pieces = |written: &ItemInput| (written.manage_stock, written.stock);
        if pieces(&present.written) != pieces(input) {
            lookout::look(&tx, tenant, &[item.id]).await?;
        }
        answer(app, &tx, context, item, With::default()).await
    })
    .await
}

/// Deletes an item.
///
/// # Errors
/// FAILED_PRECONDITION (`IN_USE`) while a booking that is reserved or ongoing holds it.
pub async fn delete(app: &App, context: &Context, number: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let item: Item = live(find(&tx, tenant, number).await?)?;
        // Who reserves it meanwhile waits, and finds it deleted.
        lock(&tx, tenant, &[item.id]).await?;
        if bookings::uses(&tx, tenant, Used::Item(item.id)).await? {
            return Err(in_use("A booking that is reserved or ongoing holds the item."));
        }
        deletion::delete::<Item>(&tx, tenant, number).await
    })
    .await
}

/// Brings a deleted item back.
pub async fn restore(app: &App, context: &Context, number: i64) -> Result<ItemAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let item = deletion::restore::<Item>(&tx, tenant, number).await?;
        answer(app, &tx, context, item, With::default()).await
    })
    .await
}
