//! The comments on issues in the database.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use steward_database::{Connection, Instant, ResultExt};
use steward_facilities_schema::{issue_comments, users};
use steward_kernel::page::Page;
use steward_kernel::{Result, TenantId};

use super::actions::not_found;
use super::model::{Comment, CommentInput, CommentQuery};
use crate::users::model::user_not_found;

#[derive(Queryable)]
struct Row {
    id: i64,
    author_id: i64,
    author_name: String,
    text: String,
    created_at: Instant,
}

impl From<Row> for Comment {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
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
    Ok(Comment { id, author_id: *author_id, author_name, text: text.clone(), created_at })
}

pub async fn page(
    connection: &Connection,
    tenant: TenantId,
    query: &CommentQuery,
) -> Result<Page<Comment>> {
    let rows = async {
        issue_comments::table
            .inner_join(
                users::table.on(users::tenant_id
                    .eq(issue_comments::tenant_id)
                    .and(users::id.eq(issue_comments::author_id))),
            )
            .filter(issue_comments::tenant_id.eq(tenant.0))
            .filter(issue_comments::issue_id.eq(query.issue_id))
            .order(issue_comments::id)
            .limit(query.page.limit())
            .offset(query.page.offset())
            .select((
                issue_comments::id,
                issue_comments::author_id,
                users::name,
                issue_comments::text,
                issue_comments::created_at,
            ))
            .load::<Row>(&mut { connection })
            .await
            .or_internal()
    };
    let total = async {
        issue_comments::table
            .filter(issue_comments::tenant_id.eq(tenant.0))
            .filter(issue_comments::issue_id.eq(query.issue_id))
            .count()
            .get_result(&mut { connection })
            .await
            .or_internal()
    };
    let (rows, total) = try_join!(rows, total)?;
    Ok(Page { request: query.page, total, items: rows.into_iter().map(Comment::from).collect() })
}
