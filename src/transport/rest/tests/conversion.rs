//! Every message of the contract, there and back: wire bytes to JSON and to wire bytes again,
//! the JSON compared with a plain rendering through prost-reflect.

use std::sync::LazyLock;

use bytes::Bytes;
use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};
use serde_json::Value as Json;
use steward_kernel::time::{self, Timestamp};

use crate::catalog::{Catalog, Dialect, Format};
use crate::rest::dialect;
use crate::rest::read::Reader;
use crate::rest::table::{Compiler, MessageId, Tables, bare_value};
use crate::rest::write::Writer;

struct Contract {
    catalog: Catalog,
    tables: Tables,
    messages: Vec<(MessageDescriptor, MessageId)>,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let catalog = Catalog::load().expect("the contract is whole");
    let dialect = dialect::of(Dialect::Facilities);
    let mut compiler = Compiler::new(&catalog);
    let mut messages = Vec::new();
    for message in catalog.pool().all_messages() {
        let options = message.parent_file().name().ends_with("options.proto");
        if message.full_name().starts_with("steward.") && !options {
            let id = compiler.message(&message, "facilities", dialect).expect("it has JSON");
            messages.push((message, id));
        }
    }
    let tables = compiler.tables;
    Contract { catalog, tables, messages }
});

fn to_json(id: MessageId, wire: &[u8]) -> Result<String, crate::rest::wire::Malformed> {
    let dialect = dialect::of(Dialect::Facilities);
    let mut writer = Writer::new(&CONTRACT.tables, dialect, Vec::new());
    writer.message(id, wire)?;
    Ok(String::from_utf8(writer.out).expect("JSON is UTF-8"))
}

fn to_wire(id: MessageId, json: &str) -> Vec<u8> {
    let mut reader = Reader::new(&CONTRACT.tables, dialect::of(Dialect::Facilities), false);
    let mut wire = Vec::new();
    reader.json_message(id, json, &mut wire).expect("the JSON is well formed");
    assert_eq!(reader.refused, []);
    wire
}

// === Messages at random ===

/// Random decisions, taken from the bytes proptest makes and shrinks.
struct Dice<'a>(std::slice::Iter<'a, u64>);

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
            // Years 1001 to 9999, whole milliseconds: what the JSON text can say.
            let seconds = -30_578_688_000 + (dice.roll() % 283_984_000_000) as i64;
            message.set_field_by_name("seconds", Value::I64(seconds));
            let nanos = (dice.roll() % 1000) as i32 * 1_000_000;
            message.set_field_by_name("nanos", Value::I32(nanos));
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
    let has_json = |field: &FieldDescriptor| !CONTRACT.catalog.field_rule(field).json_omit;
    for field in descriptor.fields().filter(has_json) {
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

#[expect(clippy::wildcard_enum_match_arm, reason = "every other value is rendered alike")]
fn plain(message: &DynamicMessage) -> Json {
    let fields = CONTRACT.catalog.json_fields(&message.descriptor());
    let is_left_out = |field: &FieldDescriptor| {
        CONTRACT.catalog.field_rule(field).omit_when_absent && !message.has_field(field)
    };
    let fields = fields.into_iter().filter(|field| !is_left_out(field)).map(|field| {
        let rule = CONTRACT.catalog.field_rule(&field);
        let json = match message.get_field(&field).as_ref() {
            Value::List(values) if values.is_empty() && rule.null_when_empty => Json::Null,
            Value::List(values) => values.iter().map(|value| plain_value(&field, value)).collect(),
            _ if field.supports_presence() && !message.has_field(&field) => Json::Null,
            Value::Message(inner) if rule.list_wrapper => {
                let only = inner.descriptor().fields().next().expect("one field");
                let list = inner.get_field(&only);
                let values = list.as_list().expect("a list").iter();
                values.map(|value| plain_value(&only, value)).collect()
            }
            value => plain_value(&field, value),
        };
        (field.json_name().to_owned(), json)
    });
    Json::Object(fields.collect())
}

/// Whether a string holds JSON, which is written as it is.
fn holds_json(field: &FieldDescriptor) -> bool {
    CONTRACT.catalog.field_rule(field).format() == Format::Json
}

fn plain_value(field: &FieldDescriptor, value: &Value) -> Json {
    match value {
        Value::Bool(value) => Json::from(*value),
        Value::I32(value) => Json::from(*value),
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
            Json::from((dialect::of(Dialect::Facilities).enum_text)(bare_value(
                descriptor.name(),
                value.name(),
            )))
        }
        Value::Message(message) => match message.descriptor().full_name() {
            "google.protobuf.Timestamp" => {
                let seconds = message.get_field_by_name("seconds").and_then(|v| v.as_i64());
                let nanos = message.get_field_by_name("nanos").and_then(|v| v.as_i32());
                let time = Timestamp::new(seconds.expect("seconds"), nanos.expect("nanos"));
                Json::from(time::format_millis(time.expect("a time")))
            }
            "google.type.Decimal" => {
                let text = message.get_field_by_name("value").expect("a value");
                serde_json::from_str(text.as_str().expect("text")).expect("a number")
            }
            _ => plain(message),
        },
        Value::Bytes(_) | Value::List(_) | Value::Map(_) => panic!("not in this contract"),
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
        for (descriptor, id) in &CONTRACT.messages {
            let original = message(descriptor, &mut Dice(rolls.iter()), 0);
            let wire = original.encode_to_vec();
            let json = to_json(*id, &wire).expect("the wire is well formed");
            let parsed: Json = serde_json::from_str(&json).expect("the shim writes JSON");
            prop_assert!(same(&parsed, &plain(&original)), "{}: {json}", descriptor.full_name());
            let back = to_wire(*id, &json);
            let back = DynamicMessage::decode(descriptor.clone(), &*back).expect("wire");
            prop_assert_eq!(back.encode_to_vec(), wire, "{}", descriptor.full_name());
        }
    }

    #[test]
    fn broken_wire_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (_, id) in &CONTRACT.messages {
            if let Ok(json) = to_json(*id, &bytes) {
                prop_assert!(serde_json::from_str::<Json>(&json).is_ok(), "{json}");
            }
        }
    }

    #[test]
    fn truncated_messages_never_panic(rolls in proptest::collection::vec(any::<u64>(), 400), cut in any::<prop::sample::Index>()) {
        for (descriptor, id) in &CONTRACT.messages {
            let wire = message(descriptor, &mut Dice(rolls.iter()), 0).encode_to_vec();
            if !wire.is_empty() {
                _ = to_json(*id, &wire[..cut.index(wire.len())]);
            }
        }
    }
}

#[test]
fn members_are_in_the_order_of_the_contract() {
    let (descriptor, id) = CONTRACT
        .messages
        .iter()
        .find(|(message, _)| message.name() == "UnitProperty")
        .expect("units show their property");
    assert_eq!(descriptor.name(), "UnitProperty");
    let json = to_json(*id, &[]).expect("an empty message");
    assert_eq!(json, r#"{"propertyType":null,"name":null,"id":0}"#);
}

#[test]
fn large_messages_are_framed() {
    // Longer than one length byte, inside and outside.
    let (descriptor, id) = CONTRACT
        .messages
        .iter()
        .find(|(message, _)| message.name() == "CreateOwnerRequest")
        .expect("owners can be created");
    let note = "x".repeat(70_000);
    let json =
        format!(r#"{{"owner":{{"additionalNote":"{note}","address":{{"city":"{note}"}}}}}}"#);
    let wire = to_wire(*id, &json);
    let message = DynamicMessage::decode(descriptor.clone(), &*wire).expect("wire");
    let owner = message.get_field_by_name("owner").expect("an owner");
    let owner = owner.as_message().expect("a message");
    assert_eq!(owner.get_field_by_name("additional_note").expect("a note").as_str(), Some(&*note));
}
