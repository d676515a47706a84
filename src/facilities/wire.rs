//! Conversions that several resources of the family share.

use rust_decimal::Decimal;
use steward_contracts::google::r#type::Decimal as DecimalMessage;
use steward_kernel::list::Field;
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{money, text};

pub(crate) use steward_platform::timestamp;

use crate::address::{Address, PostalAddress};
use crate::pb;

pub(crate) const NAME: usize = 200;
pub(crate) const NOTE: usize = 4000;
pub(crate) const PHONE: usize = 50;

/// Reads an address; refusals name its members below `field`.
pub(crate) fn address(
    violations: &mut Violations,
    field: &str,
    address: Option<pb::PostalAddress>,
) -> Option<PostalAddress> {
    let pb::PostalAddress { street, street_number, post_code, city, country, google_place_id } =
        address?;
    let mut member =
        |name: &str, value, max| violations.text(&format!("{field}.{name}"), value, max);
    Some(PostalAddress {
        street: member("street", street, 200),
        street_number: member("street_number", street_number, 50),
        post_code: member("post_code", post_code, 50),
        city: member("city", city, 200),
        country: member("country", country, 200),
        google_place_id: member("google_place_id", google_place_id, 500),
    })
}

/// Reads an address that must have every member but the place id.
pub(crate) fn whole_address(
    violations: &mut Violations,
    field: &str,
    message: Option<pb::PostalAddress>,
) -> PostalAddress {
    let Some(read) = address(violations, field, message) else {
        violations.required(field);
        return PostalAddress::default();
    };
    let members = [
        ("street", &read.street),
        ("street_number", &read.street_number),
        ("post_code", &read.post_code),
        ("city", &read.city),
        ("country", &read.country),
    ];
    for (name, value) in members {
        if value.as_deref().is_none_or(|value| value.trim().is_empty()) {
            violations.required(&format!("{field}.{name}"));
        }
    }
    read
}

/// Writes an address without its id.
pub(crate) fn postal_address(address: PostalAddress) -> pb::PostalAddress {
    let PostalAddress { street, street_number, post_code, city, country, google_place_id } =
        address;
    pb::PostalAddress { street, street_number, post_code, city, country, google_place_id }
}

/// Writes a stored address.
pub(crate) fn stored_address(address: Address) -> pb::Address {
    let Address { id, postal } = address;
    let PostalAddress { street, street_number, post_code, city, country, google_place_id } = postal;
    pb::Address { id, street, street_number, post_code, city, country, google_place_id }
}

/// Reads an amount of at most two decimals.
pub(crate) fn amount(
    violations: &mut Violations,
    field: &str,
    amount: Option<DecimalMessage>,
) -> Option<Decimal> {
    match money::amount(&amount?.value) {
        Ok(value) => Some(value),
        Err(error @ money::AmountError::NotANumber) => {
            violations.format(field, format!("{} {error}", text::sentence(field)));
            None
        }
        Err(error) => {
            violations.rule(field, format!("{} {error}", text::sentence(field)));
            None
        }
    }
}

/// Writes an amount.
pub(crate) fn decimal(amount: Decimal) -> DecimalMessage {
    DecimalMessage { value: amount.normalize().to_string() }
}

/// Reads an instant.
pub(crate) fn instant(
    violations: &mut Violations,
    field: &str,
    timestamp: Option<prost_types::Timestamp>,
) -> Option<Timestamp> {
    let timestamp = timestamp?;
    violations.instant(field, timestamp.seconds, timestamp.nanos)
}

/// What a list of `R` is asked for: the parameters that every searchable list takes, by name,
/// out of its request message.
macro_rules! list_query {
    ($listed:ty, $request:expr) => {{
        let request = &mut $request;
        $crate::wire::read_list_query(
            <$listed as steward_database::Listed>::LIST.fields,
            (request.page_number, request.page_size),
            request.search.take(),
            (request.filter.take(), request.order_by.take()),
        )
    }};
}
pub(crate) use list_query;

/// Reads the parameters every searchable list takes.
pub(crate) fn read_list_query(
    fields: &'static [Field],
    (number, size): (Option<i32>, Option<i32>),
    search: Option<String>,
    (filter, order_by): (Option<String>, Option<String>),
) -> steward_kernel::Result<ListQuery> {
    let mut violations = Violations::default();
    let page = PageRequest::read(number, size, &mut violations);
    let query = ListQuery::all(page).search("search", search, &mut violations).narrow(
        fields,
        filter,
        order_by,
        &mut violations,
    );
    violations.finish(query)
}

/// Reads the parameters of a list that is short and has no pages.
pub(crate) fn whole_list_query(
    fields: &'static [Field],
    filter: Option<String>,
    order_by: Option<String>,
) -> steward_kernel::Result<ListQuery> {
    /// Most items. A tenant's own list is far shorter.
    const MOST: i32 = 1000;
    let mut violations = Violations::default();
    let page = PageRequest { number: 1, size: MOST };
    let query = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
    violations.finish(query)
}

/// Reads the e-mail that a user is looked up by.
pub(crate) fn email_query(email: String) -> steward_kernel::Result<String> {
    let mut violations = Violations::default();
    let email = violations.required_email("email", email);
    violations.finish(email)
}

/// Reads a list of ids: each is taken once, in the order of their first mention.
pub(crate) fn distinct(
    violations: &mut Violations,
    field: &str,
    ids: Vec<i64>,
    most: usize,
) -> Vec<i64> {
    if ids.len() > most {
        let name = text::sentence(field);
        violations.rule(field, format!("{name} holds more than {most} entries."));
        return Vec::new();
    }
    let mut seen = std::collections::HashSet::with_capacity(ids.len());
    ids.into_iter().filter(|id| seen.insert(*id)).collect()
}

/// Writes a count.
pub(crate) fn count(rows: i64) -> i32 {
    i32::try_from(rows).unwrap_or(i32::MAX)
}

/// The members every list answers beside its items.
pub(crate) struct PageFacts {
    pub number_of_pages: i32,
    pub total_items: i64,
    pub page_size: i32,
    pub current_page: i32,
}

/// Splits a page into its facts and its converted items.
pub(crate) fn page<T, U>(page: Page<T>, item: impl FnMut(T) -> U) -> (PageFacts, Vec<U>) {
    let facts = PageFacts {
        number_of_pages: page.pages(),
        total_items: page.total,
        page_size: page.request.size,
        current_page: page.request.number,
    };
    (facts, page.items.into_iter().map(item).collect())
}
