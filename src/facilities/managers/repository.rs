//! Property managers in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::{manager_summaries, users};
use steward_kernel::list::{Field, count, joined};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Manager, ManagerSummary};
use crate::address::Address;
use crate::users::model::{Ratings, Role, Status, User};
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
    rating_sum: i64,
    rating_count: i32,
}

impl From<Row> for Manager {
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
            ratings: Ratings::new(row.rating_sum, row.rating_count),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = manager_summaries, check_for_backend(diesel::pg::Pg))]
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
    rating_sum: i64,
    rating_count: i32,
    property_units: i64,
}

impl From<SummaryRow> for ManagerSummary {
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
                address: None,
            },
            ratings: Ratings::new(row.rating_sum, row.rating_count),
            property_units: row.property_units,
        }
    }
}

impl Record for Manager {
    fn id(&self) -> i64 {
        self.user.id
    }

    fn not_found(id: i64) -> Error {
        Role::Manager.not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Manager>> {
        let rows: Vec<Row> = users::table
            .filter(users::tenant_id.eq(tenant.0))
            .filter(users::id.eq_any(ids))
            .filter(users::role.eq(Role::Manager as i16))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Manager::from).collect())
    }
}

impl Record for ManagerSummary {
    fn id(&self) -> i64 {
        self.user.id
    }

    fn not_found(id: i64) -> Error {
        Role::Manager.not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<ManagerSummary>> {
        let rows: Vec<SummaryRow> = manager_summaries::table
            .filter(manager_summaries::tenant_id.eq(tenant.0))
            .filter(manager_summaries::id.eq_any(ids))
            .select(SummaryRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(ManagerSummary::from).collect())
    }
}

impl Listed for ManagerSummary {
    const LIST: List = user_list::list(Role::Manager, &FIELDS);
}

const PARTS: &[&[Field]] = &[
    user_list::FIELDS,
    user_list::RATINGS,
    &[
        user_list::status_field("user_status", "r.status"),
        Field::integer(
            "number_of_property_units",
            "(SELECT count(*) FROM facilities.property_units p
               WHERE p.tenant_id = r.tenant_id AND p.manager_id = r.id)",
        ),
    ],
];

static FIELDS: [Field; count(PARTS)] = joined(PARTS);
