//! Typesetting: documents for people to read and keep.
//!
//! A document is made of [`Block`]s, most of them read from Markdown ([`blocks`]), and becomes a
//! PDF by [`fn@pdf`]. The same Markdown becomes a part of a page by [`fn@html`]. Pure: no clock, no
//! files, no network. The fonts are in the program, and the same document gives the same bytes.
//!
//! A crate of its own, because the PDF engine is the larger part of what it takes to compile.

mod document;
mod face;
mod layout;
mod line;
mod markdown;
mod pdf;
mod picture;
#[cfg(test)]
mod tests;

pub use document::{Block, Content, Document, Paper, Run};
pub use face::Face;
pub use markdown::{blocks, escape, html};
pub use pdf::pdf;
pub use picture::Picture;
