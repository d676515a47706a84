//! A row as the JSON request of a creating or updating route: the other way round of
//! [`Columns`]. A row is that of a table, or an object of JSON.

mod source;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use http::Method;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use self::source::{Source, drop_nulls, find, overlay, put};
use super::Columns;
use super::columns::{inner, is_list, looks_like_formula, own_fields};
use super::dialect::{self, Dialect};
use super::failure::pointer;
use super::route::takes_parts;
use crate::catalog::{Body, Catalog, CatalogError, Rpc};

/// What the rows of a resource are made into.
#[derive(Clone)]
pub struct Form {
    create: Route,
    /// The route that changes a record, and the variable of its path that is the record's id.
    update: Option<(Route, String)>,
    /// What each column of the body holds.
    cells: HashMap<String, Cell>,
    /// Columns of an export that say by their ids what others are written with.
    sources: BTreeMap<String, Source>,
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
    /// Whether what the body leaves out stays as it is.
    takes_parts: bool,
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
    /// A list of ids in JSON.
    Ids,
}

/// A row that was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Of the creating route's path, by name.
    variables: BTreeMap<String, String>,
    /// What the row gives; what it empties is null.
    body: Value,
    /// Members that cannot be written.
    passed_over: BTreeSet<String>,
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
            takes_parts: takes_parts(found, binding, dialect::of(found.dialect)),
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
        let names = answered.names();
        let mut read_only: BTreeSet<String> =
            names.iter().filter(|&name| !is_written(name)).cloned().collect();
        // Lines have the resources that are related to one as well.
        for field in catalog.exported_fields(&create.output) {
            if catalog.field_rule(&field).relationship {
                read_only.insert(catalog.member_name(&field, create.dialect).into_owned());
            }
        }
        let mut sources = BTreeMap::new();
        source::collect((catalog, create.dialect), &create.output, "", &mut |column, source| {
            let target = source.target();
            let takes_ids = match source {
                Source::Id(_) => is_written(target),
                Source::Ids(_) => cells.get(target) == Some(&Cell::Ids),
            };
            // What an export has under its own name needs no other.
            if takes_ids && (*target == column || !names.contains(target)) {
                sources.insert(column, source);
            }
        });
        let dialect = create.dialect;
        Ok(Self { create, update, cells, sources, read_only, dialect })
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
        let is_given = |name: &String| {
            let mut sources = self.sources.iter();
            seen.contains(name)
                || sources.any(|(column, source)| source.target() == name && seen.contains(column))
        };
        match self.create.variables.iter().find(|&name| !is_given(name)) {
            Some(missing) => Err(format!("The column {missing:?} is missing.")),
            None => Ok(()),
        }
    }

    /// Those of a table's columns that cannot be written.
    #[must_use]
    pub fn passed_over(&self, names: &[String]) -> BTreeSet<String> {
        let is_passed_over =
            |name: &&String| self.read_only.contains(*name) && !self.sources.contains_key(*name);
        names.iter().filter(is_passed_over).cloned().collect()
    }

    /// What the cells of a column hold; nothing for one that cannot be written.
    fn kind(&self, column: &str) -> Option<Cell> {
        if self.create.variables.iter().any(|name| name == column) {
            return Some(Cell::Text);
        }
        let of_source = |source: &Source| match source {
            Source::Id(_) => Cell::Number,
            Source::Ids(_) => Cell::Json,
        };
        self.sources.get(column).map(of_source).or_else(|| self.cells.get(column).copied())
    }

    /// Reads the row of a table. An empty cell empties what its column is about.
    ///
    /// # Errors
    /// The column that cannot be read, and a sentence about it.
    pub fn cells(&self, names: &[String], row: &[&str]) -> Result<Row, Unreadable> {
        let mut object = Map::new();
        for (name, cell) in names.iter().zip(row) {
            let Some(kind) = self.kind(name) else { continue };
            let value = match *cell {
                "" => Value::Null,
                cell => {
                    kind.read(cell).map_err(|told| Unreadable::new(name, "invalid_format", told))?
                }
            };
            put(&mut object, name, value);
        }
        self.object(object)
    }

    /// Reads a row that is an object of JSON: the members of the creating route's body, and its
    /// variables, or what the reading route has in their place. Members that are only read are
    /// passed over.
    ///
    /// # Errors
    /// The member that there is not, or is missing, and a sentence about it.
    pub fn object(&self, mut row: Map<String, Value>) -> Result<Row, Unreadable> {
        for (column, source) in &self.sources {
            source.apply(column, &mut row)?;
        }
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
        let mut passed_over = BTreeSet::new();
        self.keep_writable("", &mut row, &mut passed_over)?;
        Ok(Row { variables, body: Value::Object(row), passed_over })
    }

    /// Takes the members away that cannot be written, and names them.
    fn keep_writable(
        &self,
        at: &str,
        object: &mut Map<String, Value>,
        passed_over: &mut BTreeSet<String>,
    ) -> Result<(), Unreadable> {
        let mut unknown = None;
        object.retain(|member, value| {
            let name = format!("{at}{member}");
            let within = format!("{name}.");
            let is_part = |other: &String| other.starts_with(&within);
            if self.cells.contains_key(&name) {
                return true;
            }
            let is_written = self.cells.keys().any(is_part);
            if is_written || self.read_only.iter().any(is_part) {
                if let Value::Object(inner) = value
                    && let Err(found) = self.keep_writable(&within, inner, passed_over)
                {
                    unknown.get_or_insert(found);
                }
                return is_written;
            }
            if !self.read_only.contains(&name) {
                let told = "There is no such member.";
                unknown.get_or_insert(Unreadable::new(&short(&name), "unknown_attribute", told));
            } else if !self.sources.contains_key(&name) {
                passed_over.insert(name);
            }
            false
        });
        unknown.map_or(Ok(()), Err)
    }

    /// The request that creates what a row says. What it leaves empty is left out.
    #[must_use]
    pub fn creation(&self, row: &Row) -> RowRequest {
        let mut body = row.body.clone();
        drop_nulls(&mut body);
        request(&self.create, row, body, None)
    }

    /// The request that changes the record with an id, which is `present`, to what a row says;
    /// what the row does not name stays. Nothing when the resource has no such route.
    #[must_use]
    pub fn update(&self, row: &Row, id: i64, present: &Row) -> Option<RowRequest> {
        let (route, variable) = self.update.as_ref()?;
        let mut body = present.body.clone();
        overlay(&mut body, &row.body);
        if let Value::Object(members) = &mut body {
            if route.takes_parts {
                members.retain(|name, _| row.body.get(name).is_some());
            }
            self.settle("", members);
        }
        Some(request(route, row, body, Some((variable, id))))
    }

    /// Writes what is empty as the updating route takes it: a list without items, and nothing for
    /// an object all of whose members are.
    fn settle(&self, at: &str, members: &mut Map<String, Value>) {
        for (member, value) in members {
            let name = format!("{at}{member}");
            match (&mut *value, self.cells.get(&name)) {
                (Value::Null, Some(Cell::Json | Cell::Ids)) => *value = Value::Array(Vec::new()),
                (Value::Object(inner), None) => {
                    self.settle(&format!("{name}."), inner);
                    if inner.values().all(Value::is_null) {
                        *value = Value::Null;
                    }
                }
                _ => {}
            }
        }
    }
}

impl Row {
    /// The members of the row that cannot be written.
    #[must_use]
    pub fn passed_over(&self) -> &BTreeSet<String> {
        &self.passed_over
    }

    /// The text of a column that is a variable, or a text or number of the body; nothing for one
    /// that is empty.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<String> {
        if let Some(value) = self.variables.get(column) {
            return Some(value.clone());
        }
        let text = match find(self.body.as_object()?, column)? {
            Value::String(text) => text.trim().to_owned(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }
}

fn request(route: &Route, row: &Row, body: Value, record: Option<(&String, i64)>) -> RowRequest {
    let mut path = route.path.clone();
    for (name, value) in &row.variables {
        path = path.replace(&format!("{{{name}}}"), value);
    }
    if let Some((name, id)) = record {
        path = path.replace(&format!("{{{name}}}"), &id.to_string());
    }
    let body = match route.dialect.documents {
        true => json!({"data": {"attributes": body}}),
        false => body,
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
    let mut fields = own_fields(catalog, message);
    // The resource's own id is nobody's to give.
    let is_own_id = |field: &FieldDescriptor| at.is_empty() && field.name() == "id";
    fields.retain(|field| !catalog.is_output_only(field) && !is_own_id(field));
    for field in fields {
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
            let wrapped = field.kind().as_message().and_then(|inner| inner.fields().next());
            let items = if field.is_list() { Some(field.clone()) } else { wrapped };
            let is_id = items.is_some_and(|items| matches!(items.kind(), Kind::Int64));
            return if is_id { Self::Ids } else { Self::Json };
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
            Self::Json | Self::Ids => {
                serde_json::from_str(cell).map_err(|_| "This is not a list in JSON.")
            }
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
