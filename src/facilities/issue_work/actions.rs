//! What moves issues on.

use std::sync::Arc;

use steward_database::Transaction;
use steward_kernel::{Context, Result, time};
use steward_platform::App;

use super::model::{Credit, RatingInput, Step, rater_kind, rating_changes};
use super::repository;
use crate::attachments::actions::show;
use crate::issues::actions::{found, locked};
use crate::issues::model::{Issue, Verb};
use crate::users::model::{Role, user_not_found};
use crate::users::repository as users;

/// Takes a step in the work on the issue with `id`. Fails with `ISSUE_STATUS` when the issue
/// stands where the step is not possible.
pub async fn advance(app: &App, context: &Context, id: i64, step: &Step) -> Result<Issue> {
    let tenant = context.tenant()?;
    let change = |tx: Arc<Transaction>| async move {
        let standing = locked(&tx, tenant, id).await?;
        let (provider, comment) = match step {
            Step::Assign { service_provider_id } => (Some(*service_provider_id), None),
            Step::Reject { comment } => (None, Some(comment.as_str())),
            Step::Plain(_) => (None, None),
        };
        if let Some(provider) = provider {
            users::require(&tx, tenant, Role::ServiceProvider, &[provider]).await?;
        }
        let next = standing.after(step.verb(), time::now())?;
        repository::set_standing(&tx, tenant, id, next, provider, comment).await?;
        found(&tx, tenant, id).await
    };
    show(app, context, app.transaction(context, change).await?).await
}

/// Rates the work on the issue with `id`; the averages of who is rated follow. A manager's own
/// rating counts for the service provider alone.
pub async fn rate(app: &App, context: &Context, id: i64, input: &RatingInput) -> Result<Issue> {
    let tenant = context.tenant()?;
    let rater = input.rater_id;
    let change = |tx: Arc<Transaction>| async move {
        let standing = locked(&tx, tenant, id).await?;
        let role = users::role(&tx, tenant, rater).await?;
        let kind = role.and_then(rater_kind).ok_or_else(|| user_not_found(rater))?;
        standing.after(Verb::Rate, time::now())?;
        let (manager, provider_id) = repository::rated(&tx, tenant, id).await?;
        let manager_id = manager.filter(|manager| *manager != rater);
        let credit = Credit { points: input.points, manager_id, provider_id };
        let before = repository::credit(&tx, tenant, id).await?;
        // In the order of their ids, so that two ratings never wait for each other.
        for (user, (points, count)) in rating_changes(before, credit) {
            users::add_ratings(&tx, tenant, user, points, count).await?;
        }
        repository::set_rating(&tx, tenant, id, input, kind, credit).await?;
        found(&tx, tenant, id).await
    };
    show(app, context, app.transaction(context, change).await?).await
}
