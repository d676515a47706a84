//! Every message of the contract, there and back: wire bytes to JSON and to wire bytes again,
//! the JSON compared with a plain rendering through prost-reflect.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};
use serde_json::Value as Json;
use steward_kernel::time::{self, Timestamp};

use crate::catalog::{Catalog, Dialect, Format};
use crate::rest::read::Reader;
use crate::rest::table::{Compiler, MessageId, Tables, bare_value};
use crate::rest::write::Writer;
use crate::rest::{dialect, document, links};

/// Every message in every dialect, whichever it is for: the tables do not know families apart.
struct Contract {
    catalog: Catalog,
    tables: Tables,
    messages: Vec<Entry>,
}

struct Entry {
    descriptor: MessageDescriptor,
    id: MessageId,
    dialect: Dialect,
}

const DIALECTS: [(&str, Dialect); 3] = [
    ("facilities", Dialect::Facilities),
    ("rentals", Dialect::Rentals),
    ("cleaning", Dialect::Cleaning),
];

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let catalog = Catalog::load().expect("the contract is whole");
    let mut compiler = Compiler::new(&catalog);
    let mut messages = Vec::new();
    for (family, dialect) in DIALECTS {
        for descriptor in catalog.pool().all_messages() {
            let options = descriptor.parent_file().name().ends_with("options.proto");
            if descriptor.full_name().starts_with("steward.") && !options {
                let rules = dialect::of(dialect);
                let id = compiler.message(&descriptor, family, rules).expect("it has JSON");
                messages.push(Entry { descriptor, id, dialect });
            }
        }
    }
    let tables = compiler.tables;
    Contract { catalog, tables, messages }
});

#[test]
fn members_of_a_message_have_names_of_their_own() {
    for Entry { descriptor, dialect, .. } in &CONTRACT.messages {
        let mut known = std::collections::HashSet::new();
        for field in CONTRACT.catalog.json_fields(descriptor) {
            let name = CONTRACT.catalog.member_name(&field, dialect::of(*dialect)).into_owned();
            assert!(
                known.insert(name.clone()),
                "{} in {dialect:?}: {name}",
                descriptor.full_name()
            );
        }
    }
}

/// The message with a name, as facilities write it.
fn entry(name: &str) -> &'static Entry {
    let mut entries = CONTRACT.messages.iter();
    entries
        .find(|entry| entry.descriptor.name() == name && entry.dialect == Dialect::Facilities)
        .unwrap_or_else(|| panic!("no message {name}"))
}

fn to_json(entry: &Entry, wire: &[u8]) -> Result<String, crate::rest::wire::Malformed> {
    let mut writer = Writer::new(&CONTRACT.tables, dialect::of(entry.dialect), Vec::new());
    writer.message(entry.id, wire)?;
    Ok(String::from_utf8(writer.out).expect("JSON is UTF-8"))
}

fn to_document(entry: &Entry, wire: &[u8]) -> Result<String, crate::rest::wire::Malformed> {
    let mut writer = Writer::new(&CONTRACT.tables, dialect::of(entry.dialect), Vec::new());
    document::write(&mut writer, entry.id, wire, &links::Shape::of("/here", ""))?;
    Ok(String::from_utf8(writer.out).expect("JSON is UTF-8"))
}

fn to_wire(entry: &Entry, json: &str) -> Vec<u8> {
    let mut reader = Reader::new(&CONTRACT.tables, dialect::of(entry.dialect), true);
    let mut wire = Vec::new();
    reader.json_message(entry.id, json, &mut wire).expect("the JSON is well formed");
    assert_eq!(reader.refused, []);
    wire
}

/// What a request can say of a message: without what only the server or only the client gives,
/// and without currencies, which are the tenant's.
fn sent(message: &DynamicMessage, is_left_out: fn(&FieldDescriptor) -> bool) -> DynamicMessage {
    let catalog = &CONTRACT.catalog;
    let mut kept = DynamicMessage::new(message.descriptor());
    for (field, value) in message.fields() {
        if catalog.is_output_only(&field) || catalog.is_input_only(&field) || is_left_out(&field) {
            continue;
        }
        let inner = |value: &Value| match value.as_message() {
            Some(inner) => Value::Message(sent(inner, |_| false)),
            None => value.clone(),
        };
        let value = match value.as_list() {
            Some(all) => Value::List(all.iter().map(inner).collect()),
            None => inner(value),
        };
        kept.set_field(&field, value);
    }
    kept
}

// === Messages at random ===

/// Random decisions, taken from the bytes proptest makes and shrinks.
struct Dice<'a>(std::slice::Iter<'a, u64>, Dialect);

impl Dice<'_> {
    fn roll(&mut self) -> u64 {
        self.0.next().copied().unwrap_or(0)
    }

    fn text(&mut self) -> String {
        const WORDS: [&str; 8] =
            ["", "a", "Javastraat 1", "q\"uote\\", "line\nbreak\t", "é😀\u{7f}", "\u{1}", "%_null"];
        let word = WORDS[self.roll() as usize % WORDS.len()];
        word.repeat(if self.roll().is_multiple_of(9) { 40 } else { 1 })
    }
}

fn message(descriptor: &MessageDescriptor, dice: &mut Dice<'_>, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    match descriptor.full_name() {
        "google.protobuf.Timestamp" => {
            // Years 1001 to the end of 9999, whole milliseconds: what the JSON text can say.
            let seconds = -30_578_688_000 + (dice.roll() % 283_980_000_000) as i64;
            message.set_field_by_name("seconds", Value::I64(seconds));
            let nanos = (dice.roll() % 1000) as i32 * 1_000_000;
            // Only facilities write parts of seconds.
            let nanos = if dice.1 == Dialect::Facilities { nanos } else { 0 };
            message.set_field_by_name("nanos", Value::I32(nanos));
            return message;
        }
        "google.type.Money" => {
            let sign = if dice.roll().is_multiple_of(3) { -1 } else { 1 };
            let (units, cents) = ((dice.roll() % 1_000_000_000) as i64, (dice.roll() % 100) as i32);
            message.set_field_by_name("units", Value::I64(i64::from(sign) * units));
            message.set_field_by_name("nanos", Value::I32(sign * cents * 10_000_000));
            return message;
        }
        "google.type.Decimal" => {
            let (whole, cents) = (dice.roll() % 1_000_000, dice.roll() % 10);
            let text = if cents == 0 { whole.to_string() } else { format!("{whole}.{cents}") };
            message.set_field_by_name("value", Value::String(text));
            return message;
        }
        _ => {}
    }
    // What is no member of the JSON form does not come back from it.
    for field in CONTRACT.catalog.json_fields(descriptor) {
        let deep = depth > 4 && field.kind().as_message().is_some();
        if field.is_list() {
            let count = if deep { 0 } else { dice.roll() % 4 };
            let values = (0..count).map(|_| value(&field, dice, depth)).collect();
            message.set_field(&field, Value::List(values));
        } else if !deep && !dice.roll().is_multiple_of(3) {
            message.set_field(&field, value(&field, dice, depth));
        }
    }
    message
}

fn value(field: &FieldDescriptor, dice: &mut Dice<'_>, depth: usize) -> Value {
    let roll = dice.roll();
    match field.kind() {
        Kind::Bool => Value::Bool(roll & 1 == 1),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 => Value::I32(roll as i32),
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 => Value::I64(roll as i64),
        Kind::Uint32 | Kind::Fixed32 => Value::U32(roll as u32),
        Kind::Uint64 | Kind::Fixed64 => Value::U64(roll),
        Kind::Float => Value::F32(roll as i32 as f32 / 16.0),
        Kind::Double => Value::F64(f64::from(roll as i32) / 1024.0),
        Kind::String if holds_json(field) => {
            Value::String(serde_json::json!({"a": [roll, dice.text(), null]}).to_string())
        }
        Kind::String => Value::String(dice.text()),
        Kind::Bytes => Value::Bytes(Bytes::from(dice.text())),
        Kind::Enum(descriptor) => {
            // The unspecified value is null in JSON, as is absence.
            let values: Vec<_> =
                descriptor.values().map(|value| value.number()).filter(|n| *n != 0).collect();
            Value::EnumNumber(values[roll as usize % values.len()])
        }
        Kind::Message(inner) => Value::Message(message(&inner, dice, depth + 1)),
    }
}

// === The plain rendering ===

/// A message as a plain object, without the members that `is_left_out`.
fn plain(
    message: &DynamicMessage,
    dialect: Dialect,
    is_left_out: fn(&FieldDescriptor) -> bool,
) -> Json {
    let mut object = serde_json::Map::new();
    for field in CONTRACT.catalog.json_fields(&message.descriptor()) {
        let rule = CONTRACT.catalog.field_rule(&field);
        let is_absent = !message.has_field(&field);
        let is_omitted = rule.omit_when_absent && is_absent;
        if CONTRACT.catalog.is_input_only(&field) || is_left_out(&field) || is_omitted {
            continue;
        }
        let name = CONTRACT.catalog.member_name(&field, dialect::of(dialect)).into_owned();
        if dialect == Dialect::Cleaning && field.kind().as_enum().is_some() && !field.is_list() {
            let number = message.get_field(&field).as_enum_number().filter(|number| *number != 0);
            object.insert(format!("{name}Id"), Json::from(number));
        }
        object.insert(name, member(message, &field, dialect));
    }
    Json::Object(object)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "every other value is rendered alike")]
fn member(message: &DynamicMessage, field: &FieldDescriptor, dialect: Dialect) -> Json {
    let rule = CONTRACT.catalog.field_rule(field);
    let offset = CONTRACT.catalog.message_rule(&message.descriptor()).offset_times;
    match message.get_field(field).as_ref() {
        Value::List(values) if values.is_empty() && rule.null_when_empty => Json::Null,
        Value::String(text) if text.is_empty() && rule.null_when_empty => Json::Null,
        Value::List(values) => {
            values.iter().map(|value| plain_value(field, value, dialect, offset)).collect()
        }
        _ if field.supports_presence() && !message.has_field(field) => Json::Null,
        Value::Message(inner) if rule.list_wrapper => {
            let only = inner.descriptor().fields().next().expect("one field");
            member(inner, &only, dialect)
        }
        value => plain_value(field, value, dialect, offset),
    }
}

/// Whether a string holds JSON, which is written as it is.
fn holds_json(field: &FieldDescriptor) -> bool {
    CONTRACT.catalog.field_rule(field).format() == Format::Json
}

fn plain_value(field: &FieldDescriptor, value: &Value, dialect: Dialect, offset: bool) -> Json {
    let rule = CONTRACT.catalog.field_rule(field);
    let is_id = field.name() == "id" || rule.resource_id || rule.format() == Format::Id;
    match value {
        Value::Bool(value) => Json::from(*value),
        Value::I32(value) => Json::from(*value),
        Value::I64(value) if is_id && dialect == Dialect::Rentals => Json::from(value.to_string()),
        Value::I64(value) => Json::from(*value),
        Value::U32(value) => Json::from(*value),
        Value::U64(value) => Json::from(*value),
        Value::F32(value) => Json::from(*value),
        Value::F64(value) => Json::from(*value),
        Value::String(value) if holds_json(field) && value.is_empty() => Json::Null,
        Value::String(value) if holds_json(field) => {
            serde_json::from_str(value).expect("made as JSON")
        }
        Value::String(value) => Json::from(value.as_str()),
        Value::EnumNumber(number) => {
            let kind = field.kind();
            let descriptor: &EnumDescriptor = kind.as_enum().expect("an enum");
            if *number == 0 {
                return Json::Null;
            }
            let value = descriptor.get_value(*number).expect("a value of the enum");
            Json::from((dialect::of(dialect).enum_text)(bare_value(
                descriptor.name(),
                value.name(),
            )))
        }
        Value::Message(message) => match message.descriptor().full_name() {
            "google.protobuf.Timestamp" => {
                let seconds = message.get_field_by_name("seconds").and_then(|v| v.as_i64());
                let nanos = message.get_field_by_name("nanos").and_then(|v| v.as_i32());
                let time = Timestamp::new(seconds.expect("seconds"), nanos.expect("nanos"));
                let write = match dialect {
                    Dialect::Facilities => time::format_millis,
                    Dialect::Rentals | Dialect::Cleaning | Dialect::Unspecified => {
                        time::format_seconds
                    }
                };
                let text = write(time.expect("a time"));
                Json::from(if offset { text.replace('Z', "+00:00") } else { text })
            }
            "google.type.Money" => {
                let part = |name: &str| message.get_field_by_name(name).expect("a part");
                let units = part("units").as_i64().expect("units");
                let nanos = i64::from(part("nanos").as_i32().expect("nanos"));
                Json::from((units * 100 + nanos / 10_000_000) as f64 / 100.0)
            }
            "google.type.Decimal" => {
                let text = message.get_field_by_name("value").expect("a value");
                serde_json::from_str(text.as_str().expect("text")).expect("a number")
            }
            _ => plain(message, dialect, |_| false),
        },
        Value::Bytes(bytes) => Json::from(STANDARD.encode(bytes)),
        Value::List(_) | Value::Map(_) => panic!("not in this contract"),
    }
}

/// Numbers are compared by value: `3` and `3.0` are the same JSON number. serde_json reads
/// fractions to within the last bit or two; that the shim keeps all bits, the way back shows.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => {
            let near = |one: f64, other: f64| (one - other).abs() <= one.abs() * 1e-15;
            one == other
                || (!(one.is_i64() && other.is_i64())
                    && one
                        .as_f64()
                        .zip(other.as_f64())
                        .is_some_and(|(one, other)| near(one, other)))
        }
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        _ => one == other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_message_goes_there_and_back(rolls in proptest::collection::vec(any::<u64>(), 0..400)) {
        for entry in &CONTRACT.messages {
            let name = format!("{} in {:?}", entry.descriptor.full_name(), entry.dialect);
            let original = message(&entry.descriptor, &mut Dice(rolls.iter(), entry.dialect), 0);
            let json = to_json(entry, &original.encode_to_vec()).expect("the wire is well formed");
            let parsed: Json = serde_json::from_str(&json).expect("the shim writes JSON");
            prop_assert!(same(&parsed, &plain(&original, entry.dialect, |_| false)), "{name}: {json}");
            let back = DynamicMessage::decode(entry.descriptor.clone(), &*to_wire(entry, &json));
            let back = back.expect("wire").encode_to_vec();
            prop_assert_eq!(back, sent(&original, |_| false).encode_to_vec(), "{}: {}", name, json);
        }
    }

    #[test]
    fn every_document_goes_there_and_back(rolls in proptest::collection::vec(any::<u64>(), 0..400)) {
        for entry in CONTRACT.messages.iter().filter(|entry| entry.dialect == Dialect::Rentals) {
            let json_type = CONTRACT.catalog.message_rule(&entry.descriptor).json_type;
            if json_type.is_empty() {
                continue;
            }
            let original = message(&entry.descriptor, &mut Dice(rolls.iter(), entry.dialect), 0);
            let json = to_document(entry, &original.encode_to_vec()).expect("the wire is well formed");
            let parsed: Json = serde_json::from_str(&json).expect("the shim writes JSON");
            prop_assert_eq!(&parsed["data"]["type"], &Json::from(json_type));
            let attributes = plain(&original, entry.dialect, is_beside_attributes);
            prop_assert!(same(&parsed["data"]["attributes"], &attributes), "{json}");

            let mut reader = Reader::new(&CONTRACT.tables, dialect::of(entry.dialect), true);
            let mut wire = Vec::new();
            let conflict = document::read(&mut reader, entry.id, &json, &mut wire);
            prop_assert!(conflict.expect("well formed").is_none() && reader.refused.is_empty());
            let back = DynamicMessage::decode(entry.descriptor.clone(), &*wire).expect("wire");
            // The id says which resource is meant, and is no attribute.
            let id = parsed["data"]["id"].as_str().and_then(|id| id.parse::<i64>().ok());
            let numbered = id_field(&entry.descriptor).filter(|field| field.kind() != Kind::String);
            prop_assert_eq!(reader.document, numbered.and(id).map(i64::cast_unsigned));
            let expected = sent(&original, is_beside_attributes);
            prop_assert_eq!(back.encode_to_vec(), expected.encode_to_vec(), "{}", json);
        }
    }

    #[test]
    fn broken_wire_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for entry in &CONTRACT.messages {
            for json in [to_json(entry, &bytes), to_document(entry, &bytes)].into_iter().flatten() {
                prop_assert!(serde_json::from_str::<Json>(&json).is_ok(), "{json}");
            }
        }
    }

    #[test]
    fn truncated_messages_never_panic(rolls in proptest::collection::vec(any::<u64>(), 400), cut in any::<prop::sample::Index>()) {
        for entry in &CONTRACT.messages {
            let dice = &mut Dice(rolls.iter(), entry.dialect);
            let wire = message(&entry.descriptor, dice, 0).encode_to_vec();
            if !wire.is_empty() {
                let part = &wire[..cut.index(wire.len())];
                _ = to_json(entry, part);
                _ = to_document(entry, part);
            }
        }
    }
}

/// What a document has beside the attributes of a resource.
fn is_beside_attributes(field: &FieldDescriptor) -> bool {
    let rule = CONTRACT.catalog.field_rule(field);
    field.name() == "id" || rule.resource_id || rule.relationship || rule.meta
}

/// The field that is the id of a resource.
fn id_field(message: &MessageDescriptor) -> Option<FieldDescriptor> {
    let mut fields = message.fields();
    fields.find(|field| field.name() == "id" || CONTRACT.catalog.field_rule(field).resource_id)
}

#[test]
fn members_are_in_the_order_of_the_contract() {
    let json = to_json(entry("UnitProperty"), &[]).expect("an empty message");
    assert_eq!(json, r#"{"propertyType":null,"name":null,"id":0}"#);
}

#[test]
fn large_messages_are_framed() {
    // Longer than one length byte, inside and outside.
    let entry = entry("CreateOwnerRequest");
    let note = "x".repeat(70_000);
    let json =
        format!(r#"{{"owner":{{"additionalNote":"{note}","address":{{"city":"{note}"}}}}}}"#);
    let wire = to_wire(entry, &json);
    let message = DynamicMessage::decode(entry.descriptor.clone(), &*wire).expect("wire");
    let owner = message.get_field_by_name("owner").expect("an owner");
    let owner = owner.as_message().expect("a message");
    assert_eq!(owner.get_field_by_name("additional_note").expect("a note").as_str(), Some(&*note));
}
