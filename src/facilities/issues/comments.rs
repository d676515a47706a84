//! The comments on issues in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use steward_database::{Connection, Instant, List, Listed, Record, ResultExt};
use steward_facilities_schema::{issue_comments, users};
use steward_kernel::list::{Field, Filter, Operator, Value};
use steward_kernel::{Error, Result, TenantId};

use super::actions::not_found;
use super::model::{Comment, CommentInput};
use crate::users::model::user_not_found;

#[derive(Queryable)]
struct Row {
    id: i64,
    issue_id: i64,
    author_id: i64,
    author_name: String,
    text: String,
    created_at: Instant,
}

impl From<Row> for Comment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            issue_id: row.issue_id,
            author_id: row.author_id,
            author_name: row.author_name,
            text: row.text,
            created_at: row.created_at.0,
        }
    }
}

/// Adds a comment and answers it.
pub async fn insert(
    mut connection: &Connection,
    tenant: TenantId,
    issue: i64,
    input: &CommentInput,
) -> Result<Comment> {
    let CommentInput { author_id, text } = input;
    let (id, created_at): (i64, Instant) = diesel::insert_into(issue_comments::table)
        .values((
            issue_comments::tenant_id.eq(tenant.0),
            issue_comments::issue_id.eq(issue),
            issue_comments::author_id.eq(author_id),
            issue_comments::text.eq(text),
        ))
        .returning((issue_comments::id, issue_comments::created_at))
        .get_result(&mut connection)
        .await
        .on_constraints(|constraint| match constraint {
            "issue_comments_issue_fkey" => Some(not_found(issue)),
            "issue_comments_author_fkey" => Some(user_not_found(*author_id)),
            _ => None,
        })?;
    let author_name = users::table
        .filter(users::tenant_id.eq(tenant.0))
        .filter(users::id.eq(author_id))
        .select(users::name)
        .first(&mut connection)
        .await
        .or_internal()?;
    let created_at = created_at.0;
    let (author_id, text) = (*author_id, text.clone());
    Ok(Comment { id, issue_id: issue, author_id, author_name, text, created_at })
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
        let rows: Vec<Row> = issue_comments::table
            .inner_join(
                users::table.on(users::tenant_id
                    .eq(issue_comments::tenant_id)
                    .and(users::id.eq(issue_comments::author_id))),
            )
            .filter(issue_comments::tenant_id.eq(tenant.0))
            .filter(issue_comments::id.eq_any(ids))
            .select((
                issue_comments::id,
                issue_comments::issue_id,
                issue_comments::author_id,
                users::name,
                issue_comments::text,
                issue_comments::created_at,
            ))
            .load(&mut connection)
            .await
            .or_internal()?;
        Ok(rows.into_iter().map(Comment::from).collect())
    }
}

impl Listed for Comment {
    const LIST: List = List {
        table: "facilities.issue_comments",
        key: "id",
        only: "",
        search: "",
        counted: None,
        fields: &[
            Field::integer("id", "r.id"),
            Field::integer("author_id", "r.author_id"),
            Field::text(
                "author_name",
                "(SELECT u.name FROM facilities.users u
                   WHERE u.tenant_id = r.tenant_id AND u.id = r.author_id)",
            ),
            Field::text("text", "r.text"),
            Field::time("created", "r.created_at"),
        ],
    };
}

static ISSUE: Field = Field::integer("issue_id", "r.issue_id");

/// The comments on an issue.
pub fn of_issue(issue: i64) -> Filter {
    Filter::Compare(&ISSUE, Operator::Equal, Value::Integer(issue))
}
