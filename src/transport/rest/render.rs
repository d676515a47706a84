//! Resources as the JSON of their family, outside of an answer: for events, the audit trail and
//! exports. Values that end, such as signed URLs, are no members of it.

use std::collections::HashMap;

use prost_reflect::{FieldDescriptor, MessageDescriptor};
use serde_json::Value;
use steward_kernel::{Error, Family, Result, Violation, ViolationKind};

use super::dialect::{self, Dialect};
use super::read::Reader;
use super::table::{Compiler, MessageId, Tables};
use super::write::Writer;
use crate::catalog::{Catalog, CatalogError, Rpc};

/// Writes resources as JSON. Compiled once.
pub struct Renderer {
    tables: Tables,
    /// By the full name of their message.
    resources: HashMap<String, Vec<Rendered>>,
}

/// How a message looks in a family.
struct Rendered {
    family: &'static str,
    id: MessageId,
    dialect: &'static Dialect,
}

impl Renderer {
    /// Compiles what the reading RPCs of `catalog` answer, and the items of its lists.
    ///
    /// # Errors
    /// Names the field or message that has no JSON form.
    pub fn new(catalog: &Catalog) -> Result<Self, CatalogError> {
        Self::of(catalog, Compiler::of_lasting(catalog))
    }

    /// As [`Self::new`], with the members that only exports have.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_exports(catalog: &Catalog) -> Result<Self, CatalogError> {
        Self::of(catalog, Compiler::of_exports(catalog))
    }

    fn of(catalog: &Catalog, mut compiler: Compiler<'_>) -> Result<Self, CatalogError> {
        let mut resources: HashMap<String, Vec<Rendered>> = HashMap::new();
        for rpc in catalog.faces() {
            let dialect = dialect::of(rpc.dialect);
            let messages = match is_getter(rpc) {
                true => read(catalog, rpc),
                false => item(rpc).into_iter().collect(),
            };
            for message in messages {
                let id = compiler.message(&message, rpc.family, dialect)?;
                let known = resources.entry(message.full_name().to_owned()).or_default();
                if known.iter().all(|one| one.family != rpc.family) {
                    known.push(Rendered { family: rpc.family, id, dialect });
                }
            }
        }
        Ok(Self { tables: compiler.tables, resources })
    }

    /// A resource as JSON text, by the full name of its message, as a family has it. One that the
    /// family does not have is told as its own family has it.
    ///
    /// # Errors
    /// INTERNAL when `wire` is no such message.
    pub fn json(&self, message: &str, family: Option<Family>, wire: &[u8]) -> Result<Vec<u8>> {
        let Rendered { id, dialect, .. } = self.rendered(message, family)?;
        let mut writer = Writer::new(&self.tables, dialect, Vec::with_capacity(wire.len() * 3));
        match writer.message(*id, wire) {
            Ok(()) => Ok(writer.out),
            Err(_) => Err(Error::internal("a handler answered what is no message")),
        }
    }

    /// How a message looks in a family; in its own where that does not have it.
    fn rendered(&self, message: &str, family: Option<Family>) -> Result<&Rendered> {
        let all = self.resources.get(message).map_or(&[][..], Vec::as_slice);
        let own = |one: &&Rendered| Some(one.family) == family.map(Family::name);
        let found = all.iter().find(own).or_else(|| all.first());
        found.ok_or_else(|| Error::internal(format!("{message} is no resource")))
    }

    /// Reads members of a resource from its family's JSON, by the full name of its message.
    ///
    /// # Errors
    /// INVALID_ARGUMENT for values that the members do not have, INTERNAL when there is no such
    /// resource.
    pub fn part(&self, message: &str, members: &serde_json::Map<String, Value>) -> Result<Part> {
        let Rendered { id, dialect, .. } = self.rendered(message, None)?;
        let table = &self.tables.messages[*id];
        let known = members.keys().filter_map(|name| table.by_name(name, usize::MAX));
        let written = known.map(|index| &table.fields[index]).filter(|field| field.is_read);
        let given = written.map(|field| field.proto_name.to_string()).collect();
        let text = Value::Object(members.clone()).to_string();
        let mut reader = Reader::new(&self.tables, dialect, false);
        let mut wire = Vec::with_capacity(text.len());
        let read = reader.json_message(*id, &text, &mut wire);
        read.map_err(|_| Error::internal("a document of our own that is no JSON"))?;
        if reader.refused.is_empty() {
            return Ok(Part { wire, given });
        }
        let violations = reader.refused.into_iter().map(|refused| Violation {
            field: refused.path,
            kind: ViolationKind::Format,
            message: refused.message,
        });
        Err(Error::invalid(violations.collect()))
    }
}

/// Some members of a resource.
pub struct Part {
    /// As protobuf has them.
    pub wire: Vec<u8>,
    /// Proto names of those that are given, null or not.
    pub given: Vec<String>,
}

/// The message of the items that an RPC lists.
fn item(rpc: &Rpc) -> Option<MessageDescriptor> {
    let items = rpc.output.get_field_by_name("items").filter(FieldDescriptor::is_list)?;
    items.kind().as_message().cloned()
}

/// What a reading RPC answers: its message, and the resources for which that stands.
fn read(catalog: &Catalog, rpc: &Rpc) -> Vec<MessageDescriptor> {
    let held = catalog.held_fields(&rpc.output);
    let held = held.iter().filter_map(|field| field.kind().as_message().cloned());
    std::iter::once(rpc.output.clone()).chain(held).collect()
}

/// Whether an RPC reads a resource by its id.
pub(crate) fn is_getter(rpc: &Rpc) -> bool {
    rpc.method.starts_with("Get")
        && ["etag", "version"].iter().any(|name| rpc.output.get_field_by_name(name).is_some())
        && rpc.idempotency == crate::catalog::Idempotency::Read
}
