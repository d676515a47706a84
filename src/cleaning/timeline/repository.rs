//! The only file that names the table of what happened.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::timeline_entries;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::model::{About, NewEntry, TimelineEntry};

#[derive(Queryable, Selectable)]
#[diesel(table_name = timeline_entries, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    kind: String,
    text: String,
    client_id: Option<i64>,
    cleaner_id: Option<i64>,
    is_system: bool,
    author_user_id: Option<i64>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
    request_id: Option<i64>,
    event_id: Option<i64>,
}

impl From<Row> for TimelineEntry {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            written: NewEntry {
                kind: row.kind,
                text: row.text,
                client_id: row.client_id,
                cleaner_id: row.cleaner_id,
            },
            about: About { request_id: row.request_id, event_id: row.event_id },
            is_system: row.is_system,
            author_user_id: row.author_user_id,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records an entry: whether the program writes it, and on whose account.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    (new, about): (&NewEntry, About),
    (is_system, author_user_id): (bool, Option<i64>),
) -> Result<TimelineEntry> {
    let NewEntry { kind, text, client_id, cleaner_id } = new;
    diesel::insert_into(timeline_entries::table)
        .values((
            timeline_entries::tenant_id.eq(tenant.0),
            timeline_entries::kind.eq(kind),
            timeline_entries::text.eq(text),
            timeline_entries::client_id.eq(client_id),
            timeline_entries::cleaner_id.eq(cleaner_id),
            timeline_entries::request_id.eq(about.request_id),
            timeline_entries::event_id.eq(about.event_id),
            timeline_entries::is_system.eq(is_system),
            timeline_entries::author_user_id.eq(author_user_id),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()
        .map(TimelineEntry::from)
}

/// Deletes an entry.
pub async fn delete(mut connection: &Connection, tenant: TenantId, id: i64) -> Result<()> {
    let deleted = diesel::delete(timeline_entries::table.find((tenant.0, id)))
        .execute(&mut connection)
        .await
        .or_internal()?;
    if deleted == 0 { Err(TimelineEntry::not_found(id)) } else { Ok(()) }
}

impl Record for TimelineEntry {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("TimelineEntry", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<TimelineEntry>> {
        let rows: Vec<Row> = timeline_entries::table
            .filter(timeline_entries::tenant_id.eq(tenant.0))
            .filter(timeline_entries::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(TimelineEntry::from).collect())
    }
}

impl Listed for TimelineEntry {
    const LIST: List = List {
        table: "cleaning.timeline_entries",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static CLIENT_ID: &Field = &FIELDS[0];
pub static CLEANER_ID: &Field = &FIELDS[1];
pub static KIND: &Field = &FIELDS[2];
pub static CREATED_AT: &Field = &FIELDS[3];
pub static NEWEST: &Field = &FIELDS[4];
pub static EVENT_ID: &Field = &FIELDS[5];

static FIELDS: [Field; 6] = [
    Field::integer("client_id", "r.client_id"),
    Field::integer("cleaner_id", "r.cleaner_id"),
    Field::text("kind", "r.kind"),
    Field::time("created_at", "r.created_at"),
    Field::integer("id", "r.id"),
    Field::integer("event_id", "r.event_id"),
];
