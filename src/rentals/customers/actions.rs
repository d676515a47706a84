//! What can be done with customers.

use steward_kernel::list::Filter;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{Customer, CustomerAnswer, CustomerInput, NewCustomer};
use super::repository;
use crate::addresses::model::Of;
use crate::addresses::{self};
use crate::numbers::{self, Numbered};

/// Records a customer with the addresses.
pub async fn create(app: &App, context: &Context, new: &NewCustomer) -> Result<CustomerAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let number = numbers::take(&tx, Numbered::Customer).await?;
        let customer = repository::insert(&tx, tenant, number, &new.customer).await?;
        for address in &new.addresses {
            addresses::insert(&tx, tenant, Of::Customer(customer.id), address).await?;
        }
        Ok(CustomerAnswer { customer, addresses: None })
    })
    .await
}

/// The customer with a number; a deleted one is not found.
pub async fn get(
    app: &App,
    context: &Context,
    number: i64,
    with_addresses: bool,
) -> Result<CustomerAnswer> {
    let customer = live(app.get(context, number).await?)?;
    if !with_addresses {
        return Ok(CustomerAnswer { customer, addresses: None });
    }
    let tx = app.read(context).await?;
    let addresses = addresses::of(&tx, context.tenant()?, Of::Customer(customer.id)).await?;
    Ok(CustomerAnswer { customer, addresses: Some(addresses) })
}

/// The error for a customer that is deleted.
pub fn live(customer: Customer) -> Result<Customer> {
    use steward_database::Record;
    match customer.deleted_at {
        None => Ok(customer),
        Some(_) => Err(Customer::not_found(customer.internal_id)),
    }
}

/// A page of customers.
pub async fn list(
    app: &App,
    context: &Context,
    scope: Option<&Filter>,
    query: &ListQuery,
    with_addresses: bool,
) -> Result<Page<CustomerAnswer>> {
    let Page { request, total, items } = app.page::<Customer>(context, scope, query).await?;
    let mut addresses = if with_addresses {
        let tx = app.read(context).await?;
        let ids: Vec<i64> = items.iter().map(|customer| customer.id).collect();
        Some(addresses::of_customers(&tx, context.tenant()?, &ids).await?)
    } else {
        None
    };
    let answer = |customer: Customer| {
        let addresses = addresses.as_mut().map(|all| all.remove(&customer.id).unwrap_or_default());
        CustomerAnswer { customer, addresses }
    };
    Ok(Page { request, total, items: items.into_iter().map(answer).collect() })
}

/// Replaces what is written of a customer.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    input: &CustomerInput,
) -> Result<CustomerAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let customer = repository::update(&tx, tenant, number, input).await?;
        Ok(CustomerAnswer { customer, addresses: None })
    })
    .await
}

/// Deletes a customer.
pub async fn delete(app: &App, context: &Context, number: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move { repository::delete(&tx, tenant, number).await })
        .await
}
