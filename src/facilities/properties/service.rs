//! The RPCs of properties.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::Property;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::property_service_server::{PropertyService, PropertyServiceServer};
use crate::wire::list_query;

pub(crate) fn service(app: &App) -> PropertyServiceServer<Service> {
    PropertyServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl PropertyService for Service {
    async fn create_property(
        &self,
        request: Request<pb::CreatePropertyRequest>,
    ) -> Result<Response<pb::Property>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.property)?;
            actions::create(app, &context, &input).await.map(wire::property)
        })
        .await
    }

    async fn get_property(
        &self,
        request: Request<pb::GetPropertyRequest>,
    ) -> Result<Response<pb::Property>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.property_id).await.map(wire::property)
        })
        .await
    }

    async fn list_properties(
        &self,
        request: Request<pb::ListPropertiesRequest>,
    ) -> Result<Response<pb::ListPropertiesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(Property, request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_property(
        &self,
        request: Request<pb::UpdatePropertyRequest>,
    ) -> Result<Response<pb::Property>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.property)?;
            actions::update(app, &context, request.property_id, &input).await.map(wire::property)
        })
        .await
    }

    async fn batch_get_properties(
        &self,
        request: Request<pb::BatchGetPropertiesRequest>,
    ) -> Result<Response<pb::BatchGetPropertiesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("property_ids", request.property_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::property).collect();
            Ok(pb::BatchGetPropertiesResponse { items })
        })
        .await
    }

    async fn deactivate_property(
        &self,
        request: Request<pb::DeactivatePropertyRequest>,
    ) -> Result<Response<pb::Property>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.property_id;
            actions::set_active(app, &context, id, false).await.map(wire::property)
        })
        .await
    }

    async fn reactivate_property(
        &self,
        request: Request<pb::ReactivatePropertyRequest>,
    ) -> Result<Response<pb::Property>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.property_id;
            actions::set_active(app, &context, id, true).await.map(wire::property)
        })
        .await
    }

    async fn delete_property(
        &self,
        request: Request<pb::DeletePropertyRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.property_id).await
        })
        .await
    }
}
