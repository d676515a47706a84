//! A resource's JSON as the row of a table.

use std::collections::BTreeMap;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::value::RawValue;

use super::dialect::Dialect;
use crate::catalog::{Catalog, CatalogError};

/// The columns of a resource: its members, and in the place of a member that is an object the
/// members of that. Lists are one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Vec<String>>);

/// The members of a JSON object. Their values are texts, so that a number stays as it was written:
/// `12.50`.
type Members<'a> = BTreeMap<String, &'a RawValue>;

impl Columns {
    /// The columns of a message in the JSON of `family`, by its full name:
    /// `steward.facilities.v1.Owner`.
    ///
    /// # Errors
    /// When the contract has no such message.
    pub fn of(catalog: &Catalog, message: &str, family: &str) -> Result<Self, CatalogError> {
        let found = catalog.pool().get_message_by_name(message);
        let found = found.ok_or_else(|| CatalogError::new(message, "is not in the contract"))?;
        let mut columns = Vec::new();
        let dialect =
            catalog.dialect_of(family).ok_or_else(|| CatalogError::new(family, "is no family"))?;
        collect((catalog, dialect), &found, &[], &mut columns);
        Ok(Self(columns))
    }

    /// Their names, such as `address.city`.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|path| path.join(".")).collect()
    }

    /// The row of a resource, which is a JSON text: a cell a column. What is missing is an empty
    /// cell.
    ///
    /// # Errors
    /// When it is no object in JSON.
    pub fn row(&self, resource: &[u8]) -> serde_json::Result<Vec<String>> {
        let members: Members<'_> = serde_json::from_slice(resource)?;
        self.0.iter().map(|path| find(&members, path)).collect()
    }
}

/// The cell of what is found by following a path.
fn find(members: &Members<'_>, path: &[String]) -> serde_json::Result<String> {
    let Some((name, rest)) = path.split_first() else { return Ok(String::new()) };
    match members.get(name) {
        None => Ok(String::new()),
        Some(value) if rest.is_empty() => cell(value),
        Some(value) if value.get().starts_with('{') => {
            find(&serde_json::from_str(value.get())?, rest)
        }
        Some(_) => Ok(String::new()),
    }
}

fn collect(
    (catalog, dialect): (&Catalog, &Dialect),
    message: &MessageDescriptor,
    at: &[String],
    columns: &mut Vec<Vec<String>>,
) {
    let mut fields = own_fields(catalog, message);
    fields.retain(|field| !catalog.is_input_only(field));
    for field in fields {
        let mut path = at.to_vec();
        path.push(catalog.member_name(&field, dialect).into_owned());
        match inner(catalog, &field) {
            Some(inner) => collect((catalog, dialect), &inner, &path, columns),
            None => columns.push(path),
        }
    }
}

/// The fields of a message that say something of it alone. Related resources, which may be related
/// to the same again, are none, and neither is what ends by itself: that is worth nothing in a file
/// that is kept.
pub(super) fn own_fields(catalog: &Catalog, message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    let mut fields = catalog.exported_fields(message);
    fields.retain(|field| {
        let rule = catalog.field_rule(field);
        !rule.ephemeral && !rule.relationship && !rule.meta
    });
    fields
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
fn cell(value: &RawValue) -> serde_json::Result<String> {
    match value.get() {
        "null" => Ok(String::new()),
        text if text.starts_with('"') => {
            let text: String = serde_json::from_str(text)?;
            Ok(if looks_like_formula(&text) { format!("'{text}") } else { text })
        }
        other => Ok(other.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_a_cell_for_every_column() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect();
        let columns = Columns(["id", "name", "address.city", "tags", "gone"].map(path).to_vec());
        let row = |json: &str| columns.row(json.as_bytes()).expect("an object");
        let resource =
            r#"{"id":7,"name":"=1+1","address":{"city":"Utrecht"},"tags":[{"id":1}],"more":1}"#;
        assert_eq!(row(resource), ["7", "'=1+1", "Utrecht", "[{\"id\":1}]", ""]);
        let marked = row(r#"{"id":1,"name":"'-5"}"#);
        assert_eq!(marked[1], "''-5", "one apostrophe is taken away again");
        assert_eq!(row(r#"{"id":-7,"name":null,"address":null}"#), ["-7", "", "", "", ""]);
        let written = row(r#"{"id":12.50,"name":"a \"b\" \u00e9","address":{"city":null}}"#);
        assert_eq!(written, ["12.50", "a \"b\" \u{e9}", "", "", ""], "as it was written");
        assert!(columns.row(b"[1]").is_err());
    }
}
