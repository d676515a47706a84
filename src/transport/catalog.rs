//! Every RPC of the contract with its rules, read once at start-up from the descriptors.
//!
//! The stack looks RPCs up here to know who may call; the REST shim, OpenAPI and
//! `steward routes` are made from the same entries, so none of them can disagree.

mod comments;
mod fields;
mod load;
mod location;
mod template;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use prost_reflect::{DescriptorPool, FieldDescriptor, MessageDescriptor};
use steward_contracts::google::api::FieldBehavior;
pub use steward_contracts::steward::platform::v1::{
    AlsoChanged, Dialect, FieldRule, Format, Idempotency, MessageRule,
};
use steward_kernel::Role;

use self::comments::Comments;
pub(crate) use self::fields::member_name;
pub use self::template::{Segment, Template};
pub(crate) use self::template::{json_name, proto_name};
use crate::rest::dialect;
use crate::rest::table::in_declared_order;

/// A contract that cannot be served. The text names the RPC and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{subject}: {problem}")]
pub struct CatalogError {
    /// Full name of the service, RPC, message or field.
    pub subject: String,
    /// What is wrong with it.
    pub problem: String,
}

impl CatalogError {
    pub(crate) fn new(subject: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { subject: subject.into(), problem: problem.into() }
    }
}

/// Who may call an RPC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, without a token.
    Public,
    /// Callers whose token grants this permission: `<family>.<resource>.<read|write>`, or
    /// `platform.<resource>.<read|write>` for what all families have.
    Permission(&'static str),
}

/// Which sides of an RPC stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Streaming {
    /// One request, one response.
    Unary,
    /// One request, many responses.
    Server,
    /// Many requests; not offered as JSON.
    Client,
    /// Many of both; not offered as JSON.
    Both,
}

/// What the body of a JSON request holds.
#[derive(Clone, PartialEq)]
pub enum Body {
    /// Nothing; a body that is sent is ignored.
    None,
    /// The members of the request message itself (`body: "*"`).
    Whole,
    /// One field of the request message.
    Field(FieldDescriptor),
}

/// One JSON route of an RPC.
#[derive(Clone)]
pub struct Binding {
    /// HTTP method.
    pub method: http::Method,
    /// Path with its variables.
    pub template: Template,
    /// What the request body holds.
    pub body: Body,
    /// The field that alone makes the response body, when not the whole message.
    pub response_body: Option<FieldDescriptor>,
}

/// A piece of a `Location` header.
#[derive(Clone)]
pub enum LocationPart {
    /// Text as it stands.
    Literal(String),
    /// A field of the response message, or of a message in it: the fields on the way there.
    Response(Vec<FieldDescriptor>),
    /// The path variable of the request with this proto name.
    Variable(String),
}

/// An RPC and everything the server knows about it before the first call.
#[derive(Clone)]
pub struct Rpc {
    /// gRPC path: `/steward.facilities.v1.OwnerService/GetOwner`.
    pub path: &'static str,
    /// Full name of the service: `steward.facilities.v1.OwnerService`.
    pub service: &'static str,
    /// Name of the method: `GetOwner`.
    pub method: &'static str,
    /// Short name of the family: `facilities`.
    pub family: &'static str,
    /// How its JSON looks.
    pub dialect: Dialect,
    /// Who may call.
    pub access: Access,
    /// Roles of users that may call; API clients have none and need none.
    pub roles: &'static [Role],
    /// Whether it makes an account for somebody whom another issuer signed in and who has none.
    pub opens_account: bool,
    /// Whether it is open to businesses that have not yet said what it takes to start.
    pub before_onboarding: bool,
    /// What a repeated call does.
    pub idempotency: Idempotency,
    /// Whether its log line is marked for auditors, and a call that only reads leaves an event too.
    pub audit: bool,
    /// By which of the limits its calls are counted: `cleaning.auth`; empty for the usual one.
    pub limit: String,
    /// Number of the field of the request by which calls from one address are counted apart.
    pub limit_by: Option<u32>,
    /// Last part of the event type, empty for the default of its method.
    pub event: &'static str,
    /// `package.Service/Method` of the RPC that reads the resource that is changed; empty when
    /// it is the service's own.
    pub resource: &'static str,
    /// What else is changed.
    pub also_changes: Vec<AlsoChanged>,
    /// Number of the field of the request that holds a link, for RPCs that are open to whoever
    /// has one.
    pub link: Option<u32>,
    /// What a personal link is for; empty when the link is one of the service's own.
    pub purpose: &'static str,
    /// Whether its handler takes updates of a part itself, under a lock of its own.
    pub merges: bool,
    /// Whether it changes something by a GET, which old clients know.
    pub legacy_get: bool,
    /// Whether a public call may be made in the name of whoever has a token.
    pub optional_token: bool,
    /// Number of the field of the request that names the tenant of a call without a token.
    pub tenant_field: Option<u32>,
    /// Whether the status is 201 without a `Location`.
    pub created: bool,
    /// The `Location` a created resource is answered with, which also makes the status 201.
    pub location: Option<Vec<LocationPart>>,
    /// Whether the status is 202, because the work goes on in the background.
    pub accepted: bool,
    /// Which sides stream.
    pub streaming: Streaming,
    /// JSON routes; the first is the documented one.
    pub bindings: Vec<Binding>,
    /// Request message.
    pub input: MessageDescriptor,
    /// Response message.
    pub output: MessageDescriptor,
    /// Comment of the RPC in the contract, without trailing space.
    pub comment: String,
}

impl Rpc {
    /// Service and method without the package: `OwnerService/GetOwner`.
    #[must_use]
    pub fn short_name(&self) -> String {
        let service = self.service.rsplit('.').next().unwrap_or(self.service);
        format!("{service}/{}", self.method)
    }

    /// Whether a JSON request may also be a form: those that anybody makes, which are those of
    /// the token endpoint (RFC 6749).
    #[must_use]
    pub fn takes_forms(&self) -> bool {
        self.access == Access::Public && self.link.is_none()
    }
}

/// A product family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family {
    /// Short name: `facilities`.
    pub name: &'static str,
    /// How its JSON looks.
    pub dialect: Dialect,
}

/// All RPCs of the contract.
pub struct Catalog {
    pool: DescriptorPool,
    options: Options,
    comments: Comments,
    rpcs: Vec<Rpc>,
    /// RPCs as they look in families other than their service's.
    others: Vec<Rpc>,
    by_path: HashMap<&'static str, usize>,
    families: Vec<Family>,
}

/// The extensions that carry options of messages and fields.
struct Options {
    message: prost_reflect::ExtensionDescriptor,
    field: prost_reflect::ExtensionDescriptor,
    behavior: prost_reflect::ExtensionDescriptor,
}

impl Catalog {
    /// Reads the contract that is compiled in.
    ///
    /// # Errors
    /// Names the first RPC that lacks its rule, or whose rule or route contradicts the contract.
    pub fn load() -> Result<Self, CatalogError> {
        Self::from_descriptors(steward_contracts::DESCRIPTORS)
    }

    /// Reads an encoded `FileDescriptorSet` with its options.
    ///
    /// # Errors
    /// As [`Catalog::load`].
    pub fn from_descriptors(encoded: &[u8]) -> Result<Self, CatalogError> {
        load::load(encoded)
    }

    /// The RPC with a gRPC path such as `/steward.facilities.v1.OwnerService/GetOwner`.
    #[must_use]
    pub fn rpc(&self, path: &str) -> Option<&Rpc> {
        self.by_path.get(path).map(|&index| &self.rpcs[index])
    }

    /// All RPCs, in the order of the contract.
    pub fn rpcs(&self) -> impl ExactSizeIterator<Item = &Rpc> {
        self.rpcs.iter()
    }

    /// All RPCs as JSON clients see them: an RPC that has routes in several families is there for
    /// each of them, with the routes, the `Location` and the dialect of that family.
    pub fn faces(&self) -> impl Iterator<Item = &Rpc> {
        self.rpcs.iter().chain(&self.others)
    }

    /// All families, in the order of their dialects.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// How the JSON of a family looks.
    pub(crate) fn dialect_of(&self, family: &str) -> Option<&'static dialect::Dialect> {
        let family = self.families.iter().find(|known| known.name == family)?;
        Some(dialect::of(family.dialect))
    }

    /// Full names of all services, in the order of the contract.
    #[must_use]
    pub fn services(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.rpcs.iter().map(|rpc| rpc.service).collect();
        names.dedup();
        names
    }

    /// The descriptors themselves.
    #[must_use]
    pub fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// Limits and JSON particulars of a field; all unset when it has none.
    #[must_use]
    pub fn field_rule(&self, field: &FieldDescriptor) -> FieldRule {
        fields::field_rule(field, &self.options.field)
    }

    /// JSON particulars of a message; all unset when it has none.
    #[must_use]
    pub fn message_rule(&self, message: &MessageDescriptor) -> MessageRule {
        fields::message_rule(message, &self.options.message)
    }

    /// The fields of a message that are members of its JSON form, in the order of the contract.
    /// A mask of what is updated is none: JSON says it by what it gives.
    #[must_use]
    pub fn json_fields(&self, message: &MessageDescriptor) -> Vec<FieldDescriptor> {
        let mut fields = in_declared_order(message);
        fields.retain(|field| !self.field_rule(field).json_omit && !is_mask(field));
        fields
    }

    /// The fields of a message as files that are kept have them.
    pub(crate) fn exported_fields(&self, message: &MessageDescriptor) -> Vec<FieldDescriptor> {
        let mut fields = in_declared_order(message);
        fields.retain(|field| {
            let rule = self.field_rule(field);
            (rule.exported || !rule.json_omit) && !is_mask(field)
        });
        fields
    }

    /// The fields of a message of which it holds one resource, for which it stands, as `Product` for
    /// an item: those of a choice, or the only one beside the etag.
    pub(crate) fn held_fields(&self, message: &MessageDescriptor) -> Vec<FieldDescriptor> {
        let is_resource = |field: &FieldDescriptor| {
            matches!(field.kind(), prost_reflect::Kind::Message(inner)
                if !self.message_rule(&inner).json_type.is_empty())
        };
        let choices = message.oneofs().filter(|choice| !choice.is_synthetic());
        let choices = choices.flat_map(|choice| choice.fields().collect::<Vec<_>>());
        let mut fields = message.fields().filter(|field| field.name() != "etag");
        let only = match (fields.next(), fields.next()) {
            (Some(only), None) if !only.is_list() => Some(only),
            _ => None,
        };
        choices.chain(only).filter(is_resource).collect()
    }

    /// The name of a field as a member of its message. JSON:API keeps `type` for the kind of a
    /// resource, so an attribute of that name is called after its resource: `event_type`. Others
    /// say what a dialect calls them.
    pub(crate) fn member_name<'a>(
        &self,
        field: &'a FieldDescriptor,
        dialect: &dialect::Dialect,
    ) -> Cow<'a, str> {
        if dialect.documents && field.name() == "type" {
            let resource = self.message_rule(field.parent_message()).json_type;
            if !resource.is_empty() {
                return Cow::Owned(format!("{resource}_type"));
            }
        }
        member_name(field, dialect)
    }

    /// Whether the contract calls a field required (`google.api.field_behavior`).
    #[must_use]
    pub fn is_required(&self, field: &FieldDescriptor) -> bool {
        fields::behaves(field, &self.options.behavior, FieldBehavior::Required)
    }

    /// Whether the server alone gives a field; what requests say of it is passed over.
    #[must_use]
    pub fn is_output_only(&self, field: &FieldDescriptor) -> bool {
        fields::behaves(field, &self.options.behavior, FieldBehavior::OutputOnly)
    }

    /// Whether requests alone give a field; answers do not have it.
    #[must_use]
    pub fn is_input_only(&self, field: &FieldDescriptor) -> bool {
        fields::behaves(field, &self.options.behavior, FieldBehavior::InputOnly)
    }

    /// The comment of a message in the contract.
    #[must_use]
    pub fn message_comment(&self, message: &MessageDescriptor) -> &str {
        self.comments.of(&message.parent_file(), message.path())
    }

    /// The comment of a field in the contract.
    #[must_use]
    pub fn field_comment(&self, field: &FieldDescriptor) -> &str {
        self.comments.of(&field.parent_file(), field.path())
    }

    /// The comment of the service with this full name.
    #[must_use]
    pub fn service_comment(&self, service: &str) -> &str {
        self.pool
            .get_service_by_name(service)
            .map_or("", |service| self.comments.of(&service.parent_file(), service.path()))
    }
}

/// Whether a field is a `google.protobuf.FieldMask`.
pub(crate) fn is_mask(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), prost_reflect::Kind::Message(inner)
        if inner.full_name() == "google.protobuf.FieldMask")
}

/// Descriptors are shown by name alone: printed in full, messages that contain each other
/// would never end.
impl fmt::Debug for Rpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rpc").field(&self.path).finish()
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Catalog").field(&self.rpcs).finish()
    }
}

#[cfg(test)]
mod tests;
