//! Customers in the database.

use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use rust_decimal::Decimal;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::time::Timestamp;
use steward_kernel::{Error, Result, TenantId};
use steward_rentals_schema::customers;

use super::model::{Customer, CustomerInput};
use crate::deletion::Deletable;
use crate::owners::currency;

#[derive(Queryable, Selectable)]
#[diesel(table_name = customers, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    internal_id: i64,
    name: String,
    kind: i16,
    email: Option<String>,
    phone_number: Option<String>,
    vat_number: Option<String>,
    fiscal_name: Option<String>,
    id_document_kind: Option<i16>,
    id_document_number: Option<String>,
    id_verified: bool,
    language: Option<i16>,
    discount_percentage: Option<Decimal>,
    notes: Option<String>,
    tags: Vec<String>,
    bookings_count: i32,
    total_spent: i64,
    #[diesel(select_expression = currency(), select_expression_type = SqlLiteral<Text>)]
    currency: String,
    last_booking_at: Option<Instant>,
    created_at: Instant,
    updated_at: Instant,
    deleted_at: Option<Instant>,
}

impl From<Row> for Customer {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            internal_id: row.internal_id,
            written: CustomerInput {
                name: row.name,
                kind: row.kind,
                email: row.email,
                phone_number: row.phone_number,
                vat_number: row.vat_number,
                fiscal_name: row.fiscal_name,
                id_document_kind: row.id_document_kind,
                id_document_number: row.id_document_number,
                id_verified: row.id_verified,
                language: row.language,
                discount_percentage: row.discount_percentage,
                notes: row.notes,
                tags: row.tags,
            },
            bookings_count: row.bookings_count,
            total_spent: row.total_spent,
            currency: row.currency,
            last_booking_at: row.last_booking_at.map(Into::into),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            deleted_at: row.deleted_at.map(Into::into),
        }
    }
}

/// The columns that an owner writes.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = customers, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Written<'a> {
    name: &'a str,
    kind: i16,
    email: Option<&'a str>,
    phone_number: Option<&'a str>,
    vat_number: Option<&'a str>,
    fiscal_name: Option<&'a str>,
    id_document_kind: Option<i16>,
    id_document_number: Option<&'a str>,
    id_verified: bool,
    language: Option<i16>,
    discount_percentage: Option<Decimal>,
    notes: Option<&'a str>,
    tags: &'a [String],
}

impl<'a> From<&'a CustomerInput> for Written<'a> {
    fn from(input: &'a CustomerInput) -> Self {
        let CustomerInput {
            name,
            kind,
            email,
            phone_number,
            vat_number,
            fiscal_name,
            id_document_kind,
            id_document_number,
            id_verified,
            language,
            discount_percentage,
            notes,
            tags,
        } = input;
        Self {
            name,
            kind: *kind,
            email: email.as_deref(),
            phone_number: phone_number.as_deref(),
            vat_number: vat_number.as_deref(),
            fiscal_name: fiscal_name.as_deref(),
            id_document_kind: *id_document_kind,
            id_document_number: id_document_number.as_deref(),
            id_verified: *id_verified,
            language: *language,
            discount_percentage: *discount_percentage,
            notes: notes.as_deref(),
            tags,
        }
    }
}

fn email_taken() -> Error {
    Error::named("customer.email", "TAKEN", "Another customer has this e-mail address.")
}

pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    internal_id: i64,
    input: &CustomerInput,
) -> Result<Customer> {
    diesel::insert_into(customers::table)
        .values((
            customers::tenant_id.eq(tenant.0),
            customers::internal_id.eq(internal_id),
            Written::from(input),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .on_constraint("customers_email_key", email_taken)
        .map(Customer::from)
}

pub async fn update(
    mut connection: &Connection,
    tenant: TenantId,
    internal_id: i64,
    input: &CustomerInput,
) -> Result<Customer> {
    let row: Option<Row> = diesel::update(customers::table)
        .filter(customers::tenant_id.eq(tenant.0))
        .filter(customers::internal_id.eq(internal_id))
        .filter(customers::deleted_at.is_null())
        .set((Written::from(input), customers::updated_at.eq(diesel::dsl::now)))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .optional()
        .on_constraint("customers_email_key", email_taken)?;
    row.map(Customer::from).ok_or_else(|| Customer::not_found(internal_id))
}

/// Locks a live customer until the change is done; answers the id.
pub async fn lock(mut connection: &Connection, tenant: TenantId, number: i64) -> Result<i64> {
    let id: Option<i64> = customers::table
        .filter(customers::tenant_id.eq(tenant.0))
        .filter(customers::internal_id.eq(number))
        .filter(customers::deleted_at.is_null())
        .select(customers::id)
        .for_update()
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    id.ok_or_else(|| Customer::not_found(number))
}

/// Found by its number.
impl Record for Customer {
    #[expect(clippy::misnamed_getters, reason = "it is found by its number")]
    fn id(&self) -> i64 {
        self.internal_id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Customer", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Customer>> {
        let rows: Vec<Row> = customers::table
            .filter(customers::tenant_id.eq(tenant.0))
            .filter(customers::internal_id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Customer::from).collect())
    }
}

impl Deletable for Customer {
    const TABLE: &'static str = "rentals.customers";
    const UNIQUE: (&'static str, &'static str) =
        ("customers_email_key", "Another customer has the e-mail address by now.");

    fn deleted_at(&self) -> Option<Timestamp> {
        self.deleted_at
    }
}

impl Listed for Customer {
    const LIST: List = List {
        table: "rentals.customers",
        key: "internal_id",
        only: "",
        search: "r.search LIKE ?",
        counted: None,
        fields: &FIELDS,
    };
}

pub static DELETED: &Field = &FIELDS[0];

static FIELDS: [Field; 13] = [
    Field::time("deleted_at", "r.deleted_at").hidden(),
    Field::integer("internal_id", "r.internal_id").only_orders(),
    Field::text("name", "r.name").only_orders(),
    Field::choice("kind", "r.kind", &[("INDIVIDUAL", 1), ("COMPANY", 2)]).only_filters(),
    Field::choice("language", "r.language", &[("EN", 1), ("PT", 2), ("ES", 3)]).only_filters(),
    Field::texts("tags", "(SELECT array_agg(platform.fold_text(t)) FROM unnest(r.tags) t)"),
    Field::boolean("id_verified", "r.id_verified").only_filters(),
    Field::text("email", "r.email").only_filters(),
    Field::text("phone_number", "r.phone_number").only_filters(),
    Field::decimal("discount_percentage", "r.discount_percentage").only_filters(),
    Field::decimal("total_spent", "(r.total_spent / 100.0)").only_orders(),
    Field::time("last_booking_at", "r.last_booking_at").only_orders(),
    Field::local("created_at", "r.created_at"),
];
