//! The RPCs of the customers of bookings.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, read, write};
use crate::pb;
use crate::pb::booking_customers_service_server::{
    BookingCustomersService, BookingCustomersServiceServer,
};

pub(super) fn service(app: &App) -> BookingCustomersServiceServer<Service> {
    BookingCustomersServiceServer::new(Service { app: app.clone() })
}

pub(super) struct Service {
    app: App,
}

#[async_trait]
impl BookingCustomersService for Service {
    async fn get_booking_customer(
        &self,
        request: Request<pb::GetBookingCustomerRequest>,
    ) -> Result<Response<pb::BookingCustomerAnswer>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let answer = actions::get(app, &context, request.booking_internal_id).await?;
            Ok(write::customer(&answer))
        })
        .await
    }

    async fn update_booking_customer(
        &self,
        request: Request<pb::UpdateBookingCustomerRequest>,
    ) -> Result<Response<pb::BookingCustomerAnswer>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let mask = request.update_mask.as_ref();
            let patch = read::customer(request.booking_customer, mask);
            let number = request.booking_internal_id;
            let answer = actions::set_customer(app, &context, number, &patch).await?;
            Ok(write::customer(&answer))
        })
        .await
    }
}
