//! Imports in the database.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt, find};
use steward_kernel::list::Field;
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Context, Error, Result, TenantId};

use super::Upsert;
use super::model::{Fault, Format, Import, LONGEST_FAILURE, Mode, NewImport, Progress, State};
use crate::schema::{import_errors, imports};

/// The states of imports that have not ended.
const OPEN: [&str; 2] = [State::Queued.stored(), State::Running.stored()];

#[derive(Queryable, Selectable)]
#[diesel(table_name = imports, check_for_backend(Pg))]
struct Row {
    id: i64,
    resource: String,
    dry_run: bool,
    mode: String,
    all_or_nothing: bool,
    format: String,
    file_id: Option<i64>,
    client_id: String,
    scopes: Vec<String>,
    address: Option<String>,
    state: String,
    failure: String,
    row_count: i64,
    processed: i64,
    updated: i64,
    failed: i64,
    ignored_columns: Vec<String>,
    created_at: Instant,
    finished_at: Option<Instant>,
}

impl From<Row> for Import {
    fn from(row: Row) -> Self {
        let progress = Progress {
            rows: row.row_count,
            processed: row.processed,
            updated: row.updated,
            failed: row.failed,
        };
        Self {
            id: row.id,
            resource: row.resource,
            dry_run: row.dry_run,
            mode: Mode::from_stored(&row.mode),
            all_or_nothing: row.all_or_nothing,
            format: Format::from_stored(&row.format),
            file_id: row.file_id,
            client_id: row.client_id,
            scopes: row.scopes,
            address: row.address.and_then(|text| text.parse().ok()),
            state: State::from_stored(&row.state),
            failure: row.failure,
            progress,
            ignored_columns: row.ignored_columns,
            created_at: row.created_at.0,
            finished_at: row.finished_at.map(Timestamp::from),
        }
    }
}

pub(super) async fn insert(
    mut connection: &Connection,
    context: &Context,
    new: &NewImport,
    format: Format,
    file: i64,
) -> Result<Import> {
    let principal = context.principal().ok_or_else(|| Error::internal("nobody asks"))?;
    let row: Row = diesel::insert_into(imports::table)
        .values((
            imports::tenant_id.eq(principal.tenant.0),
            imports::resource.eq(new.resource),
            imports::dry_run.eq(new.dry_run),
            imports::mode.eq(new.mode.stored()),
            imports::all_or_nothing.eq(new.all_or_nothing),
            imports::format.eq(format.stored()),
            imports::file_id.eq(file),
            imports::client_id.eq(&principal.client_id),
            imports::scopes.eq(&principal.scopes),
            imports::address.eq(context.address().map(|address| address.to_string())),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(row.into())
}

/// How many imports are not finished.
pub(super) async fn count_open(mut connection: &Connection, tenant: TenantId) -> Result<i64> {
    imports::table
        .filter(imports::tenant_id.eq(tenant.0))
        .filter(imports::state.eq_any(OPEN))
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()
}

pub(super) async fn get(connection: &Connection, tenant: TenantId, id: i64) -> Result<Import> {
    find(connection, tenant, id).await
}

impl Record for Import {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Import", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        let rows: Vec<Row> = imports::table
            .filter(imports::tenant_id.eq(tenant.0))
            .filter(imports::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Self::from).collect())
    }
}

impl Listed for Import {
    const LIST: List = List {
        table: "platform.imports",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static FIELDS: [Field; 14] = [
    Field::integer("id", "r.id"),
    Field::text("resource", "r.resource"),
    Field::boolean("dry_run", "r.dry_run"),
    Field::choice(
        "state",
        "CASE r.state WHEN 'queued' THEN 1 WHEN 'running' THEN 2 WHEN 'done' THEN 3
           WHEN 'failed' THEN 4 END",
        &[
            ("IMPORT_STATE_QUEUED", 1),
            ("IMPORT_STATE_RUNNING", 2),
            ("IMPORT_STATE_DONE", 3),
            ("IMPORT_STATE_FAILED", 4),
        ],
    ),
    Field::text("failure", "r.failure"),
    Field::integer("row_count", "r.row_count"),
    Field::integer("created_count", "r.processed - r.updated - r.failed"),
    Field::integer("failed_count", "r.failed"),
    Field::time("created", "r.created_at"),
    Field::time("finished", "r.finished_at"),
    Field::choice(
        "mode",
        "CASE r.mode WHEN 'create' THEN 1 WHEN 'upsert' THEN 2 END",
        &[("IMPORT_MODE_CREATE", 1), ("IMPORT_MODE_UPSERT", 2)],
    ),
    Field::boolean("all_or_nothing", "r.all_or_nothing"),
    Field::choice(
        "format",
        "CASE r.format WHEN 'csv' THEN 1 WHEN 'ndjson' THEN 2 END",
        &[("IMPORT_FORMAT_CSV", 1), ("IMPORT_FORMAT_NDJSON", 2)],
    ),
    Field::integer("updated_count", "r.updated"),
];

/// What is wrong with the rows after `cursor`, of at most `limit` rows.
pub(super) async fn faults(
    mut connection: &Connection,
    tenant: TenantId,
    import: i64,
    cursor: i64,
    limit: i64,
) -> Result<Vec<Fault>> {
    let rows = diesel::alias!(import_errors as listed);
    let numbers = rows
        .filter(rows.field(import_errors::tenant_id).eq(tenant.0))
        .filter(rows.field(import_errors::import_id).eq(import))
        .filter(rows.field(import_errors::row_number).gt(cursor))
        .select(rows.field(import_errors::row_number))
        .distinct()
        .order(rows.field(import_errors::row_number))
        .limit(limit);
    let found: Vec<(i64, String, String, String, String)> = import_errors::table
        .filter(import_errors::tenant_id.eq(tenant.0))
        .filter(import_errors::import_id.eq(import))
        .filter(import_errors::row_number.eq_any(numbers))
        .order((import_errors::row_number, import_errors::position))
        .select((
            import_errors::row_number,
            import_errors::column_name,
            import_errors::message,
            import_errors::code,
            import_errors::pointer,
        ))
        .load(&mut connection)
        .await
        .or_internal()?;
    let fault =
        |(row, column, message, code, pointer)| Fault { row, column, message, code, pointer };
    Ok(found.into_iter().map(fault).collect())
}

/// Writes down which columns of the file cannot be written.
pub(super) async fn ignore(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    columns: &[String],
) -> Result<()> {
    diesel::update(imports::table.find((tenant.0, id)))
        .filter(imports::state.eq_any(OPEN))
        .set(imports::ignored_columns.eq(columns))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Writes down how far an import that runs has come, and what was wrong with rows, if `before`
/// rows were done until now. Answers whether that is so.
pub(super) async fn advance(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    before: i64,
    progress: Progress,
    faults: &[Fault],
) -> Result<bool> {
    let changed = diesel::update(imports::table.find((tenant.0, id)))
        .filter(imports::state.eq_any(OPEN))
        .filter(imports::processed.eq(before))
        .set((
            imports::state.eq(State::Running.stored()),
            imports::row_count.eq(progress.rows),
            imports::processed.eq(progress.processed),
            imports::updated.eq(progress.updated),
            imports::failed.eq(progress.failed),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    note(connection, tenant, id, faults).await?;
    Ok(changed > 0)
}

/// Ends an import that was done, unless it has ended. Answers whether it had not.
pub(super) async fn finish(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    done: Progress,
) -> Result<bool> {
    diesel::update(imports::table.find((tenant.0, id)))
        .filter(imports::state.eq_any(OPEN))
        .set((
            imports::state.eq(State::Done.stored()),
            imports::row_count.eq(done.rows),
            imports::processed.eq(done.processed),
            imports::updated.eq(done.updated),
            imports::failed.eq(done.failed),
            imports::finished_at.eq(Some(Instant(time::now()))),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(|changed| changed > 0)
}

/// Ends an import none of whose rows is written, because of `faults` in `failed` of its rows,
/// unless it has ended. Answers whether it had not.
pub(super) async fn refuse(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    found: Progress,
    faults: &[Fault],
) -> Result<bool> {
    diesel::update(imports::table.find((tenant.0, id)))
        .filter(imports::state.eq_any(OPEN))
        .set((
            imports::row_count.eq(found.rows),
            imports::processed.eq(found.failed),
            imports::failed.eq(found.failed),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    note(connection, tenant, id, faults).await?;
    fail(connection, tenant, id, "Rows were refused, so none was written.").await
}

/// Notes what was wrong with rows. Doing so twice changes nothing.
async fn note(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    faults: &[Fault],
) -> Result<()> {
    let mut rows = Vec::with_capacity(faults.len());
    let (mut last, mut position) = (0, 0);
    for Fault { row, column, message, code, pointer } in faults {
        position = if *row == last { position + 1 } else { 0 };
        last = *row;
        rows.push((
            import_errors::tenant_id.eq(tenant.0),
            import_errors::import_id.eq(id),
            import_errors::row_number.eq(*row),
            import_errors::position.eq(position),
            import_errors::column_name.eq(column),
            import_errors::message.eq(message),
            import_errors::code.eq(code),
            import_errors::pointer.eq(pointer),
        ));
    }
    // A statement holds 65,535 values.
    for some in rows.chunks(5000) {
        diesel::insert_into(import_errors::table)
            .values(some)
            .on_conflict_do_nothing()
            .execute(&mut connection)
            .await
            .or_internal()?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The ids of the records that a key with these values stands for, two at most.
pub(super) async fn find_by_key(
    mut connection: &Connection,
    tenant: TenantId,
    upsert: &Upsert,
    values: &[String],
) -> Result<Vec<i64>> {
    let List { table, key, only, .. } = upsert.list;
    let mut sql = format!("SELECT r.{key} AS id FROM {table} r WHERE r.tenant_id = $1");
    if !only.is_empty() {
        sql.push_str(&format!(" AND {only}"));
    }
    for (part, number) in upsert.key.iter().zip(2..) {
        sql.push_str(&format!(" AND {}", part.condition.replace('?', &format!("${number}"))));
    }
    sql.push_str(" LIMIT 2");
    let mut query = diesel::sql_query(sql).into_boxed::<Pg>().bind::<BigInt, _>(tenant.0);
    for value in values {
        query = query.bind::<Text, _>(value);
    }
    let rows: Vec<Id> = query.load(&mut connection).await.or_internal()?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Writes down why an import was given up as a whole, unless it has ended. Answers whether it had
/// not.
pub(super) async fn fail(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    why: &str,
) -> Result<bool> {
    let why: String = why.chars().take(LONGEST_FAILURE).collect();
    diesel::update(imports::table.find((tenant.0, id)))
        .filter(imports::state.eq_any(OPEN))
        .set((
            imports::state.eq(State::Failed.stored()),
            imports::failure.eq(why),
            imports::finished_at.eq(Some(Instant(time::now()))),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(|changed| changed > 0)
}
