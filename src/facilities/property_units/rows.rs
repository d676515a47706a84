//! Property units in the database: reads, each from a view that holds the joins.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use steward_database::{Connection, Instant, Json, Record, ResultExt};
use steward_facilities_schema::{
    properties, property_unit_details, property_unit_summaries, property_units,
};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::{AssignedPerson, Company, Person, PropertyUnit, PropertyUnitSummary};
use crate::address::Address;
use crate::attachments::model::Attached;
use crate::properties::model::PropertyReference;
use crate::property_unit_types::model::PropertyUnitType;

#[derive(Queryable, Selectable)]
#[diesel(table_name = property_unit_details, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    property: Json<PropertyReference>,
    custom_unit_id: String,
    floor: Option<i32>,
    contract_start: Option<Instant>,
    contract_end: Option<Instant>,
    additional_note: Option<String>,
    is_common_space: bool,
    is_active: bool,
    has_property_address: bool,
    address: Json<Address>,
    owner: Json<Person>,
    owner_company: Option<Json<Company>>,
    manager: Option<Json<Person>>,
    issue_manager: Option<Json<Person>>,
    property_users: Json<Vec<AssignedPerson>>,
    property_unit_type: Option<Json<PropertyUnitType>>,
    attachments: Option<Json<Vec<Attached>>>,
}

impl From<Row> for PropertyUnit {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            property: row.property.0,
            custom_unit_id: row.custom_unit_id,
            floor: row.floor,
            contract_start: row.contract_start.map(Timestamp::from),
            contract_end: row.contract_end.map(Timestamp::from),
            additional_note: row.additional_note,
            is_common_space: row.is_common_space,
            is_active: row.is_active,
            has_property_address: row.has_property_address,
            address: row.address.0,
            owner: row.owner.0,
            owner_company: row.owner_company.map(|company| company.0),
            manager: row.manager.map(|person| person.0),
            issue_manager: row.issue_manager.map(|person| person.0),
            property_users: row.property_users.0,
            property_unit_type: row.property_unit_type.map(|unit_type| unit_type.0),
            attachments: row.attachments.map(|attached| attached.0).unwrap_or_default(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = property_unit_summaries, check_for_backend(diesel::pg::Pg))]
struct SummaryRow {
    id: i64,
    custom_unit_id: String,
    floor: Option<i32>,
    contract_end: Option<Instant>,
    additional_note: Option<String>,
    is_common_space: bool,
    is_active: bool,
    address: Json<Address>,
    property_unit_type: Option<Json<PropertyUnitType>>,
    main_contact: Option<Json<Person>>,
    manager_id: Option<i64>,
    manager_name: Option<String>,
    issue_manager_name: Option<String>,
    owner_name: String,
    owner_company_name: Option<String>,
}

impl From<SummaryRow> for PropertyUnitSummary {
    fn from(row: SummaryRow) -> Self {
        Self {
            id: row.id,
            custom_unit_id: row.custom_unit_id,
            floor: row.floor,
            contract_end: row.contract_end.map(Timestamp::from),
            additional_note: row.additional_note,
            is_common_space: row.is_common_space,
            is_active: row.is_active,
            address: row.address.0,
            property_unit_type: row.property_unit_type.map(|unit_type| unit_type.0),
            main_contact: row.main_contact.map(|person| person.0),
            manager_id: row.manager_id,
            manager_name: row.manager_name,
            issue_manager_name: row.issue_manager_name,
            owner_name: row.owner_name,
            owner_company_name: row.owner_company_name,
        }
    }
}

impl Record for PropertyUnit {
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
    ) -> Result<Vec<PropertyUnit>> {
        let rows: Vec<Row> = property_unit_details::table
            .filter(property_unit_details::tenant_id.eq(tenant.0))
            .filter(property_unit_details::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(PropertyUnit::from).collect())
    }
}

type Matching<'a> = property_unit_summaries::BoxedQuery<'a, diesel::pg::Pg>;

fn matching<'a>(tenant: TenantId, property: i64, query: &'a ListQuery) -> Matching<'a> {
    let units = property_unit_summaries::table
        .filter(property_unit_summaries::tenant_id.eq(tenant.0))
        .filter(property_unit_summaries::property_id.eq(property))
        .into_boxed();
    match &query.pattern {
        Some(pattern) => units.filter(property_unit_summaries::search.like(pattern)),
        None => units,
    }
}

/// A page of a property's units; nothing when there is no such property.
pub async fn page(
    connection: &Connection,
    tenant: TenantId,
    property: i64,
    query: &ListQuery,
) -> Result<Option<Page<PropertyUnitSummary>>> {
    let property_exists = async {
        let property = properties::table
            .filter(properties::tenant_id.eq(tenant.0))
            .filter(properties::id.eq(property));
        diesel::select(exists(property)).get_result::<bool>(&mut { connection }).await.or_internal()
    };
    let rows = async {
        matching(tenant, property, query)
            .order(property_unit_summaries::id)
            .limit(query.page.limit())
            .offset(query.page.offset())
            .select(SummaryRow::as_select())
            .load::<SummaryRow>(&mut { connection })
            .await
            .or_internal()
    };
    let total = total(connection, tenant, property, query);
    let (property_exists, rows, total) = try_join!(property_exists, rows, total)?;
    Ok(property_exists.then(|| Page {
        request: query.page,
        total,
        items: rows.into_iter().map(PropertyUnitSummary::from).collect(),
    }))
}

async fn total(
    mut connection: &Connection,
    tenant: TenantId,
    property: i64,
    query: &ListQuery,
) -> Result<i64> {
    if query.pattern.is_some() {
        let units = matching(tenant, property, query).count();
        return units.get_result(&mut connection).await.or_internal();
    }
    // Without a search no join is needed.
    property_units::table
        .filter(property_units::tenant_id.eq(tenant.0))
        .filter(property_units::property_id.eq(property))
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()
}
