//! Owner companies in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use rust_decimal::Decimal;
use steward_database::{Connection, Json, Record, ResultExt};
use steward_facilities_schema::owner_companies;
use steward_kernel::page::{ListQuery, Page};
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

type Matching<'a> = owner_companies::BoxedQuery<'a, diesel::pg::Pg>;

fn matching(tenant: TenantId, owner: i64, query: &ListQuery) -> Matching<'_> {
    let companies = owner_companies::table
        .filter(owner_companies::tenant_id.eq(tenant.0))
        .filter(owner_companies::owner_id.eq(owner))
        .into_boxed();
    match &query.pattern {
        Some(pattern) => companies.filter(owner_companies::search.like(pattern)),
        None => companies,
    }
}

pub async fn page(
    connection: &Connection,
    tenant: TenantId,
    owner: i64,
    query: &ListQuery,
) -> Result<Page<OwnerCompany>> {
    let rows = async {
        matching(tenant, owner, query)
            .order(owner_companies::id)
            .limit(query.page.limit())
            .offset(query.page.offset())
            .select(Row::as_select())
            .load::<Row>(&mut { connection })
            .await
            .or_internal()
    };
    let total = async {
        matching(tenant, owner, query).count().get_result(&mut { connection }).await.or_internal()
    };
    let (rows, total) = try_join!(rows, total)?;
    Ok(Page {
        request: query.page,
        total,
        items: rows.into_iter().map(OwnerCompany::from).collect(),
    })
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
