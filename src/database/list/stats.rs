//! Sums, counts and the like over all records of a list.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use steward_kernel::list::{Field, Filter};
use steward_kernel::page::ListQuery;
use steward_kernel::{Error, Result, TenantId};

use super::{Listed, Statement};
use crate::{Connection, ResultExt};

/// What is asked of all records of a list that meet a query: `total.sum`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// The field, which holds numbers.
    pub field: &'static Field,
    /// What is asked of it.
    pub what: Aggregate,
}

/// What can be asked of a field of many records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// All values together; 0 of none.
    Sum,
    /// How many have a value.
    Count,
    /// Their mean, to two decimals.
    Average,
    /// The smallest.
    Minimum,
    /// The largest.
    Maximum,
}

impl Aggregate {
    /// The one of a name, as `sum`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "sum" => Some(Self::Sum),
            "count" => Some(Self::Count),
            "average" => Some(Self::Average),
            "minimum" => Some(Self::Minimum),
            "maximum" => Some(Self::Maximum),
            _ => None,
        }
    }

    /// Name and SQL around the field.
    const fn sql(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Sum => ("sum", "COALESCE(sum(", "), 0)"),
            Self::Count => ("count", "count(", ")"),
            Self::Average => ("average", "round(avg(", "), 2)"),
            Self::Minimum => ("minimum", "min(", ")"),
            Self::Maximum => ("maximum", "max(", ")"),
        }
    }
}

/// Results over all records that meet `scope` and the query, whatever its page:
/// `{"total": {"sum": 12.5}}`. One statement.
///
/// # Errors
/// Those of the system.
pub async fn stats<R: Listed>(
    mut connection: &Connection,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &ListQuery,
    wanted: &[Stat],
) -> Result<Value> {
    let mut statement = Statement::default();
    statement.sql("SELECT jsonb_build_array(");
    for (place, stat) in wanted.iter().enumerate() {
        let (_, before, after) = stat.what.sql();
        statement.sql(if place == 0 { "" } else { ", " });
        statement.sql(before);
        statement.field(stat.field);
        statement.sql(after);
    }
    statement.sql(")::text FROM ");
    statement.rows(&R::LIST, tenant, scope, query);
    // What is asked for is the client's choice.
    statement.free = true;
    let text: String = Texts(statement).get_result(&mut connection).await.or_internal()?;
    let values: Vec<Value> = serde_json::from_str(&text).map_err(Error::internal)?;
    let mut found = Value::Object(serde_json::Map::new());
    for (stat, value) in wanted.iter().zip(values) {
        found[stat.field.path][stat.what.sql().0] = value;
    }
    Ok(found)
}

/// A statement that answers texts.
struct Texts(Statement);

impl QueryFragment<Pg> for Texts {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl Query for Texts {
    type SqlType = Text;
}

impl QueryId for Texts {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
