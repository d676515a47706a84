//! What can be done with issues.

use std::sync::Arc;

use futures_util::{Stream, TryStreamExt};
use steward_database::{Connection, Record, Transaction, find};
use steward_kernel::page::Page;
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;
use steward_platform::events::{self, Feed, Followed, FollowedEvent};

use super::model::{
    Comment, CommentInput, CommentQuery, Issue, IssueChange, IssueInput, IssueQuery, IssueSummary,
    Standing, Watched,
};
use super::{comments, repository};
use crate::attachments::actions::{show, show_all};
use crate::property_units::actions::require as require_unit;
use crate::users::model::Role;
use crate::users::repository as users;

/// Reports an issue.
pub async fn create(app: &App, context: &Context, input: &IssueInput) -> Result<Issue> {
    let tenant = context.tenant()?;
    // A new issue has no attachments to show.
    app.transaction(context, |tx| async move {
        require_manager(&tx, tenant, input).await?;
        let id = repository::insert(&tx, tenant, input).await?;
        found(&tx, tenant, id).await
    })
    .await
}

/// The issue with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Issue> {
    show(app, context, app.get(context, id).await?).await
}

/// The issues with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Issue>> {
    show_all(app, context, app.get_all(context, ids).await?).await
}

/// A page of the issues created within a period.
pub async fn list(app: &App, context: &Context, query: IssueQuery) -> Result<Page<IssueSummary>> {
    let page = app.page(context, Some(&repository::scope(&query)), &query.list).await?;
    if page.total == 0 {
        // Told apart from a unit or a provider there is not.
        let tenant = context.tenant()?;
        let tx = app.read(context).await?;
        if let Some(unit) = query.property_unit_id {
            require_unit(&tx, tenant, unit).await?;
        }
        if let Some(provider) = query.service_provider_id {
            users::require(&tx, tenant, Role::ServiceProvider, &[provider]).await?;
        }
    }
    Ok(page)
}

/// Replaces the facts of the issue with `id`, unless it is closed.
pub async fn update(app: &App, context: &Context, id: i64, input: &IssueInput) -> Result<Issue> {
    let tenant = context.tenant()?;
    let update = |tx: Arc<Transaction>| async move {
        let standing = locked(&tx, tenant, id).await?;
        require_manager(&tx, tenant, input).await?;
        standing.require_open()?;
        repository::update(&tx, tenant, id, input).await?;
        found(&tx, tenant, id).await
    };
    show(app, context, app.transaction(context, update).await?).await
}

/// Adds a comment to the issue with `id`.
pub async fn comment(
    app: &App,
    context: &Context,
    id: i64,
    input: &CommentInput,
) -> Result<Comment> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { comments::insert(&tx, tenant, id, input).await })
        .await
}

/// The comment with `id` on an issue.
pub async fn get_comment(app: &App, context: &Context, issue: i64, id: i64) -> Result<Comment> {
    let comment: Comment = app.get(context, id).await?;
    if comment.issue_id != issue {
        return Err(Comment::not_found(id));
    }
    Ok(comment)
}

/// A page of the comments on an issue.
pub async fn list_comments(
    app: &App,
    context: &Context,
    query: CommentQuery,
) -> Result<Page<Comment>> {
    let scope = comments::of_issue(query.issue_id);
    let page = app.page(context, Some(&scope), &query.list).await?;
    if page.total == 0 {
        // Told apart from an issue there is not.
        let tx = app.read(context).await?;
        if !repository::exists(&tx, context.tenant()?, query.issue_id).await? {
            return Err(not_found(query.issue_id));
        }
    }
    Ok(page)
}

/// What happens to issues from now on, or after `cursor`. Each is answered as it stands when
/// the event is sent.
pub async fn watch(
    app: &App,
    feed: &Arc<Feed>,
    context: &Context,
    cursor: Option<i64>,
) -> Result<impl Stream<Item = Result<Watched>> + Send + use<>> {
    let followed = events::follow(app, feed, context, "facilities.issue.*", cursor).await?;
    let (app, context) = (app.clone(), context.clone());
    Ok(followed.and_then(move |followed| {
        let (app, context) = (app.clone(), context.clone());
        async move {
            let Followed { event, cursor } = followed;
            let change = match event {
                None => None,
                Some(FollowedEvent { event_type, resource_id }) => {
                    let id = resource_id.parse().map_err(Error::internal)?;
                    Some(IssueChange { event_type, issue: get(&app, &context, id).await? })
                }
            };
            Ok(Watched { change, cursor })
        }
    }))
}

async fn require_manager(
    connection: &Connection,
    tenant: TenantId,
    input: &IssueInput,
) -> Result<()> {
    match input.issue_manager_id {
        Some(manager) => users::require(connection, tenant, Role::Manager, &[manager]).await,
        None => Ok(()),
    }
}

/// Where the issue with `id` stands; nobody else changes it until the transaction ends.
pub(crate) async fn locked(connection: &Connection, tenant: TenantId, id: i64) -> Result<Standing> {
    repository::lock(connection, tenant, id).await?.ok_or_else(|| not_found(id))
}

pub(crate) async fn found(connection: &Connection, tenant: TenantId, id: i64) -> Result<Issue> {
    find(connection, tenant, id).await
}

/// The error for an id that is no issue of the tenant.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Issue", id)
}
