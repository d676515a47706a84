//! The only file that names the table of files.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Result, TenantId};

use super::model::{Announced, Facts, File};
use crate::schema::files;

#[derive(Queryable, Selectable)]
#[diesel(table_name = files, check_for_backend(diesel::pg::Pg))]
struct FileRow {
    id: i64,
    filename: String,
    content_type: String,
    byte_size: i64,
    width: Option<i32>,
    height: Option<i32>,
    pages: Option<i32>,
    uses: i32,
}

impl From<FileRow> for File {
    fn from(row: FileRow) -> Self {
        let FileRow { id, filename, content_type, byte_size, width, height, pages, uses } = row;
        let facts = Facts { width, height, pages };
        Self { id, filename, content_type, byte_size, facts, uses }
    }
}

pub(super) async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    file: &Announced,
) -> Result<i64> {
    diesel::insert_into(files::table)
        .values((
            files::tenant_id.eq(tenant.0),
            files::filename.eq(&file.filename),
            files::content_type.eq(&file.content_type),
            files::byte_size.eq(file.byte_size),
        ))
        .returning(files::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

pub(super) async fn find(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<File>> {
    let row: Option<FileRow> = files::table
        .find((tenant.0, id))
        .select(FileRow::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(File::from))
}

/// Whether a file is there that nobody uses; it stays so until the transaction ends.
pub(super) async fn hold_unused(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<bool> {
    let uses: Option<i32> = files::table
        .find((tenant.0, id))
        .select(files::uses)
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(uses == Some(0))
}

/// Counts `change` more uses of a file; answers it as it is then.
pub(super) async fn count_use(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    change: i32,
) -> Result<Option<File>> {
    let row: Option<FileRow> = diesel::update(files::table.find((tenant.0, id)))
        .set(files::uses.eq(files::uses + change))
        .returning(FileRow::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(File::from))
}

/// Writes down what is in a file.
pub(super) async fn describe(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    Facts { width, height, pages }: Facts,
) -> Result<()> {
    diesel::update(files::table.find((tenant.0, id)))
        .set((files::width.eq(width), files::height.eq(height), files::pages.eq(pages)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Takes at most `limit` files that nobody uses and that were announced before `instant`.
pub(super) async fn unused(
    mut connection: &Connection,
    tenant: TenantId,
    instant: Timestamp,
    limit: i64,
) -> Result<Vec<i64>> {
    files::table
        .filter(files::tenant_id.eq(tenant.0))
        .filter(files::uses.eq(0))
        .filter(files::created_at.lt(Instant(instant)))
        .order(files::created_at)
        .limit(limit)
        .select(files::id)
        .for_update()
        .skip_locked()
        .load(&mut connection)
        .await
        .or_internal()
}

pub(super) async fn delete(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<()> {
    diesel::delete(files::table)
        .filter(files::tenant_id.eq(tenant.0))
        .filter(files::id.eq_any(ids))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
