//! What can be exported.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use prost::Message;
use steward_database::{Connection, List, Record, in_order};
use steward_kernel::list::{Field, Filter};
use steward_kernel::time::{self, Timestamp};
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
    pub(crate) read: Read,
    clock: Option<ClockOf>,
}

/// Reads by which clock a business reads the times that it filters by.
pub type ClockOf = for<'a> fn(&'a Connection, TenantId) -> BoxFuture<'a, Result<WallClock>>;

/// The instant that is meant by what was written of a field; none when that is no time.
pub type WallClock = Box<dyn Fn(&'static Field, &str) -> Option<Timestamp> + Send + Sync>;

/// Reads the records with some ids, in their order, as encoded messages.
pub type Read = for<'a> fn(&'a Connection, TenantId, &'a [i64]) -> Encoded<'a>;

/// Records on their way from the database to encoded messages.
pub type Encoded<'a> = BoxFuture<'a, Result<Vec<Vec<u8>>>>;

/// Lets records of a family be exported. For each: what clients call the resource, its record and
/// message, where it is listed, what else a row of the list must meet, and how the message is
/// written.
#[macro_export]
macro_rules! exports {
    (package $package:literal;
        $($name:literal: $record:ty as $message:literal, listed $listed:ty
            $(, only $only:literal)?, written $write:expr;)*
    ) => {
        $(
            impl $crate::exports::Exported for $record {
                const RESOURCE: &'static str = $name;
                const MESSAGE: &'static str = concat!($package, $message);
                const LIST: $crate::exports::List = $crate::exports::List {
                    $(only: $only,)?
                    ..<$listed as $crate::exports::Listed>::LIST
                };

                fn encode(self) -> Vec<u8> {
                    $crate::exports::encoded(&$write(self))
                }
            }
        )*

        /// Everything of the family that can be exported.
        #[must_use]
        pub fn exports() -> Vec<$crate::exports::Resource> {
            vec![$($crate::exports::Resource::of::<$record>()),*]
        }
    };
}

/// A message, encoded.
#[must_use]
pub fn encoded(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

impl Resource {
    /// A resource whose records need more than themselves to become their message.
    #[must_use]
    pub const fn new(name: &'static str, message: &'static str, list: List, read: Read) -> Self {
        Self { name, list, message, read, clock: None }
    }

    /// The resource whose records are `R`.
    #[must_use]
    pub const fn of<R: Exported>() -> Self {
        Self::new(R::RESOURCE, R::MESSAGE, R::LIST, read::<R>)
    }

    /// The same, filtered by times as its list is: by the clock of the business.
    #[must_use]
    pub const fn by_clock(self, clock: ClockOf) -> Self {
        Self { clock: Some(clock), ..self }
    }

    /// By which clock a business filters its records.
    pub(super) async fn clock(
        &self,
        connection: &Connection,
        tenant: TenantId,
    ) -> Result<WallClock> {
        match self.clock {
            Some(clock) => clock(connection, tenant).await,
            None => Ok(Box::new(|_, text| time::parse(text))),
        }
    }

    /// Which of its records are asked for. The error says what is wrong with the text.
    pub(super) fn filter(&self, text: &str, clock: &WallClock) -> Result<Option<Filter>, String> {
        Filter::read_by(text, self.list.fields, clock)
    }
}

fn read<'a, R: Exported>(
    connection: &'a Connection,
    tenant: TenantId,
    ids: &'a [i64],
) -> Encoded<'a> {
    async move {
        let records = in_order::<R>(connection, tenant, ids).await?;
        Ok(records.into_iter().map(R::encode).collect())
    }
    .boxed()
}

/// All that can be exported, and how it is written.
pub struct Resources {
    renderer: Renderer,
    resources: Vec<(Family, Resource, Columns)>,
}

impl Resources {
    /// What `resources` look like in `catalog`.
    ///
    /// # Errors
    /// Names the message that the contract does not have.
    pub fn new(catalog: &Catalog, resources: Vec<Resource>) -> Result<Self, CatalogError> {
        let mut described = Vec::new();
        for resource in resources {
            let own = Family::of_contract(resource.message);
            // What is of no family all have, each in its JSON.
            for family in Family::ALL.into_iter().filter(|one| own.is_none_or(|own| own == *one)) {
                let columns = Columns::of(catalog, resource.message, family.name())?;
                described.push((family, resource, columns));
            }
        }
        let resources = described;
        Ok(Self { renderer: Renderer::of_exports(catalog)?, resources })
    }

    /// The resource with a name, of a family or of the platform, whose resources all families have.
    pub(crate) fn find(&self, family: Family, name: &str) -> Option<Described<'_>> {
        let mut all = self.resources.iter();
        let (_, resource, columns) =
            all.find(|(of, resource, _)| *of == family && resource.name == name)?;
        Some(Described { resource: *resource, family, columns, renderer: &self.renderer })
    }
}

/// A resource and how it is written.
pub(crate) struct Described<'a> {
    pub(crate) resource: Resource,
    family: Family,
    pub(super) columns: &'a Columns,
    renderer: &'a Renderer,
}

impl Described<'_> {
    /// A record as JSON text.
    ///
    /// # Errors
    /// INTERNAL when it is not the resource's message.
    pub(crate) fn json(&self, record: &[u8]) -> Result<Vec<u8>> {
        self.renderer.json(self.resource.message, Some(self.family), record)
    }

    /// A record as the row of a table.
    ///
    /// # Errors
    /// INTERNAL when it is not the resource's message.
    pub(super) fn row(&self, record: &[u8]) -> Result<Vec<String>> {
        self.columns.row(&self.json(record)?).map_err(Error::internal)
    }
}
