//! Items as bookings see them: how many there are, and for how much.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable};
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, Record, ResultExt, in_order};
use steward_kernel::list::{Filter, Order};
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;
use steward_rentals_schema::items;

use super::actions::answers;
use super::model::{Item, With};
use super::repository::{DELETED, ID, OF_PRODUCTS, TITLE, by_product_ids};
use super::wire::item;
use crate::availability::{Overbooking, Stock};
use crate::business_categories;
use crate::money::{Money, Percent};
use crate::pb;
use crate::pricing::{DepositRule, InsuranceClass, PriceTable};

/// An item with how many there are of it.
#[derive(Debug, Clone)]
pub struct Stocked {
    /// Its id.
    pub id: i64,
    /// Its number.
    pub internal_id: i64,
    /// What it is called.
    pub title: String,
    /// Whether it is offered: in use, and not deleted.
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
    deleted_at: Option<Instant>,
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
            active: row.active && row.deleted_at.is_none(),
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

impl From<&Item> for Offered {
    fn from(item: &Item) -> Self {
        let written = &item.written;
        let overbooking = match (written.allow_overbooking, written.overbooking_limit) {
            (false, _) => Overbooking::No,
            (true, None) => Overbooking::Unlimited,
            (true, Some(limit)) => Overbooking::UpTo(limit.unsigned_abs()),
        };
        let pieces = written.stock.unsigned_abs();
        let stocked = Stocked {
            id: item.id,
            internal_id: item.internal_id,
            title: written.title.clone(),
            active: written.active && item.deleted_at.is_none(),
            stock: if written.manage_stock {
                Stock::Managed { pieces, overbooking }
            } else {
                Stock::Unmanaged
            },
            buffer_before_minutes: written.buffer_before_minutes.map(i32::unsigned_abs),
            buffer_after_minutes: written.buffer_after_minutes.map(i32::unsigned_abs),
        };
        Self {
            stocked,
            table: written.prices.clone(),
            deposit: written.deposit,
            value: written.value,
            taxable: written.taxable,
            tax_rate: written.tax_rate,
        }
    }
}

/// The live items with these numbers.
pub async fn offered(
    connection: &Connection,
    tenant: TenantId,
    numbers: &[i64],
) -> Result<Vec<Offered>> {
    let found: Vec<Item> = in_order(connection, tenant, numbers).await?;
    Ok(found.iter().filter(|item| item.deleted_at.is_none()).map(Offered::from).collect())
}

/// Locks the live item with a number until the change is done, without getting in the way of
/// bookings; answers its id.
pub async fn hold(mut connection: &Connection, tenant: TenantId, number: i64) -> Result<i64> {
    let id: Option<i64> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::internal_id.eq(number))
        .filter(items::deleted_at.is_null())
        .select(items::id)
        .for_no_key_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    id.ok_or_else(|| Item::not_found(number))
}

/// The items with these ids, deleted ones included, which nobody takes or frees pieces of until the
/// transaction ends.
pub async fn hold_all(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<Stocked>> {
    let rows: Vec<StockRow> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::id.eq_any(ids))
        .order(items::id)
        .select(StockRow::as_select())
        .for_no_key_update()
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Stocked::from).collect())
}

/// How items are insured, by their ids: as they say, or as is usual for the kind of business.
pub async fn classes(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<HashMap<i64, InsuranceClass>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, Option<String>, Option<i64>)> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::id.eq_any(ids))
        .select((
            items::id,
            items::insurance_class,
            sql::<Nullable<BigInt>>("(SELECT b.business_category_id FROM rentals.businesses b)"),
        ))
        .load(&mut connection)
        .await
        .or_internal()?;
    let class = |(id, own, business): (i64, Option<String>, Option<i64>)| {
        let usual = || business.and_then(business_categories::find).map(|one| one.insurance_class);
        let name = own.as_deref().or_else(usual);
        (id, name.and_then(InsuranceClass::named).unwrap_or(InsuranceClass::Other))
    };
    Ok(rows.into_iter().map(class).collect())
}

/// The live item that is the product with an id.
pub async fn product(
    connection: &Connection,
    tenant: TenantId,
    id: i64,
) -> Result<Option<Offered>> {
    let found = by_product_ids(connection, tenant, &[id]).await?;
    Ok(found.as_slice().first().map(Offered::from))
}

/// The items with these numbers as they are answered, deleted ones included.
pub async fn among(
    app: &App,
    context: &Context,
    numbers: &[i64],
) -> Result<HashMap<i64, pb::Item>> {
    let tx = app.read(context).await?;
    let found: Vec<Item> = in_order(&tx, context.tenant()?, numbers).await?;
    let found = answers(app, &tx, context, found, With::default()).await?;
    Ok(found.into_iter().map(|one| (one.item.internal_id, item(one))).collect())
}

/// Which products are asked for.
#[derive(Debug, Default)]
pub struct ProductsAsked {
    /// Words that they contain.
    pub q: Option<String>,
    /// Condition on them, as AIP-160 writes one.
    pub filter: Option<String>,
    /// Their ids; empty for any.
    pub ids: Vec<i64>,
}

impl ProductsAsked {
    /// A page of them, by title.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for what cannot be asked for.
    pub fn page(self, page: PageRequest) -> Result<ListQuery> {
        let Self { q, filter, ids } = self;
        let mut violations = Violations::default();
        let query = ListQuery::all(page).search_words("q", q, &mut violations);
        let mut query = query.narrow(&OF_PRODUCTS, filter, None, &mut violations);
        query.order = vec![Order { field: TITLE, descending: false }];
        if !ids.is_empty() {
            let named = query.filter.into_iter().chain([Filter::Among(ID, ids)]);
            query.filter = Some(Filter::All(named.collect()));
        }
        violations.finish(query)
    }
}

/// A page of the live items that meet a condition.
pub async fn page_of(
    app: &App,
    context: &Context,
    scope: Option<Filter>,
    query: &ListQuery,
) -> Result<Page<Offered>> {
    let live = Filter::Not(Box::new(Filter::Present(DELETED)));
    let scope = Filter::All(scope.into_iter().chain([live]).collect());
    let Page { request, total, items } = app.page::<Item>(context, Some(&scope), query).await?;
    Ok(Page { request, total, items: items.iter().map(Offered::from).collect() })
}
