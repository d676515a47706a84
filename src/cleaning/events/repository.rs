//! The only file that names the table of visits.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use rust_decimal::Decimal;
use steward_cleaning_schema::{events, shown_events};
use steward_database::{Connection, Day, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::local::{Span, TimeOfDay, Zone};
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Event, Planned, status};
use crate::bookings::model::Booking;
use crate::hours::Hours;

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
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl TryFrom<Row> for Event {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let zone = Zone::named(&row.time_zone)
            .ok_or_else(|| Error::internal(format!("no zone: {}", row.time_zone)))?;
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

static FIELDS: [Field; 6] = [
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
];
