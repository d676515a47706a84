//! The row of a table as the JSON request of a creating route: the other way round of
//! [`Columns`].

use std::collections::{BTreeSet, HashMap};

use http::Method;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value};

use super::Columns;
use super::columns::{inner, is_list, looks_like_formula};
use crate::catalog::{Body, Catalog, CatalogError, Rpc, json_name, member_name};

/// What the rows of a resource are made into.
#[derive(Debug, Clone)]
pub struct Form {
    method: Method,
    /// `/api/public/Owners/{ownerId}/companies`.
    path: String,
    /// Names of the path's variables.
    variables: Vec<String>,
    /// What each column of the body holds.
    cells: HashMap<String, Cell>,
    /// Columns that are read, and cannot be written.
    read_only: BTreeSet<String>,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cell {
    Text,
    Number,
    Boolean,
    /// JSON, for lists.
    Json,
}

/// A request made of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowRequest {
    /// The path, its variables filled in.
    pub path: String,
    /// The body.
    pub body: Value,
}

impl Form {
    /// The form of a creating RPC, by its name: `steward.facilities.v1.OwnerService/CreateOwner`.
    ///
    /// # Errors
    /// When the contract has no such RPC, or it takes no JSON body.
    pub fn of(catalog: &Catalog, rpc: &str) -> Result<Self, CatalogError> {
        let refuse = |problem: &str| CatalogError::new(rpc, problem);
        let named = |other: &&Rpc| other.path.strip_prefix('/') == Some(rpc);
        let found = catalog.rpcs().find(named).ok_or_else(|| refuse("is not in the contract"))?;
        let binding = found.bindings.first().ok_or_else(|| refuse("has no JSON route"))?;
        let Body::Field(field) = &binding.body else {
            return Err(refuse("has no body of one message"));
        };
        let Kind::Message(input) = field.kind() else {
            return Err(refuse("has no body of one message"));
        };
        let path = binding.template.documented();
        let variables: Vec<String> = binding.template.variables().map(json_name).collect();
        let mut cells = HashMap::new();
        collect(catalog, &input, "", &mut cells);
        let answered = Columns::of(catalog, found.output.full_name())?;
        let is_written = |name: &String| cells.contains_key(name) || variables.contains(name);
        let read_only = answered.names().into_iter().filter(|name| !is_written(name)).collect();
        Ok(Self { method: binding.method.clone(), path, variables, cells, read_only })
    }

    /// HTTP method of the route.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Checks the names of a table's columns.
    ///
    /// # Errors
    /// A sentence that names what is unknown, given twice or missing.
    pub fn check(&self, names: &[String]) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for name in names {
            let is_known = self.cells.contains_key(name)
                || self.variables.contains(name)
                || self.read_only.contains(name);
            if !is_known {
                return Err(format!("There is no column {:?}.", short(name)));
            }
            if !seen.insert(name) {
                return Err(format!("The column {:?} is there twice.", short(name)));
            }
        }
        match self.variables.iter().find(|name| !seen.contains(name)) {
            Some(missing) => Err(format!("The column {missing:?} is missing.")),
            None => Ok(()),
        }
    }

    /// The request of a row.
    ///
    /// # Errors
    /// The column that cannot be read, and a sentence about it.
    pub fn request(&self, names: &[String], row: &[&str]) -> Result<RowRequest, (String, String)> {
        let mut body = Map::new();
        let mut path = self.path.clone();
        for (name, cell) in names.iter().zip(row) {
            if self.variables.contains(name) {
                let is_id = cell.parse::<i64>().is_ok();
                if !is_id {
                    return Err((name.clone(), "This is not an id.".to_owned()));
                }
                path = path.replace(&format!("{{{name}}}"), cell);
            } else if let Some(kind) = self.cells.get(name).filter(|_| !cell.is_empty()) {
                let value = kind.read(cell).map_err(|told| (name.clone(), told.to_owned()))?;
                put(&mut body, name, value);
            }
        }
        Ok(RowRequest { path, body: Value::Object(body) })
    }
}

fn collect(
    catalog: &Catalog,
    message: &MessageDescriptor,
    at: &str,
    cells: &mut HashMap<String, Cell>,
) {
    for field in catalog.json_fields(message) {
        let name = format!("{at}{}", member_name(&field));
        match inner(catalog, &field) {
            Some(inner) => collect(catalog, &inner, &format!("{name}."), cells),
            None => {
                cells.insert(name, Cell::of(catalog, &field));
            }
        }
    }
}

impl Cell {
    #[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
    fn of(catalog: &Catalog, field: &FieldDescriptor) -> Self {
        if is_list(catalog, field) {
            return Self::Json;
        }
        match field.kind() {
            Kind::Bool => Self::Boolean,
            Kind::String | Kind::Bytes | Kind::Enum(_) => Self::Text,
            Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => Self::Text,
            _ => Self::Number,
        }
    }

    fn read(self, cell: &str) -> Result<Value, &'static str> {
        match self {
            // An export marks text that a spreadsheet would take for a formula.
            Self::Text => {
                let marked = cell.strip_prefix('\'').filter(|text| looks_like_formula(text));
                Ok(Value::String(marked.unwrap_or(cell).to_owned()))
            }
            Self::Number => {
                let number = serde_json::from_str(cell.trim()).map(Value::Number);
                number.map_err(|_| "This is not a number.")
            }
            Self::Boolean => match cell.trim().to_ascii_lowercase().as_str() {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err("This is neither true nor false."),
            },
            Self::Json => serde_json::from_str(cell).map_err(|_| "This is not a list in JSON."),
        }
    }
}

/// The beginning of a name that a client sent.
fn short(name: &str) -> String {
    const LONGEST: usize = 60;
    let mut short: String = name.chars().take(LONGEST).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}

/// Puts a value at a path such as `address.city`.
fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
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
