//! The language that somebody reads best, and how such wishes are written.

/// The ranges of an `Accept` or `Accept-Language` header (RFC 9110, section 12.4.2), each with its
/// weight: 1 where it says none that can be read.
pub fn ranges(header: &str) -> impl Iterator<Item = (&str, f32)> {
    header.split(',').map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let range = parts.next().unwrap_or("");
        let weight = |part: &str| part.strip_prefix(['q', 'Q'])?.strip_prefix('=')?.parse().ok();
        (range, parts.find_map(weight).unwrap_or(1.0))
    })
}

/// The one of `known` that an `Accept-Language` header (RFC 9110) likes best; the first of them
/// when it likes none.
#[must_use]
pub fn preferred(header: &str, known: &[&'static str]) -> &'static str {
    let mut best = (known.first().copied().unwrap_or("en"), 0.0_f32);
    for (tag, weight) in ranges(header) {
        let primary = tag.split('-').next().unwrap_or("");
        let found = known.iter().find(|language| language.eq_ignore_ascii_case(primary));
        if let Some(language) = found
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_liked_best() {
        for (header, expected) in [
            ("", "en"),
            ("pt", "pt"),
            ("PT-pt,en;q=0.5", "pt"),
            ("de,pt;q=0.2,en;q=0.9", "en"),
            ("nl", "en"),
            ("pt;q=0,en;q=0", "en"),
        ] {
            assert_eq!(preferred(header, &["en", "pt"]), expected, "{header}");
        }
    }
}
