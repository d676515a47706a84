//! JSON Schemas of messages and fields, as the REST shim reads and writes them.

use std::collections::{BTreeMap, HashSet};

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::catalog::{Body, Catalog, Format, Rpc, Template, member_name};
use crate::rest::dialect::{Dialect, Unknown};
use crate::rest::table::{bare_value, is_id};

/// Texts that are base64 (RFC 4648, section 4). Bits that say nothing are zero, so that the same
/// bytes are always the same text.
const BASE64: &str = concat!(
    "^([A-Za-z0-9+/]{4})*",
    "([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$",
);

/// The schemas of one document, each message once.
pub(super) struct Schemas<'a> {
    pub(super) catalog: &'a Catalog,
    family: &'static str,
    pub(super) dialect: &'a Dialect,
    pub(super) done: BTreeMap<String, Value>,
    /// Messages that clients send, whose members they may leave out.
    sent: HashSet<String>,
}

impl<'a> Schemas<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        family: &'static str,
        dialect: &'a Dialect,
        rpcs: &[&Rpc],
    ) -> Self {
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
        Self { catalog, family, dialect, done: BTreeMap::new(), sent }
    }

    /// What a message is called.
    pub(super) fn name(&self, message: &MessageDescriptor) -> String {
        name_in(self.catalog, self.family, message.full_name())
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
        // A resource has the name for itself; this is how it looks among attributes.
        let is_resource =
            self.dialect.documents && !self.catalog.message_rule(message).json_type.is_empty();
        let name = self.name(message);
        let name = if is_resource { format!("{name}.Object") } else { name };
        self.component(&name, |schemas| {
            schemas.object(message, &schemas.catalog.json_fields(message))
        })
    }

    /// A reference to the schema of a body that gives a part of a message.
    pub(super) fn part(&mut self, message: &MessageDescriptor) -> Value {
        let name = format!("{}.Update", self.name(message));
        self.component(&name, |schemas| {
            let mut schema = schemas.object(message, &schemas.catalog.json_fields(message));
            if let Some(members) = schema.as_object_mut() {
                members.remove("required");
            }
            if schemas.dialect.merges_parts {
                schemas.nest_parts(message, &mut schema);
            }
            schema
        })
    }

    /// Lets a part be given of what is nested too, in the schema of a part of a message.
    fn nest_parts(&mut self, message: &MessageDescriptor, schema: &mut Value) {
        for field in self.catalog.json_fields(message) {
            let Kind::Message(inner) = field.kind() else { continue };
            if field.is_list() || !inner.full_name().starts_with("steward.") {
                continue;
            }
            let (whole, part) = (self.message(&inner), self.part(&inner));
            let name = member_name(&field, self.dialect);
            replace(&mut schema["properties"][&*name], &whole, &part);
        }
    }

    /// A reference to the schema of a body that holds a whole request but for what its path
    /// says, and whether the body must be there.
    pub(super) fn body(&mut self, message: &MessageDescriptor, path: &Template) -> (Value, bool) {
        let said =
            |field: &FieldDescriptor| path.variables().any(|fields| *fields == [field.clone()]);
        let fields = self.catalog.json_fields(message);
        let left: Vec<_> = fields.iter().filter(|field| !said(field)).cloned().collect();
        let required = left.iter().any(|field| self.catalog.is_required(field));
        if self.dialect.documents {
            return (self.attributes_document(message, &left), required);
        }
        if left.len() == fields.len() {
            return (self.message(message), required);
        }
        let name = format!("{}Body", self.name(message));
        let schema = self.object(message, &left);
        self.done.insert(name.clone(), schema);
        (json!({"$ref": format!("#/components/schemas/{name}")}), required)
    }

    /// Adds a schema under a name, made on first use.
    pub(super) fn component(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.done.contains_key(name) {
            // The name is taken first, for what holds itself.
            self.done.insert(name.to_owned(), Value::Null);
            let schema = make(self);
            self.done.insert(name.to_owned(), schema);
        }
        json!({"$ref": format!("#/components/schemas/{name}")})
    }

    fn object(&mut self, message: &MessageDescriptor, fields: &[FieldDescriptor]) -> Value {
        let sent = self.sent.contains(message.full_name());
        let mut properties = Map::new();
        let mut required = Vec::new();
        let mut order = Vec::new();
        for field in fields {
            let paired = self.number_of(field);
            let name = member_name(field, self.dialect).into_owned();
            let must = self.catalog.is_required(field);
            let rule = self.catalog.field_rule(field);
            // What the server writes is always there where absent members are null.
            let there = !rule.omit_when_absent
                && (self.dialect.explicit_null || !field.supports_presence());
            let written = !sent && there && !self.catalog.is_input_only(field);
            // Either of a pair will do.
            if written || (must && paired.is_none()) {
                required.extend(paired.iter().map(|(name, _)| name.clone()));
                required.push(name.clone());
            }
            let mut member = if sent { self.sent_member(field) } else { self.member(field) };
            if let Some((name, number)) = paired {
                if must && sent {
                    let either = format!("Either it or {name} is required. ");
                    let comment = member["description"].as_str().unwrap_or_default();
                    member["description"] = format!("{either}{comment}").into();
                }
                order.push(name.clone());
                properties.insert(name, number);
            }
            order.push(name.clone());
            properties.insert(name, member);
        }
        // Members of a JSON object have no order; readers of the documentation want the contract's.
        let mut schema = json!({
            "type": "object",
            "description": self.catalog.message_comment(message),
            "properties": properties,
            "x-order": order,
        });
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if sent && self.dialect.unknown == Unknown::Refused {
            schema["additionalProperties"] = false.into();
        }
        schema
    }

    /// The schema of a member with all that the contract says of it.
    pub(super) fn member(&mut self, field: &FieldDescriptor) -> Value {
        let mut schema = self.nullable(field);
        let comment = self.catalog.field_comment(field);
        if !comment.is_empty() {
            schema["description"] = comment.into();
        }
        if self.catalog.is_output_only(field) {
            schema["readOnly"] = true.into();
        }
        if self.catalog.is_input_only(field) {
            schema["writeOnly"] = true.into();
        }
        schema
    }

    /// The schema of a member of a request: what is null there is as if it were not.
    pub(super) fn sent_member(&mut self, field: &FieldDescriptor) -> Value {
        let member = self.member(field);
        let stays = self.catalog.is_required(field) || self.may_be_null(field);
        if stays { member } else { or_null(member) }
    }

    /// Of an enum that is written as number and name: the name and the schema of the number.
    fn number_of(&self, field: &FieldDescriptor) -> Option<(String, Value)> {
        let Kind::Enum(descriptor) = field.kind() else { return None };
        if !self.dialect.numbers_of_enums || field.is_list() {
            return None;
        }
        let mut numbers: Vec<Value> = descriptor
            .values()
            .map(|value| value.number())
            .filter(|n| *n != 0)
            .map(Value::from)
            .collect();
        let mut schema = json!({"type": "integer"});
        if self.may_be_null(field) {
            schema["type"] = json!(["integer", "null"]);
            numbers.push(Value::Null);
        }
        schema["enum"] = numbers.into();
        let name = member_name(field, self.dialect);
        schema["description"] = format!("Number of {name}.").into();
        if self.catalog.is_output_only(field) {
            schema["readOnly"] = true.into();
        }
        Some((format!("{name}Id"), schema))
    }

    fn may_be_null(&self, field: &FieldDescriptor) -> bool {
        if self.catalog.is_required(field) {
            return false;
        }
        // An enum that is not stated is null, where the contract does not say that it always is.
        let unstated = matches!(field.kind(), Kind::Enum(_))
            && !field.is_list()
            && (self.dialect.documents || self.dialect.numbers_of_enums);
        let rule = self.catalog.field_rule(field);
        rule.null_when_empty || (field.supports_presence() && !rule.omit_when_absent) || unstated
    }

    /// The schema of a member, null included where it may be null.
    fn nullable(&mut self, field: &FieldDescriptor) -> Value {
        let schema = self.plain(field);
        if self.may_be_null(field) { or_null(schema) } else { schema }
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
            Kind::Int64 if self.dialect.texts_for_ids && is_id(field, &rule) => {
                json!({"type": "string", "pattern": "^-?[0-9]+$"})
            }
            Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => {
                json!({"type": "integer", "format": "int64"})
            }
            Kind::Uint32 | Kind::Uint64 | Kind::Fixed32 | Kind::Fixed64 => {
                json!({"type": "integer", "minimum": 0})
            }
            Kind::Float => json!({"type": "number", "format": "float"}),
            Kind::Double => json!({"type": "number", "format": "double"}),
            Kind::Bytes => {
                json!({"type": "string", "contentEncoding": "base64", "pattern": BASE64})
            }
            Kind::String if rule.format() == Format::Json => json!({}),
            Kind::String => {
                let mut schema = json!({"type": "string"});
                if rule.max_length > 0 {
                    schema["maxLength"] = rule.max_length.into();
                }
                let format = match rule.format() {
                    Format::Unspecified
                    | Format::Json
                    | Format::Id
                    | Format::LocalTime
                    | Format::Clock
                    | Format::Phone => None,
                    Format::Email => Some("email"),
                    Format::Uri => Some("uri"),
                    Format::Secret => Some("password"),
                    Format::Date => Some("date"),
                };
                match format {
                    // Where nothing need be given, an empty text gives nothing.
                    Some(format @ ("email" | "uri")) if !self.catalog.is_required(field) => {
                        schema["anyOf"] = json!([{"format": format}, {"maxLength": 0}]);
                    }
                    Some(format) => schema["format"] = format.into(),
                    None => {}
                }
                if rule.format() == Format::Phone {
                    let number = r"\+[1-9][0-9]{6,14}";
                    schema["pattern"] = match self.catalog.is_required(field) {
                        true => format!("^{number}$"),
                        false => format!("^({number})?$"),
                    }
                    .into();
                }
                let example = match rule.format() {
                    Format::LocalTime => Some("2030-03-29T12:00:00"),
                    Format::Clock => Some("12:00"),
                    Format::Phone => Some("+351912345678"),
                    Format::Unspecified
                    | Format::Email
                    | Format::Uri
                    | Format::Secret
                    | Format::Json
                    | Format::Id
                    | Format::Date => None,
                };
                if let Some(example) = example {
                    schema["examples"] = json!([example]);
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
                "google.type.Decimal" | "google.type.Money" => json!({"type": "number"}),
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
        let plain = matches!(
            message.full_name(),
            "google.protobuf.Timestamp" | "google.type.Decimal" | "google.type.Money"
        ) || self.catalog.field_rule(field).list_wrapper;
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

/// The name of a message or service in the document of a family. What the platform has may be
/// called as something of the family is, which has the name then.
pub(super) fn name_in(catalog: &Catalog, family: &str, full_name: &str) -> String {
    let name = full_name.rsplit('.').next().unwrap_or(full_name);
    let own = format!("steward.{family}.v1.{name}");
    let taken = own != full_name
        && (catalog.pool().get_message_by_name(&own).is_some()
            || catalog.pool().get_service_by_name(&own).is_some());
    if taken { format!("Platform{name}") } else { name.to_owned() }
}

/// Puts a schema in the place of another one, wherever in `schema` that is.
fn replace(schema: &mut Value, from: &Value, to: &Value) {
    if schema == from {
        *schema = to.clone();
        return;
    }
    match schema {
        Value::Array(all) => all.iter_mut().for_each(|one| replace(one, from, to)),
        Value::Object(members) => members.values_mut().for_each(|one| replace(one, from, to)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What a schema describes, or null.
fn or_null(mut schema: Value) -> Value {
    let described = schema.as_object().is_some_and(|members| !members.is_empty());
    match schema.get("type").and_then(Value::as_str).map(str::to_owned) {
        Some(name) => {
            schema["type"] = json!([name, "null"]);
            if let Some(values) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                values.push(Value::Null);
            }
            schema
        }
        // What describes nothing describes null too.
        None if !described => schema,
        None => json!({"anyOf": [schema, {"type": "null"}]}),
    }
}
