//! What can be done with visits.

use jiff::ToSpan;
use jiff::civil::Date;
use steward_database::{find, find_all, page};
use steward_kernel::list::{Filter, Operator, Order, Value};
use steward_kernel::local::{TimeOfDay, Zone};
use steward_kernel::page::{ListQuery, Page, PageRequest};
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::model::{Event, Narrowed};
use super::repository;
use crate::bookings::company::Company;
use crate::bookings::model::Booking;
use crate::bookings::visits;
use crate::caller::Caller;
use crate::cleaners::actions as cleaners;
use crate::clients::actions as clients;
use crate::clients::model::Client;
use crate::hours::Hours;
use crate::reason::out_of_reach;
use crate::scheduling::{Recurrence, VisitTime, visit_time};
use crate::wire::{all, equal};

/// Days back and ahead that a list of all visits has when none are said.
const SHOWN_DAYS: (i64, i64) = (30, 60);

/// How far ahead visits may be made, in days.
const LONGEST_LEAD: i64 = 366;

/// The visit with an id; clients see their own alone, cleaners those that they come to.
pub(crate) async fn get(app: &App, context: &Context, id: i64) -> Result<Event> {
    let tx = app.read(context).await?;
    let caller = Caller::of(&tx, context).await?;
    let event: Event = find(&tx, context.tenant()?, id).await?;
    let is_reached = match caller {
        Caller::Admin => true,
        Caller::Client(own) => event.client_id == own,
        Caller::Cleaner(own) => event.cleaners.iter().any(|one| one.cleaner_id == own),
    };
    if is_reached { Ok(event) } else { Err(out_of_reach()) }
}

/// A page of visits that whoever asks may see.
pub(crate) async fn list(
    app: &App,
    context: &Context,
    narrowed: Narrowed,
    query: &ListQuery,
) -> Result<Page<Event>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    let zone = Company::of(&tx, tenant).await?.zone;
    let Narrowed { request_id, client_id, cleaner_id, status, from, to, tag } = narrowed;
    let starts = |operator, date: Option<Date>| {
        let instant = zone.day_start(date?);
        Some(Filter::Compare(repository::START_AT, operator, Value::Time(instant)))
    };
    let after = to.map(|to| to.tomorrow().unwrap_or(to));
    let scope = all([
        equal(repository::REQUEST_ID, request_id.map(Value::Integer)),
        equal(repository::CLIENT_ID, client_id.map(Value::Integer)),
        cleaner_id.map(|id| Filter::Has(repository::CLEANERS, id.to_string())),
        equal(repository::STATUS, status.map(|status| Value::Integer(status.into()))),
        starts(Operator::GreaterOrEqual, from),
        starts(Operator::Less, after),
        tag.map(|tag| Filter::Has(repository::TAGS, tag)),
    ]);
    page(&tx, tenant, Some(&scope), query).await
}

/// A page of all visits of the company, of some days around today where none are said.
pub(crate) async fn list_all(
    app: &App,
    context: &Context,
    narrowed: Narrowed,
    query: &ListQuery,
) -> Result<Page<Event>> {
    let tx = app.read(context).await?;
    if let Some(id) = narrowed.client_id {
        find::<Client>(&tx, context.tenant()?, id).await?;
    }
    let today = Company::of(&tx, context.tenant()?).await?.today();
    let (back, ahead) = SHOWN_DAYS;
    let from = narrowed.from.unwrap_or_else(|| today.saturating_sub(back.days()));
    let to = narrowed.to.unwrap_or_else(|| today.saturating_add(ahead.days()));
    let narrowed = Narrowed { from: Some(from), to: Some(to), ..narrowed };
    list(app, context, narrowed, query).await
}

/// A page of the visits of a client; clients see their own alone, under the id 0 as well.
pub(crate) async fn list_of_client(
    app: &App,
    context: &Context,
    client_id: i64,
    narrowed: Narrowed,
    query: &ListQuery,
) -> Result<Page<Event>> {
    let client = clients::get(app, context, client_id).await?;
    list(app, context, Narrowed { client_id: Some(client.id), ..narrowed }, query).await
}

/// A page of the visits that a cleaner comes to; cleaners see their own alone, under the id 0 as
/// well.
pub(crate) async fn list_of_cleaner(
    app: &App,
    context: &Context,
    cleaner_id: i64,
    narrowed: Narrowed,
    query: &ListQuery,
) -> Result<Page<Event>> {
    let id = cleaners::reached_at_work(&*app.read(context).await?, context, cleaner_id).await?;
    list(app, context, Narrowed { cleaner_id: Some(id), ..narrowed }, query).await
}

/// A page of the visits that a cleaner comes to and that have not begun; cleaners see their own
/// alone.
pub(crate) async fn list_future_of(
    app: &App,
    context: &Context,
    cleaner_id: i64,
    query: &ListQuery,
) -> Result<Page<Event>> {
    let tx = app.read(context).await?;
    let id = cleaners::reached_at_work(&tx, context, cleaner_id).await?;
    let now = Value::Time(steward_kernel::time::now());
    let scope = all([
        Some(Filter::Has(repository::CLEANERS, id.to_string())),
        Some(Filter::Compare(repository::START_AT, Operator::Greater, now)),
    ]);
    page(&tx, context.tenant()?, Some(&scope), query).await
}

/// The next visit of a client that is not over; clients see their own, under the id 0 as well.
pub(crate) async fn next_of(app: &App, context: &Context, client_id: i64) -> Result<Option<Event>> {
    let client_id = clients::get(app, context, client_id).await?.id;
    let tx = app.read(context).await?;
    let now = Value::Time(steward_kernel::time::now());
    let scope = all([
        equal(repository::CLIENT_ID, Some(Value::Integer(client_id))),
        Some(Filter::Compare(repository::STATUS, Operator::LessOrEqual, Value::Integer(2))),
        Some(Filter::Compare(repository::END_AT, Operator::Greater, now)),
    ]);
    let order = vec![Order { field: repository::BY_START[0], descending: false }];
    let first = ListQuery { order, ..ListQuery::all(PageRequest { number: 1, size: 1 }) };
    let found = page::<Event>(&tx, context.tenant()?, Some(&scope), &first).await?;
    Ok(found.items.into_iter().next())
}

/// Makes the visits of a booking that are not there yet, up to a date; answers those.
pub(crate) async fn generate(
    app: &App,
    context: &Context,
    request_id: i64,
    through: Option<Date>,
) -> Result<Vec<Event>> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        find::<Booking>(&tx, tenant, request_id).await?;
        let company = Company::of(&tx, tenant).await?;
        let latest = company.today().saturating_add(LONGEST_LEAD.days());
        if through.is_some_and(|through| through > latest) {
            return Err(Error::rule("through", format!("The last date is {latest} or earlier.")));
        }
        let through = through.unwrap_or_else(|| company.horizon());
        let ids = visits::generate(&tx, tenant, request_id, &company, through).await?;
        super::note_made(context, &ids);
        let mut made: Vec<Event> = find_all(&tx, tenant, &ids).await?;
        made.sort_by_key(|event| event.planned.span.from);
        Ok(made)
    })
    .await
}

/// A series that somebody wants to look at.
pub(crate) struct Preview {
    pub start_date: Date,
    pub start_time: TimeOfDay,
    pub recurrence: Recurrence,
    pub hours: Hours,
    pub count: usize,
}

/// The visits that a series would have, with their dates, and the zone of the company.
pub(crate) async fn preview(
    app: &App,
    context: &Context,
    preview: &Preview,
) -> Result<(Vec<(Date, VisitTime)>, Zone)> {
    let Preview { start_date, start_time, recurrence, hours, count } = preview;
    let zone = Company::of(&*app.read(context).await?, context.tenant()?).await?.zone;
    let dates = recurrence.dates(*start_date).take(*count);
    let visits = dates.map(|date| (date, visit_time(date, *start_time, hours.minutes(), &zone)));
    Ok((visits.collect(), zone))
}

/// When clients of a company may prefer visits to start; of the caller's where none is named.
pub(crate) async fn company_of(app: &App, context: &Context, tenant_id: i64) -> Result<Company> {
    let tenant_id = match context.principal() {
        Some(principal) if tenant_id == 0 => principal.tenant.0,
        _ => tenant_id,
    };
    let (tx, tenant, _) = crate::caller::reach(app, context, tenant_id).await?;
    Company::of(&tx, tenant).await
}

/// The company of the caller.
pub(crate) async fn own_company(app: &App, context: &Context) -> Result<Company> {
    Company::of(&*app.read(context).await?, context.tenant()?).await
}
