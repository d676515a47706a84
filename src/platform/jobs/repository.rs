//! The only file that names the tables of jobs.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Kind, Result, TenantId, error::reason};

use super::model::{Entry, Job, NewJob, State};
use crate::schema::jobs;

/// Whom recurring jobs belong to: the platform, no tenant.
const PLATFORM: i64 = 0;

/// The key that keeps a recurring job from meeting its predecessor.
const RECURRING: &str = "recurring";

/// Queues a job; answers its id, or nothing when its key stands for one already.
pub(super) async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    job: &NewJob,
) -> Result<Option<i64>> {
    let inserted: Option<Id> = diesel::sql_query(
        "INSERT INTO platform.jobs (tenant_id, kind, payload, due_at, dedup_key, lane, subject)
         VALUES ($1, $2, $3, COALESCE($4, now()), $5, $6, $7)
         ON CONFLICT (tenant_id, kind, dedup_key) WHERE state <> 'dead' DO NOTHING
         RETURNING id",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Text, _>(job.kind)
    .bind::<Jsonb, _>(Json(&job.payload))
    .bind::<Nullable<Timestamptz>, _>(job.run_at.map(Instant))
    .bind::<Nullable<Text>, _>(job.key.as_deref())
    .bind::<Text, _>(&job.lane)
    .bind::<Nullable<Text>, _>(job.subject.as_deref())
    .get_result(&mut connection)
    .await
    .optional()
    .or_internal()?;
    Ok(inserted.map(|row| row.id))
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = BigInt)]
    tenant_id: i64,
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Jsonb)]
    payload: Json<Value>,
    #[diesel(sql_type = Integer)]
    attempt: i32,
}

/// Takes jobs that are due, oldest first: of each kind at most as many as it has room for, and
/// at most `limit`. Those whose worker let its lease end count as due.
pub(super) async fn claim(
    mut connection: &Connection,
    rooms: &[(&'static str, usize)],
    limit: usize,
    lease: Duration,
) -> Result<Vec<Job>> {
    let (kinds, rooms): (Vec<&str>, Vec<i64>) =
        rooms.iter().map(|(kind, room)| (*kind, i64::try_from(*room).unwrap_or(i64::MAX))).unzip();
    let rows: Vec<Claimed> = diesel::sql_query(
        "WITH due AS (
           SELECT j.tenant_id, j.id
           FROM unnest($1::text[], $2::bigint[]) AS wanted (kind, room)
           CROSS JOIN LATERAL (
             SELECT tenant_id, id FROM platform.jobs
             WHERE kind = wanted.kind AND state <> 'dead' AND due_at <= now()
             ORDER BY due_at LIMIT wanted.room FOR UPDATE SKIP LOCKED) AS j
           LIMIT $3)
         UPDATE platform.jobs AS j
         SET state = 'running', attempt = attempt + 1,
           due_at = now() + $4 * interval '1 microsecond'
         FROM due WHERE j.tenant_id = due.tenant_id AND j.id = due.id
         RETURNING j.tenant_id, j.id, j.kind, j.payload, j.attempt",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<BigInt>, _>(rooms)
    .bind::<BigInt, _>(i64::try_from(limit).unwrap_or(i64::MAX))
    .bind::<BigInt, _>(micros(lease))
    .load(&mut connection)
    .await
    .or_internal()?;
    Ok(rows.into_iter().map(Job::from).collect())
}

impl From<Claimed> for Job {
    fn from(row: Claimed) -> Self {
        let Claimed { tenant_id, id, kind, payload: Json(payload), attempt } = row;
        Self { id, kind, attempt: attempt.unsigned_abs(), tenant_id, payload }
    }
}

/// Takes at most `room` due jobs of a kind with lanes, from each tenant its share.
pub(super) async fn claim_in_lanes(
    mut connection: &Connection,
    Lanes { kind, room, share }: Lanes,
    lease: Duration,
) -> Result<Vec<Job>> {
    let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let rows: Vec<Claimed> = diesel::sql_query(
        "SELECT tenant_id, id, kind, payload, attempt
         FROM platform.claim_in_lanes($1, $2, $3, $4 * interval '1 microsecond')",
    )
    .bind::<Text, _>(kind)
    .bind::<BigInt, _>(number(room))
    .bind::<BigInt, _>(number(share))
    .bind::<BigInt, _>(micros(lease))
    .load(&mut connection)
    .await
    .or_internal()?;
    Ok(rows.into_iter().map(Job::from).collect())
}

/// A kind with lanes: how many more of its jobs may run, and how many of one tenant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lanes {
    pub(super) kind: &'static str,
    pub(super) room: usize,
    pub(super) share: usize,
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// A statement that changes a job its worker still holds.
macro_rules! held {
    ($job:expr) => {
        jobs::table
            .find(($job.tenant_id, $job.id))
            .filter(jobs::state.eq(State::Running.as_str()))
            .filter(jobs::attempt.eq(i32::try_from($job.attempt).unwrap_or(i32::MAX)))
    };
}

fn after(pause: Duration) -> diesel::expression::SqlLiteral<Timestamptz> {
    sql::<Timestamptz>(&format!("now() + {} * interval '1 microsecond'", micros(pause)))
}

/// Prolongs the lease. Answers whether the worker still had it.
pub(super) async fn prolong(
    mut connection: &Connection,
    job: &Job,
    lease: Duration,
) -> Result<bool> {
    diesel::update(held!(job))
        .set(jobs::due_at.eq(after(lease)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(|changed| changed > 0)
}

/// Forgets a job that was done.
pub(super) async fn finish(mut connection: &Connection, job: &Job) -> Result<bool> {
    diesel::delete(held!(job))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(|changed| changed > 0)
}

/// Puts a job back for another attempt.
pub(super) async fn postpone(
    mut connection: &Connection,
    job: &Job,
    pause: Duration,
    error: &str,
) -> Result<()> {
    diesel::update(held!(job))
        .set((
            jobs::state.eq(State::Queued.as_str()),
            jobs::due_at.eq(after(pause)),
            jobs::last_error.eq(error),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Gives a job up.
pub(super) async fn bury(mut connection: &Connection, job: &Job, error: &str) -> Result<()> {
    diesel::update(held!(job))
        .set((
            jobs::state.eq(State::Dead.as_str()),
            jobs::due_at.eq(after(Duration::ZERO)),
            jobs::last_error.eq(error),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Gives a job back as if this attempt had not been begun.
pub(super) async fn release(mut connection: &Connection, job: &Job) -> Result<()> {
    diesel::update(held!(job))
        .set((
            jobs::state.eq(State::Queued.as_str()),
            jobs::due_at.eq(after(Duration::ZERO)),
            jobs::attempt.eq(jobs::attempt - 1),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Queues the recurring jobs whose slots no server has taken yet; answers how many.
pub(super) async fn queue_recurring(
    mut connection: &Connection,
    slots: &[(&'static str, Timestamp)],
) -> Result<usize> {
    let (kinds, slots): (Vec<&str>, Vec<_>) =
        slots.iter().map(|(kind, slot)| (*kind, Instant(*slot))).unzip();
    diesel::sql_query(
        "WITH taken AS (
           INSERT INTO platform.job_slots (kind, slot)
           SELECT * FROM unnest($1::text[], $2::timestamptz[]) ON CONFLICT DO NOTHING
           RETURNING kind, slot)
         INSERT INTO platform.jobs (tenant_id, kind, payload, dedup_key)
         SELECT $3, kind, jsonb_build_object('slot', slot), $4 FROM taken
         ON CONFLICT (tenant_id, kind, dedup_key) WHERE state <> 'dead' DO NOTHING",
    )
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Timestamptz>, _>(slots)
    .bind::<BigInt, _>(PLATFORM)
    .bind::<Text, _>(RECURRING)
    .execute(&mut connection)
    .await
    .or_internal()
}

/// Forgets jobs that died, and slots, before `instant`.
pub(super) async fn sweep(mut connection: &Connection, instant: Timestamp) -> Result<()> {
    diesel::sql_query("DELETE FROM platform.jobs WHERE state = 'dead' AND due_at < $1")
        .bind::<Timestamptz, _>(Instant(instant))
        .execute(&mut connection)
        .await
        .or_internal()?;
    diesel::sql_query("DELETE FROM platform.job_slots WHERE slot < $1")
        .bind::<Timestamptz, _>(Instant(instant))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// How many jobs there are, by kind and state.
pub(super) async fn count(mut connection: &Connection) -> Result<Vec<(String, State, i64)>> {
    let rows: Vec<(String, String, i64)> = jobs::table
        .group_by((jobs::kind, jobs::state))
        .select((jobs::kind, jobs::state, diesel::dsl::count_star()))
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(|(kind, state, n)| Ok((kind, State::parse(&state)?, n))).collect()
}

/// Which jobs an operator asks for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this tenant.
    pub tenant: Option<TenantId>,
    /// Of this kind.
    pub kind: Option<String>,
    /// In this state.
    pub state: Option<State>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs, check_for_backend(diesel::pg::Pg))]
struct EntryRow {
    id: i64,
    tenant_id: i64,
    kind: String,
    state: String,
    #[diesel(deserialize_as = Instant)]
    due_at: Timestamp,
    attempt: i32,
    last_error: Option<String>,
    #[diesel(deserialize_as = Instant)]
    created_at: Timestamp,
}

impl TryFrom<EntryRow> for Entry {
    type Error = Error;

    fn try_from(row: EntryRow) -> Result<Self> {
        let EntryRow { id, tenant_id, kind, state, due_at, attempt, last_error, created_at } = row;
        let tenant = (tenant_id != PLATFORM).then_some(TenantId(tenant_id));
        let state = State::parse(&state)?;
        let attempts = attempt.unsigned_abs();
        Ok(Self { id, tenant, kind, state, due_at, attempts, last_error, created_at })
    }
}

/// At most `limit` jobs, oldest first, with an id beyond `after`.
pub(super) async fn list(
    mut connection: &Connection,
    filter: &Filter,
    after: i64,
    limit: i64,
) -> Result<Vec<Entry>> {
    let mut query = jobs::table
        .filter(jobs::id.gt(after))
        .order(jobs::id)
        .limit(limit)
        .select(EntryRow::as_select())
        .into_boxed();
    if let Some(tenant) = filter.tenant {
        query = query.filter(jobs::tenant_id.eq(tenant.0));
    }
    if let Some(kind) = &filter.kind {
        query = query.filter(jobs::kind.eq(kind));
    }
    if let Some(state) = filter.state {
        query = query.filter(jobs::state.eq(state.as_str()));
    }
    let rows: Vec<EntryRow> = query.load(&mut connection).await.or_internal()?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Makes a job that waits or died due now, with all its attempts before it. Answers whether
/// there is one.
pub(super) async fn retry(mut connection: &Connection, id: i64) -> Result<bool> {
    diesel::update(jobs::table.filter(jobs::id.eq(id)))
        .filter(jobs::state.ne(State::Running.as_str()))
        .set((
            jobs::state.eq(State::Queued.as_str()),
            jobs::due_at.eq(after(Duration::ZERO)),
            jobs::attempt.eq(0),
        ))
        .execute(&mut connection)
        .await
        .on_constraint("jobs_dedup_key", || {
            Error::new(Kind::FailedPrecondition, reason::CONFLICT, "The same job is queued again.")
        })
        .map(|changed| changed > 0)
}

/// Holds a job that waits or died until the transaction ends; nothing when there is none.
pub(super) async fn hold(mut connection: &Connection, id: i64) -> Result<Option<Job>> {
    let found: Option<(i64, String, Json<Value>, i32)> = jobs::table
        .filter(jobs::id.eq(id))
        .filter(jobs::state.ne(State::Running.as_str()))
        .select((jobs::tenant_id, jobs::kind, jobs::payload, jobs::attempt))
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(found.map(|(tenant_id, kind, Json(payload), attempt)| Job {
        id,
        kind,
        attempt: attempt.unsigned_abs(),
        tenant_id,
        payload,
    }))
}

/// Forgets a job.
pub(super) async fn discard(mut connection: &Connection, id: i64) -> Result<()> {
    diesel::delete(jobs::table.filter(jobs::id.eq(id)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}
