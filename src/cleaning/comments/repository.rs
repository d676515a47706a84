//! The only file that names the table of comments.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_cleaning_schema::comments;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use super::model::Comment;

#[derive(Queryable, Selectable)]
#[diesel(table_name = comments, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: i64,
    user_id: i64,
    author_user_id: Option<i64>,
    text: String,
    created_at: Instant,
    updated_at: Instant,
    version: i32,
}

impl From<Row> for Comment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            user_id: row.user_id,
            author_user_id: row.author_user_id,
            text: row.text,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            version: row.version,
        }
    }
}

/// Records what somebody says of a user.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    (user_id, author_user_id): (i64, Option<i64>),
    text: &str,
) -> Result<Comment> {
    diesel::insert_into(comments::table)
        .values((
            comments::tenant_id.eq(tenant.0),
            comments::user_id.eq(user_id),
            comments::author_user_id.eq(author_user_id),
            comments::text.eq(text),
        ))
        .returning(Row::as_returning())
        .get_result(&mut connection)
        .await
        .or_internal()
        .map(Comment::from)
}

impl Record for Comment {
    fn id(&self) -> i64 {
        self.id
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Comment", id)
    }

    async fn many(
        mut connection: &Connection,
        tenant: TenantId,
        ids: &[i64],
    ) -> Result<Vec<Comment>> {
        let rows: Vec<Row> = comments::table
            .filter(comments::tenant_id.eq(tenant.0))
            .filter(comments::id.eq_any(ids))
            .select(Row::as_select())
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Comment::from).collect())
    }
}

impl Listed for Comment {
    const LIST: List = List {
        table: "cleaning.comments",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &FIELDS,
    };
}

pub static USER_ID: &Field = &FIELDS[0];
pub static NEWEST: &Field = &FIELDS[1];

static FIELDS: [Field; 2] = [Field::integer("user_id", "r.user_id"), Field::integer("id", "r.id")];
