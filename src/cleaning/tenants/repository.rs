//! The only file that names the table of companies.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::select;
use diesel::sql_types::{BigInt, Bool, SmallInt};
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{owned_tenants, tenants};
use steward_database::{Connection, Instant, Json, Record, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Tenant, TenantInput, name_taken, not_found};
use crate::wire::Address;

// Where companies stand with their subscription, as the contract numbers it.
const SUSPENDED: i16 = 4;
const CLOSED: i16 = 5;

#[derive(Queryable, Selectable)]
#[diesel(table_name = owned_tenants, check_for_backend(diesel::pg::Pg))]
struct Row {
    tenant_id: i64,
    name: String,
    legal_name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    website: Option<String>,
    logo_url: Option<String>,
    address: Option<Json<Address>>,
    owner_id: Option<i64>,
    time_zone: String,
    currency: String,
    locale: String,
    status: i16,
    plan_code: Option<String>,
    trial_ends_at: Option<Instant>,
    is_sandbox: bool,
    stripe_account_id: Option<String>,
    stripe_publishable_key: Option<String>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Tenant {
    fn from(row: Row) -> Self {
        Self {
            id: TenantId(row.tenant_id),
            name: row.name,
            legal_name: row.legal_name,
            email: row.email,
            phone: row.phone,
            website: row.website,
            logo_url: row.logo_url,
            address: row.address.map(|Json(address)| address),
            time_zone: row.time_zone,
            currency: row.currency,
            locale: row.locale,
            owner_id: row.owner_id,
            status: row.status,
            plan_code: row.plan_code,
            trial_ends_at: row.trial_ends_at.map(Timestamp::from),
            is_sandbox: row.is_sandbox,
            stripe_account_id: row.stripe_account_id,
            stripe_publishable_key: row.stripe_publishable_key,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// The columns that an admin writes.
#[derive(AsChangeset)]
#[diesel(table_name = tenants, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    legal_name: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    website: Option<&'a str>,
    logo_url: Option<&'a str>,
    address: Option<Json<Address>>,
    time_zone: &'a str,
    currency: &'a str,
    locale: &'a str,
}

impl<'a> From<&'a TenantInput> for Written<'a> {
    fn from(input: &'a TenantInput) -> Self {
        let TenantInput {
            name,
            legal_name,
            email,
            phone,
            website,
            logo_url,
            address,
            time_zone,
            currency,
            locale,
        } = input;
        Self {
            name,
            legal_name: legal_name.as_deref(),
            email: email.as_deref(),
            phone: phone.as_deref(),
            website: website.as_deref(),
            logo_url: logo_url.as_deref(),
            address: address.clone().map(Json),
            time_zone,
            currency,
            locale,
        }
    }
}

/// Records the company of a tenant that was just made.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    name: &str,
    trial_ends_at: Timestamp,
) -> Result<()> {
    diesel::insert_into(tenants::table)
        .values((
            tenants::tenant_id.eq(tenant.0),
            tenants::name.eq(name),
            tenants::trial_ends_at.eq(Instant(trial_ends_at)),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("cleaning_tenants_name_key", name_taken)
        .map(drop)
}

/// Whether there is such a company.
pub async fn exists(mut connection: &Connection, tenant: TenantId) -> Result<bool> {
    select(diesel::dsl::exists(tenants::table.find(tenant.0)))
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// Replaces what is written of a company.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    input: &TenantInput,
) -> Result<()> {
    let updated = diesel::update(tenants::table.find(tenant.0))
        .set(Written::from(input))
        .execute(&mut connection)
        .await
        .on_constraint("cleaning_tenants_name_key", name_taken)?;
    if updated == 0 { Err(not_found(tenant.0)) } else { Ok(()) }
}

/// Sets the status of a company that is suspended, or goes on: as one that has subscribed or as one
/// that is trying. A closed one stays closed.
pub async fn suspend(mut connection: &Connection, tenant: TenantId, suspended: bool) -> Result<()> {
    // Trying, or active.
    let goes_on = sql::<SmallInt>("CASE WHEN plan_code IS NULL THEN 1 ELSE 2 END");
    let company = diesel::update(tenants::table.find(tenant.0));
    if suspended {
        let open = company.filter(tenants::status.ne(CLOSED));
        open.set(tenants::status.eq(SUSPENDED)).execute(&mut connection).await
    } else {
        let held = company.filter(tenants::status.eq(SUSPENDED));
        held.set(tenants::status.eq(goes_on)).execute(&mut connection).await
    }
    .or_internal()
    .map(drop)
}

/// Whether a company has said what anything costs, or somebody earns.
pub async fn has_amounts(mut connection: &Connection, tenant: TenantId) -> Result<bool> {
    let any = |table: &str, more: &str| {
        format!("EXISTS (SELECT FROM cleaning.{table} t WHERE t.tenant_id = $1{more})")
    };
    let all = [
        any("rates", ""),
        any("extra_rates", ""),
        any("bookings", ""),
        any("rooms", " AND t.price <> 0"),
        any("cleaners", " AND t.hourly_rate <> 0"),
        any("settings", " AND t.groups <> '{}'"),
    ];
    let found: Found = diesel::sql_query(format!("SELECT {} AS found", all.join(" OR ")))
        .bind::<BigInt, _>(tenant.0)
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(found.found)
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Writes what whoever registers a company says of it.
pub async fn register(
    mut connection: &Connection,
    tenant: TenantId,
    input: &TenantInput,
    is_sandbox: bool,
) -> Result<()> {
    diesel::update(tenants::table.find(tenant.0))
        .set((Written::from(input), tenants::is_sandbox.eq(is_sandbox)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The company's currency, ISO 4217.
pub async fn currency(mut connection: &Connection, tenant: TenantId) -> Result<String> {
    tenants::table
        .find(tenant.0)
        .select(tenants::currency)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?
        .ok_or_else(|| not_found(tenant.0))
}

/// The name of the company's time zone.
pub async fn time_zone(mut connection: &Connection, tenant: TenantId) -> Result<String> {
    tenants::table
        .find(tenant.0)
        .select(tenants::time_zone)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?
        .ok_or_else(|| not_found(tenant.0))
}

/// Found by the id of its tenant, so one at most.
impl Record for Tenant {
    fn id(&self) -> i64 {
        self.id.0
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Tenant>> {
        let rows: Vec<Row> = owned_tenants::table
            .filter(owned_tenants::tenant_id.eq(tenant.0))
            .filter(owned_tenants::tenant_id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Tenant::from).collect())
    }
}
