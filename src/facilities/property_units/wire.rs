//! Property units between proto and model.

use steward_kernel::page::Page;
use steward_kernel::validate::Violations;
use steward_kernel::{Result, time};

use super::model::{
    AssignedPerson, Company, OwnerChange, Person, PropertyUnit, PropertyUnitInput,
    PropertyUnitSummary, RemovedUser,
};
use crate::attachments::wire::attached;
use crate::pb;
use crate::properties::model::PropertyReference;
use crate::property_types::wire::property_type;
use crate::property_unit_types::wire::property_unit_type as unit_type;
use crate::users::wire::status;
use crate::wire::{
    NAME, NOTE, PageFacts, decimal, distinct, instant, page, stored_address, timestamp,
    whole_address,
};

/// Most property users of one unit.
const USERS: usize = 1000;

pub fn input(message: Option<pb::PropertyUnitInput>) -> Result<PropertyUnitInput> {
    let mut violations = Violations::below("property_unit");
    let pb::PropertyUnitInput {
        address,
        floor,
        contract_start,
        contract_end,
        additional_note,
        is_common_space,
        custom_unit_id,
        manager_id,
        owner_id,
        owner_company_id,
        property_user_ids,
        contact_id,
        property_unit_type_id,
        has_property_address,
    } = violations.required_message(message);
    let address = match has_property_address {
        Some(false) => Some(whole_address(&mut violations, "address", address)),
        Some(true) | None => None,
    };
    let contract_start = instant(&mut violations, "contract_start", contract_start);
    let contract_end = instant(&mut violations, "contract_end", contract_end);
    if contract_start.zip(contract_end).is_some_and(|(start, end)| end < start) {
        violations.rule("contract_end", "The contract must not end before it starts.");
    }
    let mut property_user_ids =
        distinct(&mut violations, "property_user_ids", property_user_ids, USERS);
    if let Some(contact) = contact_id.filter(|contact| !property_user_ids.contains(contact)) {
        property_user_ids.push(contact);
    }
    let input = PropertyUnitInput {
        address,
        floor,
        contract_start,
        contract_end,
        additional_note: violations.text("additional_note", additional_note, NOTE),
        is_common_space: is_common_space.unwrap_or(false),
        custom_unit_id: violations
            .text("custom_unit_id", custom_unit_id, NAME)
            .filter(|id| !id.trim().is_empty()),
        manager_id,
        owner_id: violations.required_id("owner_id", owner_id),
        owner_company_id,
        property_user_ids,
        contact_id,
        property_unit_type_id,
    };
    violations.finish(input)
}

/// Reads an id that must be given.
pub fn required_id(field: &str, id: i64) -> Result<i64> {
    let mut violations = Violations::default();
    let id = violations.required_id(field, id);
    violations.finish(id)
}

/// Reads whom to assign, and whether as the main contact.
pub fn assignment(message: Option<pb::PropertyUserAssignment>) -> Result<(i64, bool)> {
    let mut violations = Violations::below("assignment");
    let pb::PropertyUserAssignment { property_user_id, is_main_contact } =
        violations.required_message(message);
    let user = violations.required_id("property_user_id", property_user_id);
    violations.finish((user, is_main_contact.unwrap_or(false)))
}

pub fn property_unit(unit: PropertyUnit) -> pb::PropertyUnit {
    let expired = unit.is_expired(time::now());
    let PropertyUnit {
        id,
        property,
        custom_unit_id,
        floor,
        contract_start,
        contract_end,
        additional_note,
        is_common_space,
        is_active,
        has_property_address,
        address,
        owner,
        owner_company,
        manager,
        issue_manager,
        property_users,
        property_unit_type,
        attachments,
    } = unit;
    let contact = property_users.iter().find(|user| user.is_main_contact);
    pb::PropertyUnit {
        id,
        contact_id: contact.map(|user| user.person.id),
        address: Some(stored_address(address)),
        contract_start: contract_start.map(timestamp),
        contract_end: contract_end.map(timestamp),
        expired,
        is_common_space,
        is_active,
        manager: manager.map(unit_manager),
        default_issue_manager: issue_manager.map(unit_manager),
        owner: Some(unit_owner(owner)),
        owner_company: owner_company.map(unit_owner_company),
        property_users: property_users.into_iter().map(unit_user).collect(),
        attachments: attachments.into_iter().map(attached).collect(),
        custom_unit_id,
        additional_note,
        floor,
        property_unit_type: property_unit_type.map(unit_type),
        property: Some(unit_property(property)),
        has_property_address,
        etag: String::new(),
    }
}

pub(crate) fn unit_property(property: PropertyReference) -> pb::UnitProperty {
    let PropertyReference { id, name, property_type: type_of } = property;
    pb::UnitProperty { property_type: type_of.map(property_type), name, id }
}

fn unit_manager(person: Person) -> pb::UnitManager {
    pb::UnitManager {
        is_active: person.is_active(),
        user_status: status(person.status()),
        id: person.id,
        email: person.email,
        name: person.name,
        company_name: person.company_name,
        country_code: person.country_code,
        phone_number: person.phone_number,
        additional_note: person.additional_note,
    }
}

fn unit_owner(person: Person) -> pb::UnitOwner {
    pb::UnitOwner {
        is_active: person.is_active(),
        user_status: status(person.status()),
        id: person.id,
        email: person.email,
        name: person.name,
        company_name: person.company_name,
        country_code: person.country_code,
        phone_number: person.phone_number,
        authorized_amount: person.authorized_amount.map(decimal),
    }
}

fn unit_owner_company(company: Company) -> pb::UnitOwnerCompany {
    let Company {
        id,
        name,
        invoice_email,
        max_mandate_amount,
        attention_to,
        country_code,
        phone_number,
    } = company;
    pb::UnitOwnerCompany {
        id,
        name,
        invoice_email,
        max_mandate_amount: max_mandate_amount.map(decimal),
        attention_to,
        country_code,
        phone_number,
    }
}

fn unit_user(user: AssignedPerson) -> pb::UnitUser {
    let AssignedPerson { person, is_main_contact } = user;
    pb::UnitUser {
        is_active: person.is_active(),
        id: person.id,
        email: person.email,
        name: person.name,
        company_name: person.company_name,
        country_code: person.country_code,
        phone_number: person.phone_number,
        additional_note: person.additional_note,
        is_contact: is_main_contact,
    }
}

pub fn list(units: Page<PropertyUnitSummary>) -> pb::ListPropertyUnitsResponse {
    let (facts, items) = page(units, summary);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListPropertyUnitsResponse { number_of_pages, total_items, page_size, current_page, items }
}

fn summary(unit: PropertyUnitSummary) -> pb::PropertyUnitSummary {
    let PropertyUnitSummary {
        id,
        custom_unit_id,
        floor,
        contract_end,
        additional_note,
        is_common_space,
        is_active,
        address,
        property_unit_type,
        main_contact,
        manager_id,
        manager_name,
        issue_manager_name,
        owner_name,
        owner_company_name,
    } = unit;
    pb::PropertyUnitSummary {
        id,
        address: Some(stored_address(address)),
        property_unit_type: property_unit_type.map(unit_type),
        is_common_space,
        is_active,
        custom_unit_id,
        additional_note,
        floor,
        main_contact_contract_end: main_contact.as_ref().and(contract_end).map(timestamp),
        main_contact: main_contact.map(unit_contact),
        default_issue_manager_name: issue_manager_name,
        default_property_manager_name: manager_name,
        property_manager_id: manager_id,
        owner_name,
        owner_company_name,
    }
}

fn unit_contact(person: Person) -> pb::UnitContact {
    pb::UnitContact {
        email: person.email,
        name: person.name,
        company_name: person.company_name,
        country_code: person.country_code,
        phone_number: person.phone_number,
        additional_note: person.additional_note,
    }
}

pub fn owner_change(change: OwnerChange) -> pb::ChangePropertyOwnerResponse {
    let OwnerChange { property_unit_id, old_owner, new_owner } = change;
    pb::ChangePropertyOwnerResponse {
        property_unit_id,
        old_owner: Some(unit_owner(old_owner)),
        new_owner: Some(unit_owner(new_owner)),
    }
}

pub fn assigned(mut unit: PropertyUnit) -> pb::AssignPropertyUserResponse {
    let users = std::mem::take(&mut unit.property_users);
    pb::AssignPropertyUserResponse {
        property_unit_id: unit.id,
        property_users: users.into_iter().map(|user| assigned_user(&unit, user)).collect(),
    }
}

pub fn removed(removed: RemovedUser) -> pb::RemovePropertyUserResponse {
    let RemovedUser { unit, user } = removed;
    pb::RemovePropertyUserResponse {
        property_unit_id: unit.id,
        property_user: Some(assigned_user(&unit, user)),
    }
}

fn assigned_user(unit: &PropertyUnit, user: AssignedPerson) -> pb::AssignedUser {
    let AssignedPerson { person, is_main_contact } = user;
    pb::AssignedUser {
        id: person.id,
        email: person.email,
        name: person.name,
        company_name: person.company_name,
        country_code: person.country_code,
        phone_number: person.phone_number,
        additional_note: person.additional_note,
        is_main_contact,
        contract_start_date: unit.contract_start.map(timestamp),
        contract_end_date: unit.contract_end.map(timestamp),
    }
}
