//! Documents, read back.

use steward_kernel::Result;

use super::*;

const TEXT: &str = "\
# House rules

Dear **Zoë Őry**, these are *our* rules; see [the page](https://example.com/rules).

1. Keys are never labelled.
2. Nobody else is let in,
   - no neighbours,
   - no friends.

> Said by the company.

---

```
a  b
```
<script>alert(1)</script>
";

fn document(blocks: Vec<Block>, paper: Paper) -> Document {
    Document {
        title: "Rules".to_owned(),
        author: "Acme".to_owned(),
        language: "en-US".to_owned(),
        paper,
        foot: "Acme".to_owned(),
        numbering: "Page {page} of {pages}".to_owned(),
        blocks,
    }
}

/// The number of pages, and the text of all without spaces: a PDF has places instead.
fn text(pdf: &[u8]) -> (usize, String) {
    let read = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = read.get_pages().into_keys().collect();
    let text = read.extract_text(&pages).expect("text");
    (pages.len(), tight(&text))
}

fn tight(text: &str) -> String {
    text.split_whitespace().collect()
}

fn small_png(color: png::ColorType, data: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
    encoder.set_color(color);
    let mut writer = encoder.write_header().expect("a head");
    writer.write_image_data(data).expect("points");
    writer.finish().expect("an end");
    bytes
}

#[test]
fn a_pdf_says_what_its_markdown_says() -> Result<()> {
    let mut blocks = blocks(TEXT);
    blocks.push(Block::of(Content::PageBreak));
    blocks.push(Block::of(Content::Pair("Signed by".to_owned(), "Zoë Őry".to_owned())));
    let picture = Picture::png(&small_png(png::ColorType::Grayscale, &[0, 255, 0, 255]))?;
    blocks.push(Block::of(Content::Picture(picture, (200.0, 80.0))));
    let document = document(blocks, Paper::A4);
    let written = pdf(&document)?;
    assert_eq!(pdf(&document)?, written, "the same input gives the same bytes");
    let (pages, text) = text(&written);
    assert_eq!(pages, 2);
    for said in [
        "House rules",
        "Dear Zoë Őry, these are our rules; see the page (https://example.com/rules).",
        "1.",
        "Nobody else is let in,",
        "no friends.",
        "<script>alert(1)</script>",
        "Page 1 of 2",
        "Page 2 of 2",
        "Signed by",
    ] {
        assert!(text.contains(&tight(said)), "{said}: {text}");
    }
    Ok(())
}

#[test]
fn a_long_text_goes_over_several_pages_and_no_line_leaves_them() -> Result<()> {
    let word = "x".repeat(200);
    let text = format!("{}\n\n{word}\n\n# Last\n\nEnd", "lorem ipsum dolor ".repeat(900));
    for paper in [Paper::A4, Paper::Letter] {
        let document = document(blocks(&text), paper);
        let faces = face::Faces::load()?;
        let pages = layout::pages(&faces, &document);
        assert!(pages.len() > 2, "{}", pages.len());
        let (width, height) = paper.size();
        for placed in pages.iter().flatten() {
            if let layout::Placed::Text { x, y, size, line, .. } = placed {
                let long: f32 =
                    line.iter().map(|run| faces.width(run.face, &run.text, *size)).sum();
                assert!(x + long < width - layout::MARGIN + 1.0 && *y < height - 20.0, "{line:?}");
            }
        }
        let (read, said) = self::text(&pdf(&document)?);
        assert_eq!(read, pages.len());
        assert_eq!(said.matches("ipsum").count(), 900);
    }
    // A document without a word has a page all the same.
    assert_eq!(self::text(&pdf(&document(Vec::new(), Paper::A4))?), (1, tight("Acme Page 1 of 1")));
    Ok(())
}

#[test]
fn html_has_the_markup_of_markdown_and_no_other() {
    let html = html(TEXT);
    assert!(html.contains("<h1>House rules</h1>") && html.contains("<strong>Zoë"), "{html}");
    assert!(html.contains("href=\"https://example.com/rules\""), "{html}");
    assert!(!html.contains("<script") && html.contains("&lt;script&gt;"), "{html}");
    for text in ["[a](javascript:alert(1))", "![a](https://x.example/y.png)", "a <img src=x> b"] {
        let html = super::html(text);
        assert!(!html.contains("<img") && !html.contains("href"), "{html}");
        assert!(html.contains('a'), "{html}");
    }
}

#[test]
fn a_value_shows_as_it_is() {
    for value in ["*Ann* _Lee_", "<b>Ann</b>", "[Ann](https://x.example)", "a\\*b & c", "`Ann`"] {
        let read = blocks(&format!("Dear {},", escape(value)));
        let [Block { content: Content::Paragraph(runs), .. }] = &read[..] else {
            panic!("one paragraph: {read:?}");
        };
        let said: String = runs.iter().map(|run| run.text.as_str()).collect();
        assert_eq!(said, format!("Dear {value},"));
        assert!(runs.iter().all(|run| run.face == Face::Regular), "{runs:?}");
    }
    assert_eq!(escape("Ann\n# Lee"), "Ann \\# Lee");
}

#[test]
fn paper_follows_the_region() {
    for (locale, paper) in [
        ("en-US", Paper::Letter),
        ("es-MX", Paper::Letter),
        ("zh-Hans-CN", Paper::A4),
        ("en", Paper::A4),
        ("ca", Paper::A4),
        ("nl-NL", Paper::A4),
    ] {
        assert_eq!(Paper::of_locale(locale), paper, "{locale}");
    }
}

#[test]
fn pictures_are_read_to_their_last_point() -> Result<()> {
    use png::ColorType::{Grayscale, GrayscaleAlpha, Rgb, Rgba};
    for (color, points) in [(Grayscale, 4), (GrayscaleAlpha, 8), (Rgb, 12), (Rgba, 16)] {
        let bytes = small_png(color, &vec![7; points]);
        let picture = Picture::png(&bytes)?;
        assert_eq!(picture.size((1.0, 5.0)), (1.0, 1.0));
        assert_eq!(picture.size((100.0, 100.0)), (1.5, 1.5), "not larger than on a screen");
        assert!(Picture::png(&bytes[..bytes.len() - 20]).is_err(), "cut off: {color:?}");
    }
    for none in [&b""[..], b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>"] {
        assert!(Picture::png(none).is_err(), "{none:?}");
    }
    // Few bytes that stand for many points.
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 20_000, 20_000);
    encoder.set_color(Grayscale);
    encoder.write_header().expect("a head");
    assert!(Picture::png(&bytes).is_err());
    Ok(())
}
