//! Listing and watching events.

use std::sync::Arc;

use futures_util::stream::{self, Stream};
use steward_kernel::{Context, Error, Kind, Result, error::reason};

use super::feed::{Feed, Watch};
use super::model::{Batch, Message, Query, Window};
use super::repository;
use crate::App;

/// The events after a cursor.
pub(super) async fn list(app: &App, context: &Context, query: Query) -> Result<Batch> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let window = repository::window(&tx).await?;
    let cursor = match query.cursor {
        Some(cursor) => checked(cursor, window)?,
        None => window.oldest - 1,
    };
    let batch =
        repository::after(&tx, tenant, cursor, window.newest, &query.types, query.limit).await?;
    // Numbers have no gaps. Those of some types would have to be looked for.
    let all = query.types.patterns().is_empty();
    Ok(Batch { total: all.then_some(window.newest - window.oldest + 1), ..batch })
}

/// The events after a cursor, as they happen.
pub(super) async fn watch(
    app: &App,
    feed: &Arc<Feed>,
    context: &Context,
    query: Query,
) -> Result<impl Stream<Item = Result<Message>> + Send + use<>> {
    let tenant = context.tenant()?;
    // Subscribed before the present is read, so that nothing can happen in between.
    let seat = Feed::subscribe(feed, tenant)?;
    let tx = app.read(context).await?;
    let window = repository::window(&tx).await?;
    drop(tx);
    let cursor = match query.cursor {
        Some(cursor) => checked(cursor, window)?,
        None => window.newest,
    };
    feed.announce(tenant, window.newest);
    let watch = Watch::new(seat, cursor, query.types, query.limit);
    Ok(stream::try_unfold(watch, |mut watch| async move {
        Ok(watch.next().await?.map(|message| (message, watch)))
    }))
}

/// A cursor after which nothing is missing.
fn checked(cursor: i64, window: Window) -> Result<i64> {
    if cursor > window.newest {
        return Err(Error::rule("cursor", "The cursor is after the latest event."));
    }
    if cursor < window.oldest - 1 {
        return Err(Error::new(
            Kind::OutOfRange,
            reason::CURSOR_EXPIRED,
            "Events after the cursor are no longer listed.",
        )
        .with_metadata("oldest", window.oldest.to_string()));
    }
    Ok(cursor)
}
