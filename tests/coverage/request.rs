//! Requests made by reflection: whatever is required is filled in.

use futures_util::future::LocalBoxFuture;
use prost_reflect::prost::Message;
use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, ReflectMessage,
    Value,
};

use super::contract::{Format, format, is_output_only, is_required, max_length};
pub use super::ids::Ids;
use super::ready;
use crate::support::{unique, unique_for_good};

/// How a request differs from one that is fine.
#[derive(Default, Clone)]
pub struct Change<'a> {
    /// Path of a field that is left out: `owner.email`.
    pub without: Option<String>,
    /// Path of a field that names a record of these.
    pub foreign: Option<(String, &'a Ids<'a>)>,
    /// Path of a field and what it holds instead; what is around it is there too.
    pub with: Option<(String, Value)>,
}

impl Change<'_> {
    /// Whether the field at `path` is there for what it leads to.
    fn leads_through(&self, path: &str) -> bool {
        let foreign = self.foreign.as_ref().map(|(to, _)| to);
        let with = self.with.as_ref().map(|(to, _)| to);
        let below = format!("{path}.");
        [foreign, with].into_iter().flatten().any(|to| to == path || to.starts_with(&below))
    }
}

/// An encoded request for `rpc` that refers to `own` records.
pub async fn request(rpc: &MethodDescriptor, own: &Ids<'_>, change: &Change<'_>) -> Vec<u8> {
    request_message(rpc, own, change).await.encode_to_vec()
}

/// A request for `rpc` that refers to `own` records.
pub async fn request_message(
    rpc: &MethodDescriptor,
    own: &Ids<'_>,
    change: &Change<'_>,
) -> DynamicMessage {
    message(rpc, &rpc.input(), String::new(), own, change).await
}

fn message<'a>(
    rpc: &'a MethodDescriptor,
    descriptor: &'a MessageDescriptor,
    at: String,
    own: &'a Ids<'_>,
    change: &'a Change<'_>,
) -> LocalBoxFuture<'a, DynamicMessage> {
    Box::pin(async move {
        let mut message = DynamicMessage::new(descriptor.clone());
        // Where several records may be meant, exactly one is: the changed one, if one of them is.
        let parents = ready::parents(descriptor);
        let changed = parents.iter().find(|name| change.leads_through(&join(&at, name)));
        let parent = changed.or(parents.first()).copied();
        for field in descriptor.fields().filter(|field| !is_output_only(field)) {
            let path = join(&at, field.name());
            let leads = change.leads_through(&path);
            let wanted = match parents.contains(&field.name()) {
                true => parent == Some(field.name()),
                false => is_required(&field) || ready::is_needed(rpc, &field) || leads,
            };
            if !wanted || change.without.as_deref() == Some(&*path) {
                continue;
            }
            let value = match &change.with {
                Some((to, value)) if *to == path => value.clone(),
                _ => value(rpc, &field, path, own, change).await,
            };
            let whole = !field.is_list() || matches!(value, Value::List(_));
            message.set_field(&field, if whole { value } else { Value::List(vec![value]) });
        }
        message
    })
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
async fn value(
    rpc: &MethodDescriptor,
    field: &FieldDescriptor,
    path: String,
    own: &Ids<'_>,
    change: &Change<'_>,
) -> Value {
    match field.kind() {
        Kind::Int64 => {
            let foreign = change.foreign.as_ref().filter(|(foreign, _)| *foreign == path);
            let ids = foreign.map_or(own, |(_, ids)| ids);
            Value::I64(ids.of_field(rpc, field).await.unwrap_or(3))
        }
        Kind::String => Value::String(match ready::text(own, field).await {
            Some(text) => text,
            None => text(field),
        }),
        Kind::Bool => Value::Bool(true),
        Kind::Int32 => Value::I32(3),
        Kind::Uint32 => Value::U32(3),
        Kind::Double => Value::F64(3.0),
        Kind::Enum(of) => Value::EnumNumber(of.values().nth(1).expect("a value").number()),
        Kind::Message(inner) => Value::Message(match inner.full_name() {
            "google.protobuf.Timestamp" => with(inner, "seconds", Value::I64(1_600_000_000)),
            "google.protobuf.FieldMask" => DynamicMessage::new(inner),
            "google.type.Decimal" => with(inner, "value", Value::String("3".to_owned())),
            "google.type.Money" => {
                let mut money = with(inner, "units", Value::I64(3));
                money.set_field_by_name(
                    "currency_code",
                    Value::String(ready::currency(rpc).to_owned()),
                );
                money
            }
            _ => message(rpc, &inner, path, own, change).await,
        }),
        kind => panic!("{}: no value for {kind:?}", field.full_name()),
    }
}

fn with(of: MessageDescriptor, name: &str, value: Value) -> DynamicMessage {
    let mut message = DynamicMessage::new(of);
    message.set_field_by_name(name, value);
    message
}

/// A text that a field of its name and format takes, another one each time where it may be.
fn text(field: &FieldDescriptor) -> String {
    let fixed = match (format(field), field.name()) {
        (Format::Email, _) => return format!("{}@example.com", unique("person")),
        // A name that is never resolved (RFC 6761).
        (Format::Uri, _) => return unique("https://webhooks.invalid/"),
        (Format::Secret, _) => return unique("Correct-horse-battery-"),
        (Format::Json, _) => "{}",
        (Format::Date, _) => "2030-03-29",
        (Format::LocalTime, _) => "2030-03-29T12:00:00",
        (Format::Clock, _) => "12:00",
        (Format::Phone, _) => "+351912345678",
        (_, "country") => "PT",
        (_, "currency") => "EUR",
        (_, "time_zone") => "Europe/Lisbon",
        (Format::Plain | Format::Id, _) => {
            return new_text(max_length(field).unwrap_or(usize::MAX));
        }
    };
    fixed.to_owned()
}

/// A text that nothing else has, of at most `most` characters.
fn new_text(most: usize) -> String {
    // Names of companies may be taken by an earlier run, on a server that outlives it.
    let long = unique_for_good("Text ");
    if long.len() <= most {
        return long;
    }
    let short = unique("Text ");
    short[short.len().saturating_sub(most)..].to_owned()
}

/// A field below a request message.
pub struct Place {
    /// `owner.email`
    pub path: String,
    pub field: FieldDescriptor,
    /// It and everything around it is required.
    pub required: bool,
}

/// Every field that a request may give, those of nested messages too.
pub fn places(rpc: &MethodDescriptor) -> Vec<Place> {
    let mut found = Vec::new();
    collect(&rpc.input(), "", true, &mut Vec::new(), &mut found);
    found
}

fn collect(
    descriptor: &MessageDescriptor,
    at: &str,
    required: bool,
    within: &mut Vec<MessageDescriptor>,
    found: &mut Vec<Place>,
) {
    within.push(descriptor.clone());
    for field in descriptor.fields().filter(|field| !is_output_only(field)) {
        let path = join(at, field.name());
        let required = required && is_required(&field);
        if let Kind::Message(inner) = field.kind()
            && inner.full_name().starts_with("steward.")
            && !within.contains(&inner)
        {
            collect(&inner, &path, required, within, found);
        }
        found.push(Place { path, field, required });
    }
    within.pop();
}

fn join(at: &str, name: &str) -> String {
    if at.is_empty() { name.to_owned() } else { format!("{at}.{name}") }
}

/// Reads an answer.
pub fn decode(rpc: &MethodDescriptor, bytes: &[u8]) -> DynamicMessage {
    let message = DynamicMessage::decode(rpc.output(), bytes).expect("an answer");
    assert_eq!(message.descriptor(), rpc.output());
    message
}
