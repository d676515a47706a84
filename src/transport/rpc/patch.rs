//! JSON Patch ([RFC 6902](https://www.rfc-editor.org/rfc/rfc6902)): changes of a resource told step by
//! step, where a family's JSON lets a PATCH come with a list.
//!
//! The steps are about the resource as it is, so they are taken where it was read: inside the
//! change, which is on a snapshot. What comes of them is an update of a part like any other.

use std::collections::BTreeSet;

use serde_json::Value;
use steward_kernel::{Error, Kind, Result, error::reason};

/// Number of the field in which the shim hands a patch on. Protobuf keeps it for implementations,
/// so no contract has it.
pub(crate) const JSON_PATCH: u32 = 19_000;

/// Number of the field in which the shim hands on the id of a document.
pub(crate) const DOCUMENT_ID: u32 = 19_001;

/// Number of the field in which the shim says that it could not read all of a request: what is
/// wrong with the rest is found out, so that everything is told at once, and nothing is written.
pub(crate) const UNREAD: u32 = 19_002;

/// Most steps of a patch.
const MOST: usize = 200;

/// The steps of a patch.
#[derive(Debug)]
pub(super) struct JsonPatch(Vec<Step>);

#[derive(Debug)]
struct Step {
    verb: Verb,
    /// The members and places that lead to the value.
    path: Vec<String>,
}

#[derive(Debug)]
enum Verb {
    Add(Value),
    Replace(Value),
    Remove,
    Test(Value),
}

impl JsonPatch {
    /// Reads a patch.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for what is none.
    pub(super) fn read(text: &[u8]) -> Result<Self> {
        let steps: Vec<Value> = serde_json::from_slice(text)
            .map_err(|error| unreadable(format!("The body cannot be read as JSON: {error}.")))?;
        if steps.len() > MOST {
            return Err(unreadable(format!("A patch has at most {MOST} steps.")));
        }
        let steps = steps.into_iter().enumerate().map(|(place, step)| {
            Step::read(step).map_err(|problem| unreadable(format!("Step {place} {problem}.")))
        });
        steps.collect::<Result<_>>().map(Self)
    }

    /// Takes the steps. Answers the members of the document that they change.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for a path that leads nowhere, ABORTED (`PRECONDITION_FAILED`) for a test
    /// that is not met.
    pub(super) fn apply(&self, document: &mut Value) -> Result<BTreeSet<String>> {
        let mut changed = BTreeSet::new();
        for (place, Step { verb, path }) in self.0.iter().enumerate() {
            let lost = || Error::rule("", format!("Step {place} of the patch leads nowhere."));
            let (last, way) = path.split_last().ok_or_else(lost)?;
            let member = key(document, path.first().unwrap_or(last)).unwrap_or_default();
            let within = way.iter().try_fold(&mut *document, |value, name| child(value, name));
            let within = within.ok_or_else(lost)?;
            match verb {
                Verb::Test(expected) => {
                    if child(within, last).as_deref() != Some(expected) {
                        return Err(not_met(place));
                    }
                    continue;
                }
                Verb::Add(value) => add(within, last, value.clone()),
                Verb::Replace(value) => child(within, last).map(|old| *old = value.clone()),
                Verb::Remove => remove(within, last),
            }
            .ok_or_else(lost)?;
            let first = path.first().unwrap_or(last);
            changed.insert(if member.is_empty() { first.clone() } else { member });
        }
        Ok(changed)
    }
}

impl Step {
    fn read(step: Value) -> Result<Self, &'static str> {
        let Value::Object(mut step) = step else { return Err("is no object") };
        let Some(Value::String(path)) = step.remove("path") else { return Err("has no path") };
        let path = pointer(&path).ok_or("has a path that is no JSON Pointer")?;
        let value = step.remove("value").ok_or("has no value");
        let verb = match step.get("op").and_then(Value::as_str) {
            Some("add") => Verb::Add(value?),
            Some("replace") => Verb::Replace(value?),
            Some("test") => Verb::Test(value?),
            Some("remove") => Verb::Remove,
            _ => return Err("is none of add, replace, remove and test"),
        };
        Ok(Self { verb, path })
    }
}

/// The parts of a JSON Pointer (RFC 6901) to something within a document.
fn pointer(text: &str) -> Option<Vec<String>> {
    let parts = text.strip_prefix('/')?.split('/');
    Some(parts.map(|part| part.replace("~1", "/").replace("~0", "~")).collect())
}

/// The name under which an object has a member, which may come in another letter case.
fn key(value: &Value, name: &str) -> Option<String> {
    value.as_object()?.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()
}

/// A place in a list: digits without a zero before them.
fn place(name: &str) -> Option<usize> {
    let is_plain = name == "0" || !name.starts_with('0');
    name.parse().ok().filter(|_| is_plain && name.bytes().all(|byte| byte.is_ascii_digit()))
}

fn child<'v>(value: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    if let Value::Array(list) = value {
        return list.get_mut(place(name)?);
    }
    let key = key(value, name)?;
    value.get_mut(key)
}

fn add(within: &mut Value, name: &str, added: Value) -> Option<()> {
    if let Value::Array(list) = within {
        let at = if name == "-" { list.len() } else { place(name)? };
        return (at <= list.len()).then(|| list.insert(at, added));
    }
    let key = key(within, name).unwrap_or_else(|| name.to_owned());
    within.as_object_mut()?.insert(key, added);
    Some(())
}

fn remove(within: &mut Value, name: &str) -> Option<()> {
    if let Value::Array(list) = within {
        let at = place(name).filter(|at| *at < list.len())?;
        list.remove(at);
        return Some(());
    }
    let key = key(within, name)?;
    within.as_object_mut()?.remove(&key).map(drop)
}

fn unreadable(message: String) -> Error {
    Error::new(Kind::InvalidArgument, reason::INVALID_FORMAT, message)
}

fn not_met(place: usize) -> Error {
    let message = format!("The test in step {place} of the patch is not met.");
    Error::new(Kind::Aborted, reason::PRECONDITION_FAILED, message)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn applied(patch: Value) -> Result<(Value, Vec<String>)> {
        let mut document =
            json!({"firstName": "Ann", "tags": ["a", "b"], "home": {"city": "X", "a/b": 1}});
        let changed = JsonPatch::read(patch.to_string().as_bytes())?.apply(&mut document)?;
        Ok((document, changed.into_iter().collect()))
    }

    #[test]
    fn steps_are_taken_one_after_the_other() {
        let (document, changed) = applied(json!([
            {"op": "test", "path": "/firstName", "value": "Ann"},
            {"op": "replace", "path": "/FIRSTNAME", "value": "Bo"},
            {"op": "test", "path": "/firstName", "value": "Bo"},
            {"op": "add", "path": "/tags/-", "value": "c"},
            {"op": "add", "path": "/tags/0", "value": "z"},
            {"op": "remove", "path": "/tags/1"},
            {"op": "remove", "path": "/home/a~1b"},
            {"op": "add", "path": "/phone", "value": null},
        ]))
        .expect("a patch");
        let expected = json!({"firstName": "Bo", "tags": ["z", "b", "c"], "home": {"city": "X"}, "phone": null});
        assert_eq!(document, expected);
        assert_eq!(changed, ["firstName", "home", "phone", "tags"]);
    }

    #[test]
    fn refuses_what_leads_nowhere_and_is_not_met() {
        for (step, expected) in [
            (json!({"op": "test", "path": "/firstName", "value": "Bo"}), Kind::Aborted),
            (json!({"op": "test", "path": "/none", "value": null}), Kind::Aborted),
            (json!({"op": "replace", "path": "/none", "value": 1}), Kind::InvalidArgument),
            (json!({"op": "remove", "path": "/tags/2"}), Kind::InvalidArgument),
            (json!({"op": "remove", "path": "/tags/00"}), Kind::InvalidArgument),
            (json!({"op": "add", "path": "/tags/3", "value": 1}), Kind::InvalidArgument),
            (json!({"op": "add", "path": "/firstName/x", "value": 1}), Kind::InvalidArgument),
            (json!({"op": "add", "path": "/firstName"}), Kind::InvalidArgument),
            (json!({"op": "add", "path": "", "value": {}}), Kind::InvalidArgument),
            (json!({"op": "move", "from": "/a", "path": "/b"}), Kind::InvalidArgument),
            (json!(7), Kind::InvalidArgument),
        ] {
            let error = applied(json!([step])).expect_err("a refusal");
            assert_eq!(error.kind(), expected, "{step}");
        }
        assert!(JsonPatch::read(b"[").is_err());
        let long = vec![json!({"op": "remove", "path": "/a"}); MOST + 1];
        assert!(JsonPatch::read(Value::from(long).to_string().as_bytes()).is_err());
    }
}
