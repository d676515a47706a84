//! What a business says to start, from proto to model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::Onboarding;
use crate::owners::slug::is_slug;
use crate::owners::wire::{category, currency, zone};
use crate::pb;
use crate::wire::{phone, required_country, stated};

/// Reads what a business says to start.
pub fn onboarding(message: Option<pb::Onboarding>) -> Result<Onboarding> {
    let mut violations = Violations::below("onboarding");
    let pb::Onboarding {
        name,
        company_name,
        country,
        language,
        time_zone,
        currency: money,
        business_category_id,
        phone_number,
        store_slug,
        terms_accepted,
    } = violations.required_message(message);
    match terms_accepted {
        None => violations.required("terms_accepted"),
        Some(false) => violations.rule("terms_accepted", "The terms have to be accepted."),
        Some(true) => {}
    }
    if business_category_id == 0 {
        violations.required("business_category_id");
    } else {
        category(&mut violations, Some(business_category_id));
    }
    let onboarding = Onboarding {
        name: violations.required_tidy("name", Some(name), 120),
        company_name: violations.required_tidy("company_name", Some(company_name), 160),
        country: required_country(&mut violations, "country", Some(country)),
        language: stated(language),
        time_zone: zone(&mut violations, time_zone),
        currency: currency(&mut violations, money),
        business_category_id,
        phone_number: phone(&mut violations, "phone_number", phone_number),
        store_slug: slug(&mut violations, store_slug),
    };
    violations.finish(onboarding)
}

fn slug(violations: &mut Violations, value: Option<String>) -> Option<String> {
    let value = violations.tidy("store_slug", value, 63)?;
    if value.len() < 3 {
        violations.named("store_slug", "TOO_SHORT", "Store slug is shorter than 3 characters.");
    } else if !is_slug(&value) {
        let message = "Store slug has more than lower-case letters, digits and hyphens.";
        violations.format("store_slug", message);
    }
    Some(value)
}
