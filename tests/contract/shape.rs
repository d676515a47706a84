//! What an answer must look like: the union of the documented example and member list.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Field;

/// The documented form of a value.
#[derive(Debug)]
pub enum Shape {
    Object(BTreeMap<String, Member>),
    List(Box<Shape>),
    Text,
    Time,
    Integer,
    Number,
    Boolean,
    /// The documentation shows `null` and says no more.
    Unknown,
}

/// A documented member of an object.
#[derive(Debug)]
pub struct Member {
    shape: Shape,
    /// The example shows no value.
    may_be_null: bool,
}

impl Shape {
    /// The shape of `example`, with members that only the list of members names.
    pub fn of(example: &Value, fields: &[Field]) -> Self {
        let mut shape = Self::of_example(example);
        // The list repeats the members of an error body, which begin with a capital.
        let members = fields.iter().filter(|f| !f.field.starts_with(|c: char| c.is_uppercase()));
        for field in members {
            let steps: Vec<String> = field
                .field
                .replace("[index]", ".[]")
                .replace("[index_A]", ".[]")
                .replace("[index_B]", ".[]")
                .split('.')
                .filter(|step| !step.is_empty())
                .map(str::to_owned)
                .collect();
            shape.add(&steps, &field.kind);
        }
        shape
    }

    fn of_example(example: &Value) -> Self {
        match example {
            Value::Null => Self::Unknown,
            Value::Bool(_) => Self::Boolean,
            Value::Number(number) if number.is_i64() => Self::Integer,
            Value::Number(_) => Self::Number,
            Value::String(text) if is_time(text) => Self::Time,
            Value::String(_) => Self::Text,
            Value::Array(items) => {
                Self::List(Box::new(items.first().map_or(Self::Unknown, Self::of_example)))
            }
            Value::Object(members) => Self::Object(
                members
                    .iter()
                    .map(|(name, value)| {
                        let shape = Self::of_example(value);
                        (name.clone(), Member { shape, may_be_null: value.is_null() })
                    })
                    .collect(),
            ),
        }
    }

    /// Adds a member of the list. Where the list and the example differ, the example holds, but
    /// for numbers that only happen to be whole in it.
    fn add(&mut self, steps: &[String], kind: &str) {
        match steps {
            [] => {
                let listed = Self::of_kind(kind);
                let replaced = matches!(self, Self::Unknown)
                    || matches!((&*self, &listed), (Self::Integer, Self::Number));
                if replaced {
                    *self = listed;
                }
            }
            [step, rest @ ..] if step == "[]" => {
                if matches!(self, Self::Unknown) {
                    *self = Self::List(Box::new(Self::Unknown));
                }
                let Self::List(item) = self else { panic!("{steps:?} of {self:?}") };
                item.add(rest, kind);
            }
            [name, rest @ ..] => {
                if matches!(self, Self::Unknown) {
                    *self = Self::Object(BTreeMap::new());
                }
                let Self::Object(members) = self else { panic!("{steps:?} of {self:?}") };
                let unknown = || Member { shape: Self::Unknown, may_be_null: false };
                members.entry(name.clone()).or_insert_with(unknown).shape.add(rest, kind);
            }
        }
    }

    fn of_kind(kind: &str) -> Self {
        match kind {
            "integer" | "int" => Self::Integer,
            "number" => Self::Number,
            "boolean" => Self::Boolean,
            "string(date-time)" => Self::Time,
            "string" => Self::Text,
            // Members of objects and lists follow. The documentation has slips such as `street`,
            // where the example says what is meant.
            _ => Self::Unknown,
        }
    }

    /// What is wrong with `value`. Paths in `excused` may be `null` or an empty list although
    /// the example has a value there.
    pub fn check(&self, value: &Value, excused: &[&str]) -> Vec<String> {
        let mut complaints = Vec::new();
        self.compare("", value, excused, &mut complaints);
        complaints
    }

    fn compare(&self, path: &str, value: &Value, excused: &[&str], complaints: &mut Vec<String>) {
        let fits = match (self, value) {
            (Self::Object(members), Value::Object(found)) => {
                for (name, member) in members {
                    let path = join(path, name);
                    match found.get(name) {
                        None => complaints.push(format!("{path} is missing")),
                        Some(Value::Null) => {
                            if !member.may_be_null && !excused.contains(&&*path) {
                                complaints.push(format!("{path} is null"));
                            }
                        }
                        Some(value) => member.shape.compare(&path, value, excused, complaints),
                    }
                }
                for name in found.keys().filter(|name| !members.contains_key(*name)) {
                    complaints.push(format!("{} is not documented", join(path, name)));
                }
                true
            }
            (Self::List(item), Value::Array(items)) => {
                if items.is_empty() && !excused.contains(&path) {
                    complaints.push(format!("{path} is empty"));
                }
                for value in items {
                    item.compare(path, value, excused, complaints);
                }
                true
            }
            (Self::Time, Value::String(text)) => is_time(text),
            (Self::Integer, Value::Number(number)) => number.is_i64(),
            (Self::Text, Value::String(_))
            | (Self::Number, Value::Number(_))
            | (Self::Boolean, Value::Bool(_)) => true,
            _ => false,
        };
        if !fits {
            complaints.push(format!("{path} is no {self:?}: {value}"));
        }
    }
}

/// Where `actual` lacks or differs from what `expected` holds. Members and items that only
/// `actual` has do not matter.
pub fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    subset("", expected, actual, &mut found);
    found
}

fn subset(path: &str, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, expected) in expected {
                let actual = actual.get(name).unwrap_or(&Value::Null);
                subset(&join(path, name), expected, actual, found);
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() <= actual.len() => {
            for (expected, actual) in expected.iter().zip(actual) {
                subset(path, expected, actual, found);
            }
        }
        (Value::Number(expected), Value::Number(actual)) => {
            if expected.as_f64() != actual.as_f64() {
                found.push(format!("{path}: {actual} instead of {expected}"));
            }
        }
        (expected, actual) if expected == actual => {}
        (expected, actual) => found.push(format!("{path}: {actual} instead of {expected}")),
    }
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// `2021-12-16T10:41:51.018Z`
fn is_time(text: &str) -> bool {
    let pattern = "0000-00-00T00:00:00.000Z";
    text.len() == pattern.len()
        && text.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn complains_about_every_deviation() {
        let example = json!({"id": 1, "list": [{"at": "2021-12-16T10:41:51.018Z"}], "none": null});
        let number = Field { field: "list[index].more".into(), kind: "number".into() };
        let shape = Shape::of(&example, &[number]);
        let right =
            json!({"id": 2, "list": [{"at": "2022-12-16T10:41:51.018Z", "more": 1}], "none": null});
        assert!(shape.check(&right, &[]).is_empty());
        for (wrong, complaint) in [
            (json!({"id": 2, "list": [], "none": null}), "list is empty"),
            (json!({"id": 1.5, "list": [], "none": null}), "id is no Integer"),
            (json!({"list": [], "none": null}), "id is missing"),
            (json!({"id": 2, "list": null, "none": null}), "list is null"),
            (json!({"id": 2, "list": [], "none": null, "x": 1}), "x is not documented"),
            (json!({"id": 2, "list": [{"at": "2021"}], "none": null}), "list.at is no Time"),
        ] {
            let complaints = shape.check(&wrong, &[]).join(", ");
            assert!(complaints.contains(complaint), "{complaints}");
        }
    }
}
