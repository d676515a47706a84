//! What an answer says only for a while: fields whose values end, such as signed URLs.
//!
//! They differ from one answer to the next although nothing has changed, so they are no part of
//! what an etag is a digest of, nor of what is compared to find out whether a change changed
//! anything. The `ETag` of an answer that holds some has a second part, behind a dot, for what it
//! shows beside the resource itself: `If-None-Match` compares both, `If-Match` the first alone.

use std::borrow::Cow;

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use crate::catalog::{Catalog, FieldRule, Format};
use crate::rest::wire::{Cursor, LENGTH, Raw, put_bytes, put_tag};

/// Marks a response whose etag, which counts versions, says nothing of all that it shows: a client
/// that kept it is never told that nothing has changed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ephemeral;

/// What is taken out of a message with a field.
enum Taken {
    /// All of it.
    Whole,
    /// The members of these numbers.
    Members(Vec<u32>),
    /// Nothing but what is found within it.
    Nothing,
}

/// The fields of a message whose values end, at any depth.
#[derive(Debug, Default)]
pub(super) struct EphemeralFields {
    numbers: Vec<u32>,
    within: Vec<(u32, EphemeralFields)>,
}

impl EphemeralFields {
    /// Those that the contract marks `ephemeral`.
    pub(super) fn of(catalog: &Catalog, message: &MessageDescriptor) -> Self {
        let taken = |rule: &FieldRule, field: &FieldDescriptor| {
            if rule.ephemeral || (rule.relationship && rule.omit_when_absent) {
                Taken::Whole
            } else if let (true, Kind::Message(inner)) = (rule.relationship, field.kind()) {
                // Of a related resource its id counts, and not what is included.
                let numbers = inner.fields().filter(|member| member.name() != "id");
                Taken::Members(numbers.map(|member| member.number()).collect())
            } else {
                Taken::Nothing
            }
        };
        Self::below(catalog, message, &taken, &mut Vec::new())
    }

    /// Those of them that are URLs, among what is included too.
    pub(super) fn ending(catalog: &Catalog, message: &MessageDescriptor) -> Self {
        let taken = |rule: &FieldRule, _: &FieldDescriptor| {
            let is_url = rule.ephemeral && rule.format() == Format::Uri;
            if is_url { Taken::Whole } else { Taken::Nothing }
        };
        Self::below(catalog, message, &taken, &mut Vec::new())
    }

    fn below(
        catalog: &Catalog,
        message: &MessageDescriptor,
        taken: &dyn Fn(&FieldRule, &FieldDescriptor) -> Taken,
        around: &mut Vec<String>,
    ) -> Self {
        let mut found = Self::default();
        // A message that holds itself has been looked at.
        if around.iter().any(|name| name == message.full_name()) {
            return found;
        }
        around.push(message.full_name().to_owned());
        for field in message.fields() {
            let number = field.number();
            match (taken(&catalog.field_rule(&field), &field), field.kind()) {
                (Taken::Whole, _) => found.numbers.push(number),
                (Taken::Members(numbers), _) => {
                    found.within.push((number, Self { numbers, within: Vec::new() }));
                }
                (Taken::Nothing, Kind::Message(inner)) => {
                    let within = Self::below(catalog, &inner, taken, around);
                    if !within.is_empty() {
                        found.within.push((number, within));
                    }
                }
                (Taken::Nothing, _) => {}
            }
        }
        around.pop();
        found
    }

    fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.within.is_empty()
    }

    /// The message without them; borrowed when it has none.
    pub(super) fn without<'a>(&self, message: &'a [u8]) -> Cow<'a, [u8]> {
        if self.is_empty() {
            return Cow::Borrowed(message);
        }
        let mut lasting = Vec::with_capacity(message.len());
        let mut cursor = Cursor::new(message);
        while !cursor.is_at_end() {
            let start = cursor.at;
            let Ok((number, value)) = cursor.field() else {
                // What is no message is compared as it is.
                return Cow::Borrowed(message);
            };
            let within = self.within.iter().find(|(field, _)| *field == number);
            match (value, within) {
                (Raw::Bytes(inner), Some((_, within))) => {
                    put_tag(&mut lasting, number, LENGTH);
                    put_bytes(&mut lasting, &within.without(inner));
                }
                _ if self.numbers.contains(&number) => {}
                _ => lasting.extend_from_slice(&message[start..cursor.at]),
            }
        }
        if lasting.len() == message.len() { Cow::Borrowed(message) } else { Cow::Owned(lasting) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `{1: 7, 2: "<url>", 3: {1: 8, 2: "<url>"}}` with the URL at 3.2 in every message.
    fn message(url: &str) -> Vec<u8> {
        let mut inner = vec![8, 8];
        put_tag(&mut inner, 2, LENGTH);
        put_bytes(&mut inner, url.as_bytes());
        let mut outer = vec![8, 7];
        put_tag(&mut outer, 2, LENGTH);
        put_bytes(&mut outer, url.as_bytes());
        put_tag(&mut outer, 3, LENGTH);
        put_bytes(&mut outer, &inner);
        outer
    }

    #[test]
    fn what_ends_is_taken_out_at_any_depth() {
        let inner = EphemeralFields { numbers: vec![2], within: Vec::new() };
        let fields = EphemeralFields { numbers: vec![2], within: vec![(3, inner)] };
        let (one, other) = (message("https://a.example/1"), message("https://b.example/22"));
        assert_ne!(one, other);
        assert_eq!(fields.without(&one), fields.without(&other));
        assert_eq!(&*fields.without(&one), [8, 7, 26, 2, 8, 8]);
        // What lasts still counts.
        let mut changed = one.clone();
        changed[1] = 9;
        assert_ne!(fields.without(&one), fields.without(&changed));
    }

    #[test]
    fn a_message_without_any_is_left_alone() {
        let fields = EphemeralFields { numbers: vec![9], within: Vec::new() };
        let one = message("x");
        for fields in [fields, EphemeralFields::default()] {
            assert!(matches!(fields.without(&one), Cow::Borrowed(same) if same == one));
        }
    }
}
