//! The only file that names the table of rooms.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{priced_rooms, rooms};
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Room, RoomInput, name_taken};

#[derive(Queryable, Selectable)]
#[diesel(table_name = priced_rooms, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    description: Option<String>,
    image_url: Option<String>,
    minutes: i32,
    price: i64,
    currency: String,
    max_quantity: i32,
    default_tasks: Vec<String>,
    is_active: bool,
    sort_order: i32,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Room {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            written: RoomInput {
                name: row.name,
                description: row.description,
                image_url: row.image_url,
                minutes: row.minutes,
                price: row.price,
                max_quantity: row.max_quantity,
                default_tasks: row.default_tasks,
                is_active: row.is_active,
                sort_order: row.sort_order,
            },
            currency: row.currency,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// The columns that an admin writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = rooms, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    description: Option<&'a str>,
    image_url: Option<&'a str>,
    minutes: i32,
    price: i64,
    max_quantity: i32,
    default_tasks: &'a [String],
    is_active: bool,
    sort_order: i32,
}

impl<'a> From<&'a RoomInput> for Written<'a> {
    fn from(input: &'a RoomInput) -> Self {
        let RoomInput {
            name,
            description,
            image_url,
            minutes,
            price,
            max_quantity,
            default_tasks,
            is_active,
            sort_order,
        } = input;
        Self {
            name,
            description: description.as_deref(),
            image_url: image_url.as_deref(),
            minutes: *minutes,
            price: *price,
            max_quantity: *max_quantity,
            default_tasks,
            is_active: *is_active,
            sort_order: *sort_order,
        }
    }
}

/// Records a room; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    input: &RoomInput,
) -> Result<i64> {
    diesel::insert_into(rooms::table)
        .values((rooms::tenant_id.eq(tenant.0), Written::from(input)))
        .returning(rooms::id)
        .get_result(&mut connection)
        .await
        .on_constraint("rooms_name_key", name_taken)
}

/// Replaces what is written of a room.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &RoomInput,
) -> Result<()> {
    let updated = diesel::update(rooms::table.find((tenant.0, id)))
        .filter(rooms::deleted_at.is_null())
        .set(Written::from(input))
        .execute(&mut connection)
        .await
        .on_constraint("rooms_name_key", name_taken)?;
    if updated == 0 { Err(Room::not_found(id)) } else { Ok(()) }
}

/// Marks a room as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::update(rooms::table.find((tenant.0, id)))
        .filter(rooms::deleted_at.is_null())
        .set(rooms::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(Room::not_found(id)) } else { Ok(()) }
}

impl Record for Room {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Room", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Room>> {
        let rows: Vec<Row> = priced_rooms::table
            .filter(priced_rooms::tenant_id.eq(tenant.0))
            .filter(priced_rooms::id.eq_any(ids))
            .filter(priced_rooms::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Room::from).collect())
    }
}

impl Listed for Room {
    const LIST: List = List {
        table: "cleaning.rooms",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static IS_ACTIVE: &Field = &FIELDS[0];
pub static BY_PLACE: &[&Field] = &[&FIELDS[1]];

static FIELDS: [Field; 2] =
    [Field::boolean("is_active", "r.is_active"), Field::integer("sort_order", "r.sort_order")];
