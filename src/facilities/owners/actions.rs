//! What can be done with owners.

use steward_database::find;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::{Owner, OwnerInput, OwnerSummary};
use crate::users::model::Role;
use crate::users::repository as users;

/// Records an owner. Fails with `USER_ALREADY_EXISTS` when the e-mail is taken.
pub async fn create(app: &App, context: &Context, input: &OwnerInput) -> Result<Owner> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = users::insert(&tx, tenant, Role::Owner, &input.profile, &input.billing).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// The owner with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Owner> {
    app.get(context, id).await
}

/// The owners with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Owner>> {
    app.get_all(context, ids).await
}

/// The id of the owner with `email`, in any letter case.
pub async fn find_by_email(app: &App, context: &Context, email: String) -> Result<i64> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    users::id_by_email(&tx, tenant, Role::Owner, &email)
        .await?
        .ok_or_else(|| Error::email_not_found(Role::Owner.noun(), &email))
}

/// A page of owners.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<OwnerSummary>> {
    app.page(context, None, &query).await
}

/// Replaces the owner with `id`.
pub async fn update(app: &App, context: &Context, id: i64, input: &OwnerInput) -> Result<Owner> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        users::update(&tx, tenant, Role::Owner, id, &input.profile, &input.billing).await?;
        find(&tx, tenant, id).await
    })
    .await
}
