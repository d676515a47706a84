//! The RPCs of property users.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::PropertyUser;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::property_user_service_server::{PropertyUserService, PropertyUserServiceServer};
use crate::wire::{email_query, list_query};

pub(crate) fn service(app: &App) -> PropertyUserServiceServer<Service> {
    PropertyUserServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl PropertyUserService for Service {
    async fn create_property_user(
        &self,
        request: Request<pb::CreatePropertyUserRequest>,
    ) -> Result<Response<pb::PropertyUser>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::create(app, &context, &wire::input(request.property_user)?)
                .await
                .map(wire::property_user)
        })
        .await
    }

    async fn get_property_user(
        &self,
        request: Request<pb::GetPropertyUserRequest>,
    ) -> Result<Response<pb::PropertyUser>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.property_user_id).await.map(wire::property_user)
        })
        .await
    }

    async fn find_property_user_by_email(
        &self,
        request: Request<pb::FindPropertyUserByEmailRequest>,
    ) -> Result<Response<pb::FindPropertyUserByEmailResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = actions::find_by_email(app, &context, email_query(request.email)?).await?;
            Ok(pb::FindPropertyUserByEmailResponse { id })
        })
        .await
    }

    async fn list_property_users(
        &self,
        request: Request<pb::ListPropertyUsersRequest>,
    ) -> Result<Response<pb::ListPropertyUsersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(PropertyUser, request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_property_user(
        &self,
        request: Request<pb::UpdatePropertyUserRequest>,
    ) -> Result<Response<pb::PropertyUser>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.property_user)?;
            actions::update(app, &context, request.property_user_id, &input)
                .await
                .map(wire::property_user)
        })
        .await
    }

    async fn batch_get_property_users(
        &self,
        request: Request<pb::BatchGetPropertyUsersRequest>,
    ) -> Result<Response<pb::BatchGetPropertyUsersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("property_user_ids", request.property_user_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::property_user).collect();
            Ok(pb::BatchGetPropertyUsersResponse { items })
        })
        .await
    }
}
