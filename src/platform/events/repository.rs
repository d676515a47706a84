//! Events in the database.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel_async::RunQueryDsl;
use serde_json::value::RawValue;
use steward_database::{Connection, Instant, Json, ResultExt};
use steward_kernel::{Error, Result, TenantId};

use super::model::{Batch, Event, REACH, Types, Window};
use crate::schema::events;

#[derive(QueryableByName)]
struct WindowRow {
    #[diesel(sql_type = BigInt)]
    oldest: i64,
    #[diesel(sql_type = BigInt)]
    newest: i64,
}

/// Which events of the tenant are listed.
pub(super) async fn window(mut connection: &Connection) -> Result<Window> {
    let WindowRow { oldest, newest } =
        diesel::sql_query("SELECT oldest, newest FROM platform.event_window()")
            .get_result(&mut connection)
            .await
            .or_internal()?;
    Ok(Window { oldest, newest })
}

/// The number of the tenant's latest event.
pub(crate) async fn newest(mut connection: &Connection, tenant: TenantId) -> Result<i64> {
    use crate::schema::event_heads;
    let newest: Option<i64> = event_heads::table
        .find(tenant.0)
        .select(event_heads::sequence)
        .first(&mut connection)
        .await
        .optional()
        .or_internal()?;
    Ok(newest.unwrap_or(0))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg))]
struct Row {
    tenant_id: i64,
    sequence: i64,
    event_type: String,
    resource_type: String,
    resource_id: String,
    occurred_at: Instant,
    client_id: String,
    request_id: String,
    rpc: String,
    address: Option<String>,
    resource: Json<Box<RawValue>>,
    changes: Option<Json<Box<RawValue>>>,
}

impl From<Row> for Event {
    fn from(row: Row) -> Self {
        let text = |Json(value): Json<Box<RawValue>>| String::from(Box::<str>::from(value));
        Self {
            tenant: TenantId(row.tenant_id),
            sequence: row.sequence,
            event_type: row.event_type,
            resource_type: row.resource_type,
            resource_id: row.resource_id,
            occurred_at: row.occurred_at.0,
            client_id: row.client_id,
            request_id: row.request_id,
            rpc: row.rpc,
            address: row.address,
            resource: text(row.resource),
            changes: row.changes.map(text),
        }
    }
}

/// Events after `cursor` up to `newest`, in their order; at most `limit` of them.
pub(super) async fn after(
    mut connection: &Connection,
    tenant: TenantId,
    cursor: i64,
    newest: i64,
    types: &Types,
    limit: i64,
) -> Result<Batch> {
    let mut end = newest;
    let mut query = events::table
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::sequence.gt(cursor))
        .order(events::sequence)
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if !types.patterns().is_empty() {
        end = newest.min(cursor.saturating_add(REACH));
        let any = sql::<Bool>("event_type LIKE ANY (")
            .bind::<Array<Text>, _>(types.patterns().to_vec())
            .sql(")");
        query = query.filter(any);
    }
    let rows: Vec<Row> =
        query.filter(events::sequence.le(end)).load(&mut connection).await.or_internal()?;
    let found: Vec<Event> = rows.into_iter().map(Event::from).collect();
    let full = i64::try_from(found.len()).is_ok_and(|found| found >= limit);
    let reached = match found.last() {
        Some(last) if full => last.sequence,
        _ => end.max(cursor),
    };
    Ok(Batch { events: found, cursor: reached, has_more: reached < newest, total: None })
}

/// The event with a number, however old.
///
/// # Errors
/// NOT_FOUND when there is none.
pub(crate) async fn get(connection: &Connection, tenant: TenantId, sequence: i64) -> Result<Event> {
    let found = numbered(connection, tenant, &[sequence]).await?.pop();
    found.ok_or_else(|| Error::not_found("Event", sequence))
}

/// The events with these numbers, in any order, however old.
pub(crate) async fn numbered(
    mut connection: &Connection,
    tenant: TenantId,
    numbers: &[i64],
) -> Result<Vec<Event>> {
    let rows: Vec<Row> = events::table
        .filter(events::tenant_id.eq(tenant.0))
        .filter(events::sequence.eq_any(numbers))
        .select(Row::as_select())
        .load(&mut connection)
        .await
        .or_internal()?;
    Ok(rows.into_iter().map(Event::from).collect())
}
