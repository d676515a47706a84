//! What an export shows of records, as the creating route takes it: their ids.

use prost_reflect::{Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::Unreadable;
use crate::catalog::{Catalog, member_name};
use crate::rest::columns::{inner, own_fields};
use crate::rest::dialect::Dialect;

/// How a column of an export is written, which shows a record or several where the creating route
/// takes their ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// The column is the id that another one takes: `propertyType.id` is `propertyTypeId`.
    Id(String),
    /// The column is a list of the records whose ids another one takes.
    Ids(String),
}

impl Source {
    /// The column that is written.
    pub(super) fn target(&self) -> &String {
        match self {
            Self::Id(target) | Self::Ids(target) => target,
        }
    }

    /// Puts what a row has in `column` where it is written, unless the row says that itself.
    pub(super) fn apply(
        &self,
        column: &str,
        row: &mut Map<String, Value>,
    ) -> Result<(), Unreadable> {
        let unreadable = |told| Unreadable::new(column, "invalid_format", told);
        let ids = match self {
            Self::Id(target) if find(row, target).is_some() => return Ok(()),
            Self::Id(_) => {
                let record = column.strip_suffix(".id").unwrap_or(column);
                let id = match find(row, record) {
                    Some(Value::Object(record)) => record.get("id"),
                    None | Some(Value::Null) => find(row, record),
                    Some(_) => return Err(unreadable("This is not an object.")),
                };
                match id {
                    None => return Ok(()),
                    Some(id) => id.clone(),
                }
            }
            Self::Ids(target) => {
                let is_given = target != column && find(row, target).is_some();
                match find(row, column).filter(|_| !is_given) {
                    None => return Ok(()),
                    Some(Value::Array(records)) => {
                        let id = |record: &Value| match record.as_object() {
                            Some(record) => record.get("id").cloned(),
                            None => Some(record.clone()),
                        };
                        let ids: Option<Value> = records.iter().map(id).collect();
                        ids.ok_or_else(|| unreadable("An item of the list has no id."))?
                    }
                    Some(other) => other.clone(),
                }
            }
        };
        put(row, self.target(), ids);
        Ok(())
    }
}

/// Where the columns of an export come from that show records: by the names of their ids.
pub(super) fn collect(
    (catalog, dialect): (&Catalog, &Dialect),
    message: &MessageDescriptor,
    at: &str,
    add: &mut dyn FnMut(String, Source),
) {
    let (id, ids) = if dialect.snake_case { ("_id", "_ids") } else { ("Id", "Ids") };
    for field in own_fields(catalog, message) {
        let Kind::Message(of) = field.kind() else { continue };
        let name = format!("{at}{}", member_name(&field, dialect));
        let has_id = of.get_field_by_name("id").is_some();
        if field.is_list() && has_id {
            let one = name.strip_suffix('s').unwrap_or(&name);
            add(name.clone(), Source::Ids(format!("{one}{ids}")));
            add(name.clone(), Source::Ids(name));
        } else if let Some(of) = inner(catalog, &field) {
            if has_id {
                add(format!("{name}.id"), Source::Id(format!("{name}{id}")));
            }
            collect((catalog, dialect), &of, &format!("{name}."), add);
        }
    }
}

/// What is at a path such as `address.city`.
pub(super) fn find<'v>(object: &'v Map<String, Value>, path: &str) -> Option<&'v Value> {
    match path.split_once('.') {
        None => object.get(path),
        Some((name, rest)) => find(object.get(name)?.as_object()?, rest),
    }
}

/// Puts what `row` gives into what is there, member by member.
pub(super) fn overlay(present: &mut Value, row: &Value) {
    match (present, row) {
        (Value::Object(present), Value::Object(row)) => {
            for (name, value) in row {
                overlay(present.entry(name).or_insert(Value::Null), value);
            }
        }
        (present, row) => *present = row.clone(),
    }
}

/// Takes empty members away, and objects that had no others.
pub(super) fn drop_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, value| {
            let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
            let was_empty = is_empty(value);
            drop_nulls(value);
            !value.is_null() && is_empty(value) == was_empty
        });
    }
}

/// Puts a value at a path such as `address.city`.
pub(super) fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => {
            object.insert(path.to_owned(), value);
        }
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
