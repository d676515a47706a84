//! What can be done with property managers.

use steward_database::find;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::{Manager, ManagerSummary};
use crate::users::model::{Billing, Profile, Role};
use crate::users::repository as users;

/// Records a property manager. Fails with `USER_ALREADY_EXISTS` when the e-mail is taken.
pub async fn create(app: &App, context: &Context, profile: &Profile) -> Result<Manager> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = users::insert(&tx, tenant, Role::Manager, profile, &Billing::default()).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// The property manager with `id`.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Manager> {
    app.get(context, id).await
}

/// The property managers with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<Manager>> {
    app.get_all(context, ids).await
}

/// The id of the property manager with `email`, in any letter case.
pub async fn find_by_email(app: &App, context: &Context, email: String) -> Result<i64> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    users::id_by_email(&tx, tenant, Role::Manager, &email)
        .await?
        .ok_or_else(|| Error::email_not_found(Role::Manager.noun(), &email))
}

/// A page of property managers.
pub async fn list(app: &App, context: &Context, query: ListQuery) -> Result<Page<ManagerSummary>> {
    app.page(context, None, &query).await
}

/// Replaces the property manager with `id`.
pub async fn update(app: &App, context: &Context, id: i64, profile: &Profile) -> Result<Manager> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        users::update(&tx, tenant, Role::Manager, id, profile, &Billing::default()).await?;
        find(&tx, tenant, id).await
    })
    .await
}
