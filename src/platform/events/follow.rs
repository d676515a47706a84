//! Following the events of one kind of resource, for the streams of families.

use std::sync::Arc;

use futures_util::TryStreamExt;
use futures_util::stream::Stream;
use steward_kernel::{Context, Error, Result};

use super::actions;
use super::feed::Feed;
use super::model::{MOST, Message, Query, Types};
use crate::App;

/// A message of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followed {
    /// What happened; absent in a heartbeat.
    pub event: Option<FollowedEvent>,
    /// The cursor to resume with.
    pub cursor: i64,
}

/// What happened to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedEvent {
    /// `facilities.issue.assigned`
    pub event_type: String,
    /// Id of the resource.
    pub resource_id: String,
}

/// The events after `cursor` whose type matches `types`, such as `facilities.issue.*`, as they
/// happen, with heartbeats.
///
/// # Errors
/// As `WatchEvents`.
pub async fn follow(
    app: &App,
    feed: &Arc<Feed>,
    context: &Context,
    types: &str,
    cursor: Option<i64>,
) -> Result<impl Stream<Item = Result<Followed>> + Send + use<>> {
    if cursor.is_some_and(i64::is_negative) {
        return Err(Error::rule("cursor", "The cursor is the number of an event, or 0."));
    }
    let types = Types::read(&[types.to_owned()])
        .map_err(|_| Error::internal(format!("{types} is no type of event")))?;
    let query = Query { cursor, types, limit: MOST };
    Ok(actions::watch(app, feed, context, query).await?.map_ok(followed))
}

fn followed(message: Message) -> Followed {
    let Message { event, cursor } = message;
    let event = event.map(|event| FollowedEvent {
        event_type: event.event_type,
        resource_id: event.resource_id,
    });
    Followed { event, cursor }
}
