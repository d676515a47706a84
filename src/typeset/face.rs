//! The faces that documents are set in, and how wide their text is.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use steward_kernel::{Error, Result};

/// How letters look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Upright.
    Regular,
    /// Bold.
    Bold,
    /// Italic.
    Italic,
}

const FONTS: [&[u8]; 3] = [
    include_bytes!("fonts/LiberationSans-Regular.ttf"),
    include_bytes!("fonts/LiberationSans-Bold.ttf"),
    include_bytes!("fonts/LiberationSans-Italic.ttf"),
];

/// A face that was read.
struct Loaded {
    font: Font,
    shaper: rustybuzz::Face<'static>,
}

/// All faces.
pub(crate) struct Faces([Loaded; 3]);

/// Text whose letters have their places.
pub(crate) struct Shaped {
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// In multiples of the size of the letters.
    pub(crate) width: f32,
}

impl Faces {
    /// Reads the fonts of the program.
    ///
    /// # Errors
    /// INTERNAL when one cannot be read.
    pub(crate) fn load() -> Result<Self> {
        let load = |data: &'static [u8]| {
            let font = Font::new(data.into(), 0);
            let shaper = rustybuzz::Face::from_slice(data, 0);
            font.zip(shaper)
                .map(|(font, shaper)| Loaded { font, shaper })
                .ok_or_else(|| Error::internal("a font cannot be read"))
        };
        let [regular, bold, italic] = FONTS;
        Ok(Self([load(regular)?, load(bold)?, load(italic)?]))
    }

    pub(crate) fn font(&self, face: Face) -> Font {
        self.of(face).font.clone()
    }

    fn of(&self, face: Face) -> &Loaded {
        let Self([regular, bold, italic]) = self;
        match face {
            Face::Regular => regular,
            Face::Bold => bold,
            Face::Italic => italic,
        }
    }

    /// Width of a text in letters of `size` points.
    pub(crate) fn width(&self, face: Face, text: &str, size: f32) -> f32 {
        self.shape(face, text).width * size
    }

    /// Gives the letters of a text their places, with kerning, ligatures and marks.
    pub(crate) fn shape(&self, face: Face, text: &str) -> Shaped {
        let Loaded { font, shaper } = self.of(face);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.guess_segment_properties();
        let is_forward = buffer.direction() == Direction::LeftToRight;
        let output = rustybuzz::shape(shaper, &[], buffer);
        let (infos, positions) = (output.glyph_infos(), output.glyph_positions());
        // Where the text of a cluster ends: where the next one begins.
        let mut starts: Vec<usize> = infos.iter().map(|info| info.cluster as usize).collect();
        if !is_forward {
            starts.reverse();
        }
        starts.push(text.len());
        starts.dedup();
        let end_of = |start: usize| {
            let next = starts.partition_point(|other| *other <= start);
            starts.get(next).copied().unwrap_or(text.len())
        };
        let em = font.units_per_em();
        let units = |units: i32| {
            #[expect(clippy::cast_precision_loss, reason = "a font has some thousand units an em")]
            let units = units as f32;
            units / em
        };
        let glyphs = infos.iter().zip(positions).map(|(info, position)| {
            let start = info.cluster as usize;
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                units(position.x_advance),
                units(position.x_offset),
                units(position.y_offset),
                units(position.y_advance),
                start..end_of(start),
                None,
            )
        });
        let glyphs: Vec<_> = glyphs.collect();
        let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Shaped { glyphs, width }
    }
}
