//! The only file that names the table of identities.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, ResultExt};
use steward_kernel::{Result, TenantId};

use super::model::{Identity, Subject, taken};
use crate::schema::identities;

/// The tenant and the user of a person, among those the transaction sees.
pub(super) async fn find(
    mut connection: &Connection,
    subject: Subject<'_>,
) -> Result<Option<(TenantId, i64)>> {
    let found: Option<(i64, i64)> = identities::table
        .filter(identities::issuer.eq(subject.issuer))
        .filter(identities::subject.eq(subject.subject))
        .select((identities::tenant_id, identities::user_id))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(found.map(|(tenant, user)| (TenantId(tenant), user)))
}

/// Records that a person is a user of the transaction's tenant.
///
/// # Errors
/// ALREADY_EXISTS (`IDENTITY_TAKEN`) when the person is a user already, of whichever tenant.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    identity: &Identity,
) -> Result<()> {
    let Identity { issuer, subject, user } = identity;
    diesel::insert_into(identities::table)
        .values((
            identities::tenant_id.eq(tenant.0),
            identities::issuer.eq(issuer),
            identities::subject.eq(subject),
            identities::user_id.eq(user),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("identities_subject_key", taken)
        .map(drop)
}

/// The identities of a user of the transaction's tenant, the oldest first.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn list(
    mut connection: &Connection,
    tenant: TenantId,
    user: i64,
) -> Result<Vec<Identity>> {
    let rows: Vec<(String, String)> = identities::table
        .filter(identities::tenant_id.eq(tenant.0))
        .filter(identities::user_id.eq(user))
        .order((identities::created_at, identities::issuer, identities::subject))
        .select((identities::issuer, identities::subject))
        .load(&mut connection)
        .await
        .or_internal()?;
    let identity = |(issuer, subject)| Identity { issuer, subject, user };
    Ok(rows.into_iter().map(identity).collect())
}
