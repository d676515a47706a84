//! From what is ordered to what is agreed: an order checked against what the company offers today.

use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use steward_database::{Connection, find, find_all};
use steward_kernel::local::TimeOfDay;
use steward_kernel::validate::Violations;
use steward_kernel::{Result, TenantId};

use super::company::Company;
use super::model::{Agreed, BookedSegment, Order};
use crate::hours::Hours;
use crate::pricing::{Extra, Per, Rate, Room, Terms};
use crate::rooms::model::Room as OfferedRoom;
use crate::scheduling::Segment;
use crate::services::model::Service;
use crate::services::rates;

/// How far ahead a booking may begin, in months.
const LONGEST_LEAD: i32 = 18;

/// The longest first visit in hours.
const LONGEST_FIRST_VISIT: i64 = 16;

/// What is agreed by an order for a home in an area, at today's prices.
///
/// # Errors
/// INVALID_ARGUMENT for what the company does not offer, NOT_FOUND for what it does not have.
pub(super) async fn agree(
    connection: &Connection,
    tenant: TenantId,
    company: &Company,
    area: i64,
    order: &Order,
) -> Result<Agreed> {
    let service: Service = find(connection, tenant, order.service_id).await?;
    let rate = rates::active(connection, tenant, service.id, order.recurrence.frequency()).await?;
    let room_ids: Vec<i64> = order.rooms.iter().map(|(id, _)| *id).collect();
    let rooms: Vec<OfferedRoom> = find_all(connection, tenant, &room_ids).await?;

    let mut violations = Violations::below("");
    if !service.is_active || service.tenant_location_id != area {
        violations.rule("service_id", "The service is not offered where the home is.");
    }
    if rate.is_none() {
        violations.rule("frequency", "The service is not offered that often.");
    }
    check_hours(&mut violations, &service, order.hours, order.first_visit_hours);
    check_start(&mut violations, company, order.start_date);
    let terms = Terms {
        rate: match service.kind {
            1 => Rate::Hourly(rate.unwrap_or_default()),
            _ => Rate::Flat(rate.unwrap_or_default()),
        },
        rooms: booked_rooms(&mut violations, order, rooms),
        extras: booked_extras(&mut violations, order, &service),
        tax_percent: company.settings.groups.billing.tax_percent,
    };
    let preferred = company.preferred_start(order.time_preference);
    let start = order.start_time.or(preferred).unwrap_or(TimeOfDay::MIDNIGHT);
    let segment = BookedSegment {
        schedule: Segment {
            from: order.start_date,
            anchor: order.start_date,
            recurrence: order.recurrence,
            start,
        },
        is_time_confirmed: order.start_time.is_some(),
        hours: order.hours,
        cleaners_needed: order.cleaners_needed,
        price: terms.price(order.hours, order.cleaners_needed, &[]).total,
    };
    let agreed = Agreed {
        start_date: order.start_date,
        end_date: order.end_date,
        time_preference: order.time_preference,
        first_visit_hours: order.first_visit_hours,
        terms,
        segments: vec![segment],
        lead_source_id: order.lead_source_id,
        notes: order.notes.clone(),
    };
    if agreed.schedule().occurrences().next().is_none() {
        violations.rule("end_date", "There is no visit up to this date.");
    }
    violations.finish(agreed)
}

/// Checks how long visits are to be.
pub(super) fn check_hours(
    violations: &mut Violations,
    service: &Service,
    hours: Hours,
    first: Option<Hours>,
) {
    let Service { min_hours, max_hours, step_hours, .. } = service;
    let hours = hours.decimal();
    if hours < *min_hours || hours > *max_hours {
        let message = format!("Hours are between {min_hours} and {max_hours} with this service.");
        violations.rule("hours", message);
    } else if !((hours - min_hours) % step_hours).is_zero() {
        let message = format!("Hours go up from {min_hours} in steps of {step_hours}.");
        violations.rule("hours", message);
    }
    let longest = LONGEST_FIRST_VISIT.into();
    if first.is_some_and(|first| first.decimal() < *min_hours || first.decimal() > longest) {
        let message = format!("The first visit has between {min_hours} and {longest} hours.");
        violations.rule("first_visit_hours", message);
    }
}

/// Checks on which date a booking is to begin.
pub(super) fn check_start(violations: &mut Violations, company: &Company, date: Date) {
    let lead = company.settings.groups.scheduling.min_lead_hours.unsigned_abs();
    let soonest = company.now + Duration::from_secs(3600 * u64::from(lead));
    let soonest = company.zone.local(soonest).date();
    let latest = company.today().saturating_add(LONGEST_LEAD.months());
    if date < soonest {
        violations.rule("start_date", format!("The first date is {soonest} or later."));
    } else if date > latest {
        violations.rule("start_date", format!("The first date is {latest} or earlier."));
    }
}

fn booked_rooms(violations: &mut Violations, order: &Order, rooms: Vec<OfferedRoom>) -> Vec<Room> {
    let quantities = order.rooms.iter().map(|(_, quantity)| *quantity);
    let booked = rooms.into_iter().zip(quantities).enumerate();
    let booked = booked.map(|(index, (room, quantity))| {
        let at = format!("rooms[{index}]");
        let most = room.written.max_quantity;
        if !room.written.is_active {
            violations.rule(&format!("{at}.room_id"), "The room cannot be booked.");
        }
        violations.range(&format!("{at}.quantity"), i32::from(quantity), 1..=most);
        Room {
            room_id: room.id,
            name: room.written.name,
            price: room.written.price,
            quantity,
            minutes: room.written.minutes.unsigned_abs(),
        }
    });
    booked.collect()
}

fn booked_extras(violations: &mut Violations, order: &Order, service: &Service) -> Vec<Extra> {
    let mut booked = Vec::with_capacity(order.extras.len());
    for (index, (id, quantity)) in order.extras.iter().enumerate() {
        let at = format!("extras[{index}]");
        let offered = service.extra_rates.iter().find(|one| one.id == *id && one.is_active);
        let Some(extra) = offered else {
            violations.rule(&format!("{at}.extra_rate_id"), "The service has no such extra.");
            continue;
        };
        let (per, most) = match extra.price_kind {
            1 => (Per::Visit, 1),
            2 => (Per::Unit, 100),
            _ => (Per::Hour, 100),
        };
        violations.range(&format!("{at}.quantity"), *quantity, 1..=most);
        booked.push(Extra {
            extra_rate_id: extra.id,
            name: extra.name.clone(),
            per,
            amount: extra.amount,
            quantity: *quantity,
            extra_minutes: extra.extra_minutes.unsigned_abs(),
        });
    }
    booked
}
