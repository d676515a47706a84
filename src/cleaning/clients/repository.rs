//! The only file that names the table of clients.

use diesel::prelude::*;
use diesel::select;
use diesel::sql_types::{BigInt, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::clients;
use steward_database::{Connection, Day, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::local::Date;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Client, ClientInput};
use crate::locations::model::Location;
use crate::locations::repository as locations;
use crate::reason::email_taken;

diesel::define_sql_function! {
    /// The first of two instants that is there.
    fn coalesce(one: Nullable<Timestamptz>, other: Timestamptz) -> Nullable<Timestamptz>;
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    user_id: i64,
    status: i16,
    first_name: String,
    last_name: String,
    email: Option<String>,
    phone: Option<String>,
    secondary_phone: Option<String>,
    image_url: Option<String>,
    contact_preference: String,
    lead_source_id: Option<i64>,
    churn_reason_id: Option<i64>,
    tags: Vec<String>,
    birthday: Option<Day>,
    activated_at: Option<Instant>,
    cancelled_at: Option<Instant>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl Row {
    fn with(self, locations: Vec<Location>) -> Client {
        Client {
            id: self.id,
            user_id: self.user_id,
            status: self.status,
            written: ClientInput {
                first_name: self.first_name,
                last_name: self.last_name,
                email: self.email,
                phone: self.phone,
                secondary_phone: self.secondary_phone,
                image_url: self.image_url,
                contact_preference: self.contact_preference,
                lead_source_id: self.lead_source_id,
                tags: self.tags,
                birthday: self.birthday.map(Date::from),
            },
            churn_reason_id: self.churn_reason_id,
            locations,
            activated_at: self.activated_at.map(Timestamp::from),
            cancelled_at: self.cancelled_at.map(Timestamp::from),
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
            version: self.version,
        }
    }
}

/// The columns that are written.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    first_name: &'a str,
    last_name: &'a str,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    secondary_phone: Option<&'a str>,
    image_url: Option<&'a str>,
    contact_preference: &'a str,
    lead_source_id: Option<i64>,
    tags: &'a [String],
    birthday: Option<Day>,
}

impl<'a> From<&'a ClientInput> for Written<'a> {
    fn from(input: &'a ClientInput) -> Self {
        let ClientInput {
            first_name,
            last_name,
            email,
            phone,
            secondary_phone,
            image_url,
            contact_preference,
            lead_source_id,
            tags,
            birthday,
        } = input;
        Self {
            first_name,
            last_name,
            email: email.as_deref(),
            phone: phone.as_deref(),
            secondary_phone: secondary_phone.as_deref(),
            image_url: image_url.as_deref(),
            contact_preference,
            lead_source_id: *lead_source_id,
            tags,
            birthday: birthday.map(Day),
        }
    }
}

/// Records a client of a user, as a lead; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    user_id: i64,
    input: &ClientInput,
) -> Result<i64> {
    diesel::insert_into(clients::table)
        .values((
            clients::tenant_id.eq(tenant.0),
            clients::user_id.eq(user_id),
            Written::from(input),
        ))
        .returning(clients::id)
        .get_result(&mut connection)
        .await
        .on_constraint("clients_email_key", email_taken)
}

/// An id that no client has or will have.
pub async fn unused_id(mut connection: &Connection) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = BigInt)]
        id: i64,
    }
    let row: Row = diesel::sql_query("SELECT nextval('cleaning.clients_id_seq') AS id")
        .get_result(&mut connection)
        .await
        .or_internal()?;
    Ok(row.id)
}

/// Replaces what is written of a client.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    input: &ClientInput,
) -> Result<()> {
    let updated = diesel::update(clients::table.find((tenant.0, id)))
        .filter(clients::deleted_at.is_null())
        .set(Written::from(input))
        .execute(&mut connection)
        .await
        .on_constraint("clients_email_key", email_taken)?;
    if updated == 0 { Err(Client::not_found(id)) } else { Ok(()) }
}

/// Marks a client as deleted; answers the id of the user.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<i64> {
    let user: Option<i64> = diesel::update(clients::table.find((tenant.0, id)))
        .filter(clients::deleted_at.is_null())
        .set(clients::deleted_at.eq(Instant(time::now())))
        .returning(clients::user_id)
        .get_result(&mut connection)
        .await
        .optional()
        .or_internal()?;
    user.ok_or_else(|| Client::not_found(id))
}

/// Holds a client until the transaction ends, so that what depends on all homes of theirs is
/// decided by one at a time.
pub async fn lock(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let found: Option<i64> = clients::table
        .find((tenant.0, id))
        .filter(clients::deleted_at.is_null())
        .select(clients::id)
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    found.map(drop).ok_or_else(|| Client::not_found(id))
}

/// Makes a client who is held an active one: a booking of theirs was accepted.
pub async fn activate(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    const ACTIVE: i16 = 2;
    let now = Instant(time::now());
    diesel::update(clients::table.find((tenant.0, id)))
        .filter(clients::status.ne(ACTIVE))
        .set((
            clients::status.eq(ACTIVE),
            clients::activated_at.eq(coalesce(clients::activated_at, now)),
            clients::cancelled_at.eq(None::<Instant>),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(|changed| changed > 0)
}

/// The id of the client with an e-mail address.
pub async fn of_email(
    mut connection: &Connection,
    tenant: TenantId,
    email: &str,
) -> Result<Option<i64>> {
    clients::table
        .filter(clients::tenant_id.eq(tenant.0))
        .filter(clients::email.eq(email))
        .filter(clients::deleted_at.is_null())
        .select(clients::id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

/// Whether any client, also one who was deleted, came from a lead source.
pub async fn came_from(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<bool> {
    let found = clients::table
        .filter(clients::tenant_id.eq(tenant.0))
        .filter(clients::lead_source_id.eq(id));
    select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// Refuses a client that there is not.
///
/// # Errors
/// NOT_FOUND.
pub async fn check(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let found = clients::table.find((tenant.0, id)).filter(clients::deleted_at.is_null());
    match select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()? {
        true => Ok(()),
        false => Err(Client::not_found(id)),
    }
}

/// The id of the client who is a user.
///
/// # Errors
/// NOT_FOUND when the user is none.
pub async fn id_of_user(connection: &Connection, tenant: TenantId, user_id: i64) -> Result<i64> {
    let found = of_user(connection, tenant, user_id).await?;
    found.ok_or_else(|| Error::not_found("Client of user", user_id))
}

/// The id of the client who is a user; nothing when the user is none.
pub async fn of_user(
    mut connection: &Connection,
    tenant: TenantId,
    user_id: i64,
) -> Result<Option<i64>> {
    clients::table
        .filter(clients::tenant_id.eq(tenant.0))
        .filter(clients::user_id.eq(user_id))
        .filter(clients::deleted_at.is_null())
        .select(clients::id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

impl Record for Client {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Client", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Client>> {
        let rows: Vec<Row> = clients::table
            .filter(clients::tenant_id.eq(tenant.0))
            .filter(clients::id.eq_any(ids))
            .filter(clients::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        let mut homes = locations::of_clients(connection, tenant, ids).await?;
        let with = |row: Row| {
            let homes = homes.remove(&row.id).unwrap_or_default();
            row.with(homes)
        };
        Ok(rows.into_iter().map(with).collect())
    }
}

impl Listed for Client {
    const LIST: List = List {
        table: "cleaning.clients",
        key: "id",
        only: "r.deleted_at IS NULL",
        // The expressions of the indexes.
        search: "platform.fold_text(r.first_name || ' ' || r.last_name || ' ' \
            || COALESCE(r.email, '') || ' ' || COALESCE(r.phone, '')) LIKE ? \
            OR EXISTS (SELECT FROM cleaning.locations l WHERE l.tenant_id = r.tenant_id \
                AND l.client_id = r.id AND l.deleted_at IS NULL AND platform.fold_text( \
                (l.address ->> 'street') || ' ' || (l.address ->> 'city') || ' ' || l.zip) LIKE ?)",
        counted: None,
        fields: &FIELDS,
    };
}

pub static STATUS: &Field = &FIELDS[0];
pub static LEAD_SOURCE_ID: &Field = &FIELDS[1];
pub static TAGS: &Field = &FIELDS[2];
pub static AREAS: &Field = &FIELDS[3];
pub static BY_NAME: &[&Field] = &[&FIELDS[4]];
pub static LAST_NAME: &Field = &FIELDS[4];
pub static CREATED_AT: &Field = &FIELDS[5];

/// What the live recurring bookings of a client bring in a month, in smallest units.
pub static MONTHLY_REVENUE: Field = Field::integer(
    "monthly_recurring_revenue",
    "COALESCE((SELECT sum(cleaning.monthly_value(b.segments))::bigint FROM cleaning.bookings b \
     WHERE b.tenant_id = r.tenant_id AND b.client_id = r.id AND b.deleted_at IS NULL \
       AND b.status IN (1, 2, 3) AND (b.end_date IS NULL OR b.end_date >= current_date)), 0)",
);

static FIELDS: [Field; 6] = [
    Field::integer("status", "r.status::bigint"),
    Field::integer("lead_source_id", "r.lead_source_id"),
    Field::texts("tags", "ARRAY(SELECT platform.fold_text(tag) FROM unnest(r.tags) tag)"),
    Field::texts(
        "tenant_location_ids",
        "ARRAY(SELECT l.tenant_location_id::text FROM cleaning.placed_locations l \
         WHERE l.tenant_id = r.tenant_id AND l.client_id = r.id AND l.deleted_at IS NULL \
           AND l.tenant_location_id IS NOT NULL)",
    ),
    Field::text("last_name", "r.last_name"),
    Field::time("created_at", "r.created_at"),
];
