//! A strict JSON tokenizer over text that is known to be UTF-8, and the JSON string writer.
//!
//! Stricter than RFC 8259 asks for: nesting is bounded, NUL and lone surrogates in strings are
//! refused. Members given twice are the reader's business, which knows aliases.

use std::borrow::Cow;
use std::collections::HashSet;

/// Deepest nesting of arrays and objects that is read.
pub(super) const MAX_DEPTH: u32 = 64;

/// Why a text is not the JSON that is read, and the byte where that shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) problem: &'static str,
    pub(super) at: usize,
}

/// What a value is, as its first character tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Object,
    Array,
    String,
    Number,
    True,
    False,
    Null,
}

/// Reads a text from front to back.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
}

type Result<T> = std::result::Result<T, SyntaxError>;

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    pub(super) fn error<T>(&self, problem: &'static str) -> Result<T> {
        Err(SyntaxError { problem, at: self.at })
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// What comes next, without taking it.
    #[inline]
    pub(super) fn peek(&mut self) -> Result<Token> {
        self.space();
        match self.byte() {
            Some(b'{') => Ok(Token::Object),
            Some(b'[') => Ok(Token::Array),
            Some(b'"') => Ok(Token::String),
            Some(b'-' | b'0'..=b'9') => Ok(Token::Number),
            Some(b't') => Ok(Token::True),
            Some(b'f') => Ok(Token::False),
            Some(b'n') => Ok(Token::Null),
            Some(_) => self.error("a value is expected"),
            None => self.error("the text ends early"),
        }
    }

    /// Takes `null`, `true` or `false`.
    pub(super) fn word(&mut self, word: &'static str) -> Result<()> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(())
        } else {
            self.error("a value is expected")
        }
    }

    /// Takes the brace or bracket that opens an object or array.
    pub(super) fn enter(&mut self) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.error("the nesting is deeper than 64");
        }
        self.at += 1;
        Ok(())
    }

    /// Takes what stands before the next member or element: whether there is one.
    fn next(&mut self, first: &mut bool, close: u8) -> Result<bool> {
        self.space();
        match self.byte() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            Some(_) if *first => {
                *first = false;
                Ok(true)
            }
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            Some(_) => self.error("a comma is expected"),
            None => self.error("the text ends early"),
        }
    }

    /// Whether the array goes on; `first` starts as true.
    pub(super) fn element(&mut self, first: &mut bool) -> Result<bool> {
        self.next(first, b']')
    }

    /// The name of the next member, with its colon taken; `first` starts as true.
    #[inline]
    pub(super) fn member(&mut self, first: &mut bool) -> Result<Option<Cow<'a, str>>> {
        if !self.next(first, b'}')? {
            return Ok(None);
        }
        self.space();
        if self.byte() != Some(b'"') {
            return self.error("a member name is expected");
        }
        let name = self.string()?;
        self.space();
        if self.byte() != Some(b':') {
            return self.error("a colon is expected");
        }
        self.at += 1;
        Ok(Some(name))
    }

    /// Takes a string; borrowed unless it holds escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Cow<'a, str>> {
        let start = self.at + 1;
        let bytes = self.text.as_bytes();
        let mut at = start;
        while bytes.get(at).is_some_and(|byte| PLAIN[usize::from(*byte)]) {
            at += 1;
        }
        self.at = at;
        match bytes.get(at) {
            Some(b'"') => {
                self.at += 1;
                Ok(Cow::Borrowed(&self.text[start..at]))
            }
            Some(b'\\') => self.unescape(start).map(Cow::Owned),
            Some(_) => self.error("a string holds a control character"),
            None => self.error("the text ends early"),
        }
    }

    /// Goes on at the first backslash of the string that starts at `start`.
    fn unescape(&mut self, start: usize) -> Result<String> {
        let mut text = String::with_capacity(self.at - start + 16);
        text.push_str(&self.text[start..self.at]);
        loop {
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    let plain = match self.byte() {
                        Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
                        Some(b'b') => '\u{8}',
                        Some(b'f') => '\u{c}',
                        Some(b'n') => '\n',
                        Some(b'r') => '\r',
                        Some(b't') => '\t',
                        Some(b'u') => {
                            self.at += 1;
                            text.push(self.code_point()?);
                            continue;
                        }
                        Some(_) => return self.error("a string holds an unknown escape"),
                        None => return self.error("the text ends early"),
                    };
                    self.at += 1;
                    text.push(plain);
                }
                Some(0..=0x1f) => return self.error("a string holds a control character"),
                Some(_) => {
                    let from = self.at;
                    while self.byte().is_some_and(|byte| PLAIN[usize::from(byte)]) {
                        self.at += 1;
                    }
                    text.push_str(&self.text[from..self.at]);
                }
                None => return self.error("the text ends early"),
            }
        }
    }

    fn code_point(&mut self) -> Result<char> {
        let first = self.hex4()?;
        let code = match first {
            0 => return self.error("a string holds a NUL"),
            0xd800..=0xdbff => {
                if !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
                    return self.error("a string holds half a surrogate pair");
                }
                self.at += 2;
                let second = self.hex4()?;
                if !(0xdc00..=0xdfff).contains(&second) {
                    return self.error("a string holds half a surrogate pair");
                }
                0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            _ => first,
        };
        match char::from_u32(code) {
            Some(char) => Ok(char),
            None => self.error("a string holds half a surrogate pair"),
        }
    }

    fn hex4(&mut self) -> Result<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let value = digits.and_then(|digits| {
            digits
                .iter()
                .try_fold(0, |value, digit| Some(value * 16 + char::from(*digit).to_digit(16)?))
        });
        match value {
            Some(value) => {
                self.at += 4;
                Ok(value)
            }
            None => self.error("a string holds an unknown escape"),
        }
    }

    /// Takes a number and answers its text.
    pub(super) fn number(&mut self) -> Result<&'a str> {
        let start = self.at;
        if self.byte() == Some(b'-') {
            self.at += 1;
        }
        if self.byte() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.error("a digit is expected") } else { Ok(()) }
    }

    /// Takes a value of any kind, checked as strictly as one that is used.
    pub(super) fn skip(&mut self) -> Result<()> {
        match self.peek()? {
            Token::Null => self.word("null"),
            Token::True => self.word("true"),
            Token::False => self.word("false"),
            Token::Number => self.number().map(drop),
            Token::String => self.string().map(drop),
            Token::Array => {
                self.enter()?;
                let mut first = true;
                while self.element(&mut first)? {
                    self.skip()?;
                }
                Ok(())
            }
            Token::Object => {
                self.enter()?;
                let mut first = true;
                let mut names = HashSet::new();
                while let Some(name) = self.member(&mut first)? {
                    if !names.insert(name) {
                        return self.error("a member is given twice");
                    }
                    self.skip()?;
                }
                Ok(())
            }
        }
    }

    /// Takes a value of any kind as the text it is, checked as strictly as one that is used.
    pub(super) fn raw(&mut self) -> Result<&'a str> {
        self.space();
        let start = self.at;
        self.skip()?;
        Ok(&self.text[start..self.at])
    }

    /// Refuses anything but space after the value.
    pub(super) fn end(&mut self) -> Result<()> {
        self.space();
        if self.at == self.text.len() { Ok(()) } else { self.error("text follows the value") }
    }
}

/// Bytes that stand for themselves in a string.
static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut byte = 0;
    while byte < 0x20 {
        plain[byte] = false;
        byte += 1;
    }
    plain[b'"' as usize] = false;
    plain[b'\\' as usize] = false;
    plain
};

/// Appends a JSON string with its quotes.
#[inline]
pub(super) fn put_string(out: &mut Vec<u8>, text: &[u8]) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.iter().enumerate() {
        if PLAIN[usize::from(*byte)] {
            continue;
        }
        out.extend_from_slice(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
    out.extend_from_slice(&text[from..]);
    out.push(b'"');
}
