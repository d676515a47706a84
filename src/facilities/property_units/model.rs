//! Property units and the people around them.

use rust_decimal::Decimal;
use serde::Deserialize;
use steward_kernel::time::Timestamp;
use steward_platform::files::ShownFile;

use crate::address::{Address, PostalAddress};
use crate::attachments::model::{Attached, ShowsFiles};
use crate::properties::model::PropertyReference;
use crate::property_unit_types::model::PropertyUnitType;
use crate::users::model::Status;

/// What a client writes of a property unit.
#[derive(Debug, Clone)]
pub struct PropertyUnitInput {
    /// Own address; absent: the unit shows the property's.
    pub address: Option<PostalAddress>,
    /// Floor.
    pub floor: Option<i32>,
    /// Start of the rental contract.
    pub contract_start: Option<Timestamp>,
    /// End of the rental contract, not before its start.
    pub contract_end: Option<Timestamp>,
    /// Free note.
    pub additional_note: Option<String>,
    /// Whether the unit is shared, such as a hallway.
    pub is_common_space: bool,
    /// The tenant's own id of the unit; generated when absent.
    pub custom_unit_id: Option<String>,
    /// Id of a property manager.
    pub manager_id: Option<i64>,
    /// Id of an owner.
    pub owner_id: i64,
    /// Id of a company of that owner.
    pub owner_company_id: Option<i64>,
    /// Ids of property users, each once, the main contact included.
    pub property_user_ids: Vec<i64>,
    /// Id of the main contact.
    pub contact_id: Option<i64>,
    /// Id of a property unit type.
    pub property_unit_type_id: Option<i64>,
}

/// A user as a unit shows one.
#[derive(Debug, Clone, Deserialize)]
pub struct Person {
    /// Id of the user.
    pub id: i64,
    /// E-mail.
    pub email: String,
    /// Full name.
    pub name: String,
    /// Company the person works for.
    pub company_name: Option<String>,
    /// Calling code in digits.
    pub country_code: Option<String>,
    /// Phone number in digits.
    pub phone_number: Option<String>,
    /// Free note.
    pub additional_note: Option<String>,
    /// Amount up to which work may be ordered without asking; owners only.
    pub authorized_amount: Option<Decimal>,
    status: i16,
}

impl Person {
    /// Where the user stands.
    #[must_use]
    pub fn status(&self) -> Status {
        Status::from_stored(self.status)
    }

    /// Whether the account is not deactivated.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status() != Status::Inactive
    }
}

/// A property user with the assignment to a unit.
#[derive(Debug, Clone, Deserialize)]
pub struct AssignedPerson {
    /// Who is assigned.
    #[serde(flatten)]
    pub person: Person,
    /// Whether this is the main contact of the unit.
    pub is_main_contact: bool,
}

/// An owner company as a unit shows one.
#[derive(Debug, Clone, Deserialize)]
pub struct Company {
    /// Id of the company.
    pub id: i64,
    /// Name.
    pub name: String,
    /// E-mail invoices go to.
    pub invoice_email: Option<String>,
    /// Amount up to which work may be ordered without asking.
    pub max_mandate_amount: Option<Decimal>,
    /// Person or team invoices are addressed to.
    pub attention_to: Option<String>,
    /// Calling code in digits.
    pub country_code: Option<String>,
    /// Phone number in digits.
    pub phone_number: Option<String>,
}

/// A property unit with all details.
#[derive(Debug, Clone)]
pub struct PropertyUnit {
    /// Id, unique within the tenant.
    pub id: i64,
    /// The property it belongs to.
    pub property: PropertyReference,
    /// The tenant's own id of the unit.
    pub custom_unit_id: String,
    /// Floor.
    pub floor: Option<i32>,
    /// Start of the rental contract.
    pub contract_start: Option<Timestamp>,
    /// End of the rental contract.
    pub contract_end: Option<Timestamp>,
    /// Free note.
    pub additional_note: Option<String>,
    /// Whether the unit is shared.
    pub is_common_space: bool,
    /// Whether the unit is in use.
    pub is_active: bool,
    /// Whether the unit shows the property's address.
    pub has_property_address: bool,
    /// Where the unit is: its own address or the property's.
    pub address: Address,
    /// Who owns the unit.
    pub owner: Person,
    /// Company through which the owner holds the unit.
    pub owner_company: Option<Company>,
    /// Who manages the unit.
    pub manager: Option<Person>,
    /// Who looks after issues of the unit.
    pub issue_manager: Option<Person>,
    /// Property users, ordered by id.
    pub property_users: Vec<AssignedPerson>,
    /// Type of the unit.
    pub property_unit_type: Option<PropertyUnitType>,
    /// Files attached to the unit, ordered by id.
    pub attachments: Vec<Attached>,
}

impl ShowsFiles for PropertyUnit {
    fn files(&mut self) -> Vec<&mut ShownFile> {
        self.attachments.iter_mut().map(|attached| &mut attached.file).collect()
    }
}

impl PropertyUnit {
    /// Whether the contract has ended at `now`.
    #[must_use]
    pub fn is_expired(&self, now: Timestamp) -> bool {
        self.contract_end.is_some_and(|end| end < now)
    }
}

/// A property unit as a list shows one.
#[derive(Debug, Clone)]
pub struct PropertyUnitSummary {
    /// Id, unique within the tenant.
    pub id: i64,
    /// The tenant's own id of the unit.
    pub custom_unit_id: String,
    /// Floor.
    pub floor: Option<i32>,
    /// End of the rental contract.
    pub contract_end: Option<Timestamp>,
    /// Free note.
    pub additional_note: Option<String>,
    /// Whether the unit is shared.
    pub is_common_space: bool,
    /// Whether the unit is in use.
    pub is_active: bool,
    /// Where the unit is: its own address or the property's.
    pub address: Address,
    /// Type of the unit.
    pub property_unit_type: Option<PropertyUnitType>,
    /// The main contact.
    pub main_contact: Option<Person>,
    /// Id of who manages the unit.
    pub manager_id: Option<i64>,
    /// Name of who manages the unit.
    pub manager_name: Option<String>,
    /// Name of who looks after issues of the unit.
    pub issue_manager_name: Option<String>,
    /// Name of who owns the unit.
    pub owner_name: String,
    /// Name of the company through which the owner holds the unit.
    pub owner_company_name: Option<String>,
}

/// What a change of owner answers.
#[derive(Debug, Clone)]
pub struct OwnerChange {
    /// Id of the unit.
    pub property_unit_id: i64,
    /// Who owned it.
    pub old_owner: Person,
    /// Who owns it now.
    pub new_owner: Person,
}

/// What a removed property user answers.
#[derive(Debug, Clone)]
pub struct RemovedUser {
    /// The unit as it is now.
    pub unit: PropertyUnit,
    /// Who was removed.
    pub user: AssignedPerson,
}

/// The custom id generated for a unit: the property's own id, or `P` and its number, and a
/// number that counts the property's units.
#[must_use]
pub fn generated_custom_unit_id(
    custom_property_id: Option<&str>,
    property_id: i64,
    number: i32,
) -> String {
    match custom_property_id.filter(|id| !id.is_empty()) {
        Some(id) => format!("{id}-{number}"),
        None => format!("P{property_id}-{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn generates_custom_ids() {
        assert_eq!(generated_custom_unit_id(Some("222"), 7, 3), "222-3");
        assert_eq!(generated_custom_unit_id(Some(""), 7, 3), "P7-3");
        assert_eq!(generated_custom_unit_id(None, 7, 1), "P7-1");
    }
}
