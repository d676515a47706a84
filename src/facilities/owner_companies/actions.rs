//! What can be done with owner companies. Each call names the owner, and a company of
//! another owner is as good as none.

use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::{OwnerCompany, OwnerCompanyInput};
use super::repository;
use crate::users::model::Role;
use crate::users::repository as users;

/// Records a company of an owner.
pub async fn create(
    app: &App,
    context: &Context,
    owner: i64,
    input: &OwnerCompanyInput,
) -> Result<OwnerCompany> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        users::require(&tx, tenant, Role::Owner, &[owner]).await?;
        repository::insert(&tx, tenant, owner, input).await
    })
    .await
}

/// The company with `id` of an owner.
pub async fn get(app: &App, context: &Context, owner: i64, id: i64) -> Result<OwnerCompany> {
    let company: OwnerCompany = app.get(context, id).await?;
    if company.owner_id == owner { Ok(company) } else { Err(not_found(id)) }
}

/// The owner companies with these ids, in their order.
pub async fn batch_get(app: &App, context: &Context, ids: &[i64]) -> Result<Vec<OwnerCompany>> {
    app.get_all(context, ids).await
}

/// A page of an owner's companies.
pub async fn list(
    app: &App,
    context: &Context,
    owner: i64,
    query: ListQuery,
) -> Result<Page<OwnerCompany>> {
    let page = app.page(context, Some(&repository::of_owner(owner)), &query).await?;
    if page.total == 0 {
        // Told apart from an owner there is not.
        let tx = app.read(context).await?;
        users::require(&tx, context.tenant()?, Role::Owner, &[owner]).await?;
    }
    Ok(page)
}

/// Replaces a company of an owner.
pub async fn update(
    app: &App,
    context: &Context,
    owner: i64,
    id: i64,
    input: &OwnerCompanyInput,
) -> Result<OwnerCompany> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::update(&tx, tenant, owner, id, input).await?.ok_or_else(|| not_found(id))
    })
    .await
}

/// Deletes a company of an owner. Units it was set on keep the owner.
pub async fn delete(app: &App, context: &Context, owner: i64, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        if repository::delete(&tx, tenant, owner, id).await? { Ok(()) } else { Err(not_found(id)) }
    })
    .await
}

/// The error for an id that is no company of the owner.
pub fn not_found(id: i64) -> Error {
    Error::not_found("Owner company", id)
}
