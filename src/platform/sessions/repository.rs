//! The only file that names the table of sessions.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::{Result, TenantId, time};

use super::model::{LIFETIME, Session};
use crate::schema::sessions;

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

/// Ends all sessions of a user, and with them all tokens.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn end_all(mut connection: &Connection, tenant: TenantId, user: i64) -> Result<()> {
    diesel::update(sessions::table)
        .filter(sessions::tenant_id.eq(tenant.0))
        .filter(sessions::user_id.eq(user))
        .filter(sessions::ended_at.is_null())
        .set(sessions::ended_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
