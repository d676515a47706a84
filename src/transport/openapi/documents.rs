//! Schemas of the documents of JSON:API, as `rest::document` reads and writes them. What is made of
//! a message has a dot in its name, which no message has.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use super::schema::Schemas;
use crate::rest::JSON_API;

/// The operators of a condition in a query.
const OPERATORS: [&str; 8] = ["gt", "gte", "lt", "lte", "match", "not", "null", "prefix"];

/// Which members a request must give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    /// Those that are required: the request makes something.
    Create,
    /// None: what is not given stays as it is.
    Update,
}

impl Schemas<'_> {
    /// The type of a message as a resource.
    fn json_type(&self, message: &MessageDescriptor) -> Option<String> {
        Some(self.catalog.message_rule(message).json_type).filter(|name| !name.is_empty())
    }

    fn resource_of(&self, field: &FieldDescriptor) -> Option<MessageDescriptor> {
        let Kind::Message(message) = field.kind() else { return None };
        self.json_type(&message).is_some().then_some(message)
    }

    fn is_relationship(&self, field: &FieldDescriptor) -> bool {
        self.catalog.field_rule(field).relationship
    }

    /// A body in both media types.
    pub(super) fn in_both_types(schema: &Value) -> Value {
        json!({"application/json": {"schema": schema}, JSON_API: {"schema": schema}})
    }

    /// The schema of the document that a message is answered as; of the message itself when it
    /// holds no resource.
    pub(super) fn answer_document(&mut self, message: &MessageDescriptor) -> Value {
        if self.json_type(message).is_some() {
            let name = format!("{}.Document", self.name(message));
            return self.component(&name, |schemas| {
                let data = schemas.resource(message);
                let meta = schemas.meta_of_resource(message);
                schemas.document(&data, meta, std::slice::from_ref(message), false)
            });
        }
        let fields = self.catalog.json_fields(message);
        let Some(primary) = fields.iter().find(|field| self.resource_of(field).is_some()).cloned()
        else {
            return self.message(message);
        };
        self.component(&self.name(message), |schemas| {
            let Some(resource) = schemas.resource_of(&primary) else { return json!({}) };
            let one = schemas.resource(&resource);
            let data = if primary.is_list() {
                json!({"type": "array", "items": one})
            } else {
                json!({"anyOf": [one, {"type": "null"}]})
            };
            let meta = schemas.meta(&fields, &primary);
            schemas.document(&data, meta, &[resource], primary.is_list())
        })
    }

    fn document(
        &mut self,
        data: &Value,
        meta: Option<Value>,
        primary: &[MessageDescriptor],
        is_list: bool,
    ) -> Value {
        let mut properties = Map::new();
        let mut required = vec!["data"];
        properties.insert("data".to_owned(), data.clone());
        if let Some(meta) = meta {
            // The meta of one resource tells what is unusual, so it may be missing.
            if is_list {
                required.push("meta");
            }
            properties.insert("meta".to_owned(), meta);
        }
        if is_list {
            required.push("links");
            properties.insert("links".to_owned(), self.component("Links", |_| links()));
        }
        let mut related = Vec::new();
        for message in primary {
            self.reach_related(message, &mut related);
        }
        if !related.is_empty() {
            let resources: Vec<Value> = related.iter().map(|one| self.resource(one)).collect();
            properties.insert(
                "included".to_owned(),
                json!({
                    "type": "array",
                    "description": "The related resources that were asked for, each once.",
                    "items": {"anyOf": resources},
                }),
            );
        }
        let order: Vec<String> = ["data", "meta", "links", "included"]
            .into_iter()
            .filter(|name| properties.contains_key(*name))
            .map(str::to_owned)
            .collect();
        json!({"type": "object", "required": required, "properties": properties, "x-order": order})
    }

    /// The resources that may be included with a message: those it is related to that have more
    /// members than their id, and theirs.
    fn reach_related(&self, message: &MessageDescriptor, found: &mut Vec<MessageDescriptor>) {
        for field in message.fields().filter(|field| self.is_relationship(field)) {
            let Some(related) = self.resource_of(&field) else { continue };
            if related.fields().len() > 1 && !found.contains(&related) {
                found.push(related.clone());
                self.reach_related(&related, found);
            }
        }
    }

    /// The schema of a resource with type, attributes and relationships.
    fn resource(&mut self, message: &MessageDescriptor) -> Value {
        let message = message.clone();
        self.component(&self.name(&message), |schemas| {
            let json_type = schemas.json_type(&message).unwrap_or_default();
            let mut relationships = Map::new();
            let mut always = Vec::new();
            for field in schemas.catalog.json_fields(&message) {
                let rule = schemas.catalog.field_rule(&field);
                let Some(related) = schemas.resource_of(&field).filter(|_| rule.relationship)
                else {
                    continue;
                };
                let name = schemas.catalog.member_name(&field, schemas.dialect).into_owned();
                if !rule.omit_when_absent {
                    always.push(name.clone());
                }
                relationships.insert(name, schemas.relationship(&field, &related));
            }
            let attributes = schemas.attributes(&message);
            let mut properties = json!({
                "id": {"type": "string", "description": "Id of the resource."},
                "type": {"type": "string", "const": json_type},
                "attributes": attributes,
            });
            let mut required = vec!["id", "type", "attributes"];
            let mut order = required.clone();
            if !relationships.is_empty() {
                if !always.is_empty() {
                    required.push("relationships");
                }
                order.push("relationships");
                properties["relationships"] = json!({"type": "object",
                    "description": "The resources it is related to, by type and id.",
                    "properties": relationships, "required": always});
            }
            json!({
                "type": "object",
                "description": schemas.catalog.message_comment(&message),
                "required": required,
                "properties": properties,
                "x-order": order,
            })
        })
    }

    fn relationship(&self, field: &FieldDescriptor, related: &MessageDescriptor) -> Value {
        let identifier = json!({
            "type": "object",
            "required": ["id", "type"],
            "properties": {
                "id": {"type": "string"},
                "type": {"type": "string", "const": self.json_type(related)},
            },
        });
        let data = if field.is_list() {
            json!({"type": "array", "items": identifier})
        } else {
            json!({"anyOf": [identifier, {"type": "null"}]})
        };
        json!({
            "type": "object",
            "description": self.catalog.field_comment(field),
            "required": ["data"],
            "properties": {"data": data},
        })
    }

    /// The attributes of a resource as it is answered. None is required, because `fields` may leave
    /// any of them out.
    fn attributes(&mut self, message: &MessageDescriptor) -> Value {
        let mut properties = Map::new();
        let mut order = Vec::new();
        for field in self.attribute_fields(message) {
            if self.catalog.is_input_only(&field) {
                continue;
            }
            let name = self.catalog.member_name(&field, self.dialect).into_owned();
            properties.insert(name.clone(), self.member(&field));
            order.push(name);
        }
        json!({"type": "object", "properties": properties, "x-order": order})
    }

    /// The fields that are attributes of a resource in its answers.
    fn attribute_fields(&self, message: &MessageDescriptor) -> Vec<FieldDescriptor> {
        let mut fields = self.catalog.json_fields(message);
        fields.retain(|field| {
            let rule = self.catalog.field_rule(field);
            field.name() != "id" && !rule.resource_id && !rule.relationship && !rule.meta
        });
        fields
    }

    /// The `meta` that a resource brings with it, if it has any.
    fn meta_of_resource(&mut self, message: &MessageDescriptor) -> Option<Value> {
        let mut properties = Map::new();
        for field in self.catalog.json_fields(message) {
            if self.catalog.field_rule(&field).meta {
                let name = self.catalog.member_name(&field, self.dialect).into_owned();
                properties.insert(name, self.member(&field));
            }
        }
        (!properties.is_empty()).then(|| json!({"type": "object", "properties": properties}))
    }

    /// The `meta` of a message around resources, if it has any.
    fn meta(&mut self, fields: &[FieldDescriptor], primary: &FieldDescriptor) -> Option<Value> {
        let mut properties = Map::new();
        let (mut required, mut order) = (Vec::new(), Vec::new());
        for field in fields.iter().filter(|field| *field != primary) {
            let mut inner = vec![field.clone()];
            if let Kind::Message(page) = field.kind()
                && field.name() == "page_info"
            {
                inner = self.catalog.json_fields(&page);
            }
            for member in inner {
                let name = self.catalog.member_name(&member, self.dialect).into_owned();
                properties.insert(name.clone(), self.member(&member));
                if !self.catalog.field_rule(&member).omit_when_absent {
                    required.push(name.clone());
                }
                order.push(name);
            }
        }
        (!properties.is_empty()).then(|| {
            json!({
                "type": "object", "properties": properties, "required": required, "x-order": order,
            })
        })
    }

    /// The schema of a document that gives the attributes of a message.
    pub(super) fn request_document(&mut self, message: &MessageDescriptor, write: Write) -> Value {
        let json_type = self.json_type(message);
        let name = match write {
            Write::Create => format!("{}.Create", self.name(message)),
            Write::Update => format!("{}.Update", self.name(message)),
        };
        let fields: Vec<_> = self.catalog.json_fields(message);
        let fields: Vec<_> = fields
            .into_iter()
            .filter(|field| field.name() != "id" && !self.catalog.field_rule(field).resource_id)
            .collect();
        let attributes = self.component(&name, |schemas| schemas.written(message, &fields, write));
        let mut data = json!({
            "type": "object",
            "properties": {"attributes": attributes},
            "x-order": ["type", "id", "attributes"],
        });
        data["properties"]["type"] = match json_type {
            Some(json_type) => json!({"type": "string", "const": json_type}),
            None => json!({"type": "string"}),
        };
        data["properties"]["id"] = json!({"type": ["string", "null"],
            "description": "Need not be given; must be that of the resource."});
        self.document_of(data, &fields, write)
    }

    /// The schema of a document whose attributes are `fields` of a request, which is no resource.
    pub(super) fn attributes_document(
        &mut self,
        message: &MessageDescriptor,
        fields: &[FieldDescriptor],
    ) -> Value {
        let name = format!("{}.Attributes", self.name(message));
        let written = |schemas: &mut Self| schemas.written(message, fields, Write::Create);
        let attributes = self.component(&name, written);
        let data = json!({"type": "object", "properties": {"attributes": attributes}});
        self.document_of(data, fields, Write::Create)
    }

    /// A document of `data`, which goes without attributes where none of `fields` is required.
    fn document_of(&self, mut data: Value, fields: &[FieldDescriptor], write: Write) -> Value {
        if write == Write::Create && fields.iter().any(|field| self.catalog.is_required(field)) {
            data["required"] = json!(["attributes"]);
        }
        json!({"type": "object", "required": ["data"], "properties": {"data": data}})
    }

    fn written(
        &mut self,
        message: &MessageDescriptor,
        fields: &[FieldDescriptor],
        write: Write,
    ) -> Value {
        let mut properties = Map::new();
        let (mut required, mut order) = (Vec::new(), Vec::new());
        for field in fields {
            let name = self.catalog.member_name(field, self.dialect).into_owned();
            if write == Write::Create && self.catalog.is_required(field) {
                required.push(name.clone());
            }
            properties.insert(name.clone(), self.sent_member(field));
            order.push(name);
        }
        json!({
            "type": "object",
            "description": self.catalog.message_comment(message),
            "required": required,
            "properties": properties,
            // What is not known is refused.
            "additionalProperties": false,
            "x-order": order,
        })
    }

    /// A query parameter of a list, under the name that clients of JSON:API give it.
    pub(super) fn document_parameter(&mut self, field: &FieldDescriptor) -> Value {
        let comment = self.catalog.field_comment(field);
        let named = |name: &str, schema: Value| {
            json!({"name": name, "in": "query", "required": false, "description": comment,
                "schema": schema})
        };
        let deep = |name: &str, members: Value| {
            let schema = json!({
                "type": "object",
                "propertyNames": {"pattern": "^[a-z][a-z0-9_.]*$"},
                "additionalProperties": members,
            });
            let mut parameter = named(name, schema);
            parameter["style"] = "deepObject".into();
            parameter["explode"] = true.into();
            parameter
        };
        let condition = format!("filter[{}]", self.catalog.member_name(field, self.dialect));
        match field.name() {
            "page_number" => named("page[number]", page_schema()),
            "page_size" => named("page[size]", page_schema()),
            "order_by" => named(
                "sort",
                json!({"type": "string",
                "examples": ["-created_at"]}),
            ),
            "filter" => {
                let operators: Map<String, Value> = OPERATORS
                    .iter()
                    .map(|name| ((*name).into(), json!({"type": "string"})))
                    .collect();
                deep(
                    "filter",
                    json!({"anyOf": [
                        {"type": "string"},
                        {"type": "object", "properties": operators, "additionalProperties": false},
                    ]}),
                )
            }
            "stats" => deep("stats", json!({"type": "string"})),
            // The contract tells where a field of the request is a condition.
            _ if comment.contains(&condition) => named(&condition, self.plain(field)),
            name => {
                let mut parameter = named(name, self.plain(field));
                parameter["required"] = self.catalog.is_required(field).into();
                parameter
            }
        }
    }

    /// The parameter that chooses members of the resources in an answer; none when there are no
    /// resources in it.
    pub(super) fn sparse_fields(&self, answer: &MessageDescriptor) -> Option<Value> {
        let primary = match self.json_type(answer) {
            Some(_) => Some(answer.clone()),
            None => {
                let fields = self.catalog.json_fields(answer);
                fields.iter().find_map(|field| self.resource_of(field))
            }
        }?;
        let mut resources = vec![primary.clone()];
        self.reach_related(&primary, &mut resources);
        let types: Map<String, Value> = resources
            .iter()
            .filter_map(|message| Some((self.json_type(message)?, json!({"type": "string"}))))
            .collect();
        Some(json!({
            "name": "fields",
            "in": "query",
            "required": false,
            "description": "Members of the resources of a type to answer, separated by commas: \
                `fields[type]=a,b`.",
            "style": "deepObject",
            "explode": true,
            "schema": {"type": "object", "properties": types, "additionalProperties": false},
        }))
    }
}

fn page_schema() -> Value {
    json!({"type": "integer", "format": "int32", "minimum": 1})
}

fn links() -> Value {
    let names = ["self", "first", "prev", "next", "last"];
    let link = || json!({"type": ["string", "null"], "format": "uri-reference"});
    let properties: Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), link())).collect();
    json!({
        "type": "object",
        "description": "This page of the list and others; null where there is none.",
        "required": names,
        "properties": properties,
        "x-order": names,
    })
}
