//! A row as the JSON request of a creating or updating route: the other way round of
//! [`Columns`]. A row is that of a table, or an object of JSON.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use http::Method;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::Columns;
use super::columns::{inner, is_list, looks_like_formula, own_fields};
use super::dialect::{self, Dialect};
use super::failure::pointer;
use crate::catalog::{Body, Catalog, CatalogError, Rpc};

/// What the rows of a resource are made into.
#[derive(Clone)]
pub struct Form {
    create: Route,
    /// The route that changes a record, and the variable of its path that is the record's id.
    update: Option<(Route, String)>,
    /// What each column of the body holds.
    cells: HashMap<String, Cell>,
    /// Columns that are read, and cannot be written.
    read_only: BTreeSet<String>,
    dialect: &'static Dialect,
}

/// Where rows are sent.
#[derive(Clone)]
struct Route {
    method: Method,
    /// `/api/public/Owners/{ownerId}/companies`.
    path: String,
    /// Names of the path's variables.
    variables: Vec<String>,
    /// The message of the body.
    input: MessageDescriptor,
    /// The message that is answered.
    output: MessageDescriptor,
    family: &'static str,
    dialect: &'static Dialect,
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

/// A row that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Of the creating route's path, by name.
    variables: BTreeMap<String, String>,
    body: Value,
}

/// A request made of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct RowRequest {
    /// HTTP method of the route.
    pub method: Method,
    /// The path, its variables filled in.
    pub path: String,
    /// The body.
    pub body: Value,
}

/// What of a row cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The column or member; empty for the row as a whole.
    pub column: String,
    /// Stable code: `required`, `invalid_format`, `unknown_attribute`.
    pub code: &'static str,
    /// A sentence about it.
    pub message: String,
}

impl Unreadable {
    /// Something wrong with a column.
    #[must_use]
    pub fn new(column: &str, code: &'static str, message: &str) -> Self {
        Self { column: column.to_owned(), code, message: message.to_owned() }
    }
}

impl Route {
    fn of(catalog: &Catalog, rpc: &str) -> Result<Self, CatalogError> {
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
        Ok(Self {
            method: binding.method.clone(),
            path: binding.template.documented(),
            variables: binding.template.variables().map(|of| binding.template.name(of)).collect(),
            input,
            output: found.output.clone(),
            family: found.family,
            dialect: dialect::of(found.dialect),
        })
    }
}

impl Form {
    /// The form of a creating RPC and, where there is one, the RPC that changes what it has
    /// created, by their names: `steward.facilities.v1.OwnerService/CreateOwner`.
    ///
    /// # Errors
    /// When the contract has no such RPC, it takes no JSON body, or the two do not take the same.
    pub fn of(catalog: &Catalog, create: &str, update: Option<&str>) -> Result<Self, CatalogError> {
        let update = update.map(|rpc| Ok((rpc, Route::of(catalog, rpc)?))).transpose()?;
        let create = Route::of(catalog, create)?;
        let update = match update {
            None => None,
            Some((rpc, route)) if route.input != create.input => {
                return Err(CatalogError::new(rpc, "takes another body than the creating RPC"));
            }
            Some((rpc, route)) => {
                let own = |name: &&String| !create.variables.contains(name);
                let id = route.variables.iter().find(own).cloned();
                let id = id.ok_or_else(|| CatalogError::new(rpc, "names no record"))?;
                Some((route, id))
            }
        };
        let mut cells = HashMap::new();
        collect((catalog, create.dialect), &create.input, "", &mut cells);
        let answered = Columns::of(catalog, create.output.full_name(), create.family)?;
        let is_written =
            |name: &String| cells.contains_key(name) || create.variables.contains(name);
        let read_only = answered.names().into_iter().filter(|name| !is_written(name)).collect();
        let dialect = create.dialect;
        Ok(Self { create, update, cells, read_only, dialect })
    }

    /// Where the body has what a column holds (RFC 6901): `/address/city`.
    #[must_use]
    pub fn pointer(&self, column: &str) -> String {
        pointer(column, self.dialect)
    }

    /// Checks the names of a table's columns.
    ///
    /// # Errors
    /// A sentence that names what is unknown, given twice or missing.
    pub fn check(&self, names: &[String]) -> Result<(), String> {
        let mut seen = BTreeSet::new();
        for name in names {
            let is_known = self.cells.contains_key(name)
                || self.create.variables.contains(name)
                || self.read_only.contains(name);
            if !is_known {
                return Err(format!("There is no column {:?}.", short(name)));
            }
            if !seen.insert(name) {
                return Err(format!("The column {:?} is there twice.", short(name)));
            }
        }
        match self.create.variables.iter().find(|name| !seen.contains(name)) {
            Some(missing) => Err(format!("The column {missing:?} is missing.")),
            None => Ok(()),
        }
    }

    /// Reads the row of a table.
    ///
    /// # Errors
    /// The column that cannot be read, and a sentence about it.
    pub fn cells(&self, names: &[String], row: &[&str]) -> Result<Row, Unreadable> {
        let mut body = Map::new();
        let mut variables = BTreeMap::new();
        for (name, cell) in names.iter().zip(row) {
            if self.create.variables.contains(name) {
                variables.insert(name.clone(), id(name, cell)?);
            } else if let Some(kind) = self.cells.get(name).filter(|_| !cell.is_empty()) {
                let unreadable = |told| Unreadable::new(name, "invalid_format", told);
                let value = kind.read(cell).map_err(unreadable)?;
                put(&mut body, name, value);
            }
        }
        Ok(Row { variables, body: Value::Object(body) })
    }

    /// Reads a row that is an object of JSON: the members of the creating route's body, and its
    /// variables. Members that are only read are passed over.
    ///
    /// # Errors
    /// The member that there is not, or is missing, and a sentence about it.
    pub fn object(&self, mut row: Map<String, Value>) -> Result<Row, Unreadable> {
        let mut variables = BTreeMap::new();
        for name in &self.create.variables {
            let value = match row.remove(name) {
                None | Some(Value::Null) => {
                    return Err(Unreadable::new(name, "required", "This is missing."));
                }
                Some(Value::String(text)) => text,
                Some(value) => value.to_string(),
            };
            variables.insert(name.clone(), id(name, &value)?);
        }
        self.keep_writable("", &mut row)?;
        Ok(Row { variables, body: Value::Object(row) })
    }

    /// Takes the members away that cannot be written.
    fn keep_writable(&self, at: &str, object: &mut Map<String, Value>) -> Result<(), Unreadable> {
        let mut unknown = None;
        object.retain(|member, value| {
            let name = format!("{at}{member}");
            let within = format!("{name}.");
            let is_part = |other: &String| other.starts_with(&within);
            if self.cells.contains_key(&name) {
                return true;
            }
            if self.cells.keys().any(is_part) {
                if let Value::Object(inner) = value
                    && let Err(found) = self.keep_writable(&within, inner)
                {
                    unknown.get_or_insert(found);
                }
                return true;
            }
            if !self.read_only.contains(&name) && !self.read_only.iter().any(is_part) {
                let told = "There is no such member.";
                unknown.get_or_insert(Unreadable::new(&short(&name), "unknown_attribute", told));
            }
            false
        });
        unknown.map_or(Ok(()), Err)
    }

    /// The request that creates what a row says.
    #[must_use]
    pub fn creation(&self, row: &Row) -> RowRequest {
        request(&self.create, row, None)
    }

    /// The request that makes the record with an id what a row says; nothing when the resource
    /// has no such route.
    #[must_use]
    pub fn update(&self, row: &Row, id: i64) -> Option<RowRequest> {
        let (route, variable) = self.update.as_ref()?;
        Some(request(route, row, Some((variable, id))))
    }
}

impl Row {
    /// The text of a column that is a variable, or a text or number of the body; nothing for one
    /// that is empty.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<String> {
        if let Some(value) = self.variables.get(column) {
            return Some(value.clone());
        }
        let found = column.split('.').try_fold(&self.body, |at, name| at.get(name))?;
        let text = match found {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

fn request(route: &Route, row: &Row, record: Option<(&String, i64)>) -> RowRequest {
    let mut path = route.path.clone();
    for (name, value) in &row.variables {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    if let Some((name, id)) = record {
        path = path.replace(&format!("{{{name}}}"), &id.to_string());
    }
    let body = match route.dialect.documents {
        true => json!({"data": {"attributes": row.body}}),
        false => row.body.clone(),
    };
    RowRequest { method: route.method.clone(), path, body }
}

/// The value of a variable of the path.
fn id(name: &str, value: &str) -> Result<String, Unreadable> {
    let value = value.trim();
    match value.parse::<i64>() {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Err(Unreadable::new(name, "invalid_format", "This is not an id.")),
    }
}

fn collect(
    (catalog, dialect): (&Catalog, &Dialect),
    message: &MessageDescriptor,
    at: &str,
    cells: &mut HashMap<String, Cell>,
) {
    for field in own_fields(catalog, message) {
        let name = format!("{at}{}", catalog.member_name(&field, dialect));
        match inner(catalog, &field) {
            Some(inner) => collect((catalog, dialect), &inner, &format!("{name}."), cells),
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
