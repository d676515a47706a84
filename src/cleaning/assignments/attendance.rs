//! Who comes to visits: the only file that names the table of that. When a visit is, the database
//! takes from the visit, and refuses a cleaner who is at another one then.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Double, Nullable, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::event_cleaners;
use steward_database::{Connection, Day, Instant, ResultExt};
use steward_kernel::local::{Date, Span};
use steward_kernel::{Result, TenantId};

use crate::reason::slot_conflict;
use crate::scheduling::{Place, Point, Visit};

/// The constraint by which nobody is at two visits at once.
pub const OVERLAP: &str = "event_cleaners_overlap_excl";

/// Sends the cleaner of an assignment to visits; of each it is said whether something speaks
/// against it.
///
/// # Errors
/// ABORTED (`SLOT_CONFLICT`) when the cleaner is at another one then.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    (assignment_id, cleaner_id): (i64, i64),
    visits: &[(i64, bool)],
) -> Result<()> {
    let rows: Vec<_> = visits
        .iter()
        .map(|(event_id, has_conflict)| {
            (
                event_cleaners::tenant_id.eq(tenant.0),
                event_cleaners::event_id.eq(*event_id),
                event_cleaners::cleaner_id.eq(cleaner_id),
                event_cleaners::assignment_id.eq(assignment_id),
                event_cleaners::has_conflict.eq(*has_conflict),
            )
        })
        .collect();
    diesel::insert_into(event_cleaners::table)
        .values(rows)
        .execute(&mut connection)
        .await
        .on_constraint(OVERLAP, slot_conflict)
        .map(drop)
}

/// Sends those who are assigned to their bookings to visits that were made, or one of them alone,
/// as many as are needed, unless they are at other ones then.
pub async fn fill(
    mut connection: &Connection,
    tenant: TenantId,
    events: &[i64],
    assignment: Option<i64>,
) -> Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    diesel::sql_query(
        "INSERT INTO cleaning.event_cleaners (tenant_id, event_id, cleaner_id, assignment_id)
         SELECT s.tenant_id, s.event_id, s.cleaner_id, s.assignment_id
         FROM (
           SELECT e.tenant_id, e.id AS event_id, a.cleaner_id, a.id AS assignment_id, e.start_at,
             e.cleaners_needed, row_number() OVER (PARTITION BY e.id ORDER BY a.id) AS place
           FROM cleaning.events e
           JOIN cleaning.assignments a ON a.tenant_id = e.tenant_id AND a.request_id = e.request_id
             AND a.status = 2 AND a.from_date <= e.date
             AND (a.until_date IS NULL OR e.date <= a.until_date)
           WHERE e.tenant_id = $1 AND e.id = ANY ($2) AND ($3 IS NULL OR a.id = $3)
         ) s
         WHERE s.place <= s.cleaners_needed
         ORDER BY s.start_at, s.assignment_id
         ON CONFLICT DO NOTHING",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(events)
    .bind::<Nullable<BigInt>, _>(assignment)
    .execute(&mut connection)
    .await
    .or_internal()
    .map(drop)
}

/// Whose visits are freed.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// Of an assignment.
    Assignment(i64),
    /// Of a cleaner.
    Cleaner(i64),
}

impl Of {
    /// The id of an assignment, or of a cleaner.
    const fn ids(self) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Assignment(id) => (Some(id), None),
            Self::Cleaner(id) => (None, Some(id)),
        }
    }
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// The ids of the visits that [`release`] takes a cleaner off.
pub async fn to_come(
    mut connection: &Connection,
    tenant: TenantId,
    of: Of,
    from: Option<Date>,
) -> Result<Vec<i64>> {
    let (assignment, cleaner) = of.ids();
    let found: Vec<Id> = diesel::sql_query(
        "SELECT e.id FROM cleaning.event_cleaners c
         JOIN cleaning.events e ON e.tenant_id = c.tenant_id AND e.id = c.event_id
         WHERE c.tenant_id = $1 AND (c.assignment_id = $2 OR c.cleaner_id = $3)
           AND e.status = 1 AND e.start_at > now() AND ($4 IS NULL OR e.date >= $4)
         ORDER BY e.id",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Nullable<BigInt>, _>(assignment)
    .bind::<Nullable<BigInt>, _>(cleaner)
    .bind::<Nullable<SqlDate>, _>(from.map(Day))
    .load(&mut connection)
    .await
    .or_internal()?;
    Ok(found.into_iter().map(|found| found.id).collect())
}

/// Takes a cleaner off the visits that are to come, all of them or those from a date on.
pub async fn release(
    mut connection: &Connection,
    tenant: TenantId,
    of: Of,
    from: Option<Date>,
) -> Result<()> {
    let (assignment, cleaner) = of.ids();
    diesel::sql_query(
        "DELETE FROM cleaning.event_cleaners c USING cleaning.events e
         WHERE c.tenant_id = $1 AND (c.assignment_id = $2 OR c.cleaner_id = $3)
           AND e.tenant_id = c.tenant_id AND e.id = c.event_id
           AND e.status = 1 AND e.start_at > now() AND ($4 IS NULL OR e.date >= $4)",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Nullable<BigInt>, _>(assignment)
    .bind::<Nullable<BigInt>, _>(cleaner)
    .bind::<Nullable<SqlDate>, _>(from.map(Day))
    .execute(&mut connection)
    .await
    .or_internal()
    .map(drop)
}

/// Notes for which of some visits something speaks against a cleaner.
pub async fn mark(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    events: &[i64],
    against: &[i64],
) -> Result<()> {
    diesel::update(event_cleaners::table)
        .filter(event_cleaners::tenant_id.eq(tenant.0))
        .filter(event_cleaners::cleaner_id.eq(cleaner_id))
        .filter(event_cleaners::event_id.eq_any(events))
        .set(event_cleaners::has_conflict.eq(event_cleaners::event_id.eq_any(against)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Takes the cleaner of an assignment off visits.
pub async fn leave(
    mut connection: &Connection,
    tenant: TenantId,
    assignment_id: i64,
    events: &[i64],
) -> Result<()> {
    diesel::delete(event_cleaners::table)
        .filter(event_cleaners::tenant_id.eq(tenant.0))
        .filter(event_cleaners::assignment_id.eq(assignment_id))
        .filter(event_cleaners::event_id.eq_any(events))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The ids of the visits that an assignment sends its cleaner to, rising.
pub async fn visits_by(
    mut connection: &Connection,
    tenant: TenantId,
    assignment_id: i64,
) -> Result<Vec<i64>> {
    event_cleaners::table
        .filter(event_cleaners::tenant_id.eq(tenant.0))
        .filter(event_cleaners::assignment_id.eq(assignment_id))
        .order(event_cleaners::event_id)
        .select(event_cleaners::event_id)
        .load(&mut connection)
        .await
        .or_internal()
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Timestamptz)]
    start_at: Instant,
    #[diesel(sql_type = Timestamptz)]
    end_at: Instant,
    #[diesel(sql_type = BigInt)]
    location_id: i64,
    #[diesel(sql_type = Nullable<Double>)]
    lat: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    lng: Option<f64>,
}

/// The visits that keep a cleaner busy within a stretch of time, other than those of a booking.
pub async fn visits_of(
    mut connection: &Connection,
    tenant: TenantId,
    cleaner_id: i64,
    within: Span,
    other_than: i64,
) -> Result<Vec<Visit>> {
    let rows: Vec<Row> = diesel::sql_query(
        "SELECT e.id, e.start_at, e.end_at, e.location_id,
           (l.address ->> 'lat')::double precision AS lat,
           (l.address ->> 'lng')::double precision AS lng
         FROM cleaning.event_cleaners c
         JOIN cleaning.events e ON e.tenant_id = c.tenant_id AND e.id = c.event_id
         JOIN cleaning.locations l ON l.tenant_id = e.tenant_id AND l.id = e.location_id
         WHERE c.tenant_id = $1 AND c.cleaner_id = $2 AND c.is_blocking
           AND c.span && tstzrange($3, $4) AND e.request_id <> $5
         ORDER BY e.start_at",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<BigInt, _>(cleaner_id)
    .bind::<Timestamptz, _>(Instant(within.from))
    .bind::<Timestamptz, _>(Instant(within.till))
    .bind::<BigInt, _>(other_than)
    .load(&mut connection)
    .await
    .or_internal()?;
    let visit = |row: Row| Visit {
        event_id: Some(row.id),
        span: Span { from: row.start_at.into(), till: row.end_at.into() },
        place: Some(Place {
            location_id: row.location_id,
            point: row.lat.zip(row.lng).map(|(lat, lng)| Point { lat, lng }),
        }),
    };
    Ok(rows.into_iter().map(visit).collect())
}
