//! Filtering and ordering the calling codes. The database does it, as it does for every other
//! list, so that a filter means the same everywhere.

use std::sync::LazyLock;

use steward_database::{List, list_ids};
use steward_kernel::list::Field;
use steward_kernel::page::ListQuery;
use steward_kernel::{Context, Result};
use steward_platform::App;

use super::model::{COUNTRY_CODES, CountryCode};

pub(super) static FIELDS: [Field; 3] = [
    Field::integer("id", "r.id"),
    Field::text("code", "r.code"),
    Field::text("country", "r.country"),
];

/// The fixed list as a table. Made once, for as long as the process lives.
static LIST: LazyLock<List> = LazyLock::new(|| {
    let row = |entry: &CountryCode| {
        format!("({}::bigint, '{}', '{}')", entry.id, entry.code, entry.country.replace('\'', "''"))
    };
    let rows: Vec<String> = COUNTRY_CODES.iter().map(row).collect();
    let table = format!(
        "(SELECT platform.current_tenant() AS tenant_id, c.* \
         FROM (VALUES {}) AS c (id, code, country))",
        rows.join(", ")
    );
    List { table: table.leak(), key: "id", only: "", search: "", counted: None, fields: &FIELDS }
});

/// The codes that meet a query, in the order of the fixed list unless it says otherwise.
pub(super) async fn matching(
    app: &App,
    context: &Context,
    query: &ListQuery,
) -> Result<Vec<&'static CountryCode>> {
    let tx = app.read(context).await?;
    let ids = list_ids(&tx, &LIST, context.tenant()?, None, query).await?;
    if query.order.is_empty() {
        return Ok(COUNTRY_CODES.iter().filter(|entry| ids.contains(&entry.id)).collect());
    }
    let find = |id: i64| COUNTRY_CODES.iter().find(|entry| entry.id == id);
    Ok(ids.into_iter().filter_map(find).collect())
}
