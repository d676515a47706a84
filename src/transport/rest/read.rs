//! JSON text, queries, forms and path variables to protobuf wire bytes.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt::Write as _;

use super::dialect::{Dialect, Unknown};
use super::failure::{MALFORMED_BODY, Refused, Source};
use super::json::{SyntaxError, Token, Tokens};
use super::scalar;
use super::table::{Field, Kind, Label, MessageId, Tables};
use super::wire::{LENGTH, close, open, put_tag};

/// Most refused members that are told at once.
const MAX_REFUSED: usize = 100;

/// Why a value is refused that is not what its member holds.
const FORMAT: &str = "FORMAT";
const OUT_OF_RANGE: &str = "OUT_OF_RANGE";
const RULE: &str = "RULE";
const UNKNOWN_ATTRIBUTE: &str = "UNKNOWN_ATTRIBUTE";
const UNKNOWN_PARAMETER: &str = "UNKNOWN_PARAMETER";

/// Reads requests of one dialect. Members of the wrong type are gathered, so that a client
/// learns of all of them at once; text that is not JSON ends the reading.
pub(super) struct Reader<'a> {
    pub(super) tables: &'a Tables,
    pub(super) dialect: &'a Dialect,
    pub(super) refused: Vec<Refused>,
    /// Whether unknown members and parameters are refused.
    strict: bool,
    /// The id of the document that was read.
    pub(super) document: Option<u64>,
    /// Dotted proto names of the members the body gives, null or not.
    pub(super) given: Vec<String>,
    /// Proto names of the members around the present one, of which parts are given.
    within: Vec<&'a str>,
    path: Vec<Step<'a>>,
}

/// A step on the way to the value being read.
enum Step<'a> {
    Member(&'a str),
    Unknown(String),
    Element(usize),
}

impl<'a> Reader<'a> {
    /// A reader; `strict` is what the client wishes where the dialect leaves it the choice.
    pub(super) fn new(tables: &'a Tables, dialect: &'a Dialect, strict: bool) -> Self {
        let strict = match dialect.unknown {
            Unknown::Ignored => false,
            Unknown::Refused => true,
            Unknown::RefusedOnDemand => strict,
        };
        Self {
            tables,
            dialect,
            refused: Vec::new(),
            strict,
            document: None,
            given: Vec::new(),
            within: Vec::new(),
            path: Vec::new(),
        }
    }

    /// Notes that the value at the present path is refused.
    fn refuse(&mut self, message: &str) {
        self.refuse_as(FORMAT, message);
    }

    fn refuse_as(&mut self, code: &'static str, message: &str) {
        let mut path = String::new();
        for step in &self.path {
            let name = match step {
                Step::Member(name) => name,
                Step::Unknown(name) => name.as_str(),
                Step::Element(index) => {
                    _ = write!(path, "[{index}]");
                    continue;
                }
            };
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
        }
        self.push(Source::Member, code, path, message);
    }

    /// Notes that a parameter of the path or the query is refused.
    pub(super) fn refuse_at(&mut self, path: String, message: &str) {
        self.push(Source::Parameter, FORMAT, path, message);
    }

    /// Notes that a parameter is unknown, where that matters.
    pub(super) fn refuse_unknown(&mut self, name: String) {
        if self.strict {
            self.push(Source::Parameter, UNKNOWN_PARAMETER, name, "is not known here.");
        }
    }

    fn push(&mut self, source: Source, code: &'static str, path: String, message: &str) {
        if self.refused.len() < MAX_REFUSED {
            let (path, message) = if path.is_empty() {
                ("$".to_owned(), format!("The body {message}"))
            } else {
                let message = format!("{path} {message}");
                (path, message)
            };
            // What is wrong in the same way several times is told once.
            let is_same =
                |one: &Refused| one.path == path && one.message == message && *one.code == *code;
            if !self.refused.iter().any(is_same) {
                self.refused.push(Refused { path, message, code: code.into(), source });
            }
        }
    }

    /// Reads a whole JSON text as the members of a message, appended without prefix.
    pub(super) fn json_message(
        &mut self,
        id: MessageId,
        text: &'a str,
        out: &mut Vec<u8>,
    ) -> Result<(), SyntaxError> {
        let mut tokens = Tokens::new(text);
        if tokens.peek()? == Token::Object {
            self.object(id, &mut tokens, out)?;
        } else {
            tokens.skip()?;
            self.refuse("must be an object.");
        }
        tokens.end()
    }

    /// Reads a whole JSON text as one field, appended with its tag.
    pub(super) fn json_field(
        &mut self,
        field: &'a Field,
        text: &'a str,
        out: &mut Vec<u8>,
    ) -> Result<(), SyntaxError> {
        let mut tokens = Tokens::new(text);
        if tokens.peek()? == Token::Null {
            self.refuse("must not be null.");
        }
        self.value(field, &mut tokens, out)?;
        tokens.end()
    }

    /// Notes that the body is no document.
    pub(super) fn refuse_document(&mut self, message: &str) {
        self.push(Source::Member, MALFORMED_BODY, String::new(), message);
    }

    pub(super) fn object(
        &mut self,
        id: MessageId,
        tokens: &mut Tokens<'a>,
        out: &mut Vec<u8>,
    ) -> Result<(), SyntaxError> {
        let table = &self.tables.messages[id];
        tokens.enter()?;
        let mut first = true;
        let mut hint = 0;
        let mut seen = [0_u64; 4];
        let mut unknown: HashSet<Cow<'a, str>> = HashSet::new();
        while let Some(name) = tokens.member(&mut first)? {
            let Some(index) = table.by_name(&name, hint) else {
                if self.strict {
                    self.path.push(Step::Unknown(name.to_string()));
                    self.refuse_as(UNKNOWN_ATTRIBUTE, "is not known here.");
                    self.path.pop();
                }
                // Unknown members are passed over, and still must not come twice.
                if !unknown.insert(name) {
                    return tokens.error("a member is given twice");
                }
                tokens.skip()?;
                continue;
            };
            hint = index + 1;
            let bit = 1 << (index % 64);
            let field = &table.fields[index];
            // An enum that is written twice, as number and name, may come back so.
            if seen[index / 64] & bit != 0 && field.number_key.is_none() {
                return tokens.error("a member is given twice");
            }
            seen[index / 64] |= bit;
            // What the server alone gives may be sent back, and says nothing.
            if !field.is_read {
                tokens.skip()?;
                continue;
            }
            let parts = self.gives(field, tokens)?;
            if parts {
                self.within.push(&field.proto_name);
            }
            self.path.push(Step::Member(&field.shown));
            self.value(field, tokens, out)?;
            self.path.pop();
            if parts {
                self.within.pop();
            }
        }
        Ok(())
    }

    /// Notes that the body gives a member; answers whether it gives the members of that instead.
    fn gives(&mut self, field: &Field, tokens: &mut Tokens<'a>) -> Result<bool, SyntaxError> {
        if self.within.len() != self.path.len() {
            return Ok(false);
        }
        let is_message =
            matches!(field.kind, Kind::Message(_)) && !matches!(field.label, Label::List { .. });
        let merges = self.dialect.merges_parts || field.merged;
        let parts = merges && is_message && tokens.peek()? == Token::Object;
        if !parts {
            let mut path = self.within.join(".");
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&field.proto_name);
            self.given.push(path);
        }
        Ok(parts)
    }

    /// Reads the value of a member; null is the same as a member left out.
    fn value(
        &mut self,
        field: &'a Field,
        tokens: &mut Tokens<'a>,
        out: &mut Vec<u8>,
    ) -> Result<(), SyntaxError> {
        let token = tokens.peek()?;
        if token == Token::Null {
            return tokens.word("null");
        }
        let Label::List { packed, .. } = field.label else {
            let before = out.len();
            put_tag(out, field.number, field.kind.wire_type());
            if !self.single(field.kind, token, tokens, out)? {
                out.truncate(before);
            }
            return Ok(());
        };
        if token != Token::Array {
            tokens.skip()?;
            self.refuse("must be a list.");
            return Ok(());
        }
        let before = out.len();
        let start = packed.then(|| {
            put_tag(out, field.number, LENGTH);
            open(out)
        });
        let mut empty = true;
        tokens.enter()?;
        let mut first = true;
        let mut index = 0;
        while tokens.element(&mut first)? {
            self.path.push(Step::Element(index));
            let element = out.len();
            if !packed {
                put_tag(out, field.number, field.kind.wire_type());
            }
            let token = tokens.peek()?;
            if self.single(field.kind, token, tokens, out)? {
                empty = false;
            } else {
                out.truncate(element);
            }
            self.path.pop();
            index += 1;
        }
        match start {
            Some(_) if empty => out.truncate(before),
            Some(start) => close(out, start),
            None => {}
        }
        Ok(())
    }

    /// Reads one value without its tag; answers whether it was taken.
    fn single(
        &mut self,
        kind: Kind,
        token: Token,
        tokens: &mut Tokens<'a>,
        out: &mut Vec<u8>,
    ) -> Result<bool, SyntaxError> {
        let outcome = match (kind, token) {
            (Kind::Message(id), Token::Object) => {
                let start = open(out);
                self.object(id, tokens, out)?;
                close(out, start);
                Ok(())
            }
            (Kind::Wrapper(id), Token::Array) => {
                let start = open(out);
                self.value(&self.tables.messages[id].fields[0], tokens, out)?;
                close(out, start);
                Ok(())
            }
            (_, Token::String) => {
                let text = tokens.string()?;
                if text.contains('\0') {
                    return tokens.error("a string holds a NUL");
                }
                scalar::put_string(out, kind, &text, self.tables, self.dialect)
            }
            (_, Token::Number) => {
                let text = tokens.number()?;
                scalar::put_number(out, kind, text, self.tables, self.dialect)
            }
            (Kind::Bool, Token::True) => {
                out.push(1);
                tokens.word("true").map(Ok)?
            }
            (Kind::Bool, Token::False) => {
                out.push(0);
                tokens.word("false").map(Ok)?
            }
            (Kind::Json, Token::True | Token::False | Token::Object | Token::Array) => {
                super::wire::put_bytes(out, tokens.raw()?.as_bytes());
                Ok(())
            }
            (_, Token::Null | Token::True | Token::False | Token::Object | Token::Array) => {
                tokens.skip()?;
                Err("")
            }
        };
        // A type is named by what it should be, whatever was there instead.
        if let Err(problem) = outcome {
            let problem = match kind {
                _ if scalar::says_more(problem) => problem,
                Kind::String => "must be a text.",
                Kind::Json => "must be JSON.",
                Kind::Bool => scalar::NOT_A_BOOLEAN,
                Kind::Message(_) => "must be an object.",
                Kind::Wrapper(_) => "must be a list.",
                Kind::Time => scalar::NOT_A_DATE,
                Kind::Enum(_) => scalar::NOT_A_VALUE,
                Kind::Bytes => scalar::NOT_BASE64,
                Kind::Float | Kind::Double | Kind::Decimal | Kind::Money => scalar::NOT_A_NUMBER,
                Kind::Int32
                | Kind::Id
                | Kind::Int64
                | Kind::Uint32
                | Kind::Uint64
                | Kind::Sint32
                | Kind::Sint64
                | Kind::Fixed32
                | Kind::Fixed64
                | Kind::Sfixed32
                | Kind::Sfixed64 => scalar::NOT_AN_INTEGER,
            };
            let code = match problem {
                scalar::NOT_A_VALUE => RULE,
                scalar::OUT_OF_RANGE => OUT_OF_RANGE,
                _ => FORMAT,
            };
            self.refuse_as(code, problem);
            return Ok(false);
        }
        Ok(true)
    }

    /// Reads the pairs of a query or form into a message. `taken` are the fields that path or
    /// body give; they, and unknown names, are passed over.
    pub(super) fn pairs(&mut self, id: MessageId, query: &str, taken: &[u32], out: &mut Vec<u8>) {
        let mut given: HashSet<String> = HashSet::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), value) = (decode(name, true), decode(value, true)) else {
                continue;
            };
            let Some(value) = value else {
                self.refuse_at(name.into_owned(), "is not percent-encoded UTF-8.");
                continue;
            };
            self.pair(id, &name, &name, &value, taken, &mut given, out);
        }
    }

    /// Reads one pair into the field called `name`; errors tell of it as `shown`. `given` are the
    /// names that came before.
    #[expect(clippy::too_many_arguments, reason = "a pair, where it goes and what came before")]
    pub(super) fn pair(
        &mut self,
        id: MessageId,
        name: &str,
        shown: &str,
        value: &str,
        taken: &[u32],
        given: &mut HashSet<String>,
        out: &mut Vec<u8>,
    ) {
        let fields = self.resolve(id, name, taken).unwrap_or_default();
        let Some(field) = fields.last().copied() else {
            match self.dialect.validate_only {
                Some(known) if known.eq_ignore_ascii_case(name) => {
                    if scalar::truth(value).is_none() {
                        self.refuse_at(shown.to_owned(), scalar::NOT_A_BOOLEAN);
                    }
                }
                _ => self.refuse_unknown(shown.to_owned()),
            }
            return;
        };
        let list = matches!(field.label, Label::List { .. });
        if !list && !given.insert(name.to_owned()) {
            self.refuse_at(shown.to_owned(), "is given twice.");
            return;
        }
        // An empty text says nothing where only a text could be empty.
        if value.is_empty() && !matches!(field.kind, Kind::String | Kind::Bytes) {
            return;
        }
        if let Err(problem) = self.text(&fields, value, out) {
            self.refuse_at(shown.to_owned(), problem);
        }
    }

    /// The fields a dotted JSON name leads through, or none.
    fn resolve(&self, id: MessageId, name: &str, taken: &[u32]) -> Option<Vec<&'a Field>> {
        let mut table = &self.tables.messages[id];
        let mut fields: Vec<&'a Field> = Vec::new();
        let mut names = name.split('.').peekable();
        while let Some(name) = names.next() {
            let field = &table.fields[table.by_name(name, usize::MAX)?];
            if fields.is_empty() && taken.contains(&field.number) {
                return None;
            }
            fields.push(field);
            match (field.kind, names.peek()) {
                (Kind::Message(id), Some(_)) if !matches!(field.label, Label::List { .. }) => {
                    table = &self.tables.messages[id];
                }
                (Kind::Wrapper(id), None) => fields.push(&self.tables.messages[id].fields[0]),
                (_, Some(_)) => return None,
                (_, None) => {}
            }
        }
        Some(fields)
    }

    /// Appends the text of a query, form or path as the field that `fields` lead to.
    pub(super) fn text(
        &self,
        fields: &[&Field],
        text: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), &'static str> {
        let Some((field, rest)) = fields.split_first() else { return Ok(()) };
        let before = out.len();
        put_tag(out, field.number, field.kind.wire_type());
        let outcome = if rest.is_empty() {
            scalar::put_text(out, field.kind, text, self.tables, self.dialect)
        } else {
            let start = open(out);
            let outcome = self.text(rest, text, out);
            close(out, start);
            outcome
        };
        if outcome.is_err() {
            out.truncate(before);
        }
        outcome
    }

    /// Appends a path variable; `name` is its dotted JSON name.
    pub(super) fn variable(
        &mut self,
        fields: &[&Field],
        name: &str,
        segment: &str,
        out: &mut Vec<u8>,
    ) {
        let outcome = match decode(segment, false) {
            Some(text) => self.text(fields, &text, out),
            None => Err("is not percent-encoded UTF-8."),
        };
        if let Err(problem) = outcome {
            self.refuse_at(name.to_owned(), problem);
        }
    }
}

/// Undoes percent-encoding; none when an escape is broken or the bytes are not UTF-8.
pub(super) fn decode(text: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    if !text.bytes().any(|byte| byte == b'%' || (plus_is_space && byte == b'+')) {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            b'+' if plus_is_space => b' ',
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}
