//! Exports in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt, find};
use steward_kernel::list::Field;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Export, Format, NewExport, State};
use crate::schema::exports;

/// The states of exports that have not ended.
const OPEN: [&str; 2] = [State::Queued.stored(), State::Running.stored()];

#[derive(Queryable, Selectable)]
#[diesel(table_name = exports, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    resource: String,
    format: String,
    filter: String,
    state: String,
    row_count: i64,
    byte_size: i64,
    created_at: Instant,
    finished_at: Option<Instant>,
}

impl From<Row> for Export {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            resource: row.resource,
            format: Format::from_stored(&row.format),
            filter: row.filter,
            state: State::from_stored(&row.state),
            row_count: row.row_count,
            byte_size: row.byte_size,
            created_at: row.created_at.0,
            finished_at: row.finished_at.map(Timestamp::from),
        }
    }
}

pub(super) async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    new: &NewExport,
) -> Result<Export> {
    let row: Row = diesel::insert_into(exports::table)
        .values((
            exports::tenant_id.eq(tenant.0),
            exports::resource.eq(new.resource),
            exports::format.eq(new.format.stored()),
            exports::filter.eq(&new.filter),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(row.into())
}

/// How many exports are not finished.
pub(super) async fn count_open(mut connection: &Connection, tenant: TenantId) -> Result<i64> {
    exports::table
        .filter(exports::tenant_id.eq(tenant.0))
        .filter(exports::state.eq_any(OPEN))
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()
}

pub(super) async fn get(connection: &Connection, tenant: TenantId, id: i64) -> Result<Export> {
    find(connection, tenant, id).await
}

impl Record for Export {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Export", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        let rows: Vec<Row> = exports::table
            .filter(exports::tenant_id.eq(tenant.0))
            .filter(exports::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Self::from).collect())
    }
}

impl Listed for Export {
    const LIST: List = List {
        table: "platform.exports",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static FIELDS: [Field; 10] = [
    Field::integer("id", "r.id"),
    Field::text("resource", "r.resource"),
    Field::choice(
        "format",
        "CASE r.format WHEN 'csv' THEN 1 WHEN 'ndjson' THEN 2 END",
        &[("EXPORT_FORMAT_CSV", 1), ("EXPORT_FORMAT_NDJSON", 2)],
    ),
    Field::text("filter", "r.filter"),
    Field::choice(
        "state",
        "CASE r.state WHEN 'queued' THEN 1 WHEN 'running' THEN 2 WHEN 'done' THEN 3
           WHEN 'failed' THEN 4 WHEN 'expired' THEN 5 END",
        &[
            ("EXPORT_STATE_QUEUED", 1),
            ("EXPORT_STATE_RUNNING", 2),
            ("EXPORT_STATE_DONE", 3),
            ("EXPORT_STATE_FAILED", 4),
            ("EXPORT_STATE_EXPIRED", 5),
        ],
    ),
    Field::integer("row_count", "r.row_count"),
    Field::integer("byte_size", "r.byte_size"),
    Field::time("created", "r.created_at"),
    Field::time("finished", "r.finished_at"),
    Field::time("expires", "CASE WHEN r.state = 'done' THEN r.finished_at + interval '7 days' END"),
];

/// Writes down how far an export has come, unless it has ended. Answers whether it had not.
pub(super) async fn set(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    state: State,
    row_count: i64,
    byte_size: i64,
) -> Result<bool> {
    let finished_at = matches!(state, State::Done | State::Failed).then(|| Instant(time::now()));
    diesel::update(exports::table.find((tenant.0, id)))
        .filter(exports::state.eq_any(OPEN))
        .set((
            exports::state.eq(state.stored()),
            exports::row_count.eq(row_count),
            exports::byte_size.eq(byte_size),
            exports::finished_at.eq(finished_at),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(|changed| changed > 0)
}

/// At most `limit` exports that ended before `instant`, and whose files may still be there.
pub(super) async fn ended(
    mut connection: &Connection,
    tenant: TenantId,
    instant: Timestamp,
    limit: i64,
) -> Result<Vec<i64>> {
    exports::table
        .filter(exports::tenant_id.eq(tenant.0))
        .filter(exports::state.eq_any([State::Done.stored(), State::Failed.stored()]))
        .filter(exports::finished_at.lt(Instant(instant)))
        .order(exports::finished_at)
        .limit(limit)
        .select(exports::id)
        .load(&mut connection)
        .await
        .or_internal()
}

/// Writes down that the file of an export is gone.
pub(super) async fn expire(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    diesel::update(exports::table.find((tenant.0, id)))
        .set(exports::state.eq(State::Expired.stored()))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
