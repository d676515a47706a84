//! Items as bookings see them: how many there are, and for how much.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt};
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Json, ResultExt};
use steward_kernel::page::PageRequest;
use steward_kernel::{Result, TenantId, text};
use steward_rentals_schema::items;

use crate::availability::{Overbooking, Stock};
use crate::money::{Money, Percent};
use crate::pricing::{DepositRule, PriceTable};

/// An item with how many there are of it.
#[derive(Debug, Clone)]
pub struct Stocked {
    /// Its id.
    pub id: i64,
    /// Its number.
    pub internal_id: i64,
    /// What it is called.
    pub title: String,
    /// Whether it is offered.
    pub active: bool,
    /// How many there are.
    pub stock: Stock,
    /// Minutes before a rental in which it is not free; none stands for the owner's.
    pub buffer_before_minutes: Option<u32>,
    /// Minutes after a rental in which it is not free; none stands for the owner's.
    pub buffer_after_minutes: Option<u32>,
}

/// An item with what it costs.
#[derive(Debug, Clone)]
pub struct Offered {
    /// How many there are.
    pub stocked: Stocked,
    /// What it costs.
    pub table: PriceTable,
    /// What it asks as a deposit.
    pub deposit: DepositRule,
    /// What one piece is worth.
    pub value: Option<Money>,
    /// Whether its price holds tax.
    pub taxable: bool,
    /// The rate; none stands for the owner's.
    pub tax_rate: Option<Percent>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = items, check_for_backend(diesel::pg::Pg))]
struct StockRow {
    id: i64,
    internal_id: i64,
    title: String,
    active: bool,
    manage_stock: bool,
    stock: i32,
    allow_overbooking: bool,
    overbooking_limit: Option<i32>,
    buffer_before_minutes: Option<i32>,
    buffer_after_minutes: Option<i32>,
}

impl From<StockRow> for Stocked {
    fn from(row: StockRow) -> Self {
        let overbooking = match (row.allow_overbooking, row.overbooking_limit) {
            (false, _) => Overbooking::No,
            (true, None) => Overbooking::Unlimited,
            (true, Some(limit)) => Overbooking::UpTo(limit.unsigned_abs()),
        };
        let stock = if row.manage_stock {
            Stock::Managed { pieces: row.stock.unsigned_abs(), overbooking }
        } else {
            Stock::Unmanaged
        };
        Self {
            id: row.id,
            internal_id: row.internal_id,
            title: row.title,
            active: row.active,
            stock,
            buffer_before_minutes: row.buffer_before_minutes.map(i32::unsigned_abs),
            buffer_after_minutes: row.buffer_after_minutes.map(i32::unsigned_abs),
        }
    }
}

/// The items with these ids, deleted ones included.
pub async fn facts(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<Stocked>> {
    let rows: Vec<StockRow> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::id.eq_any(ids))
        .order(items::id)
        .select(StockRow::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Stocked::from).collect())
}

/// The items with these ids, locked by rising id until the change is done. Whoever takes or frees
/// pieces holds this lock from before counting what is held until the commit, so that no two
/// count the same pieces as free; and counts `commitments` up, so that a change on a snapshot
/// from before is begun anew.
pub async fn lock(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<Stocked>> {
    diesel::sql_query(
        "WITH locked AS (
           SELECT i.tenant_id, i.id FROM rentals.items i
           WHERE i.tenant_id = $1 AND i.id = ANY ($2) ORDER BY i.id FOR UPDATE)
         UPDATE rentals.items i SET commitments = i.commitments + 1
         FROM locked l WHERE i.tenant_id = l.tenant_id AND i.id = l.id",
    )
    .bind::<BigInt, _>(tenant.0)
    .bind::<Array<BigInt>, _>(ids)
    .execute(&mut connection)
    .await
    .or_internal()?;
    facts(connection, tenant, ids).await
}

type OfferedRow =
    (StockRow, (Json<StoredPrices>, i16, i64, Option<i64>, bool, Option<Decimal>));

use crate::bookings::line::StoredTable as StoredPrices;

/// The columns of what an item costs.
macro_rules! offered_columns {
    () => {
        (
            StockRow::as_select(),
            (
                items::prices,
                items::deposit_kind,
                items::deposit_value,
                items::value,
                items::taxable,
                items::tax_rate,
            ),
        )
    };
}

fn read((stock, (prices, kind, deposit, value, taxable, tax_rate)): OfferedRow) -> Offered {
    Offered {
        stocked: stock.into(),
        table: prices.0.table(),
        deposit: deposit_rule(kind, deposit),
        value: value.map(|cents| Money::from_cents(cents.into()).unwrap_or_default()),
        taxable,
        tax_rate: tax_rate.and_then(|rate| Percent::try_from(rate).ok()),
    }
}

/// The live items with these numbers.
pub async fn offered(
    mut connection: &Connection,
    tenant: TenantId,
    numbers: &[i64],
) -> Result<Vec<Offered>> {
    let rows: Vec<OfferedRow> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::internal_id.eq_any(numbers))
        .filter(items::deleted_at.is_null())
        .select(offered_columns!())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(read).collect())
}

/// The live item that is the product with an id.
pub async fn product(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Offered>> {
    let row: Option<OfferedRow> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::id.eq(id))
        .filter(items::deleted_at.is_null())
        .select(offered_columns!())
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(row.map(read))
}

/// A page of the live items whose titles contain a text, by title; and how many there are.
pub async fn by_title(
    mut connection: &Connection,
    tenant: TenantId,
    search: Option<String>,
    page: PageRequest,
) -> Result<(i64, Vec<Offered>)> {
    let pattern = text::contains_pattern(&text::folded(&search.unwrap_or_default()));
    let live = || {
        items::table
            .filter(items::tenant_id.eq(tenant.0))
            .filter(items::deleted_at.is_null())
            .filter(items::search.like(&pattern))
    };
    let total = live().count().get_result(&mut connection).await.or_internal()?;
    let rows: Vec<OfferedRow> = live()
        .order((items::title, items::id))
        .limit(page.limit())
        .offset(page.offset())
        .select(offered_columns!())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok((total, rows.into_iter().map(read).collect()))
}

fn deposit_rule(kind: i16, value: i64) -> DepositRule {
    match kind {
        2 => DepositRule::Fixed(Money::from_cents(value.into()).unwrap_or_default()),
        3 => u16::try_from(value)
            .ok()
            .and_then(Percent::from_hundredths)
            .map_or(DepositRule::None, DepositRule::Percentage),
        _ => DepositRule::None,
    }
}
