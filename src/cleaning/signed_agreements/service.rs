//! The RPCs of signed agreements.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::signed_agreement_service_server::{
    SignedAgreementService, SignedAgreementServiceServer,
};

pub(crate) fn service(app: &App) -> SignedAgreementServiceServer<Service> {
    SignedAgreementServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl SignedAgreementService for Service {
    async fn list_signed_agreements(
        &self,
        request: Request<pb::ListSignedAgreementsRequest>,
    ) -> Result<Response<pb::ListSignedAgreementsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let page = wire::page(request.page_number, request.page_size)?;
            let scope = (request.agreement_id, request.user_id);
            actions::list(app, &context, scope, page).await.map(wire::list)
        })
        .await
    }

    async fn sign_agreement(
        &self,
        request: Request<pb::SignAgreementRequest>,
    ) -> Result<Response<pb::SignedAgreement>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request)?;
            actions::sign(app, &context, input).await.map(wire::signed)
        })
        .await
    }

    async fn get_signed_agreement(
        &self,
        request: Request<pb::GetSignedAgreementRequest>,
    ) -> Result<Response<pb::SignedAgreement>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::signed)
        })
        .await
    }

    async fn delete_signed_agreement(
        &self,
        request: Request<pb::DeleteSignedAgreementRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }
}
