//! The RPCs of bookings that other services of the contract have, which hand them on.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status};

use super::{actions, wire};
use crate::caller::own_only;
use crate::{events, pb};

pub(crate) async fn add_client_booking(
    app: &App,
    request: Request<pb::AddClientBookingRequest>,
) -> Result<Response<pb::AddClientBookingResponse>, Status> {
    call::run(request, |context, request| async move {
        let (tenant_id, new) = wire::new(request)?;
        actions::add(app, &context, tenant_id, new).await.map(wire::made)
    })
    .await
}

pub(crate) async fn list_client_bookings(
    app: &App,
    request: Request<pb::ListClientBookingsRequest>,
) -> Result<Response<pb::ListBookingsResponse>, Status> {
    call::run(request, |context, request| async move {
        let (client_id, status, query) = wire::query_of_client(request)?;
        let page = actions::list_of_client(app, &context, client_id, status, &query).await?;
        Ok(wire::list(page))
    })
    .await
}

pub(crate) async fn count_book_once(
    app: &App,
    request: Request<pb::CountBookOnceRequest>,
) -> Result<Response<pb::CountResponse>, Status> {
    call::run(request, |context, request| async move {
        let count = actions::count_once(app, &context, request.id).await?;
        Ok(pb::CountResponse { count })
    })
    .await
}

pub(crate) async fn get_my_booking_info(
    app: &App,
    request: Request<pb::GetMyBookingInfoRequest>,
) -> Result<Response<pb::MyBookingInfo>, Status> {
    call::run(request, |context, request| async move {
        own_only(&context, request.client_id)?;
        let of = pb::ListClientBookingsRequest { id: request.client_id, ..Default::default() };
        let (client_id, status, query) = wire::query_of_client(of)?;
        let page = actions::list_of_client(app, &context, client_id, status, &query).await?;
        let next = events::actions::next_of(app, &context, client_id).await?;
        Ok(pb::MyBookingInfo {
            bookings: wire::list(page).items,
            next_event: next.map(events::wire::event),
        })
    })
    .await
}

pub(crate) async fn list_my_client_events(
    app: &App,
    request: Request<pb::ListMyClientEventsRequest>,
) -> Result<Response<pb::ListEventsResponse>, Status> {
    call::run(request, |context, request| async move {
        own_only(&context, request.client_id)?;
        let (id, narrowed, query) = events::wire::query_of_client(request)?;
        let page = events::actions::list_of_client(app, &context, id, narrowed, &query).await?;
        Ok(events::wire::list(page))
    })
    .await
}

pub(crate) async fn list_bookings_by_status(
    app: &App,
    request: Request<pb::ListBookingsByStatusRequest>,
) -> Result<Response<pb::ListBookingsResponse>, Status> {
    call::run(request, |context, request| async move {
        let (narrowed, query) = wire::query(request)?;
        actions::list(app, &context, narrowed, &query).await.map(wire::list)
    })
    .await
}

pub(crate) async fn count_unassigned_requests(
    app: &App,
    request: Request<pb::CountUnassignedRequestsRequest>,
) -> Result<Response<pb::CountResponse>, Status> {
    call::run(request, |context, pb::CountUnassignedRequestsRequest {}| async move {
        let count = actions::count_unassigned(app, &context).await?;
        Ok(pb::CountResponse { count })
    })
    .await
}

pub(crate) async fn remove_request(
    app: &App,
    request: Request<pb::RemoveRequestRequest>,
) -> Result<Response<()>, Status> {
    call::run(request, |context, request| async move {
        actions::remove(app, &context, request.id).await
    })
    .await
}
