//! What can be done with customers.

use steward_database::{Connection, in_order};
use steward_kernel::list::Filter;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Result, TenantId};
use steward_platform::App;

use super::model::{Customer, CustomerAnswer, CustomerInput, NewCustomer};
use super::repository;
use crate::addresses;
use crate::addresses::model::Of;
use crate::bookings::model::BookingCustomer;
use crate::bookings::{self, Used};
use crate::deletion::{self, in_use, live};
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

/// Replaces what is written of a customer. Bookings that are being drafted follow.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    input: &CustomerInput,
) -> Result<CustomerAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let customer = repository::update(&tx, tenant, number, input).await?;
        bookings::refresh_drafts(&tx, tenant, &customer).await?;
        Ok(CustomerAnswer { customer, addresses: None })
    })
    .await
}

/// Deletes a customer.
///
/// # Errors
/// FAILED_PRECONDITION (`IN_USE`) while a booking of the customer is open.
pub async fn delete(app: &App, context: &Context, number: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let id = repository::lock(&tx, tenant, number).await?;
        if bookings::uses(&tx, tenant, Used::Customer(id)).await? {
            let message = "A booking of the customer is negotiated, reserved or ongoing.";
            return Err(in_use(message));
        }
        deletion::delete::<Customer>(&tx, tenant, number).await
    })
    .await
}

/// Brings a deleted customer back.
pub async fn restore(app: &App, context: &Context, number: i64) -> Result<CustomerAnswer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let customer = deletion::restore::<Customer>(&tx, tenant, number).await?;
        Ok(CustomerAnswer { customer, addresses: None })
    })
    .await
}

/// The live customers with these numbers.
pub async fn among(app: &App, context: &Context, numbers: &[i64]) -> Result<Vec<Customer>> {
    let tx = app.read(context).await?;
    in_order(&tx, context.tenant()?, numbers).await
}

/// The live customer that a booking refers to.
///
/// # Errors
/// INVALID_ARGUMENT (`REFERENCE_NOT_FOUND`) when there is none.
pub async fn referenced(
    connection: &Connection,
    tenant: TenantId,
    number: i64,
) -> Result<Customer> {
    let found: Vec<Customer> = in_order(connection, tenant, &[number]).await?;
    found.into_iter().find(|customer| customer.deleted_at.is_none()).ok_or_else(|| {
        Error::named("customer_internal_id", "REFERENCE_NOT_FOUND", "There is no such customer.")
    })
}

/// Writes the copy of a customer on a booking back to the customer.
pub async fn write_back(app: &App, context: &Context, copy: &BookingCustomer) -> Result<()> {
    let Some(number) = copy.internal_id else { return Ok(()) };
    let customer: Customer = live(app.get(context, number).await?)?;
    context.will_change(super::GETTER, number).await?;
    let input = CustomerInput {
        name: copy.name.clone().unwrap_or(customer.written.name),
        kind: copy.kind,
        email: copy.email.clone(),
        phone_number: copy.phone_number.clone(),
        vat_number: copy.vat_number.clone(),
        fiscal_name: copy.fiscal_name.clone(),
        id_document_kind: copy.id_document_kind,
        id_document_number: copy.id_document_number.clone(),
        id_verified: copy.id_verified,
        language: copy.language,
        ..customer.written
    };
    update(app, context, number, &input).await.map(drop)
}
