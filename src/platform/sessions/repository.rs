//! The only file that names the tables of sessions.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Double, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Result, TenantId, time};

use super::model::{Found, LIFETIME, Session, TokenHash};
use crate::schema::{refresh_tokens, sessions};

/// The clock of the database, by which servers learn what has ended: theirs may differ.
const NOW: &str = "clock_timestamp()";

/// Opens a session of a user of the transaction's tenant.
///
/// # Errors
/// INTERNAL when there is no such user.
pub async fn insert(mut connection: &Connection, tenant: TenantId, user: i64) -> Result<Session> {
    let now = time::now();
    let expires_at = now + LIFETIME;
    let id = diesel::insert_into(sessions::table)
        .values((
            sessions::tenant_id.eq(tenant.0),
            sessions::user_id.eq(user),
            sessions::created_at.eq(Instant(now)),
            sessions::expires_at.eq(Instant(expires_at)),
        ))
        .returning(sessions::id)
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(Session { id, expires_at })
}

/// Ends a session of the transaction's tenant, and with it its tokens. Answers whether it had not
/// ended before.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn end(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let ended = diesel::update(sessions::table.find((tenant.0, id)))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(sql::<Nullable<Timestamptz>>(NOW)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(ended > 0)
}

/// Ends all sessions of a user, and with them all tokens.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn end_all(mut connection: &Connection, tenant: TenantId, user: i64) -> Result<()> {
    diesel::update(sessions::table)
        .filter(sessions::tenant_id.eq(tenant.0))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(sql::<Nullable<Timestamptz>>(NOW)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Deletes the sessions of a tenant that expired before `before`, with their refresh tokens.
pub(super) async fn delete_expired(
    mut connection: &Connection,
    tenant: TenantId,
    before: Timestamp,
) -> Result<()> {
    diesel::delete(sessions::table)
        .filter(sessions::tenant_id.eq(tenant.0))
        .filter(sessions::expires_at.lt(Instant(before)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

#[derive(QueryableByName)]
struct EndedRow {
    #[diesel(sql_type = BigInt)]
    id: i64,
    /// Seconds since then.
    #[diesel(sql_type = Double)]
    ago: f64,
}

/// The sessions that ended in the latest `seconds`, whosever they are, and how many seconds ago.
pub(super) async fn ended(mut connection: &Connection, seconds: f64) -> Result<Vec<(i64, f64)>> {
    let rows: Vec<EndedRow> = diesel::sql_query(
        "SELECT id, extract(epoch FROM clock_timestamp() - ended_at)::float8 AS ago
         FROM platform.sessions WHERE ended_at > clock_timestamp() - make_interval(secs => $1)",
    )
    .bind::<Double, _>(seconds)
    .load(&mut connection)
    .await
    .or_internal()?;
    Ok(rows.into_iter().map(|row| (row.id, row.ago)).collect())
}

/// Records a refresh token of a session.
pub(super) async fn insert_token(
    mut connection: &Connection,
    tenant: TenantId,
    session: i64,
    hash: TokenHash,
    expires_at: Timestamp,
) -> Result<()> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::tenant_id.eq(tenant.0),
            refresh_tokens::token_hash.eq(hash.0.as_slice()),
            refresh_tokens::session_id.eq(session),
            refresh_tokens::created_at.eq(Instant(time::now())),
            refresh_tokens::expires_at.eq(Instant(expires_at)),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The tenant of a refresh token, among those the transaction sees.
pub(super) async fn tenant_of(
    mut connection: &Connection,
    hash: TokenHash,
) -> Result<Option<TenantId>> {
    let tenant: Option<i64> = refresh_tokens::table
        .filter(refresh_tokens::token_hash.eq(hash.0.as_slice()))
        .select(refresh_tokens::tenant_id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(tenant.map(TenantId))
}

/// A refresh token and its session; nobody else uses the token until the transaction ends.
pub(super) async fn lock_token(
    mut connection: &Connection,
    tenant: TenantId,
    hash: TokenHash,
) -> Result<Option<Found>> {
    type Row = (i64, Instant, Option<Instant>);
    let token: Option<Row> = refresh_tokens::table
        .find((tenant.0, hash.0.as_slice()))
        .select((refresh_tokens::session_id, refresh_tokens::expires_at, refresh_tokens::used_at))
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let Some((id, expires_at, used_at)) = token else { return Ok(None) };
    let (user, session_expires_at, ended_at): (i64, Instant, Option<Instant>) = sessions::table
        .find((tenant.0, id))
        .select((sessions::user_id, sessions::expires_at, sessions::ended_at))
        .first(&mut connection)
        .await
        .or_internal()?;
    Ok(Some(Found {
        session: Session { id, expires_at: session_expires_at.0 },
        user,
        was_used: used_at.is_some(),
        expires_at: expires_at.0,
        session_ended: ended_at.is_some(),
    }))
}

/// Writes down that a refresh token was used.
pub(super) async fn use_token(
    mut connection: &Connection,
    tenant: TenantId,
    hash: TokenHash,
) -> Result<()> {
    diesel::update(refresh_tokens::table.find((tenant.0, hash.0.as_slice())))
        .set(refresh_tokens::used_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
