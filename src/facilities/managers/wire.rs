//! Property managers between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{Manager, ManagerSummary};
use crate::pb;
use crate::users::model::{Profile, Ratings, User};
use crate::users::wire::{ProfileInput, profile, status};
use crate::wire::{PageFacts, count, page, stored_address};

pub fn input(message: Option<pb::ManagerInput>) -> Result<Profile> {
    let mut violations = Violations::below("manager");
    let pb::ManagerInput {
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

pub fn manager(manager: Manager) -> pb::Manager {
    let Manager { user, ratings: Ratings { average, count } } = manager;
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
    pb::Manager {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        user_status: status(standing),
        external_reference_id,
        address: address.map(stored_address),
        average_rating: average,
        number_of_ratings: count,
        etag: String::new(),
    }
}

pub fn list(managers: Page<ManagerSummary>) -> pb::ListManagersResponse {
    let (facts, items) = page(managers, summary);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListManagersResponse { number_of_pages, total_items, page_size, current_page, items }
}

fn summary(manager: ManagerSummary) -> pb::ManagerSummary {
    let ManagerSummary { user, ratings, property_units } = manager;
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
        address: _,
    } = user;
    pb::ManagerSummary {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        user_status: status(standing),
        external_reference_id,
        role: pb::UserRole::PropertyManager.into(),
        number_of_property_units: count(property_units),
        average_rating: ratings.average,
        number_of_ratings: ratings.count,
    }
}
