//! Imports: records made from the rows of a CSV file.
//!
//! Each row is a call of the resource's creating RPC from within the server, in the name of
//! whoever asked for the import, with an idempotency key made of the import and the row. So a
//! row has the checks, the event and the audit entry of any other call, and an import that is
//! taken up again within a day, for which the keys are kept, writes nothing twice. How far it has
//! come is written down after each row.

mod actions;
mod model;
mod read;
mod repository;
mod service;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;

pub use read::ReadImport;
pub(crate) use service::service;
use steward_kernel::Family;
use steward_transport::catalog::{Catalog, CatalogError};
use steward_transport::rest::Form;

/// A resource that can be imported, and the RPC that creates one of its records.
#[derive(Debug, Clone, Copy)]
pub struct Importable {
    /// What clients call the resource: `owners`.
    pub resource: &'static str,
    /// `steward.facilities.v1.OwnerService/CreateOwner`.
    pub rpc: &'static str,
}

/// All that can be imported, and how a row is written as a request.
pub struct Forms(BTreeMap<(Family, &'static str), Form>);

impl Forms {
    /// How the contract wants the rows of `resources`.
    ///
    /// # Errors
    /// Names the RPC that the contract does not have, or that takes no JSON body.
    pub fn new(catalog: &Catalog, resources: &[Importable]) -> Result<Self, CatalogError> {
        let forms = resources.iter().map(|one| {
            let family = Family::of_contract(one.rpc).ok_or_else(|| CatalogError {
                subject: one.rpc.to_owned(),
                problem: "is of no family".to_owned(),
            })?;
            Ok(((family, one.resource), Form::of(catalog, one.rpc)?))
        });
        Ok(Self(forms.collect::<Result<_, CatalogError>>()?))
    }

    /// The form of a family's resource, with the resource's own name.
    fn find(&self, family: Family, resource: &str) -> Option<(&'static str, &Form)> {
        let mut all = self.0.iter();
        let ((_, name), form) = all.find(|((of, name), _)| *of == family && *name == resource)?;
        Some((name, form))
    }
}
