//! The phone rule of the facilities family: calling code and number are kept only together.

use crate::text;

/// A calling code and a number, both in digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// Calling code without `+` or `00`.
    pub country_code: String,
    /// Subscriber number without the calling code.
    pub number: String,
}

impl Phone {
    /// Reads a calling code (`31`, `+31`, `0031`) and a number that may hold spaces, dots,
    /// dashes and brackets. Answers nothing, rather than an error, when they do not form a
    /// possible number of a country for which `is_calling_code` answers true: the
    /// documentation saves both empty then.
    ///
    /// A number is possible when it has at least five digits and, with its calling code, at
    /// most the fifteen of ITU-T E.164. National numbering plans are not consulted: the
    /// documentation's own examples would fail them.
    pub fn read(
        country_code: Option<&str>,
        number: Option<&str>,
        is_calling_code: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let code = text::trimmed(country_code?.to_owned());
        let code = code.strip_prefix('+').or_else(|| code.strip_prefix("00")).unwrap_or(&code);
        if !is_calling_code(code) {
            return None;
        }
        let mut digits = String::with_capacity(15);
        for letter in number?.trim().chars() {
            match letter {
                '0'..='9' => digits.push(letter),
                ' ' | '.' | '-' | '(' | ')' | '/' => {}
                _ => return None,
            }
        }
        // A calling code in front of the number would be there twice.
        let possible =
            !digits.starts_with("00") && digits.len() >= 5 && digits.len() + code.len() <= 15;
        possible.then(|| Self { country_code: code.to_owned(), number: digits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(code: &str, number: &str) -> Option<(String, String)> {
        Phone::read(Some(code), Some(number), |code| ["31", "32"].contains(&code))
            .map(|phone| (phone.country_code, phone.number))
    }

    #[test]
    fn reads_the_documented_spellings() {
        for code in ["31", "+31", "0031", " +31 "] {
            assert_eq!(read(code, "98 4356-578"), Some(("31".into(), "984356578".into())));
        }
        assert_eq!(read("32", "2343454"), Some(("32".into(), "2343454".into())));
    }

    #[test]
    fn keeps_nothing_otherwise() {
        for (code, number) in [
            ("25", "354354353"),
            ("31", "1234"),
            ("31", "12345678901234"),
            ("31", "+3198435"),
            ("31", "0031612345678"),
            ("31", "phone"),
            ("", "984356578"),
            ("31", ""),
        ] {
            assert_eq!(read(code, number), None, "{code} {number}");
        }
        assert_eq!(Phone::read(Some("31"), None, |_| true), None);
        assert_eq!(Phone::read(None, Some("984356578"), |_| true), None);
    }

    proptest::proptest! {
        #[test]
        fn spelling_does_not_matter(digits in "[1-9][0-9]{4,12}", gaps in "[ ./()-]{0,5}") {
            let plain = read("31", &digits);
            proptest::prop_assert_eq!(plain.clone(), Some(("31".to_owned(), digits.clone())));
            let (head, tail) = digits.split_at(2);
            proptest::prop_assert_eq!(read("+31", &format!("{gaps}{head}{gaps}{tail}")), plain.clone());
            proptest::prop_assert_eq!(read("0031", &digits), plain);
        }

        #[test]
        fn keeps_digits_alone(code in "\\PC{0,6}", number in "\\PC{0,30}") {
            if let Some((code, number)) = read(&code, &number) {
                proptest::prop_assert!(["31", "32"].contains(&&*code));
                proptest::prop_assert!(number.bytes().all(|byte| byte.is_ascii_digit()));
                proptest::prop_assert!((5..=13).contains(&number.len()));
            }
        }
    }
}
