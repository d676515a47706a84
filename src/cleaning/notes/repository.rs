//! The only file that names the table of notes.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::notes;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::model::{About, NewNote, Note};

#[derive(Queryable, Selectable)]
#[diesel(table_name = notes, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    client_id: Option<i64>,
    cleaner_id: Option<i64>,
    text: String,
    is_pinned: bool,
    author_user_id: Option<i64>,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Note {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            cleaner_id: row.cleaner_id,
            text: row.text,
            is_pinned: row.is_pinned,
            author_user_id: row.author_user_id,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records a note.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    new: &NewNote,
    author_user_id: Option<i64>,
) -> Result<Note> {
    let NewNote { about, text, is_pinned } = new;
    let (client, cleaner) = match about {
        About::Client(id) => (Some(*id), None),
        About::Cleaner(id) => (None, Some(*id)),
    };
    diesel::insert_into(notes::table)
        .values((
            notes::tenant_id.eq(tenant.0),
            notes::client_id.eq(client),
            notes::cleaner_id.eq(cleaner),
            notes::text.eq(text),
            notes::is_pinned.eq(is_pinned),
            notes::author_user_id.eq(author_user_id),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()
        .map(Note::from)
}

impl Record for Note {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Note", id)
    }

    async fn many(mut connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Note>> {
        let rows: Vec<Row> = notes::table
            .filter(notes::tenant_id.eq(tenant.0))
            .filter(notes::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Note::from).collect())
    }
}

impl Listed for Note {
    const LIST: List = List {
        table: "cleaning.notes",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static CLIENT_ID: &Field = &FIELDS[0];
pub static CLEANER_ID: &Field = &FIELDS[1];
pub static PINNED: &Field = &FIELDS[2];
pub static NEWEST: &Field = &FIELDS[3];

static FIELDS: [Field; 4] = [
    Field::integer("client_id", "r.client_id"),
    Field::integer("cleaner_id", "r.cleaner_id"),
    Field::boolean("is_pinned", "r.is_pinned"),
    Field::integer("id", "r.id"),
];
