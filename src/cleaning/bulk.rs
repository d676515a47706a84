//! What can be exported and imported: each resource as its `Get` or its list answers it, and as its
//! `Create` takes it.

use crate::{agreements, rooms, services, tenant_locations};

steward_platform::exports! {
    package "steward.cleaning.v1.";
    "rooms": rooms::model::Room as "Room",
        listed rooms::model::Room, written rooms::wire::room;
    "services": services::model::Service as "Service",
        listed services::model::Service, written services::wire::service;
    "locations": tenant_locations::model::TenantLocation as "TenantLocation",
        listed tenant_locations::model::TenantLocation,
        written tenant_locations::wire::tenant_location;
    "zip_codes": tenant_locations::model::ZipCode as "ZipCode",
        listed tenant_locations::model::ZipCode, written tenant_locations::wire::zip_code;
    "agreements": agreements::model::Agreement as "Agreement",
        listed agreements::model::Agreement, written agreements::wire::agreement;
}

steward_platform::imports! {
    package "steward.cleaning.v1.";
    "rooms": rooms::model::Room, created "RoomService/AddRoom";
}
