//! Small rules about text.

use std::str::FromStr;

use unicode_normalization::UnicodeNormalization;

/// `value` without white space around it, without a copy when there is none.
#[must_use]
pub fn trimmed(value: String) -> String {
    let kept = value.trim();
    if kept.len() == value.len() { value } else { kept.to_owned() }
}

/// `value` in the composed form of Unicode, with line breaks as `\n`, without white space around
/// it.
#[must_use]
pub fn tidy(value: &str) -> String {
    value.trim().nfc().collect::<String>().replace("\r\n", "\n")
}

/// `bytes` in lower-case hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The last part of a field path as the start of a sentence: `owner.post_code` is `Post code`.
#[must_use]
pub fn sentence(field: &str) -> String {
    let last = field.rsplit('.').next().unwrap_or(field);
    if last.is_empty() {
        return "The body".to_owned();
    }
    let mut words = last.replace('_', " ");
    if let Some(first) = words.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    words
}

/// Whether `value` is an e-mail address: a local part and a domain, of at most 254
/// characters. The domain may lack a dot, as addresses inside a company do.
#[must_use]
pub fn is_email(value: &str) -> bool {
    value.len() <= 254
        && !value.contains(['<', '>', '"', '\0'])
        && email_address::EmailAddress::from_str(value).is_ok()
}

/// The form of `value` in which letter case and accents do not matter, as searches compare.
/// The database computes the same form of what is stored: `platform.fold_text`.
#[must_use]
pub fn folded(value: &str) -> String {
    value
        .nfkd()
        .filter(|letter| !is_accent(*letter))
        .flat_map(char::to_lowercase)
        // Lower case of a sigma depends on its place in the word, so both become one.
        .map(|letter| if letter == 'ς' { 'σ' } else { letter })
        .collect()
}

/// Whether a letter only modifies the one before it: accents, Hebrew points and Arabic vowel
/// signs. Marks that carry meaning, such as the vowels of Indic scripts, are none.
fn is_accent(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36f}'
            | '\u{591}'..='\u{5bd}'
            | '\u{5bf}'
            | '\u{5c1}'
            | '\u{5c2}'
            | '\u{5c4}'
            | '\u{5c5}'
            | '\u{5c7}'
            | '\u{64b}'..='\u{65f}'
            | '\u{670}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

/// `value` as a LIKE pattern for "contains", in which `%`, `_` and `\` are ordinary.
#[must_use]
pub fn contains_pattern(value: &str) -> String {
    format!("%{}%", escaped_pattern(value))
}

/// `value` as a part of a LIKE pattern, in which `%`, `_` and `\` are ordinary.
#[must_use]
pub fn escaped_pattern(value: &str) -> String {
    let mut pattern = String::with_capacity(value.len());
    for letter in value.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses() {
        for good in ["user@example.com", "owner.invoice@email.com", "a@localhost", "ü@exämple.de"]
        {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "owner.facilitee.com", "a@", "@b", "a b@c.d", "A <a@b.c>", "a@b@c"] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn folds_case_and_accents() {
        assert_eq!(folded("Éléonore ÅNGSTRÖM"), "eleonore angstrom");
        assert_eq!(folded("ΟΔΟΣ"), folded("οδός"));
    }

    #[test]
    fn takes_wildcards_literally() {
        assert_eq!(contains_pattern(r"100%_\"), r"%100\%\_\\%");
    }
}
