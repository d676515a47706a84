//! Exact totals that stay cheap.

use diesel_async::RunQueryDsl;
use steward_kernel::Result;

use crate::{Connection, ResultExt};

mod platform {
    use diesel::sql_types::Text;

    diesel::define_sql_function! {
        #[sql_name = "platform.row_count"]
        fn row_count(kind: Text) -> BigInt;
    }
}

/// How many rows of `kind` the transaction's tenant has, as `platform.count_rows_of` names
/// kinds: a table, or `table.value` where a column tells kinds apart. A sum over at most 16
/// rows, whatever the size of the table.
///
/// # Errors
/// Those of the system.
pub async fn row_count(mut connection: &Connection, kind: &str) -> Result<i64> {
    diesel::select(platform::row_count(kind)).get_result(&mut connection).await.or_internal()
}
