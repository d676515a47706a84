//! Owner companies between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{OwnerCompany, OwnerCompanyInput};
use crate::pb;
use crate::users::wire::phone;
use crate::wire::{NAME, PageFacts, address, amount, decimal, page, stored_address};

pub fn input(message: Option<pb::OwnerCompanyInput>) -> Result<OwnerCompanyInput> {
    let mut violations = Violations::below("company");
    let pb::OwnerCompanyInput {
        name,
        invoice_email,
        max_mandate_amount,
        attention_to,
        country_code,
        phone_number,
        external_reference_id,
        invoice_address,
    } = violations.required_message(message);
    let input = OwnerCompanyInput {
        name: violations.required_text("name", name, NAME),
        invoice_email: violations.email("invoice_email", invoice_email),
        max_mandate_amount: amount(&mut violations, "max_mandate_amount", max_mandate_amount),
        attention_to: violations.text("attention_to", attention_to, NAME),
        phone: phone(&mut violations, country_code, phone_number),
        external_reference_id: violations.text(
            "external_reference_id",
            external_reference_id,
            NAME,
        ),
        invoice_address: address(&mut violations, "invoice_address", invoice_address),
    };
    violations.finish(input)
}

pub fn company(company: OwnerCompany) -> pb::OwnerCompany {
    let OwnerCompany {
        id,
        owner_id,
        name,
        invoice_email,
        max_mandate_amount,
        attention_to,
        country_code,
        phone_number,
        external_reference_id,
        invoice_address,
    } = company;
    pb::OwnerCompany {
        id,
        name,
        invoice_email,
        max_mandate_amount: max_mandate_amount.map(decimal),
        attention_to,
        country_code,
        phone_number,
        external_reference_id,
        invoice_address: invoice_address.map(stored_address),
        etag: String::new(),
        owner_id,
    }
}

pub fn list(companies: Page<OwnerCompany>) -> pb::ListOwnerCompaniesResponse {
    let (facts, items) = page(companies, company);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListOwnerCompaniesResponse { number_of_pages, total_items, page_size, current_page, items }
}
