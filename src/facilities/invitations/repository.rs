//! Invitations in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_facilities_schema::{invitation_details, invitations, property_unit_users};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};
use steward_platform::links::SecretHash;
use steward_platform::mail::Language;

use super::actions::not_found;
use super::model::{Invitation, InvitationQuery, State, VALID_FOR};
use crate::users::model::{Role, Status};
use crate::users::repository as users;

#[derive(Queryable, Selectable)]
#[diesel(table_name = invitation_details, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    user_id: i64,
    user_role: i16,
    user_name: String,
    user_status: i16,
    language: String,
    email: String,
    invited_by: String,
    times_sent: i32,
    created_at: Instant,
    sent_at: Instant,
    expires_at: Instant,
    accepted_at: Option<Instant>,
    revoked_at: Option<Instant>,
}

impl From<Row> for Invitation {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            user_role: Role::from_stored(row.user_role),
            user_name: row.user_name,
            user_status: Status::from_stored(row.user_status),
            language: Language::of_tag(&row.language),
            email: row.email,
            invited_by: row.invited_by,
            times_sent: row.times_sent,
            created_at: row.created_at.into(),
            sent_at: row.sent_at.into(),
            expires_at: row.expires_at.into(),
            accepted_at: row.accepted_at.map(Timestamp::from),
            revoked_at: row.revoked_at.map(Timestamp::from),
        }
    }
}

impl Record for Invitation {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Invitation>> {
        let rows: Vec<Row> = invitation_details::table
            .filter(invitation_details::tenant_id.eq(tenant.0))
            .filter(invitation_details::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Invitation::from).collect())
    }
}

impl Listed for Invitation {
    const LIST: List = List {
        table: "facilities.invitation_details",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static FIELDS: [Field; 15] = [
    Field::integer("id", "r.id"),
    USER,
    users::role_field("user_role", "r.user_role"),
    Field::text("user_name", "r.user_name"),
    users::status_field("user_status", "r.user_status"),
    Field::text("email", "r.email"),
    Field::text("language", "r.language"),
    STATE,
    Field::text("invited_by", "r.invited_by"),
    Field::integer("times_sent", "r.times_sent"),
    Field::time("created", "r.created_at"),
    Field::time("sent", "r.sent_at"),
    Field::time("expires", "r.expires_at"),
    Field::time("accepted", "r.accepted_at"),
    Field::time("revoked", "r.revoked_at"),
];

const USER: Field = Field::integer("user_id", "r.user_id");
const STATE: Field = Field::choice(
    "state",
    "CASE WHEN r.accepted_at IS NOT NULL THEN 2 WHEN r.revoked_at IS NOT NULL THEN 3
       WHEN r.expires_at <= now() THEN 4 ELSE 1 END",
    &[
        ("INVITATION_STATE_OPEN", 1),
        ("INVITATION_STATE_ACCEPTED", 2),
        ("INVITATION_STATE_REVOKED", 3),
        ("INVITATION_STATE_EXPIRED", 4),
    ],
);

/// What the parameters of the list say.
pub fn scope(query: &InvitationQuery) -> Filter {
    let InvitationQuery { list: _, user_id, state } = query;
    let number = |state: &State| match state {
        State::Open => 1,
        State::Accepted => 2,
        State::Revoked => 3,
        State::Expired => 4,
    };
    let user = user_id.map(|user| (&USER, Value::Integer(user)));
    let state = state.as_ref().map(|state| (&STATE, Value::Choice(number(state))));
    let all = user.into_iter().chain(state);
    Filter::All(all.map(|(field, value)| Filter::Compare(field, Operator::Equal, value)).collect())
}

/// An invitation to be recorded.
pub struct NewInvitation<'a> {
    pub user_id: i64,
    pub language: Language,
    pub email: &'a str,
    pub secret_hash: SecretHash,
    pub invited_by: &'a str,
    pub now: Timestamp,
}

pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    new: NewInvitation<'_>,
) -> Result<i64> {
    let NewInvitation { user_id, language, email, secret_hash, invited_by, now } = new;
    diesel::insert_into(invitations::table)
        .values((
            invitations::tenant_id.eq(tenant.0),
            invitations::user_id.eq(user_id),
            invitations::language.eq(language.tag()),
            invitations::email.eq(email),
            invitations::secret_hash.eq(secret_hash.0.as_slice()),
            invitations::invited_by.eq(invited_by),
            invitations::created_at.eq(Instant(now)),
            invitations::sent_at.eq(Instant(now)),
            invitations::expires_at.eq(Instant(now + VALID_FOR)),
        ))
        .returning(invitations::id)
        .get_result(&mut connection)
        .await
        .on_constraint("invitations_pending_key", || {
            let message = "The user has an invitation already. Send that again, or revoke it.";
            Error::forbidden_action(message)
        })
}

/// Notes that an invitation goes out again, by another link.
pub async fn resend(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    email: &str,
    secret_hash: SecretHash,
    now: Timestamp,
) -> Result<()> {
    diesel::update(invitations::table.find((tenant.0, id)))
        .set((
            invitations::email.eq(email),
            invitations::secret_hash.eq(secret_hash.0.as_slice()),
            invitations::times_sent.eq(invitations::times_sent + 1),
            invitations::sent_at.eq(Instant(now)),
            invitations::expires_at.eq(Instant(now + VALID_FOR)),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub async fn accept(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    now: Timestamp,
) -> Result<()> {
    diesel::update(invitations::table.find((tenant.0, id)))
        .set(invitations::accepted_at.eq(Instant(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

pub async fn revoke(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    now: Timestamp,
) -> Result<()> {
    diesel::update(invitations::table.find((tenant.0, id)))
        .set(invitations::revoked_at.eq(Instant(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Whose invitation it is, which never changes.
pub async fn user_of(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<i64>> {
    invitations::table
        .find((tenant.0, id))
        .select(invitations::user_id)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()
}

/// Whether the latest link of an invitation holds the secret with this hash.
pub async fn is_latest(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    secret_hash: SecretHash,
) -> Result<bool> {
    let found = invitations::table
        .find((tenant.0, id))
        .filter(invitations::secret_hash.eq(secret_hash.0.to_vec()));
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// Whether a user is the main contact of a unit.
pub async fn is_main_contact(
    mut connection: &Connection,
    tenant: TenantId,
    user: i64,
) -> Result<bool> {
    let found = property_unit_users::table
        .filter(property_unit_users::tenant_id.eq(tenant.0))
        .filter(property_unit_users::user_id.eq(user))
        .filter(property_unit_users::is_main_contact);
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}
