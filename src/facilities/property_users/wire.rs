//! Property users between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{OccupiedUnit, PropertyUser};
use crate::pb;
use crate::users::model::{Profile, User};
use crate::users::wire::{ProfileInput, profile, status};
use crate::wire::{PageFacts, page, postal_address, stored_address, timestamp};

pub fn input(message: Option<pb::PropertyUserInput>) -> Result<Profile> {
    let mut violations = Violations::below("property_user");
    let pb::PropertyUserInput {
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        external_reference_id,
        address,
    } = violations.required_message(message);
    let profile = profile(
        &mut violations,
        ProfileInput {
            email,
            name,
            company_name,
            country_code,
            phone_number,
            external_reference_id,
            additional_note,
            address,
        },
    );
    violations.finish(profile)
}

pub fn property_user(property_user: PropertyUser) -> pb::PropertyUser {
    let PropertyUser { user, property_units } = property_user;
    let User {
        id,
        status: standing,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        external_reference_id,
        additional_note,
        address,
    } = user;
    pb::PropertyUser {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        status: status(standing),
        external_reference_id,
        address: address.map(stored_address),
        property_units: property_units.into_iter().map(occupied_unit).collect(),
        etag: String::new(),
    }
}

pub fn list(users: Page<PropertyUser>) -> pb::ListPropertyUsersResponse {
    let (facts, items) = page(users, summary);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListPropertyUsersResponse { number_of_pages, total_items, page_size, current_page, items }
}

/// A list shows the same members as the details, in a message of its own.
fn summary(user: PropertyUser) -> pb::PropertyUserSummary {
    let pb::PropertyUser {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        status,
        external_reference_id,
        address,
        property_units,
        etag: _,
    } = property_user(user);
    pb::PropertyUserSummary {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        status,
        external_reference_id,
        address,
        property_units,
    }
}

fn occupied_unit(unit: OccupiedUnit) -> pb::OccupiedUnit {
    let OccupiedUnit {
        property_unit_id,
        custom_unit_id,
        additional_note,
        floor,
        is_main_contact,
        contract_start,
        contract_end,
        address,
    } = unit;
    pb::OccupiedUnit {
        property_unit_id,
        custom_unit_id,
        additional_note,
        floor,
        is_main_contact,
        contract_start: contract_start.map(timestamp),
        contract_end: contract_end.map(timestamp),
        address: Some(postal_address(address.postal)),
    }
}
