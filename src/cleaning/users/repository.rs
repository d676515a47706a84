//! The only file that names the family's table of users.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::users;
use steward_database::{Connection, ResultExt};
use steward_kernel::{Result, TenantId};
use steward_platform::users as platform;

use super::model::{Details, Person};

/// Records what the family keeps of a user, in place of what was before.
pub async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    details: &Details,
) -> Result<()> {
    let Details { first_name, last_name, phone } = details;
    let details =
        (users::first_name.eq(first_name), users::last_name.eq(last_name), users::phone.eq(phone));
    diesel::insert_into(users::table)
        .values((users::tenant_id.eq(tenant.0), users::id.eq(id), details))
        .on_conflict((users::tenant_id, users::id))
        .do_update()
        .set(details)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The person behind a user of the transaction's tenant.
pub async fn get(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<Person> {
    let user = platform::get(connection, id).await?;
    let known: Option<(String, String, Option<String>)> = users::table
        .find((tenant.0, id))
        .select((users::first_name, users::last_name, users::phone))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let details = match known {
        Some((first_name, last_name, phone)) => Details { first_name, last_name, phone },
        None => Details::of_name(&user.name),
    };
    Ok(Person { user, details })
}

/// The people behind users, in any order; those who are not of the company are missing.
pub async fn many(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<Person>> {
    let found = platform::many(connection, tenant, ids).await?;
    let known: Vec<(i64, String, String, Option<String>)> = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq_any(ids))
        .select((users::id, users::first_name, users::last_name, users::phone))
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut known: HashMap<i64, Details> = known
        .into_iter()
        .map(|(id, first_name, last_name, phone)| (id, Details { first_name, last_name, phone }))
        .collect();
    let person = |user: platform::User| {
        let details = known.remove(&user.id).unwrap_or_else(|| Details::of_name(&user.name));
        Person { user, details }
    };
    Ok(found.into_iter().map(person).collect())
}
