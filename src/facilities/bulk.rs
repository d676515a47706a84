//! What can be exported and imported: each resource as its `Get` answers it, and as its
//! `Create` takes it.

use prost::Message;
use steward_database::{List, Listed};
use steward_platform::exports::{Exported, Resource};
use steward_platform::imports::{Importable, KeyPart, Upsert};

use crate::{
    issues, managers, owner_companies, owners, properties, property_types, property_unit_types,
    property_units, property_users, service_providers, tags,
};

/// Lets records be exported and imported. For each: what clients call the resource, its record
/// and message, where it is listed, how the message is written, the RPC that creates one, and
/// what an import finds one by that it changes, where there is something.
macro_rules! resources {
    ($($name:literal: $record:ty as $message:literal,
        listed $listed:ty, written $write:path, created $create:literal
        $(, updated $update:literal, known by $($column:literal = $condition:literal)and+)?;)*) => {
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

        /// Everything of the family that can be imported.
        pub const IMPORTS: &[Importable] = &[
            $(Importable {
                resource: $name,
                create: concat!("steward.facilities.v1.", $create),
                upsert: first(&[$(Upsert {
                    update: concat!("steward.facilities.v1.", $update),
                    list: <$listed as Listed>::LIST,
                    key: &[$(KeyPart { column: $column, condition: $condition }),+],
                })?]),
            }),*
        ];
    };
}

/// What a macro makes where something may be left out.
const fn first(found: &[Upsert]) -> Option<Upsert> {
    match found {
        [] => None,
        [first, ..] => Some(*first),
    }
}

resources! {
    "owners": owners::model::Owner as "Owner",
        listed owners::model::OwnerSummary, written owners::wire::owner,
        created "OwnerService/CreateOwner",
        updated "OwnerService/UpdateOwner", known by "email" = "lower(r.email) = lower(?)";
    "managers": managers::model::Manager as "Manager",
        listed managers::model::ManagerSummary, written managers::wire::manager,
        created "ManagerService/CreateManager",
        updated "ManagerService/UpdateManager", known by "email" = "lower(r.email) = lower(?)";
    "service_providers": service_providers::model::ServiceProvider as "ServiceProvider",
        listed service_providers::model::ServiceProvider, written service_providers::wire::service_provider,
        created "ServiceProviderService/CreateServiceProvider",
        updated "ServiceProviderService/UpdateServiceProvider",
        known by "email" = "lower(r.email) = lower(?)";
    "property_users": property_users::model::PropertyUser as "PropertyUser",
        listed property_users::model::PropertyUser, written property_users::wire::property_user,
        created "PropertyUserService/CreatePropertyUser",
        updated "PropertyUserService/UpdatePropertyUser",
        known by "email" = "lower(r.email) = lower(?)";
    "owner_companies": owner_companies::model::OwnerCompany as "OwnerCompany",
        listed owner_companies::model::OwnerCompany, written owner_companies::wire::company,
        created "OwnerCompanyService/CreateOwnerCompany",
        updated "OwnerCompanyService/UpdateOwnerCompany",
        known by "ownerId" = "r.owner_id = ?::bigint" and "name" = "lower(r.name) = lower(?)";
    "properties": properties::model::Property as "Property",
        listed properties::model::Property, written properties::wire::property,
        created "PropertyService/CreateProperty",
        updated "PropertyService/UpdateProperty",
        known by "customPropertyId" = "r.custom_property_id = ?";
    "property_units": property_units::model::PropertyUnit as "PropertyUnit",
        listed property_units::model::PropertyUnitSummary, written property_units::wire::property_unit,
        created "PropertyUnitService/CreatePropertyUnit",
        updated "PropertyUnitService/UpdatePropertyUnit",
        known by "propertyId" = "r.property_id = ?::bigint" and "customUnitId" = "r.custom_unit_id = ?";
    "issues": issues::model::Issue as "Issue",
        listed issues::model::IssueSummary, written issues::wire::issue,
        created "IssueService/CreateIssue";
    "tags": tags::model::Tag as "Tag",
        listed tags::model::Tag, written tags::wire::tag,
        created "TagService/CreateTag",
        updated "TagService/UpdateTag", known by "name" = "lower(r.name) = lower(?)";
    "property_types": property_types::model::PropertyType as "PropertyType",
        listed property_types::model::PropertyType, written property_types::wire::property_type,
        created "PropertyTypeService/CreatePropertyType",
        updated "PropertyTypeService/UpdatePropertyType",
        known by "name" = "lower(r.name) = lower(?)";
    "property_unit_types": property_unit_types::model::PropertyUnitType as "PropertyUnitType",
        listed property_unit_types::model::PropertyUnitType, written property_unit_types::wire::property_unit_type,
        created "PropertyUnitTypeService/CreatePropertyUnitType",
        updated "PropertyUnitTypeService/UpdatePropertyUnitType",
        known by "name" = "lower(r.name) = lower(?)";
}
