//! The words of a filter.

/// A word of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word: a field, a keyword or a value.
    Word(String),
    /// A quoted value.
    Quoted(String),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=` or `:`.
    Comparator(&'static str),
    Open,
    Close,
    /// A minus that negates what follows.
    Minus,
}

/// The words of `text`, each with where it begins, counted in characters from 1.
///
/// # Errors
/// Where a quote is not closed or an escape means nothing.
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, (usize, &'static str)> {
    let letters: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut place = 0;
    while let Some(&letter) = letters.get(place) {
        let begin = place + 1;
        let next = letters.get(place + 1);
        let (token, length) = match (letter, next) {
            (' ' | '\t' | '\n' | '\r', _) => {
                place += 1;
                continue;
            }
            ('(', _) => (Token::Open, 1),
            (')', _) => (Token::Close, 1),
            ('!', Some('=')) => (Token::Comparator("!="), 2),
            ('<', Some('=')) => (Token::Comparator("<="), 2),
            ('>', Some('=')) => (Token::Comparator(">="), 2),
            ('<', _) => (Token::Comparator("<"), 1),
            ('>', _) => (Token::Comparator(">"), 1),
            ('=', _) => (Token::Comparator("="), 1),
            (':', _) => (Token::Comparator(":"), 1),
            ('"' | '\'', _) => {
                let (value, length) = quoted(&letters[place..]).map_err(|what| (begin, what))?;
                (Token::Quoted(value), length)
            }
            ('-', Some(next)) if !next.is_ascii_digit() && negates(&found) => (Token::Minus, 1),
            _ => {
                let after_comparator = matches!(found.last(), Some((_, Token::Comparator(_))));
                let length = letters[place..]
                    .iter()
                    .take_while(|letter| is_of_word(**letter, after_comparator))
                    .count();
                if length == 0 {
                    return Err((begin, "means nothing"));
                }
                (Token::Word(letters[place..place + length].iter().collect()), length)
            }
        };
        found.push((begin, token));
        place += length;
    }
    Ok(found)
}

/// A minus negates where a term may begin, and is part of a value after a comparator.
fn negates(before: &[(usize, Token)]) -> bool {
    !matches!(before.last(), Some((_, Token::Comparator(_))))
}

/// Whether a letter goes on with a bare word. In a value a colon does, so that times need no
/// quotes.
fn is_of_word(letter: char, in_value: bool) -> bool {
    !letter.is_whitespace()
        && !matches!(letter, '(' | ')' | '=' | '<' | '>' | '!' | '"' | '\'' | ',')
        && (in_value || letter != ':')
}

/// The value within quotes, and how many letters it takes with them.
fn quoted(letters: &[char]) -> Result<(String, usize), &'static str> {
    let quote = letters[0];
    let mut value = String::new();
    let mut rest = letters.iter().enumerate().skip(1);
    while let Some((place, &letter)) = rest.next() {
        if letter == quote {
            return Ok((value, place + 1));
        }
        if letter != '\\' {
            value.push(letter);
            continue;
        }
        match rest.next() {
            Some((_, &escaped @ ('"' | '\'' | '\\'))) => value.push(escaped),
            // Kept for the comparison, where it tells a star from a wildcard.
            Some((_, '*')) => value.push_str("\\*"),
            _ => return Err("escapes what needs none; write \\\\ for a backslash"),
        }
    }
    Err("is a quote that is not closed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Vec<Token> {
        tokens(text).expect("readable").into_iter().map(|(_, token)| token).collect()
    }

    #[test]
    fn tells_words_from_marks() {
        let word = |text: &str| Token::Word(text.to_owned());
        assert_eq!(
            plain("a.b>=3 AND -c:\"x \\\"y\""),
            [
                word("a.b"),
                Token::Comparator(">="),
                word("3"),
                word("AND"),
                Token::Minus,
                word("c"),
                Token::Comparator(":"),
                Token::Quoted("x \"y".to_owned()),
            ]
        );
        assert_eq!(
            plain("t<2026-01-02T03:04:05Z n=-5"),
            [
                word("t"),
                Token::Comparator("<"),
                word("2026-01-02T03:04:05Z"),
                word("n"),
                Token::Comparator("="),
                word("-5"),
            ]
        );
    }

    #[test]
    fn says_where_it_stops() {
        assert_eq!(tokens("a = \"b"), Err((5, "is a quote that is not closed")));
        assert_eq!(tokens("a ! b"), Err((3, "means nothing")));
        assert_eq!(tokens(r#"a = "\n""#).map_err(|(place, _)| place), Err(5));
    }
}
