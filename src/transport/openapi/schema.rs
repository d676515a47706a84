//! JSON Schemas of messages and fields, as the REST shim reads and writes them.

use std::collections::{BTreeMap, HashSet};

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::catalog::{Body, Catalog, Format, Rpc, Template};
use crate::rest::dialect::Dialect;
use crate::rest::table::bare_value;

/// The schemas of one document, each message once.
pub(super) struct Schemas<'a> {
    catalog: &'a Catalog,
    dialect: &'a Dialect,
    done: BTreeMap<String, Value>,
    /// Messages that clients send, whose members they may leave out.
    sent: HashSet<String>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(catalog: &'a Catalog, dialect: &'a Dialect, rpcs: &[&Rpc]) -> Self {
        let mut sent = HashSet::new();
        for rpc in rpcs {
            for binding in &rpc.bindings {
                match &binding.body {
                    Body::None => {}
                    Body::Whole => reach(&rpc.input, &mut sent),
                    Body::Field(field) => {
                        if let Kind::Message(message) = field.kind() {
                            reach(&message, &mut sent);
                        }
                    }
                }
            }
        }
        Self { catalog, dialect, done: BTreeMap::new(), sent }
    }

    pub(super) fn insert(&mut self, name: &str, schema: Value) {
        self.done.insert(name.to_owned(), schema);
    }

    pub(super) fn finish(self) -> BTreeMap<String, Value> {
        self.done
    }

    pub(super) fn media_type(&self) -> &'static str {
        self.dialect.media_type
    }

    /// A reference to the schema of a message, which is made on first use.
    pub(super) fn message(&mut self, message: &MessageDescriptor) -> Value {
        let name = message.name();
        if !self.done.contains_key(name) {
            // The name is taken first, for messages that hold themselves.
            self.done.insert(name.to_owned(), Value::Null);
            let fields = self.catalog.json_fields(message);
            let schema = self.object(message, &fields);
            self.done.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    /// A reference to the schema of a body that holds a whole request but for what its path
    /// says, and whether the body must be there.
    pub(super) fn body(&mut self, message: &MessageDescriptor, path: &Template) -> (Value, bool) {
        let said =
            |field: &FieldDescriptor| path.variables().any(|fields| *fields == [field.clone()]);
        let fields = self.catalog.json_fields(message);
        let left: Vec<_> = fields.iter().filter(|field| !said(field)).cloned().collect();
        let required = left.iter().any(|field| self.catalog.is_required(field));
        if left.len() == fields.len() {
            return (self.message(message), required);
        }
        let name = format!("{}Body", message.name());
        let schema = self.object(message, &left);
        self.done.insert(name.clone(), schema);
        (json!({"$ref": format!("#/components/schemas/{name}")}), required)
    }

    fn object(&mut self, message: &MessageDescriptor, fields: &[FieldDescriptor]) -> Value {
        let sent = self.sent.contains(message.full_name());
        let mut properties = Map::new();
        let mut required = Vec::new();
        for field in fields {
            let mut schema = self.nullable(field);
            let comment = self.catalog.field_comment(field);
            if !comment.is_empty() {
                schema["description"] = comment.into();
            }
            let must = self.catalog.is_required(field);
            if must && sent && matches!(field.kind(), Kind::String) && !field.is_list() {
                schema["minLength"] = 1.into();
            }
            // What the server writes is always there where absent members are null.
            if must || (!sent && (self.dialect.explicit_null || !field.supports_presence())) {
                required.push(field.json_name().to_owned());
            }
            properties.insert(field.json_name().to_owned(), schema);
        }
        // Members of a JSON object have no order; readers of the documentation want the contract's.
        let order: Vec<_> = fields.iter().map(|field| field.json_name().to_owned()).collect();
        let mut schema = json!({
            "type": "object",
            "description": self.catalog.message_comment(message),
            "properties": properties,
            "x-order": order,
        });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        schema
    }

    /// The schema of a member, null included where it may be null.
    fn nullable(&mut self, field: &FieldDescriptor) -> Value {
        let rule = self.catalog.field_rule(field);
        let mut schema = self.plain(field);
        let nullable =
            rule.null_when_empty || (field.supports_presence() && !self.catalog.is_required(field));
        if !nullable {
            return schema;
        }
        match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
            Some(name) => {
                schema["type"] = json!([name, "null"]);
                if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                    values.push(Value::Null);
                }
                schema
            }
            None => json!({"anyOf": [schema, {"type": "null"}]}),
        }
    }

    /// The schema of a field that is there.
    pub(super) fn plain(&mut self, field: &FieldDescriptor) -> Value {
        if field.is_list() {
            let items = self.value(field);
            return json!({"type": "array", "items": items});
        }
        self.value(field)
    }

    /// The schema of one value of a field.
    pub(super) fn value(&mut self, field: &FieldDescriptor) -> Value {
        let rule = self.catalog.field_rule(field);
        match field.kind() {
            Kind::Bool => json!({"type": "boolean"}),
            Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => {
                json!({"type": "integer", "format": "int32"})
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "integer", "format": "int64"})
            }
            Kind::Uint32 | Kind::Uint64 | Kind::Fixed32 | Kind::Fixed64 => {
                json!({"type": "integer", "minimum": 0})
            }
            Kind::Float => json!({"type": "number", "format": "float"}),
            Kind::Double => json!({"type": "number", "format": "double"}),
            Kind::Bytes => json!({"type": "string", "contentEncoding": "base64"}),
            Kind::String if rule.format() == Format::Json => json!({}),
            Kind::String => {
                let mut schema = json!({"type": "string"});
                if rule.max_length > 0 {
                    schema["maxLength"] = rule.max_length.into();
                }
                let format = match rule.format() {
                    Format::Unspecified | Format::Json => None,
                    Format::Email => Some("email"),
                    Format::Uri => Some("uri"),
                    Format::Secret => Some("password"),
                };
                if let Some(format) = format {
                    schema["format"] = format.into();
                }
                schema
            }
            Kind::Enum(descriptor) => {
                let values: Vec<Value> = descriptor
                    .values()
                    .filter(|value| value.number() != 0)
                    .map(|value| bare_value(descriptor.name(), value.name()).to_owned())
                    .map(|name| (self.dialect.enum_text)(&name).into())
                    .collect();
                json!({"type": "string", "enum": values})
            }
            Kind::Message(message) => match message.full_name() {
                "google.protobuf.Timestamp" => json!({"type": "string", "format": "date-time"}),
                "google.type.Decimal" => json!({"type": "number"}),
                _ if rule.list_wrapper => match message.fields().next() {
                    Some(only) => self.plain(&only),
                    None => json!({"type": "array", "items": {}}),
                },
                _ => self.message(&message),
            },
        }
    }

    /// The message whose members a query names one by one; none for plain values and lists.
    pub(super) fn members(&self, field: &FieldDescriptor) -> Option<MessageDescriptor> {
        let Kind::Message(message) = field.kind() else { return None };
        let plain =
            matches!(message.full_name(), "google.protobuf.Timestamp" | "google.type.Decimal")
                || self.catalog.field_rule(field).list_wrapper;
        (!plain).then_some(message)
    }
}

/// Adds a message and all it holds.
fn reach(message: &MessageDescriptor, reached: &mut HashSet<String>) {
    if reached.insert(message.full_name().to_owned()) {
        for field in message.fields() {
            if let Kind::Message(inner) = field.kind() {
                reach(&inner, reached);
            }
        }
    }
}
