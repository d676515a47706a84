//! What can be done with products.

use steward_database::find;
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::Product;
use super::repository;

/// The product with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Product> {
    app.get(context, id).await
}

/// Says whether a product can be rented.
pub async fn set_active(app: &App, context: &Context, id: i64, active: bool) -> Result<Product> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let product = find(&tx, tenant, id).await?;
        repository::set_active(&tx, tenant, &product, active).await?;
        find(&tx, tenant, id).await
    })
    .await
}
