//! What can be done with property users.

use steward_database::find;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::PropertyUser;
use crate::users::model::{Billing, Profile, Role};
use crate::users::repository as users;

/// Records a property user. Fails with `USER_ALREADY_EXISTS` when the e-mail is taken.
pub async fn create(app: &App, context: &Context, profile: &Profile) -> Result<PropertyUser> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id =
            users::insert(&tx, tenant, Role::PropertyUser, profile, &Billing::default()).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// The property user with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<PropertyUser> {
    app.get(context, id).await
}

/// The property users with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<PropertyUser>> {
    app.get_all(context, ids).await
}

/// The id of the property user with `email`, in any letter case.
pub async fn find_by_email(app: &App, context: &Context, email: String) -> Result<i64> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    users::id_by_email(&tx, tenant, Role::PropertyUser, &email)
        .await?
        .ok_or_else(|| Error::email_not_found(Role::PropertyUser.noun(), &email))
}

/// A page of property users.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<PropertyUser>> {
    app.page(context, None, &query).await
}

/// Replaces the property user with `id`.
pub async fn update(
    app: &App,
    context: &Context,
    id: i64,
    profile: &Profile,
) -> Result<PropertyUser> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        users::update(&tx, tenant, Role::PropertyUser, id, profile, &Billing::default()).await?;
        find(&tx, tenant, id).await
    })
    .await
}
