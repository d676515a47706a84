//! The RPCs of the services of bookings.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::booking_services_service_server::{
    BookingServicesService, BookingServicesServiceServer,
};
use crate::wire::{cut, page, whole_page};

pub(crate) fn service(app: &App) -> BookingServicesServiceServer<Service> {
    BookingServicesServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl BookingServicesService for Service {
    async fn list_services(
        &self,
        request: Request<pb::ListServicesRequest>,
    ) -> Result<Response<pb::ListServicesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let found = actions::of(app, &context, request.booking_internal_id).await?;
            let (page_info, booking_services) = page(cut(found, wanted), |service| service);
            Ok(pb::ListServicesResponse { booking_services, page_info })
        })
        .await
    }

    async fn get_service(
        &self,
        request: Request<pb::GetServiceRequest>,
    ) -> Result<Response<pb::BookingService>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let found = actions::of(app, &context, request.booking_internal_id).await?;
            actions::one(found, request.id)
        })
        .await
    }

    async fn create_service(
        &self,
        request: Request<pb::CreateServiceRequest>,
    ) -> Result<Response<pb::BookingService>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = wire::new(request.booking_service)?;
            actions::add(app, &context, request.booking_internal_id, &patch).await
        })
        .await
    }

    async fn update_service(
        &self,
        request: Request<pb::UpdateServiceRequest>,
    ) -> Result<Response<pb::BookingService>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = wire::changed(request.booking_service, request.update_mask.as_ref())?;
            let (number, id) = (request.booking_internal_id, request.id);
            actions::update(app, &context, number, id, &patch).await
        })
        .await
    }

    async fn delete_service(
        &self,
        request: Request<pb::DeleteServiceRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.booking_internal_id, request.id).await
        })
        .await
    }
}
