//! Collects what is wrong with a request, so that all of it is answered at once.

use crate::error::{Error, Result, Violation, ViolationKind};
use crate::text;
use crate::time::{self, Timestamp};

/// The refused fields of one request.
///
/// Field paths are proto names below `prefix`, the field of the request message that holds
/// the body: `owner` + `invoice_address.city`.
#[derive(Debug, Clone, Default)]
pub struct Violations {
    prefix: &'static str,
    found: Vec<Violation>,
}

impl Violations {
    /// Starts a collection whose paths lie below `prefix`; empty for the request itself.
    #[must_use]
    pub fn below(prefix: &'static str) -> Self {
        Self { prefix, found: Vec::new() }
    }

    /// Records a refused field.
    pub fn push(&mut self, field: &str, kind: ViolationKind, message: impl Into<String>) {
        let field = match (self.prefix, field) {
            ("", field) => field.to_owned(),
            (prefix, "") => prefix.to_owned(),
            (prefix, field) => format!("{prefix}.{field}"),
        };
        self.found.push(Violation { field, kind, message: message.into() });
    }

    /// Records a missing field.
    pub fn required(&mut self, field: &str) {
        let Violation { kind, message, .. } = Violation::required(field);
        self.push(field, kind, message);
    }

    /// Records an unreadable field.
    pub fn format(&mut self, field: &str, message: impl Into<String>) {
        self.push(field, ViolationKind::Format, message);
    }

    /// Records a broken rule.
    pub fn rule(&mut self, field: &str, message: impl Into<String>) {
        self.push(field, ViolationKind::Rule, message);
    }

    /// Records a broken rule that has a name of its own, in UPPER_SNAKE.
    pub fn named(&mut self, field: &str, name: &'static str, message: impl Into<String>) {
        self.push(field, ViolationKind::Named(name), message);
    }

    /// Reads an instant, given as seconds and nanoseconds since 1970. One out of the years that are
    /// stored ([`time::in_range`]) is refused.
    pub fn instant(&mut self, field: &str, seconds: i64, nanos: i32) -> Option<Timestamp> {
        let read = Timestamp::new(seconds, nanos).ok().filter(|read| time::in_range(*read));
        if read.is_none() {
            self.format(field, format!("{} is not a date and time.", text::sentence(field)));
        }
        read
    }

    /// Refuses a number outside of a range.
    pub fn range<T: PartialOrd + std::fmt::Display>(
        &mut self,
        field: &str,
        value: T,
        range: std::ops::RangeInclusive<T>,
    ) {
        if !range.contains(&value) {
            let (name, low, high) = (text::sentence(field), range.start(), range.end());
            self.named(field, "OUT_OF_RANGE", format!("{name} is not between {low} and {high}."));
        }
    }

    /// A text that may be absent: trimmed, in the composed form of Unicode, without control
    /// characters other than line breaks, of at most `max` characters as it is kept. An empty one
    /// is none.
    pub fn tidy(&mut self, field: &str, value: Option<String>, max: usize) -> Option<String> {
        let value = text::tidy(&value?);
        self.check(field, &value, max);
        if value.chars().any(|char| char.is_control() && char != '\n') {
            let name = text::sentence(field);
            self.format(field, format!("{name} holds a control character."));
        }
        (!value.is_empty()).then_some(value)
    }

    /// A tidy text that must be there.
    pub fn required_tidy(&mut self, field: &str, value: Option<String>, max: usize) -> String {
        let empty = value.as_deref().is_none_or(|value| value.trim().is_empty());
        if empty {
            self.required(field);
            return String::new();
        }
        self.tidy(field, value, max).unwrap_or_default()
    }

    /// A text that must be there: trimmed, not empty, of at most `max` characters as sent.
    pub fn required_text(&mut self, field: &str, value: String, max: usize) -> String {
        let trimmed = text::trimmed(self.checked(field, value, max));
        if trimmed.is_empty() {
            self.required(field);
        }
        trimmed
    }

    /// A text that may be absent, of at most `max` characters; kept as sent.
    pub fn text(&mut self, field: &str, value: Option<String>, max: usize) -> Option<String> {
        value.map(|value| self.checked(field, value, max))
    }

    /// An e-mail address that must be there; trimmed, its letter case kept.
    pub fn required_email(&mut self, field: &str, value: String) -> String {
        let trimmed = text::trimmed(value);
        if trimmed.is_empty() {
            self.required(field);
            return trimmed;
        }
        self.checked_email(field, trimmed)
    }

    /// An e-mail address that may be absent or empty.
    pub fn email(&mut self, field: &str, value: Option<String>) -> Option<String> {
        let trimmed = text::trimmed(value?);
        if trimmed.is_empty() { Some(trimmed) } else { Some(self.checked_email(field, trimmed)) }
    }

    /// A telephone number in the form of E.164 that may be absent.
    pub fn phone(&mut self, field: &str, value: Option<String>) -> Option<String> {
        let value = self.tidy(field, value, 16)?;
        let digits = value.strip_prefix('+').unwrap_or("");
        let fine = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if !fine {
            let message =
                format!("{} is not a number such as +351912345678.", text::sentence(field));
            self.format(field, message);
        }
        Some(value)
    }

    /// An id that must be there and positive.
    pub fn required_id(&mut self, field: &str, value: i64) -> i64 {
        if value == 0 {
            self.required(field);
        }
        value
    }

    /// A message that must be there.
    pub fn required_message<T: Default>(&mut self, value: Option<T>) -> T {
        value.unwrap_or_else(|| {
            self.required("");
            T::default()
        })
    }

    fn checked_email(&mut self, field: &str, value: String) -> String {
        if !text::is_email(&value) {
            self.format(field, format!("{} is not an e-mail address.", text::sentence(field)));
        }
        value
    }

    fn checked(&mut self, field: &str, value: String, max: usize) -> String {
        self.check(field, &value, max);
        value
    }

    fn check(&mut self, field: &str, value: &str, max: usize) {
        if value.contains('\0') {
            self.format(field, format!("{} holds a NUL character.", text::sentence(field)));
        }
        if value.len() > max && value.chars().count() > max {
            let field_name = text::sentence(field);
            let message = format!("{field_name} is longer than {max} characters.");
            self.named(field, "TOO_LONG", message);
        }
    }

    /// The value of a check that refuses fields by itself. What it refuses is among these then, in
    /// place of the value.
    ///
    /// # Errors
    /// Whatever is no refusal of fields.
    pub fn take<T: Default>(&mut self, checked: Result<T>) -> Result<T> {
        match checked {
            Err(error) if !error.violations().is_empty() => {
                self.found.extend_from_slice(error.violations());
                Ok(T::default())
            }
            checked => checked,
        }
    }

    /// Whether nothing was refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether a field or a part of it was refused, by its path from the request on.
    #[must_use]
    pub fn refuses(&self, path: &str) -> bool {
        let ends = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
        self.found.iter().any(|one| one.field.strip_prefix(path).is_some_and(ends))
    }

    /// Passes `value` on when nothing was refused.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with every violation.
    pub fn finish<T>(self, value: T) -> Result<T> {
        if self.found.is_empty() { Ok(value) } else { Err(Error::invalid(self.found)) }
    }
}
