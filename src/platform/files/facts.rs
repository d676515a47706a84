//! What is in a file, found out without reading a picture's points or drawing a page.

use std::io::Read;

use bytes::Bytes;
use flate2::read::ZlibDecoder;
use steward_kernel::{Error, Result};

use super::content::HEAD;
use super::model::Facts;

/// Bytes at the beginning of a picture in which its size is looked for. What cameras and programs
/// write before it is far shorter.
const PICTURE_HEAD: u64 = 512 * 1024;
/// Most bytes that one packed part of a PDF may become, and all of them together. Larger ones can
/// be made on purpose: the pages of such a PDF are not told.
const MOST_UNPACKED: u64 = 8 * 1024 * 1024;
const MOST_UNPACKED_IN_ALL: usize = 64 * 1024 * 1024;
/// How much of a PDF is looked at for entries in all, so that no file can be made to take long.
const MOST_LOOKED_AT: usize = 64 * 1024 * 1024;

/// How many bytes from the beginning of a file are needed to tell what is in it.
pub(super) fn needed(content_type: &str) -> u64 {
    match content_type {
        "application/pdf" => u64::MAX,
        _ if content_type.starts_with("image/") => PICTURE_HEAD,
        _ => HEAD,
    }
}

/// What is in a file that begins with `head`, of which as much as is [`needed`] is there. What
/// cannot be told is left out.
pub(super) async fn of(head: Bytes, content_type: &str) -> Result<Facts> {
    if content_type == "application/pdf" {
        // Unpacking takes its time.
        let pages = tokio::task::spawn_blocking(move || pages(&head)).await;
        return Ok(Facts { pages: pages.map_err(Error::internal)?, ..Facts::default() });
    }
    if !content_type.starts_with("image/") {
        return Ok(Facts::default());
    }
    let size = imagesize::blob_size(&head).ok().and_then(|size| {
        let points = |length| i32::try_from(length).ok().filter(|length| *length > 0);
        Some((points(size.width)?, points(size.height)?))
    });
    let (width, height) = size.unzip();
    Ok(Facts { width, height, pages: None })
}

/// The number of pages of a PDF: the count of the root of its tree of pages. Of several, as a PDF
/// has that was changed, the last one holds. The entry stands in the file as it is, or in a packed
/// stream of entries.
fn pages(pdf: &[u8]) -> Option<i32> {
    let mut looked_at = MOST_LOOKED_AT;
    let mut unpacked_in_all = 0;
    let mut found = None;
    let mut unpacked = Vec::new();
    for (at, kind) in types(pdf) {
        match kind {
            Kind::Pages => found = root(pdf, at, &mut looked_at).or(found),
            Kind::Packed => {
                let Some(packed) = stream(pdf, at) else { continue };
                unpacked.clear();
                // Of one that is broken off, or sealed, there is what could be read.
                ZlibDecoder::new(packed).take(MOST_UNPACKED).read_to_end(&mut unpacked).ok();
                unpacked_in_all += unpacked.len();
                if unpacked_in_all > MOST_UNPACKED_IN_ALL {
                    return None;
                }
                for (at, kind) in types(&unpacked) {
                    if matches!(kind, Kind::Pages) {
                        found = root(&unpacked, at, &mut looked_at).or(found);
                    }
                }
            }
        }
        if looked_at == 0 {
            return None;
        }
    }
    found
}

/// What an entry says that it is.
enum Kind {
    /// A branch of the tree of pages.
    Pages,
    /// A stream of packed entries.
    Packed,
}

/// Where entries say that they are one of these.
fn types(bytes: &[u8]) -> impl Iterator<Item = (usize, Kind)> {
    const TYPE: &[u8] = b"/Type";
    let starts = bytes.windows(TYPE.len()).enumerate().filter(|(_, window)| *window == TYPE);
    starts.filter_map(|(at, _)| {
        let name = bytes[at + TYPE.len()..].trim_ascii_start();
        let kind = match () {
            () if is_named(name, b"/Pages") => Kind::Pages,
            () if is_named(name, b"/ObjStm") => Kind::Packed,
            () => return None,
        };
        Some((at, kind))
    })
}

/// Whether bytes begin with a name, and not with a longer one.
fn is_named(bytes: &[u8], name: &[u8]) -> bool {
    let rest = bytes.strip_prefix(name);
    rest.is_some_and(|rest| !rest.first().is_some_and(u8::is_ascii_alphanumeric))
}

/// What stands behind a name in an entry.
fn value<'a>(entry: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut starts = entry.windows(name.len()).enumerate().filter(|(_, window)| *window == name);
    let (at, _) = starts.find(|(at, _)| is_named(&entry[*at..], name))?;
    Some(entry[at + name.len()..].trim_ascii_start())
}

/// The count of the branch of pages whose type stands at `at`; nothing for one that grows out of
/// another.
fn root(bytes: &[u8], at: usize, looked_at: &mut usize) -> Option<i32> {
    let around = entry(bytes, at, looked_at)?;
    if value(around, b"/Parent").is_some() {
        return None;
    }
    let count = value(around, b"/Count")?;
    let digits = count.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = count.split_at(digits);
    // A number behind it makes it the name of an entry elsewhere, as nobody writes a count.
    let is_elsewhere = rest.trim_ascii_start().first().is_some_and(u8::is_ascii_digit);
    let count: i32 = std::str::from_utf8(number).ok()?.parse().ok()?;
    (!is_elsewhere && count > 0).then_some(count)
}

/// The entry, from its `<<` to its `>>`, in which `at` lies.
fn entry<'a>(bytes: &'a [u8], at: usize, looked_at: &mut usize) -> Option<&'a [u8]> {
    let pair = |place: usize| bytes.get(place..place + 2);
    let (mut start, mut depth) = (at, 0_usize);
    loop {
        *looked_at = looked_at.checked_sub(1)?;
        start = start.checked_sub(1)?;
        match pair(start)? {
            b"<<" if depth == 0 => break,
            b"<<" => depth -= 1,
            b">>" => depth += 1,
            _ => continue,
        }
        start = start.checked_sub(1)?;
    }
    let (mut end, mut depth) = (at, 0_usize);
    loop {
        *looked_at = looked_at.checked_sub(1)?;
        match pair(end)? {
            b">>" if depth == 0 => break,
            b">>" => depth -= 1,
            b"<<" => depth += 1,
            _ => {
                end += 1;
                continue;
            }
        }
        end += 2;
    }
    Some(&bytes[start..end])
}

/// The bytes of the stream whose type stands at `at`.
fn stream(bytes: &[u8], at: usize) -> Option<&[u8]> {
    const BEGIN: &[u8] = b"stream";
    let behind = &bytes[at..bytes.len().min(at + 1024)];
    let start = behind.windows(BEGIN.len()).position(|window| window == BEGIN)?;
    let data = &bytes[at + start + BEGIN.len()..];
    let data = data.strip_prefix(b"\r").unwrap_or(data);
    data.strip_prefix(b"\n")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).expect("packed");
        let packed = encoder.finish().expect("packed");
        let head = format!(
            "<</Type /ObjStm /N 2 /First 8 /Filter /FlateDecode /Length {}>>",
            packed.len()
        );
        [b"%PDF-1.7\n1 0 obj ", head.as_bytes(), b" stream\r\n", &packed, b"\nendstream endobj"]
            .concat()
    }

    #[test]
    fn the_root_of_the_pages_tells_how_many_there_are() {
        for (pdf, expected) in [
            (&b"%PDF-1.4 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj"[..], Some(1)),
            (
                b"<< /Kids [<< /A << >> >>] /Count 12 /MediaBox [0 0 9 9]\n/Type\n/Pages >>",
                Some(12),
            ),
            // A branch comes after the root.
            (b"<</Type/Pages/Count 9>> <</Type/Pages/Parent 1 0 R/Count 4>>", Some(9)),
            // One that was changed has the root twice.
            (b"<</Type/Pages/Count 9>> <</Type/Pages/Count 8>>", Some(8)),
            (b"<</Type/Pages/Resources<</Font<<>>>>/Count 3>>", Some(3)),
            (b"<</Type/Pages/Counted 7/Count 2>>", Some(2)),
            (b"<</Type/PagesAll/Count 2>>", None),
            (b"<</Type/Page/Count 2>>", None),
            (b"<</Type/Pages/Count 5 0 R>>", None),
            (b"<</Type/Pages/Count -1>>", None),
            (b"<</Type/Pages/Count 99999999999>>", None),
            (b"/Type/Pages/Count 2>>", None),
            (b"<</Type/Pages/Count 2", None),
            (b"<</Type/Pages", None),
            (b"/Type", None),
            (b"", None),
        ] {
            assert_eq!(pages(pdf), expected, "{}", String::from_utf8_lossy(pdf));
        }
    }

    #[test]
    fn packed_entries_are_looked_at_too() {
        let pdf =
            packed(b"2 0 3 9 <</Type/Catalog/Pages 3 0 R>> <</Type/Pages/Kids[4 0 R]/Count 17>>");
        assert_eq!(pages(&pdf), Some(17));
        // Broken off in the middle of what is packed.
        for length in 0..pdf.len() {
            assert!(matches!(pages(&pdf[..length]), None | Some(17)), "{length}");
        }
    }

    #[test]
    fn what_would_take_long_is_not_told() {
        let bomb = packed(&vec![b' '; 80 * 1024 * 1024]);
        let honest = packed(b"<</Type/Pages/Count 3>>");
        assert_eq!(pages(&[&bomb[..], &honest].concat()), Some(3), "of one no more is unpacked");
        assert_eq!(pages(&[&bomb.repeat(9)[..], &honest].concat()), None);
        // Entries within entries within entries.
        let nested = [&b"<<".repeat(200_000)[..], &b"/Type/Pages".repeat(100_000)].concat();
        assert_eq!(pages(&nested), None);
        let wide = b"<</Type/Pages ".repeat(700_000);
        assert_eq!(pages(&wide), None);
    }

    #[tokio::test]
    async fn the_head_of_a_picture_tells_its_size() -> Result<()> {
        let jpeg = |before: usize| {
            let mut bytes = b"\xff\xd8".to_vec();
            for _ in 0..before {
                bytes.extend(b"\xff\xe1\xff\xff");
                bytes.extend([0; 65_533]);
            }
            bytes.extend(b"\xff\xc0\0\x11\x08\x01\x02\x03\x04\x03");
            Bytes::from(bytes)
        };
        let size = |width, height| Facts { width: Some(width), height: Some(height), pages: None };
        let png = Bytes::from_static(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0");
        assert_eq!(of(png.clone(), "image/png").await?, size(640, 480));
        let gif = Bytes::from_static(b"GIF89a\x0a\0\x14\0\0\0\0");
        assert_eq!(of(gif, "image/gif").await?, size(10, 20));
        let webp = b"RIFF\x1a\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0";
        assert_eq!(of(Bytes::from_static(webp), "image/webp").await?, size(800, 600));
        for before in [0, 5] {
            assert_eq!(of(jpeg(before), "image/jpeg").await?, size(0x304, 0x102));
        }
        let huge = [&png[..16], b"\xff", &png[17..]].concat().into();
        for unknown in [png.slice(..20), jpeg(1).slice(..9000), huge, Bytes::new()] {
            assert_eq!(of(unknown, "image/png").await?, Facts::default());
        }
        assert_eq!(of(png, "text/plain").await?, Facts::default());
        Ok(())
    }
}
