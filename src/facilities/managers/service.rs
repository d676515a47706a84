//! The RPCs of property managers.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::ManagerSummary;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::manager_service_server::{ManagerService, ManagerServiceServer};
use crate::wire::{email_query, list_query};

pub(crate) fn service(app: &App) -> ManagerServiceServer<Service> {
    ManagerServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl ManagerService for Service {
    async fn create_manager(
        &self,
        request: Request<pb::CreateManagerRequest>,
    ) -> Result<Response<pb::Manager>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::create(app, &context, &wire::input(request.manager)?).await.map(wire::manager)
        })
        .await
    }

    async fn get_manager(
        &self,
        request: Request<pb::GetManagerRequest>,
    ) -> Result<Response<pb::Manager>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.manager_id).await.map(wire::manager)
        })
        .await
    }

    async fn find_manager_by_email(
        &self,
        request: Request<pb::FindManagerByEmailRequest>,
    ) -> Result<Response<pb::FindManagerByEmailResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = actions::find_by_email(app, &context, email_query(request.email)?).await?;
            Ok(pb::FindManagerByEmailResponse { id })
        })
        .await
    }

    async fn list_managers(
        &self,
        request: Request<pb::ListManagersRequest>,
    ) -> Result<Response<pb::ListManagersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(ManagerSummary, request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_manager(
        &self,
        request: Request<pb::UpdateManagerRequest>,
    ) -> Result<Response<pb::Manager>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.manager)?;
            actions::update(app, &context, request.manager_id, &input).await.map(wire::manager)
        })
        .await
    }

    async fn batch_get_managers(
        &self,
        request: Request<pb::BatchGetManagersRequest>,
    ) -> Result<Response<pb::BatchGetManagersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("manager_ids", request.manager_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::manager).collect();
            Ok(pb::BatchGetManagersResponse { items })
        })
        .await
    }
}
