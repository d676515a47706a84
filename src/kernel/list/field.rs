//! The fields of a list and their values.

use rust_decimal::Decimal;

use crate::time::{self, Timestamp};

/// A field that a list can be filtered and ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its path in the listed message, in proto names: `address.city`.
    pub path: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// The SQL expression that yields it, where `r` is the listed row.
    pub sql: &'static str,
    /// Whether clients may filter by it.
    pub filters: bool,
    /// Whether clients may order by it.
    pub orders: bool,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A whole number.
    Integer,
    /// A number that may have decimals.
    Decimal,
    /// True or false.
    Boolean,
    /// An instant.
    Time,
    /// An instant that people may write by the clock on their wall. Which clock that is, the
    /// program says ([`Filter::read_by`](super::Filter::read_by)).
    Local,
    /// One of an enumeration's values, with the number that is stored.
    Choice(&'static [(&'static str, i16)]),
    /// One of an enumeration's values, stored as these words.
    Word(&'static [&'static str]),
    /// Several texts. The expression yields an array of them, folded.
    Texts,
}

impl Field {
    const fn new(path: &'static str, kind: Kind, sql: &'static str) -> Self {
        Self { path, kind, sql, filters: true, orders: true }
    }

    /// Whether a client means this field: by its path, or as JSON spells that (`address.postCode`).
    #[must_use]
    pub(super) fn is_called(&self, given: &str) -> bool {
        let mut up = false;
        let spelt = self.path.chars().filter_map(|letter| {
            let next = if up { letter.to_ascii_uppercase() } else { letter };
            up = letter == '_';
            (!up).then_some(next)
        });
        given == self.path || spelt.eq(given.chars())
    }

    /// The same field, by which clients may filter and not order.
    #[must_use]
    pub const fn only_filters(self) -> Self {
        Self { orders: false, ..self }
    }

    /// The same field, by which clients may order and not filter.
    #[must_use]
    pub const fn only_orders(self) -> Self {
        Self { filters: false, ..self }
    }

    /// The same field, for the program alone.
    #[must_use]
    pub const fn hidden(self) -> Self {
        Self { filters: false, orders: false, ..self }
    }

    /// A field that holds text.
    #[must_use]
    pub const fn text(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Text, sql)
    }

    /// A field that holds a whole number.
    #[must_use]
    pub const fn integer(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Integer, sql)
    }

    /// A field that holds a number.
    #[must_use]
    pub const fn decimal(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Decimal, sql)
    }

    /// A field that holds true or false.
    #[must_use]
    pub const fn boolean(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Boolean, sql)
    }

    /// A field that holds an instant.
    #[must_use]
    pub const fn time(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Time, sql)
    }

    /// A field that holds an instant and may be compared with what a clock on the wall shows.
    #[must_use]
    pub const fn local(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Local, sql)
    }

    /// A field that holds several texts; the expression yields an array of them, folded.
    #[must_use]
    pub const fn texts(path: &'static str, sql: &'static str) -> Self {
        Self::new(path, Kind::Texts, sql)
    }

    /// A field that holds one of some words, which the expression yields in lower case.
    #[must_use]
    pub const fn word(
        path: &'static str,
        sql: &'static str,
        words: &'static [&'static str],
    ) -> Self {
        Self::new(path, Kind::Word(words), sql)
    }

    /// A field that holds one of some values.
    #[must_use]
    pub const fn choice(
        path: &'static str,
        sql: &'static str,
        values: &'static [(&'static str, i16)],
    ) -> Self {
        Self::new(path, Kind::Choice(values), sql)
    }
}

/// How many fields there are in all parts.
#[must_use]
pub const fn count(parts: &[&[Field]]) -> usize {
    let mut all = 0;
    let mut part = 0;
    while part < parts.len() {
        all += parts[part].len();
        part += 1;
    }
    all
}

/// One table of fields from its parts, [`count`] of them.
#[must_use]
pub const fn joined<const ALL: usize>(parts: &[&[Field]]) -> [Field; ALL] {
    let mut all = [Field::text("", ""); ALL];
    let mut filled = 0;
    let mut part = 0;
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            all[filled] = parts[part][at];
            filled += 1;
            at += 1;
        }
        part += 1;
    }
    assert!(filled == ALL, "the table has another length");
    all
}

/// What a field is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number that may have decimals.
    Decimal(Decimal),
    /// True or false.
    Boolean(bool),
    /// An instant.
    Time(Timestamp),
    /// The stored number of an enumeration's value.
    Choice(i16),
}

impl Kind {
    /// Reads a literal of this kind; the error says what is wrong with it.
    pub(super) fn read(self, text: &str) -> Result<Value, String> {
        match self {
            Self::Text | Self::Texts => Ok(Value::Text(text.to_owned())),
            Self::Integer => {
                text.parse().map(Value::Integer).map_err(|_| "is not a whole number".to_owned())
            }
            Self::Decimal => {
                text.parse().map(Value::Decimal).map_err(|_| "is not a number".to_owned())
            }
            Self::Boolean => match text {
                "true" => Ok(Value::Boolean(true)),
                "false" => Ok(Value::Boolean(false)),
                _ => Err("is neither true nor false".to_owned()),
            },
            Self::Time | Self::Local => time::parse(text)
                .map(Value::Time)
                .ok_or_else(|| "is not a date and time, such as 2026-03-31T12:00:00Z".to_owned()),
            Self::Choice(values) => {
                let is_whole = |(name, _): &&(&str, i16)| name.eq_ignore_ascii_case(text);
                let prefix = common_prefix(values);
                let is_short = |(name, _): &&(&str, i16)| bare(&name[prefix..]) == bare(text);
                let found = values.iter().find(is_whole);
                let found = found.or_else(|| values.iter().find(is_short).filter(|_| prefix > 0));
                found.map(|(_, number)| Value::Choice(*number)).ok_or_else(|| {
                    let names: Vec<&str> = values.iter().map(|(name, _)| *name).collect();
                    format!("is not one of {}", names.join(", "))
                })
            }
            Self::Word(words) => {
                let found = words.iter().find(|word| word.eq_ignore_ascii_case(text));
                found
                    .map(|word| Value::Text((*word).to_owned()))
                    .ok_or_else(|| format!("is not one of {}", words.join(", ")))
            }
        }
    }
}

/// How much of their names the values of an enumeration share: `ISSUE_STATUS_`.
fn common_prefix(values: &[(&str, i16)]) -> usize {
    let Some(((first, _), others)) = values.split_first() else { return 0 };
    let shared = |name: &str| first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
    let length = others.iter().map(|(name, _)| shared(name)).min().unwrap_or_default();
    first[..length].rfind('_').map_or(0, |at| at + 1)
}

/// A name as it is compared: `InProgress` is `IN_PROGRESS`.
fn bare(name: &str) -> String {
    name.replace('_', "").to_ascii_lowercase()
}
