//! What can be done with products.

use steward_database::{Transaction, find};
use steward_kernel::{Context, Result, TenantId};
use steward_platform::App;

use super::model::Product;
use super::repository;
use crate::bookings::{self, Reservation};

/// The product with an id.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<Product> {
    app.get(context, id).await
}

/// Lets a product be rented.
pub async fn enable(app: &App, context: &Context, id: i64) -> Result<Product> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { set_active(&tx, tenant, id, true).await }).await
}

/// Takes a product out of what can be rented. Answers which bookings are reserved for a time to
/// come and have it all the same.
pub(crate) async fn disable(
    app: &App,
    context: &Context,
    id: i64,
) -> Result<(Product, Vec<Reservation>)> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let product = set_active(&tx, tenant, id, false).await?;
        let reservations = match &product {
            Product::Item(item) => bookings::reservations(&tx, tenant, item.id).await?,
        };
        Ok((product, reservations))
    })
    .await
}

async fn set_active(tx: &Transaction, tenant: TenantId, id: i64, active: bool) -> Result<Product> {
    let product = find(tx, tenant, id).await?;
    repository::set_active(tx, tenant, &product, active).await?;
    find(tx, tenant, id).await
}
