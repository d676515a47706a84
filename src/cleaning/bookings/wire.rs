//! Bookings between proto and model.

use steward_contracts::google::r#type::Money;
use steward_kernel::Result;
use steward_kernel::list::Order as ListOrder;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;

use super::actions::Made;
use super::model::{Agreed, Approval, BookedSegment, Booking, Home, NewBooking, Order, Orderer};
use super::repository::ID;
use crate::clients::model::ClientInput;
use crate::clients::wire::client;
use crate::events::wire::event;
use crate::locations::wire as locations;
use crate::pricing::{LineKind, Rate};
use crate::scheduling::{Recurrence, Weekdays};
use crate::wire::{
    array, clock, day, decimal, email, hours, required_day, required_hours, stated, timestamp,
    whole,
};
use crate::{money, pb};

/// Most kinds of rooms, and most extras, of a booking.
const MOST: usize = 100;

/// Reads a booking to be made, and the company that is named.
pub fn new(request: pb::AddClientBookingRequest) -> Result<(Option<i64>, NewBooking)> {
    let pb::AddClientBookingRequest {
        tenant_id,
        client_id,
        client,
        location_id,
        location,
        service_id,
        frequency,
        week_days,
        monthly_mode,
        start_date,
        end_date,
        start_time,
        time_preference_id,
        hours,
        first_visit_hours,
        cleaners_needed,
        rooms,
        extras,
        promo_code,
        lead_source_id,
        notes,
    } = request;
    let violations = &mut Violations::below("");
    let client = match client {
        Some(message) => orderer(violations, message, lead_source_id),
        None => Orderer::Client(client_id),
    };
    let home = match (location, location_id) {
        (Some(message), _) => {
            Home::New(Box::new(locations::read(violations, "location.", message).input))
        }
        (None, id) => Home::Known(violations.required_id("location_id", id.unwrap_or_default())),
    };
    let start_date = required_day(violations, "start_date", start_date);
    let end_date = day(violations, "end_date", end_date);
    if end_date.is_some_and(|end| end < start_date) {
        violations.rule("end_date", "The last date lies before the first.");
    }
    if promo_code.is_some_and(|code| !code.trim().is_empty()) {
        violations.rule("promo_code", "The company has no such code.");
    }
    let time_preference = time_preference_id.unwrap_or(1);
    violations.range("time_preference_id", time_preference, 1..=4);
    let order = Order {
        service_id: violations.required_id("service_id", service_id),
        recurrence: recurrence(violations, frequency, &week_days, monthly_mode),
        start_date,
        end_date,
        start_time: clock(violations, "start_time", start_time),
        time_preference: i16::try_from(time_preference).unwrap_or(1),
        hours: required_hours(violations, "hours", hours.as_ref()),
        first_visit_hours: self::hours(violations, "first_visit_hours", first_visit_hours.as_ref()),
        cleaners_needed: cleaners(violations, cleaners_needed),
        rooms: quantities(
            violations,
            ("rooms", "room_id"),
            rooms.into_iter().map(|room| (room.room_id, room.quantity)).collect(),
        ),
        extras: quantities(
            violations,
            ("extras", "extra_rate_id"),
            extras.into_iter().map(|extra| (extra.extra_rate_id, extra.quantity)).collect(),
        ),
        lead_source_id,
        notes: violations.tidy("notes", notes, 2000),
    };
    std::mem::take(violations).finish((tenant_id, NewBooking { client, home, order }))
}

/// Reads somebody who becomes a client by a booking.
fn orderer(
    violations: &mut Violations,
    message: pb::BookingClient,
    lead_source_id: Option<i64>,
) -> Orderer {
    let pb::BookingClient { first_name, last_name, email: address, phone, password } = message;
    let person = ClientInput {
        first_name: violations.required_tidy("client.first_name", first_name, 80),
        last_name: violations.required_tidy("client.last_name", last_name, 80),
        email: Some(email(violations, "client.email", address)),
        phone: violations.phone("client.phone", phone),
        secondary_phone: None,
        image_url: None,
        contact_preference: "email".to_owned(),
        lead_source_id,
        tags: Vec::new(),
        birthday: None,
    };
    let password = password.filter(|password| !password.is_empty()).map(Into::into);
    Orderer::New { person: Box::new(person), password }
}

/// Reads how often visits are.
pub(crate) fn recurrence(
    violations: &mut Violations,
    frequency: i32,
    week_days: &[i32],
    monthly_mode: Option<String>,
) -> Recurrence {
    let days: Vec<i16> =
        week_days.iter().map(|day| i16::try_from(*day).unwrap_or(i16::MAX)).collect();
    if frequency != 7 && !days.is_empty() {
        violations.rule("week_days", "Days of the week are said with several weekdays alone.");
    }
    let mode = monthly_mode.filter(|mode| !mode.trim().is_empty());
    if frequency != 6 && mode.is_some() {
        violations.rule("monthly_mode", "The day of the month is said with monthly visits alone.");
    }
    match frequency {
        0 => violations.required("frequency"),
        1 => return Recurrence::Once,
        2 => return Recurrence::Weekly,
        3 => return Recurrence::EveryTwoWeeks,
        4 => return Recurrence::EveryThreeWeeks,
        5 => return Recurrence::EveryFourWeeks,
        6 => match mode.as_deref().map(str::trim) {
            None => return Recurrence::NthWeekday,
            Some(mode) if mode.eq_ignore_ascii_case(NTH_WEEKDAY) => return Recurrence::NthWeekday,
            Some(mode) if mode.eq_ignore_ascii_case(DAY_OF_MONTH) => return Recurrence::DayOfMonth,
            Some(_) => {
                let message = format!("It is none of {NTH_WEEKDAY}, {DAY_OF_MONTH}.");
                violations.rule("monthly_mode", message);
            }
        },
        7 => match Weekdays::new(&days) {
            Some(days) => return Recurrence::SeveralWeekdays(days),
            None if days.is_empty() => violations.required("week_days"),
            None => {
                let message = "Days of the week are 0 Sunday to 6 Saturday, each once.";
                violations.rule("week_days", message);
            }
        },
        _ => violations.rule("frequency", "There is no such frequency."),
    }
    // Nothing is done with it after a refusal.
    Recurrence::Once
}

const NTH_WEEKDAY: &str = "nthWeekday";
const DAY_OF_MONTH: &str = "dayOfMonth";

fn cleaners(violations: &mut Violations, number: Option<i32>) -> u16 {
    let number = number.unwrap_or(1);
    violations.range("cleaners_needed", number, 1..=10);
    u16::try_from(number).unwrap_or(1)
}

/// Reads what is had how often: each once.
fn quantities(
    violations: &mut Violations,
    (list, id_field): (&str, &str),
    given: Vec<(i64, Option<i32>)>,
) -> Vec<(i64, u16)> {
    if given.len() > MOST {
        violations.rule(list, format!("There are more than {MOST}."));
    }
    let mut read: Vec<(i64, u16)> = Vec::with_capacity(given.len().min(MOST));
    for (index, (id, quantity)) in given.into_iter().enumerate() {
        let at = format!("{list}[{index}]");
        let id = violations.required_id(&format!("{at}.{id_field}"), id);
        if read.iter().any(|(present, _)| *present == id) {
            violations.rule(&format!("{at}.{id_field}"), "This is there twice.");
        }
        let quantity = quantity.unwrap_or(1);
        violations.range(&format!("{at}.quantity"), quantity, 1..=1000);
        read.push((id, u16::try_from(quantity).unwrap_or(1)));
    }
    read
}

/// Reads what is changed of a booking when it is accepted.
pub fn approval(request: pb::ApproveBookingRequest) -> Result<(i64, Approval)> {
    let pb::ApproveBookingRequest { id, hours: length, first_visit_hours, start_date, start_time } =
        request;
    let mut violations = Violations::below("");
    let approval = Approval {
        hours: hours(&mut violations, "hours", length.as_ref()),
        first_visit_hours: hours(&mut violations, "first_visit_hours", first_visit_hours.as_ref()),
        start_date: day(&mut violations, "start_date", start_date),
        start_time: clock(&mut violations, "start_time", start_time),
    };
    let id = violations.required_id("id", id);
    violations.finish((id, approval))
}

/// Reads why a booking is refused.
pub fn rejection(request: pb::RejectBookingRequest) -> Result<(i64, Option<String>)> {
    let pb::RejectBookingRequest { id, reason } = request;
    let mut violations = Violations::below("");
    let reason = violations.tidy("reason", reason, 500);
    let id = violations.required_id("id", id);
    violations.finish((id, reason))
}

/// Where the bookings of a list stand, and the area that they are in.
type Narrowed = (Option<i16>, Option<i64>);

/// Reads what a list of the company's bookings is asked for.
pub fn query(request: pb::ListBookingsByStatusRequest) -> Result<(Narrowed, ListQuery)> {
    let pb::ListBookingsByStatusRequest {
        status,
        search,
        tenant_location_id,
        page_number,
        page_size,
    } = request;
    let mut violations = Violations::below("");
    let status = named_status(&mut violations, &status);
    let query = latest_first(whole(&mut violations, page_number, page_size, &[]));
    let query = query.search("search", search, &mut violations);
    violations.finish(((status, tenant_location_id), query))
}

/// Reads what a list of a client's bookings is asked for.
pub fn query_of_client(
    request: pb::ListClientBookingsRequest,
) -> Result<(i64, Option<i16>, ListQuery)> {
    let pb::ListClientBookingsRequest { id, status, page_number, page_size } = request;
    let mut violations = Violations::below("");
    let query = latest_first(whole(&mut violations, page_number, page_size, &[]));
    violations.finish((id, stated(Some(status)), query))
}

fn latest_first(query: ListQuery) -> ListQuery {
    ListQuery { order: vec![ListOrder { field: ID, descending: true }], ..query }
}

/// Reads where bookings stand: the number or the name of it; `0` and `all` are everywhere.
fn named_status(violations: &mut Violations, text: &str) -> Option<i16> {
    let text = text.trim();
    if text.is_empty() {
        violations.required("status");
        return None;
    }
    if text.eq_ignore_ascii_case("all") || text == "0" {
        return None;
    }
    let known = (1..=7).find(|number| {
        let name = pb::BookingStatus::try_from(i32::from(*number)).map(|one| one.as_str_name());
        let name = name.unwrap_or_default().replace("BOOKING_STATUS_", "").replace('_', "");
        name.eq_ignore_ascii_case(text) || number.to_string() == text
    });
    if known.is_none() {
        violations.format("status", "Bookings stand at 1 to 7, or at a name such as Unassigned.");
    }
    known
}

/// Writes a booking that was made.
pub fn made(made: Made) -> pb::AddClientBookingResponse {
    pb::AddClientBookingResponse {
        id: made.booking.id,
        client: Some(client(made.client)),
        booking: Some(booking(made.booking)),
        events: made.events.into_iter().map(event).collect(),
    }
}

/// Writes bookings.
pub fn list(page: Page<Booking>) -> pb::ListBookingsResponse {
    let (items, total_count, page_number, page_size) = array(page, booking);
    pb::ListBookingsResponse { items, total_count, page_number, page_size }
}

/// Writes a booking.
pub fn booking(booking: Booking) -> pb::Booking {
    let Booking {
        id,
        client_id,
        location_id,
        service_id,
        tenant_location_id,
        agreed,
        status,
        billing_status,
        source,
        generated_through,
        next_event_date,
        currency,
        created_at,
        updated_at,
        version,
    } = booking;
    let pricing = agreed.segments.last().map(|last| pricing(&agreed, last, &currency));
    let last = agreed.segments.last().copied();
    let start = last.filter(|last| last.is_time_confirmed).map(|last| last.schedule.start);
    let hours = last.map(|last| last.hours).unwrap_or_default();
    let (week_days, monthly_mode) =
        last.map(|last| days(last.schedule.recurrence)).unwrap_or_default();
    let segments = agreed.segments.iter().map(|one| segment(one, &currency)).collect();
    let duration = agreed.terms.duration_minutes(hours);
    let Agreed {
        start_date,
        end_date,
        time_preference,
        first_visit_hours,
        terms,
        segments: _,
        lead_source_id,
        notes,
    } = agreed;
    let rooms = terms.rooms.into_iter().map(|room| pb::BookedRoom {
        room_id: room.room_id,
        quantity: Some(room.quantity.into()),
        name: Some(room.name),
    });
    let extras = terms.extras.into_iter().map(|extra| pb::BookedExtra {
        extra_rate_id: extra.extra_rate_id,
        quantity: Some(extra.quantity.into()),
        name: Some(extra.name),
    });
    pb::Booking {
        id,
        client_id,
        location_id,
        service_id,
        tenant_location_id,
        frequency: last.map_or(0, |last| last.schedule.recurrence.frequency().into()),
        week_days,
        monthly_mode,
        start_date: start_date.to_string(),
        end_date: end_date.map(|date| date.to_string()),
        start_time: start.map(|time| time.to_string()),
        time_preference_id: time_preference.into(),
        hours: Some(decimal(hours.decimal())),
        first_visit_hours: first_visit_hours.map(|hours| decimal(hours.decimal())),
        cleaners_needed: last.map_or(0, |last| last.cleaners_needed.into()),
        rooms: rooms.collect(),
        extras: extras.collect(),
        lead_source_id,
        notes,
        duration_minutes: duration.cast_signed(),
        pricing,
        status: status.into(),
        billing_status: billing_status.into(),
        segments,
        next_event_date: next_event_date.map(|date| date.to_string()),
        generated_through: generated_through.map(|date| date.to_string()),
        source,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes on which days visits are, as far as the frequency leaves it open.
fn days(recurrence: Recurrence) -> (Vec<i32>, Option<String>) {
    match recurrence {
        Recurrence::SeveralWeekdays(days) => {
            (days.numbers().into_iter().map(i32::from).collect(), None)
        }
        Recurrence::NthWeekday => (Vec::new(), Some(NTH_WEEKDAY.to_owned())),
        Recurrence::DayOfMonth => (Vec::new(), Some(DAY_OF_MONTH.to_owned())),
        Recurrence::Once
        | Recurrence::Weekly
        | Recurrence::EveryTwoWeeks
        | Recurrence::EveryThreeWeeks
        | Recurrence::EveryFourWeeks => (Vec::new(), None),
    }
}

fn segment(segment: &BookedSegment, currency: &str) -> pb::BookingSegment {
    let BookedSegment { schedule, is_time_confirmed: _, hours, cleaners_needed, price } = segment;
    let (week_days, monthly_mode) = days(schedule.recurrence);
    pb::BookingSegment {
        from_date: schedule.from.to_string(),
        anchor_date: schedule.anchor.to_string(),
        frequency: schedule.recurrence.frequency().into(),
        week_days,
        monthly_mode,
        start_time: schedule.start.to_string(),
        hours: Some(decimal(hours.decimal())),
        cleaners_needed: (*cleaners_needed).into(),
        price: Some(money::write(*price, currency)),
    }
}

fn pricing(agreed: &Agreed, segment: &BookedSegment, currency: &str) -> pb::Pricing {
    let amount = |amount: i64| -> Option<Money> { Some(money::write(amount, currency)) };
    let price = agreed.price(segment);
    let (Rate::Hourly(unit) | Rate::Flat(unit)) = agreed.terms.rate;
    let lines = price.lines.iter().map(|line| pb::PricingLine {
        kind: match line.kind {
            LineKind::Base => "base",
            LineKind::Room => "room",
            LineKind::Extra => "extra",
        }
        .to_owned(),
        description: line.name.clone(),
        quantity: Some(decimal(line.quantity)),
        unit_amount: amount(line.unit_amount),
        amount: amount(line.amount),
    });
    pb::Pricing {
        currency: currency.to_owned(),
        unit_rate: amount(unit),
        base: amount(price.sum(LineKind::Base)),
        rooms: amount(price.sum(LineKind::Room)),
        extras: amount(price.sum(LineKind::Extra)),
        subtotal: amount(price.subtotal),
        discount: amount(price.discount),
        tax: amount(price.tax),
        total: amount(price.total),
        first_visit_total: amount(agreed.first_visit(segment).1),
        monthly_value: amount(agreed.monthly_value(segment)),
        lines: lines.collect(),
    }
}
