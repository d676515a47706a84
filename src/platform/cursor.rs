//! Lists that are followed by a cursor, the id of what the page before ended with, or gone through
//! by numbered pages, as families have them that know no cursors.

use futures_util::try_join;
use steward_database::{Listed, Start, Transaction, count_within, in_order, list_after};
use steward_kernel::list::{Field, Filter};
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Family, Result, TenantId};

use crate::App;
use crate::wire::cut;

/// How many items a page has.
pub(crate) struct Sizes {
    usual: i32,
    most: i32,
    /// Whether more than the most are refused; else they are lowered to it.
    pub(crate) is_strict: bool,
}

/// Those of a family's contract.
pub(crate) const fn sizes(family: Option<Family>) -> Sizes {
    match family {
        Some(Family::Rentals) => Sizes { usual: 25, most: 100, is_strict: false },
        Some(Family::Cleaning) => Sizes { usual: 20, most: 200, is_strict: true },
        Some(Family::Facilities) | None => Sizes { usual: 100, most: 100, is_strict: true },
    }
}

/// Up to how many items a list is counted.
const MOST_COUNTED: i64 = 10_000;

/// What a request says of the part of a list that it asks for.
pub(crate) struct Asked {
    pub(crate) cursor: Option<i64>,
    pub(crate) page_number: Option<i32>,
    pub(crate) page_size: Option<i32>,
    pub(crate) filter: Option<String>,
    pub(crate) order_by: Option<String>,
}

/// Which part of a list is asked for.
pub(crate) struct CursorQuery {
    start: Start,
    limit: i32,
    /// Number of the page, where pages are numbered.
    number: Option<i32>,
    tells_neighbours: bool,
    list: ListQuery,
}

/// A part of a list.
pub(crate) struct CursorPage<T> {
    pub(crate) items: Vec<T>,
    /// The cursor to ask with next; absent when there are no more.
    pub(crate) next_cursor: Option<i64>,
    /// Items of all parts; absent when they are too many to be counted.
    pub(crate) total: Option<i64>,
    /// Number and size of the page, where pages are numbered.
    pub(crate) numbered: Option<(i32, i32)>,
    /// Whether there are pages before and after, where that is told.
    pub(crate) neighbours: Option<(bool, bool)>,
}

/// Writes a part of a list of records as a response, each record by a function, and how many there
/// are by another one where the response cannot leave that open.
macro_rules! listed {
    ($response:ident, $page:expr, $write:expr) => {
        listed!($response, $page, $write, std::convert::identity)
    };
    ($response:ident, $page:expr, $write:expr, $total:expr) => {{
        let page = $page;
        let total_pages = page.total_pages();
        pb::$response {
            items: page.items.into_iter().map($write).collect(),
            next_cursor: page.next_cursor,
            total_count: $total(page.total),
            page_number: page.numbered.map(|(number, _)| number),
            page_size: page.numbered.map(|(_, size)| size),
            total_pages,
            has_previous_page: page.neighbours.map(|(before, _)| before),
            has_next_page: page.neighbours.map(|(_, after)| after),
        }
    }};
}
pub(crate) use listed;

impl<T> CursorPage<T> {
    /// How many pages there are, where they are numbered and counted.
    pub(crate) fn total_pages(&self) -> Option<i64> {
        let (_, size) = self.numbered?;
        self.total.map(|total| (total + i64::from(size) - 1) / i64::from(size))
    }
}

impl CursorQuery {
    /// Reads the parameters of a list of records with `fields`.
    ///
    /// # Errors
    /// INVALID_ARGUMENT with all that is wrong.
    pub(crate) fn read(context: &Context, fields: &'static [Field], asked: Asked) -> Result<Self> {
        let Asked { cursor, page_number, page_size, filter, order_by } = asked;
        let family = context.principal().map(|principal| principal.family);
        let Sizes { usual, most, is_strict } = sizes(family);
        let mut violations = Violations::default();
        let limit = page_size.unwrap_or(usual);
        if limit < 1 || (limit > most && is_strict) {
            let message = format!("The page size is between 1 and {most}.");
            violations.rule("page_size", message);
        }
        let limit = limit.clamp(1, most);
        let is_numbered = matches!(family, Some(Family::Rentals | Family::Cleaning));
        let number = match (cursor, page_number) {
            (Some(_), Some(_)) => {
                violations.rule("page_number", "A page is not counted from a cursor.");
                None
            }
            (Some(_), None) => None,
            (None, number) => number.or(is_numbered.then_some(1)),
        };
        let passed = (i64::from(number.unwrap_or(1)) - 1) * i64::from(limit);
        if passed < 0 {
            violations.rule("page_number", "The page number starts at 1.");
        }
        // One more than asked for, to know whether there are more.
        let page = PageRequest { number: 1, size: limit + 1 };
        let list = ListQuery::all(page).narrow(fields, filter, order_by, &mut violations);
        let start = cursor.map_or(Start::Past(passed), Start::After);
        let tells_neighbours = family == Some(Family::Cleaning);
        violations.finish(Self { start, limit, number, tells_neighbours, list })
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
    let CursorQuery { start, limit, number, tells_neighbours, list } = query;
    let far = match start {
        Start::Past(passed) if *passed > MOST_COUNTED => Some(*passed),
        Start::Past(_) | Start::After(_) => None,
    };
    let start = if far.is_some() { &Start::Past(0) } else { start };
    let ids = async { list_after(tx, &R::LIST, tenant, scope, list, *start).await };
    let (mut ids, total) = try_join!(ids, total)?;
    if let Some(passed) = far {
        // What is passed over is read, so there is an end to it.
        if total.is_none_or(|total| total > passed) {
            let message = "Pages go as far as 10,000 items; follow the cursor.";
            return Err(Error::rule("page_number", message));
        }
        ids.clear();
    }
    let next_cursor = cut(&mut ids, (*limit).into(), |id| *id);
    let number = *number;
    Ok(CursorPage {
        items: in_order(tx, tenant, &ids).await?,
        next_cursor,
        total,
        numbered: number.map(|number| (number, *limit)),
        neighbours: number.filter(|_| *tells_neighbours).map(|n| (n > 1, next_cursor.is_some())),
    })
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
