//! Lists that are followed by a cursor: the id of what the page before ended with.

use futures_util::try_join;
use steward_database::{Listed, Transaction, count_within, in_order, list_after};
use steward_kernel::list::{Field, Filter};
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result, TenantId};

use crate::App;
use crate::wire::cut;

/// Most items of a page.
const MOST: i32 = 100;

/// Up to how many items a list is counted.
const MOST_COUNTED: i64 = 10_000;

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
    /// Items of all parts; absent when they are too many to be counted.
    pub(crate) total: Option<i64>,
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

    /// Whether it asks for nothing but a part of the whole list.
    pub(crate) fn is_of_all(&self) -> bool {
        self.list.filter.is_none()
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
    let (tx, tenant) = (app.read(context).await?, context.tenant()?);
    let total = total::<R>(&tx, tenant, scope, query);
    list_of(&tx, tenant, scope, query, total).await
}

/// The same of a list whose length is found out otherwise.
///
/// # Errors
/// As [`list_after`], and those of `total`.
pub(crate) async fn list_of<R: Listed>(
    tx: &Transaction,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &CursorQuery,
    total: impl Future<Output = Result<Option<i64>>>,
) -> Result<CursorPage<R>> {
    let CursorQuery { cursor, limit, list } = query;
    let ids = async { list_after(tx, &R::LIST, tenant, scope, list, *cursor).await };
    let (mut ids, total) = try_join!(ids, total)?;
    let next_cursor = cut(&mut ids, (*limit).into(), |id| *id);
    Ok(CursorPage { items: in_order(tx, tenant, &ids).await?, next_cursor, total })
}

/// How long the list is that meets `scope` and the query; nothing when it is too long to be counted.
///
/// # Errors
/// Those of the system.
pub(crate) async fn total<R: Listed>(
    tx: &Transaction,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &CursorQuery,
) -> Result<Option<i64>> {
    count_within(tx, &R::LIST, tenant, scope, &query.list, MOST_COUNTED).await
}
