//! Owners between proto and model.

use prost_types::FieldMask;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};

use super::model::{Include, Owner, OwnerAnswer, OwnerInput, is_currency};
use crate::addresses::wire::address;
use crate::booking_settings::wire::settings;
use crate::bookings::read::Given;
use crate::business_categories;
use crate::pb;
use crate::time::Zone;
use crate::wire::{FileMembers, country, phone, stated, timestamp};

/// Reads what is to be included.
pub fn include(include: Option<&str>) -> Result<Include> {
    let known = ["booking_settings", "addresses", "business_category"];
    let asked = crate::wire::include(include, &known)?;
    let [settings, addresses, category] = known.map(|name| asked.contains(&name));
    Ok(Include { settings, addresses, category })
}

/// Reads an owner that is the whole of what is written, and the signed id of a picture, or none,
/// where that is said. What is left out has its default.
pub fn input(
    message: Option<pb::User>,
    mask: Option<&FieldMask>,
) -> Result<(OwnerInput, Option<Option<String>>)> {
    let mut violations = Violations::below("user");
    let pb::User {
        id: _,
        email: _,
        phone_verified: _,
        onboarded: _,
        store_slug: _,
        name,
        company_name,
        phone_number,
        language,
        time_zone,
        country: land,
        currency: money,
        business_category_id,
        website,
        booking_settings: _,
        addresses: _,
        business_category: _,
        created_at: _,
        updated_at: _,
        subscription_status: _,
        avatar_id,
        avatar_url: _,
        avatar_preview: _,
        avatar_filename: _,
        avatar_content_type: _,
        avatar_metadata: _,
        etag: _,
    } = violations.required_message(message);
    let owner = OwnerInput {
        name: violations.required_tidy("name", name, 120),
        company_name: violations.tidy("company_name", company_name, 160),
        phone_number: phone(&mut violations, "phone_number", phone_number),
        language: stated(language).unwrap_or(pb::Language::En as i16),
        time_zone: zone(&mut violations, time_zone).unwrap_or_else(|| "Europe/Lisbon".to_owned()),
        country: country(&mut violations, "country", land).unwrap_or_else(|| "PT".to_owned()),
        currency: currency(&mut violations, money).unwrap_or_else(|| "EUR".to_owned()),
        business_category_id: category(&mut violations, business_category_id),
        website: web_site(&mut violations, website),
        // That of a file is known once it is bound.
        avatar_id: None,
    };
    let avatar_id = violations.tidy("avatar_id", avatar_id, 500);
    violations.finish((owner, Given(mask).or_null("avatar_id", avatar_id)))
}

/// Reads the name of a zone; answers it as IANA writes it.
pub(crate) fn zone(violations: &mut Violations, value: Option<String>) -> Option<String> {
    let value = violations.tidy("time_zone", value, 64)?;
    let Some(zone) = Zone::named(&value) else {
        violations.rule("time_zone", "Time zone is not one of IANA, such as Europe/Lisbon.");
        return None;
    };
    Some(zone.name().to_owned())
}

/// Reads a currency with two decimals.
pub(crate) fn currency(violations: &mut Violations, value: Option<String>) -> Option<String> {
    let value = violations.tidy("currency", value, 3)?.to_ascii_uppercase();
    if !is_currency(&value) {
        let message = "Currency is not one of ISO 4217 with two decimals, such as EUR.";
        violations.rule("currency", message);
    }
    Some(value)
}

/// Reads the id of a kind of business.
pub(crate) fn category(violations: &mut Violations, id: Option<i64>) -> Option<i64> {
    if id.is_some_and(|id| business_categories::find(id).is_none()) {
        let message = "There is no business category of this id.";
        violations.named("business_category_id", "REFERENCE_NOT_FOUND", message);
    }
    id
}

/// Reads the address of a web site.
fn web_site(violations: &mut Violations, value: Option<String>) -> Option<String> {
    let value = violations.tidy("website", value, 2000)?;
    let is_web = |url: url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    if !url::Url::parse(&value).is_ok_and(is_web) {
        violations.format("website", "Website is not an address such as https://example.com.");
    }
    Some(value)
}

/// Writes an owner in the language of the request.
pub fn user(context: &Context, answer: OwnerAnswer) -> pb::User {
    let OwnerAnswer { owner, email, settings: rents, addresses, with_category } = answer;
    let Owner {
        id,
        written,
        phone_verified,
        avatar,
        store_slug,
        onboarded_at,
        created_at,
        updated_at,
    } = owner;
    let FileMembers { url, preview, filename, content_type, metadata } = avatar.into();
    let OwnerInput {
        name,
        company_name,
        phone_number,
        language,
        time_zone,
        country,
        currency,
        business_category_id,
        website,
        avatar_id: _,
    } = written;
    let category = business_category_id.filter(|_| with_category);
    let category = category.and_then(business_categories::find);
    pb::User {
        id: id.0,
        email,
        phone_verified,
        onboarded: onboarded_at.is_some(),
        store_slug,
        name: Some(name),
        company_name,
        phone_number,
        language: language.into(),
        time_zone: Some(time_zone),
        country: Some(country),
        currency: Some(currency),
        business_category_id,
        website,
        booking_settings: rents.map(|rents| settings(id, rents)),
        addresses: addresses.unwrap_or_default().into_iter().map(address).collect(),
        business_category: category.map(|one| business_categories::answer(context, one)),
        created_at: created_at.map(timestamp),
        updated_at: updated_at.map(timestamp),
        subscription_status: pb::SubscriptionStatus::Local.into(),
        avatar_id: None,
        avatar_url: url,
        avatar_preview: preview,
        avatar_filename: filename,
        avatar_content_type: content_type,
        avatar_metadata: metadata,
        etag: String::new(),
    }
}
