//! A resource's JSON as the row of a table.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::Value;

use crate::catalog::{Catalog, CatalogError, member_name};

/// The columns of a resource: its members, and in the place of a member that is an object the
/// members of that. Lists are one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Vec<String>>);

impl Columns {
    /// The columns of a message, by its full name: `steward.facilities.v1.Owner`.
    ///
    /// # Errors
    /// When the contract has no such message.
    pub fn of(catalog: &Catalog, message: &str) -> Result<Self, CatalogError> {
        let found = catalog.pool().get_message_by_name(message);
        let found = found.ok_or_else(|| CatalogError::new(message, "is not in the contract"))?;
        let mut columns = Vec::new();
        collect(catalog, &found, &[], &mut columns);
        Ok(Self(columns))
    }

    /// Their names, such as `address.city`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|path| path.join(".")).collect()
    }

    /// The row of a resource, a cell a column. What is missing is an empty cell.
    #[must_use]
    pub fn row(&self, resource: &Value) -> Vec<String> {
        let find = |path: &Vec<String>| path.iter().try_fold(resource, |at, name| at.get(name));
        self.0.iter().map(|path| find(path).map_or_else(String::new, cell)).collect()
    }
}

fn collect(
    catalog: &Catalog,
    message: &MessageDescriptor,
    at: &[String],
    columns: &mut Vec<Vec<String>>,
) {
    // What ends by itself is worth nothing in a file that is kept.
    let lasting = |field: &FieldDescriptor| !catalog.field_rule(field).ephemeral;
    for field in catalog.json_fields(message).into_iter().filter(lasting) {
        let mut path = at.to_vec();
        path.push(member_name(&field).to_owned());
        match inner(catalog, &field) {
            Some(inner) => collect(catalog, &inner, &path, columns),
            None => columns.push(path),
        }
    }
}

/// The message whose members have columns of their own.
pub(super) fn inner(catalog: &Catalog, field: &FieldDescriptor) -> Option<MessageDescriptor> {
    let Kind::Message(inner) = field.kind() else { return None };
    // Messages of others, such as times, are written as one value.
    let is_ours = inner.full_name().starts_with("steward.");
    (is_ours && !is_list(catalog, field)).then_some(inner)
}

/// Whether the JSON form of a field is a list.
pub(super) fn is_list(catalog: &Catalog, field: &FieldDescriptor) -> bool {
    field.is_list() || catalog.field_rule(field).list_wrapper
}

/// Whether a spreadsheet could run a text as a formula, or the text looks as if it had been
/// marked because of that.
pub(super) fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A value as a cell. Text that a spreadsheet would run as a formula begins with an apostrophe.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) if looks_like_formula(text) => format!("'{text}"),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_row_has_a_cell_for_every_column() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect();
        let columns = Columns(["id", "name", "address.city", "tags", "gone"].map(path).to_vec());
        let row = columns.row(&json!({
            "id": 7, "name": "=1+1", "address": {"city": "Utrecht"}, "tags": [{"id": 1}],
        }));
        assert_eq!(row, ["7", "'=1+1", "Utrecht", "[{\"id\":1}]", ""]);
        let row = columns.row(&json!({"id": 1, "name": "'-5"}));
        assert_eq!(row[1], "''-5", "one apostrophe is taken away again");
        let row = columns.row(&json!({"id": -7, "name": null, "address": null}));
        assert_eq!(row, ["-7", "", "", "", ""]);
    }
}
