//! Services, rates and extras between proto and model.

use rust_decimal::Decimal;
use steward_contracts::google::r#type::{Decimal as DecimalMessage, Money};
use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::text;
use steward_kernel::validate::Violations;

use super::model::{ExtraRate, ExtraRateInput, Rate, RateInput, Service, ServiceInput};
use crate::wire::{array, decimal, timestamp};
use crate::{money, pb};

/// Most extras that a request brings.
const MOST_EXTRAS: usize = 100;

/// Reads what is to be written of a service; amounts are in `currency`.
pub fn input(message: Option<pb::Service>, currency: &str) -> Result<ServiceInput> {
    let mut violations = Violations::below("service");
    let pb::Service {
        id: _,
        tenant_location_id: _,
        name,
        description,
        kind,
        min_hours,
        max_hours,
        step_hours,
        is_active,
        sort_order,
        extra_rates,
        created_at: _,
        updated_at: _,
        version: _,
    } = violations.required_message(message);
    let min_hours = hours(&mut violations, "min_hours", min_hours, Decimal::from(2));
    let max_hours = hours(&mut violations, "max_hours", max_hours, Decimal::from(12));
    if min_hours > max_hours {
        violations.rule("max_hours", "Max hours is less than min hours.");
    }
    if extra_rates.len() > MOST_EXTRAS {
        violations.rule("extra_rates", format!("There are more than {MOST_EXTRAS} extras."));
    }
    let extras = extra_rates
        .into_iter()
        .enumerate()
        .map(|(index, one)| extra(&mut violations, &format!("extra_rates[{index}]"), one, currency))
        .collect();
    let input = ServiceInput {
        name: violations.required_tidy("name", name, 80),
        description: violations.tidy("description", description, 2000),
        kind: stated(&mut violations, "kind", kind, 1..=2),
        min_hours,
        max_hours,
        step_hours: hours(&mut violations, "step_hours", step_hours, Decimal::new(5, 1)),
        is_active: is_active.unwrap_or(true),
        sort_order: sort_order.unwrap_or(0),
        extra_rates: extras,
    };
    violations.finish(input)
}

fn extra(
    violations: &mut Violations,
    at: &str,
    message: pb::ExtraRate,
    currency: &str,
) -> ExtraRateInput {
    let pb::ExtraRate {
        id,
        service_id: _,
        name,
        amount,
        price_kind,
        extra_minutes,
        is_active,
        created_at: _,
        updated_at: _,
        version: _,
    } = message;
    let extra_minutes = extra_minutes.unwrap_or(0);
    violations.range(&format!("{at}.extra_minutes"), extra_minutes, 0..=480);
    ExtraRateInput {
        id: (id != 0).then_some(id),
        name: violations.required_tidy(&format!("{at}.name"), name, 80),
        amount: required(violations, &format!("{at}.amount"), amount, currency),
        price_kind: stated(violations, &format!("{at}.price_kind"), price_kind, 1..=3),
        extra_minutes,
        is_active: is_active.unwrap_or(true),
    }
}

/// Reads a rate to add and its frequency; amounts are in `currency`.
pub fn new_rate(
    frequency: i32,
    amount: Option<Money>,
    is_active: Option<bool>,
    currency: &str,
) -> Result<(i16, RateInput)> {
    let mut violations = Violations::below("");
    if frequency == 0 {
        violations.required("frequency");
    }
    let frequency = stated(&mut violations, "frequency", frequency, 1..=7);
    let input = read_rate(&mut violations, amount, is_active, currency);
    violations.finish((frequency, input))
}

/// Reads what is to be written of a rate; amounts are in `currency`.
pub fn rate_input(
    amount: Option<Money>,
    is_active: Option<bool>,
    currency: &str,
) -> Result<RateInput> {
    let mut violations = Violations::below("");
    let input = read_rate(&mut violations, amount, is_active, currency);
    violations.finish(input)
}

fn read_rate(
    violations: &mut Violations,
    amount: Option<Money>,
    is_active: Option<bool>,
    currency: &str,
) -> RateInput {
    let is_nothing = amount.as_ref().is_some_and(|money| money.units == 0 && money.nanos == 0);
    let amount = required(violations, "amount", amount, currency);
    if is_nothing {
        violations.rule("amount", "Amount must be more than 0.");
    }
    RateInput { amount, is_active: is_active.unwrap_or(true) }
}

/// Reads an amount that must be there.
fn required(
    violations: &mut Violations,
    field: &str,
    amount: Option<Money>,
    currency: &str,
) -> i64 {
    match amount {
        Some(amount) => money::read(violations, field, &amount, currency),
        None => {
            violations.required(field);
            0
        }
    }
}

/// Reads the number of an enum's value; the first when none is stated.
fn stated(
    violations: &mut Violations,
    field: &str,
    number: i32,
    known: std::ops::RangeInclusive<i16>,
) -> i16 {
    let number = if number == 0 { Some(1) } else { i16::try_from(number).ok() };
    match number.filter(|number| known.contains(number)) {
        Some(number) => number,
        None => {
            violations.rule(field, format!("{} has no such value.", text::sentence(field)));
            1
        }
    }
}

/// Reads hours: a multiple of a quarter, up to a day.
fn hours(
    violations: &mut Violations,
    field: &str,
    value: Option<DecimalMessage>,
    default: Decimal,
) -> Decimal {
    let Some(value) = value else { return default };
    let name = text::sentence(field);
    let Ok(value) = Decimal::from_str_exact(&value.value) else {
        violations.format(field, format!("{name} is not a number."));
        return default;
    };
    let quarter = Decimal::new(25, 2);
    if value < quarter || value > Decimal::from(24) || !(value % quarter).is_zero() {
        violations.rule(field, format!("{name} is not a multiple of 0.25 from 0.25 to 24."));
    }
    value
}

/// Writes a service.
pub fn service(service: Service) -> pb::Service {
    let Service {
        id,
        tenant_location_id,
        name,
        description,
        kind,
        min_hours,
        max_hours,
        step_hours,
        is_active,
        sort_order,
        extra_rates,
        created_at,
        updated_at,
        version,
    } = service;
    pb::Service {
        id,
        tenant_location_id,
        name: Some(name),
        description,
        kind: kind.into(),
        min_hours: Some(decimal(min_hours)),
        max_hours: Some(decimal(max_hours)),
        step_hours: Some(decimal(step_hours)),
        is_active: Some(is_active),
        sort_order: Some(sort_order),
        extra_rates: extra_rates.into_iter().map(extra_rate).collect(),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes an extra.
pub fn extra_rate(extra: ExtraRate) -> pb::ExtraRate {
    let ExtraRate {
        id,
        service_id,
        name,
        amount,
        currency,
        price_kind,
        extra_minutes,
        is_active,
        created_at,
        updated_at,
        version,
    } = extra;
    pb::ExtraRate {
        id,
        service_id,
        name: Some(name),
        amount: Some(money::write(amount, &currency)),
        price_kind: price_kind.into(),
        extra_minutes: Some(extra_minutes),
        is_active: Some(is_active),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes a rate.
pub fn rate(rate: Rate) -> pb::Rate {
    let Rate {
        id,
        service_id,
        frequency,
        amount,
        currency,
        is_active,
        revision,
        created_at,
        updated_at,
        version,
    } = rate;
    pb::Rate {
        id,
        service_id,
        frequency: frequency.into(),
        amount: Some(money::write(amount, &currency)),
        is_active,
        revision,
        currency,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version,
    }
}

/// Writes services.
pub fn list(page: Page<Service>) -> pb::ListServicesResponse {
    let (items, total_count, page_number, page_size) = array(page, service);
    pb::ListServicesResponse { items, total_count, page_number, page_size }
}

/// Writes rates.
pub fn rates(page: Page<Rate>) -> pb::ListRatesResponse {
    let (items, total_count, page_number, page_size) = array(page, rate);
    pb::ListRatesResponse { items, total_count, page_number, page_size }
}
