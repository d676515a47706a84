//! Property users in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::property_user_details;
use steward_kernel::list::{Field, count, joined};
use steward_kernel::{Error, Result, TenantId};

use super::model::{OccupiedUnit, PropertyUser};
use crate::address::{self, Address};
use crate::users::model::{Role, Status, User};
use crate::users::repository as user_list;

#[derive(Queryable, Selectable)]
#[diesel(table_name = property_user_details, check_for_backend(diesel::pg::Pg))]
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
    property_units: Json<Vec<OccupiedUnit>>,
}

impl From<Row> for PropertyUser {
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
            property_units: row.property_units.0,
        }
    }
}

impl Record for PropertyUser {
    fn id(&self) -> i64 {
        self.user.id
    }

    fn not_found(id: i64) -> Error {
        Role::PropertyUser.not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<PropertyUser>> {
        let rows: Vec<Row> = property_user_details::table
            .filter(property_user_details::tenant_id.eq(tenant.0))
            .filter(property_user_details::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(PropertyUser::from).collect())
    }
}

impl Listed for PropertyUser {
    const LIST: List = user_list::list(Role::PropertyUser, &FIELDS);
}

const PARTS: &[&[Field]] =
    &[user_list::FIELDS, address::FIELDS, &[user_list::status_field("status", "r.status")]];

static FIELDS: [Field; count(PARTS)] = joined(PARTS);
