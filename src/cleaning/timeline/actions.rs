//! What can be done with the timeline.

use steward_database::{Transaction, find, page};
use steward_kernel::list::{Filter, Operator, Value};
use steward_kernel::local::Zone;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::{Context, Error, Kind, Result, TenantId, error::reason};
use steward_platform::App;

use super::model::{About, NewEntry, TimelineEntry};
use super::repository;
use super::wire::Asked;
use crate::bookings::model::Booking;
use crate::caller::Caller;
use crate::cleaners::repository as cleaners;
use crate::clients::repository as clients;
use crate::events::model::Event;
use crate::reason::out_of_reach;
use crate::tenants::repository as tenants;
use crate::wire::{all, equal};

/// Writes down that the program did something, beside what it did.
pub async fn record(tx: &Transaction, context: &Context, new: &NewEntry) -> Result<()> {
    record_about(tx, context, new, About::default()).await
}

/// As [`record`], of something that is about a booking or a visit as well.
pub async fn record_about(
    tx: &Transaction,
    context: &Context,
    new: &NewEntry,
    about: About,
) -> Result<()> {
    let author = context.user_id();
    repository::insert(tx, context.tenant()?, (new, about), (true, author)).await.map(drop)
}

/// Refuses whom there is not.
async fn check(tx: &Transaction, context: &Context, of: (Option<i64>, Option<i64>)) -> Result<()> {
    let tenant = context.tenant()?;
    let (client, cleaner) = of;
    if let Some(id) = client {
        clients::check(tx, tenant, id).await?;
    }
    match cleaner {
        Some(id) => cleaners::check(tx, tenant, id).await.map(drop),
        None => Ok(()),
    }
}

/// Writes down that something happened. What is about a visit or a booking is about its client too.
pub async fn add(
    app: &App,
    context: &Context,
    new: NewEntry,
    about: About,
) -> Result<TimelineEntry> {
    let (tenant, author) = (context.tenant()?, context.user_id());
    let new = &new;
    app.transaction(context, |tx| async move {
        check(&tx, context, (new.client_id, new.cleaner_id)).await?;
        let of = owner(&tx, tenant, about).await?;
        if of.zip(new.client_id).is_some_and(|(of, named)| of != named) {
            return Err(Error::rule("client_id", "The visit or the booking is another client's."));
        }
        let new = NewEntry { client_id: new.client_id.or(of), ..new.clone() };
        repository::insert(&tx, tenant, (&new, about), (false, author)).await
    })
    .await
}

/// The client of a visit and of a booking, where they are named.
async fn owner(tx: &Transaction, tenant: TenantId, about: About) -> Result<Option<i64>> {
    let mut of = None;
    let mut request_id = about.request_id;
    if let Some(id) = about.event_id {
        let event: Event = find(tx, tenant, id).await?;
        if request_id.is_some_and(|request_id| request_id != event.request_id) {
            return Err(Error::rule("request_id", "The visit is of another booking."));
        }
        of = Some(event.client_id);
        request_id = None;
    }
    if let Some(id) = request_id {
        of = Some(find::<Booking>(tx, tenant, id).await?.client_id);
    }
    Ok(of)
}

/// The entry with an id. Clients and cleaners see what is about themselves.
pub async fn get(app: &App, context: &Context, id: i64) -> Result<TimelineEntry> {
    let tx = app.read(context).await?;
    let caller = Caller::of(&tx, context).await?;
    let entry: TimelineEntry = find(&tx, context.tenant()?, id).await?;
    let NewEntry { client_id, cleaner_id, .. } = entry.written;
    let is_reached = match caller {
        Caller::Admin => true,
        Caller::Client(own) => client_id == Some(own),
        Caller::Cleaner(own) => cleaner_id == Some(own),
    };
    if is_reached { Ok(entry) } else { Err(out_of_reach()) }
}

/// A page of what happened. Clients and cleaners see what is about themselves.
pub async fn list(
    app: &App,
    context: &Context,
    asked: Asked,
    query: &ListQuery,
) -> Result<Page<TimelineEntry>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let caller = Caller::of(&tx, context).await?;
    let Asked { client_id, cleaner_id, event_id, kind, from, to } = asked;
    check(&tx, context, (client_id, cleaner_id)).await?;
    if let Some(id) = event_id {
        find::<Event>(&tx, tenant, id).await?;
    }
    let own = match caller {
        Caller::Admin => None,
        Caller::Client(id) => {
            client_id.map_or(Ok(()), |asked| caller.reaches_client(asked))?;
            equal(repository::CLIENT_ID, Some(Value::Integer(id)))
        }
        Caller::Cleaner(id) => {
            cleaner_id.map_or(Ok(()), |asked| caller.reaches_cleaner(asked))?;
            equal(repository::CLEANER_ID, Some(Value::Integer(id)))
        }
    };
    let (mut after, mut before) = (None, None);
    if from.is_some() || to.is_some() {
        let zone = Zone::stored(&tenants::time_zone(&tx, tenant).await?)?;
        let at = |operator, day| {
            let time = Value::Time(zone.day_start(day));
            Filter::Compare(repository::CREATED_AT, operator, time)
        };
        after = from.map(|day| at(Operator::GreaterOrEqual, day));
        before = to.map(|day| at(Operator::Less, day.tomorrow().unwrap_or(day)));
    }
    let scope = all([
        own,
        equal(repository::CLIENT_ID, client_id.map(Value::Integer)),
        equal(repository::CLEANER_ID, cleaner_id.map(Value::Integer)),
        equal(repository::EVENT_ID, event_id.map(Value::Integer)),
        equal(repository::KIND, kind.map(Value::Text)),
        after,
        before,
    ]);
    page(&tx, tenant, Some(&scope), query).await
}

/// Deletes what somebody wrote down.
pub async fn delete(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let entry: TimelineEntry = find(&tx, tenant, id).await?;
        if entry.is_system {
            let message = "What the program wrote stays.";
            return Err(Error::new(Kind::PermissionDenied, reason::FORBIDDEN_ACTION, message));
        }
        repository::delete(&tx, tenant, id).await
    })
    .await
}
