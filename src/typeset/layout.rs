//! Where everything of a document stands, page by page.

use crate::document::{Block, Content, Document, Run};
use crate::face::{Face, Faces};
use crate::line::{Line, lines};
use crate::picture::Picture;

/// Distance from the edges of the paper, in points.
pub(crate) const MARGIN: f32 = 64.0;
/// Size of the letters of text, in points.
const SIZE: f32 = 10.5;
/// Distance of the lines of text, in multiples of the size.
const LEADING: f32 = 1.45;
/// How far one step is indented.
const STEP: f32 = 18.0;
/// Deepest indentation there is room for.
const DEEPEST: u8 = 10;
/// Width of the names of pairs.
const NAMES: f32 = 118.0;

/// How dark something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ink {
    Dark,
    Quiet,
    Faint,
}

/// Something at its place, in points from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Placed {
    /// A line of text; `y` is its base line.
    Text { x: f32, y: f32, size: f32, ink: Ink, line: Line },
    /// A line across.
    Rule { x: f32, y: f32, width: f32 },
    /// A picture; `y` is its upper edge.
    Picture { x: f32, y: f32, size: (f32, f32), picture: Picture },
}

/// What stands on a page.
pub(crate) type Page = Vec<Placed>;

/// The pages of a document.
pub(crate) fn pages(faces: &Faces, document: &Document) -> Vec<Page> {
    let (width, height) = document.paper.size();
    let mut setter = Setter {
        faces,
        width,
        bottom: height - MARGIN,
        y: MARGIN,
        pages: Vec::new(),
        page: Vec::new(),
    };
    for block in &document.blocks {
        setter.block(block);
    }
    setter.turn();
    let mut pages = setter.pages;
    if pages.is_empty() {
        pages.push(Page::new());
    }
    let count = pages.len();
    for (index, page) in pages.iter_mut().enumerate() {
        foot(faces, document, page, index + 1, count);
    }
    pages
}

/// What stands at the foot of a page.
fn foot(faces: &Faces, document: &Document, page: &mut Page, number: usize, count: usize) {
    let (width, height) = document.paper.size();
    let (size, y) = (8.5, height - MARGIN / 2.0);
    let numbering = document
        .numbering
        .replace("{page}", &number.to_string())
        .replace("{pages}", &count.to_string());
    let beside = faces.width(Face::Regular, &numbering, size);
    let room = width - 2.0 * MARGIN - beside - STEP;
    page.push(Placed::Rule { x: MARGIN, y: y - 14.0, width: width - 2.0 * MARGIN });
    let first = lines(faces, &[Run::plain(document.foot.clone())], size, room).into_iter().next();
    if let Some(line) = first {
        page.push(Placed::Text { x: MARGIN, y, size, ink: Ink::Quiet, line });
    }
    let line = vec![Run::plain(numbering)];
    page.push(Placed::Text { x: width - MARGIN - beside, y, size, ink: Ink::Quiet, line });
}

/// Letters of one sort: their size, the distance of their lines, and the room above.
#[derive(Clone, Copy)]
struct Sort {
    size: f32,
    leading: f32,
    above: f32,
    ink: Ink,
}

impl Sort {
    const TEXT: Self = Self { size: SIZE, leading: SIZE * LEADING, above: 7.0, ink: Ink::Dark };

    const fn heading(level: u8) -> Self {
        let (size, above) = match level {
            1 => (20.0, 16.0),
            2 => (14.5, 16.0),
            3 => (12.0, 12.0),
            _ => (SIZE, 10.0),
        };
        Self { size, leading: size * 1.25, above, ink: Ink::Dark }
    }
}

struct Setter<'a> {
    faces: &'a Faces,
    width: f32,
    /// Where the foot begins.
    bottom: f32,
    /// Where the next line begins.
    y: f32,
    pages: Vec<Page>,
    page: Page,
}

impl Setter<'_> {
    fn block(&mut self, block: &Block) {
        let left = MARGIN + f32::from(block.depth.min(DEEPEST)) * STEP;
        let room = self.width - MARGIN - left;
        match &block.content {
            Content::Heading(level, text) => {
                let sort = Sort::heading(*level);
                // What is emphasised in it stays so.
                let face = |face| if face == Face::Regular { Face::Bold } else { face };
                let runs = text.iter().map(|run| Run { face: face(run.face), ..run.clone() });
                let found = lines(self.faces, &runs.collect::<Vec<_>>(), sort.size, room);
                // A heading is not left alone at the end of a page.
                self.gap(sort.above);
                let followed = Sort::TEXT.above + 2.0 * Sort::TEXT.leading;
                self.need(height(&found, sort) + followed);
                self.mark(block, left, sort);
                self.lines(found, left, sort);
            }
            Content::Paragraph(text) => {
                let found = lines(self.faces, text, SIZE, room);
                self.gap(if block.mark.is_some() { 3.0 } else { Sort::TEXT.above });
                // Two lines of a paragraph stay together.
                self.need(Sort::TEXT.leading * if found.len() > 1 { 2.0 } else { 1.0 });
                self.mark(block, left, Sort::TEXT);
                self.lines(found, left, Sort::TEXT);
            }
            Content::Verbatim(text) => {
                let sort = Sort { size: 9.5, leading: 13.0, ..Sort::TEXT };
                self.gap(sort.above);
                self.mark(block, left, sort);
                for line in text.lines() {
                    // Spaces that would be folded keep their width.
                    let kept = Run::plain(line.replace('\t', "    ").replace(' ', "\u{a0}"));
                    self.lines(lines(self.faces, &[kept], sort.size, room), left, sort);
                }
            }
            Content::Rule => {
                self.gap(14.0);
                self.need(14.0);
                self.page.push(Placed::Rule { x: left, y: self.y, width: room });
                self.y += 7.0;
            }
            Content::Pair(name, value) => {
                let quiet = Sort { ink: Ink::Quiet, above: 5.0, ..Sort::TEXT };
                let names = lines(self.faces, &[Run::plain(name.as_str())], SIZE, NAMES - 10.0);
                let values = lines(self.faces, &[Run::plain(value.as_str())], SIZE, room - NAMES);
                self.gap(quiet.above);
                self.need(height(&names, quiet).max(Sort::TEXT.leading));
                let top = self.y;
                self.lines(names, left, quiet);
                let beside = self.y;
                self.y = top;
                self.lines(values, left + NAMES, Sort::TEXT);
                self.y = self.y.max(beside);
            }
            Content::Picture(picture, (width, height)) => {
                let size = picture.size((width.min(room), height.min(self.bottom - MARGIN)));
                self.gap(10.0);
                self.need(size.1);
                let picture = picture.clone();
                self.page.push(Placed::Picture { x: left, y: self.y, size, picture });
                self.y += size.1;
            }
            Content::PageBreak => self.turn(),
        }
    }

    /// Sets the mark of an item before its first line.
    fn mark(&mut self, block: &Block, left: f32, sort: Sort) {
        let Some(mark) = &block.mark else { return };
        let width = self.faces.width(Face::Regular, mark, sort.size);
        let (x, y) = (left - width - 6.0, self.y + base(sort));
        let line = vec![Run::plain(mark.as_str())];
        self.page.push(Placed::Text { x, y, size: sort.size, ink: Ink::Quiet, line });
    }

    fn lines(&mut self, lines: Vec<Line>, x: f32, sort: Sort) {
        for line in lines {
            self.need(sort.leading);
            if !line.is_empty() {
                let y = self.y + base(sort);
                self.page.push(Placed::Text { x, y, size: sort.size, ink: sort.ink, line });
            }
            self.y += sort.leading;
        }
    }

    /// Leaves room, unless the page has just begun.
    fn gap(&mut self, room: f32) {
        if !self.page.is_empty() {
            self.y += room;
        }
    }

    /// Goes on to the next page when less than `height` is left of this one.
    fn need(&mut self, height: f32) {
        if self.y + height > self.bottom && !self.page.is_empty() {
            self.turn();
        }
    }

    /// Ends the page, if something stands on it.
    fn turn(&mut self) {
        if !self.page.is_empty() {
            self.pages.push(std::mem::take(&mut self.page));
        }
        self.y = MARGIN;
    }
}

#[expect(clippy::cast_precision_loss, reason = "lines of one block are few")]
fn height(lines: &[Line], sort: Sort) -> f32 {
    lines.len() as f32 * sort.leading
}

/// How far the base line lies below the top of a line.
fn base(sort: Sort) -> f32 {
    (sort.leading + sort.size * 0.7) / 2.0
}
