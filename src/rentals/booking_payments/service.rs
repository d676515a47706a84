//! The RPCs of the payments of bookings.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::booking_payments_service_server::{
    BookingPaymentsService, BookingPaymentsServiceServer,
};
use crate::wire::{cut, page, whole_page};

pub(crate) fn service(app: &App) -> BookingPaymentsServiceServer<Service> {
    BookingPaymentsServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl BookingPaymentsService for Service {
    async fn list_payments(
        &self,
        request: Request<pb::ListPaymentsRequest>,
    ) -> Result<Response<pb::ListPaymentsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let number = request.booking_internal_id;
            let (found, currency) = actions::list(app, &context, number).await?;
            let stats = wire::stats(&request.stats, &found)?;
            let (page_info, booking_payments) =
                page(cut(found, wanted), |payment| wire::message(payment, number, &currency));
            let stats = stats.unwrap_or_default();
            Ok(pb::ListPaymentsResponse { booking_payments, page_info, stats })
        })
        .await
    }

    async fn get_payment(
        &self,
        request: Request<pb::GetPaymentRequest>,
    ) -> Result<Response<pb::BookingPayment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let number = request.booking_internal_id;
            let (payment, currency) = actions::one(app, &context, number, request.id).await?;
            Ok(wire::message(payment, number, &currency))
        })
        .await
    }

    async fn create_payment(
        &self,
        request: Request<pb::CreatePaymentRequest>,
    ) -> Result<Response<pb::BookingPayment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = wire::payment(request.booking_payment, None, true)?;
            let number = request.booking_internal_id;
            let (payment, currency) = actions::add(app, &context, number, &patch).await?;
            Ok(wire::message(payment, number, &currency))
        })
        .await
    }

    async fn update_payment(
        &self,
        request: Request<pb::UpdatePaymentRequest>,
    ) -> Result<Response<pb::BookingPayment>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let mask = request.update_mask.as_ref();
            let patch = wire::payment(request.booking_payment, mask, false)?;
            let (number, id) = (request.booking_internal_id, request.id);
            let (payment, currency) = actions::update(app, &context, number, id, &patch).await?;
            Ok(wire::message(payment, number, &currency))
        })
        .await
    }

    async fn delete_payment(
        &self,
        request: Request<pb::DeletePaymentRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.booking_internal_id, request.id).await
        })
        .await
    }
}
