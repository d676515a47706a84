//! The RPCs of property types.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::property_type_service_server::{PropertyTypeService, PropertyTypeServiceServer};

pub(crate) fn service(app: &App) -> PropertyTypeServiceServer<Service> {
    PropertyTypeServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl PropertyTypeService for Service {
    async fn create_property_type(
        &self,
        request: Request<pb::CreatePropertyTypeRequest>,
    ) -> Result<Response<pb::PropertyType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let name = wire::input(request.property_type)?;
            actions::create(app, &context, &name).await.map(wire::property_type)
        })
        .await
    }

    async fn get_property_type(
        &self,
        request: Request<pb::GetPropertyTypeRequest>,
    ) -> Result<Response<pb::PropertyType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.property_type_id).await.map(wire::property_type)
        })
        .await
    }

    async fn list_property_types(
        &self,
        request: Request<pb::ListPropertyTypesRequest>,
    ) -> Result<Response<pb::ListPropertyTypesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, _| async move {
            actions::list(app, &context).await.map(wire::list)
        })
        .await
    }

    async fn update_property_type(
        &self,
        request: Request<pb::UpdatePropertyTypeRequest>,
    ) -> Result<Response<pb::PropertyType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let name = wire::input(request.property_type)?;
            let id = request.property_type_id;
            actions::update(app, &context, id, &name).await.map(wire::property_type)
        })
        .await
    }

    async fn delete_property_type(
        &self,
        request: Request<pb::DeletePropertyTypeRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.property_type_id).await
        })
        .await
    }
}
