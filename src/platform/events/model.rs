//! What an event is, and which are asked for.

use steward_kernel::time::Timestamp;
use steward_kernel::validate::Violations;
use steward_kernel::{Family, Principal, TenantId, User};

use super::known::KnownTypes;
use crate::changes::SYSTEM;

/// Most events of a page, and of one reading of a watch.
pub(super) const MOST: i64 = 100;

/// How many numbers are looked through at a time for events of some types. Bounds what a
/// filter that matches little can cost.
pub(super) const REACH: i64 = 10_000;

/// A change of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) tenant: TenantId,
    pub(crate) sequence: i64,
    pub(crate) event_type: String,
    pub(crate) resource_type: String,
    pub(crate) resource_id: String,
    pub(crate) occurred_at: Timestamp,
    pub(crate) client_id: String,
    pub(crate) request_id: String,
    pub(crate) rpc: String,
    /// From where it was asked for: for the audit trail alone.
    pub(crate) address: Option<String>,
    /// JSON text.
    pub(crate) resource: String,
    /// JSON text; absent for what was created or deleted.
    pub(crate) changes: Option<String>,
}

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    User,
    Link,
    System,
    Client,
    Anybody,
}

impl Event {
    /// What it is about, as the database names it when it queues webhooks.
    pub(crate) fn subject(&self) -> String {
        format!("{}/{}", self.resource_type, self.resource_id)
    }

    /// What kind of caller asked for the change.
    pub(crate) fn actor(&self) -> Actor {
        match &*self.client_id {
            SYSTEM => Actor::System,
            Principal::ANYBODY => Actor::Anybody,
            name if User::id_of_caller(name).is_some() => Actor::User,
            name if name.starts_with("link:") => Actor::Link,
            _ => Actor::Client,
        }
    }
}

/// Which events are listed: numbers of the oldest and newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) oldest: i64,
    pub(super) newest: i64,
}

/// Which types are asked for, as LIKE patterns; none for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Types(Vec<String>);

impl Types {
    /// Most types of one request.
    const MOST: usize = 50;

    /// Reads `facilities.owner.updated` and `facilities.owner.*`, each by itself or several with
    /// commas between.
    ///
    /// # Errors
    /// The place of the first that is neither.
    pub(super) fn read(types: &[String]) -> Result<Self, usize> {
        let all = types.iter().enumerate();
        let all = all.flat_map(|(place, texts)| texts.split(',').map(move |text| (place, text)));
        all.map(|(place, text)| pattern(text.trim()).ok_or(place))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// As [`Types::read`]; refusals of the field `types` go to `violations`.
    pub(crate) fn checked(types: &[String], violations: &mut Violations) -> Self {
        if types.len() > Self::MOST {
            violations.rule("types", "At most 50 types may be asked for.");
        }
        Self::read(types).unwrap_or_else(|place| {
            let message = "A type is <family>.<resource>.<event>, or begins so and ends with .*.";
            violations.format(&format!("types[{place}]"), message);
            Self::default()
        })
    }

    /// As [`Types::checked`]; types of which a tenant of the family is never told are refused too.
    pub(crate) fn known(
        types: &[String],
        (known, family): (&KnownTypes, Option<Family>),
        violations: &mut Violations,
    ) -> Self {
        let checked = Self::checked(types, violations);
        if !checked.0.is_empty() {
            for (place, texts) in types.iter().enumerate() {
                if !texts.split(',').all(|text| known.has(family, text.trim())) {
                    violations.rule(&format!("types[{place}]"), "There are no such events.");
                }
            }
        }
        checked
    }

    /// The patterns, of which an event's type must match one; empty for all types.
    pub(crate) fn patterns(&self) -> &[String] {
        &self.0
    }
}

fn pattern(text: &str) -> Option<String> {
    let (words, any) = match text.strip_suffix(".*") {
        Some(words) => (words, true),
        None => (text, false),
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_type = text.len() <= 100
        && words.split('.').all(|word| !word.is_empty() && word.bytes().all(plain));
    // An underscore stands for any character in a pattern.
    let escaped = words.replace('_', "\\_");
    is_type.then(|| if any { format!("{escaped}.%") } else { escaped })
}

/// Which events are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    /// The last event that was seen.
    pub(super) cursor: Option<i64>,
    pub(super) types: Types,
    /// Most events to answer.
    pub(super) limit: i64,
}

/// Some events in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) events: Vec<Event>,
    /// Up to where was looked.
    pub(super) cursor: i64,
    /// Whether there was more after it.
    pub(super) has_more: bool,
    /// Events that are listed in all; absent when only some types are asked for.
    pub(super) total: Option<i64>,
}

/// What a watch sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Absent in a heartbeat.
    pub(super) event: Option<Event>,
    pub(super) cursor: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_patterns() {
        let read = |text: &str| pattern(text);
        assert_eq!(read("facilities.owner.updated").as_deref(), Some("facilities.owner.updated"));
        let pattern = read("facilities.property_unit.*");
        assert_eq!(pattern.as_deref(), Some("facilities.property\\_unit.%"));
        for text in ["", "*", ".*", "a..b", "a.%", "A.b", "a.*.b", "a.b*", &"a".repeat(101)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
