//! Addresses in the database.

use std::collections::HashMap;

use diesel::dsl::now;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::addresses;

use super::model::{Address, AddressInput, Of};

#[derive(Queryable, Selectable)]
#[diesel(table_name = addresses, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    customer_id: Option<i64>,
    kind: i16,
    label: Option<String>,
    name: Option<String>,
    street: String,
    street2: Option<String>,
    postal_code: Option<String>,
    city: String,
    region: Option<String>,
    country: String,
    phone_number: Option<String>,
    notes: Option<String>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    main: bool,
    created_at: Instant,
    updated_at: Instant,
}

impl From<Row> for Address {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            written: AddressInput {
                kind: row.kind,
                label: row.label,
                name: row.name,
                street: row.street,
                street2: row.street2,
                postal_code: row.postal_code,
                city: row.city,
                region: row.region,
                country: row.country,
                phone_number: row.phone_number,
                notes: row.notes,
                latitude: row.latitude,
                longitude: row.longitude,
                main: row.main,
            },
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = addresses, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    kind: i16,
    label: Option<&'a str>,
    name: Option<&'a str>,
    street: &'a str,
    street2: Option<&'a str>,
    postal_code: Option<&'a str>,
    city: &'a str,
    region: Option<&'a str>,
    country: &'a str,
    phone_number: Option<&'a str>,
    notes: Option<&'a str>,
    latitude: Option<f64>,
    longitude: Option<f64>,
    main: bool,
}

impl<'a> Written<'a> {
    fn new(input: &'a AddressInput, main: bool) -> Self {
        let AddressInput {
            kind,
            label,
            name,
            street,
            street2,
            postal_code,
            city,
            region,
            country,
            phone_number,
            notes,
            latitude,
            longitude,
            main: _,
        } = input;
        Self {
            kind: *kind,
            label: label.as_deref(),
            name: name.as_deref(),
            street,
            street2: street2.as_deref(),
            postal_code: postal_code.as_deref(),
            city,
            region: region.as_deref(),
            country,
            phone_number: phone_number.as_deref(),
            notes: notes.as_deref(),
            latitude: *latitude,
            longitude: *longitude,
            main,
        }
    }
}

/// The live addresses of somebody.
macro_rules! live {
    ($tenant:expr, $of:expr) => {
        addresses::tenant_id
            .eq($tenant.0)
            .and(addresses::customer_id.is_not_distinct_from(match $of {
                Of::Owner => None,
                Of::Customer(id) => Some(id),
            }))
            .and(addresses::deleted_at.is_null())
    };
}

fn not_found(id: i64) -> Error {
    Error::not_found("Address", id)
}

/// All addresses of somebody, the main one first.
pub async fn of(mut connection: &Connection, tenant: TenantId, of: Of) -> Result<Vec<Address>> {
    let rows: Vec<Row> = addresses::table
        .filter(live!(tenant, of))
        .order((addresses::main.desc(), addresses::id))
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Address::from).collect())
}

/// The addresses of several customers, by the customer's id, the main one first.
pub async fn of_customers(
    mut connection: &Connection,
    tenant: TenantId,
    customers: &[i64],
) -> Result<HashMap<i64, Vec<Address>>> {
    let rows: Vec<Row> = addresses::table
        .filter(addresses::tenant_id.eq(tenant.0))
        .filter(addresses::customer_id.eq_any(customers))
        .filter(addresses::deleted_at.is_null())
        .order((addresses::main.desc(), addresses::id))
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut found: HashMap<i64, Vec<Address>> = HashMap::new();
    for row in rows {
        let customer = row.customer_id.unwrap_or_default();
        found.entry(customer).or_default().push(row.into());
    }
    Ok(found)
}

pub async fn get(
    mut connection: &Connection,
    tenant: TenantId,
    of: Of,
    id: i64,
) -> Result<Address> {
    let row: Option<Row> = addresses::table
        .filter(live!(tenant, of))
        .filter(addresses::id.eq(id))
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    row.map(Address::from).ok_or_else(|| not_found(id))
}

/// Takes from the main address that it is it.
async fn demote(mut connection: &Connection, tenant: TenantId, of: Of) -> Result<()> {
    diesel::update(addresses::table)
        .filter(live!(tenant, of))
        .filter(addresses::main)
        .set((addresses::main.eq(false), addresses::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Records an address. The first one of somebody is the main one.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    of: Of,
    input: &AddressInput,
) -> Result<Address> {
    let count: i64 = addresses::table
        .filter(live!(tenant, of))
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()?;
    if input.main {
        demote(connection, tenant, of).await?;
    }
    let customer = match of {
        Of::Owner => None,
        Of::Customer(id) => Some(id),
    };
    let row: Row = diesel::insert_into(addresses::table)
        .values((
            addresses::tenant_id.eq(tenant.0),
            addresses::customer_id.eq(customer),
            Written::new(input, input.main || count == 0),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        // Somebody else recorded the first address at the same time.
        .on_constraint("addresses_main_key", Error::conflict)?;
    Ok(row.into())
}

pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    of: Of,
    id: i64,
    input: &AddressInput,
) -> Result<Address> {
    let present = get(connection, tenant, of, id).await?;
    if input.main && !present.written.main {
        demote(connection, tenant, of).await?;
    }
    let row: Option<Row> = diesel::update(addresses::table)
        .filter(live!(tenant, of))
        .filter(addresses::id.eq(id))
        .set((
            Written::new(input, input.main || present.written.main),
            addresses::updated_at.eq(now),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .on_constraint("addresses_main_key", Error::conflict)?;
    row.map(Address::from).ok_or_else(|| not_found(id))
}

/// Writes an address of the business as it is, so that whoever deletes it meanwhile waits and looks
/// again; answers whether there is such an address.
pub async fn hold(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let held = diesel::update(addresses::table)
        .filter(live!(tenant, Of::Owner))
        .filter(addresses::id.eq(id))
        .set(addresses::main.eq(addresses::main))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(held == 1)
}

pub async fn delete(mut connection: &Connection, tenant: TenantId, of: Of, id: i64) -> Result<()> {
    let was_main: Option<bool> = diesel::update(addresses::table)
        .filter(live!(tenant, of))
        .filter(addresses::id.eq(id))
        .set((addresses::deleted_at.eq(now), addresses::updated_at.eq(now)))
        .returning(addresses::main)
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let Some(was_main) = was_main else { return Err(not_found(id)) };
    if !was_main {
        return Ok(());
    }
    let oldest: Option<i64> = addresses::table
        .filter(live!(tenant, of))
        .select(diesel::dsl::min(addresses::id))
        .first(&mut connection)
        .await
        .or_internal()?;
    let Some(oldest) = oldest else { return Ok(()) };
    diesel::update(addresses::table)
        .filter(addresses::tenant_id.eq(tenant.0))
        .filter(addresses::id.eq(oldest))
        .set((addresses::main.eq(true), addresses::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .on_constraint("addresses_main_key", Error::conflict)
        .map(drop)
}
