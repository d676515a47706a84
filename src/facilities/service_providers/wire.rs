//! Service providers between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{ServiceProvider, ServiceProviderInput};
use crate::attachments::wire::attached;
use crate::pb;
use crate::tags::wire::tag;
use crate::users::model::User;
use crate::users::wire::{ProfileInput, profile, status};
use crate::wire::{PageFacts, count, distinct, page, postal_address, stored_address};

/// Most tags a provider may have.
const TAGS: usize = 100;

pub fn input(message: Option<pb::ServiceProviderInput>) -> Result<ServiceProviderInput> {
    let mut violations = Violations::below("service_provider");
    let pb::ServiceProviderInput {
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        external_reference_id,
        tags,
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
    let tags = tags.map(|pb::TagSelection { ids }| distinct(&mut violations, "tags", ids, TAGS));
    violations.finish(ServiceProviderInput { profile, tags })
}

pub fn service_provider(provider: ServiceProvider) -> pb::ServiceProvider {
    let ServiceProvider { user, tags, ratings, active_issues: _, attachments } = provider;
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
    pb::ServiceProvider {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        status: status(standing),
        external_reference_id,
        tags: tags.into_iter().map(tag).collect(),
        attachments: attachments.into_iter().map(attached).collect(),
        address: address.map(|address| postal_address(address.postal)),
        average_rating: ratings.average,
        number_of_ratings: ratings.count,
        etag: String::new(),
    }
}

pub fn list(providers: Page<ServiceProvider>) -> pb::ListServiceProvidersResponse {
    let (facts, items) = page(providers, summary);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListServiceProvidersResponse {
        number_of_pages,
        total_items,
        page_size,
        current_page,
        items,
    }
}

fn summary(provider: ServiceProvider) -> pb::ServiceProviderSummary {
    let ServiceProvider { user, tags, ratings, active_issues, attachments: _ } = provider;
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
    pb::ServiceProviderSummary {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        additional_note,
        user_status: status(standing),
        active_issues: count(active_issues),
        external_reference_id,
        tags: tags.into_iter().map(|tag| tag.name).collect(),
        address: address.map(stored_address),
        average_rating: ratings.average,
        number_of_ratings: ratings.count,
    }
}
