//! The RPCs of property units.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::PropertyUnitSummary;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::property_unit_service_server::{PropertyUnitService, PropertyUnitServiceServer};
use crate::wire::list_query;

pub(crate) fn service(app: &App) -> PropertyUnitServiceServer<Service> {
    PropertyUnitServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl PropertyUnitService for Service {
    async fn create_property_unit(
        &self,
        request: Request<pb::CreatePropertyUnitRequest>,
    ) -> Result<Response<pb::PropertyUnit>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.property_unit)?;
            let property = request.property_id;
            actions::create(app, &context, property, &input).await.map(wire::property_unit)
        })
        .await
    }

    async fn get_property_unit(
        &self,
        request: Request<pb::GetPropertyUnitRequest>,
    ) -> Result<Response<pb::PropertyUnit>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = request.property_unit_id;
            actions::get(app, &context, id).await.map(wire::property_unit)
        })
        .await
    }

    async fn list_property_units(
        &self,
        request: Request<pb::ListPropertyUnitsRequest>,
    ) -> Result<Response<pb::ListPropertyUnitsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let property = wire::required_id("property_id", request.property_id)?;
            let query = list_query!(PropertyUnitSummary, request)?;
            actions::list(app, &context, property, query).await.map(wire::list)
        })
        .await
    }

    async fn update_property_unit(
        &self,
        request: Request<pb::UpdatePropertyUnitRequest>,
    ) -> Result<Response<pb::PropertyUnit>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.property_unit)?;
            let id = request.property_unit_id;
            actions::update(app, &context, id, &input).await.map(wire::property_unit)
        })
        .await
    }

    async fn change_property_owner(
        &self,
        request: Request<pb::ChangePropertyOwnerRequest>,
    ) -> Result<Response<pb::ChangePropertyOwnerResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let owner = wire::required_id("new_owner_id", request.new_owner_id)?;
            let id = request.property_unit_id;
            actions::change_owner(app, &context, id, owner).await.map(wire::owner_change)
        })
        .await
    }

    async fn assign_property_user(
        &self,
        request: Request<pb::AssignPropertyUserRequest>,
    ) -> Result<Response<pb::AssignPropertyUserResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (user, is_main_contact) = wire::assignment(request.assignment)?;
            let id = request.property_unit_id;
            actions::assign_user(app, &context, id, user, is_main_contact).await.map(wire::assigned)
        })
        .await
    }

    async fn remove_property_user(
        &self,
        request: Request<pb::RemovePropertyUserRequest>,
    ) -> Result<Response<pb::RemovePropertyUserResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let user = wire::required_id("property_user_id", request.property_user_id)?;
            let id = request.property_unit_id;
            actions::remove_user(app, &context, id, user).await.map(wire::removed)
        })
        .await
    }

    async fn batch_get_property_units(
        &self,
        request: Request<pb::BatchGetPropertyUnitsRequest>,
    ) -> Result<Response<pb::BatchGetPropertyUnitsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("property_unit_ids", request.property_unit_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::property_unit).collect();
            Ok(pb::BatchGetPropertyUnitsResponse { items })
        })
        .await
    }
}
