//! Imports: records made from the rows of a file.
//!
//! Each row is a call of the resource's creating or updating RPC from within the server, in the
//! name of whoever asked for the import. So a row has the checks, the event and the audit entry
//! of any other call. How far the import has come is written in the transaction of the row, so one
//! that is taken up again writes nothing twice; with `all_or_nothing` there is one transaction
//! for all rows.

mod actions;
mod file;
mod model;
mod read;
mod repository;
mod service;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::BTreeMap;

pub use read::ReadImport;
pub(crate) use read::{KIND, gave_up};
pub(crate) use service::service;
use steward_database::List;
use steward_kernel::Family;
use steward_transport::catalog::{Catalog, CatalogError};
use steward_transport::rest::Form;

/// A resource that can be imported.
#[derive(Debug, Clone, Copy)]
pub struct Importable {
    /// What clients call the resource: `owners`.
    pub resource: &'static str,
    /// The RPC that creates one of its records: `steward.facilities.v1.OwnerService/CreateOwner`.
    pub create: &'static str,
    /// How a row changes a record that is there; absent for a resource whose records are known by
    /// nothing but their ids.
    pub upsert: Option<Upsert>,
}

/// How a row finds and changes a record.
#[derive(Debug, Clone, Copy)]
pub struct Upsert {
    /// The RPC that changes a record; it takes the same as the creating one.
    pub update: &'static str,
    /// Where the records are.
    pub list: List,
    /// What a record is known by, all of it together.
    pub key: &'static [KeyPart],
}

/// A part of what a record is known by.
#[derive(Debug, Clone, Copy)]
pub struct KeyPart {
    /// The column of the row: `email`.
    pub column: &'static str,
    /// What the record `r` meets; `?` stands for the text of the column.
    pub condition: &'static str,
}

/// Lets records of a family be imported. For each: what clients call the resource, where it is
/// listed, the RPC that creates one and, where a record is known by something, the RPC that changes
/// it and what an import finds it by.
#[macro_export]
macro_rules! imports {
    (package $package:literal;
        $($name:literal: $listed:ty, created $create:literal
            $(, updated $update:literal, known by $($column:literal = $condition:literal)and+)?;)*
    ) => {
        /// Everything of the family that can be imported.
        pub const IMPORTS: &[$crate::imports::Importable] = &[
            $($crate::imports::Importable {
                resource: $name,
                create: concat!($package, $create),
                upsert: $crate::imports::first(&[$($crate::imports::Upsert {
                    update: concat!($package, $update),
                    list: <$listed as $crate::exports::Listed>::LIST,
                    key: &[$($crate::imports::KeyPart {
                        column: $column,
                        condition: $condition,
                    }),+],
                })?]),
            }),*
        ];
    };
}

/// What a macro makes where something may be left out.
#[must_use]
pub const fn first(found: &[Upsert]) -> Option<Upsert> {
    match found {
        [] => None,
        [first, ..] => Some(*first),
    }
}

/// All that can be imported, and how a row is written as a request.
pub struct Forms(BTreeMap<(Family, &'static str), Described>);

/// A resource that can be imported, and how its rows look.
struct Described {
    importable: Importable,
    form: Form,
}

impl Forms {
    /// How the contract wants the rows of `resources`.
    ///
    /// # Errors
    /// Names the RPC that the contract does not have, or that takes no such JSON body.
    pub fn new(catalog: &Catalog, resources: &[Importable]) -> Result<Self, CatalogError> {
        let forms = resources.iter().map(|one| {
            let family = Family::of_contract(one.create).ok_or_else(|| CatalogError {
                subject: one.create.to_owned(),
                problem: "is of no family".to_owned(),
            })?;
            let update = one.upsert.map(|upsert| upsert.update);
            let form = Form::of(catalog, one.create, update)?;
            Ok(((family, one.resource), Described { importable: *one, form }))
        });
        Ok(Self(forms.collect::<Result<_, CatalogError>>()?))
    }

    /// What there is to know of a family's resource.
    fn find(&self, family: Family, resource: &str) -> Option<&Described> {
        let mut all = self.0.iter();
        let found = all.find(|((of, name), _)| *of == family && *name == resource);
        found.map(|(_, described)| described)
    }
}
