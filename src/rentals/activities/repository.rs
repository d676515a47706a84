//! Activities in the database.

use std::cmp::Reverse;

use diesel::dsl::{exists, now, sql};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel_async::RunQueryDsl;
use serde_json::Value;
use steward_database::{Connection, Instant, Json, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};
use steward_platform::files::ShownFile;
use steward_rentals_schema::activities;

use super::model::Activity;
use crate::bookings::history::{Recorded, kind};
use crate::bookings::of_bookings;

/// Most activities of a booking that are shown.
const MOST: i64 = 1000;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    booking_internal_id: i64,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    kind: i16,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    properties: Json<Value>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Jsonb>)]
    file: Option<Json<ShownFile>>,
    #[diesel(sql_type = diesel::sql_types::Nullable<Text>)]
    author_name: Option<String>,
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    created_at: Instant,
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    updated_at: Instant,
}

impl From<Row> for Activity {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            booking_internal_id: row.booking_internal_id,
            kind: row.kind,
            properties: row.properties.0,
            file: row.file.map(|file| file.0),
            author_name: row.author_name,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

const SELECT: &str = "SELECT a.id, b.internal_id AS booking_internal_id, a.kind, a.properties,
   a.author_name, a.created_at, a.updated_at,
   (SELECT platform.shown_file(f)
    FROM platform.files f WHERE f.tenant_id = a.tenant_id AND f.id = a.file_id) AS file
  FROM rentals.activities a
  JOIN rentals.bookings b ON b.tenant_id = a.tenant_id AND b.id = a.booking_id
  WHERE a.tenant_id = $1";

impl Record for Activity {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        not_found(id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        let rows: Vec<Row> = diesel::sql_query(format!("{SELECT} AND a.id = ANY ($2)"))
            .bind::<BigInt, _>(tenant.0)
            .bind::<Array<BigInt>, _>(ids)
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Self::from).collect())
    }
}

/// Those of all bookings that are there.
impl Listed for Activity {
    const LIST: List = List {
        table: of_bookings!("rentals.activities", ""),
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

static FIELDS: [Field; 6] = [
    Field::integer("id", "r.id"),
    Field::integer("booking_internal_id", "r.booking_internal_id"),
    Field::choice(
        "kind",
        "r.kind",
        &[
            ("booking_created", kind::BOOKING_CREATED),
            ("booking_changed_dates", kind::BOOKING_CHANGED_DATES),
            ("booking_customer_set", kind::BOOKING_CUSTOMER_SET),
            ("booking_item_created", kind::BOOKING_ITEM_CREATED),
            ("booking_item_changed", kind::BOOKING_ITEM_CHANGED),
            ("booking_item_removed", kind::BOOKING_ITEM_REMOVED),
            ("booking_service_created", kind::BOOKING_SERVICE_CREATED),
            ("booking_service_changed", kind::BOOKING_SERVICE_CHANGED),
            ("booking_service_removed", kind::BOOKING_SERVICE_REMOVED),
            ("booking_status_changed", kind::BOOKING_STATUS_CHANGED),
            ("booking_item_picked_up", kind::BOOKING_ITEM_PICKED_UP),
            ("booking_item_returned", kind::BOOKING_ITEM_RETURNED),
            ("booking_payment_created", kind::BOOKING_PAYMENT_CREATED),
            ("booking_payment_changed", kind::BOOKING_PAYMENT_CHANGED),
            ("booking_payment_removed", kind::BOOKING_PAYMENT_REMOVED),
            ("booking_email_sent", kind::BOOKING_EMAIL_SENT),
            ("booking_discount_changed", kind::BOOKING_DISCOUNT_CHANGED),
            ("comment", kind::COMMENT),
        ],
    ),
    Field::text("author_name", "r.author_name"),
    Field::time("created_at", "r.created_at"),
    Field::time("updated_at", "r.updated_at"),
];

/// Records what was done with a booking in one request, in this order.
pub async fn record(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    told: &[Recorded],
) -> Result<()> {
    if told.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = told
        .iter()
        .map(|one| {
            (
                activities::tenant_id.eq(tenant.0),
                activities::booking_id.eq(booking),
                activities::kind.eq(one.kind),
                activities::properties.eq(Json(&one.properties)),
            )
        })
        .collect();
    diesel::insert_into(activities::table)
        .values(rows)
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The activities of a booking, the latest first; those of one second by their kinds.
pub async fn of(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
) -> Result<Vec<Activity>> {
    let sql = format!(
        "{SELECT} AND a.booking_id = $2 ORDER BY a.created_at DESC, a.id DESC LIMIT {MOST}"
    );
    let rows: Vec<Row> = diesel::sql_query(sql)
        .bind::<BigInt, _>(tenant.0)
        .bind::<BigInt, _>(booking)
        .load(&mut connection)
        .await
        .or_internal()?;
    let mut found: Vec<Activity> = rows.into_iter().map(Activity::from).collect();
    found.sort_by_key(|one| Reverse((one.created_at.as_second(), one.kind, one.id)));
    Ok(found)
}

/// Whether the customer of a booking was mailed on an occasion before.
///
/// # Errors
/// UNAVAILABLE when the database cannot be reached.
pub async fn was_mailed(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    occasion: &str,
) -> Result<bool> {
    let is_it = sql::<Bool>("properties->'params'->>'email_kind' = ").bind::<Text, _>(occasion);
    let sent = activities::table
        .filter(activities::tenant_id.eq(tenant.0))
        .filter(activities::booking_id.eq(booking))
        .filter(activities::kind.eq(kind::BOOKING_EMAIL_SENT))
        .filter(is_it);
    diesel::select(exists(sent)).get_result(&mut connection).await.or_internal()
}

pub async fn get(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    id: i64,
) -> Result<Activity> {
    let row: Option<Row> =
        diesel::sql_query(format!("{SELECT} AND a.booking_id = $2 AND a.id = $3"))
            .bind::<BigInt, _>(tenant.0)
            .bind::<BigInt, _>(booking)
            .bind::<BigInt, _>(id)
            .get_result(&mut connection)
            .await
            .optional()
            .or_internal()?;
    row.map(Activity::from).ok_or_else(|| not_found(id))
}

/// Records a comment; answers its id.
pub async fn insert_comment(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    comment: &str,
    file: Option<i64>,
    author: Option<&str>,
) -> Result<i64> {
    diesel::insert_into(activities::table)
        .values((
            activities::tenant_id.eq(tenant.0),
            activities::booking_id.eq(booking),
            activities::kind.eq(kind::COMMENT),
            activities::properties.eq(Json(serde_json::json!({"comment": comment}))),
            activities::file_id.eq(file),
            activities::author_name.eq(author),
        ))
        .returning(activities::id)
        .get_result(&mut connection)
        .await
        .or_internal()
}

/// Writes a comment anew.
pub async fn update_comment(
    mut connection: &Connection,
    tenant: TenantId,
    id: i64,
    comment: &str,
    file: Option<i64>,
) -> Result<()> {
    diesel::update(activities::table)
        .filter(activities::tenant_id.eq(tenant.0))
        .filter(activities::id.eq(id))
        .set((
            activities::properties.eq(Json(serde_json::json!({"comment": comment}))),
            activities::file_id.eq(file),
            activities::updated_at.eq(now),
        ))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// Deletes a comment; the database takes back the use of its file.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    diesel::delete(activities::table)
        .filter(activities::tenant_id.eq(tenant.0))
        .filter(activities::id.eq(id))
        .execute(&mut connection)
        .await
        .or_internal()
        .map(drop)
}

/// The error for an id that is no activity of the booking.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Activity", id)
}
