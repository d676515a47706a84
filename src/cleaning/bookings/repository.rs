//! The only file that names the table of bookings.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use rust_decimal::Decimal;
use steward_cleaning_schema::{bookings, shown_bookings};
use steward_database::{Connection, Day, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId, time};

use super::model::{Agreed, BookedSegment, Booking, status};
use crate::hours::Hours;
use crate::pricing::Terms;
use crate::scheduling::Recurrence;

#[derive(Queryable, Selectable)]
#[diesel(table_name = shown_bookings, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    client_id: i64,
    location_id: i64,
    service_id: i64,
    tenant_location_id: i64,
    start_date: Day,
    end_date: Option<Day>,
    time_preference: i16,
    first_visit_hours: Option<Decimal>,
    terms: Json<Terms>,
    segments: Json<Vec<BookedSegment>>,
    lead_source_id: Option<i64>,
    notes: Option<String>,
    status: i16,
    billing_status: i16,
    source: String,
    generated_through: Option<Day>,
    next_event_date: Option<Day>,
    currency: String,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Booking {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            location_id: row.location_id,
            service_id: row.service_id,
            tenant_location_id: row.tenant_location_id,
            agreed: Agreed {
                start_date: row.start_date.into(),
                end_date: row.end_date.map(Date::from),
                time_preference: row.time_preference,
                first_visit_hours: row.first_visit_hours.and_then(Hours::new),
                terms: row.terms.0,
                segments: row.segments.0,
                lead_source_id: row.lead_source_id,
                notes: row.notes,
            },
            status: row.status,
            billing_status: row.billing_status,
            source: row.source,
            generated_through: row.generated_through.map(Date::from),
            next_event_date: row.next_event_date.map(Date::from),
            currency: row.currency,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// The columns that say what was agreed.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = bookings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    frequency: i16,
    start_date: Day,
    end_date: Option<Day>,
    time_preference: i16,
    first_visit_hours: Option<Decimal>,
    terms: Json<Terms>,
    segments: Json<Vec<BookedSegment>>,
    lead_source_id: Option<i64>,
    notes: Option<&'a str>,
}

impl<'a> From<&'a Agreed> for Written<'a> {
    fn from(agreed: &'a Agreed) -> Self {
        let Agreed {
            start_date,
            end_date,
            time_preference,
            first_visit_hours,
            terms,
            segments,
            lead_source_id,
            notes,
        } = agreed;
        let last = segments.last().map_or(Recurrence::Once, |last| last.schedule.recurrence);
        Self {
            frequency: last.frequency(),
            start_date: Day(*start_date),
            end_date: end_date.map(Day),
            time_preference: *time_preference,
            first_visit_hours: first_visit_hours.map(Hours::decimal),
            terms: Json(terms.clone()),
            segments: Json(segments.clone()),
            lead_source_id: *lead_source_id,
            notes: notes.as_deref(),
        }
    }
}

/// What a booking is for.
#[derive(Debug, Clone, Copy, Insertable)]
#[diesel(table_name = bookings)]
pub struct Subject {
    /// Whose it is.
    pub client_id: i64,
    /// The home.
    pub location_id: i64,
    /// What is done there.
    pub service_id: i64,
    /// The area that the home is in.
    pub tenant_location_id: i64,
    /// Where it stands.
    pub status: i16,
    /// By whom it is booked.
    pub source: &'static str,
}

/// Records a booking; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    subject: Subject,
    agreed: &Agreed,
) -> Result<i64> {
    diesel::insert_into(bookings::table)
        .values((bookings::tenant_id.eq(tenant.0), subject, Written::from(agreed)))
        .returning(bookings::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// Replaces what was agreed, and where the booking stands.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    status: i16,
    agreed: &Agreed,
) -> Result<()> {
    diesel::update(bookings::table.find((tenant.0, id)))
        .set((bookings::status.eq(status), Written::from(agreed)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Writes down for which dates visits were made.
pub async fn set_generated_through(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    through: Date,
) -> Result<()> {
    diesel::update(bookings::table.find((tenant.0, id)))
        .set(bookings::generated_through.eq(Day(through)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Holds a booking until the transaction ends, so that one at a time decides what becomes of it.
pub async fn lock(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let found: Option<i64> = bookings::table
        .find((tenant.0, id))
        .filter(bookings::deleted_at.is_null())
        .select(bookings::id)
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    found.map(drop).ok_or_else(|| Booking::not_found(id))
}

/// Marks a booking as deleted.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    diesel::update(bookings::table.find((tenant.0, id)))
        .set(bookings::deleted_at.eq(Instant(time::now())))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The ids of all live bookings of a client.
pub async fn live_of_client(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<Vec<i64>> {
    bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::client_id.eq(client_id))
        .filter(
            bookings::status.le(status::PAUSED).or(bookings::status.eq(status::PENDING_APPROVAL)),
        )
        .filter(bookings::deleted_at.is_null())
        .order(bookings::id)
        .select(bookings::id)
        .load(&mut connection)
        .await
        .or_internal()
}

/// Cancels all live bookings of a client.
pub async fn cancel_all(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<()> {
    diesel::update(bookings::table)
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::client_id.eq(client_id))
        .filter(
            bookings::status.le(status::PAUSED).or(bookings::status.eq(status::PENDING_APPROVAL)),
        )
        .filter(bookings::deleted_at.is_null())
        .set(bookings::status.eq(status::CANCELLED))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// What a live booking may be of.
#[derive(Debug, Clone, Copy)]
pub enum Of {
    /// A home.
    Location(i64),
    /// An area.
    Area(i64),
}

/// Whether a live booking, or one that waits to be accepted, is of this.
pub async fn is_live(mut connection: &Connection, tenant: TenantId, of: Of) -> Result<bool> {
    let live = bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(
            bookings::status.le(status::PAUSED).or(bookings::status.eq(status::PENDING_APPROVAL)),
        )
        .filter(bookings::deleted_at.is_null());
    let found = match of {
        Of::Location(id) => {
            let found = live.filter(bookings::location_id.eq(id));
            diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await
        }
        Of::Area(id) => {
            let found = live.filter(bookings::tenant_location_id.eq(id));
            diesel::select(diesel::dsl::exists(found)).get_result(&mut connection).await
        }
    };
    found.or_internal()
}

/// How many bookings are not fully assigned.
pub async fn count_unassigned(mut connection: &Connection, tenant: TenantId) -> Result<i64> {
    bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::status.between(1, 2))
        .filter(bookings::deleted_at.is_null())
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// How many single visits a client has booked and not cancelled.
pub async fn count_once(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<i64> {
    bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::client_id.eq(client_id))
        .filter(bookings::frequency.eq(Recurrence::Once.frequency()))
        .filter(bookings::status.ne(status::CANCELLED))
        .filter(bookings::deleted_at.is_null())
        .count()
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// The booking that a client has made last and not cancelled.
pub async fn newest_of(
    mut connection: &Connection,
    tenant: TenantId,
    client_id: i64,
) -> Result<Option<Booking>> {
    let row: Option<Row> = shown_bookings::table
        .filter(shown_bookings::tenant_id.eq(tenant.0))
        .filter(shown_bookings::client_id.eq(client_id))
        .filter(shown_bookings::status.ne(status::CANCELLED))
        .filter(shown_bookings::deleted_at.is_null())
        .order(shown_bookings::id.desc())
        .select(Row::as_select())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(Booking::from))
}

/// The live recurring bookings whose visits end before a date, at most so many.
pub async fn ending_before(
    mut connection: &Connection,
    tenant: TenantId,
    date: Date,
    most: i64,
) -> Result<Vec<i64>> {
    bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::deleted_at.is_null())
        .filter(bookings::status.le(status::PAUSED))
        .filter(bookings::frequency.gt(Recurrence::Once.frequency()))
        .filter(bookings::generated_through.lt(Day(date)))
        .order(bookings::generated_through)
        .limit(most)
        .select(bookings::id)
        .load(&mut connection)
        .await
        .or_internal()
}

impl Record for Booking {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Booking", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Booking>> {
        let rows: Vec<Row> = shown_bookings::table
            .filter(shown_bookings::tenant_id.eq(tenant.0))
            .filter(shown_bookings::id.eq_any(ids))
            .filter(shown_bookings::deleted_at.is_null())
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Booking::from).collect())
    }
}

impl Listed for Booking {
    const LIST: List = List {
        table: "cleaning.bookings",
        key: "id",
        only: "r.deleted_at IS NULL",
        // The expression of the index on clients.
        search: "EXISTS (SELECT FROM cleaning.clients c WHERE c.tenant_id = r.tenant_id \
            AND c.id = r.client_id AND platform.fold_text(c.first_name || ' ' || c.last_name || ' ' \
            || COALESCE(c.email, '') || ' ' || COALESCE(c.phone, '')) LIKE ?)",
        counted: None,
        fields: &FIELDS,
    };
}

pub static ID: &Field = &FIELDS[0];
pub static CLIENT_ID: &Field = &FIELDS[1];
pub static STATUS: &Field = &FIELDS[2];
pub static TENANT_LOCATION_ID: &Field = &FIELDS[3];

static FIELDS: [Field; 4] = [
    Field::integer("id", "r.id"),
    Field::integer("client_id", "r.client_id"),
    Field::integer("status", "r.status::bigint"),
    Field::integer("tenant_location_id", "r.tenant_location_id"),
];
