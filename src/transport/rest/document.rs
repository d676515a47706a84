//! Documents of JSON:API: a resource with its attributes and relationships, lists of them with
//! totals and links, and what is included.
//!
//! What a message is in a document follows from the contract. A message with a `json_type` is a
//! resource; one without holds the primary data in its one field of resources, and everything
//! else it holds is `meta`. A related resource that has more members than its id is included.

use std::cmp::Reverse;
use std::collections::{HashSet, VecDeque};

use steward_kernel::error::reason;
use steward_kernel::language;

use super::json::{SyntaxError, Token, Tokens, put_string};
use super::links::{Page, Place, Shape};
use super::read::Reader;
use super::table::{Field, Kind, Label, MessageId, Role, Tables};
use super::wire::{LENGTH, Malformed, Raw, close, open, put_tag};
use super::write::{Occurrences, Span, Writer};

/// The media type of JSON:API. Plain JSON is the default.
pub(crate) const JSON_API: &str = "application/vnd.api+json";

/// The media type a client wants; none when it accepts neither.
pub(super) fn media_type(headers: &http::HeaderMap) -> Option<&'static str> {
    let values = headers.get_all(http::header::ACCEPT).iter();
    accepted(values.filter_map(|value| value.to_str().ok()))
}

/// The same of what headers `Accept` say (RFC 9110, section 12.5.1): of both media types the one
/// with the greater weight, then the one that is named first. The most exact range that a type
/// matches tells its weight.
pub(super) fn accepted<'a>(values: impl Iterator<Item = &'a str>) -> Option<&'static str> {
    let ranges: Vec<_> = values.flat_map(language::ranges).collect();
    if ranges.is_empty() {
        return Some("application/json");
    }
    let rank = |offered: &str| {
        let exactness = |range: &str| match range {
            "" | "*/*" => Some(0),
            range if range.eq_ignore_ascii_case("application/*") => Some(1),
            range => range.eq_ignore_ascii_case(offered).then_some(2),
        };
        let matching = ranges.iter().enumerate().filter_map(|(place, (range, weight))| {
            exactness(range).map(|exactness| (exactness, Reverse(place), *weight))
        });
        let best = matching.max_by_key(|(exactness, place, _)| (*exactness, *place));
        best.map(|(_, place, weight)| (weight, place)).filter(|(weight, _)| *weight > 0.0)
    };
    match (rank("application/json"), rank(JSON_API)) {
        (None, None) => None,
        (plain, document) if plain >= document => Some("application/json"),
        _ => Some(JSON_API),
    }
}

/// Writes the document that a message is.
pub(super) fn write(
    writer: &mut Writer<'_>,
    id: MessageId,
    wire: &[u8],
    shape: &Shape,
) -> Result<(), Malformed> {
    let mut document = Document { writer, shape, queue: VecDeque::new(), seen: HashSet::new() };
    document.whole(id, wire)
}

/// Writes the document of the resource that a field of a message holds.
pub(super) fn write_field(
    writer: &mut Writer<'_>,
    id: MessageId,
    index: usize,
    wire: &[u8],
) -> Result<(), Malformed> {
    let field = &writer.tables.messages[id].fields[index];
    let Kind::Message(inner) = field.kind else { return Err(Malformed) };
    let base = writer.spans.len();
    writer.locate(id, wire)?;
    let span = writer.spans[base + index];
    writer.spans.truncate(base);
    match Occurrences::new(field.number, span, wire).next()? {
        Some(Raw::Bytes(resource)) => write(writer, inner, resource, &Shape::of("", "")),
        _ => Err(Malformed),
    }
}

struct Document<'d, 'w, 't> {
    writer: &'d mut Writer<'t>,
    shape: &'d Shape,
    /// What is to be included.
    queue: VecDeque<(MessageId, &'w [u8])>,
    /// Types and ids of the resources that are in the document.
    seen: HashSet<(MessageId, Vec<u8>)>,
}

impl<'w> Document<'_, 'w, '_> {
    fn whole(&mut self, id: MessageId, wire: &'w [u8]) -> Result<(), Malformed> {
        let tables = self.writer.tables;
        let message = &tables.messages[id];
        if message.json_type.is_some() {
            self.text(b"{\"data\":");
            self.resource(id, wire)?;
            self.resource_meta(id, wire)?;
            return self.rest();
        }
        let primary = message.fields.iter().position(|field| {
            matches!(field.kind, Kind::Message(inner) if tables.messages[inner].json_type.is_some())
        });
        // A message without any resource is no document.
        let Some(primary) = primary else { return self.writer.message(id, wire) };
        self.text(b"{\"data\":");
        let base = self.writer.spans.len();
        self.writer.locate(id, wire)?;
        let field = &message.fields[primary];
        let span = self.writer.spans[base + primary];
        self.related(field, span, wire, Self::resource)?;
        let place = self.meta(&message.fields, primary, base, wire)?;
        self.writer.spans.truncate(base);
        if matches!(field.label, Label::List { .. }) {
            self.links(&place);
        }
        self.rest()
    }

    /// Writes what a field of resources holds, each by `one`.
    fn related(
        &mut self,
        field: &Field,
        span: Span,
        wire: &'w [u8],
        one: fn(&mut Self, MessageId, &'w [u8]) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        let Kind::Message(id) = field.kind else { return Err(Malformed) };
        let list = matches!(field.label, Label::List { .. });
        if list {
            self.text(b"[");
        } else if span.count == 0 {
            self.text(b"null");
            return Ok(());
        }
        let mut occurrences = Occurrences::new(field.number, span, wire);
        let mut first = true;
        while let Some(raw) = occurrences.next()? {
            let Raw::Bytes(inner) = raw else { return Err(Malformed) };
            if !first {
                self.text(b",");
            }
            first = false;
            one(self, id, inner)?;
        }
        if list {
            self.text(b"]");
        }
        Ok(())
    }

    fn resource(&mut self, id: MessageId, wire: &'w [u8]) -> Result<(), Malformed> {
        let tables = self.writer.tables;
        let message = &tables.messages[id];
        let json_type = message.json_type.as_deref().unwrap_or("");
        let base = self.writer.spans.len();
        self.writer.locate(id, wire)?;
        let key = self.identity(id, base, wire)?;
        self.seen.insert((id, key));
        self.text(b",\"attributes\":");
        let mut separator = b'{';
        self.writer.offset_times = message.offset_times;
        for (index, field) in message.fields.iter().enumerate() {
            if field.role == Role::Attribute && self.shape.shows(json_type, &field.name) {
                let span = self.writer.spans[base + index];
                self.writer.member(field, span, wire, &mut separator)?;
            }
        }
        self.writer.offset_times = false;
        if separator == b'{' {
            self.text(b"{");
        }
        self.text(b"}");
        let mut separator: &[u8] = b",\"relationships\":{";
        for (index, field) in message.fields.iter().enumerate() {
            // Which attributes are shown can be chosen, relationships are always.
            if field.role != Role::Relationship {
                continue;
            }
            let span = self.writer.spans[base + index];
            if field.omitted && span.count == 0 {
                continue;
            }
            self.text(separator);
            separator = b",";
            self.text(&field.key);
            self.text(b"{\"data\":");
            self.related(field, span, wire, Self::identifier)?;
            self.text(b"}");
        }
        if separator == b"," {
            self.text(b"}");
        }
        self.text(b"}");
        self.writer.spans.truncate(base);
        Ok(())
    }

    /// Names a resource by type and id, and has it included when there is more of it.
    fn identifier(&mut self, id: MessageId, wire: &'w [u8]) -> Result<(), Malformed> {
        let base = self.writer.spans.len();
        self.writer.locate(id, wire)?;
        self.identity(id, base, wire)?;
        self.text(b"}");
        let fields = &self.writer.tables.messages[id].fields;
        let has_more = fields
            .iter()
            .zip(&self.writer.spans[base..])
            .any(|(field, span)| field.role != Role::Id && span.count > 0);
        self.writer.spans.truncate(base);
        if has_more {
            self.queue.push_back((id, wire));
        }
        Ok(())
    }

    /// Opens an object and writes id and type; answers the id as written.
    fn identity(&mut self, id: MessageId, base: usize, wire: &[u8]) -> Result<Vec<u8>, Malformed> {
        let message = &self.writer.tables.messages[id];
        self.text(b"{\"id\":");
        let start = self.writer.out.len();
        match message.fields.iter().position(|field| field.role == Role::Id) {
            Some(place) => {
                let span = self.writer.spans[base + place];
                self.writer.value(&message.fields[place], span, wire)?;
            }
            None => self.text(b"null"),
        }
        let key = self.writer.out[start..].to_vec();
        self.text(b",\"type\":");
        put_string(&mut self.writer.out, message.json_type.as_deref().unwrap_or("").as_bytes());
        Ok(key)
    }

    /// Writes the `meta` that a resource brings with it.
    fn resource_meta(&mut self, id: MessageId, wire: &[u8]) -> Result<(), Malformed> {
        let message = &self.writer.tables.messages[id];
        let base = self.writer.spans.len();
        self.writer.locate(id, wire)?;
        let mut separator: &[u8] = b",\"meta\":{";
        for (index, field) in message.fields.iter().enumerate() {
            let span = self.writer.spans[base + index];
            // The meta of one resource tells what is unusual, so it is left out when nothing is.
            if field.role == Role::Meta && span.count > 0 {
                self.text(separator);
                separator = b",";
                self.text(&field.key);
                self.writer.value(field, span, wire)?;
            }
        }
        if separator == b"," {
            self.text(b"}");
        }
        self.writer.spans.truncate(base);
        Ok(())
    }

    /// Writes everything but the primary data, and answers where in a list it is.
    fn meta(
        &mut self,
        fields: &[Field],
        primary: usize,
        base: usize,
        wire: &'w [u8],
    ) -> Result<Place, Malformed> {
        let (mut page, mut next, mut goes_on) = (None, None, true);
        let (mut numbered, mut last) = (None, None);
        let mut separator = b'{';
        let start = self.writer.out.len();
        self.text(b",\"meta\":");
        for (index, field) in fields.iter().enumerate().filter(|(index, _)| *index != primary) {
            let span = self.writer.spans[base + index];
            if let Kind::Message(inner) = field.kind
                && *field.proto_name == *"page_info"
            {
                let mut occurrences = Occurrences::new(field.number, span, wire);
                let bytes = match occurrences.next()? {
                    Some(Raw::Bytes(bytes)) => bytes,
                    _ => &[],
                };
                page = Some(self.page_info(inner, bytes, &mut separator)?);
            } else {
                self.writer.member(field, span, wire, &mut separator)?;
                match &*field.proto_name {
                    "page_number" => numbered = number(field, span, wire)?,
                    "total_pages" => last = number(field, span, wire)?,
                    "next_cursor" => next = number(field, span, wire)?,
                    "has_more" => goes_on = number(field, span, wire)?.is_some(),
                    _ => {}
                }
            }
        }
        if separator == b'{' {
            self.writer.out.truncate(start);
        } else {
            self.text(b"}");
        }
        let goes_on = next.filter(|_| goes_on);
        let page = page.or_else(|| {
            let number = numbered?;
            // Where the items are too many to be counted, the next page is the last that is known.
            let known = number + u64::from(goes_on.is_some());
            Some(Page { number, last: last.unwrap_or(known) })
        });
        Ok(page.map_or(Place::Before(goes_on), Place::Page))
    }

    /// Writes the members of the page among those of `meta`.
    fn page_info(
        &mut self,
        id: MessageId,
        wire: &[u8],
        separator: &mut u8,
    ) -> Result<Page, Malformed> {
        let fields = &self.writer.tables.messages[id].fields;
        let base = self.writer.spans.len();
        self.writer.locate(id, wire)?;
        let mut page = Page::default();
        for (index, field) in fields.iter().enumerate() {
            let span = self.writer.spans[base + index];
            self.writer.member(field, span, wire, separator)?;
            if let Some(value) = number(field, span, wire)? {
                match &*field.proto_name {
                    "page_number" => page.number = value,
                    "total_pages" => page.last = value,
                    _ => {}
                }
            }
        }
        self.writer.spans.truncate(base);
        Ok(page)
    }

    fn links(&mut self, place: &Place) {
        let mut separator: &[u8] = b",\"links\":{";
        for (name, link) in self.shape.links(place) {
            self.text(separator);
            separator = b",";
            put_string(&mut self.writer.out, name.as_bytes());
            self.text(b":");
            match link {
                Some(link) => put_string(&mut self.writer.out, link.as_bytes()),
                None => self.text(b"null"),
            }
        }
        self.text(b"}");
    }

    /// Writes what is included, and closes the document.
    fn rest(&mut self) -> Result<(), Malformed> {
        let mut separator: &[u8] = b",\"included\":[";
        while let Some((id, wire)) = self.queue.pop_front() {
            let base = self.writer.spans.len();
            let start = self.writer.out.len();
            self.writer.locate(id, wire)?;
            let key = self.identity(id, base, wire)?;
            self.writer.spans.truncate(base);
            self.writer.out.truncate(start);
            if self.seen.contains(&(id, key)) {
                continue;
            }
            self.text(separator);
            separator = b",";
            self.resource(id, wire)?;
        }
        if separator == b"," {
            self.text(b"]");
        }
        self.text(b"}");
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        self.writer.out.extend_from_slice(text);
    }
}

/// The value of a field that holds a whole number; none when it is absent.
fn number(field: &Field, span: Span, wire: &[u8]) -> Result<Option<u64>, Malformed> {
    match Occurrences::new(field.number, span, wire).next()? {
        Some(Raw::Varint(value)) => Ok(Some(value)),
        _ => Ok(None),
    }
}

/// Why a document contradicts the path it was sent to.
pub(super) struct Conflict {
    pub(super) reason: &'static str,
    pub(super) message: String,
}

/// Reads a document into the message that its attributes are of. Answers why it contradicts the
/// path, if it does.
pub(super) fn read<'a>(
    reader: &mut Reader<'a>,
    id: MessageId,
    text: &'a str,
    out: &mut Vec<u8>,
) -> Result<Option<Conflict>, SyntaxError> {
    let mut tokens = Tokens::new(text);
    let mut conflict = None;
    let mut found = false;
    if tokens.peek()? == Token::Object {
        tokens.enter()?;
        let mut first = true;
        while let Some(name) = tokens.member(&mut first)? {
            if name != "data" || found || tokens.peek()? != Token::Object {
                tokens.skip()?;
                continue;
            }
            found = true;
            conflict = data(reader, id, &mut tokens, out)?;
        }
    } else {
        tokens.skip()?;
    }
    tokens.end()?;
    if !found {
        reader.refuse_document("must be an object with the member data, which is an object.");
    }
    Ok(conflict)
}

fn data<'a>(
    reader: &mut Reader<'a>,
    id: MessageId,
    tokens: &mut Tokens<'a>,
    out: &mut Vec<u8>,
) -> Result<Option<Conflict>, SyntaxError> {
    let tables: &Tables = reader.tables;
    let message = &tables.messages[id];
    let mut conflict = None;
    tokens.enter()?;
    let mut first = true;
    while let Some(name) = tokens.member(&mut first)? {
        match (&*name, tokens.peek()?) {
            ("attributes", Token::Object) => reader.object(id, tokens, out)?,
            ("attributes", _) => {
                tokens.skip()?;
                reader.refuse_document("must have an object as data.attributes.");
            }
            ("type", Token::String) => {
                let given = tokens.string()?;
                if let Some(wanted) = message.json_type.as_deref().filter(|one| **one != *given) {
                    let message = format!("The type must be {wanted}.");
                    conflict = Some(Conflict { reason: "TYPE_MISMATCH", message });
                }
            }
            // Whether it is the id of the resource is said where that is read.
            ("id", Token::String) => {
                let given = tokens.string()?;
                let mut ids = message.fields.iter().filter(|field| field.role == Role::Id);
                let is_number = ids.all(|field| !matches!(field.kind, Kind::String));
                match given.parse::<i64>() {
                    _ if !is_number || given.is_empty() => {}
                    Ok(id) => reader.document = Some(id.cast_unsigned()),
                    Err(_) => {
                        let message = "The id is not that of the resource.".to_owned();
                        conflict = Some(Conflict { reason: reason::ID_MISMATCH, message });
                    }
                }
            }
            // Clients that create have no id yet, and some say so.
            ("id", Token::Null) => tokens.skip()?,
            (member @ ("type" | "id"), _) => {
                tokens.skip()?;
                reader.refuse_document(&format!("must have a string as data.{member}."));
            }
            _ => tokens.skip()?,
        }
    }
    Ok(conflict)
}

/// Reads a document as one field of a message.
pub(super) fn read_field<'a>(
    reader: &mut Reader<'a>,
    field: &'a Field,
    text: &'a str,
    out: &mut Vec<u8>,
) -> Result<Option<Conflict>, SyntaxError> {
    let Kind::Message(id) = field.kind else {
        reader.refuse_document("is not a document.");
        return Ok(None);
    };
    put_tag(out, field.number, LENGTH);
    let start = open(out);
    let conflict = read(reader, id, text, out)?;
    close(out, start);
    Ok(conflict)
}
