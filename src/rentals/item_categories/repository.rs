//! Categories of items in the database.

use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Integer, Nullable};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Kind, Result, TenantId};
use steward_platform::files::ShownFile;
use steward_rentals_schema::{item_categories, item_category_tree, items};

use super::model::{ItemCategory, ItemCategoryInput};
use super::tree::{Node, Tree};

#[derive(Queryable, Selectable)]
#[diesel(table_name = item_category_tree, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    parent_id: Option<i64>,
    name: String,
    description: Option<String>,
    show_in_store: bool,
    position: i32,
    depth: i32,
    path: Vec<String>,
    items_count: i64,
    created_at: Instant,
    updated_at: Instant,
    photo: Option<Json<ShownFile>>,
}

impl From<Row> for ItemCategory {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            parent_id: row.parent_id,
            name: row.name,
            description: row.description,
            show_in_store: row.show_in_store,
            position: row.position,
            depth: row.depth,
            path: row.path,
            items_count: row.items_count,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            photo: row.photo.map(|photo| photo.0),
        }
    }
}

/// Keeps others from changing the tree until this change is done. Changes of a tree are counted:
/// who counts at the same time waits, and on an older snapshot begins anew.
pub async fn lock(mut connection: &Connection) -> Result<()> {
    sql_query("SELECT rentals.take_number('item_category_tree')")
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// All categories of a business.
pub async fn tree(mut connection: &Connection, tenant: TenantId) -> Result<Tree> {
    let rows: Vec<(i64, Option<i64>, i32)> = item_categories::table
        .filter(item_categories::tenant_id.eq(tenant.0))
        .select((item_categories::id, item_categories::parent_id, item_categories::position))
        .load(&mut connection)
        .await
        .or_internal()?;
    let node = |(id, parent_id, position)| Node { id, parent_id, position };
    Ok(Tree::new(rows.into_iter().map(node).collect()))
}

/// The ids of a category and of all below it.
///
/// # Errors
/// NOT_FOUND when there is no such category.
pub async fn branch(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<Vec<i64>> {
    let ids: Vec<i64> = item_category_tree::table
        .filter(item_category_tree::tenant_id.eq(tenant.0))
        .filter(item_category_tree::within.contains(vec![id]))
        .select(item_category_tree::id)
        .load(&mut connection)
        .await
        .or_internal()?;
    if ids.is_empty() { Err(ItemCategory::not_found(id)) } else { Ok(ids) }
}

/// The categories right below one, in their order.
pub async fn children(
    mut connection: &Connection,
    tenant: TenantId,
    parent: i64,
) -> Result<Vec<ItemCategory>> {
    let rows: Vec<Row> = item_category_tree::table
        .filter(item_category_tree::tenant_id.eq(tenant.0))
        .filter(item_category_tree::parent_id.eq(parent))
        .order(item_category_tree::position)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(ItemCategory::from).collect())
}

/// Makes a category at the end of its siblings; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    input: &ItemCategoryInput,
    photo: Option<i64>,
    siblings: usize,
    name_taken: fn() -> Error,
) -> Result<i64> {
    let position = i32::try_from(siblings).map_err(Error::internal)?;
    diesel::insert_into(item_categories::table)
        .values((
            item_categories::tenant_id.eq(tenant.0),
            item_categories::name.eq(&input.name),
            item_categories::description.eq(&input.description),
            item_categories::parent_id.eq(input.parent_id),
            item_categories::position.eq(position),
            item_categories::show_in_store.eq(input.show_in_store),
            item_categories::file_id.eq(photo),
        ))
        .returning(item_categories::id)
        .get_result(&mut connection)
        .await
        .on_constraint("item_categories_name_key", name_taken)
}

/// Replaces what is written of a category, and where it is.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    node: Node,
    input: &ItemCategoryInput,
    photo: Option<i64>,
    name_taken: fn() -> Error,
) -> Result<()> {
    diesel::update(item_categories::table)
        .filter(item_categories::tenant_id.eq(tenant.0))
        .filter(item_categories::id.eq(node.id))
        .set((
            item_categories::name.eq(&input.name),
            item_categories::description.eq(&input.description),
            item_categories::show_in_store.eq(input.show_in_store),
            item_categories::parent_id.eq(node.parent_id),
            item_categories::position.eq(node.position),
            item_categories::file_id.eq(photo),
            item_categories::updated_at.eq(now),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("item_categories_name_key", name_taken)
        .map(drop)
}

/// Puts categories where they are to be.
pub async fn arrange(
    mut connection: &Connection,
    tenant: TenantId,
    nodes: &[Node],
    name_taken: fn() -> Error,
) -> Result<()> {
    if nodes.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = nodes.iter().map(|node| node.id).collect();
    let parents: Vec<Option<i64>> = nodes.iter().map(|node| node.parent_id).collect();
    let positions: Vec<i32> = nodes.iter().map(|node| node.position).collect();
    sql_query(
        "UPDATE rentals.item_categories c
         SET parent_id = v.parent_id, position = v.position, updated_at = now()
         FROM unnest($2, $3, $4) AS v (id, parent_id, position)
         WHERE c.tenant_id = $1 AND c.id = v.id",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(ids)
    .bind::<Array<Nullable<BigInt>>, _>(parents)
    .bind::<Array<Integer>, _>(positions)
    .execute(&mut connection)
    .await
    .on_constraint("item_categories_name_key", name_taken)
    .map(drop)
}

/// Whether items that are not deleted are in a category.
pub async fn has_items(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let found = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::item_category_id.eq(id))
        .filter(items::deleted_at.is_null());
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// Puts the items of a category, deleted ones too, into another one or into none.
pub async fn move_items(
    mut connection: &Connection,
    tenant: TenantId,
    from: i64,
    to: Option<i64>,
) -> Result<()> {
    diesel::update(items::table)
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::item_category_id.eq(from))
        .set((items::item_category_id.eq(to), items::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Deletes a category in which there are no items. Those below it are to be put elsewhere before
/// the end of the transaction.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    diesel::delete(item_categories::table)
        .filter(item_categories::tenant_id.eq(tenant.0))
        .filter(item_categories::id.eq(id))
        .execute(&mut connection)
        .await
        // An item came into it at the same time.
        .on_constraint("items_item_category_fkey", not_empty)
        .map(drop)
}

/// The error for a category that cannot be deleted as it is.
pub fn not_empty() -> Error {
    Error::new(
        Kind::FailedPrecondition,
        "CATEGORY_NOT_EMPTY",
        "There are categories or items in the category.",
    )
}

impl Record for ItemCategory {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("ItemCategory", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<ItemCategory>> {
        let rows: Vec<Row> = item_category_tree::table
            .filter(item_category_tree::tenant_id.eq(tenant.0))
            .filter(item_category_tree::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(ItemCategory::from).collect())
    }
}

impl Listed for ItemCategory {
    const LIST: List = List {
        table: "rentals.item_category_tree",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

/// Orders the tree depth first. It is an array, and so nothing to compare with.
pub static PLACE: Field = Field::integer("place", "r.place");

static FIELDS: [Field; 2] = [
    Field::integer("parent_id", "r.parent_id"),
    Field::boolean("show_in_store", "r.show_in_store"),
];
