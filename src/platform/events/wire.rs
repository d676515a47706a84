//! Events between proto and model.

use steward_contracts::steward::platform::v1 as pb;
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Result};

use super::model::{Actor, Batch, Event, MOST, Message, Query, Types};
use crate::cursor::sizes;
use crate::wire::timestamp;

pub(super) fn list_query(context: &Context, message: pb::ListEventsRequest) -> Result<Query> {
    let pb::ListEventsRequest { cursor, page_size, types } = message;
    let mut violations = Violations::default();
    let family = context.principal().map(|principal| principal.family);
    let limit = page_size.map_or(MOST, i64::from);
    let limit = if sizes(family).is_strict { limit } else { limit.min(MOST) };
    if !(1..=MOST).contains(&limit) {
        violations.rule("page_size", "The page size is between 1 and 100.");
    }
    query(violations, cursor, &types, limit)
}

pub(super) fn watch_query(message: pb::WatchEventsRequest) -> Result<Query> {
    let pb::WatchEventsRequest { cursor, types } = message;
    query(Violations::default(), cursor, &types, MOST)
}

fn query(
    mut violations: Violations,
    cursor: Option<i64>,
    types: &[String],
    limit: i64,
) -> Result<Query> {
    if cursor.is_some_and(i64::is_negative) {
        violations.rule("cursor", "The cursor is the number of an event, or 0.");
    }
    let types = Types::checked(types, &mut violations);
    violations.finish(Query { cursor, types, limit })
}

pub(super) fn list(batch: Batch) -> pb::ListEventsResponse {
    let Batch { events, cursor, has_more, total } = batch;
    pb::ListEventsResponse {
        items: events.into_iter().map(event).collect(),
        next_cursor: cursor,
        has_more,
        total_count: total,
    }
}

pub(super) fn message(message: Message) -> pb::WatchEventsResponse {
    let Message { event: happened, cursor } = message;
    pb::WatchEventsResponse { event: happened.map(event), cursor }
}

/// Writes an event, without the address that nobody who follows events needs to know.
pub(crate) fn event(event: Event) -> pb::Event {
    let actor = match event.actor() {
        Actor::User => pb::Actor::User,
        Actor::Link => pb::Actor::Link,
        Actor::System => pb::Actor::System,
        Actor::Client => pb::Actor::Client,
        Actor::Anybody => pb::Actor::Anybody,
    };
    let Event {
        tenant,
        sequence,
        event_type,
        resource_type,
        resource_id,
        occurred_at,
        client_id,
        request_id,
        rpc,
        address: _,
        resource,
        changes,
    } = event;
    pb::Event {
        sequence,
        r#type: event_type,
        resource_type,
        resource_id,
        occurred_at: Some(timestamp(occurred_at)),
        client_id,
        request_id,
        rpc,
        resource,
        changes,
        address: None,
        actor: actor.into(),
        tenant_id: tenant.0,
    }
}
