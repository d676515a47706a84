//! Companies between proto and model.

use steward_kernel::Result;
use steward_kernel::local::Zone;
use steward_kernel::validate::Violations;

use super::model::{Tenant, TenantInput};
use crate::caller::Reach;
use crate::money::is_currency;
use crate::pb;
use crate::wire::{address, address_message, email, link, timestamp};

/// Reads what is to be written of a company.
pub fn input(message: Option<pb::Tenant>) -> Result<TenantInput> {
    let mut violations = Violations::below("tenant");
    let message = violations.required_message(message);
    let input = read(&mut violations, message);
    violations.finish(input)
}

/// Reads what is to be written of a company, with refusals where the caller gathers them.
pub fn read(violations: &mut Violations, message: pb::Tenant) -> TenantInput {
    let pb::Tenant {
        id: _,
        tenant_user_id: _,
        name,
        logo_url,
        phone,
        email: address_of_mail,
        website,
        time_zone,
        currency,
        locale,
        stripe_publishable_key: _,
        legal_name,
        address: place,
        user_id: _,
        status: _,
        plan_code: _,
        trial_ends_at: _,
        is_sandbox: _,
        stripe_account_id: _,
        stripe_connected: _,
        created_at: _,
        updated_at: _,
        version: _,
        settings: _,
    } = message;
    TenantInput {
        name: violations.required_tidy("name", name, 120),
        legal_name: violations.tidy("legal_name", legal_name, 120),
        email: address_of_mail.map(|given| email(violations, "email", Some(given))),
        phone: violations.phone("phone", phone),
        website: link(violations, "website", website),
        logo_url: link(violations, "logo_url", logo_url),
        address: place.map(|place| address(violations, "address", place)),
        time_zone: zone(violations, time_zone),
        currency: checked_currency(violations, currency),
        locale: checked_locale(violations, locale),
    }
}

/// Reads the name of a time zone.
fn zone(violations: &mut Violations, name: Option<String>) -> String {
    let name = violations.tidy("time_zone", name, 64);
    let name = name.unwrap_or_else(|| "America/New_York".to_owned());
    // Some programs find a zone only by its name as IANA writes it.
    match Zone::named(&name) {
        Some(zone) => zone.name().to_owned(),
        None => {
            violations.rule("time_zone", "There is no such time zone.");
            name
        }
    }
}

fn checked_currency(violations: &mut Violations, code: Option<String>) -> String {
    let code = violations.tidy("currency", code, 3).unwrap_or_else(|| "USD".to_owned());
    let code = code.to_ascii_uppercase();
    if !is_currency(&code) {
        violations.rule("currency", "There is no such currency.");
    }
    code
}

fn checked_locale(violations: &mut Violations, locale: Option<String>) -> String {
    let locale = violations.tidy("locale", locale, 35).unwrap_or_else(|| "en-US".to_owned());
    let mut parts = locale.split('-');
    let is_language = parts.next().is_some_and(|language| {
        (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_alphabetic())
    });
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    if !is_language || !parts.all(is_part) {
        violations.format("locale", "Locale is not a language such as en-US.");
    }
    locale
}

/// Writes what a caller may see of a company.
pub fn tenant(tenant: Tenant, reach: Reach) -> pb::Tenant {
    let Tenant {
        id,
        name,
        legal_name,
        email,
        phone,
        website,
        logo_url,
        address,
        time_zone,
        currency,
        locale,
        owner_id,
        status,
        plan_code,
        trial_ends_at,
        is_sandbox,
        stripe_account_id,
        stripe_publishable_key,
        created_at,
        updated_at,
        version,
    } = tenant;
    let public = pb::Tenant {
        id: id.0,
        tenant_user_id: owner_id,
        name: Some(name),
        logo_url,
        phone,
        email,
        website,
        time_zone: Some(time_zone),
        currency: Some(currency),
        locale: Some(locale),
        stripe_publishable_key,
        ..pb::Tenant::default()
    };
    if reach == Reach::Public {
        return public;
    }
    pb::Tenant {
        legal_name,
        address: address.map(address_message),
        user_id: owner_id,
        status: Some(status.into()),
        plan_code,
        trial_ends_at: trial_ends_at.map(timestamp),
        is_sandbox: Some(is_sandbox),
        stripe_connected: Some(stripe_account_id.is_some()),
        stripe_account_id,
        created_at: Some(timestamp(created_at)),
        updated_at: Some(timestamp(updated_at)),
        version: Some(version),
        ..public
    }
}
