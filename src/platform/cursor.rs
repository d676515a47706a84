//! Lists that are followed by a cursor: the id of what the page before ended with.

use steward_database::{Listed, in_order, list_after};
use steward_kernel::list::{Field, Filter};
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};

use crate::App;
use crate::wire::cut;

/// Most items of a page.
const MOST: i32 = 100;

/// Which part of a list is asked for.
pub(crate) struct CursorQuery {
    cursor: Option<i64>,
    limit: i32,
    list: ListQuery,
}

/// A part of a list.
pub(crate) struct CursorPage<T> {
    pub(crate) items: Vec<T>,
    /// The cursor to ask with next; absent when there are no more.
    pub(crate) next_cursor: Option<i64>,
}

impl CursorQuery {
    /// Reads the parameters of a list of records with `fields`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with all that is wrong.
    pub(crate) fn read(
        fields: &'static [Field],
        cursor: Option<i64>,
        size: Option<i32>,
        filter: Option<String>,
        order_by: Option<String>,
    ) -> Result<Self> {
        let mut violations = Violations::default();
        let limit = size.unwrap_or(MOST);
        if !(1..=MOST).contains(&limit) {
            violations.rule("page_size", "The page size is between 1 and 100.");
        }
        // One more than asked for, to know whether there are more.
        let page = PageRequest { number: 1, size: limit.clamp(1, MOST) + 1 };
        let list = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
        violations.finish(Self { cursor, limit, list })
    }
}

/// The records after the cursor that meet `scope` and the query.
///
/// # Errors
/// As [`list_after`].
pub(crate) async fn list<R: Listed>(
    app: &App,
    context: &Context,
    scope: Option<&Filter>,
    query: &CursorQuery,
) -> Result<CursorPage<R>> {
    let CursorQuery { cursor, limit, list } = query;
    let (tx, tenant) = (app.read(context).await?, context.tenant()?);
    let mut ids = list_after(&tx, &R::LIST, tenant, scope, list, *cursor).await?;
    let next_cursor = cut(&mut ids, (*limit).into(), |id| *id);
    Ok(CursorPage { items: in_order(&tx, tenant, &ids).await?, next_cursor })
}
