//! The RPCs of property unit types.

use steward_database::Listed;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::PropertyUnitType;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::property_unit_type_service_server::{
    PropertyUnitTypeService, PropertyUnitTypeServiceServer,
};
use crate::wire::whole_list_query;

pub(crate) fn service(app: &App) -> PropertyUnitTypeServiceServer<Service> {
    PropertyUnitTypeServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl PropertyUnitTypeService for Service {
    async fn create_property_unit_type(
        &self,
        request: Request<pb::CreatePropertyUnitTypeRequest>,
    ) -> Result<Response<pb::PropertyUnitType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let name = wire::input(request.property_unit_type)?;
            actions::create(app, &context, &name).await.map(wire::property_unit_type)
        })
        .await
    }

    async fn get_property_unit_type(
        &self,
        request: Request<pb::GetPropertyUnitTypeRequest>,
    ) -> Result<Response<pb::PropertyUnitType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.property_unit_type_id)
                .await
                .map(wire::property_unit_type)
        })
        .await
    }

    async fn list_property_unit_types(
        &self,
        request: Request<pb::ListPropertyUnitTypesRequest>,
    ) -> Result<Response<pb::ListPropertyUnitTypesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let fields = PropertyUnitType::LIST.fields;
            let query = whole_list_query(fields, request.filter, request.order_by)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_property_unit_type(
        &self,
        request: Request<pb::UpdatePropertyUnitTypeRequest>,
    ) -> Result<Response<pb::PropertyUnitType>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let name = wire::input(request.property_unit_type)?;
            let id = request.property_unit_type_id;
            actions::update(app, &context, id, &name).await.map(wire::property_unit_type)
        })
        .await
    }

    async fn delete_property_unit_type(
        &self,
        request: Request<pb::DeletePropertyUnitTypeRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.property_unit_type_id).await
        })
        .await
    }

    async fn batch_get_property_unit_types(
        &self,
        request: Request<pb::BatchGetPropertyUnitTypesRequest>,
    ) -> Result<Response<pb::BatchGetPropertyUnitTypesResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("property_unit_type_ids", request.property_unit_type_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::property_unit_type).collect();
            Ok(pb::BatchGetPropertyUnitTypesResponse { items })
        })
        .await
    }
}
