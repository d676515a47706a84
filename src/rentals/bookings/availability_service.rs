//! The RPCs that tell what is free when.

use std::sync::Arc;

use serde_json::{Value, json};
use steward_kernel::list::Filter;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Kind, Result, time};
use steward_platform::App;
use steward_transport::call;
use tonic::{Request, Response, Status, async_trait};

use super::line_edit::line_not_found;
use super::model::Dates;
use super::{actions, stock};
use crate::availability::{
    Every, Hold, Interval, Product, Reason, Shelf, Source, Stock, Wanted, check, checked, demands,
    intervals,
};
use crate::items::{self, Offered, ProductsAsked, Stocked};
use crate::money::Money;
use crate::owners::Terms;
use crate::pb;
use crate::pb::booking_availability_service_server::{
    BookingAvailabilityService, BookingAvailabilityServiceServer,
};
use crate::pb::products_availability_service_server::{
    ProductsAvailabilityService, ProductsAvailabilityServiceServer,
};
use crate::pricing::{DepositRule, Length, LinePrice, Priced, Unit};
use crate::time::{Edge, Period, Span};
use crate::wire::{page, page_of};

pub(super) fn service(app: &App) -> BookingAvailabilityServiceServer<Service> {
    BookingAvailabilityServiceServer::new(Service { app: app.clone() })
}

pub(super) fn products(app: &App) -> ProductsAvailabilityServiceServer<Service> {
    ProductsAvailabilityServiceServer::new(Service { app: app.clone() })
}

pub(super) struct Service {
    app: App,
}

/// Reads a period that is asked about.
fn period(
    start: Option<&str>,
    end: Option<&str>,
    every: Option<Every>,
    terms: &Terms,
) -> Result<Period> {
    let mut violations = Violations::default();
    let mut read = |field: &str, text: Option<&str>, edge| match text {
        None => {
            violations.required(field);
            None
        }
        Some(text) => terms.read_time(&mut violations, field, text, edge),
    };
    let start = read("start_at", start, Edge::Start);
    let end = read("end_at", end, Edge::End);
    violations.finish(())?;
    let (Some(start), Some(end)) = (start, end) else {
        return Err(no_period("There is no period."));
    };
    let period = Period::new(start, end, &terms.zone);
    period
        .and_then(|period| checked(period, every))
        .map_err(|error| no_period(&format!("Here {error}.")))
}

/// The error for what was asked about and is no period.
fn no_period(message: &str) -> Error {
    Error::named("end_at", "INVALID_PERIOD", message)
}

/// The error for a booking without dates where none are given.
fn undated() -> Error {
    Error::new(Kind::InvalidArgument, "BOOKING_INCOMPLETE", "The booking has no dates.")
}

fn quantity(given: Option<i32>) -> Result<u32> {
    let mut violations = Violations::default();
    let quantity = given.unwrap_or(1);
    violations.range("quantity", quantity, 1..=100_000);
    violations.finish(quantity.unsigned_abs())
}

/// How a period is asked about.
struct Asked {
    period: Period,
    quantity: u32,
    every: Option<Every>,
    commitments: bool,
}

/// Periods by the clock of the business, as `[from, till]`.
fn periods(spans: &[Span], terms: &Terms) -> String {
    let shown = spans.iter().map(|span| {
        json!([terms.zone.local(span.from).to_string(), terms.zone.local(span.till).to_string()])
    });
    shown.collect::<Value>().to_string()
}

fn pieces(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// What is free of an item.
fn answer(
    item: &Offered,
    shelf: &Shelf,
    asked: &Asked,
    terms: &Terms,
) -> Result<pb::ItemAvailability> {
    let stocked = &item.stocked;
    let product = Product::item(shelf);
    let span = asked.period.span();
    let found = product.answer(span, asked.quantity);
    let free = product.periods(span, asked.quantity);
    let wanted = Wanted {
        booking_item_id: 0,
        item_internal_id: stocked.internal_id,
        pieces: asked.quantity,
    };
    let titles = |_: i64| stocked.title.clone();
    let finding = demands([wanted])
        .into_iter()
        .next()
        .map(|demand| check(demand, shelf, &asked.period, &terms.zone));
    let shortage = finding
        .filter(|finding| finding.reason != Reason::None)
        .map(|finding| stock::facts(&finding, &titles, &terms.zone).to_string());
    let cut = asked.every.map(|every| {
        let cut = intervals(&product, &asked.period, every, &terms.zone);
        cut.iter().map(|one| interval(one, terms)).collect::<Value>().to_string()
    });
    let held = asked.commitments.then(|| {
        let held = shelf.commitments(span);
        held.iter().map(|hold| commitment(hold, terms)).collect::<Value>().to_string()
    });
    Ok(pb::ItemAvailability {
        id: stocked.id,
        product_id: stocked.id,
        kind: "item".to_owned(),
        item_internal_id: Some(stocked.internal_id),
        title: stocked.title.clone(),
        start_at: asked.period.start().to_string(),
        end_at: asked.period.end().to_string(),
        requested_quantity: pieces(asked.quantity),
        manage_stock: stocked.stock != Stock::Unmanaged,
        stock: stocked.stock.pieces().map(pieces),
        available: found.available && stocked.active,
        available_quantity: found.available_quantity.map(pieces),
        plannable_quantity: found.plannable_quantity.map(pieces),
        overbooked_quantity: pieces(found.overbooked_quantity),
        available_periods: periods(&free.available, terms),
        unavailable_periods: periods(&free.unavailable, terms),
        intervals: cut,
        commitments: held,
        price: Some(price(item, asked, terms)?),
        shortage,
        item: Some(pb::Item { id: stocked.id, ..pb::Item::default() }),
    })
}

/// What a quantity costs for the period.
fn price(item: &Offered, asked: &Asked, terms: &Terms) -> Result<pb::PriceQuote> {
    let length = Length::of(&asked.period).charged(terms.settings.leeway_minutes);
    let quote = item
        .table
        .piece(length)
        .and_then(|piece| LinePrice::new(piece, asked.quantity))
        .map_err(super::line::too_large)?;
    let each = DepositRule::per_piece(item.deposit, item.value);
    let money = |amount: Money| Some(crate::wire::money(amount.cents(), &terms.currency));
    let deposit = each.times(asked.quantity).map_err(super::line::too_large)?;
    Ok(pb::PriceQuote {
        unit: match quote.unit {
            Unit::Day => pb::PriceUnit::Day.into(),
            Unit::Hour => pb::PriceUnit::Hour.into(),
        },
        units: pieces(quote.units),
        total: money(quote.total),
        deposit_total: money(deposit),
    })
}

fn interval(interval: &Interval, terms: &Terms) -> Value {
    json!({
        "start_at": terms.zone.local(interval.span.from).to_string(),
        "end_at": terms.zone.local(interval.span.till).to_string(),
        "available_quantity": interval.available_quantity,
        "status": interval.status.as_str(),
    })
}

fn commitment(hold: &Hold, terms: &Terms) -> Value {
    let local = |at| terms.zone.local(at).to_string();
    let mut shown = json!({
        "quantity": hold.pieces,
        "from": local(hold.span.from),
        "till": hold.span.end().map(local),
    });
    match &hold.source {
        Source::Booking { booking_internal_id, status, .. } => {
            shown["source"] = "booking".into();
            shown["booking_internal_id"] = (*booking_internal_id).into();
            shown["status"] = status.as_str().into();
        }
        Source::Downtime => shown["source"] = "downtime".into(),
    }
    shown
}

/// The shelves of some items for a period, without a booking.
async fn shelves(
    app: &App,
    context: &Context,
    stocked: &[Stocked],
    period: &Period,
    terms: &Terms,
    without: Option<i64>,
) -> Result<Vec<Shelf>> {
    let tx = app.read(context).await?;
    let span = stock::span(period, stocked, terms);
    stock::shelves(&tx, context.tenant()?, stocked, span, terms, time::now(), without).await
}

/// How a period is to be cut.
fn every(interval: Option<&str>) -> Result<Option<Every>> {
    match interval {
        None | Some("") => Ok(None),
        Some("day") => Ok(Some(Every::Day)),
        Some("hour") => Ok(Some(Every::Hour)),
        Some(_) => Err(Error::rule("interval", "Interval is day or hour.")),
    }
}

#[async_trait]
impl BookingAvailabilityService for Service {
    async fn check_booking(
        &self,
        request: Request<pb::CheckBookingRequest>,
    ) -> Result<Response<pb::BookingAvailability>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let shown = actions::get(app, &context, request.booking_internal_id).await?;
            let (mut booking, terms) = (shown.booking, shown.terms);
            if request.start_at.is_some() || request.end_at.is_some() {
                let (start, end) = (request.start_at.as_deref(), request.end_at.as_deref());
                let asked = period(start, end, None, &terms)?;
                booking.dates = Some(Dates { start: asked.start(), end: asked.end() });
            }
            let asked = booking.period(&terms.zone).ok_or_else(undated)?;
            let ids: Vec<i64> = booking.lines.iter().map(|line| line.item_id).collect();
            let tx = app.read(&context).await?;
            let stocked = items::facts(&tx, context.tenant()?, &ids).await?;
            drop(tx);
            let without = Some(booking.internal_id);
            let shelves = shelves(app, &context, &stocked, &asked, &terms, without).await?;
            let findings = stock::findings(&booking, &shelves, &asked, &terms);
            let titles = |item: i64| {
                let found = stocked.iter().find(|stocked| stocked.internal_id == item);
                found.map(|stocked| stocked.title.clone()).unwrap_or_default()
            };
            let items: Value = findings
                .iter()
                .map(|finding| {
                    let mut facts = stock::facts(finding, &titles, &terms.zone);
                    facts["title"] = facts["item_title"].take();
                    if let Some(members) = facts.as_object_mut() {
                        members.remove("item_title");
                    }
                    facts
                })
                .collect();
            Ok(pb::BookingAvailability {
                id: booking.id,
                start_at: asked.start().to_string(),
                end_at: asked.end().to_string(),
                available: findings.iter().all(|finding| finding.reason == Reason::None),
                items: items.to_string(),
                booking: Some(pb::Booking { id: booking.id, ..pb::Booking::default() }),
            })
        })
        .await
    }

    async fn check_booking_product(
        &self,
        request: Request<pb::CheckBookingProductRequest>,
    ) -> Result<Response<pb::ItemAvailability>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let wanted = quantity(request.quantity)?;
            let number = request.item_internal_id;
            let number = number.ok_or_else(|| Error::required("item_internal_id"))?;
            let shown = actions::get(app, &context, request.booking_internal_id).await?;
            let (mut booking, terms) = (shown.booking, shown.terms);
            let item = offered(app, &context, number).await?;
            let asked = booking.period(&terms.zone).ok_or_else(undated)?;
            if let Some(id) = request.booking_item_id {
                let lines = booking.lines.len();
                booking.lines.retain(|line| line.id != id);
                if booking.lines.len() == lines {
                    return Err(line_not_found(id));
                }
            }
            let stocked = std::slice::from_ref(&item.stocked);
            let without = Some(booking.internal_id);
            let mut shelves = shelves(app, &context, stocked, &asked, &terms, without).await?;
            let Some(mut shelf) = shelves.pop() else { return Err(not_found(number)) };
            // What the other lines of the booking ask for is not there for this one.
            let others: u32 = booking
                .lines
                .iter()
                .filter(|line| line.item_internal_id == number)
                .map(|line| line.wanted().pieces)
                .sum();
            if others > 0 {
                shelf = shelf.with_hold(Hold {
                    pieces: others,
                    span: asked.span(),
                    source: Source::Booking {
                        booking_internal_id: booking.internal_id,
                        status: booking.status,
                        period: asked,
                    },
                });
            }
            let asked = Asked { period: asked, quantity: wanted, every: None, commitments: false };
            answer(&item, &shelf, &asked, &terms)
        })
        .await
    }
}

/// The live item with a number.
async fn offered(app: &App, context: &Context, number: i64) -> Result<Offered> {
    let tx = app.read(context).await?;
    let found = items::offered(&tx, context.tenant()?, &[number]).await?;
    found.into_iter().next().ok_or_else(|| not_found(number))
}

fn not_found(number: i64) -> Error {
    Error::not_found("Item", number)
}

#[async_trait]
impl ProductsAvailabilityService for Service {
    async fn check_product(
        &self,
        request: Request<pb::CheckProductRequest>,
    ) -> Result<Response<pb::ItemAvailability>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let terms: Arc<Terms> = actions::terms(app, &context).await?;
            let every = every(request.interval.as_deref())?;
            let (start, end) = (request.start_at.as_deref(), request.end_at.as_deref());
            let asked = Asked {
                period: period(start, end, every, &terms)?,
                quantity: quantity(request.quantity)?,
                every,
                commitments: request.commitments.unwrap_or(false),
            };
            let tx = app.read(&context).await?;
            let item = items::product(&tx, context.tenant()?, request.product_id).await?;
            drop(tx);
            let item = item.ok_or_else(|| Error::not_found("Product", request.product_id))?;
            let stocked = std::slice::from_ref(&item.stocked);
            let without = request.booking_internal_id;
            if let Some(number) = without {
                actions::get(app, &context, number).await?;
            }
            let found = shelves(app, &context, stocked, &asked.period, &terms, without).await?;
            match found.first() {
                Some(shelf) => answer(&item, shelf, &asked, &terms),
                None => Err(Error::not_found("Product", request.product_id)),
            }
        })
        .await
    }

    async fn check_products(
        &self,
        request: Request<pb::CheckProductsRequest>,
    ) -> Result<Response<pb::CheckProductsResponse>, Status> {
        let app = &self.app;
        call::run(request, |context, request| async move {
            let terms: Arc<Terms> = actions::terms(app, &context).await?;
            let (start, end) = (request.start_at.as_deref(), request.end_at.as_deref());
            let asked = Asked {
                period: period(start, end, None, &terms)?,
                quantity: quantity(request.quantity)?,
                every: None,
                commitments: false,
            };
            let wanted = page_of(request.page_number, request.page_size)?;
            let pb::CheckProductsRequest { q, filter, product_ids: ids, .. } = request;
            let query = ProductsAsked { q, filter, ids }.page(wanted)?;
            let scope = match request.available {
                None => None,
                Some(is_free) => {
                    let (tx, period) = (app.read(&context).await?, &asked.period);
                    let tenant = context.tenant()?;
                    let free = items::available(&tx, tenant, period, asked.quantity, &terms);
                    let free = free.await?;
                    Some(if is_free { free } else { Filter::Not(Box::new(free)) })
                }
            };
            let Page { total, items: offered, .. } =
                items::page_of(app, &context, scope, &query).await?;
            let stocked: Vec<Stocked> = offered.iter().map(|one| one.stocked.clone()).collect();
            let shelves = shelves(app, &context, &stocked, &asked.period, &terms, None).await?;
            let answers = offered
                .iter()
                .zip(&shelves)
                .map(|(item, shelf)| answer(item, shelf, &asked, &terms))
                .collect::<Result<Vec<_>>>()?;
            let found = Page { request: wanted, total, items: answers };
            let (page_info, products) = page(found, |one| one);
            Ok(pb::CheckProductsResponse { products, page_info })
        })
        .await
    }
}
