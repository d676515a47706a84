//! The RPCs of clients.

use steward_kernel::validate::Violations;
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::bookings::handed_on as bookings;
use crate::caller::required_of_admins;
use crate::locations::wire as locations;
use crate::pb;
use crate::pb::client_service_server::{ClientService, ClientServiceServer};
use crate::wire::whole;

pub(crate) fn service(app: &App) -> ClientServiceServer<Service> {
    ClientServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl ClientService for Service {
    async fn add_client(
        &self,
        request: Request<pb::AddClientRequest>,
    ) -> Result<Response<pb::Client>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::add(app, &context, wire::new(request)?).await.map(wire::client)
        })
        .await
    }

    async fn get_client(
        &self,
        request: Request<pb::GetClientRequest>,
    ) -> Result<Response<pb::Client>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let mut violations = Violations::below("");
            required_of_admins(&mut violations, &context, "id", request.id);
            let id = violations.finish(request.id)?;
            actions::get(app, &context, id).await.map(wire::client)
        })
        .await
    }

    async fn list_clients(
        &self,
        request: Request<pb::ListClientsRequest>,
    ) -> Result<Response<pb::ListClientsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (narrowed, query) = wire::query(request)?;
            actions::list(app, &context, narrowed, &query).await.map(wire::list)
        })
        .await
    }

    async fn update_client(
        &self,
        request: Request<pb::UpdateClientRequest>,
    ) -> Result<Response<pb::Client>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) = wire::input(request.client, Some(&context))?;
            actions::update(app, &context, id, &input).await.map(wire::client)
        })
        .await
    }

    async fn patch_my_client(
        &self,
        request: Request<pb::PatchMyClientRequest>,
    ) -> Result<Response<pb::Client>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (id, input) = wire::input(request.client, Some(&context))?;
            actions::update(app, &context, id, &input).await.map(wire::client)
        })
        .await
    }

    async fn patch_client(
        &self,
        request: Request<pb::PatchClientRequest>,
    ) -> Result<Response<pb::Client>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (_, input) = wire::input(request.client, None)?;
            actions::update(app, &context, request.id, &input).await.map(wire::client)
        })
        .await
    }

    async fn delete_client(
        &self,
        request: Request<pb::DeleteClientRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.id).await
        })
        .await
    }

    async fn list_client_locations(
        &self,
        request: Request<pb::ListClientLocationsRequest>,
    ) -> Result<Response<pb::ListLocationsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let pb::ListClientLocationsRequest { id, page_number, page_size } = request;
            let mut violations = Violations::below("");
            let query = whole(&mut violations, page_number, page_size, &[]);
            let query = violations.finish(query)?;
            let page = actions::list_locations(app, &context, id, &query).await?;
            Ok(locations::list(page))
        })
        .await
    }

    async fn add_client_booking(
        &self,
        request: Request<pb::AddClientBookingRequest>,
    ) -> Result<Response<pb::AddClientBookingResponse>, Status> {
        bookings::add_client_booking(&self.app, request).await
    }

    async fn list_client_bookings(
        &self,
        request: Request<pb::ListClientBookingsRequest>,
    ) -> Result<Response<pb::ListBookingsResponse>, Status> {
        bookings::list_client_bookings(&self.app, request).await
    }

    async fn count_book_once(
        &self,
        request: Request<pb::CountBookOnceRequest>,
    ) -> Result<Response<pb::CountResponse>, Status> {
        bookings::count_book_once(&self.app, request).await
    }

    async fn get_my_booking_info(
        &self,
        request: Request<pb::GetMyBookingInfoRequest>,
    ) -> Result<Response<pb::MyBookingInfo>, Status> {
        bookings::get_my_booking_info(&self.app, request).await
    }

    async fn list_my_client_events(
        &self,
        request: Request<pb::ListMyClientEventsRequest>,
    ) -> Result<Response<pb::ListEventsResponse>, Status> {
        bookings::list_my_client_events(&self.app, request).await
    }
}
