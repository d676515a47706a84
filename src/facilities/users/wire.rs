//! Conversions of the members every user has.

use steward_kernel::phone::Phone;
use steward_kernel::validate::Violations;

use super::model::{Person, Profile, Role, Status};
use crate::country_codes::model::is_calling_code;
use crate::pb;
use crate::wire::{NAME, NOTE, PHONE, address};

/// The members of an input message that every role has.
pub struct ProfileInput {
    pub email: String,
    pub name: String,
    pub company_name: Option<String>,
    pub country_code: Option<String>,
    pub phone_number: Option<String>,
    pub external_reference_id: Option<String>,
    pub additional_note: Option<String>,
    pub address: Option<pb::PostalAddress>,
}

/// Reads the members every role has.
pub fn profile(violations: &mut Violations, input: ProfileInput) -> Profile {
    let ProfileInput {
        email,
        name,
        company_name,
        country_code,
        phone_number,
        external_reference_id,
        additional_note,
        address: postal,
    } = input;
    Profile {
        email: violations.required_email("email", email),
        name: violations.required_text("name", name, NAME),
        company_name: violations.text("company_name", company_name, NAME),
        phone: phone(violations, country_code, phone_number),
        external_reference_id: violations.text(
            "external_reference_id",
            external_reference_id,
            NAME,
        ),
        additional_note: violations.text("additional_note", additional_note, NOTE),
        address: address(violations, "address", postal),
    }
}

/// Reads a calling code and a phone number by the documented rule.
pub fn phone(
    violations: &mut Violations,
    country_code: Option<String>,
    phone_number: Option<String>,
) -> Option<Phone> {
    let country_code = violations.text("country_code", country_code, PHONE);
    let phone_number = violations.text("phone_number", phone_number, PHONE);
    Phone::read(country_code.as_deref(), phone_number.as_deref(), is_calling_code)
}

/// Writes a status.
pub fn status(status: Status) -> i32 {
    let status = match status {
        Status::Uninvited => pb::UserStatus::Uninvited,
        Status::Invited => pb::UserStatus::Invited,
        Status::Active => pb::UserStatus::Active,
        Status::Inactive => pb::UserStatus::Inactive,
    };
    status.into()
}

/// Writes a role.
pub fn role(role: Role) -> i32 {
    let role = match role {
        Role::Owner => pb::UserRole::Owner,
        Role::Manager => pb::UserRole::PropertyManager,
        Role::ServiceProvider => pb::UserRole::ServiceProvider,
        Role::PropertyUser => pb::UserRole::PropertyUser,
    };
    role.into()
}

/// Writes a user whatever the role.
pub fn user(person: Person) -> pb::User {
    let Person { id, role: does, status: stands, email, name } = person;
    pb::User { id, role: role(does), status: status(stands), email, name, etag: String::new() }
}
