//! Conversions that several resources of the family share.

use rust_decimal::Decimal;
use steward_contracts::google::r#type::{Decimal as DecimalMessage, Money as MoneyMessage};
use steward_database::{Aggregate, Stat};
use steward_kernel::country::is_country;
use steward_kernel::list::{Field, Filter, Order};
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::validate::Violations;
use steward_kernel::{Result, text};
use steward_platform::files::ShownFile;

pub(crate) use steward_platform::timestamp;

use crate::money::Money;
use crate::owners::Terms;
use crate::pb;

/// A cent in the billionths of `google.type.Money`.
const NANOS_OF_A_CENT: i32 = 10_000_000;
/// Resources a page when the caller does not say.
const PAGE_SIZE: i32 = 25;
/// Most resources of a list that comes whole.
const WHOLE: i32 = 1000;

/// What a list of `R` is asked for: the parameters that every list takes, by name, out of its
/// request message. The terms of the owner say what is meant by times of the clock on the wall;
/// there are none for lists without times.
macro_rules! list_query {
    ($listed:ty, $request:expr, $terms:expr) => {{
        let request = &mut $request;
        $crate::wire::read_list_query(
            <$listed as steward_database::Listed>::LIST.fields,
            (request.page_number, request.page_size),
            request.q.take(),
            (request.filter.take(), request.order_by.take()),
            $terms,
        )
    }};
}
pub(crate) use list_query;

/// Reads the parameters that every list takes. The newest come first unless the caller says
/// otherwise; `fields` has `created_at`.
pub(crate) fn read_list_query(
    fields: &'static [Field],
    (number, size): (Option<i32>, Option<i32>),
    search: Option<String>,
    (filter, order_by): (Option<String>, Option<String>),
    terms: Option<&Terms>,
) -> Result<ListQuery> {
    let mut violations = Violations::default();
    let clock = |field: &Field, text: &str| terms?.instant(field, text);
    let page = page_request(&mut violations, number, size, PAGE_SIZE);
    let mut query = ListQuery::all(page).search_words("q", search, &mut violations).narrow_by(
        fields,
        filter,
        order_by,
        &clock,
        &mut violations,
    );
    if query.order.is_empty() {
        let newest = fields.iter().find(|field| field.path == "created_at");
        query.order.extend(newest.map(|field| Order { field, descending: true }));
    }
    violations.finish(query)
}

/// Reads which page of a list is asked for.
pub(crate) fn page_of(number: Option<i32>, size: Option<i32>) -> Result<PageRequest> {
    let mut violations = Violations::default();
    let page = page_request(&mut violations, number, size, PAGE_SIZE);
    violations.finish(page)
}

/// Reads the parameters of a list that comes whole unless a page of it is asked for.
pub(crate) fn whole_page(number: Option<i32>, size: Option<i32>) -> Result<PageRequest> {
    let mut violations = Violations::default();
    let standard = if number.is_some() || size.is_some() { PAGE_SIZE } else { WHOLE };
    let page = page_request(&mut violations, number, size, standard);
    violations.finish(page)
}

/// A larger page than there may be is taken for the largest.
fn page_request(
    violations: &mut Violations,
    number: Option<i32>,
    size: Option<i32>,
    standard: i32,
) -> PageRequest {
    let size = size.map_or(standard, |size| size.min(PageRequest::MAX_SIZE));
    let number = number.unwrap_or(1);
    if number < 1 {
        violations.rule("page_number", "The page number starts at 1.");
    }
    if size < 1 {
        violations.rule("page_size", "The page size starts at 1.");
    }
    PageRequest { number: number.max(1), size: size.max(1) }
}

/// Which rows a list shows with regard to their deletion.
pub(crate) fn deleted(deleted: Option<&str>, field: &'static Field) -> Result<Option<Filter>> {
    let mut violations = Violations::default();
    let scope = match deleted {
        None | Some("") => Some(Filter::Not(Box::new(Filter::Present(field)))),
        Some("with") => None,
        Some("only") => Some(Filter::Present(field)),
        Some(_) => {
            violations.rule("deleted", "Deleted is with or only.");
            None
        }
    };
    violations.finish(scope)
}

/// Splits a page into where it is and its converted items.
pub(crate) fn page<T, U>(
    page: Page<T>,
    item: impl FnMut(T) -> U,
) -> (Option<pb::PageInfo>, Vec<U>) {
    let info = pb::PageInfo {
        total_count: page.total,
        page_number: page.request.number,
        page_size: page.request.size,
        total_pages: page.pages(),
    };
    (Some(info), page.items.into_iter().map(item).collect())
}

/// Cuts a page out of a list that is at hand whole.
pub(crate) fn cut<T>(items: Vec<T>, request: PageRequest) -> Page<T> {
    let total = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let offset = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.limit()).unwrap_or_default();
    Page { request, total, items: items.into_iter().skip(offset).take(limit).collect() }
}

/// Reads which related resources an answer is to include, out of those it can.
pub(crate) fn include<'a>(include: Option<&'a str>, known: &[&str]) -> Result<Vec<&'a str>> {
    let mut violations = Violations::default();
    let asked: Vec<&str> =
        include.unwrap_or("").split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    for name in &asked {
        if !known.contains(name) {
            let message = format!("{name} cannot be included here.");
            violations.named("include", "UNSUPPORTED_INCLUDE", message);
        }
    }
    violations.finish(asked)
}

/// Reads a telephone number in the form of E.164.
pub(crate) fn phone(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> Option<String> {
    violations.phone(field, value)
}

/// Reads an amount of a currency that is not below nothing, of at most two decimals.
pub(crate) fn amount(
    violations: &mut Violations,
    field: &str,
    value: Option<MoneyMessage>,
    currency: &str,
) -> Option<Money> {
    let MoneyMessage { currency_code, units, nanos } = value?;
    let name = text::sentence(field);
    if !currency_code.is_empty() && currency_code != currency {
        violations.rule(field, format!("{name} is not in {currency}."));
    }
    if nanos % NANOS_OF_A_CENT != 0 {
        violations.format(field, format!("{name} has more than two decimals."));
        return None;
    }
    let cents = i128::from(units) * 100 + i128::from(nanos / NANOS_OF_A_CENT);
    match Money::from_cents(cents) {
        Ok(amount) if !amount.is_negative() => Some(amount),
        Ok(_) | Err(_) => {
            let message = format!("{name} is not between 0 and {}.", Money::MAX);
            violations.named(field, "OUT_OF_RANGE", message);
            None
        }
    }
}

/// Reads a value of an enum; none when it is not stated.
pub(crate) fn choice<E: TryFrom<i32>>(
    violations: &mut Violations,
    field: &str,
    number: i32,
) -> Option<E> {
    if number == 0 {
        return None;
    }
    let value = E::try_from(number).ok();
    if value.is_none() {
        let message = format!("{} is not one of the values there are.", text::sentence(field));
        violations.rule(field, message);
    }
    value
}

/// Reads a whole number that lies in a range.
pub(crate) fn within(
    violations: &mut Violations,
    field: &str,
    value: Option<i32>,
    range: std::ops::RangeInclusive<i32>,
) -> Option<i32> {
    if let Some(value) = value {
        violations.range(field, value, range);
    }
    value
}

/// Reads a country: two letters, ISO 3166-1 alpha-2, in any case.
pub(crate) fn country(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> Option<String> {
    let value = violations.tidy(field, value, 2)?.to_ascii_uppercase();
    if value.len() != 2 || !value.bytes().all(|byte| byte.is_ascii_uppercase()) {
        violations.format(field, "Country is not a code such as PT.");
    } else if !is_country(&value) {
        violations.rule(field, "Country is not one of ISO 3166-1, such as PT.");
    }
    Some(value)
}

/// Reads a country that must be there.
pub(crate) fn required_country(
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> String {
    if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
        violations.required(field);
    }
    country(violations, field, value).unwrap_or_default()
}

/// Reads a percentage: 0 to 100 with at most two decimals.
pub(crate) fn percentage(
    violations: &mut Violations,
    field: &str,
    value: Option<DecimalMessage>,
) -> Option<Decimal> {
    let name = text::sentence(field);
    let Ok(value) = Decimal::from_str_exact(&value?.value) else {
        violations.format(field, format!("{name} is not a number."));
        return None;
    };
    if value.normalize().scale() > 2 {
        violations.format(field, format!("{name} has more than two decimals."));
    } else if value < Decimal::ZERO || value > Decimal::ONE_HUNDRED {
        violations.named(field, "OUT_OF_RANGE", format!("{name} is not between 0 and 100."));
    }
    Some(value)
}

/// Reads labels: at most 20 of at most 30 characters, each once.
pub(crate) fn tags(violations: &mut Violations, field: &str, tags: Vec<String>) -> Vec<String> {
    if tags.len() > 20 {
        violations.named(field, "TOO_LONG", "There are more than 20 tags.");
    }
    let mut read: Vec<String> = Vec::with_capacity(tags.len());
    for (index, tag) in tags.into_iter().enumerate() {
        let tag = violations.tidy(&format!("{field}[{index}]"), Some(tag), 30);
        read.extend(tag.filter(|tag| !read.contains(tag)));
    }
    read
}

/// Writes a decimal.
pub(crate) fn decimal(value: Decimal) -> DecimalMessage {
    DecimalMessage { value: value.normalize().to_string() }
}

/// Writes an amount of so many cents.
pub(crate) fn money(cents: i64, currency: &str) -> MoneyMessage {
    MoneyMessage {
        currency_code: currency.to_owned(),
        units: cents / 100,
        nanos: i32::try_from(cents % 100).unwrap_or_default() * NANOS_OF_A_CENT,
    }
}

/// Reads the stored number of an enum's value; none when it is not stated.
pub(crate) fn stated(number: i32) -> Option<i16> {
    i16::try_from(number).ok().filter(|number| *number != 0)
}

/// Writes a count.
pub(crate) fn count(rows: i64) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// Whether a mask names a field. Without a mask, only what has a value is given.
pub(crate) fn names(mask: Option<&prost_types::FieldMask>, field: &str) -> bool {
    mask.is_some_and(|mask| mask.paths.iter().any(|path| path == field))
}

/// A file as every resource that has one shows it; nothing where it has none.
#[derive(Debug, Default)]
pub(crate) struct FileMembers {
    /// Where it can be fetched.
    pub(crate) url: Option<String>,
    /// Where a picture of it can be fetched; empty where there is none of it.
    pub(crate) preview: Option<String>,
    /// What it is called.
    pub(crate) filename: Option<String>,
    /// Its media type.
    pub(crate) content_type: Option<String>,
    /// What is known of it, as JSON.
    pub(crate) metadata: Option<String>,
}

impl From<Option<ShownFile>> for FileMembers {
    fn from(file: Option<ShownFile>) -> Self {
        let Some(file) = file else { return Self::default() };
        Self {
            preview: Some(file.preview()),
            metadata: Some(file.metadata().to_string()),
            url: Some(file.url),
            filename: Some(file.filename),
            content_type: Some(file.content_type),
        }
    }
}

/// Reads which results over the whole list are asked for: `total.sum` of the fields that have
/// any.
pub(crate) fn stats(
    asked: &[String],
    fields: &'static [Field],
    known: &[&str],
) -> Result<Vec<Stat>> {
    let mut violations = Violations::default();
    let mut wanted = Vec::new();
    for text in asked {
        let stat = text.split_once('.').and_then(|(path, what)| {
            let field = fields.iter().find(|field| field.path == path && known.contains(&path))?;
            Some(Stat { field, what: Aggregate::named(what)? })
        });
        match stat {
            Some(stat) => wanted.push(stat),
            None => violations.rule("stats", format!("{text} cannot be asked for here.")),
        }
    }
    violations.finish(wanted)
}
