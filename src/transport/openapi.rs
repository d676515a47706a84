//! OpenAPI 3.1 of a family, from the same descriptors that serve it.

mod documents;
mod schema;

use std::collections::{BTreeMap, HashMap};

use prost_reflect::FieldDescriptor;
use serde_json::{Map, Value, json};

use self::documents::Write;
use self::schema::{Schemas, name_in};
use crate::catalog::{
    Access, Binding, Body, Catalog, Idempotency, Rpc, Segment, Streaming, json_name,
};
use crate::rest::dialect;
use crate::rest::route::{takes_parts, takes_patches};

/// Every path of a family, as a document served at `/openapi/<family>.json`. None when there is
/// no such family. `server_url` is where clients reach the server, without a slash at the end.
#[must_use]
pub fn document(catalog: &Catalog, family: &str, server_url: &str) -> Option<Value> {
    let family = catalog.families().iter().find(|known| known.name == family)?;
    let dialect = dialect::of(family.dialect);
    let rpcs: Vec<&Rpc> = catalog
        .faces()
        .filter(|rpc| rpc.family == family.name && !rpc.bindings.is_empty())
        .collect();
    let mut schemas = Schemas::new(catalog, family.name, dialect, &rpcs);
    let names = path_names(&rpcs);
    let mut paths: Map<String, Value> = Map::new();
    let mut tags: Vec<Value> = Vec::new();
    for rpc in &rpcs {
        let tag = tag(catalog, rpc);
        if !tags.iter().any(|known| known["name"] == tag) {
            tags.push(json!({"name": tag, "description": catalog.service_comment(rpc.service)}));
        }
        for (index, binding) in rpc.bindings.iter().enumerate() {
            let names = names.get(&binding.template.shape()).map_or(&[][..], Vec::as_slice);
            let operation = operation(catalog, &mut schemas, rpc, binding, index, names);
            let item = paths.entry(path(binding, names)).or_insert_with(|| json!({}));
            item[binding.method.as_str().to_ascii_lowercase()] = operation;
        }
    }
    schemas.insert("Problem", (dialect.problem_schema)());
    Some(json!({
        "openapi": "3.1.0",
        "info": {
            "title": format!("steward {}", family.name),
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Made from the protobuf contract. The same operations are served as \
                gRPC and grpc-web on the same port.",
        },
        "servers": [{"url": if server_url.is_empty() { "/" } else { server_url }}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": {"Problem": {
                "description": "The request failed.",
                "content": {dialect.problem_type: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                }},
            }},
            "securitySchemes": {"token": security_scheme(catalog, server_url)},
        },
        "security": [{"token": []}],
    }))
}

fn tag(catalog: &Catalog, rpc: &Rpc) -> String {
    let name = name_in(catalog, rpc.family, rpc.service);
    name.strip_suffix("Service").unwrap_or(&name).to_owned()
}

/// OAuth client credentials where there is a token endpoint, else a plain bearer token. The
/// tenants of all families get their tokens at the same one.
fn security_scheme(catalog: &Catalog, server_url: &str) -> Value {
    let token = catalog.rpcs().find(|rpc| {
        rpc.access == Access::Public && rpc.input.get_field_by_name("grant_type").is_some()
    });
    match token.and_then(|rpc| rpc.bindings.first()) {
        Some(binding) => json!({
            "type": "oauth2",
            "flows": {"clientCredentials": {
                "tokenUrl": format!("{server_url}{}", binding.template.documented()),
                "scopes": {},
            }},
        }),
        None => json!({"type": "http", "scheme": "bearer"}),
    }
}

/// The names of path variables by the shape of the path. OpenAPI takes paths that differ in
/// these names alone for the same path, so where routes disagree the commonest name counts.
fn path_names(rpcs: &[&Rpc]) -> HashMap<String, Vec<String>> {
    let mut votes: HashMap<String, Vec<BTreeMap<String, usize>>> = HashMap::new();
    for binding in rpcs.iter().flat_map(|rpc| &rpc.bindings) {
        let votes = votes.entry(binding.template.shape()).or_default();
        for (place, fields) in binding.template.variables().enumerate() {
            if votes.len() <= place {
                votes.push(BTreeMap::new());
            }
            *votes[place].entry(binding.template.name(fields)).or_default() += 1;
        }
    }
    let commonest = |votes: BTreeMap<String, usize>| {
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name).unwrap_or_default()
    };
    votes
        .into_iter()
        .map(|(shape, places)| (shape, places.into_iter().map(commonest).collect()))
        .collect()
}

fn path(binding: &Binding, names: &[String]) -> String {
    let mut path = String::new();
    let mut names = names.iter();
    for segment in &binding.template.segments {
        path.push('/');
        match segment {
            Segment::Literal(word) => path.push_str(word),
            Segment::Variable(_) | Segment::Rest(_) => {
                path.push('{');
                path.push_str(names.next().map_or("", String::as_str));
                path.push('}');
            }
        }
    }
    path
}

fn operation(
    catalog: &Catalog,
    schemas: &mut Schemas<'_>,
    rpc: &Rpc,
    binding: &Binding,
    index: usize,
    names: &[String],
) -> Value {
    let mut id = format!("{}_{}", name_in(catalog, rpc.family, rpc.service), rpc.method);
    if index > 0 {
        id = format!("{id}_{}", index + 1);
    }
    let summary = rpc.comment.split_once(". ").map_or(rpc.comment.as_str(), |(first, _)| first);
    let summary = summary.split("\n\n").next().unwrap_or("").trim_end_matches('.');
    let mut operation = json!({
        "operationId": id,
        "tags": [tag(catalog, rpc)],
        "summary": summary,
        "description": rpc.comment,
        "responses": responses(schemas, rpc, binding),
        "x-rpc": rpc.path.trim_start_matches('/'),
    });
    match rpc.access {
        // The empty object stands for no token at all.
        Access::Public if rpc.optional_token => {
            operation["security"] = json!([{}, {"token": []}]);
        }
        Access::Public => operation["security"] = json!([]),
        Access::Permission(permission) => {
            operation["x-permission"] = permission.into();
            operation["x-roles"] = rpc.roles.iter().map(|role| role.name()).collect();
        }
    }
    let is_alias = rpc.bindings.first().is_some_and(|first| {
        first.method == binding.method || first.template.shape() != binding.template.shape()
    });
    let is_old = rpc.legacy_get && binding.method == http::Method::GET;
    if (index > 0 && is_alias) || is_old {
        // An alias is kept for clients that use it; new ones are led to the documented route.
        operation["deprecated"] = true.into();
    }
    let parameters = parameters(catalog, schemas, rpc, binding, names);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    let body = match &binding.body {
        Body::None => None,
        Body::Whole => {
            let (schema, required) = schemas.body(&rpc.input, &binding.template);
            let mut content = if schemas.dialect.documents {
                Schemas::in_both_types(&schema)
            } else {
                json!({"application/json": {"schema": schema}})
            };
            if rpc.takes_forms() {
                content["application/x-www-form-urlencoded"] = json!({"schema": schema});
            }
            Some(json!({"required": required, "content": content}))
        }
        Body::Field(field) => {
            let partial = takes_parts(rpc, binding, schemas.dialect);
            let mut content = match field.kind().as_message() {
                Some(message) if schemas.dialect.documents => {
                    let write = if partial { Write::Update } else { Write::Create };
                    Schemas::in_both_types(&schemas.request_document(message, write))
                }
                Some(message) if partial => {
                    json!({"application/json": {"schema": schemas.part(message)}})
                }
                Some(_) | None => json!({"application/json": {"schema": schemas.plain(field)}}),
            };
            if takes_patches(rpc, binding, schemas.dialect) {
                content["application/json-patch+json"] = json!({"schema": json_patch()});
            }
            Some(json!({
                "required": catalog.is_required(field),
                "description": catalog.field_comment(field),
                "content": content,
            }))
        }
    };
    if let Some(body) = body {
        operation["requestBody"] = body;
    }
    operation
}

/// Steps by which a resource changes (RFC 6902).
fn json_patch() -> Value {
    let pointer = "^(/([^~/]|~[01])*)+$";
    let step = |verbs: &[&str], with_value: bool| {
        let mut step = json!({
            "type": "object",
            "required": ["op", "path"],
            "properties": {
                "op": {"type": "string", "enum": verbs, "description": "What is done."},
                "path": {
                    "type": "string",
                    "pattern": pointer,
                    "description": "JSON Pointer (RFC 6901) to what it is done to.",
                },
            },
        });
        if with_value {
            step["required"] = json!(["op", "path", "value"]);
            step["properties"]["value"] = json!({"description": "The value."});
        }
        step
    };
    json!({
        "type": "array",
        "description": "Steps, taken one after the other (RFC 6902).",
        "maxItems": 200,
        "items": {"oneOf": [step(&["add", "replace", "test"], true), step(&["remove"], false)]},
    })
}

fn parameters(
    catalog: &Catalog,
    schemas: &mut Schemas<'_>,
    rpc: &Rpc,
    binding: &Binding,
    names: &[String],
) -> Vec<Value> {
    let mut parameters = Vec::new();
    let mut taken: Vec<&FieldDescriptor> = Vec::new();
    for (fields, name) in binding.template.variables().zip(names) {
        let Some(field) = fields.last() else { continue };
        if fields.len() == 1 {
            taken.push(field);
        }
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": catalog.field_comment(field),
            "schema": schemas.value(field),
        }));
    }
    match &binding.body {
        Body::Whole => return parameters,
        Body::Field(field) => taken.push(field),
        Body::None => {}
    }
    for field in catalog.json_fields(&rpc.input) {
        if taken.contains(&&field) {
            continue;
        }
        if schemas.dialect.documents && schemas.members(&field).is_none() {
            parameters.push(schemas.document_parameter(&field));
        } else {
            query(catalog, schemas, &mut vec![field], &mut parameters);
        }
    }
    if schemas.dialect.documents && binding.method == http::Method::GET {
        parameters.extend(schemas.sparse_fields(&rpc.output));
    }
    parameters
}

/// Query parameters of a field: itself, or its members by their dotted names.
fn query(
    catalog: &Catalog,
    schemas: &mut Schemas<'_>,
    path: &mut Vec<FieldDescriptor>,
    parameters: &mut Vec<Value>,
) {
    let Some(field) = path.last().cloned() else { return };
    if let Some(message) = schemas.members(&field) {
        // Messages that hold themselves end here.
        if path.len() < 4 && !field.is_list() {
            for member in catalog.json_fields(&message) {
                path.push(member);
                query(catalog, schemas, path, parameters);
                path.pop();
            }
        }
        return;
    }
    parameters.push(json!({
        "name": json_name(path, schemas.dialect),
        "in": "query",
        "required": path.iter().all(|field| catalog.is_required(field)),
        "description": catalog.field_comment(&field),
        "schema": schemas.plain(&field),
    }));
}

fn responses(schemas: &mut Schemas<'_>, rpc: &Rpc, binding: &Binding) -> Value {
    let mut responses = Map::new();
    let (status, mut success) = match rpc.output.full_name() {
        "google.protobuf.Empty" => ("204", json!({"description": "Done."})),
        "google.api.HttpBody" => {
            ("200", json!({"description": "A file.", "content": {"application/octet-stream": {}}}))
        }
        _ => {
            let is_document = schemas.dialect.documents && binding.response_body.is_none();
            let schema = match &binding.response_body {
                Some(field) if schemas.dialect.documents => match field.kind().as_message() {
                    Some(message) => schemas.answer_document(message),
                    None => schemas.plain(field),
                },
                Some(field) => schemas.plain(field),
                None if is_document => schemas.answer_document(&rpc.output),
                None => schemas.message(&rpc.output),
            };
            let (status, description) = match (rpc.location.is_some() || rpc.created, rpc.accepted)
            {
                (_, true) => ("202", "Accepted: the work goes on in the background."),
                (true, false) => ("201", "Created."),
                (false, false) => ("200", "Done."),
            };
            let content = match rpc.streaming {
                Streaming::Unary if is_document => Schemas::in_both_types(&schema),
                Streaming::Unary => json!({schemas.media_type(): {"schema": schema}}),
                Streaming::Server | Streaming::Client | Streaming::Both => json!({
                    "text/event-stream": {"schema": schema},
                    "application/x-ndjson": {"schema": schema},
                }),
            };
            (status, json!({"description": description, "content": content}))
        }
    };
    // A call that says again what is so makes nothing.
    if status == "201" && rpc.idempotency == Idempotency::Idempotent {
        let mut existed = success.clone();
        existed["description"] = "It was there already.".into();
        responses.insert("200".into(), existed);
    }
    if rpc.location.is_some() {
        success["headers"] = json!({"Location": {
            "description": "Path of what was created.",
            "schema": {"type": "string", "format": "uri-reference"},
        }});
    }
    responses.insert(status.into(), success);
    let problem = |description: &str| {
        let mut problem = json!({"$ref": "#/components/responses/Problem"});
        problem["description"] = description.into();
        problem
    };
    responses.insert("400".into(), problem("The request cannot be read, or breaks a rule."));
    if schemas.dialect.documents && binding.body != Body::None {
        responses.insert("422".into(), problem("An attribute is missing or breaks a rule."));
    }
    if rpc.access != Access::Public {
        responses.insert("401".into(), problem("There is no valid token."));
        responses.insert("403".into(), problem("The token, or the state of things, forbids it."));
    }
    if binding.template.variables().next().is_some() {
        responses.insert("404".into(), problem("What is named does not exist."));
    }
    if rpc.link.is_some() {
        let status = if rpc.purpose.is_empty() { "404" } else { "401" };
        responses.insert(status.into(), problem("There is no such link."));
        responses.insert("410".into(), problem("The link has ended."));
    }
    // Told before there is a request that could have an answer of its own.
    for (status, what) in [("414", "address"), ("431", "head")] {
        let description = format!("The {what} of the request is too long. There is no body.");
        responses.insert(status.into(), json!({"description": description}));
    }
    responses.insert("default".into(), problem("The request failed."));
    Value::Object(responses)
}

#[cfg(test)]
mod tests;
