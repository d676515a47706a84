//! The RPCs of the items of bookings.

use steward_kernel::{Context, Result};
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::change::Answer;
use super::line_edit::line_not_found;
use super::service::included;
use super::{actions, read, write};
use crate::pb;
use crate::pb::booking_items_service_server::{BookingItemsService, BookingItemsServiceServer};
use crate::wire::{cut, include, page, whole_page};

pub(super) fn service(app: &App) -> BookingItemsServiceServer<Service> {
    BookingItemsServiceServer::new(Service { app: app.clone() })
}

pub(super) struct Service {
    app: App,
}

/// What can be included in the answer.
const INCLUDES: &[&str] = &["item"];

/// The lines of a booking, with what is to be included.
async fn lines(
    app: &App,
    context: &Context,
    answer: Answer,
    asked: &[&str],
) -> Result<Vec<pb::BookingItem>> {
    let answers = [answer];
    let asked: Vec<&str> = std::iter::once("items").chain(asked.iter().copied()).collect();
    let included = included(app, context, &asked, &answers).await?;
    write::lines(&answers[0], &included)
}

/// One line of a booking.
fn one(lines: Vec<pb::BookingItem>, id: i64) -> Result<pb::BookingItem> {
    lines.into_iter().find(|line| line.id == id).ok_or_else(|| line_not_found(id))
}

#[async_trait]
impl BookingItemsService for Service {
    async fn list_booking_items(
        &self,
        request: Request<pb::ListBookingItemsRequest>,
    ) -> Result<Response<pb::ListBookingItemsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = whole_page(request.page_number, request.page_size)?;
            let asked = include(request.include.as_deref(), INCLUDES)?;
            let answer = actions::get(app, &context, request.booking_internal_id).await?;
            let found = lines(app, &context, answer, &asked).await?;
            let (page_info, booking_items) = page(cut(found, wanted), |line| line);
            Ok(pb::ListBookingItemsResponse { booking_items, page_info })
        })
        .await
    }

    async fn get_booking_item(
        &self,
        request: Request<pb::GetBookingItemRequest>,
    ) -> Result<Response<pb::BookingItem>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let asked = include(request.include.as_deref(), INCLUDES)?;
            let answer = actions::get(app, &context, request.booking_internal_id).await?;
            one(lines(app, &context, answer, &asked).await?, request.id)
        })
        .await
    }

    async fn create_booking_item(
        &self,
        request: Request<pb::CreateBookingItemRequest>,
    ) -> Result<Response<pb::BookingItem>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = read::new_line(request.booking_item);
            let number = request.booking_internal_id;
            let (answer, id) = actions::add_line(app, &context, number, &patch).await?;
            let warnings = write::warned(&answer.warnings)?;
            let line = one(lines(app, &context, answer, &[]).await?, id)?;
            Ok(pb::BookingItem { warnings, ..line })
        })
        .await
    }

    async fn update_booking_item(
        &self,
        request: Request<pb::UpdateBookingItemRequest>,
    ) -> Result<Response<pb::BookingItem>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = read::changed_line(request.booking_item, request.update_mask.as_ref());
            let (number, id) = (request.booking_internal_id, request.id);
            let answer = actions::change_line(app, &context, number, id, &patch).await?;
            let warnings = write::warned(&answer.warnings)?;
            let line = one(lines(app, &context, answer, &[]).await?, id)?;
            Ok(pb::BookingItem { warnings, ..line })
        })
        .await
    }

    async fn delete_booking_item(
        &self,
        request: Request<pb::DeleteBookingItemRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let (number, id) = (request.booking_internal_id, request.id);
            actions::remove_line(app, &context, number, id).await.map(drop)
        })
        .await
    }
}
