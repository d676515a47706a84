//! The RPCs of owners.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::model::OwnerSummary;
use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::owner_service_server::{OwnerService, OwnerServiceServer};
use crate::wire::{email_query, list_query};

pub(crate) fn service(app: &App) -> OwnerServiceServer<Service> {
    OwnerServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl OwnerService for Service {
    async fn create_owner(
        &self,
        request: Request<pb::CreateOwnerRequest>,
    ) -> Result<Response<pb::Owner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::create(app, &context, &wire::input(request.owner)?).await.map(wire::owner)
        })
        .await
    }

    async fn get_owner(
        &self,
        request: Request<pb::GetOwnerRequest>,
    ) -> Result<Response<pb::Owner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.owner_id).await.map(wire::owner)
        })
        .await
    }

    async fn find_owner_by_email(
        &self,
        request: Request<pb::FindOwnerByEmailRequest>,
    ) -> Result<Response<pb::FindOwnerByEmailResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let id = actions::find_by_email(app, &context, email_query(request.email)?).await?;
            Ok(pb::FindOwnerByEmailResponse { id })
        })
        .await
    }

    async fn list_owners(
        &self,
        request: Request<pb::ListOwnersRequest>,
    ) -> Result<Response<pb::ListOwnersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let query = list_query!(OwnerSummary, request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn update_owner(
        &self,
        request: Request<pb::UpdateOwnerRequest>,
    ) -> Result<Response<pb::Owner>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.owner)?;
            actions::update(app, &context, request.owner_id, &input).await.map(wire::owner)
        })
        .await
    }

    async fn batch_get_owners(
        &self,
        request: Request<pb::BatchGetOwnersRequest>,
    ) -> Result<Response<pb::BatchGetOwnersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("owner_ids", request.owner_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::owner).collect();
            Ok(pb::BatchGetOwnersResponse { items })
        })
        .await
    }
}
