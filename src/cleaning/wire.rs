//! Conversions that several resources of the family share.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use steward_contracts::google::r#type::Decimal as DecimalMessage;
use steward_kernel::list::{Field, Filter, Operator, Order, Value};
use steward_kernel::local::Date;
use steward_kernel::local::TimeOfDay;
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::text;
use steward_kernel::validate::Violations;

pub(crate) use steward_platform::timestamp;

use crate::hours::Hours;
use crate::pb;

/// Most rows of a list that comes whole.
const WHOLE: i32 = 1000;
/// Rows of a page when the caller does not say.
const PAGE_SIZE: i32 = 20;
/// Most rows of a page.
const LARGEST_PAGE: i32 = 200;

/// What a list that comes as a bare array is asked for.
pub(crate) fn whole(
    violations: &mut Violations,
    number: Option<i32>,
    size: Option<i32>,
    order: &'static [&'static Field],
) -> ListQuery {
    query(page(violations, number, size, (WHOLE, WHOLE)), order)
}

/// What a list that comes page by page is asked for.
pub(crate) fn paged(
    violations: &mut Violations,
    number: Option<i32>,
    size: Option<i32>,
    order: &'static [&'static Field],
) -> ListQuery {
    query(page(violations, number, size, (PAGE_SIZE, LARGEST_PAGE)), order)
}

fn query(page: PageRequest, order: &'static [&'static Field]) -> ListQuery {
    let order = order.iter().map(|field| Order { field, descending: false }).collect();
    ListQuery { order, ..ListQuery::all(page) }
}

fn page(
    violations: &mut Violations,
    number: Option<i32>,
    size: Option<i32>,
    (standard, largest): (i32, i32),
) -> PageRequest {
    let (number, size) = (number.unwrap_or(1), size.unwrap_or(standard));
    if number < 1 {
        violations.rule("page_number", "The page number starts at 1.");
    }
    violations.range("page_size", size, 1..=largest);
    PageRequest { number: number.max(1), size: size.clamp(1, largest) }
}

/// The condition that a field has a value, where the caller gives one.
pub(crate) fn equal(field: &'static Field, value: Option<Value>) -> Option<Filter> {
    Some(Filter::Compare(field, Operator::Equal, value?))
}

/// All conditions that there are.
pub(crate) fn all<const N: usize>(conditions: [Option<Filter>; N]) -> Filter {
    Filter::All(conditions.into_iter().flatten().collect())
}

/// Splits a page into its rows, their total, its number and its size.
pub(crate) fn array<T, U>(page: Page<T>, item: impl FnMut(T) -> U) -> (Vec<U>, i64, i32, i32) {
    let PageRequest { number, size } = page.request;
    (page.items.into_iter().map(item).collect(), page.total, number, size)
}

/// Writes a number without zeros at its end.
pub(crate) fn decimal(value: Decimal) -> DecimalMessage {
    DecimalMessage { value: value.normalize().to_string() }
}

/// Where an address is, as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Address {
    /// Street and number.
    pub street: String,
    /// Floor, apartment and the like.
    pub unit: Option<String>,
    /// City.
    pub city: String,
    /// State or region.
    pub state: String,
    /// Zip code.
    pub zip: String,
    /// Country, ISO 3166-1 alpha-2.
    pub country: String,
    /// Latitude in degrees.
    pub lat: Option<f64>,
    /// Longitude in degrees.
    pub lng: Option<f64>,
}

/// Reads an address; its refusals lie below `field`.
pub(crate) fn address(violations: &mut Violations, field: &str, message: pb::Address) -> Address {
    let at = |name: &str| format!("{field}.{name}");
    let pb::Address { street, unit, city, state, zip: code, country, lat, lng } = message;
    let country = violations.tidy(&at("country"), country, 2).unwrap_or_else(|| "US".to_owned());
    if country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        violations.format(&at("country"), "Country is not a code such as US.");
    }
    for (name, degrees, most) in [("lat", lat, 90.0), ("lng", lng, 180.0)] {
        if degrees.is_some_and(|degrees| !(-most..=most).contains(&degrees)) {
            violations.rule(&at(name), format!("{name} is not between -{most} and {most}."));
        }
    }
    Address {
        street: violations.required_tidy(&at("street"), street, 200),
        unit: violations.tidy(&at("unit"), unit, 60),
        city: violations.required_tidy(&at("city"), city, 120),
        state: violations.required_tidy(&at("state"), state, 60),
        zip: zip(violations, &at("zip"), code),
        country: country.to_ascii_uppercase(),
        lat,
        lng,
    }
}

/// Writes an address.
pub(crate) fn address_message(address: Address) -> pb::Address {
    let Address { street, unit, city, state, zip, country, lat, lng } = address;
    pb::Address {
        street: Some(street),
        unit,
        city: Some(city),
        state: Some(state),
        zip: Some(zip),
        country: Some(country),
        lat,
        lng,
    }
}

/// Reads a zip code that must be there: 3 to 10 letters, digits or hyphens, in upper case and
/// without spaces.
pub(crate) fn zip(violations: &mut Violations, field: &str, value: Option<String>) -> String {
    let code: String = value.unwrap_or_default().split_whitespace().collect();
    let code = code.to_uppercase();
    if code.is_empty() {
        violations.required(field);
    } else if !is_zip(&code) {
        violations.format(field, "A zip code is 3 to 10 letters, digits or hyphens.");
    }
    code
}

fn is_zip(code: &str) -> bool {
    (3..=10).contains(&code.len())
        && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Reads an e-mail address that must be there, in lower case.
pub(crate) fn email(violations: &mut Violations, field: &str, value: Option<String>) -> String {
    violations.required_email(field, value.unwrap_or_default()).to_lowercase()
}

/// Reads the address of something on the web.
pub(crate) fn link(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> Option<String> {
    let value = violations.tidy(field, value, 2000)?;
    let is_https =
        url::Url::parse(&value).is_ok_and(|url| url.scheme() == "https" && url.has_host());
    if !is_https {
        violations.format(field, format!("{} is not an https address.", text::sentence(field)));
    }
    Some(value)
}

/// Reads a day.
pub(crate) fn day(violations: &mut Violations, field: &str, value: Option<String>) -> Option<Date> {
    let value = violations.tidy(field, value, 10)?;
    // Other spellings of a day are read too, and are none of ours.
    let day = value.parse().ok().filter(|_| value.len() == 10);
    if day.is_none() {
        violations
            .format(field, format!("{} is not a day such as 2026-03-31.", text::sentence(field)));
    }
    day
}

/// Reads a day that must be there.
pub(crate) fn required_day(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> Date {
    if value.as_ref().is_none_or(|value| value.trim().is_empty()) {
        violations.required(field);
    }
    day(violations, field, value).unwrap_or_default()
}

/// Reads a time of the wall clock, up to 23:59.
pub(crate) fn clock(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> Option<TimeOfDay> {
    let value = violations.tidy(field, value, 5)?;
    let time = TimeOfDay::parse(&value).filter(|time| *time < TimeOfDay::DAY_END);
    if time.is_none() {
        violations.format(field, format!("{} is not a time such as 08:00.", text::sentence(field)));
    }
    time
}

/// Reads a time of the wall clock that must be there.
pub(crate) fn required_clock(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> TimeOfDay {
    if value.as_ref().is_none_or(|value| value.trim().is_empty()) {
        violations.required(field);
    }
    clock(violations, field, value).unwrap_or(TimeOfDay::MIDNIGHT)
}

/// Reads hours: more than none, a multiple of a quarter, up to a day.
pub(crate) fn hours(
    violations: &mut Violations,
    field: &str,
    value: Option<&DecimalMessage>,
) -> Option<Hours> {
    let hours: Option<Hours> = value?.value.parse().ok().and_then(Hours::new);
    let hours = hours.filter(|hours| (1..=24 * 60).contains(&hours.minutes()));
    if hours.is_none() {
        violations.rule(field, "Hours are a multiple of 0.25 up to 24.");
    }
    hours
}

/// Reads hours that must be there.
pub(crate) fn required_hours(
    violations: &mut Violations,
    field: &str,
    value: Option<&DecimalMessage>,
) -> Hours {
    if value.is_none() {
        violations.required(field);
    }
    hours(violations, field, value).unwrap_or_default()
}

/// Reads the words that something is found by: each once, at most 30 of at most 40 characters.
pub(crate) fn tags(violations: &mut Violations, field: &str, tags: Vec<String>) -> Vec<String> {
    const MOST: usize = 30;
    if tags.len() > MOST {
        violations.rule(field, format!("There are more than {MOST} tags."));
    }
    let mut read: Vec<String> = Vec::with_capacity(tags.len().min(MOST));
    for (index, tag) in tags.into_iter().enumerate() {
        let tag = violations.required_tidy(&format!("{field}[{index}]"), Some(tag), 40);
        if !read.contains(&tag) {
            read.push(tag);
        }
    }
    read
}

/// Reads the number of an enum's value that was stated.
pub(crate) fn stated(number: Option<i32>) -> Option<i16> {
    i16::try_from(number?).ok().filter(|number| *number != 0)
}

/// Reads the status that a path names: one of `names`, by its number from 1 or by its name in any
/// letter case; `0` and `all` are any.
pub(crate) fn status_of_path(
    violations: &mut Violations,
    text: String,
    names: &[&str],
) -> Option<i16> {
    let text = violations.required_tidy("status", Some(text), 20);
    let is_named = |(name, number): &(&&str, i16)| {
        name.eq_ignore_ascii_case(&text) || text == number.to_string()
    };
    let found = names.iter().zip(1_i16..).find(is_named).map(|(_, number)| number);
    if found.is_none() && !["", "0", "all"].contains(&&*text.to_ascii_lowercase()) {
        violations.rule("status", "Status has no such value.");
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zip_codes_are_tidied() {
        let read = |code: &str| {
            let mut violations = Violations::below("");
            let code = zip(&mut violations, "zip", Some(code.to_owned()));
            violations.finish(code).ok()
        };
        assert_eq!(read(" 1012 ab ").as_deref(), Some("1012AB"));
        assert_eq!(read("10001-1234").as_deref(), Some("10001-1234"));
        for refused in ["", " ", "12", "12345678901", "123_4", "ü123"] {
            assert_eq!(read(refused), None, "{refused}");
        }
    }
}
