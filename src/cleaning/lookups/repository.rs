//! The only file that names the tables of the lists.

use diesel::dsl::exists;
use diesel::prelude::*;
use diesel::select;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{churn_reasons, lead_sources};
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Audience, Choice, ChurnReason, LeadSource};
use crate::reason;

/// Gives the transaction's tenant the lists that a company starts with.
pub async fn seed(mut connection: &Connection) -> Result<()> {
    diesel::sql_query("SELECT cleaning.seed_lookups()")
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Whether there is a lead source of an audience.
pub async fn has_lead_source(
    mut connection: &Connection,
    tenant: TenantId,
    audience: Audience,
    id: i64,
) -> Result<bool> {
    let found =
        lead_sources::table.find((tenant.0, id)).filter(lead_sources::audience.eq(audience.name()));
    select(exists(found)).get_result(&mut connection).await.or_internal()
}

/// Records a lead source of an audience; answers its id.
pub async fn insert_lead_source(
    mut connection: &Connection,
    tenant: TenantId,
    audience: Audience,
    name: &str,
) -> Result<i64> {
    diesel::insert_into(lead_sources::table)
        .values((
            lead_sources::tenant_id.eq(tenant.0),
            lead_sources::audience.eq(audience.name()),
            lead_sources::name.eq(name),
        ))
        .returning(lead_sources::id)
        .get_result(&mut connection)
        .await
        .on_constraint("lead_sources_name_key", name_taken)
}

/// Replaces a lead source of an audience.
pub async fn update_lead_source(
    mut connection: &Connection,
    tenant: TenantId,
    (audience, id): (Audience, i64),
    name: &str,
    is_active: bool,
) -> Result<()> {
    let updated = diesel::update(lead_sources::table.find((tenant.0, id)))
        .filter(lead_sources::audience.eq(audience.name()))
        .set((lead_sources::name.eq(name), lead_sources::is_active.eq(is_active)))
        .execute(&mut connection)
        .await
        .on_constraint("lead_sources_name_key", name_taken)?;
    if updated == 0 { Err(LeadSource::not_found(id)) } else { Ok(()) }
}

/// Lets a lead source be chosen no more.
pub async fn deactivate_lead_source(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<()> {
    diesel::update(lead_sources::table.find((tenant.0, id)))
        .set(lead_sources::is_active.eq(false))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Deletes a lead source that nobody came from.
pub async fn delete_lead_source(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<()> {
    diesel::delete(lead_sources::table.find((tenant.0, id)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

fn name_taken() -> Error {
    reason::duplicate("Another lead source has this name.")
}

/// Whether there is a churn reason of an audience.
pub async fn has_churn_reason(
    mut connection: &Connection,
    tenant: TenantId,
    audience: Audience,
    id: i64,
) -> Result<bool> {
    let found = churn_reasons::table
        .find((tenant.0, id))
        .filter(churn_reasons::audience.eq(audience.name()));
    select(exists(found)).get_result(&mut connection).await.or_internal()
}

static FIELDS: [Field; 2] =
    [Field::boolean("is_active", "r.is_active"), Field::text("audience", "r.audience")];

pub static IS_ACTIVE: &Field = &FIELDS[0];
pub static AUDIENCE: &Field = &FIELDS[1];

/// Both tables look alike.
macro_rules! choices {
    ($table:ident, $record:ident, $name:literal, $sql:literal) => {
        const _: () = {
            #[derive(Queryable, Selectable)]
            #[diesel(table_name = $table, check_for_backend(diesel::pg::Pg))]
            struct Row {
                id: i64,
                audience: String,
                name: String,
                is_active: bool,
                is_system: bool,
                created_at: Instant,
                updated_at: Instant,
                version: i32,
            }

            impl From<Row> for $record {
                fn from(row: Row) -> Self {
                    Self(Choice {
                        id: row.id,
                        kind: row.audience,
                        name: row.name,
                        is_active: row.is_active,
                        is_system: row.is_system,
                        created_at: row.created_at.into(),
                        updated_at: row.updated_at.into(),
                        version: row.version,
                    })
                }
            }

            impl Record for $record {
                fn id(&self) -> i64 {
                    self.0.id
                }

                fn not_found(id: i64) -> Error {
                    Error::not_found($name, id)
                }

                async fn many(
                    mut connection: &Connection,
                    tenant: TenantId,
                    ids: &[i64],
                ) -> Result<Vec<$record>> {
                    let rows: Vec<Row> = $table::table
                        .filter($table::tenant_id.eq(tenant.0))
                        .filter($table::id.eq_any(ids))
                        .select(Row::as_select())
                        .load(&mut connection)
                        .await
                        .or_internal()?;
                    Ok(rows.into_iter().map($record::from).collect())
                }
            }

            impl Listed for $record {
                const LIST: List = List {
                    table: $sql,
                    key: "id",
                    only: "",
                    search: "",
                    counted: None,
                    fields: &FIELDS,
                };
            }
        };
    };
}

choices!(lead_sources, LeadSource, "LeadSource", "cleaning.lead_sources");
choices!(churn_reasons, ChurnReason, "ChurnReason", "cleaning.churn_reasons");
