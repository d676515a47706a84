//! The only file that names the table of homes.

use std::collections::HashMap;

use diesel::dsl::{exists, min};
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_cleaning_schema::{locations, placed_locations};
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Location, LocationInput, nickname_taken};
use crate::wire::Address;

#[derive(Queryable, Selectable)]
#[diesel(table_name = placed_locations, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    client_id: i64,
    nickname: String,
    address: Json<Address>,
    tenant_location_id: Option<i64>,
    square_feet: Option<i32>,
    bedrooms: Option<i32>,
    bathrooms: Option<Decimal>,
    has_pets: bool,
    pet_notes: Option<String>,
    access_notes: Option<String>,
    parking_notes: Option<String>,
    is_default: bool,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Location {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            written: LocationInput {
                nickname: row.nickname,
                address: row.address.0,
                square_feet: row.square_feet,
                bedrooms: row.bedrooms,
                bathrooms: row.bathrooms,
                has_pets: row.has_pets,
                pet_notes: row.pet_notes,
                access_notes: row.access_notes,
                parking_notes: row.parking_notes,
                is_default: Some(row.is_default),
            },
            tenant_location_id: row.tenant_location_id,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// The columns that are written.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = locations, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    nickname: &'a str,
    address: Json<Address>,
    zip: &'a str,
    square_feet: Option<i32>,
    bedrooms: Option<i32>,
    bathrooms: Option<Decimal>,
    has_pets: bool,
    pet_notes: Option<&'a str>,
    access_notes: Option<&'a str>,
    parking_notes: Option<&'a str>,
}

impl<'a> From<&'a LocationInput> for Written<'a> {
    fn from(input: &'a LocationInput) -> Self {
        let LocationInput {
            nickname,
            address,
            square_feet,
            bedrooms,
            bathrooms,
            has_pets,
            pet_notes,
            access_notes,
            parking_notes,
            is_default: _,
        } = input;
        Self {
            nickname,
            address: Json(address.clone()),
            zip: &address.zip,
            square_feet: *square_feet,
            bedrooms: *bedrooms,
            bathrooms: *bathrooms,
            has_pets: *has_pets,
            pet_notes: pet_notes.as_deref(),
            access_notes: access_notes.as_deref(),
            parking_notes: parking_notes.as_deref(),
        }
    }
}

/// Records a home of a client; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
    input: &LocationInput,
    is_default: bool,
) -> Result<i64> {
    diesel::insert_into(locations::table)
        .values((
            locations::tenant_id.eq(tenant.0),
            locations::client_id.eq(client_id),
            locations::is_default.eq(is_default),
            Written::from(input),
        ))
        .returning(locations::id)
        .get_result(&mut connection)
        .await
        .on_constraint("locations_nickname_key", nickname_taken)
}

/// Makes a home the default of its client, who has none.
pub async fn set_default(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    diesel::update(locations::table.find((tenant.0, id)))
        .set(locations::is_default.eq(true))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Replaces a home, save whether it is the default.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &LocationInput,
) -> Result<()> {
    let updated = diesel::update(locations::table.find((tenant.0, id)))
        .filter(locations::deleted_at.is_null())
        .set(Written::from(input))
        .execute(&mut connection)
        .await
        .on_constraint("locations_nickname_key", nickname_taken)?;
    if updated == 0 { Err(Location::not_found(id)) } else { Ok(()) }
}

/// Marks a home as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::update(locations::table.find((tenant.0, id)))
        .filter(locations::deleted_at.is_null())
        .set(locations::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(Location::not_found(id)) } else { Ok(()) }
}

/// Whether a client has a default home, which is to say any.
pub async fn has_default(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<bool> {
    let found = locations::table
        .filter(locations::tenant_id.eq(tenant.0))
        .filter(locations::client_id.eq(client_id))
        .filter(locations::is_default)
        .filter(locations::deleted_at.is_null());
    select(exists(found)).get_result(&mut connection).await.or_internal()
}

/// Leaves a client without a default home, for another one to become it.
pub async fn clear_default(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<()> {
    diesel::update(locations::table)
        .filter(locations::tenant_id.eq(tenant.0))
        .filter(locations::client_id.eq(client_id))
        .filter(locations::is_default)
        .filter(locations::deleted_at.is_null())
        .set(locations::is_default.eq(false))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The oldest home of a client.
pub async fn oldest(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<Option<i64>> {
    locations::table
        .filter(locations::tenant_id.eq(tenant.0))
        .filter(locations::client_id.eq(client_id))
        .filter(locations::deleted_at.is_null())
        .select(min(locations::id))
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// The homes of some clients, by the clients' ids.
pub async fn of_clients(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<Location>>> {
    let rows: Vec<Row> = placed_locations::table
        .filter(placed_locations::tenant_id.eq(tenant.0))
        .filter(placed_locations::client_id.eq_any(ids))
        .filter(placed_locations::deleted_at.is_null())
        .order(placed_locations::id)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut homes: HashMap<i64, Vec<Location>> = HashMap::new();
    for row in rows {
        homes.entry(row.client_id).or_default().push(row.into());
    }
    Ok(homes)
}

impl Record for Location {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Location", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Location>> {
        let rows: Vec<Row> = placed_locations::table
            .filter(placed_locations::tenant_id.eq(tenant.0))
            .filter(placed_locations::id.eq_any(ids))
            .filter(placed_locations::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Location::from).collect())
    }
}

impl Listed for Location {
    const LIST: List = List {
        table: "cleaning.locations",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static CLIENT_ID: &Field = &FIELDS[0];
pub static ZIP: &Field = &FIELDS[1];

static FIELDS: [Field; 2] =
    [Field::integer("client_id", "r.client_id"), Field::text("zip", "r.zip")];
