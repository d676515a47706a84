//! Protobuf wire bytes to JSON text.

use std::io::Write as _;

use super::dialect::Dialect;
use super::json::{Tokens, put_string};
use super::table::{Field, Kind, Label, MessageId, Tables};
use super::wire::{Cursor, Malformed, Raw};

/// Where a field lies in the wire bytes of its message.
#[derive(Clone, Copy, Default)]
pub(super) struct Span {
    /// Byte of the first occurrence's tag.
    pub(super) first: usize,
    /// Byte after the last occurrence.
    pub(super) end: usize,
    pub(super) count: usize,
}

/// Deepest nesting that is written; contracts stay far below, crafted bytes need not.
const MAX_DEPTH: usize = 100;

/// Writes messages of one dialect into one buffer.
pub(super) struct Writer<'a> {
    pub(super) tables: &'a Tables,
    dialect: &'a Dialect,
    pub(super) out: Vec<u8>,
    /// Spans of the fields of all messages being written; each takes its part of the end.
    pub(super) spans: Vec<Span>,
    depth: usize,
    /// Whether instants of the message being written have the offset `+00:00`.
    pub(super) offset_times: bool,
}

impl<'a> Writer<'a> {
    pub(super) fn new(tables: &'a Tables, dialect: &'a Dialect, out: Vec<u8>) -> Self {
        Self { tables, dialect, out, spans: Vec::with_capacity(64), depth: 0, offset_times: false }
    }

    /// Writes a message as an object.
    pub(super) fn message(&mut self, id: MessageId, wire: &[u8]) -> Result<(), Malformed> {
        if self.depth >= MAX_DEPTH {
            return Err(Malformed);
        }
        self.depth += 1;
        let tables = self.tables;
        let fields = &tables.messages[id].fields;
        let base = self.spans.len();
        self.locate(id, wire)?;
        let mut separator = b'{';
        let offset_times =
            std::mem::replace(&mut self.offset_times, tables.messages[id].offset_times);
        for (index, field) in fields.iter().enumerate() {
            self.member(field, self.spans[base + index], wire, &mut separator)?;
        }
        self.offset_times = offset_times;
        if separator == b'{' {
            self.out.push(b'{');
        }
        self.out.push(b'}');
        self.spans.truncate(base);
        self.depth -= 1;
        Ok(())
    }

    /// Writes a member with its name, or nothing where it is left out.
    pub(super) fn member(
        &mut self,
        field: &Field,
        span: Span,
        wire: &[u8],
        separator: &mut u8,
    ) -> Result<(), Malformed> {
        let absent = span.count == 0;
        let omitted = absent
            && (field.omitted || (field.label == Label::Optional && !self.dialect.explicit_null));
        if omitted || !field.is_written {
            return Ok(());
        }
        self.out.push(*separator);
        *separator = b',';
        if let Some(key) = &field.number_key {
            self.out.extend_from_slice(key);
            self.enum_number(field, span, wire)?;
            self.out.push(b',');
        }
        self.out.extend_from_slice(&field.key);
        self.value(field, span, wire)
    }

    /// Writes the number of an enum.
    fn enum_number(&mut self, field: &Field, span: Span, wire: &[u8]) -> Result<(), Malformed> {
        let mut number = 0;
        let mut occurrences = Occurrences::new(field.number, span, wire);
        while let Some(raw) = occurrences.next()? {
            let Raw::Varint(value) = raw else { return Err(Malformed) };
            number = value;
        }
        match number {
            0 => self.out.extend_from_slice(b"null"),
            number => self.unsigned(number),
        }
        Ok(())
    }

    /// Writes one field of a message in place of the message.
    pub(super) fn field(
        &mut self,
        id: MessageId,
        index: usize,
        wire: &[u8],
    ) -> Result<(), Malformed> {
        let tables = self.tables;
        self.locate(id, wire)?;
        self.value(&tables.messages[id].fields[index], self.spans[index], wire)?;
        self.spans.clear();
        Ok(())
    }

    /// Whether a field of a message is there.
    pub(super) fn has(
        &mut self,
        id: MessageId,
        index: usize,
        wire: &[u8],
    ) -> Result<bool, Malformed> {
        self.locate(id, wire)?;
        let found = self.spans[index].count > 0;
        self.spans.clear();
        Ok(found)
    }

    /// Pushes the spans of all fields of a message.
    pub(super) fn locate(&mut self, id: MessageId, wire: &[u8]) -> Result<(), Malformed> {
        let table = &self.tables.messages[id];
        let base = self.spans.len();
        self.spans.resize(base + table.fields.len(), Span::default());
        let mut cursor = Cursor::new(wire);
        while !cursor.is_at_end() {
            let first = cursor.at;
            let (number, _) = cursor.field()?;
            if let Some(index) = table.by_number(number) {
                let span = &mut self.spans[base + index];
                if span.count == 0 {
                    span.first = first;
                }
                span.count += 1;
                span.end = cursor.at;
            }
        }
        Ok(())
    }

    pub(super) fn value(
        &mut self,
        field: &Field,
        span: Span,
        wire: &[u8],
    ) -> Result<(), Malformed> {
        if let Label::List { .. } = field.label {
            return self.list(field, span, wire);
        }
        if span.count == 0 {
            match field.label {
                Label::Implicit => self.default(field.kind),
                Label::Optional | Label::List { .. } => self.out.extend_from_slice(b"null"),
            }
            return Ok(());
        }
        let mut occurrences = Occurrences::new(field.number, span, wire);
        if span.count == 1 {
            return match occurrences.next()? {
                Some(Raw::Bytes(b"")) if field.null_when_empty => {
                    self.out.extend_from_slice(b"null");
                    Ok(())
                }
                Some(raw) => self.single(field.kind, raw),
                None => Err(Malformed),
            };
        }
        // Occurrences of a message are merged, and merging is concatenation; of anything else
        // the last counts.
        let mut last = None;
        let mut merged = Vec::new();
        while let Some(raw) = occurrences.next()? {
            if let Raw::Bytes(bytes) = raw {
                merged.extend_from_slice(bytes);
            }
            last = Some(raw);
        }
        match (field.kind, last) {
            (
                Kind::Message(_) | Kind::Time | Kind::Decimal | Kind::Money | Kind::Wrapper(_),
                Some(_),
            ) => self.single(field.kind, Raw::Bytes(&merged)),
            (kind, Some(raw)) => self.single(kind, raw),
            (_, None) => Err(Malformed),
        }
    }

    fn list(&mut self, field: &Field, span: Span, wire: &[u8]) -> Result<(), Malformed> {
        let start = self.out.len();
        let mut separator = b'[';
        let mut occurrences = Occurrences::new(field.number, span, wire);
        while let Some(raw) = occurrences.next()? {
            match raw {
                Raw::Bytes(packed) if field.kind.wire_type() != super::wire::LENGTH => {
                    let mut cursor = Cursor::new(packed);
                    while !cursor.is_at_end() {
                        let raw = match field.kind.wire_type() {
                            super::wire::FIXED32 => Raw::Fixed32(cursor.fixed32()?),
                            super::wire::FIXED64 => Raw::Fixed64(cursor.fixed64()?),
                            _ => Raw::Varint(cursor.varint()?),
                        };
                        self.out.push(separator);
                        separator = b',';
                        self.single(field.kind, raw)?;
                    }
                }
                raw @ (Raw::Varint(_) | Raw::Fixed64(_) | Raw::Fixed32(_) | Raw::Bytes(_)) => {
                    self.out.push(separator);
                    separator = b',';
                    self.single(field.kind, raw)?;
                }
            }
        }
        if self.out.len() > start {
            self.out.push(b']');
        } else if field.null_when_empty {
            self.out.extend_from_slice(b"null");
        } else {
            self.out.extend_from_slice(b"[]");
        }
        Ok(())
    }

    fn default(&mut self, kind: Kind) {
        let text: &[u8] = match kind {
            Kind::Bool => b"false",
            Kind::String | Kind::Bytes => b"\"\"",
            Kind::Enum(_)
            | Kind::Message(_)
            | Kind::Time
            | Kind::Decimal
            | Kind::Money
            | Kind::Wrapper(_)
            | Kind::Json => b"null",
            Kind::Id => b"\"0\"",
            Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Sint32
            | Kind::Sint64
            | Kind::Fixed32
            | Kind::Fixed64
            | Kind::Sfixed32
            | Kind::Sfixed64
            | Kind::Float
            | Kind::Double => b"0",
        };
        self.out.extend_from_slice(text);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "the wire format defines 32-bit and signed values as truncated varints"
    )]
    fn single(&mut self, kind: Kind, raw: Raw<'_>) -> Result<(), Malformed> {
        match (kind, raw) {
            (Kind::Bool, Raw::Varint(value)) => {
                self.out.extend_from_slice(if value == 0 { b"false" } else { b"true" });
            }
            (Kind::Int32, Raw::Varint(value)) => self.integer(i64::from(value as i32)),
            (Kind::Int64, Raw::Varint(value)) => self.integer(value as i64),
            (Kind::Id, Raw::Varint(value)) => {
                self.out.push(b'"');
                self.integer(value as i64);
                self.out.push(b'"');
            }
            (Kind::Uint32, Raw::Varint(value)) => self.unsigned(u64::from(value as u32)),
            (Kind::Uint64, Raw::Varint(value)) | (Kind::Fixed64, Raw::Fixed64(value)) => {
                self.unsigned(value);
            }
            (Kind::Sint32 | Kind::Sint64, Raw::Varint(value)) => {
                self.integer((value >> 1) as i64 ^ -((value & 1) as i64));
            }
            (Kind::Fixed32, Raw::Fixed32(value)) => self.unsigned(u64::from(value)),
            (Kind::Sfixed32, Raw::Fixed32(value)) => self.integer(i64::from(value as i32)),
            (Kind::Sfixed64, Raw::Fixed64(value)) => self.integer(value as i64),
            (Kind::Float, Raw::Fixed32(bits)) => {
                let value = f32::from_bits(bits);
                if value.is_finite() {
                    _ = write!(self.out, "{value}");
                } else {
                    self.out.extend_from_slice(b"null");
                }
            }
            (Kind::Double, Raw::Fixed64(bits)) => {
                let value = f64::from_bits(bits);
                if value.is_finite() {
                    _ = write!(self.out, "{value}");
                } else {
                    self.out.extend_from_slice(b"null");
                }
            }
            (Kind::String, Raw::Bytes(text)) => {
                // JSON must be UTF-8 whoever wrote the bytes.
                str::from_utf8(text).map_err(|_| Malformed)?;
                put_string(&mut self.out, text);
            }
            (Kind::Json, Raw::Bytes([])) => {
                self.out.extend_from_slice(b"null");
            }
            // Written by a handler of ours, but the answer must be JSON whatever it wrote.
            (Kind::Json, Raw::Bytes(text)) => {
                let text = str::from_utf8(text).map_err(|_| Malformed)?;
                let mut tokens = Tokens::new(text);
                tokens.skip().and_then(|()| tokens.end()).map_err(|_| Malformed)?;
                self.out.extend_from_slice(text.as_bytes());
            }
            (Kind::Bytes, Raw::Bytes(bytes)) => {
                use base64::Engine as _;
                let text = base64::engine::general_purpose::STANDARD.encode(bytes);
                put_string(&mut self.out, text.as_bytes());
            }
            (Kind::Enum(id), Raw::Varint(value)) => {
                let tables = self.tables;
                match tables.enums[id].text(value as i32) {
                    Some(text) => put_string(&mut self.out, text.as_bytes()),
                    // A newer server's value is shown by number rather than lost.
                    None if value as i32 != 0 => self.integer(i64::from(value as i32)),
                    None => self.out.extend_from_slice(b"null"),
                }
            }
            (Kind::Message(id), Raw::Bytes(wire)) => return self.message(id, wire),
            (Kind::Wrapper(id), Raw::Bytes(wire)) => {
                let tables = self.tables;
                let base = self.spans.len();
                self.locate(id, wire)?;
                let span = self.spans[base];
                self.value(&tables.messages[id].fields[0], span, wire)?;
                self.spans.truncate(base);
            }
            (Kind::Time, Raw::Bytes(wire)) => self.time(wire)?,
            (Kind::Decimal, Raw::Bytes(wire)) => self.decimal(wire)?,
            (Kind::Money, Raw::Bytes(wire)) => self.money(wire)?,
            _ => return Err(Malformed),
        }
        Ok(())
    }

    fn integer(&mut self, value: i64) {
        if value < 0 {
            self.out.push(b'-');
        }
        self.unsigned(value.unsigned_abs());
    }

    fn unsigned(&mut self, mut value: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        loop {
            at -= 1;
            digits[at] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[at..]);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "the wire format defines signed values as truncated varints"
    )]
    fn time(&mut self, wire: &[u8]) -> Result<(), Malformed> {
        let (mut seconds, mut nanos) = (0, 0);
        let mut cursor = Cursor::new(wire);
        while !cursor.is_at_end() {
            match cursor.field()? {
                (1, Raw::Varint(value)) => seconds = value as i64,
                (2, Raw::Varint(value)) => nanos = value as i32,
                _ => {}
            }
        }
        match steward_kernel::time::Timestamp::new(seconds, nanos) {
            Ok(time) => {
                self.out.push(b'"');
                (self.dialect.write_time)(&mut self.out, time);
                if self.offset_times && self.out.last() == Some(&b'Z') {
                    self.out.pop();
                    self.out.extend_from_slice(b"+00:00");
                }
                self.out.push(b'"');
            }
            Err(_) => self.out.extend_from_slice(b"null"),
        }
        Ok(())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "the wire format defines signed values as truncated varints"
    )]
    fn money(&mut self, wire: &[u8]) -> Result<(), Malformed> {
        let (mut units, mut nanos) = (0_i64, 0_i32);
        let mut cursor = Cursor::new(wire);
        while !cursor.is_at_end() {
            match cursor.field()? {
                (2, Raw::Varint(value)) => units = value as i64,
                (3, Raw::Varint(value)) => nanos = value as i32,
                _ => {}
            }
        }
        if units < 0 || nanos < 0 {
            self.out.push(b'-');
        }
        self.unsigned(units.unsigned_abs());
        let digits = format!("{:09}", nanos.unsigned_abs());
        let shown = digits.trim_end_matches('0').len().max(self.dialect.decimals_of_money);
        if shown > 0 {
            self.out.push(b'.');
            self.out.extend_from_slice(&digits.as_bytes()[..shown]);
        }
        Ok(())
    }

    fn decimal(&mut self, wire: &[u8]) -> Result<(), Malformed> {
        let mut text: &[u8] = b"";
        let mut cursor = Cursor::new(wire);
        while !cursor.is_at_end() {
            if let (1, Raw::Bytes(value)) = cursor.field()? {
                text = value;
            }
        }
        let text = str::from_utf8(text).map_err(|_| Malformed)?;
        match super::scalar::normal_decimal(text) {
            Some(number) => self.out.extend_from_slice(number.as_bytes()),
            None => self.out.extend_from_slice(b"null"),
        }
        Ok(())
    }
}

/// The occurrences of one field, in order.
pub(super) struct Occurrences<'a> {
    number: u32,
    cursor: Cursor<'a>,
}

impl<'a> Occurrences<'a> {
    pub(super) fn new(number: u32, span: Span, wire: &'a [u8]) -> Self {
        Self { number, cursor: Cursor { bytes: &wire[..span.end], at: span.first } }
    }

    pub(super) fn next(&mut self) -> Result<Option<Raw<'a>>, Malformed> {
        while !self.cursor.is_at_end() {
            let (number, raw) = self.cursor.field()?;
            if number == self.number {
                return Ok(Some(raw));
            }
        }
        Ok(None)
    }
}
