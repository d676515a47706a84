//! A mail, and the languages it is written in.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Template;

/// A language that every template has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Dutch.
    Dutch,
    /// Portuguese.
    Portuguese,
    /// Spanish.
    Spanish,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::Dutch, Self::Portuguese, Self::Spanish];

    /// The language of a tag such as `nl` or `pt-PT`; English for one that no template has.
    #[must_use]
    pub fn of_tag(tag: &str) -> Self {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        Self::ALL.into_iter().find(|language| language.tag() == primary).unwrap_or_default()
    }

    /// Its tag (BCP 47).
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
            Self::Portuguese => "pt",
            Self::Spanish => "es",
        }
    }
}

/// A mail to be written.
#[derive(Debug, Clone)]
pub struct Mail<'a> {
    /// The address of who gets it.
    pub to: &'a str,
    /// The language they read.
    pub language: Language,
    /// What it says.
    pub template: &'a Template,
    /// The values the template names, as an object.
    pub values: Value,
    /// Where answers go, if not to the sender of all mail.
    pub reply_to: Option<&'a str>,
}

/// What the job of a mail knows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub(super) mail: i64,
}

/// A mail that was written.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) id: i64,
    /// The name of the business that it comes from.
    pub(super) sender: String,
    /// What sort of mail it is: the name of its template.
    pub(super) kind: String,
    pub(super) language: Language,
    pub(super) recipient: String,
    pub(super) subject: String,
    /// Nothing once it was sent.
    pub(super) body: Option<String>,
    pub(super) reply_to: Option<String>,
    /// Whether its reader may refuse mail like it.
    pub(super) optional: bool,
    /// The file it carries.
    pub(super) file: Option<i64>,
}

/// A mail that will not be sent.
#[derive(Debug)]
pub(super) struct GivenUp {
    pub(super) id: i64,
    pub(super) template: String,
    pub(super) language: String,
    pub(super) recipient: String,
}
