//! One JSON route, compiled.

use http::StatusCode;
use prost_reflect::FieldDescriptor;

use super::dialect::{self, Dialect};
use super::table::{Compiler, Field, Kind, MessageId, Output, Tables};
use crate::catalog::{
    Access, Binding, Body, CatalogError, Idempotency, LocationPart, Rpc, Streaming, is_mask,
    proto_name,
};

/// Everything a request needs to become a call, and a reply to become an answer.
pub(super) struct Route {
    pub(super) dialect: &'static Dialect,
    /// The family whose tenants may call by it.
    pub(super) family: &'static str,
    pub(super) streaming: Streaming,
    /// gRPC path of the RPC.
    pub(super) uri: http::Uri,
    pub(super) input: MessageId,
    pub(super) output: Output,
    pub(super) body: Body,
    /// Place of the body's field in the request message.
    pub(super) body_index: Option<usize>,
    /// Whether the body may be left out.
    pub(super) body_optional: bool,
    /// Whether the body may be a form: that of OAuth's endpoints, whose whole message is the body.
    pub(super) form: bool,
    /// Place of the field that alone makes the response body.
    pub(super) response_index: Option<usize>,
    pub(super) variables: Vec<Variable>,
    /// Numbers of the fields of the request that path and body give.
    pub(super) taken: Vec<u32>,
    /// Number of the field of the request that says which members the body gives.
    pub(super) mask: Option<u32>,
    /// Whether a body that is a list says step by step what changes.
    pub(super) takes_patches: bool,
    /// Whether the stack can find out what is wrong with a request without writing anything.
    pub(super) rehearsed: bool,
    /// Whether it is a GET that changes something.
    pub(super) legacy_get: bool,
    pub(super) location: Option<Vec<Piece>>,
    /// What an answer with a message says: done, created, or accepted.
    pub(super) status: StatusCode,
    /// Of a server stream that can be resumed: the places of `cursor` in request and response.
    pub(super) cursor: Option<(usize, usize)>,
}

/// A path variable.
pub(super) struct Variable {
    /// Places of the fields that lead to it.
    steps: Vec<usize>,
    /// Dotted JSON name.
    pub(super) name: String,
    proto_name: String,
}

/// A piece of a `Location` header.
pub(super) enum Piece {
    Literal(String),
    /// Places of the fields on the way to one of the response message.
    Response(Vec<usize>),
    /// Place among the path variables.
    Variable(usize),
}

impl Route {
    pub(super) fn compile(
        rpc: &Rpc,
        binding: &Binding,
        compiler: &mut Compiler<'_>,
    ) -> Result<Self, CatalogError> {
        let dialect = dialect::of(rpc.dialect);
        let refuse = |problem: &str| CatalogError::new(rpc.path, problem);
        let uri = rpc.path.parse().map_err(|_| refuse("its path is not a URI"))?;
        let input = compiler.message(&rpc.input, rpc.family, dialect)?;
        let output = compiler.output(rpc, dialect)?;
        let optional = |field: &FieldDescriptor| !compiler.is_required(field);
        let body_optional = match &binding.body {
            Body::None => true,
            // What the path gives, the body need not.
            Body::Whole => !rpc.input.fields().any(|field| {
                let mut paths = binding.template.variables();
                compiler.is_required(&field) && !paths.any(|path| path.first() == Some(&field))
            }),
            Body::Field(field) => optional(field),
        };
        let tables = &compiler.tables;
        let place = |message: MessageId, field: &FieldDescriptor| {
            tables.messages[message]
                .by_number(field.number())
                .ok_or_else(|| refuse("names a field that its message lacks"))
        };
        let body_index = match &binding.body {
            Body::Field(field) => Some(place(input, field)?),
            Body::None | Body::Whole => None,
        };
        let walk = |mut message: MessageId, fields: &[FieldDescriptor]| {
            let mut steps = Vec::with_capacity(fields.len());
            for field in fields {
                let index = place(message, field)?;
                steps.push(index);
                if let Kind::Message(id) = tables.messages[message].fields[index].kind {
                    message = id;
                }
            }
            Ok(steps)
        };
        let answered = || match output {
            Output::Message(id) => Ok(id),
            Output::Empty | Output::Raw => Err(refuse("names a field of a response without any")),
        };
        let in_output = |field: &FieldDescriptor| place(answered()?, field);
        let response_index = binding.response_body.as_ref().map(in_output).transpose()?;
        let mut variables = Vec::new();
        for fields in binding.template.variables() {
            let steps = walk(input, fields)?;
            let (name, proto_name) = (binding.template.name(fields), proto_name(fields));
            variables.push(Variable { steps, name, proto_name });
        }
        let mut taken: Vec<u32> = binding
            .template
            .variables()
            .filter(|fields| fields.len() == 1)
            .flat_map(|fields| fields.iter().map(FieldDescriptor::number))
            .collect();
        if let Body::Field(field) = &binding.body {
            taken.push(field.number());
        }
        let location = rpc.location.as_ref().map(|parts| {
            parts
                .iter()
                .map(|part| match part {
                    LocationPart::Literal(text) => Ok(Piece::Literal(text.clone())),
                    LocationPart::Response(fields) => {
                        walk(answered()?, fields).map(Piece::Response)
                    }
                    LocationPart::Variable(name) => variables
                        .iter()
                        .position(|variable| variable.proto_name == *name)
                        .map(Piece::Variable)
                        .ok_or_else(|| refuse("its location names an unknown variable")),
                })
                .collect::<Result<Vec<_>, _>>()
        });
        Ok(Self {
            cursor: cursor(rpc, input, output, &compiler.tables),
            dialect,
            // Whoever calls is known, so there is a change around the handler.
            rehearsed: rpc.streaming == Streaming::Unary
                && rpc.access != Access::Public
                && rpc.idempotency != Idempotency::Read,
            family: rpc.family,
            streaming: rpc.streaming,
            uri,
            input,
            output,
            body_index,
            body_optional,
            form: rpc.takes_forms() && binding.body == Body::Whole,
            body: binding.body.clone(),
            response_index,
            location: location.transpose()?,
            status: match (rpc.location.is_some() || rpc.created, rpc.accepted) {
                (_, true) => StatusCode::ACCEPTED,
                (true, false) => StatusCode::CREATED,
                (false, false) => StatusCode::OK,
            },
            variables,
            takes_patches: takes_patches(rpc, binding, dialect),
            mask: mask(rpc, binding, dialect),
            legacy_get: rpc.legacy_get && binding.method == http::Method::GET,
            taken,
        })
    }

    /// The fields that lead to a path variable.
    pub(super) fn fields<'a>(&self, variable: &Variable, tables: &'a Tables) -> Vec<&'a Field> {
        let mut message = self.input;
        let mut fields = Vec::with_capacity(variable.steps.len());
        for &step in &variable.steps {
            let field = &tables.messages[message].fields[step];
            if let Kind::Message(id) = field.kind {
                message = id;
            }
            fields.push(field);
        }
        fields
    }
}

/// The field of the request that says which members a body gives, where bodies may give a part.
fn mask(rpc: &Rpc, binding: &Binding, dialect: &Dialect) -> Option<u32> {
    if binding.method == http::Method::PUT && dialect.put_replaces {
        return None;
    }
    match binding.body {
        Body::Field(_) => rpc.input.fields().find(is_mask).map(|field| field.number()),
        Body::None | Body::Whole => None,
    }
}

/// Whether a body may give a part of what is there, which is all that then changes.
pub(crate) fn takes_parts(rpc: &Rpc, binding: &Binding, dialect: &Dialect) -> bool {
    mask(rpc, binding, dialect).is_some()
}

/// Whether a JSON Patch may come on a route: where a part of a resource may.
pub(crate) fn takes_patches(rpc: &Rpc, binding: &Binding, dialect: &Dialect) -> bool {
    binding.method == http::Method::PATCH
        && dialect.merges_parts
        && !rpc.merges
        && takes_parts(rpc, binding, dialect)
}

/// Where a server stream keeps its place: request and response have a field `cursor`.
fn cursor(rpc: &Rpc, input: MessageId, output: Output, tables: &Tables) -> Option<(usize, usize)> {
    let Output::Message(output) = output else { return None };
    let place = |message: MessageId| {
        tables.messages[message].fields.iter().position(|field| *field.proto_name == *"cursor")
    };
    if rpc.streaming == Streaming::Server { place(input).zip(place(output)) } else { None }
}
