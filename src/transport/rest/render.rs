//! Resources as the JSON of their family, outside of an answer: for events and the audit trail.
//! Values that end, such as signed URLs, are no members of it.

use std::collections::HashMap;

use steward_kernel::{Error, Result};

use super::dialect::{self, Dialect};
use super::table::{Compiler, MessageId, Tables};
use super::write::Writer;
use crate::catalog::{Catalog, CatalogError, Rpc};

/// Writes resources as JSON. Compiled once.
pub struct Renderer {
    tables: Tables,
    resources: HashMap<String, (MessageId, &'static Dialect)>,
}

impl Renderer {
    /// Compiles what the reading RPCs of `catalog` answer.
    ///
    /// # Errors
    /// Names the field or message that has no JSON form.
    pub fn new(catalog: &Catalog) -> Result<Self, CatalogError> {
        let mut compiler = Compiler::of_lasting(catalog);
        let mut resources = HashMap::new();
        for rpc in catalog.rpcs().filter(|rpc| is_getter(rpc)) {
            let dialect = dialect::of(rpc.dialect);
            let id = compiler.message(&rpc.output, rpc.family, dialect)?;
            resources.insert(rpc.output.full_name().to_owned(), (id, dialect));
        }
        Ok(Self { tables: compiler.tables, resources })
    }

    /// A resource as JSON text, by the full name of its message.
    ///
    /// # Errors
    /// INTERNAL when `wire` is no such message.
    pub fn json(&self, message: &str, wire: &[u8]) -> Result<Vec<u8>> {
        let (id, dialect) = self
            .resources
            .get(message)
            .ok_or_else(|| Error::internal(format!("{message} is no resource")))?;
        let mut writer = Writer::new(&self.tables, dialect, Vec::with_capacity(wire.len() * 3));
        match writer.message(*id, wire) {
            Ok(()) => Ok(writer.out),
            Err(_) => Err(Error::internal("a handler answered what is no message")),
        }
    }
}

/// Whether an RPC reads a resource by its id.
pub(crate) fn is_getter(rpc: &Rpc) -> bool {
    rpc.method.starts_with("Get")
        && ["etag", "version"].iter().any(|name| rpc.output.get_field_by_name(name).is_some())
        && rpc.idempotency == crate::catalog::Idempotency::Read
}
