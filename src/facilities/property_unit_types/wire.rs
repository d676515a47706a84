//! Property unit types between proto and model.

use steward_kernel::Result;
use steward_kernel::validate::Violations;

use super::model::PropertyUnitType;
use crate::pb;
use crate::wire::NAME;

pub fn input(message: Option<pb::PropertyUnitTypeInput>) -> Result<String> {
    let mut violations = Violations::below("property_unit_type");
    let pb::PropertyUnitTypeInput { name } = violations.required_message(message);
    let name = violations.required_text("name", name, NAME);
    violations.finish(name)
}

pub fn property_unit_type(unit_type: PropertyUnitType) -> pb::PropertyUnitType {
    let PropertyUnitType { id, name, is_used } = unit_type;
    pb::PropertyUnitType { id, name, can_delete: !is_used, is_used, etag: String::new() }
}

pub fn list(types: Vec<PropertyUnitType>) -> pb::ListPropertyUnitTypesResponse {
    pb::ListPropertyUnitTypesResponse { items: types.into_iter().map(property_unit_type).collect() }
}
