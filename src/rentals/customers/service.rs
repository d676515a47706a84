//! The RPCs of customers.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Customer;
use super::repository::DELETED;
use super::{actions, wire};
use crate::owners;
use crate::pb;
use crate::pb::customers_service_server::{CustomersService, CustomersServiceServer};
use crate::wire::{deleted, include, list_query};

pub(crate) fn service(app: &App) -> CustomersServiceServer<Service> {
    CustomersServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// What can be included in the answer.
const INCLUDES: &[&str] = &["addresses"];

#[async_trait]
impl CustomersService for Service {
    async fn create_customer(
        &self,
        request: Request<pb::CreateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let new = wire::new(request.customer)?;
            actions::create(app, &context, &new).await.map(wire::customer)
        })
        .await
    }

    async fn list_customers(
        &self,
        request: Request<pb::ListCustomersRequest>,
    ) -> Result<Response<pb::ListCustomersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let terms = match request.filter {
                Some(_) => Some(owners::actions::terms(app, &context).await?),
                None => None,
            };
            let query = list_query!(Customer, request, terms.as_ref())?;
            let scope = deleted(request.deleted.as_deref(), DELETED)?;
            let with_addresses = !include(request.include.as_deref(), INCLUDES)?.is_empty();
            let page = actions::list(app, &context, scope.as_ref(), &query, with_addresses).await?;
            Ok(wire::list(page))
        })
        .await
    }

    async fn get_customer(
        &self,
        request: Request<pb::GetCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let with_addresses = !include(request.include.as_deref(), INCLUDES)?.is_empty();
            let number = request.customer_internal_id;
            actions::get(app, &context, number, with_addresses).await.map(wire::customer)
        })
        .await
    }

    async fn update_customer(
        &self,
        request: Request<pb::UpdateCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.customer)?;
            let number = request.customer_internal_id;
            actions::update(app, &context, number, &input).await.map(wire::customer)
        })
        .await
    }

    async fn delete_customer(
        &self,
        request: Request<pb::DeleteCustomerRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.customer_internal_id).await
        })
        .await
    }

    async fn restore_customer(
        &self,
        request: Request<pb::RestoreCustomerRequest>,
    ) -> Result<Response<pb::Customer>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let number = request.customer_internal_id;
            actions::restore(app, &context, number).await.map(wire::customer)
        })
        .await
    }
}
