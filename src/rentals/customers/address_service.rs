//! The RPCs of the addresses of a customer.

use steward_kernel::{Context, Result};
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::actions;
use crate::addresses;
use crate::addresses::model::Of;
use crate::addresses::wire::{address, input};
use crate::pb;
use crate::pb::customer_addresses_service_server::{
    CustomerAddressesService, CustomerAddressesServiceServer,
};
use crate::wire::{cut, page, whole_page};

pub(crate) fn service(app: &App) -> CustomerAddressesServiceServer<Service> {
    CustomerAddressesServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// Whose addresses these are.
async fn of(app: &App, context: &Context, number: i64) -> Result<Of> {
    Ok(Of::Customer(actions::get(app, context, number, false).await?.customer.id))
}

#[async_trait]
impl CustomerAddressesService for Service {
    async fn list_customer_addresses(
        &self,
        request: Request<pb::ListCustomerAddressesRequest>,
    ) -> Result<Response<pb::ListCustomerAddressesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let of = of(app, &context, request.customer_internal_id).await?;
            let found = addresses::list(app, &context, of).await?;
            let (page_info, addresses) = page(cut(found, wanted), address);
            Ok(pb::ListCustomerAddressesResponse { addresses, page_info })
        })
        .await
    }

    async fn get_customer_address(
        &self,
        request: Request<pb::GetCustomerAddressRequest>,
    ) -> Result<Response<pb::Address>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let of = of(app, &context, request.customer_internal_id).await?;
            addresses::get(app, &context, of, request.id).await.map(address)
        })
        .await
    }

    async fn create_customer_address(
        &self,
        request: Request<pb::CreateCustomerAddressRequest>,
    ) -> Result<Response<pb::Address>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = input(request.address)?;
            let of = of(app, &context, request.customer_internal_id).await?;
            addresses::create(app, &context, of, &input).await.map(address)
        })
        .await
    }

    async fn update_customer_address(
        &self,
        request: Request<pb::UpdateCustomerAddressRequest>,
    ) -> Result<Response<pb::Address>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = input(request.address)?;
            let of = of(app, &context, request.customer_internal_id).await?;
            addresses::update(app, &context, of, request.id, &input).await.map(address)
        })
        .await
    }

    async fn delete_customer_address(
        &self,
        request: Request<pb::DeleteCustomerAddressRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let of = of(app, &context, request.customer_internal_id).await?;
            addresses::delete(app, &context, of, request.id).await
        })
        .await
    }
}
