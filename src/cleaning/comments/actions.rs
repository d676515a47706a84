//! What can be done with comments.

use steward_database::{find, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::Comment;
use super::repository;
use crate::caller::{Reach, at_work, reach_of};
use crate::reason::out_of_reach;
use crate::users::repository as users;
use crate::wire::{all, equal};

/// Refuses what is about somebody else than the caller, who is no admin.
async fn reaches(app: &App, context: &Context, user_id: i64) -> Result<()> {
    at_work(app, context).await?;
    let is_own = context.user().is_some_and(|user| user.id == user_id);
    if is_own || reach_of(context) == Reach::Own { Ok(()) } else { Err(out_of_reach()) }
}

/// Says something of a user.
pub async fn add(app: &App, context: &Context, user_id: i64, text: &str) -> Result<Comment> {
    let tenant = context.tenant()?;
    let author = context.user_id();
    app.transaction(context, |tx| async move {
        users::get(&tx, tenant, user_id).await?;
        repository::insert(&tx, tenant, (user_id, author), text).await
    })
    .await
}

/// The comment with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Comment> {
    let tx = app.read(context).await?;
    let comment: Comment = find(&tx, context.tenant()?, id).await?;
    reaches(app, context, comment.user_id).await?;
    Ok(comment)
}

/// A page of what is said of a user.
pub async fn list(
    app: &App,
    context: &Context,
    user_id: i64,
    query: &ListQuery,
) -> Result<Page<Comment>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    users::get(&tx, tenant, user_id).await?;
    reaches(app, context, user_id).await?;
    let scope = all([equal(repository::USER_ID, Some(Value::Integer(user_id)))]);
    page(&tx, tenant, Some(&scope), query).await
}
