//! The RPCs of the addresses of the business.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use crate::addresses;
use crate::addresses::model::Of;
use crate::addresses::wire::{address, input};
use crate::pb;
use crate::pb::me_addresses_service_server::{MeAddressesService, MeAddressesServiceServer};
use crate::wire::{cut, page, whole_page};

pub(crate) fn service(app: &App) -> MeAddressesServiceServer<Service> {
    MeAddressesServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl MeAddressesService for Service {
    async fn list_addresses(
        &self,
        request: Request<pb::ListAddressesRequest>,
    ) -> Result<Response<pb::ListAddressesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let found = addresses::list(app, &context, Of::Owner).await?;
            let (page_info, addresses) = page(cut(found, wanted), address);
            Ok(pb::ListAddressesResponse { addresses, page_info })
        })
        .await
    }

    async fn get_address(
        &self,
        request: Request<pb::GetAddressRequest>,
    ) -> Result<Response<pb::Address>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            addresses::get(app, &context, Of::Owner, request.id).await.map(address)
        })
        .await
    }

    async fn create_address(
        &self,
        request: Request<pb::CreateAddressRequest>,
    ) -> Result<Response<pb::Address>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = input(request.address)?;
            addresses::create(app, &context, Of::Owner, &input).await.map(address)
        })
        .await
    }

    async fn update_address(
        &self,
        request: Request<pb::UpdateAddressRequest>,
    ) -> Result<Response<pb::Address>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = input(request.address)?;
            addresses::update(app, &context, Of::Owner, request.id, &input).await.map(address)
        })
        .await
    }

    async fn delete_address(
        &self,
        request: Request<pb::DeleteAddressRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            addresses::delete(app, &context, Of::Owner, request.id).await
        })
        .await
    }
}
