//! What stays when it is deleted: references show it on, its number is never given again, and it
//! can be brought back.

use diesel::sql_query;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Record, ResultExt, find};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind, Result, TenantId};

/// A record that is found by its number, in a table with the columns `internal_id`, `updated_at`
/// and `deleted_at`.
pub(crate) trait Deletable: Record {
    /// Its table.
    const TABLE: &'static str;
    /// The unique index over live rows that may refuse one that is brought back, and what it means.
    const UNIQUE: (&'static str, &'static str);

    /// When the record was deleted.
    fn deleted_at(&self) -> Option<Timestamp>;
}

/// The record, unless it is deleted.
///
/// # Errors
/// [`Record::not_found`] when it is.
pub(crate) fn live<R: Deletable>(record: R) -> Result<R> {
    match record.deleted_at() {
        None => Ok(record),
        Some(_) => Err(R::not_found(record.id())),
    }
}

/// Marks a record as deleted.
///
/// # Errors
/// [`Record::not_found`] when there is none, or it is deleted already.
pub(crate) async fn delete<R: Deletable>(
    mut connection: &Connection,
    tenant: TenantId,
    number: i64,
) -> Result<()> {
    let sql = format!(
        "UPDATE {} SET deleted_at = now(), updated_at = now() \
         WHERE tenant_id = $1 AND internal_id = $2 AND deleted_at IS NULL",
        R::TABLE
    );
    let deleted = sql_query(sql)
        .bind::<BigInt, _>(tenant.0)
        .bind::<BigInt, _>(number)
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(R::not_found(number)) } else { Ok(()) }
}

/// Brings a deleted record back; one that is not deleted stays as it is.
///
/// # Errors
/// [`Record::not_found`] when there is none, TAKEN when another one has taken its place.
pub(crate) async fn restore<R: Deletable>(
    mut connection: &Connection,
    tenant: TenantId,
    number: i64,
) -> Result<R> {
    let sql = format!(
        "UPDATE {} SET deleted_at = NULL, updated_at = now() \
         WHERE tenant_id = $1 AND internal_id = $2 AND deleted_at IS NOT NULL",
        R::TABLE
    );
    let (index, meaning) = R::UNIQUE;
    sql_query(sql)
        .bind::<BigInt, _>(tenant.0)
        .bind::<BigInt, _>(number)
        .execute(&mut connection)
        .await
        .on_constraint(index, || taken(meaning))?;
    find(connection, tenant, number).await
}

/// What is used by others stays.
pub(crate) fn in_use(message: &'static str) -> Error {
    Error::new(Kind::FailedPrecondition, "IN_USE", message)
}

/// What a record has to itself is another's by now. No field of the request says it.
pub(crate) fn taken(message: &'static str) -> Error {
    Error::new(Kind::InvalidArgument, "TAKEN", message)
}
