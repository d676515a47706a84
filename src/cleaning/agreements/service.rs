//! The RPCs of agreements.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{about, actions, sending, signing, wire};
use crate::pb;
use crate::pb::agreement_service_server::{AgreementService, AgreementServiceServer};
use crate::wire::stated;

pub(crate) fn service(app: &App) -> AgreementServiceServer<Service> {
    AgreementServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl AgreementService for Service {
    async fn list_agreements(
        &self,
        request: Request<pb::ListAgreementsRequest>,
    ) -> Result<Response<pb::ListAgreementsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query(request.page_number, request.page_size)?;
            let scope = (stated(Some(request.trigger)), request.is_active);
            actions::list(app, &context, scope, &query).await.map(wire::list)
        })
        .await
    }

    async fn create_agreement(
        &self,
        request: Request<pb::CreateAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.agreement)?;
            actions::create(app, &context, &input).await.map(wire::agreement)
        })
        .await
    }

    async fn get_agreement(
        &self,
        request: Request<pb::GetAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::agreement)
        })
        .await
    }

    async fn update_agreement(
        &self,
        request: Request<pb::UpdateAgreementRequest>,
    ) -> Result<Response<pb::Agreement>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.agreement)?;
            actions::update(app, &context, request.id, &input).await.map(wire::agreement)
        })
        .await
    }

    async fn delete_agreement(
        &self,
        request: Request<pb::DeleteAgreementRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }

    async fn send_agreement(
        &self,
        request: Request<pb::SendAgreementRequest>,
    ) -> Result<Response<pb::SendAgreementResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let users = wire::recipients(request.user_ids)?;
            sending::send(app, &context, request.id, &users).await.map(wire::sent)
        })
        .await
    }

    async fn get_agreement_to_sign(
        &self,
        request: Request<pb::GetAgreementToSignRequest>,
    ) -> Result<Response<pb::AgreementToSign>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::GetAgreementToSignRequest { id, key, client_cleaner_request_id } = request;
            signing::to_sign(app, &context, (id, &key), client_cleaner_request_id)
                .await
                .map(wire::shown)
        })
        .await
    }

    async fn get_agreement_entity(
        &self,
        request: Request<pb::GetAgreementEntityRequest>,
    ) -> Result<Response<pb::AgreementEntity>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::GetAgreementEntityRequest { user_id, key } = request;
            signing::entity(app, &context, user_id, &key).await.map(wire::entity)
        })
        .await
    }

    async fn get_cleaner_assign_agreement_data(
        &self,
        request: Request<pb::GetCleanerAssignAgreementDataRequest>,
    ) -> Result<Response<pb::CleanerAssignAgreementData>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::GetCleanerAssignAgreementDataRequest { client_cleaner_request_id, key } =
                request;
            about::told(app, &context, client_cleaner_request_id, &key).await.map(wire::told)
        })
        .await
    }
}
