//! Owner companies in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::owner_companies;
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::{OwnerCompany, OwnerCompanyInput};
use crate::address::{Address, PostalAddress};

#[derive(Insertable)]
#[diesel(table_name = owner_companies, treat_none_as_default_value = false)]
struct NewRow<'a> {
    tenant_id: i64,
    owner_id: i64,
    #[diesel(embed)]
    values: Values<'a>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = owner_companies, treat_none_as_default_value = false)]
#[diesel(treat_none_as_null = true)]
struct Values<'a> {
    name: &'a str,
    invoice_email: Option<&'a str>,
    max_mandate_amount: Option<Decimal>,
    attention_to: Option<&'a str>,
    country_code: Option<&'a str>,
    phone_number: Option<&'a str>,
    external_reference_id: Option<&'a str>,
    invoice_address: Option<Json<&'a PostalAddress>>,
}

impl<'a> From<&'a OwnerCompanyInput> for Values<'a> {
    fn from(input: &'a OwnerCompanyInput) -> Self {
        let OwnerCompanyInput {
            name,
            invoice_email,
            max_mandate_amount,
            attention_to,
            phone,
            external_reference_id,
            invoice_address,
        } = input;
        Self {
            name,
            invoice_email: invoice_email.as_deref(),
            max_mandate_amount: *max_mandate_amount,
            attention_to: attention_to.as_deref(),
            country_code: phone.as_ref().map(|phone| phone.country_code.as_str()),
            phone_number: phone.as_ref().map(|phone| phone.number.as_str()),
            external_reference_id: external_reference_id.as_deref(),
            invoice_address: invoice_address.as_ref().map(Json),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = owner_companies, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    owner_id: i64,
    name: String,
    invoice_email: Option<String>,
    max_mandate_amount: Option<Decimal>,
    attention_to: Option<String>,
    country_code: Option<String>,
    phone_number: Option<String>,
    external_reference_id: Option<String>,
    invoice_address: Option<Json<Address>>,
}

impl From<Row> for OwnerCompany {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            owner_id: row.owner_id,
            name: row.name,
            invoice_email: row.invoice_email,
            max_mandate_amount: row.max_mandate_amount,
            attention_to: row.attention_to,
            country_code: row.country_code,
            phone_number: row.phone_number,
            external_reference_id: row.external_reference_id,
            invoice_address: row.invoice_address.map(|address| address.0),
        }
    }
}

pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    owner: i64,
    input: &OwnerCompanyInput,
) -> Result<OwnerCompany> {
    let row: Row = diesel::insert_into(owner_companies::table)
        .values(NewRow { tenant_id: tenant.0, owner_id: owner, values: input.into() })
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(row.into())
}

impl Record for OwnerCompany {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<OwnerCompany>> {
        let rows: Vec<Row> = owner_companies::table
            .filter(owner_companies::tenant_id.eq(tenant.0))
            .filter(owner_companies::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(OwnerCompany::from).collect())
    }
}

impl Listed for OwnerCompany {
    const LIST: List = List {
        table: "facilities.owner_companies",
        key: "id",
        only: "",
        search: "r.search LIKE ?",
        counted: None,
        fields: &[
            Field::integer("id", "r.id"),
            OWNER,
            Field::text("name", "r.name"),
            Field::text("invoice_email", "r.invoice_email"),
            Field::decimal("max_mandate_amount", "r.max_mandate_amount"),
            Field::text("attention_to", "r.attention_to"),
            Field::text("country_code", "r.country_code"),
            Field::text("phone_number", "r.phone_number"),
            Field::text("external_reference_id", "r.external_reference_id"),
            Field::text("invoice_address.street", "r.invoice_address->>'street'"),
            Field::text("invoice_address.street_number", "r.invoice_address->>'street_number'"),
            Field::text("invoice_address.post_code", "r.invoice_address->>'post_code'"),
            Field::text("invoice_address.city", "r.invoice_address->>'city'"),
            Field::text("invoice_address.country", "r.invoice_address->>'country'"),
        ],
    };
}

const OWNER: Field = Field::integer("owner_id", "r.owner_id");

/// The companies of an owner.
pub fn of_owner(owner: i64) -> Filter {
    Filter::Compare(&OWNER, Operator::Equal, Value::Integer(owner))
}

pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    owner: i64,
    id: i64,
    input: &OwnerCompanyInput,
) -> Result<Option<OwnerCompany>> {
    let row: Option<Row> = diesel::update(owner_companies::table)
        .filter(owner_companies::tenant_id.eq(tenant.0))
        .filter(owner_companies::owner_id.eq(owner))
        .filter(owner_companies::id.eq(id))
        .set((Values::from(input), owner_companies::updated_at.eq(diesel::dsl::now)))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(OwnerCompany::from))
}

pub async fn delete(
    mut connection: &Connection,
    tenant: TenantId,
    owner: i64,
    id: i64,
) -> Result<bool> {
    let deleted = diesel::delete(owner_companies::table)
        .filter(owner_companies::tenant_id.eq(tenant.0))
        .filter(owner_companies::owner_id.eq(owner))
        .filter(owner_companies::id.eq(id))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(deleted > 0)
}
