//! Bookings in the database.

use std::collections::HashMap;

use diesel::dsl::{now, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Timestamptz};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::{booking_items, bookings, items};

use super::charges;
use super::line::{Line, StoredLine};
use super::model::{
    Booking, BookingCustomer, Dates, DocumentSettings, PostalAddress, Progress, Source,
    StoredDiscount, Wording,
};
use crate::availability::LineState;
use crate::booking_payments::model::BookingPayment;
use crate::booking_services::model::Service;
use crate::deletion::Deletable;
use crate::money::Money;
use crate::pricing::{Late, PriceTable};
use crate::status::BookingStatus;
use crate::time::{Period, Span, Zone};

#[derive(Queryable, Selectable)]
#[diesel(table_name = bookings, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    internal_id: i64,
    status: String,
    previous_status: Option<String>,
    start_local: Option<String>,
    end_local: Option<String>,
    customer_id: Option<i64>,
    customer: Option<Json<BookingCustomer>>,
    title: Option<String>,
    reference: Option<String>,
    notes: Option<String>,
    customer_notes: Option<String>,
    discount: Option<Json<StoredDiscount>>,
    delivery_address: Option<Json<PostalAddress>>,
    pickup_address_id: Option<i64>,
    document_settings: Json<DocumentSettings>,
    language: i16,
    currency: String,
    progress: Json<Progress>,
    source: i16,
    created_at: Instant,
    updated_at: Instant,
    deleted_at: Option<Instant>,
}

impl Row {
    fn booking(
        self,
        lines: Vec<Line>,
        (services, payments): (Vec<Service>, Vec<BookingPayment>),
    ) -> Booking {
        let customer = self.customer.map(|copy| BookingCustomer { id: self.customer_id, ..copy.0 });
        Booking {
            id: self.id,
            internal_id: self.internal_id,
            status: status(&self.status),
            previous_status: self.previous_status.as_deref().map(status),
            dates: dates(self.start_local.as_deref(), self.end_local.as_deref()),
            customer,
            wording: Wording {
                title: self.title,
                reference: self.reference,
                notes: self.notes,
                customer_notes: self.customer_notes,
            },
            discount: self.discount.and_then(|discount| discount.0.given()),
            delivery_address: self.delivery_address.map(|address| address.0),
            pickup_address_id: self.pickup_address_id,
            document_settings: self.document_settings.0,
            language: self.language,
            currency: self.currency,
            progress: self.progress.0,
            source: Source::of_number(self.source),
            lines,
            services,
            payments,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
            deleted_at: self.deleted_at.map(Into::into),
        }
    }
}

pub fn status(text: &str) -> BookingStatus {
    BookingStatus::named(text).unwrap_or(BookingStatus::Drafting)
}

pub fn dates(start: Option<&str>, end: Option<&str>) -> Option<Dates> {
    Some(Dates { start: start?.parse().ok()?, end: end?.parse().ok()? })
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = booking_items, check_for_backend(diesel::pg::Pg))]
struct LineRow {
    id: i64,
    booking_id: i64,
    item_id: i64,
    position: i32,
    title: String,
    quantity: i32,
    picked_up_quantity: i32,
    notes: Option<String>,
    details: Json<StoredLine>,
    created_at: Instant,
    updated_at: Instant,
}

impl LineRow {
    fn line(self, item_internal_id: i64) -> Result<Line> {
        let mut line = Line {
            id: self.id,
            item_id: self.item_id,
            item_internal_id,
            title: self.title,
            position: self.position,
            quantity: self.quantity.unsigned_abs(),
            picked_up: self.picked_up_quantity.unsigned_abs(),
            returns: Vec::new(),
            table: PriceTable::default(),
            edit: None,
            deposit_per_item: Money::ZERO,
            deposit_edit: None,
            tax_rate: crate::money::Percent::ZERO,
            item_value: None,
            late_fee: Money::ZERO,
            late: Late::default(),
            picked_up_at: None,
            buffers: None,
            notes: self.notes,
            created_at: self.created_at.into(),
            updated_at: self.updated_at.into(),
        };
        self.details.0.fill(&mut line)?;
        Ok(line)
    }
}

/// The lines of some bookings by the booking's id, each by position.
async fn lines(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, Vec<Line>>> {
    let rows: Vec<(LineRow, i64)> = booking_items::table
        .inner_join(items::table.on(
            items::tenant_id.eq(booking_items::tenant_id).and(items::id.eq(booking_items::item_id)),
        ))
        .filter(booking_items::tenant_id.eq(tenant.0))
        .filter(booking_items::booking_id.eq_any(ids))
        .filter(booking_items::deleted_at.is_null())
        .order((booking_items::position, booking_items::id))
        .select((LineRow::as_select(), items::internal_id))
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut found: HashMap<i64, Vec<Line>> = HashMap::new();
    for (row, item) in rows {
        found.entry(row.booking_id).or_default().push(row.line(item)?);
    }
    Ok(found)
}

impl Deletable for Booking {
    const TABLE: &'static str = "rentals.bookings";
    const UNIQUE: (&'static str, &'static str) = ("", "");

    fn deleted_at(&self) -> Option<Timestamp> {
        self.deleted_at
    }
}

/// Found by its number, with its lines.
impl Record for Booking {
    #[expect(clippy::misnamed_getters, reason = "it is found by its number")]
    fn id(&self) -> i64 {
        self.internal_id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Booking", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Booking>> {
        let rows: Vec<Row> = bookings::table
            .filter(bookings::tenant_id.eq(tenant.0))
            .filter(bookings::internal_id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        let mut lines = lines(connection, tenant, &ids).await?;
        let mut charges = charges::of(connection, tenant, &ids).await?;
        let booking = |row: Row| {
            let lines = lines.remove(&row.id).unwrap_or_default();
            let charges = charges.remove(&row.id).unwrap_or_default();
            row.booking(lines, charges)
        };
        Ok(rows.into_iter().map(booking).collect())
    }
}

/// The booking with a number, locked until the change is done. A deleted one is not found.
pub async fn lock(mut connection: &Connection, tenant: TenantId, number: i64) -> Result<Booking> {
    let row: Option<Row> = bookings::table
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::internal_id.eq(number))
        .filter(bookings::deleted_at.is_null())
        .select(Row::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    let row = row.ok_or_else(|| Booking::not_found(number))?;
    let lines = lines(connection, tenant, &[row.id]).await?.remove(&row.id);
    // After the lock, so that they are as whoever had it left them.
    let charges = charges::of(connection, tenant, &[row.id]).await?.remove(&row.id);
    Ok(row.booking(lines.unwrap_or_default(), charges.unwrap_or_default()))
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = bookings, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    status: &'a str,
    previous_status: Option<&'a str>,
    start_local: Option<String>,
    end_local: Option<String>,
    start_at: Option<Instant>,
    end_at: Option<Instant>,
    customer_id: Option<i64>,
    customer: Option<Json<&'a BookingCustomer>>,
    title: Option<&'a str>,
    reference: Option<&'a str>,
    notes: Option<&'a str>,
    customer_notes: Option<&'a str>,
    discount: Option<Json<StoredDiscount>>,
    delivery_address: Option<Json<&'a PostalAddress>>,
    pickup_address_id: Option<i64>,
    document_settings: Json<&'a DocumentSettings>,
    language: i16,
    total: i64,
    totals: Json<serde_json::Value>,
    progress: Json<&'a Progress>,
    search: String,
}

/// What of a booking is written beside its own members: the instants and the totals.
pub struct Derived {
    /// The period of the booking.
    pub period: Option<Period>,
    /// What it costs, in cents.
    pub total: i64,
    /// All totals.
    pub totals: serde_json::Value,
}

fn written<'a>(booking: &'a Booking, derived: &Derived) -> Written<'a> {
    let span = derived.period.map(|period| period.span());
    Written {
        status: booking.status.as_str(),
        previous_status: booking.previous_status.map(BookingStatus::as_str),
        start_local: booking.dates.map(|dates| dates.start.to_string()),
        end_local: booking.dates.map(|dates| dates.end.to_string()),
        start_at: span.map(|span| span.from.into()),
        end_at: span.map(|span| span.till.into()),
        customer_id: booking.customer.as_ref().and_then(|customer| customer.id),
        customer: booking.customer.as_ref().map(Json),
        title: booking.wording.title.as_deref(),
        reference: booking.wording.reference.as_deref(),
        notes: booking.wording.notes.as_deref(),
        customer_notes: booking.wording.customer_notes.as_deref(),
        discount: booking.discount.map(|given| Json(given.into())),
        delivery_address: booking.delivery_address.as_ref().map(Json),
        pickup_address_id: booking.pickup_address_id,
        document_settings: Json(&booking.document_settings),
        language: booking.language,
        total: derived.total,
        totals: Json(derived.totals.clone()),
        progress: Json(&booking.progress),
        search: searched(booking),
    }
}

/// The folded text that a search looks at: number, title, reference, customer and lines.
fn searched(booking: &Booking) -> String {
    let mut text = booking.internal_id.to_string();
    let name = booking.customer.as_ref().and_then(|customer| customer.name.as_deref());
    let parts = [booking.wording.title.as_deref(), booking.wording.reference.as_deref(), name];
    let titles = booking.lines.iter().map(|line| line.title.as_str());
    for part in parts.into_iter().flatten().chain(titles) {
        text.push('\n');
        text.push_str(part);
    }
    steward_kernel::text::folded(&text)
}

fn refused(field: &str, message: &str) -> Error {
    Error::named(field, "REFERENCE_NOT_FOUND", message)
}

/// The error for an address that the business does not have.
pub fn no_such_address() -> Error {
    refused("booking.pickup_address_id", "The business has no such address.")
}

fn reference_missing(constraint: &str) -> Option<Error> {
    match constraint {
        "bookings_pickup_address_fkey" => Some(no_such_address()),
        "bookings_customer_fkey" => {
            Some(refused("booking.customer_internal_id", "There is no such customer."))
        }
        _ => None,
    }
}

/// Records a booking without its lines; answers its id.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    booking: &Booking,
    derived: &Derived,
) -> Result<i64> {
    diesel::insert_into(bookings::table)
        .values((
            bookings::tenant_id.eq(tenant.0),
            bookings::internal_id.eq(booking.internal_id),
            bookings::currency.eq(&booking.currency),
            bookings::source.eq(booking.source as i16),
            written(booking, derived),
        ))
        .returning(bookings::id)
        .get_result(&mut connection)
        .await
        .on_constraints(reference_missing)
}

/// Writes a booking without its lines.
pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    booking: &Booking,
    derived: &Derived,
) -> Result<()> {
    diesel::update(bookings::table)
        .filter(bookings::tenant_id.eq(tenant.0))
        .filter(bookings::id.eq(booking.id))
        .set((written(booking, derived), bookings::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .on_constraints(reference_missing)
        .map(drop)
}

/// The stretch in which a line may hold pieces.
pub type Holding = Option<(Timestamp, Option<Timestamp>)>;

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = booking_items, treat_none_as_default_value = false, treat_none_as_null = true)]
struct WrittenLine<'a> {
    position: i32,
    quantity: i32,
    picked_up_quantity: i32,
    returned_quantity: i32,
    total: i64,
    price_edited: bool,
    notes: Option<&'a str>,
    details: Json<StoredLine>,
    hold_from: Option<Instant>,
    hold_till: Option<Instant>,
}

fn pieces(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn written_line(line: &Line, total: Money, holding: Holding) -> WrittenLine<'_> {
    // Later than any date there is.
    let open = || Timestamp::MAX;
    WrittenLine {
        position: line.position,
        quantity: pieces(line.quantity),
        picked_up_quantity: pieces(line.picked_up),
        returned_quantity: pieces(line.returned()),
        total: total.cents(),
        price_edited: line.edit.is_some(),
        notes: line.notes.as_deref(),
        details: Json(line.into()),
        hold_from: holding.map(|(from, _)| from.into()),
        hold_till: holding.map(|(_, till)| till.unwrap_or_else(open).into()),
    }
}

/// Records a line; answers its id.
pub async fn insert_line(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    line: &Line,
    total: Money,
    holding: Holding,
) -> Result<i64> {
    diesel::insert_into(booking_items::table)
        .values((
            booking_items::tenant_id.eq(tenant.0),
            booking_items::booking_id.eq(booking),
            booking_items::item_id.eq(line.item_id),
            booking_items::title.eq(&line.title),
            written_line(line, total, holding),
        ))
        .returning(booking_items::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// Writes a line.
pub async fn update_line(
    mut connection: &Connection,
    tenant: TenantId,
    line: &Line,
    total: Money,
    holding: Holding,
) -> Result<()> {
    diesel::update(booking_items::table)
        .filter(booking_items::tenant_id.eq(tenant.0))
        .filter(booking_items::id.eq(line.id))
        .set((written_line(line, total, holding), booking_items::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Marks lines as deleted.
pub async fn delete_lines(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<()> {
    diesel::update(booking_items::table)
        .filter(booking_items::tenant_id.eq(tenant.0))
        .filter(booking_items::id.eq_any(ids))
        .set((
            booking_items::deleted_at.eq(now),
            booking_items::updated_at.eq(now),
            booking_items::hold_from.eq(None::<Instant>),
            booking_items::hold_till.eq(None::<Instant>),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The lines that may hold pieces of some items, each within a span, with the item's id.
pub async fn holding(
    mut connection: &Connection,
    tenant: TenantId,
    windows: &[(i64, Span)],
    zone: &Zone,
) -> Result<Vec<(i64, LineState)>> {
    let ids: Vec<i64> = windows.iter().map(|(item, _)| *item).collect();
    let starts: Vec<Instant> = windows.iter().map(|(_, span)| Instant(span.from)).collect();
    let ends: Vec<Instant> = windows.iter().map(|(_, span)| Instant(span.till)).collect();
    let first = windows.iter().map(|(_, span)| span.from).min().unwrap_or_default();
    let last = windows.iter().map(|(_, span)| span.till).max().unwrap_or_default();
    let meets = sql::<Bool>("EXISTS (SELECT FROM unnest(")
        .bind::<Array<BigInt>, _>(ids.clone())
        .sql(", ")
        .bind::<Array<Timestamptz>, _>(starts)
        .sql(", ")
        .bind::<Array<Timestamptz>, _>(ends)
        .sql(
            ") AS w (item_id, starts, ends) WHERE w.item_id = booking_items.item_id
               AND booking_items.hold_from < w.ends AND booking_items.hold_till > w.starts)",
        );
    type Found = (LineRow, (i64, String, Option<String>, Option<String>));
    let rows: Vec<Found> = booking_items::table
        .inner_join(
            bookings::table.on(bookings::tenant_id
                .eq(booking_items::tenant_id)
                .and(bookings::id.eq(booking_items::booking_id))),
        )
        .filter(booking_items::tenant_id.eq(tenant.0))
        .filter(booking_items::item_id.eq_any(ids))
        .filter(booking_items::deleted_at.is_null())
        .filter(booking_items::hold_from.lt(Instant(last)))
        .filter(booking_items::hold_till.gt(Instant(first)))
        .filter(meets)
        .filter(bookings::deleted_at.is_null())
        .select((
            LineRow::as_select(),
            (bookings::internal_id, bookings::status, bookings::start_local, bookings::end_local),
        ))
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut states = Vec::with_capacity(rows.len());
    for (row, (booking, standing, start, end)) in rows {
        let Some(Dates { start, end }) = dates(start.as_deref(), end.as_deref()) else { continue };
        let period = Period::new(start, end, zone).map_err(Error::internal)?;
        let item = row.item_id;
        states.push((item, row.line(0)?.state(booking, status(&standing), period)));
    }
    Ok(states)
}

impl Listed for Booking {
    const LIST: List = List {
        table: "rentals.bookings",
        key: "internal_id",
        only: "",
        search: "r.search LIKE ?",
        counted: None,
        fields: &FIELDS,
    };
}

pub static DELETED: &Field = &FIELDS[0];

const OVERDUE: &str = "(r.status = 'ongoing' AND r.end_at < now())";

static FIELDS: [Field; 15] = [
    Field::time("deleted_at", "r.deleted_at").hidden(),
    Field::integer("internal_id", "r.internal_id").only_orders(),
    Field::word(
        "status",
        "r.status",
        &["drafting", "negotiating", "reserved", "ongoing", "completed", "cancelled"],
    ),
    Field::local("start_at", "r.start_at"),
    Field::local("end_at", "r.end_at"),
    Field::local("created_at", "r.created_at"),
    Field::time("updated_at", "r.updated_at").only_orders(),
    Field::integer("customer_internal_id", "(r.customer ->> 'internal_id')::bigint").only_filters(),
    Field::decimal("total", "(r.total / 100.0)"),
    Field::decimal("balance", "((r.totals ->> 'balance')::bigint / 100.0)").hidden(),
    Field::word(
        "payment_status",
        "(r.totals ->> 'payment_status')",
        &["not_required", "unpaid", "partially_paid", "paid", "overpaid", "refunded"],
    )
    .only_filters(),
    Field::word(
        "deposit_status",
        "(r.totals ->> 'deposit_status')",
        &[
            "not_required",
            "pending",
            "partially_collected",
            "collected",
            "partially_returned",
            "returned",
            "captured",
        ],
    )
    .only_filters(),
    Field::boolean("overdue", OVERDUE).only_filters(),
    Field::choice(
        "source",
        "r.source",
        &[("OWNER", 1), ("INQUIRY", 2), ("DUPLICATE", 3), ("IMPORT", 4)],
    )
    .only_filters(),
    Field::texts(
        "item_internal_id",
        "(SELECT array_agg(i.internal_id::text) FROM rentals.booking_items l
           JOIN rentals.items i ON i.tenant_id = l.tenant_id AND i.id = l.item_id
           WHERE l.tenant_id = r.tenant_id AND l.booking_id = r.id AND l.deleted_at IS NULL)",
    ),
];

/// Bookings that meet a span: `overlaps`.
pub fn overlapping(span: Span) -> Filter {
    let before = Filter::Compare(&FIELDS[3], Operator::Less, Value::Time(span.till));
    let after = Filter::Compare(&FIELDS[4], Operator::Greater, Value::Time(span.from));
    Filter::All(vec![before, after])
}
