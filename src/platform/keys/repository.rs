//! The only file that names the table of keys.

use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Database, Instant, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result};

use super::model::StoredKey;
use crate::schema::signing_keys;

/// Number of the advisory lock under which keys are made: "keys" in ASCII.
const LOCK: i64 = 0x6b65_7973;

#[derive(Queryable, Selectable)]
#[diesel(table_name = signing_keys, check_for_backend(diesel::pg::Pg))]
struct KeyRow {
    kid: String,
    private_key: Vec<u8>,
    retired_at: Option<Instant>,
}

/// All keys, the newest first.
pub(super) async fn list(database: &Database) -> Result<Vec<StoredKey>> {
    let tx = database.read_platform().await?;
    let rows: Vec<KeyRow> = signing_keys::table
        .order((signing_keys::active_from.desc(), signing_keys::kid))
        .select(KeyRow::as_select())
        .load(&mut &*tx)
        .await
        .or_internal()?;
    let key = |KeyRow { kid, private_key, retired_at }| StoredKey {
        kid,
        private_key,
        retired_at: retired_at.map(Timestamp::from),
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Id of the key that signs.
///
/// # Errors
/// INTERNAL when there is none.
pub(crate) async fn newest(connection: &Connection) -> Result<String> {
    find_newest(connection).await?.ok_or_else(|| Error::internal("there is no signing key"))
}

/// Id of the key that signs, if there is one.
pub(super) async fn find_newest(mut connection: &Connection) -> Result<Option<String>> {
    signing_keys::table
        .filter(signing_keys::active_from.le(clock()))
        .order(signing_keys::active_from.desc())
        .select(signing_keys::kid)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

/// Keeps others from making a key until the transaction ends. Answers the time by the
/// database's clock, which is the same for all servers.
pub(super) async fn lock(mut connection: &Connection) -> Result<Timestamp> {
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<BigInt, _>(LOCK)
        .execute(&mut connection)
        .await
        .or_internal()?;
    diesel::select(clock())
        .get_result::<Instant>(&mut connection)
        .await
        .or_internal()
        .map(Timestamp::from)
}

/// The present time in SQL. Not now(), which is when the transaction began: perhaps long before
/// it got the lock.
fn clock() -> SqlLiteral<Timestamptz> {
    diesel::dsl::sql("clock_timestamp()")
}

/// Records a key that signs from `active_from` on.
pub(super) async fn insert(
    mut connection: &Connection,
    key: &StoredKey,
    active_from: Timestamp,
) -> Result<()> {
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(&key.kid),
            signing_keys::private_key.eq(&key.private_key),
            signing_keys::active_from.eq(Instant(active_from)),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Has a key verify nothing from `end` on.
pub(super) async fn retire(mut connection: &Connection, kid: &str, end: Timestamp) -> Result<()> {
    diesel::update(signing_keys::table.find(kid))
        .set(signing_keys::retired_at.eq(Instant(end)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub(super) async fn delete_retired_or_pending(
    mut connection: &Connection,
    now: Timestamp,
) -> Result<()> {
    let is_retired = signing_keys::retired_at.lt(Instant(now)).assume_not_null();
    let is_pending = signing_keys::active_from.gt(Instant(now));
    diesel::delete(signing_keys::table.filter(is_retired.or(is_pending)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
