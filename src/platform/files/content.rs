//! Whether a file is what it says it is.

/// Bytes at the beginning that tell the type.
pub(super) const HEAD: u64 = 8192;

/// Whether the beginning of a file, or all of it, fits a media type. Text has no mark of its own:
/// it is what is UTF-8, has no control characters but white space, and bears no other type's mark.
pub(super) fn fits(head: &[u8], content_type: &str) -> bool {
    let length = usize::try_from(HEAD).unwrap_or(usize::MAX).min(head.len());
    let head = &head[..length];
    match infer::get(head) {
        Some(kind) if kind.mime_type() == content_type => true,
        // infer takes some text for HTML, XML or shell scripts, which are no harmless text.
        Some(_) => false,
        None => {
            let says_text =
                content_type.starts_with("text/") || content_type == "application/x-ndjson";
            says_text && is_text(head)
        }
    }
}

fn is_text(head: &[u8]) -> bool {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // The end may cut a letter in two.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    !text.chars().any(|letter| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn the_beginning_tells_the_type() {
        assert!(fits(PNG, "image/png"));
        assert!(!fits(PNG, "image/jpeg"));
        assert!(!fits(PNG, "text/plain"));
        assert!(fits(b"%PDF-1.7\n", "application/pdf"));
        assert!(!fits(b"<!DOCTYPE html><script>", "image/png"));
        assert!(!fits(b"<!DOCTYPE html><script>", "text/plain"));
        assert!(fits("naam;één\n1;2\n".as_bytes(), "text/csv"));
        assert!(fits(b"{\"a\": 1}\n", "application/x-ndjson"));
        assert!(fits(&"é".as_bytes()[..1], "text/plain"));
        assert!(!fits(b"\xff\xfe\0a", "text/plain"));
        assert!(!fits(b"plain", "image/png"));
        assert!(!fits(b"a\0b", "text/plain"));
    }
}
