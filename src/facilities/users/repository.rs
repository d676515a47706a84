//! The table of users, for the four resources that stand on it.

use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Json, List, Record, ResultExt};
use steward_facilities_schema::users;
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Billing, Person, Profile, Role, Status, user_not_found};
use crate::address::PostalAddress;
use crate::reason;

diesel::define_sql_function! {
    /// PostgreSQL's `lower`.
    fn lower(value: Text) -> Text;
}

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct NewRow<'a> {
    tenant_id: i64,
    role: i16,
    status: i16,
    #[diesel(embed)]
    values: Values<'a>,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Values<'a> {
    email: &'a str,
    name: &'a str,
    company_name: Option<&'a str>,
    country_code: Option<&'a str>,
    phone_number: Option<&'a str>,
    external_reference_id: Option<&'a str>,
    additional_note: Option<&'a str>,
    address: Option<Json<&'a PostalAddress>>,
    authorized_amount: Option<Decimal>,
    invoice_address: Option<Json<&'a PostalAddress>>,
    invoice_company: Option<&'a str>,
    invoice_email: Option<&'a str>,
    attention_to: Option<&'a str>,
}

impl<'a> Values<'a> {
    fn new(profile: &'a Profile, billing: &'a Billing) -> Self {
        let Profile {
            email,
            name,
            company_name,
            phone,
            external_reference_id,
            additional_note,
            address,
        } = profile;
        let Billing {
            authorized_amount,
            invoice_address,
            invoice_company,
            invoice_email,
            attention_to,
        } = billing;
        Self {
            email,
            name,
            company_name: company_name.as_deref(),
            country_code: phone.as_ref().map(|phone| phone.country_code.as_str()),
            phone_number: phone.as_ref().map(|phone| phone.number.as_str()),
            external_reference_id: external_reference_id.as_deref(),
            additional_note: additional_note.as_deref(),
            address: address.as_ref().map(Json),
            authorized_amount: *authorized_amount,
            invoice_address: invoice_address.as_ref().map(Json),
            invoice_company: invoice_company.as_deref(),
            invoice_email: invoice_email.as_deref(),
            attention_to: attention_to.as_deref(),
        }
    }
}

/// Records a user and answers the id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    role: Role,
    profile: &Profile,
    billing: &Billing,
) -> Result<i64> {
    diesel::insert_into(users::table)
        .values(NewRow {
            tenant_id: tenant.0,
            role: role as i16,
            status: Status::Uninvited as i16,
            values: Values::new(profile, billing),
        })
        .returning(users::id)
        .get_result(&mut connection)
        .await
        .on_constraint("users_tenant_email_key", reason::user_already_exists)
}

/// Replaces the writable members of a user of `role`.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    role: Role,
    id: i64,
    profile: &Profile,
    billing: &Billing,
) -> Result<()> {
    let changed = diesel::update(users::table)
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq(id))
        .filter(users::role.eq(role as i16))
        .set((Values::new(profile, billing), users::updated_at.eq(diesel::dsl::now)))
        .execute(&mut connection)
        .await
        .on_constraint("users_tenant_email_key", reason::user_already_exists)?;
    if changed == 0 { Err(role.not_found(id)) } else { Ok(()) }
}

/// The id of the user of `role` with an e-mail, in any letter case.
pub async fn id_by_email(
    mut connection: &Connection,
    tenant: TenantId,
    role: Role,
    email: &str,
) -> Result<Option<i64>> {
    users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(lower(users::email).eq(lower(email)))
        .filter(users::role.eq(role as i16))
        .select(users::id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

/// Whether every one of `ids` is a user of `role`; the error names the first that is not.
pub async fn require(
    mut connection: &Connection,
    tenant: TenantId,
    role: Role,
    ids: &[i64],
) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let found: Vec<i64> = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq_any(ids))
        .filter(users::role.eq(role as i16))
        .select(users::id)
        .load(&mut connection)
        .await
        .or_internal()?;
    match ids.iter().find(|id| !found.contains(id)) {
        Some(missing) => Err(role.not_found(*missing)),
        None => Ok(()),
    }
}

/// The role of a user; nothing for an id that is none.
pub async fn role(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<Option<Role>> {
    let number: Option<i16> = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq(id))
        .select(users::role)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(number.map(Role::from_stored))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users, check_for_backend(diesel::pg::Pg))]
struct PersonRow {
    id: i64,
    role: i16,
    status: i16,
    email: String,
    name: String,
}

impl From<PersonRow> for Person {
    fn from(PersonRow { id, role, status, email, name }: PersonRow) -> Self {
        let (role, status) = (Role::from_stored(role), Status::from_stored(status));
        Self { id, role, status, email, name }
    }
}

impl Record for Person {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        user_not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Person>> {
        let rows: Vec<PersonRow> = users::table
            .filter(users::tenant_id.eq(tenant.0))
            .filter(users::id.eq_any(ids))
            .select(PersonRow::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Person::from).collect())
    }
}

/// A user; nobody else changes them until the transaction ends.
pub async fn lock(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Person>> {
    let row: Option<PersonRow> = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq(id))
        .select(PersonRow::as_select())
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(Person::from))
}

/// Stores where a user stands.
pub async fn set_status(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    status: Status,
) -> Result<()> {
    diesel::update(users::table)
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq(id))
        .set((users::status.eq(status as i16), users::updated_at.eq(diesel::dsl::now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Adds to the ratings of a user.
pub async fn add_ratings(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    points: i64,
    count: i32,
) -> Result<()> {
    diesel::update(users::table)
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq(id))
        .set((
            users::rating_sum.eq(users::rating_sum + points),
            users::rating_count.eq(users::rating_count + count),
        ))
        .execute(&mut connection)
        .await
        .or_internal()?;
    Ok(())
}

/// The list of the users of `role`.
pub const fn list(role: Role, fields: &'static [Field]) -> List {
    let only = match role {
        Role::Owner => "r.role = 1",
        Role::Manager => "r.role = 2",
        Role::ServiceProvider => "r.role = 3",
        Role::PropertyUser => "r.role = 4",
    };
    List {
        table: "facilities.users",
        key: "id",
        only,
        search: "r.search LIKE ?",
        counted: Some(role.count_kind()),
        fields,
    }
}

/// The fields that the lists of all users have.
pub const FIELDS: &[Field] = &[
    Field::integer("id", "r.id"),
    Field::text("email", "r.email"),
    Field::text("name", "r.name"),
    Field::text("company_name", "r.company_name"),
    Field::text("country_code", "r.country_code"),
    Field::text("phone_number", "r.phone_number"),
    Field::text("additional_note", "r.additional_note"),
    Field::text("external_reference_id", "r.external_reference_id"),
];

/// The status of users, which some lists call `status` and others `user_status`.
pub const fn status_field(path: &'static str, sql: &'static str) -> Field {
    let values = &[
        ("USER_STATUS_UNINVITED", Status::Uninvited as i16),
        ("USER_STATUS_INVITED", Status::Invited as i16),
        ("USER_STATUS_ACTIVE", Status::Active as i16),
        ("USER_STATUS_INACTIVE", Status::Inactive as i16),
    ];
    Field::choice(path, sql, values)
}

/// The role of users.
pub const fn role_field(path: &'static str, sql: &'static str) -> Field {
    let values = &[
        ("USER_ROLE_OWNER", Role::Owner as i16),
        ("USER_ROLE_PROPERTY_MANAGER", Role::Manager as i16),
        ("USER_ROLE_SERVICE_PROVIDER", Role::ServiceProvider as i16),
        ("USER_ROLE_PROPERTY_USER", Role::PropertyUser as i16),
    ];
    Field::choice(path, sql, values)
}

/// The fields of lists that show how users were rated.
pub const RATINGS: &[Field] = &[
    Field::decimal(
        "average_rating",
        "COALESCE(r.rating_sum::numeric / NULLIF(r.rating_count, 0), 0)",
    ),
    Field::integer("number_of_ratings", "r.rating_count"),
];
