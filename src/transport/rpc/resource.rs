//! What the stack knows of the resource behind an RPC: how to read it, and its etag.

use std::borrow::Cow;

use bytes::Bytes;
use prost_reflect::{FieldDescriptor, MessageDescriptor};

use super::ephemeral::EphemeralFields;
use super::etag::EtagOf;
use super::merge::Merge;
use super::told::{AlsoRule, Told};
use crate::catalog::{Access, Catalog, CatalogError, Idempotency, Rpc};
use crate::rest::render::is_getter;
use crate::rest::wire::{Cursor, Raw, VARINT, bytes, integer, put_tag, put_varint};

/// What kind of change an RPC makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verb {
    Create,
    Update,
    Delete,
    /// Nothing is changed, but that somebody has read it is told.
    Read,
}

/// How an RPC changes a resource.
pub(super) struct ChangeRule {
    pub(super) verb: Verb,
    /// What its requests are.
    pub(super) input: MessageDescriptor,
    /// Reads the resource; absent when the service has no `Get` the request could be turned
    /// into.
    pub(super) getter: Option<Getter>,
    /// Whether the response is the resource itself.
    pub(super) answers_resource: bool,
    /// Whether an answer is what the call has made, be it the resource or a part of it.
    pub(super) answers_made: bool,
    /// How an update of a part becomes one of the whole.
    pub(super) merge: Option<Merge>,
    /// Number of the request's `etag` field.
    pub(super) etag_field: Option<u32>,
    /// Number of the field of the resource that is the id of its document, where the request holds
    /// such a document.
    document_id: Option<u32>,
    /// Further resources that may be changed.
    pub(super) also: Vec<AlsoRule>,
    /// How its events call the resource.
    told: Told,
    /// How they call it when the resource stands for one of others.
    told_of_held: Vec<(u32, Told)>,
}

/// The one of other resources that a message stands for, as `Product` for an item: its etag and
/// its events are those of what it holds.
#[derive(Debug, Default)]
pub(super) struct Held(Vec<FieldDescriptor>);

impl Held {
    /// The resources that a message holds one of.
    pub(super) fn of(catalog: &Catalog, message: &MessageDescriptor) -> Self {
        Self(catalog.held_fields(message))
    }

    /// What a message holds, with the number of its field.
    fn held<'a>(&self, message: &'a [u8]) -> Option<(u32, &'a [u8])> {
        let mut found = None;
        let mut cursor = Cursor::new(message);
        while !self.0.is_empty() && !cursor.is_at_end() {
            let Ok((number, value)) = cursor.field() else { break };
            if let Raw::Bytes(inner) = value
                && self.0.iter().any(|field| field.number() == number)
            {
                found = Some((number, inner));
            }
        }
        found
    }

    /// What a message stands for: what it holds, else itself.
    pub(super) fn subject<'a>(&self, message: &'a [u8]) -> &'a [u8] {
        self.held(message).map_or(message, |(_, held)| held)
    }
}

/// The RPC that reads a resource, and where its request comes from.
pub(super) struct Getter {
    pub(super) path: &'static str,
    pub(super) output: MessageDescriptor,
    /// What it reads, in the words of the contract: `Owner`.
    pub(super) resource: &'static str,
    fields: Vec<(Source, u32)>,
    ephemeral: EphemeralFields,
    held: Held,
    etag: EtagOf,
    /// Number of the resource's `id`, which tells what is read when the request names nothing.
    own_id: Option<u32>,
}

/// Where a field of the reading request comes from.
#[derive(Debug, Clone, Copy)]
enum Source {
    /// The field of this number of the changing request.
    Request(u32),
    /// The field of the second number of the resource that an update holds in the first.
    Within(u32, u32),
    /// The field of the first number of the changing request; where that says nothing, the one of
    /// the third number of the resource that it holds in the second.
    Either(u32, u32, u32),
    /// The field of this number of its response: the id of what was created.
    Response(u32),
    /// The link of the call.
    Link,
}

impl ChangeRule {
    /// The rule of an RPC; nothing for one that changes nothing and of which no auditor needs to
    /// know, or that is open to everybody and so changes nothing of a tenant's.
    ///
    /// # Errors
    /// When the request does not say which one of the further resources it changes.
    pub(super) fn of(catalog: &Catalog, rpc: &Rpc) -> Result<Option<Self>, CatalogError> {
        let names_tenant = rpc.link.is_some() || rpc.optional_token || rpc.tenant_field.is_some();
        let tenantless = rpc.access == Access::Public && !names_tenant;
        let reads = rpc.idempotency == Idempotency::Read;
        if (reads && !rpc.audit) || tenantless {
            return Ok(None);
        }
        let getter = getter(catalog, rpc);
        let own = getter.as_ref().map(Getter::lasting_type);
        // What only reads is told, and changes nothing.
        let also = rpc.also_changes.iter().filter(|_| !reads);
        let also = also.map(|changed| AlsoRule::of(catalog, rpc, own.as_ref(), changed));
        let also = also.collect::<Result<_, _>>()?;
        let verb = match rpc.method {
            _ if reads => Verb::Read,
            method if begins(method, &["Create", "Add"]) => Verb::Create,
            // What has an event of its own takes something from the resource, which stays.
            method if begins(method, &["Delete", "Remove"]) && rpc.event.is_empty() => Verb::Delete,
            _ => Verb::Update,
        };
        let default = match verb {
            Verb::Create => "created",
            Verb::Update => "updated",
            Verb::Delete => "deleted",
            Verb::Read => "read",
        };
        let resource = getter.as_ref().map_or(rpc.method, |getter| getter.resource);
        let event = if rpc.event.is_empty() { default } else { rpc.event };
        let message = own.unwrap_or_else(|| rpc.output.clone());
        let document_id =
            getter.as_ref().and_then(|getter| document_id(catalog, rpc, &getter.output));
        let held = getter.iter().flat_map(|getter| &getter.held.0).filter_map(|field| {
            let prost_reflect::Kind::Message(inner) = field.kind() else { return None };
            let told = Told::new(catalog, rpc.family, inner.name(), event, inner.clone());
            Some((field.number(), told))
        });
        let told_of_held = held.collect();
        Ok(Some(Self {
            verb,
            input: rpc.input.clone(),
            merge: getter.as_ref().and_then(|getter| Merge::of(catalog, rpc, &getter.output)),
            answers_made: rpc.location.is_some(),
            answers_resource: getter.as_ref().is_some_and(|getter| getter.output == rpc.output),
            getter,
            etag_field: rpc.input.get_field_by_name("etag").map(|field| field.number()),
            document_id,
            also,
            told: Told::new(catalog, rpc.family, resource, event, message),
            told_of_held,
        }))
    }

    /// How events call what it changes.
    pub(super) fn event_types(&self) -> impl Iterator<Item = &'static str> {
        let held = self.told_of_held.iter().map(|(_, told)| told);
        std::iter::once(&self.told).chain(held).flat_map(Told::event_types)
    }

    /// Whether a document with the id `given` is another one than that of the resource.
    pub(super) fn is_of_another(&self, given: u64, present: &[u8]) -> bool {
        self.document_id.is_some_and(|number| integer(present, number) != given)
    }

    /// How events call the resource that an answer is or stands for, and its id where it is
    /// another one than that of the answer.
    pub(super) fn told(&self, answer: &[u8]) -> (&Told, Option<u64>) {
        let held = self.getter.as_ref().and_then(|getter| getter.held.held(answer));
        let told = held.and_then(|(number, inner)| {
            let (_, told) = self.told_of_held.iter().find(|(one, _)| *one == number)?;
            // The number by which paths name it, where it has one.
            let id =
                ["internal_id", "id"].iter().find_map(|name| told.message.get_field_by_name(name));
            Some((told, id.map(|id| integer(inner, id.number()))))
        });
        told.unwrap_or((&self.told, None))
    }
}

/// The field of a resource that holds the id of its document, where a request holds one of its
/// type.
fn document_id(catalog: &Catalog, rpc: &Rpc, resource: &MessageDescriptor) -> Option<u32> {
    let json_type = catalog.message_rule(resource).json_type;
    let is_same = |field: FieldDescriptor| {
        matches!(field.kind(), prost_reflect::Kind::Message(inner)
            if catalog.message_rule(&inner).json_type == json_type)
    };
    if json_type.is_empty() || !rpc.input.fields().any(is_same) {
        return None;
    }
    let named = resource.fields().find(|field| catalog.field_rule(field).resource_id);
    named.or_else(|| resource.get_field_by_name("id")).map(|field| field.number())
}

fn begins(method: &str, words: &[&str]) -> bool {
    words.iter().any(|word| method.starts_with(word))
}

/// The one `Get` of the RPC's service, or the one its service names, whose request can be made
/// from the RPC's.
fn getter(catalog: &Catalog, rpc: &Rpc) -> Option<Getter> {
    let reads = |other: &&Rpc| match rpc.resource {
        "" => other.service == rpc.service,
        named => other.path.strip_prefix('/') == Some(named),
    };
    let get = catalog.rpcs().find(|other| reads(other) && is_getter(other))?;
    let merge = Merge::of(catalog, rpc, &get.output);
    let fields = get
        .input
        .fields()
        // What may be left out says how the resource is shown, not which one it is.
        .filter(|field| !field.supports_presence() && !field.is_list())
        .map(|field| {
            let within = get.output.get_field_by_name(field.name());
            // What the resource calls its id, others call by its name: `cleaner_id`.
            let by_name = (field.name() == "id").then(|| snake_case(&get.method[3..]) + "_id");
            let in_request = |name: &String| rpc.input.get_field_by_name(name);
            let same = rpc.input.get_field_by_name(field.name());
            let source = match same.or_else(|| by_name.as_ref().and_then(in_request)) {
                Some(same) => match (&merge, within) {
                    (Some(merge), Some(within)) => {
                        Source::Either(same.number(), merge.resource(), within.number())
                    }
                    _ => Source::Request(same.number()),
                },
                None if let Some(merge) = &merge => {
                    Source::Within(merge.resource(), within?.number())
                }
                // What the call answers itself, it may have made: its id is in the answer.
                None if rpc.link.is_some() && rpc.output != get.output => Source::Link,
                None => Source::Response(
                    by_name
                        .as_ref()
                        .and_then(|name| rpc.output.get_field_by_name(name))
                        .map(|field| field.number())
                        .or_else(|| named(&rpc.output, field.name()))?,
                ),
            };
            Some((source, field.number()))
        })
        .collect::<Option<Vec<_>>>()?;
    Getter::by(catalog, get, fields)
}

/// The one field of a `Get` that says which resource it reads; nothing when that takes more.
pub(super) fn get_field_of_id(get: &Rpc) -> Option<FieldDescriptor> {
    let mut fields = get.input.fields().filter(|field| !field.supports_presence());
    let (id, more) = (fields.next()?, fields.next());
    let is_one = is_getter(get) && more.is_none() && id.kind() == prost_reflect::Kind::Int64;
    is_one.then_some(id)
}

/// A `Get` that takes an id and nothing else.
pub(super) fn getter_of_id(catalog: &Catalog, get: &Rpc) -> Option<Getter> {
    let id = get_field_of_id(get)?.number();
    Getter::by(catalog, get, vec![(Source::Request(id), id)])
}

/// The field of a response that the reading request calls `name`: `booking_internal_id` is the
/// `internal_id` of a booking. Else it is the id.
fn named(output: &MessageDescriptor, name: &str) -> Option<u32> {
    let ending = output.fields().find(|field| {
        field.name() != "id"
            && (name == field.name()
                || name.strip_suffix(field.name()).is_some_and(|rest| rest.ends_with('_')))
    });
    ending.or_else(|| output.get_field_by_name("id")).map(|field| field.number())
}

impl Getter {
    fn by(catalog: &Catalog, get: &Rpc, fields: Vec<(Source, u32)>) -> Option<Self> {
        Some(Self {
            path: get.path,
            output: get.output.clone(),
            resource: get.method.trim_start_matches("Get"),
            fields,
            ephemeral: EphemeralFields::of(catalog, &get.output),
            held: Held::of(catalog, &get.output),
            etag: EtagOf::of(&get.output)?,
            own_id: get.output.get_field_by_name("id").map(|field| field.number()),
        })
    }

    /// The type of what lasts of the resource.
    fn lasting_type(&self) -> MessageDescriptor {
        let held = self.held.0.first().map(FieldDescriptor::kind);
        match held {
            Some(prost_reflect::Kind::Message(held)) if self.held.0.len() == 1 => held,
            _ => self.output.clone(),
        }
    }

    /// The reading request for what has an id, where an id is all it takes.
    pub(super) fn request_for(&self, id: u64) -> Vec<u8> {
        let mut message = Vec::with_capacity(12);
        for (_, target) in &self.fields {
            put_tag(&mut message, *target, VARINT);
            put_varint(&mut message, id);
        }
        message
    }

    /// What of the resource lasts, as it is compared and told in events.
    pub(super) fn lasting(&self, resource: &Bytes) -> Bytes {
        let lasting: Bytes = match self.ephemeral.without(resource) {
            Cow::Borrowed(_) => resource.clone(),
            Cow::Owned(lasting) => lasting.into(),
        };
        lasting.slice_ref(self.held.subject(&lasting))
    }

    /// The id of the resource that a request names as `named`; its own where the request names
    /// none, because the caller is meant.
    pub(super) fn id_of(&self, resource: Option<&Bytes>, named: u64) -> u64 {
        match (self.own_id, resource) {
            (Some(number), Some(resource)) if named == 0 => integer(resource, number),
            _ => named,
        }
    }

    /// The etag of what lasts of the resource.
    pub(super) fn etag(&self, lasting: &[u8]) -> String {
        self.etag.etag(lasting)
    }

    /// Path of the field by which a resource in a request says which it is; none where that is
    /// said otherwise.
    pub(super) fn named_in(&self, merge: &Merge) -> Option<String> {
        self.fields.iter().find_map(|(source, _)| match *source {
            Source::Within(_, inner) | Source::Either(_, _, inner) => {
                let field = self.output.get_field(inner)?;
                Some(format!("{}.{}", merge.name(), field.name()))
            }
            Source::Request(_) | Source::Response(_) | Source::Link => None,
        })
    }

    /// Whether the request alone says which resource it is about.
    pub(super) fn needs_response(&self) -> bool {
        self.fields.iter().any(|(source, _)| matches!(source, Source::Response(_)))
    }

    /// The reading request for the resource that `request`, `response` and the id in the link,
    /// where there are any, are about, and the id of the resource.
    pub(super) fn request(
        &self,
        request: &[u8],
        response: &[u8],
        linked: Option<i64>,
    ) -> (Vec<u8>, u64) {
        let mut message = Vec::with_capacity(24);
        let mut id = 0;
        let within =
            |outer, inner| bytes(request, outer).map_or(0, |resource| integer(resource, inner));
        for (source, target) in &self.fields {
            id = match *source {
                Source::Request(number) => integer(request, number),
                Source::Within(outer, inner) => within(outer, inner),
                Source::Either(number, outer, inner) => match integer(request, number) {
                    0 => within(outer, inner),
                    id => id,
                },
                Source::Response(number) => integer(response, number),
                Source::Link => linked.unwrap_or_default().cast_unsigned(),
            };
            put_tag(&mut message, *target, VARINT);
            put_varint(&mut message, id);
        }
        (message, id)
    }
}

pub(super) fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
