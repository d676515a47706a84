//! The RPCs that lead bookings from one status to another.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::rules::Step;
use super::service::plain;
use super::{actions, read};
use crate::pb;
use crate::pb::booking_status_service_server::{BookingStatusService, BookingStatusServiceServer};

pub(super) fn service(app: &App) -> BookingStatusServiceServer<Service> {
    BookingStatusServiceServer::new(Service { app: app.clone() })
}

pub(super) struct Service {
    app: App,
}

/// A step of a booking: what all of them have in common. `step!(self, request, Step::Reserve)`
/// reads what comes with the step, takes it and answers the booking.
macro_rules! step {
    ($service:expr, $request:expr, $step:expr) => {{
        let app = &$service.app;
        call::run($request, |context, request| async move {
            let input = read::step(request.notify, request.reason, request.confirm_shortage)?;
            let number = request.booking_internal_id;
            plain(actions::step(app, &context, number, $step, &input).await?)
        })
        .await
    }};
}

#[async_trait]
impl BookingStatusService for Service {
    async fn negotiate(
        &self,
        request: Request<pb::NegotiateRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::Negotiate)
    }

    async fn halt_negotiation(
        &self,
        request: Request<pb::HaltNegotiationRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::HaltNegotiation)
    }

    async fn reserve(
        &self,
        request: Request<pb::ReserveRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::Reserve)
    }

    async fn unreserve(
        &self,
        request: Request<pb::UnreserveRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::Unreserve)
    }

    async fn halt_ongoing(
        &self,
        request: Request<pb::HaltOngoingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::HaltOngoing)
    }

    async fn revert_completed(
        &self,
        request: Request<pb::RevertCompletedRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::RevertCompleted)
    }

    async fn cancel(
        &self,
        request: Request<pb::CancelRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::Cancel)
    }

    async fn undo_cancel(
        &self,
        request: Request<pb::UndoCancelRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        step!(self, request, Step::UndoCancel)
    }

    async fn send_email(
        &self,
        request: Request<pb::SendEmailRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let number = request.booking_internal_id;
            let message = read::message(request)?;
            plain(actions::send_email(app, &context, number, &message).await?)
        })
        .await
    }
}
