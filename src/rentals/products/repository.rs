//! Products in the database: rows of the tables of what they are.

use steward_database::{Connection, Record};
use steward_kernel::{Error, Result, TenantId};

use super::model::Product;
use crate::items;

/// Found by its id; one that is deleted is not.
impl Record for Product {
    fn id(&self) -> i64 {
        match self {
            Self::Item(item) => item.id,
        }
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Product", id)
    }

    async fn many(connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Product>> {
        let items = items::by_product_ids(connection, tenant, ids).await?;
        Ok(items.into_iter().map(Product::Item).collect())
    }
}

/// Says whether a product can be rented; one that is so already stays as it is.
pub async fn set_active(
    connection: &Connection,
    tenant: TenantId,
    product: &Product,
    active: bool,
) -> Result<()> {
    match product {
        Product::Item(item) => items::set_active(connection, tenant, item.id, active).await,
    }
}
