//! Owners in the database.

use diesel::dsl::{now, sql};
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::files::ShownFile;
use steward_platform::{App, tenants};
use steward_rentals_schema::{booking_settings, businesses, owners};

use super::model::{Owner, OwnerInput, Tax, Terms};
use crate::booking_settings::repository::Row as SettingsRow;
use crate::money::Percent;
use crate::time::Zone;

/// What everything that is rented follows.
#[derive(Queryable, Selectable)]
#[diesel(table_name = businesses, check_for_backend(diesel::pg::Pg))]
struct TermsRow {
    language: i16,
    time_zone: String,
    country: String,
    currency: String,
    default_tax_rate: Decimal,
}

/// The terms of an owner, in one statement; the defaults where the owner has said nothing.
///
/// # Errors
/// INTERNAL for a zone that a later version knows.
pub async fn terms(mut connection: &Connection, tenant: TenantId) -> Result<Terms> {
    let (row, settings): (TermsRow, Option<SettingsRow>) = businesses::table
        .left_join(booking_settings::table)
        .filter(businesses::tenant_id.eq(tenant.0))
        .select((TermsRow::as_select(), Option::<SettingsRow>::as_select()))
        .first(&mut connection)
        .await
        .or_internal()?;
    let TermsRow { language, time_zone, country, currency, default_tax_rate } = row;
    Ok(Terms {
        zone: Zone::stored(&time_zone)?,
        currency,
        country,
        language,
        default_tax_rate: Percent::try_from(default_tax_rate).map_err(Error::internal)?,
        settings: settings.map(Into::into).unwrap_or_default(),
    })
}

/// What the money of the current tenant is, as a column of any statement.
pub(crate) fn currency() -> SqlLiteral<Text> {
    sql("(SELECT b.currency FROM rentals.businesses b)")
}

/// What the money of the caller's business is.
pub(crate) async fn currency_of(app: &App, context: &Context) -> Result<String> {
    let tx = app.read(context).await?;
    businesses::table
        .filter(businesses::tenant_id.eq(context.tenant()?.0))
        .select(businesses::currency)
        .first(&mut &**tx)
        .await
        .or_internal()
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = businesses, check_for_backend(diesel::pg::Pg))]
struct Row {
    name: Option<String>,
    company_name: Option<String>,
    phone_number: Option<String>,
    phone_verified: bool,
    language: i16,
    time_zone: String,
    country: String,
    currency: String,
    business_category_id: Option<i64>,
    website: Option<String>,
    store_slug: Option<String>,
    onboarded_at: Option<Instant>,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    avatar: Option<Json<ShownFile>>,
}

/// The columns that an owner writes.
#[derive(Clone, Copy, Insertable, AsChangeset)]
#[diesel(table_name = owners, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    company_name: Option<&'a str>,
    phone_number: Option<&'a str>,
    language: i16,
    time_zone: &'a str,
    country: &'a str,
    currency: &'a str,
    business_category_id: Option<i64>,
    website: Option<&'a str>,
    avatar_file_id: Option<i64>,
}

impl<'a> From<&'a OwnerInput> for Written<'a> {
    fn from(input: &'a OwnerInput) -> Self {
        let OwnerInput {
            name,
            company_name,
            phone_number,
            language,
            time_zone,
            country,
            currency,
            business_category_id,
            website,
            avatar_id,
        } = input;
        Self {
            name,
            company_name: company_name.as_deref(),
            phone_number: phone_number.as_deref(),
            language: *language,
            time_zone,
            country,
            currency,
            business_category_id: *business_category_id,
            website: website.as_deref(),
            avatar_file_id: *avatar_id,
        }
    }
}

/// Whether the telephone number is verified, after another may have been written.
macro_rules! phone_verified {
    () => {
        owners::phone_verified.eq(owners::phone_verified
            .and(owners::phone_number.is_not_distinct_from(excluded(owners::phone_number))))
    };
}

/// The owner that a tenant is.
pub(crate) async fn get(mut connection: &Connection, tenant: TenantId) -> Result<Owner> {
    let row: Row = businesses::table
        .filter(businesses::tenant_id.eq(tenant.0))
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .or_internal()?;
    let name = match row.name {
        Some(name) => name,
        None => tenants::name(connection, tenant).await?,
    };
    let avatar = row.avatar.map(|avatar| avatar.0);
    Ok(Owner {
        id: tenant,
        written: OwnerInput {
            name,
            company_name: row.company_name,
            phone_number: row.phone_number,
            language: row.language,
            time_zone: row.time_zone,
            country: row.country,
            currency: row.currency,
            business_category_id: row.business_category_id,
            website: row.website,
            avatar_id: avatar.as_ref().map(|avatar| avatar.id),
        },
        avatar,
        phone_verified: row.phone_verified,
        store_slug: row.store_slug,
        onboarded_at: row.onboarded_at.map(Into::into),
        created_at: row.created_at.map(Into::into),
        updated_at: row.updated_at.map(Into::into),
    })
}

/// Writes an owner. Another telephone number is not verified.
pub(crate) async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    input: &OwnerInput,
) -> Result<()> {
    let tax = Tax::of(&input.country);
    diesel::insert_into(owners::table)
        .values((
            owners::tenant_id.eq(tenant.0),
            Written::from(input),
            owners::tax_name.eq(tax.name),
            owners::default_tax_rate.eq(tax.rate),
        ))
        .on_conflict(owners::tenant_id)
        .do_update()
        .set((Written::from(input), phone_verified!(), owners::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    rename(connection, tenant, input).await
}

/// Writes what an issuer newly says of an owner; one who has said nothing yet keeps the defaults.
pub(crate) async fn follow(
    mut connection: &Connection,
    tenant: TenantId,
    name: Option<&str>,
    language: Option<i16>,
) -> Result<()> {
    let business: Option<Option<String>> = diesel::update(owners::table.find(tenant.0))
        .set((
            name.map(|name| owners::name.eq(name)),
            language.map(|language| owners::language.eq(language)),
            owners::updated_at.eq(now),
        ))
        .returning(owners::company_name)
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    match (business, name) {
        (Some(None), Some(name)) => tenants::rename(connection, tenant, name).await,
        (Some(_) | None, _) => Ok(()),
    }
}

/// Has the tenant known by the name of its business: mail comes from it.
async fn rename(connection: &Connection, tenant: TenantId, input: &OwnerInput) -> Result<()> {
    let name = input.company_name.as_ref().unwrap_or(&input.name);
    tenants::rename(connection, tenant, name).await
}

/// Writes an owner who starts, with the tax of the country. Answers whether that was not done
/// before.
pub(crate) async fn onboard(
    mut connection: &Connection,
    tenant: TenantId,
    input: &OwnerInput,
) -> Result<bool> {
    // Its `filter` of the update part is another one than that of queries.
    use diesel::query_dsl::methods::FilterDsl;

    let tax = Tax::of(&input.country);
    let started = (
        Written::from(input),
        owners::tax_name.eq(tax.name),
        owners::default_tax_rate.eq(tax.rate),
        owners::onboarded_at.eq(now),
    );
    let written = diesel::insert_into(owners::table)
        .values((owners::tenant_id.eq(tenant.0), started))
        .on_conflict(owners::tenant_id)
        .do_update()
        .set((started, phone_verified!(), owners::updated_at.eq(now)))
        .filter(owners::onboarded_at.is_null())
        .execute(&mut connection)
        .await
        .or_internal()?;
    if written == 0 {
        return Ok(false);
    }
    rename(connection, tenant, input).await?;
    Ok(true)
}

fn slug_taken() -> Error {
    Error::named("onboarding.store_slug", "TAKEN", "Another store has this name.")
}

/// Gives the store of a tenant a name.
///
/// # Errors
/// INVALID_ARGUMENT when another store has it.
pub(crate) async fn name_store(
    mut connection: &Connection,
    tenant: TenantId,
    slug: &str,
) -> Result<()> {
    diesel::update(owners::table.find(tenant.0))
        .set(owners::store_slug.eq(slug))
        .execute(&mut connection)
        .await
        .on_constraint("owners_store_slug_key", slug_taken)
        .map(drop)
}

/// Gives the store of the transaction's tenant a name, numbered when another store has it.
pub(crate) async fn name_store_like(mut connection: &Connection, slug: &str) -> Result<()> {
    diesel::sql_query("SELECT rentals.take_store_slug($1)")
        .bind::<Text, _>(slug)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
