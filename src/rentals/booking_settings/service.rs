//! The RPCs of settings of bookings.

use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::{actions, wire};
use crate::pb;
use crate::pb::booking_settings_service_server::{
    BookingSettingsService, BookingSettingsServiceServer,
};

pub(crate) fn service(app: &App) -> BookingSettingsServiceServer<Service> {
    BookingSettingsServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

#[async_trait]
impl BookingSettingsService for Service {
    async fn get_booking_settings(
        &self,
        request: Request<pb::GetBookingSettingsRequest>,
    ) -> Result<Response<pb::BookingSettings>, Status> {
        let app = &self.app;
        call::run(request, |context, _| async move {
            let answer = actions::get(app, &context).await?;
            Ok(wire::settings(context.tenant()?, answer))
        })
        .await
    }

    async fn update_booking_settings(
        &self,
        request: Request<pb::UpdateBookingSettingsRequest>,
    ) -> Result<Response<pb::BookingSettings>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let input = wire::input(request.booking_settings)?;
            let answer = actions::update(app, &context, &input).await?;
            Ok(wire::settings(context.tenant()?, answer))
        })
        .await
    }
}
