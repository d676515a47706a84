//! Pages of lists.
//!
//! A page is cut from the narrow table first, which yields ids; then the records with these ids
//! are read as one that is asked for by its id is. So a far page pays no joins for the rows
//! before it, both statements are planned once, and a resource says once how it is read.

mod stats;

use std::collections::HashMap;

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Numeric, SmallInt, Text, Timestamptz};
use diesel_async::RunQueryDsl;
use futures_util::try_join;
use rust_decimal::Decimal;
use steward_kernel::list::{Field, Filter, Kind, Operator, Order, Value};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Error, Result, TenantId};

pub use self::stats::{Aggregate, Stat, stats};
use crate::loader::{self, Record};
use crate::{Connection, Instant, ResultExt, row_count};

/// Where the rows of a list are, and what can be asked about them. In all SQL, `r` is the row.
#[derive(Debug, Clone, Copy)]
pub struct List {
    /// The table or view, `facilities.users`. It has a column `tenant_id`.
    pub table: &'static str,
    /// The column that holds the id of the record, `id` in most tables.
    pub key: &'static str,
    /// What a row must meet to be in the list at all, `r.role = 1`; empty for nothing.
    pub only: &'static str,
    /// What a row that contains a text meets; `?` stands for the LIKE pattern of the folded
    /// text. Empty when the list cannot be searched.
    pub search: &'static str,
    /// The kind under which triggers count the rows of the list, as [`row_count()`] takes it.
    pub counted: Option<&'static str>,
    /// What the list can be filtered and ordered by.
    pub fields: &'static [Field],
}

/// A record that is listed.
pub trait Listed: Record {
    /// Its list.
    const LIST: List;
}

/// A page of the records that meet `scope` and the query, ordered as it says and then by id.
/// Two statements, and a third one in between for the total.
///
/// # Errors
/// Those of the system.
pub async fn page<R: Listed>(
    connection: &Connection,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &ListQuery,
) -> Result<Page<R>> {
    let list = &R::LIST;
    let ids = async { list_ids(connection, list, tenant, scope, query).await };
    let total = async { total(connection, list, tenant, scope, query).await };
    let (ids, total) = try_join!(ids, total)?;
    let items = in_order(connection, tenant, &ids).await?;
    Ok(Page { request: query.page, total, items })
}

/// The records with these ids, in their order, without those that are gone.
pub async fn in_order<R: Record>(
    connection: &Connection,
    tenant: TenantId,
    ids: &[i64],
) -> Result<Vec<R>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let places: HashMap<i64, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
    let mut found = loader::many::<R>(connection, tenant, ids).await?;
    found.sort_by_key(|record| places.get(&record.id()).copied());
    Ok(found)
}

/// The ids of a page of rows that meet `scope` and the query, in the query's order.
///
/// # Errors
/// Those of the system.
pub async fn list_ids(
    mut connection: &Connection,
    list: &List,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &ListQuery,
) -> Result<Vec<i64>> {
    let mut statement = Statement::default();
    let offset = query.page.offset();
    let far = counted(list, scope, query)
        .filter(|_| query.order.is_empty() && offset >= FAR)
        .map(|kind| Place { kind, offset });
    statement.sql("SELECT ");
    statement.key(list);
    statement.sql(" FROM ");
    statement.rows(list, tenant, scope, query);
    if let Some(place) = far {
        statement.sql(" AND ");
        statement.key(list);
        statement.sql(" >= ");
        statement.place("first_id", place);
    }
    statement.sql(" ORDER BY ");
    for order in &query.order {
        statement.order(order);
    }
    statement.key(list);
    statement.sql(" LIMIT ");
    statement.bind(Bind::Integer(query.page.limit()));
    statement.sql(" OFFSET ");
    match far {
        Some(place) => statement.place("left_over", place),
        None => statement.bind(Bind::Integer(offset)),
    }
    statement.load(&mut connection).await.or_internal()
}

/// The ids of at most a page of rows that come after the one with the id `cursor`, or of the first
/// ones. In the query's order and then by id; without an order, the latest first.
///
/// # Errors
/// INVALID_ARGUMENT when the list has an order and no longer the row of the cursor.
pub async fn list_after(
    mut connection: &Connection,
    list: &List,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &ListQuery,
    start: Start,
) -> Result<Vec<i64>> {
    let mut statement = Statement::default();
    statement.sql("SELECT ");
    statement.key(list);
    statement.sql(" FROM ");
    statement.rows(list, tenant, scope, query);
    if let Start::After(cursor) = start {
        if !query.order.is_empty() && !exists(connection, list, tenant, cursor).await? {
            return Err(Error::rule("cursor", "What the page before ended with is gone."));
        }
        statement.after(list, tenant, &query.order, cursor);
    }
    statement.sql(" ORDER BY ");
    for order in &query.order {
        statement.order(order);
    }
    statement.key(list);
    statement.sql(if query.order.is_empty() { " DESC LIMIT " } else { " LIMIT " });
    statement.bind(Bind::Integer(query.page.limit()));
    if let Start::Past(rows) = start {
        statement.sql(" OFFSET ");
        statement.bind(Bind::Integer(rows));
    }
    statement.load(&mut connection).await.or_internal()
}

/// Where a part of a list begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// After the row with this id.
    After(i64),
    /// After so many rows, each of which is passed.
    Past(i64),
}

/// Whether a list's table has a row.
async fn exists(
    mut connection: &Connection,
    list: &List,
    tenant: TenantId,
    id: i64,
) -> Result<bool> {
    let mut statement = Statement::default();
    statement.sql("SELECT count(*) FROM ");
    statement.one(list, tenant, id);
    let found: i64 = statement.get_result(&mut connection).await.or_internal()?;
    Ok(found > 0)
}

/// From how many rows on it is quicker to look a place up than to pass the rows before it. No
/// more are ever passed.
const FAR: i64 = 8192;

/// A place in a list in the order of ids, by the number of rows before it.
#[derive(Debug, Clone, Copy)]
struct Place {
    kind: &'static str,
    offset: i64,
}

/// The kind under which all rows that are asked for are counted, if they are.
fn counted(list: &List, scope: Option<&Filter>, query: &ListQuery) -> Option<&'static str> {
    let all = scope.is_none() && query.patterns.is_empty() && query.filter.is_none();
    list.counted.filter(|_| all)
}

/// How many rows meet `scope` and the query; nothing when they are more than `most`, unless triggers
/// count them: passing all of them would take as long as the list is.
///
/// # Errors
/// Those of the system.
pub async fn count_within(
    mut connection: &Connection,
    list: &List,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &ListQuery,
    most: i64,
) -> Result<Option<i64>> {
    if let Some(kind) = counted(list, scope, query) {
        return row_count(connection, tenant, kind).await.map(Some);
    }
    let mut statement = Statement::default();
    statement.sql("SELECT count(*) FROM (SELECT 1 FROM ");
    statement.rows(list, tenant, scope, query);
    statement.sql(" LIMIT ");
    statement.bind(Bind::Integer(most.saturating_add(1)));
    statement.sql(") counted");
    let found: i64 = statement.get_result(&mut connection).await.or_internal()?;
    Ok((found <= most).then_some(found))
}

async fn total(
    mut connection: &Connection,
    list: &List,
    tenant: TenantId,
    scope: Option<&Filter>,
    query: &ListQuery,
) -> Result<i64> {
    if let Some(kind) = counted(list, scope, query) {
        return row_count(connection, tenant, kind).await;
    }
    let mut statement = Statement::default();
    statement.sql("SELECT count(*) FROM ");
    statement.rows(list, tenant, scope, query);
    statement.get_result(&mut connection).await.or_internal()
}

/// A statement that answers whole numbers. Its SQL comes from the program alone; what clients
/// send is bound.
#[derive(Debug, Default)]
struct Statement {
    parts: Vec<Part>,
    /// Whether its shape is a client's choice. There is no end to such shapes, so the statement
    /// is not kept prepared.
    free: bool,
}

#[derive(Debug)]
enum Part {
    Sql(&'static str),
    Bind(Bind),
}

#[derive(Debug)]
enum Bind {
    Text(String),
    Integer(i64),
    Integers(Vec<i64>),
    Small(i16),
    Decimal(Decimal),
    Boolean(bool),
    Time(Instant),
}

impl Statement {
    fn sql(&mut self, sql: &'static str) {
        self.parts.push(Part::Sql(sql));
    }

    fn bind(&mut self, bind: Bind) {
        self.parts.push(Part::Bind(bind));
    }

    /// The rows of a list that a query is about, from the name of the table on.
    fn rows(&mut self, list: &List, tenant: TenantId, scope: Option<&Filter>, query: &ListQuery) {
        self.free = query.filter.is_some() || !query.order.is_empty() || query.patterns.len() > 1;
        self.sql(list.table);
        self.sql(" r WHERE r.tenant_id = ");
        self.bind(Bind::Integer(tenant.0));
        if !list.only.is_empty() {
            self.sql(" AND ");
            self.sql(list.only);
        }
        for pattern in &query.patterns {
            self.sql(" AND (");
            let mut parts = list.search.split('?');
            self.sql(parts.next().unwrap_or_default());
            for part in parts {
                self.bind(Bind::Text(pattern.clone()));
                self.sql(part);
            }
            self.sql(")");
        }
        for filter in scope.into_iter().chain(&query.filter) {
            self.sql(" AND ");
            self.filter(filter);
        }
    }

    /// A column of where a place is. What it is made of is counted row by row as rows come and
    /// go, so a page is as exact as one that is found by passing the rows before it.
    fn place(&mut self, column: &'static str, place: Place) {
        self.sql("(SELECT p.");
        self.sql(column);
        self.sql(" FROM platform.row_place(");
        self.bind(Bind::Text(place.kind.to_owned()));
        self.sql(", ");
        self.bind(Bind::Integer(place.offset));
        self.sql(") p)");
    }

    /// The value of a field, as one operand.
    fn field(&mut self, field: &Field) {
        self.sql("(");
        self.sql(field.sql);
        self.sql(")");
    }

    /// What a field is ordered by.
    fn ordered(&mut self, field: &Field) {
        // Names are looked for without regard to letter case.
        if field.kind == Kind::Text {
            self.sql("lower");
        }
        self.field(field);
    }

    /// The column of the record's id.
    fn key(&mut self, list: &List) {
        self.sql("r.");
        self.sql(list.key);
    }

    /// The row with an id, from the name of the table on.
    fn one(&mut self, list: &List, tenant: TenantId, id: i64) {
        self.sql(list.table);
        self.sql(" r WHERE r.tenant_id = ");
        self.bind(Bind::Integer(tenant.0));
        self.sql(" AND ");
        self.key(list);
        self.sql(" = ");
        self.bind(Bind::Integer(id));
    }

    /// That a row comes after another one: in the first of the order's fields in which they
    /// differ, and else by its id.
    fn after(&mut self, list: &List, tenant: TenantId, orders: &[Order], cursor: i64) {
        let that = |statement: &mut Self, field: &Field| {
            statement.sql("(SELECT ");
            statement.ordered(field);
            statement.sql(" FROM ");
            statement.one(list, tenant, cursor);
            statement.sql(")");
        };
        self.sql(" AND (");
        for (at, order) in orders.iter().enumerate() {
            for same in &orders[..at] {
                self.ordered(same.field);
                self.sql(" IS NOT DISTINCT FROM ");
                that(self, same.field);
                self.sql(" AND ");
            }
            self.sql("(");
            self.ordered(order.field);
            self.sql(if order.descending { " < " } else { " > " });
            that(self, order.field);
            // What has no value comes last.
            self.sql(" OR ");
            self.ordered(order.field);
            self.sql(" IS NULL AND ");
            that(self, order.field);
            self.sql(" IS NOT NULL) OR ");
        }
        for same in orders {
            self.ordered(same.field);
            self.sql(" IS NOT DISTINCT FROM ");
            that(self, same.field);
            self.sql(" AND ");
        }
        self.key(list);
        self.sql(if orders.is_empty() { " < " } else { " > " });
        self.bind(Bind::Integer(cursor));
        self.sql(")");
    }

    fn order(&mut self, order: &Order) {
        self.ordered(order.field);
        self.sql(if order.descending { " DESC NULLS LAST, " } else { " ASC NULLS LAST, " });
    }

    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::All(none) if none.is_empty() => self.sql("true"),
            Filter::Any(none) if none.is_empty() => self.sql("false"),
            Filter::All(all) => self.joined(all, " AND "),
            Filter::Any(any) => self.joined(any, " OR "),
            Filter::Not(inner) => {
                // What is not met is not met, also where SQL knows neither yes nor no.
                self.sql("NOT COALESCE(");
                self.filter(inner);
                self.sql(", false)");
            }
            Filter::Compare(field, operator, value) => {
                self.field(field);
                self.sql(match operator {
                    Operator::Equal => " = ",
                    Operator::NotEqual => " <> ",
                    Operator::Less => " < ",
                    Operator::LessOrEqual => " <= ",
                    Operator::Greater => " > ",
                    Operator::GreaterOrEqual => " >= ",
                });
                self.bind(match value {
                    Value::Text(text) => Bind::Text(text.clone()),
                    Value::Integer(number) => Bind::Integer(*number),
                    Value::Decimal(number) => Bind::Decimal(*number),
                    Value::Boolean(yes) => Bind::Boolean(*yes),
                    Value::Time(instant) => Bind::Time(Instant(*instant)),
                    Value::Choice(number) => Bind::Small(*number),
                });
            }
            Filter::Like(field, pattern) => {
                self.field(field);
                self.sql(" LIKE ");
                self.bind(Bind::Text(pattern.clone()));
            }
            Filter::Contains(field, pattern) => {
                self.sql("platform.fold_text");
                self.field(field);
                self.sql(" LIKE ");
                self.bind(Bind::Text(pattern.clone()));
            }
            Filter::Has(field, text) => {
                self.bind(Bind::Text(text.clone()));
                // A sub-select right after ANY would mean its rows rather than its array.
                self.sql(" = ANY (coalesce");
                self.field(field);
                self.sql(")");
            }
            Filter::Among(field, numbers) => {
                self.field(field);
                self.sql(" = ANY (");
                self.bind(Bind::Integers(numbers.clone()));
                self.sql(")");
            }
            Filter::Present(field) if field.kind == Kind::Texts => {
                self.sql("cardinality");
                self.field(field);
                self.sql(" > 0");
            }
            Filter::Present(field) => {
                self.field(field);
                self.sql(" IS NOT NULL");
            }
        }
    }

    fn joined(&mut self, filters: &[Filter], between: &'static str) {
        self.sql("(");
        for (at, filter) in filters.iter().enumerate() {
            if at > 0 {
                self.sql(between);
            }
            self.filter(filter);
        }
        self.sql(")");
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.free {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Bind(Bind::Text(value)) => out.push_bind_param::<Text, _>(value)?,
                Part::Bind(Bind::Integer(value)) => out.push_bind_param::<BigInt, _>(value)?,
                Part::Bind(Bind::Integers(value)) => {
                    out.push_bind_param::<Array<BigInt>, _>(value)?;
                }
                Part::Bind(Bind::Small(value)) => out.push_bind_param::<SmallInt, _>(value)?,
                Part::Bind(Bind::Decimal(value)) => out.push_bind_param::<Numeric, _>(value)?,
                Part::Bind(Bind::Boolean(value)) => out.push_bind_param::<Bool, _>(value)?,
                Part::Bind(Bind::Time(value)) => out.push_bind_param::<Timestamptz, _>(value)?,
            }
        }
        Ok(())
    }
}

impl Query for Statement {
    type SqlType = BigInt;
}

impl QueryId for Statement {
    type QueryId = ();
    // The text tells statements apart.
    const HAS_STATIC_QUERY_ID: bool = false;
}
