//! What can be done with categories of items. Whoever changes the tree locks it first, so that
//! positions are right whoever else does.

use steward_database::{Connection, Record, find};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Kind, Result, TenantId};
use steward_platform::App;
use steward_platform::files;

use super::model::{Include, ItemCategory, ItemCategoryAnswer, ItemCategoryInput, Reassign};
use super::repository;
use super::tree::{Misplaced, Place};
use crate::deletion::taken;

/// What names the picture of a category.
const PHOTO: &str = "item_category.photo_id";

/// Signs where the pictures of categories can be fetched.
pub(crate) async fn show<'a>(
    app: &App,
    tenant: TenantId,
    categories: impl Iterator<Item = &'a mut ItemCategory>,
) -> Result<()> {
    let photos = categories.filter_map(|category| category.photo.as_mut()).collect();
    files::show(app, tenant, photos).await
}

/// The category with an id as it is answered.
async fn shown(
    app: &App,
    connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<ItemCategory> {
    let mut category = find(connection, tenant, id).await?;
    show(app, tenant, std::iter::once(&mut category)).await?;
    Ok(category)
}

/// The category with an id.
pub async fn get(
    app: &App,
    context: &Context,
    id: i64,
    include: Include,
) -> Result<ItemCategoryAnswer> {
    let tenant = context.tenant()?;
    let mut category: ItemCategory = app.get(context, id).await?;
    let mut parent = match category.parent_id {
        Some(parent) if include.parent => Some(app.get(context, parent).await?),
        Some(_) | None => None,
    };
    let mut children = if include.children {
        let tx = app.read(context).await?;
        repository::children(&tx, tenant, id).await?
    } else {
        Vec::new()
    };
    let all = std::iter::once(&mut category).chain(&mut parent).chain(&mut children);
    show(app, tenant, all).await?;
    Ok(ItemCategoryAnswer { category, parent, children })
}

/// A page of categories.
pub async fn list(app: &App, context: &Context, query: &ListQuery) -> Result<Page<ItemCategory>> {
    let mut page: Page<ItemCategory> = app.page(context, None, query).await?;
    show(app, context.tenant()?, page.items.iter_mut()).await?;
    Ok(page)
}

/// Makes a category.
pub async fn create(
    app: &App,
    context: &Context,
    input: &ItemCategoryInput,
) -> Result<ItemCategory> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        // Before the tree is locked: the store may be slow.
        let named = input.photo_id.as_ref().map(Option::as_deref);
        let mut refused = input.refused.clone();
        let photo = files::exchange(app, &tx, tenant, (PHOTO, named, files::IMAGES), None).await;
        let photo = refused.take(photo)?;
        repository::lock(&tx).await?;
        let mut tree = repository::tree(&tx, tenant).await?;
        let placed = tree.check_below(input.parent_id, 1);
        refused.take(placed.map_err(misplaced("item_category.parent_id")))?;
        refused.finish(())?;
        let siblings = tree.children(input.parent_id).len();
        let id = repository::insert(&tx, tenant, input, photo, siblings, name_taken).await?;
        let mut before = tree.clone();
        before.add(id, input.parent_id, None).map_err(misplaced("item_category.parent_id"))?;
        tree.add(id, input.parent_id, input.position)
            .map_err(misplaced("item_category.parent_id"))?;
        repository::arrange(&tx, tenant, &tree.moved_since(&before), name_taken).await?;
        shown(app, &tx, tenant, id).await
    })
    .await
}

/// Replaces what is written of a category, and moves it when it is to be elsewhere.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    input: &ItemCategoryInput,
) -> Result<ItemCategory> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let present: ItemCategory = find(&tx, tenant, id).await?;
        let named = input.photo_id.as_ref().map(Option::as_deref);
        let had = present.photo.map(|photo| photo.id);
        let mut refused = input.refused.clone();
        let photo = files::exchange(app, &tx, tenant, (PHOTO, named, files::IMAGES), had).await;
        let photo = refused.take(photo)?;
        repository::lock(&tx).await?;
        let before = repository::tree(&tx, tenant).await?;
        let not_found = || ItemCategory::not_found(id);
        before.node(id).ok_or_else(not_found)?;
        let mut tree = before.clone();
        let placed = tree.place(id, Place::Below(input.parent_id, input.position));
        refused.take(placed.map_err(misplaced("item_category.parent_id")))?;
        refused.finish(())?;
        let node = tree.node(id).ok_or_else(not_found)?;
        repository::update(&tx, tenant, node, input, photo, name_taken).await?;
        let mut others = tree.moved_since(&before);
        others.retain(|other| other.id != id);
        repository::arrange(&tx, tenant, &others, name_taken).await?;
        shown(app, &tx, tenant, id).await
    })
    .await
}

/// Moves a category with all that is below it; `field` is what says where to.
pub async fn relocate(
    app: &App,
    context: &Context,
    id: i64,
    place: Place,
    field: &'static str,
) -> Result<ItemCategory> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::lock(&tx).await?;
        let before = repository::tree(&tx, tenant).await?;
        let mut tree = before.clone();
        before.node(id).ok_or_else(|| ItemCategory::not_found(id))?;
        tree.place(id, place).map_err(misplaced(field))?;
        repository::arrange(&tx, tenant, &tree.moved_since(&before), sibling_taken).await?;
        shown(app, &tx, tenant, id).await
    })
    .await
}

/// Deletes a category.
pub async fn delete(app: &App, context: &Context, id: i64, reassign: Reassign) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::lock(&tx).await?;
        let before = repository::tree(&tx, tenant).await?;
        before.node(id).ok_or_else(|| ItemCategory::not_found(id))?;
        let mut tree = before.clone();
        let target = match reassign {
            Reassign::Refuse => {
                let holds_more = !tree.children(Some(id)).is_empty()
                    || repository::has_items(&tx, tenant, id).await?;
                if holds_more {
                    return Err(repository::not_empty());
                }
                None
            }
            Reassign::Rise => None,
            Reassign::To(target) => {
                tree.hand_over(id, target).map_err(not_handed_over)?;
                Some(target)
            }
        };
        tree.remove(id);
        repository::move_items(&tx, tenant, id, target).await?;
        repository::delete(&tx, tenant, id).await?;
        repository::arrange(&tx, tenant, &tree.moved_since(&before), sibling_taken).await
    })
    .await
}

const fn reason(fault: Misplaced) -> (&'static str, &'static str) {
    match fault {
        Misplaced::Nowhere => ("REFERENCE_NOT_FOUND", "There is no such category."),
        Misplaced::Cycle => ("CATEGORY_CYCLE", "A category cannot be within or beside itself."),
        Misplaced::TooDeep => ("CATEGORY_TOO_DEEP", "Categories have at most 5 levels."),
    }
}

/// The error for a field that says where a category is to go.
fn misplaced(field: &'static str) -> impl Fn(Misplaced) -> Error {
    move |fault| {
        let (name, message) = reason(fault);
        Error::named(field, name, message)
    }
}

/// The error for what a category cannot be handed over to.
fn not_handed_over(fault: Misplaced) -> Error {
    let (name, message) = reason(fault);
    Error::new(Kind::InvalidArgument, name, message)
}

fn name_taken() -> Error {
    Error::named("item_category.name", "TAKEN", "A sibling has this name.")
}

fn sibling_taken() -> Error {
    taken("A sibling would have the same name.")
}
