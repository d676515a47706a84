//! Property types between proto and model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::PropertyType;
use crate::pb;
use crate::wire::NAME;

pub fn input(message: Option<pb::PropertyTypeInput>) -> Result<String> {
    let mut violations = Violations::below("property_type");
    let pb::PropertyTypeInput { name } = violations.required_message(message);
    let name = violations.required_text("name", name, NAME);
    violations.finish(name)
}

pub fn property_type(property_type: PropertyType) -> pb::PropertyType {
    let PropertyType { id, name, is_active, is_used } = property_type;
    pb::PropertyType { id, name, is_active, can_delete: !is_used, is_used, etag: String::new() }
}

pub fn list(types: Vec<PropertyType>) -> pb::ListPropertyTypesResponse {
    pb::ListPropertyTypesResponse { items: types.into_iter().map(property_type).collect() }
}
