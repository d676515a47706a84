//! The only file that names the table of changes to the usual weeks of cleaners.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::exception_availability;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt, WallTime};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{ExceptionAvailability, ExceptionInput};
use super::wire::Asked;
use crate::wire::{all, equal};

#[derive(Queryable, Selectable)]
#[diesel(table_name = exception_availability, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    cleaner_id: i64,
    starts_at: WallTime,
    ends_at: WallTime,
    is_all_day: bool,
    is_available: bool,
    reason: Option<String>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for ExceptionAvailability {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            cleaner_id: row.cleaner_id,
            written: ExceptionInput {
                starts_at: row.starts_at.0,
                ends_at: row.ends_at.0,
                is_all_day: row.is_all_day,
                is_available: row.is_available,
                reason: row.reason,
            },
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// The columns that are written.
#[derive(Insertable, AsChangeset)]
#[diesel(
    table_name = exception_availability,
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
struct Written<'a> {
    starts_at: WallTime,
    ends_at: WallTime,
    is_all_day: bool,
    is_available: bool,
    reason: Option<&'a str>,
}

impl<'a> From<&'a ExceptionInput> for Written<'a> {
    fn from(input: &'a ExceptionInput) -> Self {
        let ExceptionInput { starts_at, ends_at, is_all_day, is_available, reason } = input;
        Self {
            starts_at: WallTime(*starts_at),
            ends_at: WallTime(*ends_at),
            is_all_day: *is_all_day,
            is_available: *is_available,
            reason: reason.as_deref(),
        }
    }
}

/// Records a change of a cleaner.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    input: &ExceptionInput,
) -> Result<ExceptionAvailability> {
    diesel::insert_into(exception_availability::table)
        .values((
            exception_availability::tenant_id.eq(tenant.0),
            exception_availability::cleaner_id.eq(cleaner_id),
            Written::from(input),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()
        .map(ExceptionAvailability::from)
}

/// Replaces a change.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &ExceptionInput,
) -> Result<ExceptionAvailability> {
    let row: Option<Row> = diesel::update(exception_availability::table.find((tenant.0, id)))
        .filter(exception_availability::deleted_at.is_null())
        .set(Written::from(input))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    row.map(ExceptionAvailability::from).ok_or_else(|| ExceptionAvailability::not_found(id))
}

/// Marks a change as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::update(exception_availability::table.find((tenant.0, id)))
        .filter(exception_availability::deleted_at.is_null())
        .set(exception_availability::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(ExceptionAvailability::not_found(id)) } else { Ok(()) }
}

impl Record for ExceptionAvailability {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("ExceptionAvailability", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<ExceptionAvailability>> {
        let rows: Vec<Row> = exception_availability::table
            .filter(exception_availability::tenant_id.eq(tenant.0))
            .filter(exception_availability::id.eq_any(ids))
            .filter(exception_availability::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(ExceptionAvailability::from).collect())
    }
}

impl Listed for ExceptionAvailability {
    const LIST: List = List {
        table: "cleaning.exception_availability",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static CLEANER_ID: &Field = &FIELDS[0];
static START: &Field = &FIELDS[1];
static END: &Field = &FIELDS[2];
pub static BY_START: &[&Field] = &[&FIELDS[1]];

/// Local times are compared as texts, which are in the order of the times.
static FIELDS: [Field; 3] = [
    Field::integer("cleaner_id", "r.cleaner_id"),
    Field::text("start", "to_char(r.starts_at, 'YYYY-MM-DD\"T\"HH24:MI')"),
    Field::text("end", "to_char(r.ends_at, 'YYYY-MM-DD\"T\"HH24:MI')"),
];

/// The condition for changes of a cleaner that reach into the days that were asked for.
pub fn scope(cleaner_id: i64, asked: Asked) -> Filter {
    let Asked { from, to } = asked;
    let after = |day| Filter::Compare(END, Operator::Greater, Value::Text(format!("{day}T00:00")));
    let until =
        |day| Filter::Compare(START, Operator::LessOrEqual, Value::Text(format!("{day}T23:59")));
    all([equal(CLEANER_ID, Some(Value::Integer(cleaner_id))), from.map(after), to.map(until)])
}
