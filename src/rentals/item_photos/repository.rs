//! Photos of items in the database.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::{Result, TenantId};
use steward_platform::files::ShownFile;
use steward_rentals_schema::item_photos;

use super::model::ItemPhoto;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    item_id: i64,
    #[diesel(sql_type = Integer)]
    position: i32,
    #[diesel(sql_type = Nullable<Text>)]
    alt: Option<String>,
    #[diesel(sql_type = Jsonb)]
    file: Json<ShownFile>,
    #[diesel(sql_type = Timestamptz)]
    created_at: Instant,
    #[diesel(sql_type = Timestamptz)]
    updated_at: Instant,
}

impl From<Row> for ItemPhoto {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            item_id: row.item_id,
            position: row.position,
            alt: row.alt,
            file: row.file.0,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

/// The photos of some items, by item and position.
pub(crate) async fn of(
    mut connection: &Connection,
    tenant: TenantId,
    items: &[i64],
) -> Result<Vec<ItemPhoto>> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT p.id, p.item_id, p.position, p.alt, p.created_at, p.updated_at,
           platform.shown_file(f) AS file
         FROM rentals.item_photos p
         JOIN platform.files f ON f.tenant_id = p.tenant_id AND f.id = p.file_id
         WHERE p.tenant_id = $1 AND p.item_id = ANY ($2)
         ORDER BY p.item_id, p.position",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(items)
    .load(&mut connection)
    .await
    .or_internal()?;
    Ok(rows.into_iter().map(ItemPhoto::from).collect())
}

/// Adds a photo at a place, and moves those from there on; answers its id. The item is locked.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    item: i64,
    file: i64,
    position: i32,
    alt: Option<&str>,
) -> Result<i64> {
    shift(connection, tenant, item, position, 1).await?;
    diesel::insert_into(item_photos::table)
        .values((
            item_photos::tenant_id.eq(tenant.0),
            item_photos::item_id.eq(item),
            item_photos::file_id.eq(file),
            item_photos::position.eq(position),
            item_photos::alt.eq(alt),
        ))
        .returning(item_photos::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// Removes a photo from a place, and closes the gap. The item is locked. The database takes back
/// the use of the file.
pub async fn delete(
    mut connection: &Connection,
    tenant: TenantId,
    photo: &ItemPhoto,
) -> Result<()> {
    diesel::delete(item_photos::table)
        .filter(item_photos::tenant_id.eq(tenant.0))
        .filter(item_photos::id.eq(photo.id))
        .execute(&mut connection)
        .await
        .or_internal()?;
    shift(connection, tenant, photo.item_id, photo.position, -1).await
}

/// Moves the photos of an item from a place on.
async fn shift(
    mut connection: &Connection,
    tenant: TenantId,
    item: i64,
    from: i32,
    by: i32,
) -> Result<()> {
    diesel::update(item_photos::table)
        .filter(item_photos::tenant_id.eq(tenant.0))
        .filter(item_photos::item_id.eq(item))
        .filter(item_photos::position.ge(from))
        .set(item_photos::position.eq(item_photos::position + by))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
