//! Path templates of `google.api.http`: literals, `{field}` and a last `{field=**}`.

use std::fmt::Write as _;

use super::Dialect;
use super::fields::member_name;
use crate::rest::dialect;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

/// A piece of a path between two slashes.
#[derive(Clone, PartialEq)]
pub enum Segment {
    /// A word of the path as documented.
    Literal(String),
    /// A variable that takes one segment; the fields lead from the request message to a scalar.
    Variable(Vec<FieldDescriptor>),
    /// A last variable that takes the rest of the path, slashes included.
    Rest(Vec<FieldDescriptor>),
}

/// The path of a JSON route.
#[derive(Clone, PartialEq)]
pub struct Template {
    /// Its segments in order.
    pub segments: Vec<Segment>,
    dialect: Dialect,
}

impl Template {
    /// Reads a template whose variables are fields of `input`.
    pub(crate) fn parse(
        text: &str,
        input: &MessageDescriptor,
        dialect: Dialect,
    ) -> Result<Self, String> {
        let Some(path) = text.strip_prefix('/') else {
            return Err(format!("path `{text}` does not start with a slash"));
        };
        let words: Vec<_> = path.split('/').collect();
        let mut segments = Vec::with_capacity(words.len());
        for (index, word) in words.iter().enumerate() {
            let inner = word.strip_prefix('{').and_then(|word| word.strip_suffix('}'));
            let segment = match inner {
                Some(inner) => match inner.split_once('=') {
                    None | Some((_, "*")) => {
                        let name = inner.split_once('=').map_or(inner, |(name, _)| name);
                        Segment::Variable(variable(name, input)?)
                    }
                    Some((name, "**")) if index + 1 == words.len() => {
                        Segment::Rest(variable(name, input)?)
                    }
                    Some(_) => return Err(format!("path `{text}` holds an unsupported pattern")),
                },
                None if word.is_empty() => {
                    return Err(format!("path `{text}` holds an empty segment"));
                }
                None if word.contains(['{', '}', '*', ':', '%']) => {
                    return Err(format!("path `{text}` holds an unsupported pattern"));
                }
                None => Segment::Literal((*word).to_owned()),
            };
            segments.push(segment);
        }
        let template = Self { segments, dialect };
        let mut seen = Vec::new();
        for name in template.variables().map(proto_name) {
            if seen.contains(&name) {
                return Err(format!("path variable `{name}` occurs twice"));
            }
            seen.push(name);
        }
        Ok(template)
    }

    /// The variables in the order of the path, each as the fields that lead to it.
    pub fn variables(&self) -> impl Iterator<Item = &[FieldDescriptor]> {
        self.segments.iter().filter_map(|segment| match segment {
            Segment::Literal(_) => None,
            Segment::Variable(fields) | Segment::Rest(fields) => Some(fields.as_slice()),
        })
    }

    /// The path as clients know it, with JSON names: `/api/public/Owners/{ownerId}`.
    #[must_use]
    pub fn documented(&self) -> String {
        self.render(|fields| self.name(fields))
    }

    /// What the path is for a router: letter case and names of variables do not count.
    pub(crate) fn shape(&self) -> String {
        let mut text = String::new();
        for segment in &self.segments {
            match segment {
                Segment::Literal(word) => write!(text, "/{}", word.to_ascii_lowercase()),
                Segment::Variable(_) => write!(text, "/{{}}"),
                Segment::Rest(_) => write!(text, "/{{**}}"),
            }
            .unwrap_or_default();
        }
        text
    }

    /// The dotted JSON name of one of the variables.
    pub(crate) fn name(&self, fields: &[FieldDescriptor]) -> String {
        json_name(fields, dialect::of(self.dialect))
    }

    fn render(&self, name: impl Fn(&[FieldDescriptor]) -> String) -> String {
        let mut text = String::new();
        for segment in &self.segments {
            text.push('/');
            match segment {
                Segment::Literal(word) => text.push_str(word),
                Segment::Variable(fields) | Segment::Rest(fields) => {
                    text.push('{');
                    text.push_str(&name(fields));
                    text.push('}');
                }
            }
        }
        text
    }
}

/// The dotted proto name of a field path.
pub(crate) fn proto_name(fields: &[FieldDescriptor]) -> String {
    fields.iter().map(FieldDescriptor::name).collect::<Vec<_>>().join(".")
}

/// The dotted JSON name of a field path.
pub(crate) fn json_name(fields: &[FieldDescriptor], dialect: &dialect::Dialect) -> String {
    fields.iter().map(|field| member_name(field, dialect)).collect::<Vec<_>>().join(".")
}

fn variable(name: &str, input: &MessageDescriptor) -> Result<Vec<FieldDescriptor>, String> {
    let mut message = input.clone();
    let mut fields: Vec<FieldDescriptor> = Vec::new();
    let mut names = name.split('.').peekable();
    while let Some(part) = names.next() {
        let field = message
            .get_field_by_name(part)
            .ok_or_else(|| format!("path variable `{name}` names no field of the request"))?;
        if field.is_list() || field.is_map() {
            return Err(format!("path variable `{name}` is a list"));
        }
        match (field.kind(), names.peek()) {
            (Kind::Message(inner), Some(_)) => message = inner,
            (Kind::Message(_), None) => {
                return Err(format!("path variable `{name}` is a message"));
            }
            (_, Some(_)) => return Err(format!("path variable `{name}` names no field")),
            (_, None) => {}
        }
        fields.push(field);
    }
    Ok(fields)
}
