//! The only file that names the table of agreements.

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::agreements;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Agreement, AgreementInput, name_taken};

#[derive(Queryable, Selectable)]
#[diesel(table_name = agreements, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    name: String,
    trigger: i16,
    audience: String,
    body: String,
    is_active: bool,
    revision: i32,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Agreement {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            written: AgreementInput {
                name: row.name,
                trigger: row.trigger,
                audience: row.audience,
                body: row.body,
                is_active: row.is_active,
            },
            revision: row.revision,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// The columns that an admin writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = agreements)]
struct Written<'a> {
    name: &'a str,
    trigger: i16,
    audience: &'a str,
    body: &'a str,
    is_active: bool,
}

impl<'a> From<&'a AgreementInput> for Written<'a> {
    fn from(input: &'a AgreementInput) -> Self {
        let AgreementInput { name, trigger, audience, body, is_active } = input;
        Self { name, trigger: *trigger, audience, body, is_active: *is_active }
    }
}

/// Records an agreement.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    input: &AgreementInput,
) -> Result<Agreement> {
    diesel::insert_into(agreements::table)
        .values((agreements::tenant_id.eq(tenant.0), Written::from(input)))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .on_constraint("agreements_name_key", name_taken)
        .map(Agreement::from)
}

/// Replaces what is written of an agreement. A new body makes a new revision.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &AgreementInput,
) -> Result<Agreement> {
    let revision = case_when(agreements::body.ne(&input.body), agreements::revision + 1)
        .otherwise(agreements::revision);
    let row: Option<Row> = diesel::update(agreements::table.find((tenant.0, id)))
        .filter(agreements::deleted_at.is_null())
        .set((Written::from(input), agreements::revision.eq(revision)))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .on_constraint("agreements_name_key", name_taken)?;
    row.map(Agreement::from).ok_or_else(|| Agreement::not_found(id))
}

/// The ids of the agreements that are signed on an occasion, also of those that were deleted.
pub async fn on(mut connection: &Connection, tenant: TenantId, trigger: i16) -> Result<Vec<i64>> {
    agreements::table
        .filter(agreements::tenant_id.eq(tenant.0))
        .filter(agreements::trigger.eq(trigger))
        .select(agreements::id)
        .load(&mut connection)
        .await
        .or_internal()
}

/// The agreements that are sent on an occasion, by their ids.
pub async fn sent_on(
    mut connection: &Connection,
    tenant: TenantId,
    trigger: i16,
) -> Result<Vec<Agreement>> {
    let rows: Vec<Row> = agreements::table
        .filter(agreements::tenant_id.eq(tenant.0))
        .filter(agreements::trigger.eq(trigger))
        .filter(agreements::is_active)
        .filter(agreements::deleted_at.is_null())
        .order(agreements::id)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Agreement::from).collect())
}

/// Marks an agreement as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::update(agreements::table.find((tenant.0, id)))
        .filter(agreements::deleted_at.is_null())
        .set(agreements::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(Agreement::not_found(id)) } else { Ok(()) }
}

impl Record for Agreement {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Agreement", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Agreement>> {
        let rows: Vec<Row> = agreements::table
            .filter(agreements::tenant_id.eq(tenant.0))
            .filter(agreements::id.eq_any(ids))
            .filter(agreements::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Agreement::from).collect())
    }
}

impl Listed for Agreement {
    const LIST: List = List {
        table: "cleaning.agreements",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static IS_ACTIVE: &Field = &FIELDS[0];
pub static TRIGGER: &Field = &FIELDS[1];
pub static BY_NAME: &[&Field] = &[&FIELDS[2]];

static FIELDS: [Field; 3] = [
    Field::boolean("is_active", "r.is_active"),
    Field::integer("trigger", "r.trigger::bigint"),
    Field::text("name", "r.name"),
];
