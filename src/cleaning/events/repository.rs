//! The only file that names the table of visits.

use diesel::prelude::*;
use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Nullable, Numeric, SmallInt, Timestamptz,
};
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use rust_decimal::Decimal;
use steward_cleaning_schema::{events, shown_events};
use steward_database::{Connection, Day, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::local::{Span, TimeOfDay, Zone};
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Event, EventCleaner, Planned, status};
use crate::assignments::attendance::OVERLAP;
use crate::bookings::model::Booking;
use crate::hours::Hours;
use crate::reason::slot_conflict;

#[derive(Queryable, Selectable)]
#[diesel(table_name = shown_events, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    request_id: i64,
    client_id: i64,
    location_id: i64,
    original_date: Option<Day>,
    date: Day,
    start_time: i16,
    start_at: Instant,
    end_at: Instant,
    promised_start_at: Instant,
    hours: Decimal,
    added_hours: Decimal,
    cleaners_needed: i16,
    status: i16,
    price: i64,
    is_modified: bool,
    is_time_confirmed: bool,
    notes: Option<String>,
    currency: String,
    time_zone: String,
    cleaners: Json<Vec<EventCleaner>>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl TryFrom<Row> for Event {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let zone = Zone::stored(&row.time_zone)?;
        let hours = |hours| {
            Hours::new(hours).ok_or_else(|| Error::internal("the hours are no whole quarters"))
        };
        let start_time = u16::try_from(row.start_time).ok().and_then(TimeOfDay::from_minutes);
        let span = Span { from: row.start_at.into(), till: row.end_at.into() };
        Ok(Self {
            id: row.id,
            request_id: row.request_id,
            client_id: row.client_id,
            location_id: row.location_id,
            planned: Planned {
                original_date: row.original_date.map(Date::from),
                date: row.date.into(),
                start_time: start_time.unwrap_or(TimeOfDay::MIDNIGHT),
                is_time_confirmed: row.is_time_confirmed,
                span,
                hours: hours(row.hours)?,
                cleaners_needed: row.cleaners_needed.unsigned_abs(),
                price: row.price,
            },
            cleaners: row.cleaners.0,
            end_time: TimeOfDay::of(zone.local(span.till)),
            promised_start_at: row.promised_start_at.into(),
            added_hours: hours(row.added_hours)?,
            status: row.status,
            is_modified: row.is_modified,
            notes: row.notes,
            currency: row.currency,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        })
    }
}

/// The columns that say what is planned.
#[derive(Insertable)]
#[diesel(table_name = events)]
struct Written {
    tenant_id: i64,
    request_id: i64,
    client_id: i64,
    location_id: i64,
    original_date: Option<Day>,
    date: Day,
    start_time: i16,
    start_at: Instant,
    end_at: Instant,
    promised_start_at: Instant,
    hours: Decimal,
    cleaners_needed: i16,
    price: i64,
    is_time_confirmed: bool,
}

impl Written {
    fn new(tenant: TenantId, booking: &Booking, planned: &Planned) -> Self {
        let Planned {
            original_date,
            date,
            start_time,
            is_time_confirmed,
            span,
            hours,
            cleaners_needed,
            price,
        } = planned;
        Self {
            tenant_id: tenant.0,
            request_id: booking.id,
            client_id: booking.client_id,
            location_id: booking.location_id,
            original_date: original_date.map(Day),
            date: Day(*date),
            start_time: start_time.minutes().cast_signed(),
            start_at: Instant(span.from),
            end_at: Instant(span.till),
            promised_start_at: Instant(span.from),
            hours: hours.decimal(),
            cleaners_needed: cleaners_needed.cast_signed(),
            price: *price,
            is_time_confirmed: *is_time_confirmed,
        }
    }
}

/// Records the visits of a booking whose dates have none yet; answers their ids.
pub async fn insert_missing(
    mut connection: &Connection,
    tenant: TenantId,
    booking: &Booking,
    planned: &[Planned],
) -> Result<Vec<i64>> {
    let rows: Vec<Written> =
        planned.iter().map(|planned| Written::new(tenant, booking, planned)).collect();
    diesel::insert_into(events::table)
        .values(rows)
        .on_conflict((events::tenant_id, events::request_id, events::original_date))
        .do_nothing()
        .returning(events::id)
        .get_results(&mut connection)
        .await
        .or_internal()
}

/// Plans visits anew, by their ids, and says whether they differ from their series.
///
/// # Errors
/// ABORTED (`SLOT_CONFLICT`) when a cleaner would be at two at once.
pub async fn replan(
    mut connection: &Connection,
    tenant: TenantId,
    visits: &[(i64, Planned, bool)],
) -> Result<()> {
    fn each<T>(
        visits: &[(i64, Planned, bool)],
        of: impl FnMut(&(i64, Planned, bool)) -> T,
    ) -> Vec<T> {
        visits.iter().map(of).collect()
    }
    diesel::sql_query(
        "UPDATE cleaning.events e
         SET original_date = p.original_date, date = p.date, start_time = p.start_time,
           start_at = p.start_at, end_at = p.end_at, promised_start_at = p.start_at,
           hours = p.hours, cleaners_needed = p.cleaners_needed, price = p.price,
           is_time_confirmed = p.is_time_confirmed, is_modified = p.is_modified
         FROM unnest($2::bigint[], $3::date[], $4::date[], $5::smallint[], $6::timestamptz[],
             $7::timestamptz[], $8::numeric[], $9::smallint[], $10::bigint[], $11::boolean[],
             $12::boolean[])
           p (id, original_date, date, start_time, start_at, end_at, hours, cleaners_needed, price,
              is_time_confirmed, is_modified)
         WHERE e.tenant_id = $1 AND e.id = p.id",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(each(visits, |(id, ..)| *id))
    .bind::<Array<Nullable<SqlDate>>, _>(each(visits, |(_, one, _)| one.original_date.map(Day)))
    .bind::<Array<SqlDate>, _>(each(visits, |(_, one, _)| Day(one.date)))
    .bind::<Array<SmallInt>, _>(each(visits, |(_, one, _)| one.start_time.minutes().cast_signed()))
    .bind::<Array<Timestamptz>, _>(each(visits, |(_, one, _)| Instant(one.span.from)))
    .bind::<Array<Timestamptz>, _>(each(visits, |(_, one, _)| Instant(one.span.till)))
    .bind::<Array<Numeric>, _>(each(visits, |(_, one, _)| one.hours.decimal()))
    .bind::<Array<SmallInt>, _>(each(visits, |(_, one, _)| one.cleaners_needed.cast_signed()))
    .bind::<Array<BigInt>, _>(each(visits, |(_, one, _)| one.price))
    .bind::<Array<Bool>, _>(each(visits, |(_, one, _)| one.is_time_confirmed))
    .bind::<Array<Bool>, _>(each(visits, |(.., is_modified)| *is_modified))
    .execute(&mut connection)
    .await
    .on_constraint(OVERLAP, slot_conflict)
    .map(drop)
}

/// The visits that are to come from now on.
pub async fn upcoming(mut connection: &Connection, tenant: TenantId) -> Result<Vec<Event>> {
    let rows: Vec<Row> = shown_events::table
        .filter(shown_events::tenant_id.eq(tenant.0))
        .filter(shown_events::start_at.gt(Instant(time::now())))
        .filter(shown_events::status.ne(status::COMPLETED))
        .filter(shown_events::deleted_at.is_null())
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(Event::try_from).collect()
}

/// The visits of a booking that are to come within some dates, in order.
pub async fn to_come(
    mut connection: &Connection,
    tenant: TenantId,
    request_id: i64,
    (from, until): (Date, Option<Date>),
) -> Result<Vec<Event>> {
    let until = until.unwrap_or(Date::MAX);
    let rows: Vec<Row> = shown_events::table
        .filter(shown_events::tenant_id.eq(tenant.0))
        .filter(shown_events::request_id.eq(request_id))
        .filter(shown_events::date.between(Day(from), Day(until)))
        .filter(shown_events::status.eq(status::TO_CLEAN))
        .filter(shown_events::start_at.gt(Instant(time::now())))
        .filter(shown_events::deleted_at.is_null())
        .order(shown_events::start_at)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(Event::try_from).collect()
}

/// Writes down what there is to know of a visit; nothing where the text is empty.
pub async fn note(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    notes: &str,
) -> Result<()> {
    let notes = Some(notes).filter(|notes| !notes.is_empty());
    diesel::update(events::table.find((tenant.0, id)))
        .set(events::notes.eq(notes))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The visits of a booking that are to come, from a date of its series on.
pub async fn following(
    mut connection: &Connection,
    tenant: TenantId,
    request_id: i64,
    from: Date,
) -> Result<Vec<Event>> {
    let rows: Vec<Row> = shown_events::table
        .filter(shown_events::tenant_id.eq(tenant.0))
        .filter(shown_events::request_id.eq(request_id))
        .filter(shown_events::original_date.ge(Day(from)))
        .filter(shown_events::status.eq(status::TO_CLEAN))
        .filter(shown_events::deleted_at.is_null())
        .order(shown_events::original_date)
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(Event::try_from).collect()
}

/// Marks visits as deleted. Their dates make no visits again.
pub async fn delete(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<()> {
    diesel::update(events::table)
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::id.eq_any(ids))
        .filter(events::deleted_at.is_null())
        .set(events::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Takes visits back as if they had never been made, so that another series may have their dates.
pub async fn take_back(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<()> {
    diesel::delete(events::table)
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::id.eq_any(ids))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The dates of its series for which a booking has visits, deleted ones included.
pub async fn original_dates(
    mut connection: &Connection,
    tenant: TenantId,
    request_id: i64,
) -> Result<Vec<Date>> {
    let dates: Vec<Option<Day>> = events::table
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::request_id.eq(request_id))
        .filter(events::original_date.is_not_null())
        .select(events::original_date)
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(dates.into_iter().flatten().map(Date::from).collect())
}

/// Whether a visit of a booking was completed.
pub async fn has_completed(
    mut connection: &Connection,
    tenant: TenantId,
    request_id: i64,
) -> Result<bool> {
    let found = events::table
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::request_id.eq(request_id))
        .filter(events::status.eq(status::COMPLETED));
    diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await.or_internal()
}

/// Marks all visits of a booking as deleted.
pub async fn delete_of(
    mut connection: &Connection,
    tenant: TenantId,
    request_id: i64,
) -> Result<()> {
    diesel::update(events::table)
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::request_id.eq(request_id))
        .filter(events::deleted_at.is_null())
        .set(events::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The ids of the visits of a client that have not begun.
pub async fn to_come_of_client(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<Vec<i64>> {
    events::table
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::client_id.eq(client_id))
        .filter(events::status.eq(status::TO_CLEAN))
        .filter(events::start_at.gt(Instant(time::now())))
        .filter(events::deleted_at.is_null())
        .order(events::id)
        .select(events::id)
        .load(&mut connection)
        .await
        .or_internal()
}

/// Cancels the visits of a client that have not begun.
pub async fn cancel_of_client(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<()> {
    diesel::update(events::table)
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::client_id.eq(client_id))
        .filter(events::status.eq(status::TO_CLEAN))
        .filter(events::start_at.gt(Instant(time::now())))
        .filter(events::deleted_at.is_null())
        .set(events::status.eq(status::CANCELLED))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

impl Record for Event {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Event", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Event>> {
        let rows: Vec<Row> = shown_events::table
            .filter(shown_events::tenant_id.eq(tenant.0))
            .filter(shown_events::id.eq_any(ids))
            .filter(shown_events::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        rows.into_iter().map(Event::try_from).collect()
    }
}

impl Listed for Event {
    const LIST: List = List {
        table: "cleaning.events",
        key: "id",
        only: "r.deleted_at IS NULL",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static REQUEST_ID: &Field = &FIELDS[0];
pub static CLIENT_ID: &Field = &FIELDS[1];
pub static STATUS: &Field = &FIELDS[2];
pub static START_AT: &Field = &FIELDS[3];
pub static BY_START: &[&Field] = &[&FIELDS[3]];
pub static END_AT: &Field = &FIELDS[4];
pub static TAGS: &Field = &FIELDS[5];
pub static CLEANERS: &Field = &FIELDS[6];

static FIELDS: [Field; 7] = [
    Field::integer("request_id", "r.request_id"),
    Field::integer("client_id", "r.client_id"),
    Field::integer("status", "r.status::bigint"),
    Field::time("start_at", "r.start_at"),
    Field::time("end_at", "r.end_at"),
    Field::texts(
        "tags",
        "ARRAY(SELECT platform.fold_text(tag) FROM cleaning.clients c, unnest(c.tags) tag \
         WHERE c.tenant_id = r.tenant_id AND c.id = r.client_id)",
    ),
    Field::texts(
        "cleaners",
        "ARRAY(SELECT c.cleaner_id::text FROM cleaning.event_cleaners c \
         WHERE c.tenant_id = r.tenant_id AND c.event_id = r.id)",
    ),
];
