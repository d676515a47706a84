//! Writing a document as a PDF.

use krilla::Document as Pdf;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use steward_kernel::{Error, Result};

use crate::Document;
use crate::face::Faces;
use crate::layout::{Ink, Page, Placed, pages};

/// Writes a document. The same one gives the same bytes.
///
/// # Errors
/// INTERNAL when it cannot be written.
pub fn pdf(document: &Document) -> Result<Vec<u8>> {
    let faces = Faces::load()?;
    let (width, height) = document.paper.size();
    let settings = PageSettings::from_wh(width, height).ok_or_else(|| unwritable("a page"))?;
    let mut pdf = Pdf::new();
    for page in pages(&faces, document) {
        let mut sheet = pdf.start_page_with(settings.clone());
        let mut surface = sheet.surface();
        draw(&mut surface, &faces, page)?;
        surface.finish();
        sheet.finish();
    }
    let metadata = Metadata::new()
        .title(document.title.clone())
        .authors(vec![document.author.clone()])
        .language(document.language.clone())
        .producer("steward".to_owned());
    pdf.set_metadata(metadata);
    pdf.finish().map_err(|error| unwritable(&format!("{error:?}")))
}

fn unwritable(what: &str) -> Error {
    Error::internal(format!("a PDF cannot be written: {what}"))
}

fn draw(surface: &mut Surface<'_>, faces: &Faces, page: Page) -> Result<()> {
    for placed in page {
        match placed {
            Placed::Text { mut x, y, size, ink, line } => {
                fill(surface, ink);
                for run in line {
                    let shaped = faces.shape(run.face, &run.text);
                    let (start, font) = (Point::from_xy(x, y), faces.font(run.face));
                    surface.draw_glyphs(start, &shaped.glyphs, font, &run.text, size, false);
                    x += shaped.width * size;
                }
            }
            Placed::Rule { x, y, width } => {
                fill(surface, Ink::Faint);
                let mut path = PathBuilder::new();
                let rect = Rect::from_xywh(x, y, width, 0.75);
                path.push_rect(rect.ok_or_else(|| unwritable("a line"))?);
                surface.draw_path(&path.finish().ok_or_else(|| unwritable("a line"))?);
            }
            Placed::Picture { x, y, size: (width, height), picture } => {
                let size = Size::from_wh(width, height).ok_or_else(|| unwritable("a picture"))?;
                surface.push_transform(&Transform::from_translate(x, y));
                surface.draw_image(picture.image(), size);
                surface.pop();
            }
        }
    }
    Ok(())
}

fn fill(surface: &mut Surface<'_>, ink: Ink) {
    let color = match ink {
        Ink::Dark => rgb::Color::new(0x17, 0x23, 0x1f),
        Ink::Quiet => rgb::Color::new(0x55, 0x64, 0x5f),
        Ink::Faint => rgb::Color::new(0xc9, 0xd3, 0xd0),
    };
    let fill = Fill { paint: color.into(), opacity: NormalizedF32::ONE, ..Fill::default() };
    surface.set_fill(Some(fill));
}
