//! What a document is made of.

use crate::{Face, Picture};

/// A sheet of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paper {
    /// 210 by 297 mm.
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

/// Regions (ISO 3166-1) where paper is US Letter; it is A4 everywhere else.
const LETTER: [&str; 14] =
    ["US", "CA", "MX", "PH", "CL", "CO", "CR", "DO", "GT", "NI", "PA", "PR", "SV", "VE"];

impl Paper {
    /// The paper of a locale (BCP 47), such as `en-US`.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let is_letter = locale
            .split(['-', '_'])
            .skip(1)
            .any(|part| LETTER.iter().any(|region| part.eq_ignore_ascii_case(region)));
        if is_letter { Self::Letter } else { Self::A4 }
    }

    /// Width and height in points (1/72 inch).
    pub(crate) const fn size(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// A document.
#[derive(Debug, Clone)]
pub struct Document {
    /// What it is called, for programs that show it.
    pub title: String,
    /// Whom it is from.
    pub author: String,
    /// Its language (BCP 47).
    pub language: String,
    /// What it is printed on.
    pub paper: Paper,
    /// What stands at the foot of each page, left of its number.
    pub foot: String,
    /// How the pages are numbered: `Page {page} of {pages}`.
    pub numbering: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a document that begins on a new line.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// How far it is indented, in steps: within how many lists or quotations it is.
    pub depth: u8,
    /// What stands before its first line: the bullet or the number of an item.
    pub mark: Option<String>,
    /// What it says.
    pub content: Content,
}

impl Block {
    /// A block that is not indented.
    #[must_use]
    pub fn of(content: Content) -> Self {
        Self { depth: 0, mark: None, content }
    }
}

/// What a block says.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A heading, of level 1 to 6.
    Heading(u8, Vec<Run>),
    /// Lines of text.
    Paragraph(Vec<Run>),
    /// Lines that are broken where they are, and nowhere else if they fit.
    Verbatim(String),
    /// A line across the page.
    Rule,
    /// A name and the value of it beside.
    Pair(String, String),
    /// A picture that is at most so wide and high, in points.
    Picture(Picture, (f32, f32)),
    /// What follows begins on a new page.
    PageBreak,
}

/// A piece of text in one face. `\n` begins a new line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What it says.
    pub text: String,
    /// How its letters look.
    pub face: Face,
}

impl Run {
    /// A piece of plain text.
    #[must_use]
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), face: Face::Regular }
    }
}
