//! Property units in the database: reads, each from a view that holds the joins.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::{property_unit_details, property_unit_summaries};
use steward_kernel::list::{Field, Filter, Operator, Value, count, joined};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::{AssignedPerson, Company, Person, PropertyUnit, PropertyUnitSummary};
use crate::address::{self, Address};
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

impl Record for PropertyUnitSummary {
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
    ) -> Result<Vec<PropertyUnitSummary>> {
        let rows: Vec<SummaryRow> = property_unit_summaries::table
            .filter(property_unit_summaries::tenant_id.eq(tenant.0))
            .filter(property_unit_summaries::id.eq_any(ids))
            .select(SummaryRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(PropertyUnitSummary::from).collect())
    }
}

impl Listed for PropertyUnitSummary {
    const LIST: List = List {
        table: "facilities.property_unit_summaries",
        key: "id",
        only: "",
        search: "r.search LIKE ?",
        counted: None,
        fields: &FIELDS,
    };
}

const PARTS: &[&[Field]] = &[
    address::FIELDS,
    &[
        Field::integer("id", "r.id"),
        Field::text("custom_unit_id", "r.custom_unit_id"),
        Field::boolean("is_common_space", "r.is_common_space"),
        Field::boolean("is_active", "r.is_active"),
        Field::text("additional_note", "r.additional_note"),
        Field::integer("floor", "r.floor"),
        Field::integer("property_unit_type.id", "(r.property_unit_type->>'id')::bigint"),
        Field::text("property_unit_type.name", "r.property_unit_type->>'name'"),
        Field::text("main_contact.name", "r.main_contact->>'name'"),
        Field::text("main_contact.email", "r.main_contact->>'email'"),
        Field::time(
            "main_contact_contract_end",
            "CASE WHEN r.main_contact IS NOT NULL THEN r.contract_end END",
        ),
        Field::text("default_issue_manager_name", "r.issue_manager_name"),
        Field::text("default_property_manager_name", "r.manager_name"),
        Field::integer("property_manager_id", "r.manager_id"),
        Field::integer("owner_id", "r.owner_id"),
        Field::text("owner_name", "r.owner_name"),
        Field::text("owner_company_name", "r.owner_company_name"),
    ],
];

static FIELDS: [Field; count(PARTS)] = joined(PARTS);

static PROPERTY: Field = Field::integer("property_id", "r.property_id");

/// The units of a property.
pub fn of_property(property: i64) -> Filter {
    Filter::Compare(&PROPERTY, Operator::Equal, Value::Integer(property))
}
