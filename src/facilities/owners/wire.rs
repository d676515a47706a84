//! Owners between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{Owner, OwnerInput, OwnerSummary};
use crate::pb;
use crate::users::model::{Billing, User};
use crate::users::wire::{ProfileInput, profile, status};
use crate::wire::{
    NAME, PageFacts, address, amount, count, decimal, page, postal_address, stored_address,
};

pub fn input(message: Option<pb::OwnerInput>) -> Result<OwnerInput> {
    let mut violations = Violations::below("owner");
    let pb::OwnerInput {
        email,
        name,
        company_name,
        country_code,
        phone_number,
        external_reference_id,
        address: postal,
        additional_note,
        authorized_amount,
        invoice_address,
        invoice_company,
        invoice_email,
        attention_to,
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
            address: postal,
        },
    );
    let billing = Billing {
        authorized_amount: amount(&mut violations, "authorized_amount", authorized_amount),
        invoice_address: address(&mut violations, "invoice_address", invoice_address),
        invoice_company: violations.text("invoice_company", invoice_company, NAME),
        invoice_email: violations.email("invoice_email", invoice_email),
        attention_to: violations.text("attention_to", attention_to, NAME),
    };
    violations.finish(OwnerInput { profile, billing })
}

pub fn owner(owner: Owner) -> pb::Owner {
    let Owner {
        user,
        authorized_amount,
        invoice_address,
        invoice_company,
        invoice_email,
        attention_to,
    } = owner;
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
    pb::Owner {
        id,
        email,
        name,
        company_name,
        country_code,
        phone_number,
        address: address.map(|address| postal_address(address.postal)),
        additional_note,
        authorized_amount: authorized_amount.map(decimal),
        status: status(standing),
        external_reference_id,
        invoice_address: invoice_address.map(stored_address),
        invoice_company,
        invoice_email,
        attention_to,
        etag: String::new(),
    }
}

pub fn list(owners: Page<OwnerSummary>) -> pb::ListOwnersResponse {
    let (facts, items) = page(owners, summary);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListOwnersResponse { number_of_pages, total_items, page_size, current_page, items }
}

fn summary(owner: OwnerSummary) -> pb::OwnerSummary {
    let OwnerSummary { user, authorized_amount, property_units } = owner;
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
    pb::OwnerSummary {
        id,
        name,
        email,
        company_name,
        country_code,
        phone_number,
        address: address.map(stored_address),
        additional_note,
        authorized_amount: authorized_amount.map(decimal),
        number_of_property_units: count(property_units),
        user_status: status(standing),
        external_reference_id,
    }
}
