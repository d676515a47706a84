//! The audit trail: the events of a tenant, looked at from the latest back and kept for good.
//!
//! [`crate::changes`] writes them. The server's role may add to them and nothing else.

mod service;

use prost::Message;
use steward_database::{Connection, List, Record, list_ids};
use steward_kernel::list::{Field, Filter, Operator, Order, Value};
use steward_kernel::page::{ListQuery, PageRequest};
use steward_kernel::{Context, Error, Result, TenantId};

use self::service::entry;
pub(crate) use self::service::service;
use crate::App;
use crate::events::{self, Event};
use crate::exports::{Exported, Resource};
use crate::wire::cut;

/// Most entries of a page.
const MOST: i32 = 100;

static FIELDS: [Field; 9] = [
    Field::integer("sequence", "r.id"),
    Field::text("type", "r.event_type"),
    Field::text("resource_type", "r.resource_type"),
    Field::text("resource_id", "r.resource_id"),
    Field::time("occurred_at", "r.occurred_at"),
    Field::text("client_id", "r.client_id"),
    Field::text("request_id", "r.request_id"),
    Field::text("rpc", "r.rpc"),
    Field::text("address", "r.address"),
];

const NUMBER: &Field = &FIELDS[0];

const LIST: List = List {
    table: "(SELECT e.sequence AS id, e.* FROM platform.events e)",
    only: "",
    search: "",
    counted: None,
    fields: &FIELDS,
};

/// Everything of the platform that can be exported.
#[must_use]
pub fn exports() -> Vec<Resource> {
    vec![Resource::of::<Event>()]
}

impl Record for Event {
    fn id(&self) -> i64 {
        self.sequence
    }

    fn not_found(id: i64) -> Error {
        Error::not_found("Event", id)
    }

    async fn many(connection: &Connection, tenant: TenantId, ids: &[i64]) -> Result<Vec<Self>> {
        events::numbered(connection, tenant, ids).await
    }
}

impl Exported for Event {
    const RESOURCE: &'static str = "audit_entries";
    const MESSAGE: &'static str = "steward.platform.v1.Event";
    const LIST: List = LIST;

    fn encode(self) -> Vec<u8> {
        entry(self).encode_to_vec()
    }
}

/// Which entries are asked for.
struct Query {
    cursor: Option<i64>,
    limit: i32,
    filter: Option<Filter>,
}

/// Entries of the audit trail.
struct Entries {
    items: Vec<Event>,
    next_cursor: Option<i64>,
}

/// The latest entries that meet a query.
async fn list(app: &App, context: &Context, query: Query) -> Result<Entries> {
    let Query { cursor, limit, filter } = query;
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let scope =
        cursor.map(|cursor| Filter::Compare(NUMBER, Operator::Less, Value::Integer(cursor)));
    // One more than asked for, to know whether there are more.
    let page = PageRequest { number: 1, size: limit + 1 };
    let order = vec![Order { field: NUMBER, descending: true }];
    let query = ListQuery { filter, order, ..ListQuery::all(page) };
    let mut numbers = list_ids(&tx, &LIST, tenant, scope.as_ref(), &query).await?;
    let next_cursor = cut(&mut numbers, limit.into(), |number| *number);
    let mut items = events::numbered(&tx, tenant, &numbers).await?;
    items.sort_by_key(|entry| std::cmp::Reverse(entry.sequence));
    Ok(Entries { items, next_cursor })
}
