//! The RPCs of property types.

use steward_database::Listed;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::PropertyType;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::property_type_service_server::{PropertyTypeService, PropertyTypeServiceServer};
use crate::wire::whole_list_query;

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
        call::run(request, |context, request| async move {
            let fields = PropertyType::LIST.fields;
            let query = whole_list_query(fields, request.filter, request.order_by)?;
            actions::list(app, &context, query).await.map(wire::list)
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

    async fn batch_get_property_types(
        &self,
        request: Request<pb::BatchGetPropertyTypesRequest>,
    ) -> Result<Response<pb::BatchGetPropertyTypesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("property_type_ids", request.property_type_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::property_type).collect();
            Ok(pb::BatchGetPropertyTypesResponse { items })
        })
        .await
    }

    async fn deactivate_property_type(
        &self,
        request: Request<pb::DeactivatePropertyTypeRequest>,
    ) -> Result<Response<pb::PropertyType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.property_type_id;
            actions::set_active(app, &context, id, false).await.map(wire::property_type)
        })
        .await
    }

    async fn reactivate_property_type(
        &self,
        request: Request<pb::ReactivatePropertyTypeRequest>,
    ) -> Result<Response<pb::PropertyType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.property_type_id;
            actions::set_active(app, &context, id, true).await.map(wire::property_type)
        })
        .await
    }
}
