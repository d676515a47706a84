//! The RPCs of bookings.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::events;
use crate::pb;
use crate::pb::booking_service_server::{BookingService, BookingServiceServer};

pub(crate) fn service(app: &App) -> BookingServiceServer<Service> {
    BookingServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl BookingService for Service {
    async fn get_booking(
        &self,
        request: Request<pb::GetBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::get(app, &context, request.id).await.map(wire::booking)
        })
        .await
    }

    async fn list_booking_events(
        &self,
        request: Request<pb::ListBookingEventsRequest>,
    ) -> Result<Response<pb::ListEventsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, narrowed, query) = events::wire::query_of_booking(request)?;
            let booking = actions::get(app, &context, id).await?;
            let narrowed = events::model::Narrowed { request_id: Some(booking.id), ..narrowed };
            events::actions::list(app, &context, narrowed, &query).await.map(events::wire::list)
        })
        .await
    }

    async fn approve_booking(
        &self,
        request: Request<pb::ApproveBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, approval) = wire::approval(request)?;
            actions::approve(app, &context, id, approval).await.map(wire::booking)
        })
        .await
    }

    async fn reject_booking(
        &self,
        request: Request<pb::RejectBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, reason) = wire::rejection(request)?;
            actions::reject(app, &context, id, reason.as_deref()).await.map(wire::booking)
        })
        .await
    }
}
