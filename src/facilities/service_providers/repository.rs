//! Service providers and their tags in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Json, List, Listed, Record, ResultExt};
use steward_facilities_schema::{service_provider_details, service_provider_tags, tags};
use steward_kernel::list::{Field, count, joined};
use steward_kernel::{Error, Result, TenantId};

use super::model::ServiceProvider;
use crate::address::{self, Address};
use crate::attachments::model::Attached;
use crate::tags::actions::not_found as tag_not_found;
use crate::tags::model::Tag;
use crate::users::model::{Ratings, Role, Status, User};
use crate::users::repository as user_list;

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_provider_details, check_for_backend(diesel::pg::Pg))]
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
    tags: Json<Vec<Tag>>,
    active_issues: i64,
}

impl From<Row> for ServiceProvider {
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
            tags: row.tags.0,
            ratings: Ratings::new(row.rating_sum, row.rating_count),
            active_issues: row.active_issues,
            attachments: Vec::new(),
        }
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = service_provider_details, check_for_backend(diesel::pg::Pg))]
struct DetailRow {
    #[diesel(embed)]
    summary: Row,
    attachments: Option<Json<Vec<Attached>>>,
}

impl From<DetailRow> for ServiceProvider {
    fn from(row: DetailRow) -> Self {
        let attachments = row.attachments.map(|attached| attached.0).unwrap_or_default();
        Self { attachments, ..row.summary.into() }
    }
}

impl Record for ServiceProvider {
    fn id(&self) -> i64 {
        self.user.id
    }

    fn not_found(id: i64) -> Error {
        Role::ServiceProvider.not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<ServiceProvider>> {
        let rows: Vec<DetailRow> = service_provider_details::table
            .filter(service_provider_details::tenant_id.eq(tenant.0))
            .filter(service_provider_details::id.eq_any(ids))
            .select(DetailRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(ServiceProvider::from).collect())
    }
}

impl Listed for ServiceProvider {
    // A provider is found by the names of its tags, too.
    const LIST: List = List {
        search: "r.search LIKE ? OR r.id IN (
            SELECT s.user_id FROM facilities.service_provider_tags s
            JOIN facilities.tags t ON t.tenant_id = s.tenant_id AND t.id = s.tag_id
            WHERE s.tenant_id = platform.current_tenant() AND t.search LIKE ?)",
        ..user_list::list(Role::ServiceProvider, &FIELDS)
    };
}

const PARTS: &[&[Field]] = &[
    user_list::FIELDS,
    address::FIELDS,
    user_list::RATINGS,
    &[
        user_list::status_field("user_status", "r.status"),
        Field::integer(
            "active_issues",
            "(SELECT count(*) FROM facilities.issues i
               WHERE i.tenant_id = r.tenant_id AND i.service_provider_id = r.id
                 AND i.status NOT IN (6, 7))",
        ),
        Field::texts(
            "tags",
            "ARRAY(SELECT t.search FROM facilities.service_provider_tags s
               JOIN facilities.tags t ON t.tenant_id = s.tenant_id AND t.id = s.tag_id
               WHERE s.tenant_id = r.tenant_id AND s.user_id = r.id)",
        ),
    ],
];

static FIELDS: [Field; count(PARTS)] = joined(PARTS);

/// Sets the tags of a provider; the error names the first that does not exist.
pub async fn set_tags(
    mut connection: &Connection,
    tenant: TenantId,
    provider: i64,
    ids: &[i64],
) -> Result<()> {
    // Held until the end of the transaction, so that none is deleted in between.
    let found: Vec<i64> = tags::table
        .filter(tags::tenant_id.eq(tenant.0))
        .filter(tags::id.eq_any(ids))
        .select(tags::id)
        .for_key_share()
        .load(&mut connection)
        .await
        .or_internal()?;
    if let Some(missing) = ids.iter().find(|id| !found.contains(id)) {
        return Err(tag_not_found(*missing));
    }
    diesel::delete(service_provider_tags::table)
        .filter(service_provider_tags::tenant_id.eq(tenant.0))
        .filter(service_provider_tags::user_id.eq(provider))
        .filter(service_provider_tags::tag_id.ne_all(ids))
        .execute(&mut connection)
        .await
        .or_internal()?;
    let rows: Vec<_> = ids
        .iter()
        .map(|id| {
            (
                service_provider_tags::tenant_id.eq(tenant.0),
                service_provider_tags::user_id.eq(provider),
                service_provider_tags::tag_id.eq(*id),
            )
        })
        .collect();
    diesel::insert_into(service_provider_tags::table)
        .values(rows)
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}
