//! The RPCs of homes.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::caller::named;
use crate::pb;
use crate::pb::location_service_server::{LocationService, LocationServiceServer};

pub(crate) fn service(app: &App) -> LocationServiceServer<Service> {
    LocationServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl LocationService for Service {
    async fn list_locations(
        &self,
        request: Request<pb::ListLocationsRequest>,
    ) -> Result<Response<pb::ListLocationsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (narrowed, query) = wire::query(request)?;
            actions::list(app, &context, narrowed, &query).await.map(wire::list)
        })
        .await
    }

    async fn create_location(
        &self,
        request: Request<pb::CreateLocationRequest>,
    ) -> Result<Response<pb::Location>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wire::Read { client_id, input, .. } = wire::new(&context, request.location)?;
            actions::create(app, &context, client_id, &input).await.map(wire::location)
        })
        .await
    }

    async fn get_location(
        &self,
        request: Request<pb::GetLocationRequest>,
    ) -> Result<Response<pb::Location>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            named("id", request.id)?;
            actions::get(app, &context, request.id).await.map(wire::location)
        })
        .await
    }

    async fn update_location(
        &self,
        request: Request<pb::UpdateLocationRequest>,
    ) -> Result<Response<pb::Location>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) = wire::input(0, request.location)?;
            actions::update(app, &context, id, &input).await.map(wire::location)
        })
        .await
    }

    async fn patch_location(
        &self,
        request: Request<pb::PatchLocationRequest>,
    ) -> Result<Response<pb::Location>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) = wire::input(request.id, request.location)?;
            actions::update(app, &context, id, &input).await.map(wire::location)
        })
        .await
    }

    async fn delete_location(
        &self,
        request: Request<pb::DeleteLocationRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }
}
