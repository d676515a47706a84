//! Activities in the database.

use std::cmp::Reverse;

use diesel::dsl::now;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::{Error, Result, TenantId};
use steward_platform::files::ShownFile;
use steward_rentals_schema::activities;

use super::model::Activity;
use crate::bookings::history::{Recorded, kind};

/// Most activities of a booking that are shown.
const MOST: i64 = 1000;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = diesel::sql_types::SmallInt)]
    kind: i16,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    properties: Json<Value>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Jsonb>)]
    file: Option<Json<ShownFile>>,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Text>)]
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
            kind: row.kind,
            properties: row.properties.0,
            file: row.file.map(|file| file.0),
            author_name: row.author_name,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }
    }
}

const SELECT: &str = "SELECT a.id, a.kind, a.properties, a.author_name, a.created_at, a.updated_at,
  (SELECT platform.shown_file(f)
    FROM platform.files f WHERE f.tenant_id = a.tenant_id AND f.id = a.file_id) AS file
  FROM rentals.activities a WHERE a.tenant_id = $1 AND a.booking_id = $2";

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
    let sql = format!("{SELECT} ORDER BY a.created_at DESC, a.id DESC LIMIT {MOST}");
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

pub async fn get(
    mut connection: &Connection,
    tenant: TenantId,
    booking: i64,
    id: i64,
) -> Result<Activity> {
    let row: Option<Row> = diesel::sql_query(format!("{SELECT} AND a.id = $3"))
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
