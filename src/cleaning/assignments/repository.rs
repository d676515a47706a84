//! The only file that names the table of assignments.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::{assignments, shown_assignments};
use steward_database::{Connection, Day, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::local::{Date, TimeOfDay};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};

use super::model::{Assigned, Assignment, status};
use crate::reason::illegal_transition;

#[derive(Queryable, Selectable)]
#[diesel(table_name = shown_assignments, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    request_id: i64,
    client_id: i64,
    cleaner_id: i64,
    is_lead: bool,
    start_time: i16,
    from_date: Day,
    until_date: Option<Day>,
    status: i16,
    source: String,
    held_until: Option<Instant>,
    assigned_by: Option<i64>,
    end_reason: Option<String>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
    cleaner_user_id: i64,
    cleaner_first_name: String,
    cleaner_last_name: String,
    cleaner_image_url: Option<String>,
    cleaner_status: i16,
}

impl From<Row> for Assignment {
    fn from(row: Row) -> Self {
        let start_time = u16::try_from(row.start_time).ok().and_then(TimeOfDay::from_minutes);
        Self {
            id: row.id,
            request_id: row.request_id,
            client_id: row.client_id,
            cleaner_id: row.cleaner_id,
            cleaner: Assigned {
                user_id: row.cleaner_user_id,
                first_name: row.cleaner_first_name,
                last_name: row.cleaner_last_name,
                image_url: row.cleaner_image_url,
                status: row.cleaner_status,
            },
            is_lead: row.is_lead,
            start_time: start_time.unwrap_or(TimeOfDay::MIDNIGHT),
            from: row.from_date.into(),
            until: row.until_date.map(Date::from),
            status: row.status,
            source: row.source,
            held_until: row.held_until.map(Timestamp::from),
            assigned_by: row.assigned_by,
            end_reason: row.end_reason,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// An assignment to be made.
#[derive(Debug, Insertable)]
#[diesel(table_name = assignments)]
pub struct New {
    /// The booking.
    pub request_id: i64,
    /// Whose booking it is.
    pub client_id: i64,
    /// Who comes.
    pub cleaner_id: i64,
    /// Whether the cleaner leads those who come.
    pub is_lead: bool,
    /// Minutes after midnight.
    pub start_time: i16,
    /// The first date.
    pub from_date: Day,
    /// The last date.
    pub until_date: Option<Day>,
    /// Where it stands.
    pub status: i16,
    /// How it came about.
    pub source: &'static str,
    /// Until when it is held; of claims that wait to be approved.
    pub held_until: Option<Instant>,
    /// The user who makes it.
    pub assigned_by: Option<i64>,
}

/// Records an assignment; answers its id.
pub async fn insert(mut connection: &Connection, tenant: TenantId, new: New) -> Result<i64> {
    diesel::insert_into(assignments::table)
        .values((assignments::tenant_id.eq(tenant.0), new))
        .returning(assignments::id)
        .get_result(&mut connection)
        .await
        .on_constraint("assignments_once_excl", || {
            illegal_transition("The cleaner comes to the booking later.")
        })
}

/// The assignments of a booking, those that are over included, by their ids.
pub async fn of_booking(
    mut connection: &Connection,
    tenant: TenantId,
    request_id: i64,
) -> Result<Vec<Assignment>> {
    let rows: Vec<Row> = shown_assignments::table
        .filter(shown_assignments::tenant_id.eq(tenant.0))
        .filter(shown_assignments::request_id.eq(request_id))
        .order(shown_assignments::id)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Assignment::from).collect())
}

/// Whether a cleaner was dismissed from a booking of a client.
pub async fn is_dismissed(
    mut connection: &Connection,
    tenant: TenantId,
    (client_id, cleaner_id): (i64, i64),
) -> Result<bool> {
    let found = assignments::table
        .filter(assignments::tenant_id.eq(tenant.0))
        .filter(assignments::client_id.eq(client_id))
        .filter(assignments::cleaner_id.eq(cleaner_id))
        .filter(assignments::status.eq(status::DISMISSED));
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// Lets an assignment stand somewhere, with its last date where there is one; it is held no more.
pub async fn put(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    (status, until): (i16, Option<Date>),
    reason: Option<&str>,
) -> Result<()> {
    diesel::update(assignments::table.find((tenant.0, id)))
        .set((
            assignments::status.eq(status),
            assignments::held_until.eq(None::<Instant>),
            until.map(|until| assignments::until_date.eq(Day(until))),
            assignments::end_reason.eq(reason),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Lets those assignments be over whose last date is past.
pub async fn end_past(mut connection: &Connection, tenant: TenantId, today: Date) -> Result<()> {
    diesel::update(assignments::table)
        .filter(assignments::tenant_id.eq(tenant.0))
        .filter(assignments::status.eq(status::ACTIVE))
        .filter(assignments::until_date.lt(Day(today)))
        .set(assignments::status.eq(status::ENDED))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Whether an assignment is not over although its last date is past.
pub async fn has_past(mut connection: &Connection, tenant: TenantId, today: Date) -> Result<bool> {
    let found = assignments::table
        .filter(assignments::tenant_id.eq(tenant.0))
        .filter(assignments::status.eq(status::ACTIVE))
        .filter(assignments::until_date.lt(Day(today)));
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// The ids of the bookings that a cleaner is to come to.
pub async fn bookings_of(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
) -> Result<Vec<i64>> {
    assignments::table
        .filter(assignments::tenant_id.eq(tenant.0))
        .filter(assignments::cleaner_id.eq(cleaner_id))
        .filter(assignments::status.le(status::ACTIVE))
        .order(assignments::request_id)
        .select(assignments::request_id)
        .distinct()
        .load(&mut connection)
        .await
        .or_internal()
}

/// Lets all assignments of a cleaner be over.
pub async fn end_all(mut connection: &Connection, tenant: TenantId, cleaner_id: i64) -> Result<()> {
    diesel::update(assignments::table)
        .filter(assignments::tenant_id.eq(tenant.0))
        .filter(assignments::cleaner_id.eq(cleaner_id))
        .filter(assignments::status.le(status::ACTIVE))
        .set((assignments::status.eq(status::ENDED), assignments::held_until.eq(None::<Instant>)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

impl Record for Assignment {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Assignment", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Assignment>> {
        let rows: Vec<Row> = shown_assignments::table
            .filter(shown_assignments::tenant_id.eq(tenant.0))
            .filter(shown_assignments::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Assignment::from).collect())
    }
}

impl Listed for Assignment {
    const LIST: List = List {
        table: "cleaning.assignments",
        key: "id",
        only: "true",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static REQUEST_ID: &Field = &FIELDS[0];
pub static STATUS: &Field = &FIELDS[1];
pub static BY_ID: &[&Field] = &[&FIELDS[2]];

pub static HELD_UNTIL: &Field = &FIELDS[3];

static FIELDS: [Field; 4] = [
    Field::integer("request_id", "r.request_id"),
    Field::integer("status", "r.status::bigint"),
    Field::integer("id", "r.id"),
    Field::time("held_until", "r.held_until"),
];
