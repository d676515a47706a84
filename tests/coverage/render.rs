//! Messages as JSON, written plainly from the descriptors: what the server's JSON is compared
//! with.

use prost_reflect::{DynamicMessage, EnumDescriptor, FieldDescriptor, Kind, ReflectMessage, Value};
use serde_json::{Map, Value as Json, json};
use steward_kernel::time::{self, Timestamp};

use super::contract::{
    Dialect, Format, bare_value, format, has_offset_times, is_input_only, json_type, member_name,
    pascal_case, says,
};

/// The answer that a message is in a dialect. Of a document, its links and what repeats in
/// `included` are left to other tests.
pub fn answer(message: &DynamicMessage, dialect: Dialect) -> Json {
    if dialect != Dialect::Rentals {
        return object(message, dialect);
    }
    if json_type(&message.descriptor()).is_some() {
        return json!({"data": resource(message)});
    }
    let mut document = Map::new();
    let mut meta = Map::new();
    for field in members(message) {
        let value = message.get_field(&field);
        match (of_resources(&field), &*value) {
            (true, Value::List(resources)) => {
                let resources =
                    resources.iter().map(|one| resource(one.as_message().expect("one")));
                document.insert("data".to_owned(), resources.collect());
            }
            (true, _) => {
                document.insert("data".to_owned(), resource(value.as_message().expect("one")));
            }
            (false, Value::Message(page)) if field.name() == "page_info" => {
                if let Json::Object(members) = object(page, dialect) {
                    meta.extend(members);
                }
            }
            (false, _) => {
                meta.insert(member_name(&field), member(message, &field, dialect));
            }
        }
    }
    if !document.contains_key("data") {
        return object(message, dialect);
    }
    if !meta.is_empty() {
        document.insert("meta".to_owned(), Json::Object(meta));
    }
    Json::Object(document)
}

fn of_resources(field: &FieldDescriptor) -> bool {
    matches!(field.kind(), Kind::Message(inner) if json_type(&inner).is_some())
}

/// The fields of a message that its JSON has.
fn members(message: &DynamicMessage) -> Vec<FieldDescriptor> {
    let shown = |field: &FieldDescriptor| {
        let is_mask = matches!(field.kind(), Kind::Message(inner)
            if inner.full_name() == "google.protobuf.FieldMask");
        !says(field, "json_omit")
            && !is_input_only(field)
            && !is_mask
            && !is_left_out(message, field)
    };
    message.descriptor().fields().filter(shown).collect()
}

fn is_left_out(message: &DynamicMessage, field: &FieldDescriptor) -> bool {
    says(field, "omit_when_absent") && !message.has_field(field)
}

fn resource(message: &DynamicMessage) -> Json {
    let mut attributes = Map::new();
    let mut relationships = Map::new();
    let mut id = Json::Null;
    for field in members(message) {
        let value = message.get_field(&field);
        if field.name() == "id" {
            id = member(message, &field, Dialect::Rentals);
        } else if says(&field, "relationship") {
            let data = match value.as_list() {
                Some(all) => all.iter().map(identifier).collect(),
                None if !message.has_field(&field) => Json::Null,
                None => identifier(&value),
            };
            relationships.insert(member_name(&field), json!({"data": data}));
        } else if !says(&field, "meta") {
            let value = member(message, &field, Dialect::Rentals);
            attributes.insert(member_name(&field), value);
        }
    }
    let json_type = json_type(&message.descriptor());
    let mut resource = json!({"id": id, "type": json_type, "attributes": attributes});
    if !relationships.is_empty() {
        resource["relationships"] = Json::Object(relationships);
    }
    resource
}

fn identifier(value: &Value) -> Json {
    let whole = resource(value.as_message().expect("a resource"));
    json!({"id": whole["id"], "type": whole["type"]})
}

fn object(message: &DynamicMessage, dialect: Dialect) -> Json {
    let mut object = Map::new();
    for field in members(message) {
        let name = member_name(&field);
        if dialect == Dialect::Cleaning && matches!(field.kind(), Kind::Enum(_)) && !field.is_list()
        {
            let number = message.get_field(&field).as_enum_number().filter(|number| *number != 0);
            object.insert(format!("{name}Id"), number.into());
        }
        object.insert(name, member(message, &field, dialect));
    }
    Json::Object(object)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "a foreign, open list")]
fn member(message: &DynamicMessage, field: &FieldDescriptor, dialect: Dialect) -> Json {
    let value = message.get_field(field);
    match &*value {
        Value::List(all) if all.is_empty() && says(field, "null_when_empty") => Json::Null,
        Value::List(all) => all.iter().map(|one| single(message, field, one, dialect)).collect(),
        _ if field.supports_presence() && !message.has_field(field) => Json::Null,
        Value::Message(inner) if says(field, "list_wrapper") => {
            let only = inner.descriptor().fields().next().expect("one field");
            member(inner, &only, dialect)
        }
        one => single(message, field, one, dialect),
    }
}

fn single(
    holder: &DynamicMessage,
    field: &FieldDescriptor,
    value: &Value,
    dialect: Dialect,
) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::I32(value) => json!(value),
        Value::I64(value) if dialect == Dialect::Rentals && is_id(field) => {
            json!(value.to_string())
        }
        Value::I64(value) => json!(value),
        Value::U32(value) => json!(value),
        Value::U64(value) => json!(value),
        Value::F32(value) => json!(value),
        Value::F64(value) => json!(value),
        Value::String(value) if format(field) == Format::Json => {
            serde_json::from_str(value).unwrap_or_default()
        }
        Value::String(value) => json!(value),
        Value::EnumNumber(0) => Json::Null,
        Value::EnumNumber(number) => {
            let kind = field.kind();
            json!(enum_text(kind.as_enum().expect("an enum"), *number, dialect))
        }
        Value::Message(inner) => {
            let number = |name: &str| {
                let value = inner.get_field_by_name(name).expect("a member");
                value.as_i64().or(value.as_i32().map(i64::from)).expect("a number")
            };
            match inner.descriptor().full_name() {
                "google.protobuf.Timestamp" => {
                    let nanos = i32::try_from(number("nanos")).expect("nanoseconds");
                    let time = Timestamp::new(number("seconds"), nanos).expect("an instant");
                    let text = match dialect {
                        Dialect::Facilities => time::format_millis(time),
                        Dialect::Rentals | Dialect::Cleaning => time::format_seconds(time),
                    };
                    let offset = has_offset_times(&holder.descriptor());
                    json!(if offset { text.replace('Z', "+00:00") } else { text })
                }
                "google.type.Decimal" => {
                    let text = inner.get_field_by_name("value").expect("a value");
                    json!(text.as_str().expect("text").parse::<f64>().expect("a number"))
                }
                #[expect(clippy::cast_precision_loss, reason = "amounts of tests are small")]
                "google.type.Money" => json!(number("units") as f64 + number("nanos") as f64 / 1e9),
                _ => object(inner, dialect),
            }
        }
        Value::Bytes(_) | Value::List(_) | Value::Map(_) => {
            panic!("{}: not in this contract", field.full_name())
        }
    }
}

fn is_id(field: &FieldDescriptor) -> bool {
    field.name() == "id" || format(field) == Format::Id
}

fn enum_text(of: &EnumDescriptor, number: i32, dialect: Dialect) -> String {
    let name = bare_value(of, number).to_lowercase();
    if dialect == Dialect::Rentals { name } else { pascal_case(&name) }
}

/// Where two texts of JSON say different things. Numbers are compared by what they are worth, and
/// members called `passed_over` not at all.
pub fn differences(one: &Json, other: &Json, passed_over: &[String]) -> Vec<String> {
    let mut found = Vec::new();
    compare("", one, other, passed_over, &mut found);
    found
}

fn compare(at: &str, one: &Json, other: &Json, passed_over: &[String], found: &mut Vec<String>) {
    let same = match (one, other) {
        (Json::Object(left), Json::Object(right)) => {
            for name in left.keys().chain(right.keys().filter(|name| !left.contains_key(*name))) {
                if passed_over.contains(name) {
                    continue;
                }
                match (left.get(name), right.get(name)) {
                    (Some(left), Some(right)) => {
                        compare(&format!("{at}.{name}"), left, right, passed_over, found);
                    }
                    (left, _) => {
                        let side = if left.is_some() { "left" } else { "right" };
                        found.push(format!("{at}.{name} is only on the {side}"));
                    }
                }
            }
            true
        }
        (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
            for (index, (left, right)) in left.iter().zip(right).enumerate() {
                compare(&format!("{at}[{index}]"), left, right, passed_over, found);
            }
            true
        }
        (Json::Number(left), Json::Number(right)) => {
            let near = |left: f64, right: f64| (left - right).abs() <= left.abs() * 1e-12;
            left == right || left.as_f64().zip(right.as_f64()).is_some_and(|(l, r)| near(l, r))
        }
        _ => one == other,
    };
    if !same {
        found.push(format!("{at}: {one} or {other}"));
    }
}
