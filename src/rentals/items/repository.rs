//! Items in the database.

use diesel::dsl::now;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::items;

use super::model::{Item, ItemInput};
use crate::deletion::Deletable;
use crate::money::{Money, Percent};
use crate::owners::currency;
use crate::prices::StoredPrices;
use crate::pricing::{DepositRule, InsuranceClass};

#[derive(Queryable, Selectable)]
#[diesel(table_name = items, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    internal_id: i64,
    title: String,
    description: Option<String>,
    item_category_id: Option<i64>,
    brand: Option<String>,
    model: Option<String>,
    sku: Option<String>,
    tags: Vec<String>,
    value: Option<i64>,
    taxable: bool,
    tax_rate: Option<Decimal>,
    prices: Json<StoredPrices>,
    deposit_kind: i16,
    deposit_value: i64,
    manage_stock: bool,
    stock: i32,
    allow_overbooking: bool,
    overbooking_limit: Option<i32>,
    buffer_before_minutes: Option<i32>,
    buffer_after_minutes: Option<i32>,
    insurance_class: Option<String>,
    active: bool,
    show_in_store: bool,
    address_id: Option<i64>,
    notes: Option<String>,
    #[diesel(select_expression = currency(), select_expression_type = SqlLiteral<Text>)]
    currency: String,
    created_at: Instant,
    updated_at: Instant,
    deleted_at: Option<Instant>,
}

fn money(cents: i64) -> Result<Money> {
    Money::from_cents(cents.into()).map_err(Error::internal)
}

/// The rule of a stored number and value.
fn deposit(kind: i16, value: i64) -> Result<DepositRule> {
    let percent = || u16::try_from(value).ok().and_then(Percent::from_hundredths);
    match kind {
        1 => Ok(DepositRule::None),
        2 => money(value).map(DepositRule::Fixed),
        3 => percent()
            .map(DepositRule::Percentage)
            .ok_or_else(|| Error::internal("a stored deposit is no percentage")),
        _ => Err(Error::internal("a stored deposit is of no kind")),
    }
}

/// The stored number and value of a rule.
fn stored_deposit(rule: DepositRule) -> (i16, i64) {
    match rule {
        DepositRule::None => (1, 0),
        DepositRule::Fixed(amount) => (2, amount.cents()),
        DepositRule::Percentage(percentage) => (3, percentage.hundredths().into()),
    }
}

impl TryFrom<Row> for Item {
    type Error = Error;

    /// INTERNAL when what is stored is no item.
    fn try_from(row: Row) -> Result<Self> {
        let Json(prices) = row.prices;
        Ok(Self {
            id: row.id,
            internal_id: row.internal_id,
            written: ItemInput {
                title: row.title,
                description: row.description,
                item_category_id: row.item_category_id,
                brand: row.brand,
                model: row.model,
                sku: row.sku,
                tags: row.tags,
                value: row.value.map(money).transpose()?,
                taxable: row.taxable,
                tax_rate: row
                    .tax_rate
                    .map(Percent::try_from)
                    .transpose()
                    .map_err(Error::internal)?,
                prices: prices.try_into()?,
                deposit: deposit(row.deposit_kind, row.deposit_value)?,
                manage_stock: row.manage_stock,
                stock: row.stock,
                allow_overbooking: row.allow_overbooking,
                overbooking_limit: row.overbooking_limit,
                buffer_before_minutes: row.buffer_before_minutes,
                buffer_after_minutes: row.buffer_after_minutes,
                insurance_class: row.insurance_class.as_deref().and_then(InsuranceClass::named),
                active: row.active,
                show_in_store: row.show_in_store,
                address_id: row.address_id,
                notes: row.notes,
            },
            currency: row.currency,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            deleted_at: row.deleted_at.map(Into::into),
        })
    }
}

/// The columns that an owner writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = items, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    title: &'a str,
    description: Option<&'a str>,
    item_category_id: Option<i64>,
    brand: Option<&'a str>,
    model: Option<&'a str>,
    sku: Option<&'a str>,
    tags: &'a [String],
    value: Option<i64>,
    taxable: bool,
    tax_rate: Option<Decimal>,
    prices: Json<StoredPrices>,
    deposit_kind: i16,
    deposit_value: i64,
    manage_stock: bool,
    stock: i32,
    allow_overbooking: bool,
    overbooking_limit: Option<i32>,
    buffer_before_minutes: Option<i32>,
    buffer_after_minutes: Option<i32>,
    insurance_class: Option<&'a str>,
    active: bool,
    show_in_store: bool,
    address_id: Option<i64>,
    notes: Option<&'a str>,
}

impl<'a> From<&'a ItemInput> for Written<'a> {
    fn from(input: &'a ItemInput) -> Self {
        let ItemInput {
            title,
            description,
            item_category_id,
            brand,
            model,
            sku,
            tags,
            value,
            taxable,
            tax_rate,
            prices,
            deposit,
            manage_stock,
            stock,
            allow_overbooking,
            overbooking_limit,
            buffer_before_minutes,
            buffer_after_minutes,
            insurance_class,
            active,
            show_in_store,
            address_id,
            notes,
        } = input;
        let (deposit_kind, deposit_value) = stored_deposit(*deposit);
        Self {
            title,
            description: description.as_deref(),
            item_category_id: *item_category_id,
            brand: brand.as_deref(),
            model: model.as_deref(),
            sku: sku.as_deref(),
            tags,
            value: value.map(Money::cents),
            taxable: *taxable,
            tax_rate: tax_rate.map(Decimal::from),
            prices: Json(prices.into()),
            deposit_kind,
            deposit_value,
            manage_stock: *manage_stock,
            stock: *stock,
            allow_overbooking: *allow_overbooking,
            overbooking_limit: *overbooking_limit,
            buffer_before_minutes: *buffer_before_minutes,
            buffer_after_minutes: *buffer_after_minutes,
            insurance_class: insurance_class.map(InsuranceClass::as_str),
            active: *active,
            show_in_store: *show_in_store,
            address_id: *address_id,
            notes: notes.as_deref(),
        }
    }
}

fn refused(field: &str, name: &'static str, message: &str) -> Error {
    Error::named(format!("item.{field}"), name, message)
}

/// The error for an address that the business does not have.
pub fn no_such_address() -> Error {
    refused("address_id", "REFERENCE_NOT_FOUND", "The business has no such address.")
}

/// What it means that a constraint refuses what is written.
fn on_write(constraint: &str) -> Option<Error> {
    Some(match constraint {
        "items_sku_key" => refused("sku", "TAKEN", "Another item has this stock keeping unit."),
        "items_item_category_fkey" => {
            refused("item_category_id", "REFERENCE_NOT_FOUND", "There is no such category.")
        }
        "items_address_fkey" => no_such_address(),
        _ => return None,
    })
}

pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    internal_id: i64,
    input: &ItemInput,
) -> Result<Item> {
    let row: Row = diesel::insert_into(items::table)
        .values((
            items::tenant_id.eq(tenant.0),
            items::internal_id.eq(internal_id),
            Written::from(input),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .on_constraints(on_write)?;
    row.try_into()
}

pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    internal_id: i64,
    input: &ItemInput,
) -> Result<Item> {
    let row: Option<Row> = diesel::update(items::table)
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::internal_id.eq(internal_id))
        .filter(items::deleted_at.is_null())
        .set((Written::from(input), items::updated_at.eq(now)))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .on_constraints(on_write)?;
    row.ok_or_else(|| Item::not_found(internal_id))?.try_into()
}

/// Says whether a live item can be rented; one that is so already stays as it is.
pub async fn set_active(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    active: bool,
) -> Result<()> {
    diesel::update(items::table)
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::id.eq(id))
        .filter(items::deleted_at.is_null())
        .filter(items::active.ne(active))
        .set((items::active.eq(active), items::updated_at.eq(now)))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The live items with these ids, in any order.
pub async fn by_product_ids(
    mut connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<Item>> {
    let rows: Vec<Row> = items::table
        .filter(items::tenant_id.eq(tenant.0))
        .filter(items::id.eq_any(ids))
        .filter(items::deleted_at.is_null())
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    rows.into_iter().map(Item::try_from).collect()
}

/// Found by its number.
impl Record for Item {
    #[expect(clippy::misnamed_getters, reason = "it is found by its number")]
    fn id(&self) -> i64 {
        self.internal_id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Item", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Item>> {
        let rows: Vec<Row> = items::table
            .filter(items::tenant_id.eq(tenant.0))
            .filter(items::internal_id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        rows.into_iter().map(Item::try_from).collect()
    }
}

impl Deletable for Item {
    const TABLE: &'static str = "rentals.items";
    const UNIQUE: (&'static str, &'static str) =
        ("items_sku_key", "Another item has the stock keeping unit by now.");

    fn deleted_at(&self) -> Option<Timestamp> {
        self.deleted_at
    }
}

impl Listed for Item {
    const LIST: List = List {
        table: "rentals.items",
        key: "internal_id",
        only: "",
        search: "r.search LIKE ?",
        counted: None,
        fields: &FIELDS,
    };
}

pub static DELETED: &Field = &FIELDS[0];
pub static ID: &Field = &FIELDS[1];
pub static CATEGORY: &Field = &FIELDS[2];
pub static TITLE: &Field = &FIELDS[3];
pub static MANAGED: &Field = &FIELDS[4];
pub static STOCK: &Field = &FIELDS[5];
pub static ACTIVE: &Field = &FIELDS[6];

static FIELDS: [Field; 13] = [
    Field::time("deleted_at", "r.deleted_at").hidden(),
    Field::integer("id", "r.id").hidden(),
    Field::integer("item_category_id", "r.item_category_id").only_filters(),
    Field::text("title", "r.title").only_orders(),
    Field::boolean("manage_stock", "r.manage_stock").only_filters(),
    Field::integer("stock", "r.stock"),
    Field::boolean("active", "r.active").only_filters(),
    Field::boolean("show_in_store", "r.show_in_store").only_filters(),
    Field::integer("internal_id", "r.internal_id").only_orders(),
    Field::text("sku", "r.sku").only_filters(),
    Field::texts("tags", "(SELECT array_agg(platform.fold_text(t)) FROM unnest(r.tags) t)"),
    Field::decimal("value", "r.value / 100.0"),
    Field::time("created_at", "r.created_at").only_orders(),
];

/// What products can be filtered by.
pub static OF_PRODUCTS: [Field; 2] = [
    Field::integer("item_category_id", "r.item_category_id"),
    Field::choice("kind", "1::smallint", &[("ITEM", 1), ("BUNDLE", 2)]),
];
