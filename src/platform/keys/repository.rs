//! The only file that names the table of keys.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff_diesel::{NullableTimestamp, ToDiesel};
use steward_database::{Connection, Database, ResultExt};
use steward_kernel::Result;
use steward_kernel::time::Timestamp;

use super::model::StoredKey;
use crate::schema::signing_keys;

/// Number of the advisory lock under which keys are made: "keys" in ASCII.
const LOCK: i64 = 0x6b65_7973;

#[derive(Queryable, Selectable)]
#[diesel(table_name = signing_keys, check_for_backend(diesel::pg::Pg))]
struct KeyRow {
    kid: String,
    private_key: Vec<u8>,
    #[diesel(deserialize_as = NullableTimestamp)]
    retired_at: Option<Timestamp>,
}

/// All keys, the newest first.
pub(super) async fn list(database: &Database) -> Result<Vec<StoredKey>> {
    let tx = database.read_platform().await?;
    let rows: Vec<KeyRow> = signing_keys::table
        .order((signing_keys::created_at.desc(), signing_keys::kid))
        .select(KeyRow::as_select())
        .load(&mut &*tx)
        .await
        .or_internal()?;
    let key = |KeyRow { kid, private_key, retired_at }| StoredKey { kid, private_key, retired_at };
    Ok(rows.into_iter().map(key).collect())
}

/// Id of the key that signs.
///
/// # Errors
/// INTERNAL when there is none.
pub async fn newest(mut connection: &Connection) -> Result<String> {
    signing_keys::table
        .filter(signing_keys::retired_at.is_null())
        .select(signing_keys::kid)
        .first(&mut connection)
        .await
        .or_internal()
}

/// Keeps others from making a key until the transaction ends.
pub(super) async fn lock(mut connection: &Connection) -> Result<()> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(LOCK)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub(super) async fn has_active(mut connection: &Connection) -> Result<bool> {
    diesel::select(diesel::dsl::exists(
        signing_keys::table.filter(signing_keys::retired_at.is_null()),
    ))
    .get_result(&mut connection)
    .await
    .or_internal()
}

pub(super) async fn insert(mut connection: &Connection, key: &StoredKey) -> Result<()> {
    diesel::insert_into(signing_keys::table)
        .values((signing_keys::kid.eq(&key.kid), signing_keys::private_key.eq(&key.private_key)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub(super) async fn retire_active(mut connection: &Connection, end: Timestamp) -> Result<()> {
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set(signing_keys::retired_at.eq(end.to_diesel()))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub(super) async fn delete_retired(mut connection: &Connection, now: Timestamp) -> Result<()> {
    diesel::delete(signing_keys::table.filter(signing_keys::retired_at.lt(now.to_diesel())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
