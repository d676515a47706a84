//! What can be exported and imported: each resource as its `Get` answers it, and as its
//! `Create` takes it.

use crate::{
    attachments, invitations, issues, managers, owner_companies, owners, properties,
    property_types, property_unit_types, property_units, property_users, service_providers, tags,
};

steward_platform::exports! {
    package "steward.facilities.v1.";
    "owners": owners::model::Owner as "Owner",
        listed owners::model::OwnerSummary, written owners::wire::owner;
    "managers": managers::model::Manager as "Manager",
        listed managers::model::ManagerSummary, written managers::wire::manager;
    "service_providers": service_providers::model::ServiceProvider as "ServiceProvider",
        listed service_providers::model::ServiceProvider, written service_providers::wire::service_provider;
    "property_users": property_users::model::PropertyUser as "PropertyUser",
        listed property_users::model::PropertyUser, written property_users::wire::property_user;
    "owner_companies": owner_companies::model::OwnerCompany as "OwnerCompany",
        listed owner_companies::model::OwnerCompany, written owner_companies::wire::company;
    "properties": properties::model::Property as "Property",
        listed properties::model::Property, written properties::wire::property;
    "property_units": property_units::model::PropertyUnit as "PropertyUnit",
        listed property_units::model::PropertyUnitSummary, written property_units::wire::property_unit;
    "issues": issues::model::Issue as "Issue",
        listed issues::model::IssueSummary, written issues::wire::issue;
    "tags": tags::model::Tag as "Tag",
        listed tags::model::Tag, written tags::wire::tag;
    "property_types": property_types::model::PropertyType as "PropertyType",
        listed property_types::model::PropertyType, written property_types::wire::property_type;
    "property_unit_types": property_unit_types::model::PropertyUnitType as "PropertyUnitType",
        listed property_unit_types::model::PropertyUnitType, written property_unit_types::wire::property_unit_type;
    "invitations": invitations::model::Invitation as "Invitation",
        listed invitations::model::Invitation, written invitations::wire::invitation;
    "attachments": attachments::model::Attachment as "AttachmentDetails",
        listed attachments::model::Attachment, written attachments::wire::attachment;
}

steward_platform::imports! {
    package "steward.facilities.v1.";
    "owners": owners::model::OwnerSummary,
        created "OwnerService/CreateOwner",
        updated "OwnerService/UpdateOwner",
        known by "email" = "lower(r.email) = lower(?)";
    "managers": managers::model::ManagerSummary,
        created "ManagerService/CreateManager",
        updated "ManagerService/UpdateManager",
        known by "email" = "lower(r.email) = lower(?)";
    "service_providers": service_providers::model::ServiceProvider,
        created "ServiceProviderService/CreateServiceProvider",
        updated "ServiceProviderService/UpdateServiceProvider",
        known by "email" = "lower(r.email) = lower(?)";
    "property_users": property_users::model::PropertyUser,
        created "PropertyUserService/CreatePropertyUser",
        updated "PropertyUserService/UpdatePropertyUser",
        known by "email" = "lower(r.email) = lower(?)";
    "owner_companies": owner_companies::model::OwnerCompany,
        created "OwnerCompanyService/CreateOwnerCompany",
        updated "OwnerCompanyService/UpdateOwnerCompany",
        known by "ownerId" = "r.owner_id = ?::bigint"
            and "name" = "lower(r.name) = lower(?)";
    "properties": properties::model::Property,
        created "PropertyService/CreateProperty",
        updated "PropertyService/UpdateProperty",
        known by "customPropertyId" = "r.custom_property_id = ?";
    "property_units": property_units::model::PropertyUnitSummary,
        created "PropertyUnitService/CreatePropertyUnit",
        updated "PropertyUnitService/UpdatePropertyUnit",
        known by "propertyId" = "r.property_id = ?::bigint"
            and "customUnitId" = "r.custom_unit_id = ?";
    "issues": issues::model::IssueSummary, created "IssueService/CreateIssue";
    "tags": tags::model::Tag,
        created "TagService/CreateTag",
        updated "TagService/UpdateTag",
        known by "name" = "lower(r.name) = lower(?)";
    "property_types": property_types::model::PropertyType,
        created "PropertyTypeService/CreatePropertyType",
        updated "PropertyTypeService/UpdatePropertyType",
        known by "name" = "lower(r.name) = lower(?)";
    "property_unit_types": property_unit_types::model::PropertyUnitType,
        created "PropertyUnitTypeService/CreatePropertyUnitType",
        updated "PropertyUnitTypeService/UpdatePropertyUnitType",
        known by "name" = "lower(r.name) = lower(?)";
}
