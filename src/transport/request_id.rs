//! The id by which a client, a log line and an error body speak of the same request.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The header an id comes in and is answered in.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in the two forms it is used in. Lies in the extensions of every
/// request behind the entry.
#[derive(Debug, Clone)]
pub struct RequestId {
    text: Arc<str>,
    header: HeaderValue,
}

impl RequestId {
    /// The id the client sent, if it is 1 to 64 letters, digits, `.`, `_` or `-`; else a new
    /// one of 128 random bits in hexadecimal.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Self {
        match headers.get(&HEADER).and_then(|header| Some((sane(header)?, header))) {
            Some((text, header)) => Self { text: text.into(), header: header.clone() },
            None => Self::random(),
        }
    }

    fn random() -> Self {
        let mut digits = [0; 32];
        let mut bits: u128 = rand::random();
        for digit in &mut digits {
            *digit = b"0123456789abcdef"[(bits & 0xf) as usize];
            bits >>= 4;
        }
        let text: &str = str::from_utf8(&digits).unwrap_or_default();
        let header = HeaderValue::from_bytes(&digits).unwrap_or(HeaderValue::from_static(""));
        Self { text: text.into(), header }
    }

    /// The id as text.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// The id as the value of a header.
    #[must_use]
    pub fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

fn sane(header: &HeaderValue) -> Option<&str> {
    let text = header.to_str().ok()?;
    let fits = (1..=64).contains(&text.len());
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (fits && text.bytes().all(plain)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> RequestId {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(value).expect("a header value"));
        RequestId::of(&headers)
    }

    #[test]
    fn takes_sane_ids_only() {
        for id in ["a", "018f-Ab_c.9", &"x".repeat(64)] {
            let taken = of(id);
            assert_eq!((&**taken.text(), taken.header().as_bytes()), (id, id.as_bytes()));
        }
        for id in ["", "a b", "a\"b", "<a>", &"x".repeat(65)] {
            assert_eq!(of(id).text().len(), 32, "{id}");
        }
    }

    #[test]
    fn makes_others() {
        let (one, other) = (RequestId::of(&HeaderMap::new()), RequestId::of(&HeaderMap::new()));
        assert_ne!(one.text(), other.text());
        assert_eq!(one.header().as_bytes(), one.text().as_bytes());
    }
}
