//! What can be exported: each resource as its `Get` answers it.

use prost::Message;
use steward_database::{List, Listed};
use steward_platform::exports::{Exported, Resource};

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
