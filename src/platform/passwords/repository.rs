//! The only file that names the table of resets.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Reset, SecretHashBytes};
use crate::schema::password_resets;
use crate::users::User;

#[derive(Queryable, Selectable)]
#[diesel(table_name = password_resets, check_for_backend(diesel::pg::Pg))]
struct Row {
    code_mac: Option<String>,
    secret_hash: Vec<u8>,
    tries: i32,
    created_at: Instant,
    expires_at: Instant,
}

impl TryFrom<Row> for Reset {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let Row { code_mac, secret_hash, tries, created_at, expires_at } = row;
        let secret_hash = secret_hash.as_slice().try_into().map_err(Error::internal)?;
        Ok(Self {
            code_mac,
            secret_hash: SecretHashBytes(secret_hash),
            tries,
            created_at: created_at.0,
            expires_at: expires_at.0,
        })
    }
}

/// How a user may choose a password; nobody else changes it until the transaction ends.
pub(super) async fn lock(
    mut connection: &Connection,
    tenant: TenantId,
    user: i64,
) -> Result<Option<Reset>> {
    password_resets::table
        .find((tenant.0, user))
        .select(Row::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?
        .map(Reset::try_from)
        .transpose()
}

/// Writes how a user may choose a password, in place of what was before.
pub(super) async fn put(mut connection: &Connection, user: &User, reset: &Reset) -> Result<()> {
    let values = (
        password_resets::code_mac.eq(&reset.code_mac),
        password_resets::secret_hash.eq(reset.secret_hash.0.as_slice()),
        password_resets::tries.eq(reset.tries),
        password_resets::created_at.eq(Instant(reset.created_at)),
        password_resets::expires_at.eq(Instant(reset.expires_at)),
    );
    diesel::insert_into(password_resets::table)
        .values((
            password_resets::tenant_id.eq(user.tenant.0),
            password_resets::user_id.eq(user.id),
            values,
        ))
        .on_conflict((password_resets::tenant_id, password_resets::user_id))
        .do_update()
        .set(values)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Counts a wrong code.
pub(super) async fn count_try(mut connection: &Connection, user: &User) -> Result<()> {
    diesel::update(password_resets::table.find((user.tenant.0, user.id)))
        .set(password_resets::tries.eq(password_resets::tries + 1))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Takes away how a user may choose a password.
pub(super) async fn delete(mut connection: &Connection, user: &User) -> Result<()> {
    diesel::delete(password_resets::table.find((user.tenant.0, user.id)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
