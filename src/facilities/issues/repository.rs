//! Issues in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::{issue_summaries, issues};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::{Issue, IssueInput, IssueQuery, IssueStatus, IssueSummary, Rating, Standing};
use crate::address::Address;
use crate::attachments::model::Attached;
use crate::issue_settings::model::ResponseTargets;
use crate::properties::model::PropertyReference;
use crate::property_unit_types::model::PropertyUnitType;
use crate::property_units::actions::not_found as unit_not_found;
use crate::users::model::user_not_found;

#[derive(Queryable, Selectable)]
#[diesel(table_name = issue_summaries, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    description: Option<String>,
    category: Option<String>,
    reporter_id: i64,
    reporter_name: String,
    issue_manager_name: Option<String>,
    urgent: bool,
    property_users_involved: bool,
    status: i16,
    created_at: Instant,
    updated_at: Instant,
    user_reference_id: Option<String>,
    rejection_comment: Option<String>,
    rating: Option<i16>,
    rating_comment: Option<String>,
    rating_type: Option<i16>,
    rated_by_name: Option<String>,
    rated_at: Option<Instant>,
    property_unit_id: i64,
    floor: Option<i32>,
    address: Json<Address>,
    property_unit_type: Option<Json<PropertyUnitType>>,
    property: Json<PropertyReference>,
    response_minutes: Option<i32>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = issue_summaries, check_for_backend(diesel::pg::Pg))]
struct DetailRow {
    #[diesel(embed)]
    summary: Row,
    issue_manager_id: Option<i64>,
    service_provider_id: Option<i64>,
    service_provider_name: Option<String>,
    comments: i64,
    attachments: Option<Json<Vec<Attached>>>,
}

impl From<DetailRow> for Issue {
    fn from(row: DetailRow) -> Self {
        Self {
            summary: row.summary.into(),
            issue_manager_id: row.issue_manager_id,
            service_provider_id: row.service_provider_id,
            service_provider_name: row.service_provider_name,
            comments: row.comments,
            attachments: row.attachments.map(|attached| attached.0).unwrap_or_default(),
        }
    }
}

impl From<Row> for IssueSummary {
    fn from(row: Row) -> Self {
        let rating = match (row.rating, row.rated_at) {
            (Some(points), Some(rated_at)) => Some(Rating {
                points,
                comment: row.rating_comment,
                kind: row.rating_type.unwrap_or_default(),
                user: row.rated_by_name.unwrap_or_default(),
                rated_at: rated_at.into(),
            }),
            _ => None,
        };
        Self {
            id: row.id,
            name: row.name,
            description: row.description,
            category: row.category,
            reporter_id: row.reporter_id,
            reporter_name: row.reporter_name,
            issue_manager_name: row.issue_manager_name,
            urgent: row.urgent,
            property_users_involved: row.property_users_involved,
            status: IssueStatus::from_stored(row.status),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            user_reference_id: row.user_reference_id,
            rejection_comment: row.rejection_comment,
            rating,
            property_unit_id: row.property_unit_id,
            floor: row.floor,
            address: row.address.0,
            property_unit_type: row.property_unit_type.map(|unit_type| unit_type.0),
            property: row.property.0,
            response_minutes: ResponseTargets::or_default(row.urgent, row.response_minutes),
        }
    }
}

impl Record for Issue {
    fn id(&self) -> i64 {
        self.summary.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Issue>> {
        let rows: Vec<DetailRow> = issue_summaries::table
            .filter(issue_summaries::tenant_id.eq(tenant.0))
            .filter(issue_summaries::id.eq_any(ids))
            .select(DetailRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Issue::from).collect())
    }
}

impl Record for IssueSummary {
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
    ) -> Result<Vec<IssueSummary>> {
        let rows: Vec<Row> = issue_summaries::table
            .filter(issue_summaries::tenant_id.eq(tenant.0))
            .filter(issue_summaries::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(IssueSummary::from).collect())
    }
}

impl Listed for IssueSummary {
    const LIST: List = List {
        table: "facilities.issues",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static FIELDS: [Field; 15] = [
    Field::integer("id", "r.id"),
    Field::text("name", "r.name"),
    Field::text("description", "r.description"),
    Field::text("category", "r.category"),
    Field::integer("reporter_id", "r.reporter_id"),
    Field::text(
        "reporter_name",
        "(SELECT u.name FROM facilities.users u
           WHERE u.tenant_id = r.tenant_id AND u.id = r.reporter_id)",
    ),
    URGENT,
    Field::boolean("property_users_involved", "r.property_users_involved"),
    STATUS,
    CREATED,
    Field::time("modified", "r.updated_at"),
    Field::text("user_reference_id", "r.user_reference_id"),
    Field::text("rejection_comment", "r.rejection_comment"),
    UNIT,
    Field::integer("overall_rating.rating", "r.rating"),
];

const URGENT: Field = Field::boolean("urgent", "r.urgent");
const CREATED: Field = Field::time("created", "r.created_at");
const UNIT: Field = Field::integer("property_unit.id", "r.property_unit_id");
const PROVIDER: Field = Field::integer("service_provider_id", "r.service_provider_id");
const STATUS: Field = Field::choice(
    "status",
    "r.status",
    &[
        ("ISSUE_STATUS_REPORTED", IssueStatus::Reported as i16),
        ("ISSUE_STATUS_ASSIGNED", IssueStatus::Assigned as i16),
        ("ISSUE_STATUS_IN_PROGRESS", IssueStatus::InProgress as i16),
        ("ISSUE_STATUS_ON_HOLD", IssueStatus::OnHold as i16),
        ("ISSUE_STATUS_RESOLVED", IssueStatus::Resolved as i16),
        ("ISSUE_STATUS_CLOSED", IssueStatus::Closed as i16),
        ("ISSUE_STATUS_REJECTED", IssueStatus::Rejected as i16),
    ],
);

/// What the parameters of the list say.
pub fn scope(query: &IssueQuery) -> Filter {
    use Operator::{Equal, GreaterOrEqual, LessOrEqual};
    let IssueQuery { list: _, from, to, status, property_unit_id, service_provider_id, urgent } =
        query;
    let created = |operator, at| Filter::Compare(&CREATED, operator, Value::Time(at));
    let mut all = vec![created(GreaterOrEqual, *from), created(LessOrEqual, *to)];
    let others = [
        status.map(|status| (&STATUS, Value::Choice(status as i16))),
        property_unit_id.map(|unit| (&UNIT, Value::Integer(unit))),
        service_provider_id.map(|provider| (&PROVIDER, Value::Integer(provider))),
        urgent.map(|urgent| (&URGENT, Value::Boolean(urgent))),
    ];
    all.extend(
        others.into_iter().flatten().map(|(field, value)| Filter::Compare(field, Equal, value)),
    );
    Filter::All(all)
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = issues, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Values<'a> {
    property_unit_id: i64,
    reporter_id: i64,
    issue_manager_id: Option<i64>,
    name: &'a str,
    description: Option<&'a str>,
    category: Option<&'a str>,
    urgent: bool,
    property_users_involved: bool,
    user_reference_id: Option<&'a str>,
}

impl<'a> From<&'a IssueInput> for Values<'a> {
    fn from(input: &'a IssueInput) -> Self {
        let IssueInput {
            property_unit_id,
            reporter_id,
            name,
            description,
            category,
            issue_manager_id,
            urgent,
            property_users_involved,
            user_reference_id,
        } = input;
        Self {
            property_unit_id: *property_unit_id,
            reporter_id: *reporter_id,
            issue_manager_id: *issue_manager_id,
            name,
            description: description.as_deref(),
            category: category.as_deref(),
            urgent: *urgent,
            property_users_involved: *property_users_involved,
            user_reference_id: user_reference_id.as_deref(),
        }
    }
}

/// What a constraint of the table says about an input.
fn missing(constraint: &str, input: &IssueInput) -> Option<Error> {
    match constraint {
        "issues_property_unit_fkey" => Some(unit_not_found(input.property_unit_id)),
        "issues_reporter_fkey" => Some(user_not_found(input.reporter_id)),
        _ => None,
    }
}

pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    input: &IssueInput,
) -> Result<i64> {
    diesel::insert_into(issues::table)
        .values((
            issues::tenant_id.eq(tenant.0),
            issues::status.eq(IssueStatus::Reported as i16),
            Values::from(input),
        ))
        .returning(issues::id)
        .get_result(&mut connection)
        .await
        .on_constraints(|constraint| missing(constraint, input))
}

pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &IssueInput,
) -> Result<()> {
    diesel::update(issues::table)
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::id.eq(id))
        .set((Values::from(input), issues::updated_at.eq(diesel::dsl::now)))
        .execute(&mut connection)
        .await
        .on_constraints(|constraint| missing(constraint, input))?;
    Ok(())
}

/// Where an issue stands; nobody else changes it until the transaction ends.
pub async fn lock(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Standing>> {
    let row: Option<(i16, Option<i16>, Instant)> = issues::table
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::id.eq(id))
        .select((issues::status, issues::held_from, issues::status_changed_at))
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(|(status, held_from, since)| Standing {
        status: IssueStatus::from_stored(status),
        held_from: held_from.map(IssueStatus::from_stored),
        since: since.0,
    }))
}

pub async fn exists(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let found = issues::table
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::id.eq(id))
        .select(issues::id);
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}
