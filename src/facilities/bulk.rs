//! What can be exported and imported: each resource as its `Get` answers it, and as its
//! `Create` takes it.

use prost::Message;
use steward_database::{List, Listed};
use steward_platform::exports::{Exported, Resource};
use steward_platform::imports::Importable;

use crate::{
    issues, managers, owner_companies, owners, properties, property_types, property_unit_types,
    property_units, property_users, service_providers, tags,
};

/// Lets records be exported: their resource's name, their message, where they are listed, and
/// how the message is written.
macro_rules! exported {
    ($($record:ty, $name:literal, $message:literal, $listed:ty, $write:path;)*) => {
        $(
            impl Exported for $record {
                const RESOURCE: &'static str = $name;
                const MESSAGE: &'static str = concat!("steward.facilities.v1.", $message);
                const LIST: List = <$listed as Listed>::LIST;

                fn encode(self) -> Vec<u8> {
                    $write(self).encode_to_vec()
                }
            }
        )*

        /// Everything of the family that can be exported.
        #[must_use]
        pub fn exports() -> Vec<Resource> {
            vec![$(Resource::of::<$record>()),*]
        }
    };
}

exported! {
    owners::model::Owner, "owners", "Owner", owners::model::OwnerSummary, owners::wire::owner;
    managers::model::Manager, "managers", "Manager", managers::model::ManagerSummary, managers::wire::manager;
    service_providers::model::ServiceProvider, "service_providers", "ServiceProvider", service_providers::model::ServiceProvider, service_providers::wire::service_provider;
    property_users::model::PropertyUser, "property_users", "PropertyUser", property_users::model::PropertyUser, property_users::wire::property_user;
    owner_companies::model::OwnerCompany, "owner_companies", "OwnerCompany", owner_companies::model::OwnerCompany, owner_companies::wire::company;
    properties::model::Property, "properties", "Property", properties::model::Property, properties::wire::property;
    property_units::model::PropertyUnit, "property_units", "PropertyUnit", property_units::model::PropertyUnitSummary, property_units::wire::property_unit;
    issues::model::Issue, "issues", "Issue", issues::model::IssueSummary, issues::wire::issue;
    tags::model::Tag, "tags", "Tag", tags::model::Tag, tags::wire::tag;
    property_types::model::PropertyType, "property_types", "PropertyType", property_types::model::PropertyType, property_types::wire::property_type;
    property_unit_types::model::PropertyUnitType, "property_unit_types", "PropertyUnitType", property_unit_types::model::PropertyUnitType, property_unit_types::wire::property_unit_type;
}

/// Everything of the family that can be imported.
pub const IMPORTS: &[Importable] = &[
    creates("owners", "steward.facilities.v1.OwnerService/CreateOwner"),
    creates("managers", "steward.facilities.v1.ManagerService/CreateManager"),
    creates(
        "service_providers",
        "steward.facilities.v1.ServiceProviderService/CreateServiceProvider",
    ),
    creates("property_users", "steward.facilities.v1.PropertyUserService/CreatePropertyUser"),
    creates("owner_companies", "steward.facilities.v1.OwnerCompanyService/CreateOwnerCompany"),
    creates("properties", "steward.facilities.v1.PropertyService/CreateProperty"),
    creates("property_units", "steward.facilities.v1.PropertyUnitService/CreatePropertyUnit"),
    creates("issues", "steward.facilities.v1.IssueService/CreateIssue"),
    creates("tags", "steward.facilities.v1.TagService/CreateTag"),
    creates("property_types", "steward.facilities.v1.PropertyTypeService/CreatePropertyType"),
    creates(
        "property_unit_types",
        "steward.facilities.v1.PropertyUnitTypeService/CreatePropertyUnitType",
    ),
];

const fn creates(resource: &'static str, rpc: &'static str) -> Importable {
    Importable { resource, rpc }
}
