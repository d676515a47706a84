//! What can be exported.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use steward_database::{Connection, List, Record, in_order};
use steward_kernel::{Error, Family, Result, TenantId};
use steward_transport::catalog::{Catalog, CatalogError};
use steward_transport::rest::{Columns, Renderer};

/// A record that can be exported.
pub trait Exported: Record {
    /// What clients call the resource: `owners`.
    const RESOURCE: &'static str;
    /// Full name of its message: `steward.facilities.v1.Owner`.
    const MESSAGE: &'static str;
    /// Where its records are, and what they can be filtered by.
    const LIST: List;

    /// The record as its message, encoded.
    fn encode(self) -> Vec<u8>;
}

/// A resource that can be exported.
#[derive(Clone, Copy)]
pub struct Resource {
    pub(super) name: &'static str,
    pub(super) list: List,
    message: &'static str,
    pub(super) read: Read,
}

/// Reads the records with some ids, in their order, as encoded messages.
type Read = for<'a> fn(&'a Connection, TenantId, &'a [i64]) -> BoxFuture<'a, Result<Vec<Vec<u8>>>>;

impl Resource {
    /// The resource whose records are `R`.
    #[must_use]
    pub const fn of<R: Exported>() -> Self {
        Self { name: R::RESOURCE, list: R::LIST, message: R::MESSAGE, read: read::<R> }
    }
}

fn read<'a, R: Exported>(
    connection: &'a Connection,
    tenant: TenantId,
    ids: &'a [i64],
) -> BoxFuture<'a, Result<Vec<Vec<u8>>>> {
    async move {
        let records = in_order::<R>(connection, tenant, ids).await?;
        Ok(records.into_iter().map(R::encode).collect())
    }
    .boxed()
}

/// All that can be exported, and how it is written.
pub struct Resources {
    renderer: Renderer,
    resources: Vec<(Resource, Columns)>,
}

impl Resources {
    /// What `resources` look like in `catalog`.
    ///
    /// # Errors
    /// Names the message that the contract does not have.
    pub fn new(catalog: &Catalog, resources: Vec<Resource>) -> Result<Self, CatalogError> {
        let described = resources
            .into_iter()
            .map(|resource| Ok((resource, Columns::of(catalog, resource.message)?)));
        let resources = described.collect::<Result<_, CatalogError>>()?;
        Ok(Self { renderer: Renderer::new(catalog)?, resources })
    }

    /// The resource with a name, of a family or of the platform, whose resources all families have.
    pub(super) fn find(&self, family: Family, name: &str) -> Option<Described<'_>> {
        let (resource, columns) = self.resources.iter().find(|(resource, _)| {
            let of = Family::of_contract(resource.message);
            resource.name == name && of.is_none_or(|of| of == family)
        })?;
        Some(Described { resource: *resource, columns, renderer: &self.renderer })
    }
}

/// A resource and how it is written.
pub(super) struct Described<'a> {
    pub(super) resource: Resource,
    pub(super) columns: &'a Columns,
    renderer: &'a Renderer,
}

impl Described<'_> {
    /// A record as JSON text.
    ///
    /// # Errors
    /// INTERNAL when it is not the resource's message.
    pub(super) fn json(&self, record: &[u8]) -> Result<Vec<u8>> {
        self.renderer.json(self.resource.message, record)
    }

    /// A record as the row of a table.
    ///
    /// # Errors
    /// INTERNAL when it is not the resource's message.
    pub(super) fn row(&self, record: &[u8]) -> Result<Vec<String>> {
        let json: Value = serde_json::from_slice(&self.json(record)?).map_err(Error::internal)?;
        Ok(self.columns.row(&json))
    }
}
