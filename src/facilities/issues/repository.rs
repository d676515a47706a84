//! Issues in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_facilities_schema::{issue_summaries, issues};
use steward_kernel::page::Page;
use steward_kernel::{Result, TenantId};

use super::model::{IssueQuery, IssueStatus, IssueSummary, NewIssue, Rating};
use crate::address::Address;
use crate::properties::model::PropertyReference;
use crate::property_unit_types::model::PropertyUnitType;

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
        }
    }
}

type Matching<'a> = issues::BoxedQuery<'a, diesel::pg::Pg>;

fn matching<'a>(tenant: TenantId, query: &IssueQuery) -> Matching<'a> {
    issues::table
        .filter(issues::tenant_id.eq(tenant.0))
        .filter(issues::created_at.ge(Instant(query.from)))
        .filter(issues::created_at.le(Instant(query.to)))
        .into_boxed()
}

pub async fn page(
    connection: &Connection,
    tenant: TenantId,
    query: &IssueQuery,
) -> Result<Page<IssueSummary>> {
    let ids = matching(tenant, query)
        .order(issues::id)
        .limit(query.page.limit())
        .offset(query.page.offset())
        .select(issues::id);
    let rows = async {
        issue_summaries::table
            .filter(issue_summaries::tenant_id.eq(tenant.0))
            .filter(issue_summaries::id.eq_any(ids))
            .order(issue_summaries::id)
            .select(Row::as_select())
            .load::<Row>(&mut { connection })
            .await
            .or_internal()
    };
    let total = async {
        matching(tenant, query).count().get_result(&mut { connection }).await.or_internal()
    };
    let (rows, total) = try_join!(rows, total)?;
    Ok(Page {
        request: query.page,
        total,
        items: rows.into_iter().map(IssueSummary::from).collect(),
    })
}

pub async fn insert(mut connection: &Connection, tenant: TenantId, new: &NewIssue) -> Result<()> {
    let NewIssue {
        property_unit_id,
        reporter_id,
        service_provider_id,
        name,
        category,
        urgent,
        status,
    } = new;
    diesel::insert_into(issues::table)
        .values((
            issues::tenant_id.eq(tenant.0),
            issues::property_unit_id.eq(property_unit_id),
            issues::reporter_id.eq(reporter_id),
            issues::service_provider_id.eq(service_provider_id),
            issues::name.eq(name),
            issues::category.eq(category),
            issues::urgent.eq(urgent),
            issues::property_users_involved.eq(true),
            issues::status.eq(*status as i16),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}
