//! The RPCs of assignments.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, claims, reassign, wire};
use crate::pb;
use crate::pb::assignment_service_server::{AssignmentService, AssignmentServiceServer};

pub(crate) fn service(app: &App) -> AssignmentServiceServer<Service> {
    AssignmentServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl AssignmentService for Service {
    async fn get_assignment(
        &self,
        request: Request<pb::GetAssignmentRequest>,
    ) -> Result<Response<pb::Assignment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::assignment)
        })
        .await
    }

    async fn list_booking_cleaners(
        &self,
        request: Request<pb::ListBookingCleanersRequest>,
    ) -> Result<Response<pb::ListBookingCleanersResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (of, query) = wire::query(request)?;
            actions::list_of_booking(app, &context, of, &query).await.map(wire::list)
        })
        .await
    }

    async fn assign_cleaner(
        &self,
        request: Request<pb::AssignCleanerRequest>,
    ) -> Result<Response<pb::Assignment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::assign(app, &context, wire::wanted(request)?).await.map(wire::assignment)
        })
        .await
    }

    async fn assign_cleaner_to_request(
        &self,
        request: Request<pb::AssignCleanerToRequestRequest>,
    ) -> Result<Response<pb::Assignment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::assign(app, &context, wire::wanted_at(request)?).await.map(wire::assignment)
        })
        .await
    }

    async fn accept_job_request(
        &self,
        request: Request<pb::AcceptJobRequestRequest>,
    ) -> Result<Response<pb::Assignment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::claim(app, &context, wire::claimed(request)?).await.map(wire::assignment)
        })
        .await
    }

    async fn dismiss_and_reassign(
        &self,
        request: Request<pb::DismissAndReassignRequest>,
    ) -> Result<Response<pb::DismissAndReassignResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::dismiss(app, &context, &wire::dismissal(request)?).await.map(wire::dismissed)
        })
        .await
    }

    async fn reassign_cleaner(
        &self,
        request: Request<pb::ReassignCleanerRequest>,
    ) -> Result<Response<pb::ReassignCleanerResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let moved = wire::moved(request)?;
            reassign::reassign(app, &context, &moved).await.map(wire::reassigned)
        })
        .await
    }

    async fn list_held_claims(
        &self,
        request: Request<pb::ListHeldClaimsRequest>,
    ) -> Result<Response<pb::ListHeldClaimsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let query = wire::query_of_claims(&request)?;
            claims::list(app, &context, &query).await.map(wire::claims)
        })
        .await
    }

    async fn approve_claim(
        &self,
        request: Request<pb::ApproveClaimRequest>,
    ) -> Result<Response<pb::Assignment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            claims::approve(app, &context, request.id).await.map(wire::assignment)
        })
        .await
    }

    async fn reject_claim(
        &self,
        request: Request<pb::RejectClaimRequest>,
    ) -> Result<Response<pb::Assignment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, reason) = wire::rejection(request)?;
            claims::reject(app, &context, id, reason.as_deref()).await.map(wire::assignment)
        })
        .await
    }
}
