//! Properties between proto and model.

use steward_kernel::Result;
use steward_kernel::page::Page;
use steward_kernel::validate::Violations;

use super::model::{Property, PropertyInput};
use crate::pb;
use crate::property_types::wire::property_type as type_message;
use crate::wire::{NAME, PageFacts, page, stored_address, whole_address};

/// Most characters of a custom property id.
const CUSTOM_ID: usize = 100;

pub fn input(message: Option<pb::PropertyInput>) -> Result<PropertyInput> {
    let mut violations = Violations::below("property");
    let pb::PropertyInput { address, name, custom_property_id, property_type_id } =
        violations.required_message(message);
    let input = PropertyInput {
        address: whole_address(&mut violations, "address", address),
        name: violations.text("name", name, NAME),
        custom_property_id: violations.text("custom_property_id", custom_property_id, CUSTOM_ID),
        property_type_id,
    };
    violations.finish(input)
}

pub fn property(property: Property) -> pb::Property {
    let Property { id, name, custom_property_id, address, is_active, property_type } = property;
    pb::Property {
        id,
        name,
        custom_property_id,
        address: Some(stored_address(address)),
        is_active,
        property_type: property_type.map(type_message),
        etag: String::new(),
    }
}

pub fn list(properties: Page<Property>) -> pb::ListPropertiesResponse {
    let (facts, items) = page(properties, property);
    let PageFacts { number_of_pages, total_items, page_size, current_page } = facts;
    pb::ListPropertiesResponse { number_of_pages, total_items, page_size, current_page, items }
}
