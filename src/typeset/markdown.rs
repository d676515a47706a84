//! Reading Markdown ([CommonMark](https://spec.commonmark.org)), as it is typed by people who are
//! trusted with words and not with markup: HTML in it is text, and of pictures there is what they
//! are called.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};

use crate::{Block, Content, Face, Run};

/// Addresses that a text may lead to.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// The events of a text, without what could bring markup or lead astray.
fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    // Whether each link that is open was kept.
    let mut links = Vec::new();
    Parser::new_ext(text, Options::empty()).filter_map(move |event| {
        if let Event::Start(Tag::Link { dest_url, .. }) = &event {
            let is_kept = SCHEMES.iter().any(|scheme| dest_url.starts_with(scheme));
            links.push(is_kept);
            return is_kept.then_some(event);
        }
        if matches!(event, Event::End(TagEnd::Link)) {
            return links.pop().unwrap_or_default().then_some(event);
        }
        if let Event::Html(text) | Event::InlineHtml(text) = event {
            return Some(Event::Text(text));
        }
        let is_picture = matches!(
            event,
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock)
                | Event::End(TagEnd::Image | TagEnd::HtmlBlock)
        );
        (!is_picture).then_some(event)
    })
}

/// A text as HTML, for the inside of a page.
#[must_use]
pub fn html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() * 3 / 2);
    push_html(&mut html, events(text));
    html
}

/// A value as it may stand in Markdown: whatever it holds, it shows as it is.
#[must_use]
pub fn escape(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    for word in value.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for letter in word.chars() {
            if matches!(letter, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '&' | '#' | '~') {
                escaped.push('\\');
            }
            escaped.push(letter);
        }
    }
    escaped
}

/// A text as the blocks of a document.
#[must_use]
pub fn blocks(text: &str) -> Vec<Block> {
    let mut reader = Reader::default();
    for event in events(text) {
        reader.event(event);
    }
    reader.finish_paragraph();
    reader.blocks
}

/// What is around the text that comes next.
#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    text: Vec<Run>,
    /// Number of the next item of each list that is open; none for bullets.
    lists: Vec<Option<u64>>,
    quotes: u8,
    mark: Option<String>,
    strong: u8,
    emphasis: u8,
    heading: Option<u8>,
    verbatim: Option<String>,
    link: Option<(String, usize)>,
}

impl Reader {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
            | Event::Html(text)
            | Event::InlineHtml(text)
            | Event::FootnoteReference(text) => self.push(&text),
            Event::SoftBreak => self.push(" "),
            Event::HardBreak => self.push("\n"),
            Event::Rule => {
                self.finish_paragraph();
                self.block(Content::Rule);
            }
            Event::TaskListMarker(_) => {}
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "extensions that are not switched on")]
    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Strong => self.strong += 1,
            Tag::Emphasis => self.emphasis += 1,
            Tag::Heading { level, .. } => {
                self.finish_paragraph();
                self.heading = Some(level as u8);
            }
            Tag::BlockQuote(_) => {
                self.finish_paragraph();
                self.quotes = self.quotes.saturating_add(1);
            }
            Tag::CodeBlock(_) => {
                self.finish_paragraph();
                self.verbatim = Some(String::new());
            }
            Tag::List(first) => {
                self.finish_paragraph();
                self.lists.push(first);
            }
            Tag::Item => {
                self.finish_paragraph();
                self.mark = Some(match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}.");
                        *number += 1;
                        mark
                    }
                    _ => "\u{2022}".to_owned(),
                });
            }
            Tag::Link { dest_url, .. } => self.link = Some((dest_url.to_string(), self.length())),
            _ => self.finish_paragraph(),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "extensions that are not switched on")]
    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Strong => self.strong = self.strong.saturating_sub(1),
            TagEnd::Emphasis => self.emphasis = self.emphasis.saturating_sub(1),
            TagEnd::Heading(_) => {
                let text = std::mem::take(&mut self.text);
                let level = self.heading.take().unwrap_or(1);
                self.block(Content::Heading(level, text));
            }
            TagEnd::BlockQuote(_) => {
                self.finish_paragraph();
                self.quotes = self.quotes.saturating_sub(1);
            }
            TagEnd::CodeBlock => {
                if let Some(text) = self.verbatim.take() {
                    self.block(Content::Verbatim(text.trim_end().to_owned()));
                }
            }
            TagEnd::List(_) => {
                self.finish_paragraph();
                self.lists.pop();
            }
            TagEnd::Item => {
                self.finish_paragraph();
                // One that says nothing has its mark all the same.
                if self.mark.is_some() {
                    self.block(Content::Paragraph(Vec::new()));
                }
            }
            TagEnd::Link => self.end_of_link(),
            _ => self.finish_paragraph(),
        }
    }

    /// On paper a link shows where it leads.
    fn end_of_link(&mut self) {
        let Some((url, start)) = self.link.take() else { return };
        let said: String = self.text.iter().map(|run| run.text.as_str()).collect();
        let said = said.get(start..).unwrap_or_default().to_owned();
        if url != said && url.strip_prefix("mailto:") != Some(said.as_str()) {
            self.push(&CowStr::from(format!(" ({url})")));
        }
    }

    fn length(&self) -> usize {
        self.text.iter().map(|run| run.text.len()).sum()
    }

    fn push(&mut self, text: &str) {
        if let Some(verbatim) = &mut self.verbatim {
            verbatim.push_str(text);
            return;
        }
        let face = match (self.strong, self.emphasis) {
            (0, 0) => Face::Regular,
            (0, _) => Face::Italic,
            _ => Face::Bold,
        };
        self.text.push(Run { text: text.to_owned(), face });
    }

    fn finish_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        if !text.is_empty() {
            self.block(Content::Paragraph(text));
        }
    }

    fn block(&mut self, content: Content) {
        let lists = u8::try_from(self.lists.len()).unwrap_or(u8::MAX);
        let depth = lists.saturating_add(self.quotes);
        self.blocks.push(Block { depth, mark: self.mark.take(), content });
    }
}
