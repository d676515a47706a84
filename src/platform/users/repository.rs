//! The only file that names the table of users.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, ResultExt};
use steward_kernel::time::{self, Timestamp};
use steward_kernel::{Error, Result, Role, TenantId};

use super::model::{NewUser, User, folded_username, username_taken};
use super::password::Hashed;
use crate::identities::Profile;
use crate::schema::{tenants, users};
use crate::tenants::family;

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct UserRow {
    tenant_id: i64,
    id: i64,
    username: String,
    email: Option<String>,
    name: String,
    role: String,
    password_hash: Option<String>,
    locale: Option<String>,
    picture_url: Option<String>,
    is_active: bool,
    created_at: Instant,
    updated_at: Instant,
    last_login_at: Option<Instant>,
    profile_id: Option<i64>,
}

/// A user with the family of their tenant.
type Row = (UserRow, String);

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from((row, stored): Row) -> Result<Self> {
        let role = Role::of_name(&row.role);
        Ok(Self {
            tenant: TenantId(row.tenant_id),
            family: family(&stored)?,
            id: row.id,
            username: row.username,
            email: row.email,
            name: row.name,
            role: role.ok_or_else(|| Error::internal("a role of a later version"))?,
            password: row.password_hash.map(Hashed),
            locale: row.locale,
            picture_url: row.picture_url,
            is_active: row.is_active,
            created_at: row.created_at.0,
            updated_at: row.updated_at.0,
            last_login_at: row.last_login_at.map(Timestamp::from),
            profile: row.profile_id,
        })
    }
}

/// Records a user of the transaction's tenant. Answers the id.
///
/// # Errors
/// ALREADY_EXISTS when another user of the tenant has the name, NOT_FOUND for an unknown tenant.
pub async fn insert(mut connection: &Connection, tenant: TenantId, new: &NewUser) -> Result<i64> {
    let NewUser { username, email, name, role, password, locale, picture_url } = new;
    diesel::insert_into(users::table)
        .values((
            users::tenant_id.eq(tenant.0),
            users::username.eq(username),
            users::username_folded.eq(folded_username(username)),
            users::email.eq(email),
            users::email_folded.eq(email.as_deref().map(folded_username)),
            users::name.eq(name),
            users::role.eq(role.name()),
            users::password_hash.eq(password.as_ref().map(|hashed| &hashed.0)),
            users::locale.eq(locale),
            users::picture_url.eq(picture_url),
        ))
        .returning(users::id)
        .get_result(&mut connection)
        .await
        .on_constraint("users_username_key", username_taken)
}

/// The user with an id, among those the transaction sees.
///
/// # Errors
/// NOT_FOUND when there is none.
pub async fn get(mut connection: &Connection, id: i64) -> Result<User> {
    let row: Option<Row> = users::table
        .inner_join(tenants::table)
        .filter(users::id.eq(id))
        .select((UserRow::as_select(), tenants::family))
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    row.map(User::try_from).transpose()?.ok_or_else(|| Error::not_found("User", id))
}

/// The users of `tenant` with these ids, in any order.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<User>> {
    let rows: Vec<Row> = users::table
        .inner_join(tenants::table)
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq_any(ids))
        .select((UserRow::as_select(), tenants::family))
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(User::try_from).collect()
}

/// Where mail reaches a user of `tenant`, or without one the first of its owners.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn email(
    mut connection: &Connection,
    tenant: TenantId,
    user: Option<i64>,
) -> Result<Option<String>> {
    let reachable = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::email.is_not_null())
        .order(users::id)
        .select(users::email.assume_not_null())
        .into_boxed();
    let wanted = match user {
        Some(id) => reachable.filter(users::id.eq(id)),
        None => reachable.filter(users::role.eq(Role::Owner.name())).filter(users::is_active),
    };
    wanted.first(&mut connection).await.optional().or_internal()
}

/// Whom a name is looked for among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    /// Those whose user name it is.
    Username,
    /// Those whose user name or e-mail it is.
    UsernameOrEmail,
}

/// Most users of one name that are looked at, over all tenants.
const MOST_NAMED: i64 = 20;

/// The users of a name among those the transaction sees, with the names of their tenants; who
/// signed in last comes first. `folded` is the name as names are compared.
pub(crate) async fn named(
    mut connection: &Connection,
    folded: &str,
    named: Named,
) -> Result<Vec<(User, String)>> {
    let mut query = users::table
        .inner_join(tenants::table)
        .order((users::last_login_at.desc().nulls_last(), users::id))
        .limit(MOST_NAMED)
        .select((UserRow::as_select(), tenants::family, tenants::name))
        .into_boxed();
    query = match named {
        Named::Username => query.filter(users::username_folded.eq(folded)),
        Named::UsernameOrEmail => {
            query.filter(users::username_folded.eq(folded).or(users::email_folded.eq(folded)))
        }
    };
    let rows: Vec<(UserRow, String, String)> = query.load(&mut connection).await.or_internal()?;
    rows.into_iter().map(|(row, family, name)| Ok((User::try_from((row, family))?, name))).collect()
}

/// Keeps what an issuer says of a user; what it does not say stays.
pub(crate) async fn set_profile(
    mut connection: &Connection,
    user: &User,
    profile: &Profile,
) -> Result<()> {
    let Profile { email, name, picture_url, locale } = profile;
    let email = email.as_ref().or(user.email.as_ref());
    diesel::update(users::table.find((user.tenant.0, user.id)))
        .set((
            users::email.eq(email),
            users::email_folded.eq(email.map(|email| folded_username(email))),
            users::name.eq(name.as_ref().unwrap_or(&user.name)),
            users::picture_url.eq(picture_url.as_ref().or(user.picture_url.as_ref())),
            users::locale.eq(locale.as_ref().or(user.locale.as_ref())),
            users::updated_at.eq(Instant(time::now())),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Writes down that a user signs in, in the database and in `user`.
pub(crate) async fn signed_in(mut connection: &Connection, user: &mut User) -> Result<()> {
    let now = time::now();
    diesel::update(users::table.find((user.tenant.0, user.id)))
        .set(users::last_login_at.eq(Instant(now)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    user.last_login_at = Some(now);
    Ok(())
}

/// The users of the transaction's tenant, ordered by id.
pub(super) async fn list(mut connection: &Connection, tenant: TenantId) -> Result<Vec<User>> {
    let rows: Vec<Row> = users::table
        .inner_join(tenants::table)
        .filter(users::tenant_id.eq(tenant.0))
        .order(users::id)
        .select((UserRow::as_select(), tenants::family))
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(User::try_from).collect()
}

/// What a family keeps up to date of a user, as it knows the person.
#[derive(Debug, Clone, Copy)]
pub struct Contact<'a> {
    /// Where mail goes. It is the user name too, where the one before was.
    pub email: Option<&'a str>,
    /// What people call the user.
    pub name: &'a str,
    /// Where a picture of the user is.
    pub picture_url: Option<&'a str>,
}

/// Keeps what a family says of a user.
///
/// # Errors
/// ALREADY_EXISTS (`USERNAME_TAKEN`) when another user of the tenant has the e-mail as the name.
pub async fn set_contact(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    contact: Contact<'_>,
) -> Result<()> {
    let Contact { email, name, picture_url } = contact;
    let folded = email.map(folded_username);
    if let (Some(email), Some(folded)) = (email, &folded) {
        diesel::update(users::table.find((tenant.0, id)))
            .filter(
                users::email_folded
                    .is_null()
                    .or(users::username_folded.nullable().eq(users::email_folded)),
            )
            .filter(users::username.ne(email))
            .set((users::username.eq(email), users::username_folded.eq(folded)))
            .execute(&mut connection)
            .await
            .on_constraint("users_username_key", username_taken)?;
    }
    diesel::update(users::table.find((tenant.0, id)))
        .set((
            users::email.eq(email),
            users::email_folded.eq(&folded),
            users::name.eq(name),
            users::picture_url.eq(picture_url),
            users::updated_at.eq(Instant(time::now())),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Lets a user sign in no more, and gives the user name free.
pub(super) async fn release(mut connection: &Connection, user: &User) -> Result<()> {
    let freed = format!("{} ({})", user.username, user.id);
    diesel::update(users::table.find((user.tenant.0, user.id)))
        .set((
            users::is_active.eq(false),
            users::username_folded.eq(folded_username(&freed)),
            users::username.eq(freed),
            users::updated_at.eq(Instant(time::now())),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Lets the user sign in or not.
pub(super) async fn set_active(
    mut connection: &Connection,
    user: &User,
    is_active: bool,
) -> Result<()> {
    diesel::update(users::table.find((user.tenant.0, user.id)))
        .set((users::is_active.eq(is_active), users::updated_at.eq(Instant(time::now()))))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Replaces the password.
pub(crate) async fn set_password(
    mut connection: &Connection,
    user: &User,
    password: &Hashed,
) -> Result<()> {
    diesel::update(users::table.find((user.tenant.0, user.id)))
        .set((users::password_hash.eq(&password.0), users::updated_at.eq(Instant(time::now()))))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
