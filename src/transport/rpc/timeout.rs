//! How long a call may take: the client's `grpc-timeout`, up to the server's own limit.

use std::time::Duration;

use http::HeaderMap;

/// The shorter of the client's limit and `longest`. What cannot be read is no limit, as gRPC
/// asks of servers.
pub(super) fn of(headers: &HeaderMap, longest: Duration) -> Duration {
    headers
        .get("grpc-timeout")
        .and_then(|value| parse(value.as_bytes()))
        .map_or(longest, |wanted| wanted.min(longest))
}

/// Reads one to eight digits and a unit.
fn parse(value: &[u8]) -> Option<Duration> {
    let (unit, digits) = value.split_last()?;
    if !(1..=8).contains(&digits.len()) || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = digits.iter().fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    match unit {
        b'H' => Some(Duration::from_secs(number * 3600)),
        b'M' => Some(Duration::from_secs(number * 60)),
        b'S' => Some(Duration::from_secs(number)),
        b'm' => Some(Duration::from_millis(number)),
        b'u' => Some(Duration::from_micros(number)),
        b'n' => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_unit() {
        for (text, expected) in [
            ("2H", Some(Duration::from_secs(7200))),
            ("3M", Some(Duration::from_secs(180))),
            ("4S", Some(Duration::from_secs(4))),
            ("82m", Some(Duration::from_millis(82))),
            ("5u", Some(Duration::from_micros(5))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("0m", Some(Duration::ZERO)),
            ("", None),
            ("S", None),
            ("5", None),
            ("-5S", None),
            ("123456789S", None),
            ("5s", None),
        ] {
            assert_eq!(parse(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn never_exceeds_the_server() {
        let mut headers = HeaderMap::new();
        let longest = Duration::from_secs(30);
        assert_eq!(of(&headers, longest), longest);
        headers.insert("grpc-timeout", "1H".parse().expect("a header value"));
        assert_eq!(of(&headers, longest), longest);
        headers.insert("grpc-timeout", "1S".parse().expect("a header value"));
        assert_eq!(of(&headers, longest), Duration::from_secs(1));
    }
}
