//! Pictures that people send.

use std::fmt;
use std::io::Cursor;

use krilla::image::Image;
use png::{ColorType, Decoder, Limits, Transformations};
use steward_kernel::{Error, Kind, Result, error::reason};

/// Most points of a picture: few bytes can stand for many.
const MOST_POINTS: u64 = 4_000_000;

/// A picture.
#[derive(Clone, PartialEq)]
pub struct Picture {
    image: Image,
    width: u32,
    height: u32,
}

impl Picture {
    /// Reads a PNG, every point of it.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for what is none, and for one of more than four million points.
    pub fn png(bytes: &[u8]) -> Result<Self> {
        let unreadable = |error| refused("This is no PNG.").with_source(error);
        let most = usize::try_from(MOST_POINTS * 8).map_err(Error::internal)?;
        let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: most });
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let (width, height) = (reader.info().width, reader.info().height);
        if u64::from(width) * u64::from(height) > MOST_POINTS {
            return Err(refused("The PNG has more than four million points."));
        }
        let size = reader.output_buffer_size().unwrap_or_default();
        let mut points = vec![0; size];
        reader.next_frame(&mut points).map_err(unreadable)?;
        let rgba = match reader.output_color_type().0 {
            ColorType::Rgba => points,
            ColorType::Rgb => expand(&points, 3, |p| [p[0], p[1], p[2], 255]),
            ColorType::GrayscaleAlpha => expand(&points, 2, |p| [p[0], p[0], p[0], p[1]]),
            ColorType::Grayscale | ColorType::Indexed => {
                expand(&points, 1, |p| [p[0], p[0], p[0], 255])
            }
        };
        Ok(Self { image: Image::from_rgba8(rgba, width, height), width, height })
    }

    pub(crate) fn image(&self) -> Image {
        self.image.clone()
    }

    /// Width and height in points of the page, as large as fits into `room` and no larger than a
    /// screen shows it.
    pub(crate) fn size(&self, room: (f32, f32)) -> (f32, f32) {
        #[expect(clippy::cast_precision_loss, reason = "four million points at most")]
        let (width, height) = (self.width as f32, self.height as f32);
        let scale = (room.0 / width).min(room.1 / height).min(0.75);
        (width * scale, height * scale)
    }
}

fn expand(points: &[u8], size: usize, point: impl Fn(&[u8]) -> [u8; 4]) -> Vec<u8> {
    points.chunks_exact(size).flat_map(point).collect()
}

fn refused(message: &'static str) -> Error {
    Error::new(Kind::InvalidArgument, reason::INVALID_FORMAT, message)
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} x {})", self.width, self.height)
    }
}
