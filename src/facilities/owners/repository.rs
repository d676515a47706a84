//! Owners in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::{owner_summaries, users};
use steward_kernel::list::{Field, count, joined};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Owner, OwnerSummary};
use crate::address::{self, Address};
use crate::users::model::{Role, Status, User};
use crate::users::repository as user_list;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    status: i16,
    email: String,
    name: String,
    company_name: Option<String>,
    country_code: Option<String>,
    phone_number: Option<String>,
    external_reference_id: Option<String>,
    additional_note: Option<String>,
    address: Option<Json<Address>>,
    authorized_amount: Option<Decimal>,
    invoice_address: Option<Json<Address>>,
    invoice_company: Option<String>,
    invoice_email: Option<String>,
    attention_to: Option<String>,
}

impl From<Row> for Owner {
    fn from(row: Row) -> Self {
        Self {
            user: User {
                id: row.id,
                status: Status::from_stored(row.status),
                email: row.email,
                name: row.name,
                company_name: row.company_name,
                country_code: row.country_code,
                phone_number: row.phone_number,
                external_reference_id: row.external_reference_id,
                additional_note: row.additional_note,
                address: row.address.map(|address| address.0),
            },
            authorized_amount: row.authorized_amount,
            invoice_address: row.invoice_address.map(|address| address.0),
            invoice_company: row.invoice_company,
            invoice_email: row.invoice_email,
            attention_to: row.attention_to,
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = owner_summaries, check_for_backend(diesel::pg::Pg))]
struct SummaryRow {
    id: i64,
    status: i16,
    email: String,
    name: String,
    company_name: Option<String>,
    country_code: Option<String>,
    phone_number: Option<String>,
    external_reference_id: Option<String>,
    additional_note: Option<String>,
    address: Option<Json<Address>>,
    authorized_amount: Option<Decimal>,
    property_units: i64,
}

impl From<SummaryRow> for OwnerSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            user: User {
                id: row.id,
                status: Status::from_stored(row.status),
                email: row.email,
                name: row.name,
                company_name: row.company_name,
                country_code: row.country_code,
                phone_number: row.phone_number,
                external_reference_id: row.external_reference_id,
                additional_note: row.additional_note,
                address: row.address.map(|address| address.0),
            },
            authorized_amount: row.authorized_amount,
            property_units: row.property_units,
        }
    }
}

impl Record for Owner {
    fn id(&self) -> i64 {
        self.user.id
    }

    fn not_found(id: i64) -> Error {
        Role::Owner.not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Owner>> {
        let rows: Vec<Row> = users::table
            .filter(users::tenant_id.eq(tenant.0))
            .filter(users::id.eq_any(ids))
            .filter(users::role.eq(Role::Owner as i16))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Owner::from).collect())
    }
}

impl Record for OwnerSummary {
    fn id(&self) -> i64 {
        self.user.id
    }

    fn not_found(id: i64) -> Error {
        Role::Owner.not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<OwnerSummary>> {
        let rows: Vec<SummaryRow> = owner_summaries::table
            .filter(owner_summaries::tenant_id.eq(tenant.0))
            .filter(owner_summaries::id.eq_any(ids))
            .select(SummaryRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(OwnerSummary::from).collect())
    }
}

impl Listed for OwnerSummary {
    const LIST: List = user_list::list(Role::Owner, &FIELDS);
}

const PARTS: &[&[Field]] = &[
    user_list::FIELDS,
    address::FIELDS,
    &[
        user_list::status_field("user_status", "r.status"),
        Field::decimal("authorized_amount", "r.authorized_amount"),
        Field::integer(
            "number_of_property_units",
            "(SELECT count(*) FROM facilities.property_units p
               WHERE p.tenant_id = r.tenant_id AND p.owner_id = r.id)",
        ),
    ],
];

static FIELDS: [Field; count(PARTS)] = joined(PARTS);
