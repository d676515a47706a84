//! What the `Location` of an answer is made of.

use prost_reflect::{FieldDescriptor, MessageDescriptor};

use super::fields::rule_of;
use super::template::proto_name;
use super::{Binding, LocationPart};

/// The fields on the way to the one that a path such as `tenant.id` names.
fn steps(message: &MessageDescriptor, path: &str) -> Option<Vec<FieldDescriptor>> {
    let (first, rest) = match path.split_once('.') {
        Some((first, rest)) => (first, Some(rest)),
        None => (path, None),
    };
    let field = message.get_field_by_name(first)?;
    let mut found = vec![field.clone()];
    if let Some(rest) = rest {
        let inner = field.kind();
        found.extend(steps(inner.as_message().filter(|_| !field.is_list())?, rest)?);
    }
    Some(found)
}

fn is_left_out(field: &FieldDescriptor) -> bool {
    rule_of(field).json_omit
}

pub(super) fn location(
    text: &str,
    output: &MessageDescriptor,
    bindings: &[Binding],
) -> Result<Vec<LocationPart>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let end = rest[start..]
            .find('}')
            .map(|length| start + length)
            .ok_or_else(|| format!("location `{text}` has an open brace"))?;
        if start > 0 {
            parts.push(LocationPart::Literal(rest[..start].to_owned()));
        }
        let name = &rest[start + 1..end];
        let in_path = |binding: &Binding| {
            binding.template.variables().any(|fields| proto_name(fields) == name)
        };
        // What JSON leaves out of the response is in the path.
        let named = steps(output, name).filter(|steps| !steps.iter().any(is_left_out));
        let is_plain =
            |field: &FieldDescriptor| !field.is_list() && field.kind().as_message().is_none();
        parts.push(match named {
            Some(steps) if !steps.last().is_some_and(is_plain) => {
                return Err(format!("location names `{name}`, which is not a plain value"));
            }
            Some(steps) => LocationPart::Response(steps),
            None if !bindings.is_empty() && bindings.iter().all(in_path) => {
                LocationPart::Variable(name.to_owned())
            }
            None => {
                return Err(format!(
                    "location names `{name}`, which is neither in the response nor in the path"
                ));
            }
        });
        rest = &rest[end + 1..];
    }
    if !rest.is_empty() {
        parts.push(LocationPart::Literal(rest.to_owned()));
    }
    Ok(parts)
}
