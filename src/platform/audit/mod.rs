//! The audit trail: the events of a tenant, looked at from the latest back and kept for good.
//!
//! [`crate::changes`] writes them. The server's role may add to them and nothing else.

mod service;

use prost::Message;
use steward_database::{Connection, List, Listed, Record};
use steward_kernel::list::Field;
use steward_kernel::{Error, Result, TenantId};

use self::service::entry;
pub(crate) use self::service::service;
use crate::events::{self, Event};
use crate::exports::{Exported, Resource};

/// Who asked for a change, as [`events::Event::actor`] tells it.
const ACTOR: &str = "CASE WHEN r.client_id = 'system' THEN 3 WHEN r.client_id = 'anybody' THEN 5
  WHEN r.client_id ~ '^user:[0-9]+$' THEN 1 WHEN r.client_id LIKE 'link:%' THEN 2 ELSE 4 END";

const ACTORS: &[(&str, i16)] = &[
    ("ACTOR_USER", 1),
    ("ACTOR_LINK", 2),
    ("ACTOR_SYSTEM", 3),
    ("ACTOR_CLIENT", 4),
    ("ACTOR_ANYBODY", 5),
];

const RESOURCE_TYPE: Field = Field::text("resource_type", "r.resource_type");
const RESOURCE_ID: Field = Field::text("resource_id", "r.resource_id");
const AT: Field = Field::time("occurred_at", "r.occurred_at");
const ASKED_BY: Field = Field::text("client_id", "r.client_id");

static FIELDS: [Field; 13] = [
    Field::integer("sequence", "r.id"),
    Field::text("type", "r.event_type"),
    RESOURCE_TYPE,
    RESOURCE_ID,
    AT,
    ASKED_BY,
    Field::text("request_id", "r.request_id"),
    Field::text("rpc", "r.rpc"),
    Field::text("address", "r.address"),
    Field::choice("actor", ACTOR, ACTORS),
    Field::integer("tenant_id", "r.tenant_id"),
    // The same by the names that the routes of rentals document.
    Field::text("resource", "r.resource_type"),
    Field::time("created_at", "r.occurred_at"),
];

const LIST: List = List {
    table: "(SELECT e.sequence AS id, e.* FROM platform.events e)",
    key: "id",
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

impl Listed for Event {
    const LIST: List = LIST;
}

impl Exported for Event {
    const RESOURCE: &'static str = "audit_entries";
    const MESSAGE: &'static str = "steward.platform.v1.Event";
    const LIST: List = LIST;

    fn encode(self) -> Vec<u8> {
        entry(self).encode_to_vec()
    }
}
