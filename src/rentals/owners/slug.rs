//! Names of stores in web addresses.

use steward_kernel::text;

/// Fewest and most characters.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=63;

/// Whether a text is such a name: 3 to 63 lower-case letters, digits and hyphens.
pub(crate) fn is_slug(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    LENGTH.contains(&text.len()) && text.bytes().all(fits)
}

/// Makes one of the name of a business. What is no letter or digit of ASCII parts words; of a name
/// with less than three of them, `store` is made.
pub(crate) fn of_name(name: &str) -> String {
    let mut slug = String::new();
    for letter in text::folded(name).chars() {
        if letter.is_ascii_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(*LENGTH.end());
    let slug = slug.trim_end_matches('-');
    match slug.len() {
        0 => "store".to_owned(),
        1 | 2 => format!("store-{slug}"),
        _ => slug.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        for (name, slug) in [
            ("Lisbon Surf & Co.", "lisbon-surf-co"),
            ("  Ålesund Kajakk — Åpen!  ", "alesund-kajakk-apen"),
            ("Ação", "acao"),
            ("AB", "store-ab"),
            ("東京", "store"),
            ("---", "store"),
        ] {
            assert_eq!(of_name(name), slug, "{name}");
            assert!(is_slug(slug), "{slug}");
        }
        assert_eq!(of_name(&"ab ".repeat(40)), "ab-".repeat(21).trim_end_matches('-'));
    }

    #[test]
    fn refuses_what_is_none() {
        for text in ["", "ab", "Abc", "a b", "a_b", "é-é-é", &"a".repeat(64)] {
            assert!(!is_slug(text), "{text}");
        }
        assert!(is_slug("a-1") && is_slug(&"a".repeat(63)));
    }
}
