//! The RPCs of invitations.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::batch;
use crate::pb;
use crate::pb::invitation_service_server::{InvitationService, InvitationServiceServer};
use crate::users::wire::user;

pub(crate) fn service(app: &App) -> InvitationServiceServer<Service> {
    InvitationServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl InvitationService for Service {
    async fn create_invitation(
        &self,
        request: Request<pb::CreateInvitationRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request)?;
            actions::create(app, &context, input).await.map(wire::invitation)
        })
        .await
    }

    async fn get_invitation(
        &self,
        request: Request<pb::GetInvitationRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.invitation_id).await.map(wire::invitation)
        })
        .await
    }

    async fn list_invitations(
        &self,
        request: Request<pb::ListInvitationsRequest>,
    ) -> Result<Response<pb::ListInvitationsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request)?;
            actions::list(app, &context, query).await.map(wire::list)
        })
        .await
    }

    async fn batch_get_invitations(
        &self,
        request: Request<pb::BatchGetInvitationsRequest>,
    ) -> Result<Response<pb::BatchGetInvitationsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let ids = batch::ids("invitation_ids", request.invitation_ids)?;
            let found = actions::batch_get(app, &context, &ids).await?;
            let items = found.into_iter().map(wire::invitation).collect();
            Ok(pb::BatchGetInvitationsResponse { items })
        })
        .await
    }

    async fn resend_invitation(
        &self,
        request: Request<pb::ResendInvitationRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::resend(app, &context, request.invitation_id).await.map(wire::invitation)
        })
        .await
    }

    async fn revoke_invitation(
        &self,
        request: Request<pb::RevokeInvitationRequest>,
    ) -> Result<Response<pb::Invitation>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::revoke(app, &context, request.invitation_id).await.map(wire::invitation)
        })
        .await
    }

    async fn deactivate_user(
        &self,
        request: Request<pb::DeactivateUserRequest>,
    ) -> Result<Response<pb::User>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::deactivate_user(app, &context, request.user_id).await.map(user)
        })
        .await
    }

    async fn preview_invitation(
        &self,
        request: Request<pb::PreviewInvitationRequest>,
    ) -> Result<Response<pb::PreviewInvitationResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let link = wire::link(request.link)?;
            actions::preview(app, &context, &link).await.map(wire::preview)
        })
        .await
    }

    async fn accept_invitation(
        &self,
        request: Request<pb::AcceptInvitationRequest>,
    ) -> Result<Response<pb::AcceptInvitationResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let link = wire::link(request.link)?;
            actions::accept(app, &context, &link).await.map(wire::accepted)
        })
        .await
    }
}
