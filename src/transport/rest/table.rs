//! What the shim knows of every message, compiled once at start-up from the descriptors.

use std::collections::HashMap;

use prost_reflect::{Cardinality, FieldDescriptor, MessageDescriptor};

use super::dialect::Dialect;
use super::wire;
use crate::catalog::{Catalog, CatalogError, FieldRule, Format, Rpc, member_name};

/// A message in [`Tables`].
pub(super) type MessageId = usize;
/// An enum in [`Tables`].
pub(super) type EnumId = usize;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Sint32,
    Sint64,
    Fixed32,
    Fixed64,
    Sfixed32,
    Sfixed64,
    Float,
    Double,
    String,
    /// JSON text in a string, a value of any type.
    Json,
    Bytes,
    Enum(EnumId),
    Message(MessageId),
    /// `google.protobuf.Timestamp`, a text.
    Time,
    /// `google.type.Decimal`, a JSON number.
    Decimal,
    /// `google.type.Money`, a JSON number.
    Money,
    /// An `int64` that stands for a record, a text.
    Id,
    /// A message with one repeated field, which makes a plain list.
    Wrapper(MessageId),
}

impl Kind {
    pub(super) fn wire_type(self) -> u8 {
        match self {
            Self::Bool
            | Self::Int32
            | Self::Int64
            | Self::Uint32
            | Self::Uint64
            | Self::Sint32
            | Self::Sint64
            | Self::Id
            | Self::Enum(_) => wire::VARINT,
            Self::Fixed32 | Self::Sfixed32 | Self::Float => wire::FIXED32,
            Self::Fixed64 | Self::Sfixed64 | Self::Double => wire::FIXED64,
            Self::String
            | Self::Json
            | Self::Bytes
            | Self::Message(_)
            | Self::Time
            | Self::Decimal
            | Self::Money
            | Self::Wrapper(_) => wire::LENGTH,
        }
    }
}

/// How often a field occurs, and what stands for it when it does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// At most once; absent is `null`.
    Optional,
    /// Always there; absent on the wire is its default.
    Implicit,
    /// Any number of times.
    List {
        /// Whether numbers share one length prefix.
        packed: bool,
    },
}

/// One field of a message.
pub(super) struct Field {
    pub(super) number: u32,
    pub(super) kind: Kind,
    pub(super) label: Label,
    /// JSON name.
    pub(super) name: Box<str>,
    /// JSON name by which refusals name it: of an enum that is written as number and name, that of
    /// the number.
    pub(super) shown: Box<str>,
    /// JSON name with quotes and colon.
    pub(super) key: Box<[u8]>,
    /// Proto name, as violations give it.
    pub(super) proto_name: Box<str>,
    /// Of an enum that is written as number and name: the JSON name of the number, with quotes
    /// and colon.
    pub(super) number_key: Option<Box<[u8]>>,
    /// What part of a JSON:API resource it is.
    pub(super) role: Role,
    /// Whether requests may give it; what they say of others is passed over.
    pub(super) is_read: bool,
    /// Whether answers have it.
    pub(super) is_written: bool,
    /// Whether it is left out when it is absent, whatever the dialect does with others.
    pub(super) omitted: bool,
    /// Whether a list or a text that is empty is written as `null`.
    pub(super) null_when_empty: bool,
    /// Whether what a change does not give of its members stays.
    pub(super) merged: bool,
}

/// What part of a JSON:API document a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A member of `attributes`, and every member of anything but a resource.
    Attribute,
    /// The `id` of a resource.
    Id,
    /// A member of `relationships`.
    Relationship,
    /// A member of the document's `meta`.
    Meta,
}

/// The fields of a message in the order of the contract.
pub(super) struct Message {
    pub(super) fields: Vec<Field>,
    names: HashMap<Box<str>, usize>,
    /// Field by number, for the numbers up to 255; larger ones are looked for.
    numbers: Vec<u8>,
    ignore_case: bool,
    /// The JSON:API type, of messages that are resources or hold the attributes of one.
    pub(super) json_type: Option<Box<str>>,
    /// Whether instants are written with `+00:00` instead of `Z`.
    pub(super) offset_times: bool,
}

impl Message {
    /// The field a JSON member is read into. Members mostly come in the order of the contract,
    /// so the one after the last is tried first.
    #[inline]
    pub(super) fn by_name(&self, name: &str, hint: usize) -> Option<usize> {
        if self.fields.get(hint).is_some_and(|field| *field.name == *name) {
            return Some(hint);
        }
        if self.ignore_case {
            self.names.get(name.to_lowercase().as_str()).copied()
        } else {
            self.names.get(name).copied()
        }
    }

    /// The field with a proto name, as violations give it.
    pub(super) fn by_proto_name(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| *field.proto_name == *name)
    }

    #[inline]
    pub(super) fn by_number(&self, number: u32) -> Option<usize> {
        match self.numbers.get(number as usize) {
            Some(&index) => (index != u8::MAX).then_some(usize::from(index)),
            None if number < 256 => None,
            None => self.fields.iter().position(|field| field.number == number),
        }
    }
}

/// The values of an enum.
pub(super) struct Enum {
    /// Number and JSON text without quotes.
    pub(super) values: Vec<(i32, Box<str>)>,
}

impl Enum {
    pub(super) fn text(&self, number: i32) -> Option<&str> {
        self.values.iter().find(|value| value.0 == number).map(|value| &*value.1)
    }

    pub(super) fn number(&self, text: &str) -> Option<i32> {
        self.values.iter().find(|value| value.1.eq_ignore_ascii_case(text)).map(|value| value.0)
    }
}

/// All messages and enums that JSON is read into or written from.
#[derive(Default)]
pub(super) struct Tables {
    pub(super) messages: Vec<Message>,
    pub(super) enums: Vec<Enum>,
}

/// What the answer of an RPC is as JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The message, or one of its fields.
    Message(MessageId),
    /// No body at all.
    Empty,
    /// A `google.api.HttpBody`, passed on as it is.
    Raw,
}

/// Which members of a message there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Members {
    All,
    /// The one that says which resource it is.
    Id,
}

/// Compiles tables; a message is compiled once per family, whose dialect shapes it.
pub(super) struct Compiler<'a> {
    catalog: &'a Catalog,
    /// Whether fields whose values end are left out.
    lasting: bool,
    /// Whether fields are there that only exports have.
    exported: bool,
    pub(super) tables: Tables,
    messages: HashMap<(&'static str, String, Members), MessageId>,
    enums: HashMap<(&'static str, String), EnumId>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        Self {
            catalog,
            lasting: false,
            exported: false,
            tables: Tables::default(),
            messages: HashMap::new(),
            enums: HashMap::new(),
        }
    }

    /// Compiles messages without the fields whose values end.
    pub(super) fn of_lasting(catalog: &'a Catalog) -> Self {
        Self { lasting: true, ..Self::new(catalog) }
    }

    /// Compiles messages as files have them that are kept.
    pub(super) fn of_exports(catalog: &'a Catalog) -> Self {
        Self { exported: true, ..Self::of_lasting(catalog) }
    }

    /// Whether the contract calls a field required.
    pub(super) fn is_required(&self, field: &FieldDescriptor) -> bool {
        self.catalog.is_required(field)
    }

    pub(super) fn output(&mut self, rpc: &Rpc, dialect: &Dialect) -> Result<Output, CatalogError> {
        match rpc.output.full_name() {
            "google.protobuf.Empty" => Ok(Output::Empty),
            "google.api.HttpBody" => Ok(Output::Raw),
            _ => self.message(&rpc.output, rpc.family, dialect).map(Output::Message),
        }
    }

    pub(super) fn message(
        &mut self,
        message: &MessageDescriptor,
        family: &'static str,
        dialect: &Dialect,
    ) -> Result<MessageId, CatalogError> {
        self.message_of(message, family, dialect, Members::All)
    }

    fn message_of(
        &mut self,
        message: &MessageDescriptor,
        family: &'static str,
        dialect: &Dialect,
        members: Members,
    ) -> Result<MessageId, CatalogError> {
        let key = (family, message.full_name().to_owned(), members);
        if let Some(&id) = self.messages.get(&key) {
            return Ok(id);
        }
        if message.full_name().starts_with("google.protobuf.") {
            return Err(CatalogError::new(message.full_name(), "has no JSON form in the shim"));
        }
        // The place is taken before the fields are compiled, for messages that hold themselves.
        let id = self.tables.messages.len();
        self.messages.insert(key, id);
        let ignore_case = dialect.ignore_case_of_names;
        let rule = self.catalog.message_rule(message);
        self.tables.messages.push(Message {
            fields: Vec::new(),
            names: HashMap::new(),
            numbers: Vec::new(),
            ignore_case,
            json_type: (!rule.json_type.is_empty()).then(|| rule.json_type.into_boxed_str()),
            offset_times: rule.offset_times,
        });
        let mut fields = match self.exported {
            true => self.catalog.exported_fields(message),
            false => self.catalog.json_fields(message),
        };
        fields.retain(|field| {
            let rule = self.catalog.field_rule(field);
            let is_meant = members == Members::All || field.name() == "id" || rule.resource_id;
            is_meant && !(self.lasting && rule.ephemeral)
        });
        if fields.len() > 200 {
            return Err(CatalogError::new(message.full_name(), "has more than 200 fields"));
        }
        let mut compiled = Vec::with_capacity(fields.len());
        let mut names = HashMap::new();
        let mut numbers = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let rule = self.catalog.field_rule(field);
            let number_name = number_name(field, dialect);
            let member = self.catalog.member_name(field, dialect);
            for name in std::iter::once(&*member)
                .chain(number_name.as_deref())
                .chain(rule.json_aliases.iter().map(String::as_str))
            {
                let name = if ignore_case { name.to_lowercase() } else { name.to_owned() };
                // A further name may be the very one that another dialect has.
                if names.insert(name.into_boxed_str(), index).is_some_and(|other| other != index) {
                    return Err(CatalogError::new(field.full_name(), "its JSON name is taken"));
                }
            }
            if let Ok(number @ 0..256) = usize::try_from(field.number()) {
                if numbers.len() <= number {
                    numbers.resize(number + 1, u8::MAX);
                }
                numbers[number] = u8::try_from(index).unwrap_or(u8::MAX);
            }
            compiled.push(self.field(field, family, dialect)?);
        }
        let table = &mut self.tables.messages[id];
        table.fields = compiled;
        table.names = names;
        table.numbers = numbers;
        Ok(id)
    }

    fn field(
        &mut self,
        field: &FieldDescriptor,
        family: &'static str,
        dialect: &Dialect,
    ) -> Result<Field, CatalogError> {
        use prost_reflect::Kind as Proto;
        let rule = self.catalog.field_rule(field);
        if field.is_map() || field.is_group() {
            return Err(CatalogError::new(field.full_name(), "has no JSON form in the shim"));
        }
        let kind = match field.kind() {
            Proto::Bool => Kind::Bool,
            Proto::Int32 => Kind::Int32,
            Proto::Int64 if dialect.texts_for_ids && is_id(field, &rule) => Kind::Id,
            Proto::Int64 => Kind::Int64,
            Proto::Uint32 => Kind::Uint32,
            Proto::Uint64 => Kind::Uint64,
            Proto::Sint32 => Kind::Sint32,
            Proto::Sint64 => Kind::Sint64,
            Proto::Fixed32 => Kind::Fixed32,
            Proto::Fixed64 => Kind::Fixed64,
            Proto::Sfixed32 => Kind::Sfixed32,
            Proto::Sfixed64 => Kind::Sfixed64,
            Proto::Float => Kind::Float,
            Proto::Double => Kind::Double,
            Proto::String if rule.format() == Format::Json => Kind::Json,
            Proto::String => Kind::String,
            Proto::Bytes => Kind::Bytes,
            Proto::Enum(descriptor) => {
                let key = (family, descriptor.full_name().to_owned());
                let enums = &mut self.tables.enums;
                Kind::Enum(*self.enums.entry(key).or_insert_with(|| {
                    let values = descriptor.values().filter(|value| value.number() != 0);
                    let values = values
                        .map(|value| {
                            let name = bare_value(descriptor.name(), value.name());
                            (value.number(), (dialect.enum_text)(name).into_boxed_str())
                        })
                        .collect();
                    enums.push(Enum { values });
                    enums.len() - 1
                }))
            }
            Proto::Message(inner) => match inner.full_name() {
                "google.protobuf.Timestamp" => Kind::Time,
                "google.type.Decimal" => Kind::Decimal,
                "google.type.Money" => Kind::Money,
                _ if rule.list_wrapper => {
                    let mut fields = inner.fields();
                    let whole = matches!((fields.next(), fields.next()), (Some(only), None) if only.is_list());
                    if !whole || field.is_list() {
                        let problem = "is a list_wrapper without a message of one repeated field";
                        return Err(CatalogError::new(field.full_name(), problem));
                    }
                    Kind::Wrapper(self.message(&inner, family, dialect)?)
                }
                // What is kept of a resource says which others it is related to, not how they were.
                _ if rule.relationship && self.lasting => {
                    Kind::Message(self.message_of(&inner, family, dialect, Members::Id)?)
                }
                _ => Kind::Message(self.message(&inner, family, dialect)?),
            },
        };
        let label = if field.cardinality() == Cardinality::Repeated {
            Label::List { packed: field.is_packed() }
        } else if field.supports_presence() {
            Label::Optional
        } else {
            Label::Implicit
        };
        let role = if rule.relationship {
            Role::Relationship
        } else if rule.meta {
            Role::Meta
        } else if field.name() == "id" || rule.resource_id {
            Role::Id
        } else {
            Role::Attribute
        };
        let name = self.catalog.member_name(field, dialect);
        Ok(Field {
            number: field.number(),
            kind,
            label,
            name: name.clone().into(),
            shown: number_name(field, dialect).unwrap_or_else(|| name.clone().into_owned()).into(),
            key: key(&name),
            proto_name: field.name().into(),
            number_key: number_name(field, dialect).map(|name| key(&name)),
            role,
            is_read: !self.catalog.is_output_only(field),
            is_written: !self.catalog.is_input_only(field),
            omitted: rule.omit_when_absent,
            null_when_empty: rule.null_when_empty,
            merged: rule.merged,
        })
    }
}

/// A JSON name with quotes and colon.
fn key(name: &str) -> Box<[u8]> {
    let mut key = Vec::with_capacity(name.len() + 3);
    super::json::put_string(&mut key, name.as_bytes());
    key.push(b':');
    key.into_boxed_slice()
}

/// The name of the number of an enum that is written as number and name: `statusId`.
fn number_name(field: &FieldDescriptor, dialect: &Dialect) -> Option<String> {
    let paired = dialect.numbers_of_enums
        && matches!(field.kind(), prost_reflect::Kind::Enum(_))
        && !field.is_list();
    paired.then(|| format!("{}Id", member_name(field, dialect)))
}

/// Whether an integer stands for a record.
pub(crate) fn is_id(field: &FieldDescriptor, rule: &FieldRule) -> bool {
    field.name() == "id" || rule.resource_id || rule.format() == Format::Id
}

/// The fields of a message as the contract lists them; descriptors are sorted by number.
pub(crate) fn in_declared_order(message: &MessageDescriptor) -> Vec<FieldDescriptor> {
    message
        .descriptor_proto()
        .field
        .iter()
        .filter_map(|field| message.get_field(u32::try_from(field.number()).ok()?))
        .collect()
}

/// The name of an enum value without the name of its enum: `USER_STATUS_ACTIVE` -> `ACTIVE`.
pub(crate) fn bare_value<'a>(enum_name: &str, value: &'a str) -> &'a str {
    let mut prefix = String::new();
    for char in enum_name.chars() {
        if char.is_ascii_uppercase() && !prefix.is_empty() {
            prefix.push('_');
        }
        prefix.push(char.to_ascii_uppercase());
    }
    prefix.push('_');
    value.strip_prefix(&prefix).filter(|bare| !bare.is_empty()).unwrap_or(value)
}
