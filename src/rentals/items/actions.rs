//! What can be done with items.

use std::collections::{BTreeSet, HashMap};

use steward_database::{Transaction, find, in_order};
use steward_kernel::list::Filter;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Kind, Result, TenantId};
use steward_platform::App;

use super::model::{Item, ItemAnswer, ItemInput};
use super::repository::{self, CATEGORY};
use crate::addresses;
use crate::addresses::model::Of;
use crate::item_categories;
use crate::item_categories::model::ItemCategory;
use crate::numbered::{self, live};

/// Records an item.
pub async fn create(app: &App, context: &Context, input: &ItemInput) -> Result<Item> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        check_address(&tx, tenant, input.address_id).await?;
        let number = numbered::take::<Item>(&tx).await?;
        repository::insert(&tx, tenant, number, input).await
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

/// The item with a number; a deleted one is not found.
pub async fn get(
    app: &App,
    context: &Context,
    number: i64,
    with_category: bool,
) -> Result<ItemAnswer> {
    let item: Item = live(app.get(context, number).await?)?;
    let category = match item.written.item_category_id {
        Some(id) if with_category => Some(app.get(context, id).await?),
        Some(_) | None => None,
    };
    Ok(ItemAnswer { item, category })
}

/// A page of items.
pub async fn list(
    app: &App,
    context: &Context,
    scope: Option<&Filter>,
    query: &ListQuery,
    with_category: bool,
) -> Result<Page<ItemAnswer>> {
    let Page { request, total, items } = app.page::<Item>(context, scope, query).await?;
    let mut categories: HashMap<i64, ItemCategory> = HashMap::new();
    if with_category {
        let ids: BTreeSet<i64> =
            items.iter().filter_map(|item| item.written.item_category_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let tx = app.read(context).await?;
        let found: Vec<ItemCategory> = in_order(&tx, context.tenant()?, &ids).await?;
        categories.extend(found.into_iter().map(|category| (category.id, category)));
    }
    let answer = |item: Item| {
        let id = item.written.item_category_id;
        let category = id.and_then(|id| categories.get(&id)).cloned();
        ItemAnswer { item, category }
    };
    Ok(Page { request, total, items: items.into_iter().map(answer).collect() })
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
pub async fn update(app: &App, context: &Context, number: i64, input: &ItemInput) -> Result<Item> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present: Item = live(find(&tx, tenant, number).await?)?;
        // An address that was deleted meanwhile is no reason to refuse a change of something else.
        if input.address_id != present.written.address_id {
            check_address(&tx, tenant, input.address_id).await?;
        }
        repository::update(&tx, tenant, number, input).await
    })
    .await
}

/// Deletes an item.
pub async fn delete(app: &App, context: &Context, number: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(
        context,
        |tx| async move { numbered::delete::<Item>(&tx, tenant, number).await },
    )
    .await
}

/// Brings a deleted item back.
pub async fn restore(app: &App, context: &Context, number: i64) -> Result<Item> {
    let tenant = context.tenant()?;
    app.transaction(
        context,
        |tx| async move { numbered::restore::<Item>(&tx, tenant, number).await },
    )
    .await
}
