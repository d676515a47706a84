//! Addresses between proto and model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::{Address, AddressInput};
use crate::pb;
use crate::wire::{phone, required_country, stated, timestamp};

/// Reads an address that is the whole of what is written.
pub fn input(message: Option<pb::Address>) -> Result<AddressInput> {
    let mut violations = Violations::below("address");
    let message = violations.required_message(message);
    let address = address_input(&mut violations, "", message);
    violations.finish(address)
}

/// Reads an address; refusals name its members behind `at`, which ends in a dot.
pub fn address_input(violations: &mut Violations, at: &str, message: pb::Address) -> AddressInput {
    let pb::Address {
        id: _,
        kind,
        label,
        name,
        street,
        street2,
        postal_code,
        city,
        region,
        country,
        phone_number,
        notes,
        latitude,
        longitude,
        main,
        created_at: _,
        updated_at: _,
        etag: _,
    } = message;
    let path = |name: &str| format!("{at}{name}");
    let country = required_country(violations, &path("country"), country);
    let postal_code = postal_code_in(&country, violations, &path("postal_code"), postal_code);
    let mut degrees = |name: &str, value: Option<f64>, most: f64| {
        if let Some(value) = value {
            violations.range(&path(name), value, -most..=most);
        }
        value
    };
    let latitude = degrees("latitude", latitude, 90.0);
    let longitude = degrees("longitude", longitude, 180.0);
    AddressInput {
        kind: stated(kind).unwrap_or(pb::AddressKind::Other as i16),
        label: violations.tidy(&path("label"), label, 60),
        name: violations.tidy(&path("name"), name, 120),
        street: violations.required_tidy(&path("street"), street, 200),
        street2: violations.tidy(&path("street2"), street2, 200),
        postal_code,
        city: violations.required_tidy(&path("city"), city, 120),
        region: violations.tidy(&path("region"), region, 120),
        country,
        phone_number: phone(violations, &path("phone_number"), phone_number),
        notes: violations.tidy(&path("notes"), notes, 500),
        latitude,
        longitude,
        main: main.unwrap_or(false),
    }
}

/// Reads a postal code of a country.
pub(crate) fn postal_code_in(
    country: &str,
    violations: &mut Violations,
    field: &str,
    value: Option<String>,
) -> Option<String> {
    let code = violations.tidy(field, value, 20);
    if country == "PT" && code.as_deref().is_some_and(|code| !is_portuguese(code)) {
        violations.format(field, "Postal code is not one such as 1000-205.");
    }
    code
}

/// `1000-205`
fn is_portuguese(code: &str) -> bool {
    code.len() == 8
        && code.bytes().enumerate().all(|(index, byte)| match index {
            4 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Writes an address.
pub fn address(address: Address) -> pb::Address {
    let Address { id, written, created_at, updated_at } = address;
    let AddressInput {
        kind,
        label,
        name,
        street,
        street2,
        postal_code,
        city,
        region,
        country,
        phone_number,
        notes,
        latitude,
        longitude,
        main,
    } = written;
    pb::Address {
        id,
        kind: kind.into(),
        label,
        name,
        street: Some(street),
        street2,
        postal_code,
        city: Some(city),
        region,
        country: Some(country),
        phone_number,
        notes,
        latitude,
        longitude,
        main: Some(main),
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        etag: String::new(),
    }
}
