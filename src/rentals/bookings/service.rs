//! The RPCs of bookings.

use std::collections::HashMap;

use steward_database::Listed;
use steward_kernel::list::Filter;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result};
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::change::Answer;
use super::model::Booking;
use super::repository::{DELETED, overlapping};
use super::write::Included;
use super::{actions, read, write};
use crate::customers;
use crate::customers::model::CustomerAnswer;
use crate::item_photos;
use crate::items;
use crate::owners::Terms;
use crate::pb;
use crate::pb::bookings_service_server::{BookingsService, BookingsServiceServer};
use crate::time::{Edge, Span, local_time};
use crate::wire::{deleted, include, list_query};

pub(crate) fn service(app: &App) -> BookingsServiceServer<Service> {
    BookingsServiceServer::new(Service { app: app.clone() })
}

pub(crate) struct Service {
    app: App,
}

/// What can be included in the answer.
const INCLUDES: &[&str] = &["customer", "items", "items.item", "services", "payments"];

/// Looks up what is to be included in the answer about some bookings.
pub(super) async fn included(
    app: &App,
    context: &Context,
    asked: &[&str],
    answers: &[Answer],
) -> Result<Included> {
    let mut found = Included {
        lines: asked.iter().any(|one| one.starts_with("items")),
        services: asked.contains(&"services"),
        payments: asked.contains(&"payments"),
        ..Included::default()
    };
    if asked.contains(&"customer") {
        let mut numbers: Vec<i64> = answers
            .iter()
            .filter_map(|answer| answer.booking.customer.as_ref()?.internal_id)
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let customers = customers::actions::among(app, context, &numbers).await?;
        let whole = customers.into_iter().map(|customer| {
            let number = customer.internal_id;
            (number, customers::wire::customer(CustomerAnswer { customer, addresses: None }))
        });
        found.customers = Some(whole.collect());
    }
    if asked.contains(&"items.item") || asked.contains(&"item") {
        let mut numbers: Vec<i64> = answers
            .iter()
            .flat_map(|answer| answer.booking.lines.iter().map(|line| line.item_internal_id))
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let whole: HashMap<i64, pb::Item> = items::among(app, context, &numbers).await?;
        found.items = Some(whole);
    }
    if found.lines {
        found.photos = match &found.items {
            Some(whole) => {
                whole.values().filter_map(|item| Some((item.id, item.photo_url.clone()?))).collect()
            }
            None => photos(app, context, answers).await?,
        };
    }
    Ok(found)
}

/// Where the first photos of the items of some bookings are, by the item's id.
async fn photos(app: &App, context: &Context, answers: &[Answer]) -> Result<HashMap<i64, String>> {
    let lines = answers.iter().flat_map(|answer| &answer.booking.lines);
    let mut ids: Vec<i64> = lines.map(|line| line.item_id).collect();
    ids.sort_unstable();
    ids.dedup();
    item_photos::actions::first(app, context, &ids).await
}

/// The booking in an answer, without anything that was not asked for.
pub(super) fn plain(answer: Answer) -> Result<pb::Booking> {
    write::booking(answer, &Included::default())
}

/// Reads a stretch of time: two times with a comma between them.
fn overlaps(text: &str, terms: &Terms) -> Result<Filter> {
    let mut violations = Violations::default();
    let times = terms.settings.day_times();
    let span = text.split_once(',').and_then(|(from, till)| {
        let from = local_time(from, Edge::Start, times, &terms.zone)?;
        let till = local_time(till, Edge::End, times, &terms.zone)?;
        Some(Span { from: terms.zone.instant(from), till: terms.zone.instant(till) })
    });
    match span {
        Some(span) => Ok(overlapping(span)),
        None => {
            let message = "Overlaps is two times such as 2026-03-01,2026-03-31.";
            violations.format("overlaps", message);
            violations.finish(Filter::All(Vec::new()))
        }
    }
}

#[async_trait]
impl BookingsService for Service {
    async fn create_booking(
        &self,
        request: Request<pb::CreateBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = read::booking(request.booking, None)?;
            plain(actions::create(app, &context, &patch).await?)
        })
        .await
    }

    async fn list_bookings(
        &self,
        request: Request<pb::ListBookingsRequest>,
    ) -> Result<Response<pb::ListBookingsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, mut request| async move {
            let terms = actions::terms(app, &context).await?;
            let query = list_query!(Booking, request, Some(&*terms))?;
            let mut scopes: Vec<Filter> =
                deleted(request.deleted.as_deref(), DELETED)?.into_iter().collect();
            if let Some(text) = &request.overlaps {
                scopes.push(overlaps(text, &terms)?);
            }
            let asked = include(request.include.as_deref(), INCLUDES)?;
            let scope = Filter::All(scopes);
            let asked_stats =
                crate::wire::stats(&request.stats, Booking::LIST.fields, &["total", "balance"])?;
            let page = actions::list(app, &context, Some(&scope), &query, &terms).await?;
            let included = included(app, &context, &asked, &page.items).await?;
            let stats = if asked_stats.is_empty() {
                None
            } else {
                Some(app.stats::<Booking>(&context, Some(&scope), &query, &asked_stats).await?)
            };
            write::list(page, &included, stats.map(|stats| stats.to_string()))
        })
        .await
    }

    async fn get_booking(
        &self,
        request: Request<pb::GetBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let asked = include(request.include.as_deref(), INCLUDES)?;
            let answer = actions::get(app, &context, request.booking_internal_id).await?;
            let mut answers = actions::marked(app, &context, vec![answer]).await?;
            let included = included(app, &context, &asked, &answers).await?;
            let answer = answers.pop().ok_or_else(|| Error::internal("no answer"))?;
            write::booking(answer, &included)
        })
        .await
    }

    async fn update_booking(
        &self,
        request: Request<pb::UpdateBookingRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let patch = read::changed_booking(request.booking, request.update_mask.as_ref())?;
            let number = request.booking_internal_id;
            let answer = actions::update(app, &context, number, &patch).await?;
            plain(answer)
        })
        .await
    }

    async fn delete_booking(
        &self,
        request: Request<pb::DeleteBookingRequest>,
    ) -> Result<Response<()>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            actions::delete(app, &context, request.booking_internal_id).await
        })
        .await
    }

    async fn update_booking_document(
        &self,
        request: Request<pb::UpdateBookingDocumentRequest>,
    ) -> Result<Response<pb::Booking>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let mask = request.update_mask.as_ref();
            let patch = read::document_settings(request.document_settings, mask)?;
            let number = request.booking_internal_id;
            plain(actions::set_documents(app, &context, number, &patch).await?)
        })
        .await
    }
}
