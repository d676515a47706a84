//! What can be done with bookings.

use steward_database::{Transaction, find, find_all, page};
use steward_kernel::list::Value;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result, Role, TenantId};
use steward_platform::App;

use super::company::Company;
use super::model::{Approval, Booking, Home, NewBooking, Order, Orderer, status};
use super::repository::{self, Subject};
use super::{order, visits};
use crate::agreements::model::trigger;
use crate::agreements::sending::send_on;
use crate::caller::Caller;
use crate::clients::actions::get as of_caller;
use crate::clients::model::{Client, ClientInput};
use crate::clients::repository as clients;
use crate::events::model::Event;
use crate::events::repository as events;
use crate::locations::actions::add_to;
use crate::locations::model::Location;
use crate::lookups::actions::check_lead_source;
use crate::lookups::model::Audience;
use crate::reason::{illegal_transition, in_use, out_of_reach};
use crate::services::model::Service;
use crate::tenant_locations::model::{TenantLocation, no_coverage};
use crate::tenants;
use crate::timeline::{self, model::About, model::NewEntry};
use crate::users::actions as users;
use crate::wire::{all, equal};

/// How many visits are shown with a new booking.
const SHOWN_EVENTS: usize = 5;

/// A booking that was made, for whom, and its first visits.
pub(crate) struct Made {
    pub client: Client,
    pub booking: Booking,
    pub events: Vec<Event>,
}

/// Somebody for whom a booking is made, as far as it is prepared outside of the transaction.
enum For {
    Known(Option<i64>),
    New(Box<ClientInput>, Option<steward_platform::users::Hashed>),
}

/// Makes a booking for a client, or for somebody who becomes one by it. Whoever calls without a
/// token names the company.
pub(crate) async fn add(
    app: &App,
    context: &Context,
    tenant_id: Option<i64>,
    new: NewBooking,
) -> Result<Made> {
    let NewBooking { client, home, order } = new;
    let of = match client {
        Orderer::Client(id) => For::Known(id),
        Orderer::New { person, password } => {
            let email = person.email.clone().unwrap_or_default();
            let password = users::hashed(password, &email).await?;
            For::New(person, password)
        }
    };
    let (of, home, order) = (&of, &home, &order);
    let mut violations = Violations::below("");
    if context.is_anybody() {
        violations.required_id("tenant_id", tenant_id.unwrap_or_default());
        if matches!(of, For::Known(_)) {
            violations.required("client");
        }
    }
    violations.finish(())?;
    let tenant = context.tenant()?;
    if let Some(named) = tenant_id.filter(|named| *named != tenant.0) {
        return Err(tenants::not_found(named));
    }
    app.transaction(
        context,
        |tx| async move { make(app, context, &tx, tenant, of, home, order).await },
    )
    .await
}

async fn make(
    app: &App,
    context: &Context,
    tx: &Transaction,
    tenant: TenantId,
    of: &For,
    home: &Home,
    order: &Order,
) -> Result<Made> {
    let caller = match context.is_anybody() {
        true => None,
        false => Some(Caller::of(tx, context).await?),
    };
    let company = Company::of(tx, tenant).await?;
    check_lead_source(tx, tenant, Audience::Client, order.lead_source_id).await?;
    let client_id = orderer(app, context, tx, tenant, caller, of).await?;
    let location = located(tx, tenant, caller, client_id, home).await?;
    let area = location.tenant_location_id.ok_or_else(no_coverage)?;
    let agreed = order::agree(tx, tenant, &company, area, order).await?;
    // What somebody of the company books is accepted by that.
    let waits = company.settings.groups.booking.require_approval && caller != Some(Caller::Admin);
    let subject = Subject {
        client_id,
        location_id: location.id,
        service_id: order.service_id,
        tenant_location_id: area,
        status: if waits { status::PENDING_APPROVAL } else { status::UNASSIGNED },
        source: match caller {
            Some(Caller::Admin) => "admin",
            Some(Caller::Client(_)) => "client",
            Some(Caller::Cleaner(_)) => return Err(out_of_reach()),
            None => "bookingForm",
        },
    };
    let id = repository::insert(tx, tenant, subject, &agreed).await?;
    context.has_made(super::GETTER, id);
    let waiting = if waits { "Booked; it waits to be accepted." } else { "Booked." };
    tell(tx, context, "booking", (client_id, id), waiting).await?;
    let mut made = Vec::new();
    if !waits {
        made = accept(tx, context, &company, client_id, id).await?;
    }
    made.truncate(SHOWN_EVENTS);
    let client: Client = find(tx, tenant, client_id).await?;
    send_on(app, tx, tenant, (trigger::ON_CLIENT_BOOKING, None), &[client.user_id]).await?;
    Ok(Made {
        client,
        booking: find(tx, tenant, id).await?,
        events: find_all(tx, tenant, &made).await?,
    })
}

/// Writes down what became of a booking, for the client and whoever looks after them.
async fn tell(
    tx: &Transaction,
    context: &Context,
    kind: &str,
    (client_id, id): (i64, i64),
    text: &str,
) -> Result<()> {
    let entry = NewEntry {
        kind: kind.to_owned(),
        text: text.to_owned(),
        client_id: Some(client_id),
        cleaner_id: None,
    };
    timeline::record_about(tx, context, &entry, About::booking(id)).await
}

/// Books one visit for a client who is there, however far ahead. Answers the id of the visit.
pub(crate) async fn book(
    app: &App,
    tx: &Transaction,
    context: &Context,
    client_id: i64,
    home: &Home,
    order: &Order,
) -> Result<i64> {
    let tenant = context.tenant()?;
    let of = For::Known(Some(client_id));
    let made = make(app, context, tx, tenant, &of, home, order).await;
    // Whoever adds a visit says its date, and no series that starts.
    let made =
        made.map_err(|error| error.moved("start_date", "date").moved("frequency", "service_id"))?;
    if let Some(event) = made.events.first() {
        return Ok(event.id);
    }
    let company = Company::of(tx, tenant).await?;
    let ids = visits::generate(tx, tenant, made.booking.id, &company, order.start_date).await?;
    crate::events::note_made(context, &ids);
    ids.first().copied().ok_or_else(|| Error::internal("no visit was made"))
}

/// Makes the visits of a booking that was accepted, which makes its client an active one.
async fn accept(
    tx: &Transaction,
    context: &Context,
    company: &Company,
    client_id: i64,
    id: i64,
) -> Result<Vec<i64>> {
    let tenant = context.tenant()?;
    context.will_change(crate::clients::GETTER, client_id).await?;
    if clients::activate(tx, tenant, client_id).await? {
        tell(tx, context, "status", (client_id, id), "The client is an active one now.").await?;
    }
    let made = visits::generate(tx, tenant, id, company, company.horizon()).await?;
    crate::events::note_made(context, &made);
    Ok(made)
}

/// The client for whom a booking is made, who is held until it is there.
async fn orderer(
    app: &App,
    context: &Context,
    tx: &Transaction,
    tenant: TenantId,
    caller: Option<Caller>,
    of: &For,
) -> Result<i64> {
    let (person, password) = match (of, caller) {
        (_, Some(Caller::Client(own))) => {
            let named = match of {
                For::Known(id) => id.unwrap_or(own),
                For::New(..) => own,
            };
            if named != own {
                return Err(out_of_reach());
            }
            clients::lock(tx, tenant, own).await?;
            context.will_change(crate::clients::GETTER, own).await?;
            return Ok(own);
        }
        (For::Known(Some(id)), _) => {
            clients::lock(tx, tenant, *id).await?;
            context.will_change(crate::clients::GETTER, *id).await?;
            return Ok(*id);
        }
        (For::Known(None), _) => {
            return Err(Error::required("client_id"));
        }
        (For::New(person, password), _) => (person, password),
    };
    let email = person.email.as_deref().unwrap_or_default();
    let named = (email, Role::Client);
    let user = users::admit(app, tx, tenant, named, &person.details(), password.as_ref()).await?;
    let id = clients::insert(tx, tenant, user, person).await?;
    context.has_made(crate::clients::GETTER, id);
    Ok(id)
}

/// The home of a booking, which is added where it is a new one.
async fn located(
    tx: &Transaction,
    tenant: TenantId,
    caller: Option<Caller>,
    client_id: i64,
    home: &Home,
) -> Result<Location> {
    let id = match home {
        Home::Known(id) => *id,
        Home::New(input) => add_to(tx, tenant, client_id, input).await?,
    };
    let location: Location = find(tx, tenant, id).await?;
    match caller {
        _ if location.client_id == client_id => Ok(location),
        Some(Caller::Client(_) | Caller::Cleaner(_)) => Err(out_of_reach()),
        Some(Caller::Admin) | None => {
            Err(Error::rule("location_id", "The home is another client's."))
        }
    }
}

/// The booking with an id; clients see their own alone.
pub(crate) async fn get(app: &App, context: &Context, id: i64) -> Result<Booking> {
    let tx = app.read(context).await?;
    let caller = Caller::of(&tx, context).await?;
    let booking: Booking = find(&tx, context.tenant()?, id).await?;
    caller.reaches_client(booking.client_id)?;
    Ok(booking)
}

/// Accepts a booking that waits, perhaps with another length or start, and makes its visits.
pub(crate) async fn approve(
    app: &App,
    context: &Context,
    id: i64,
    approval: Approval,
) -> Result<Booking> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let mut booking = waiting(&tx, tenant, id).await?;
        let company = Company::of(&tx, tenant).await?;
        let service: Service = find(&tx, tenant, booking.service_id).await?;
        let agreed = &mut booking.agreed;
        let Approval { hours, first_visit_hours, start_date, start_time } = approval;
        let mut violations = Violations::below("");
        agreed.first_visit_hours = first_visit_hours.or(agreed.first_visit_hours);
        if let Some(date) = start_date {
            order::check_start(&mut violations, &company, date);
            agreed.start_date = date;
        }
        let terms = &agreed.terms;
        // A booking that waits has one segment, with which it begins.
        for segment in &mut agreed.segments {
            segment.hours = hours.unwrap_or(segment.hours);
            segment.schedule.from = agreed.start_date;
            segment.schedule.anchor = agreed.start_date;
            if let Some(start) = start_time {
                segment.schedule.start = start;
                segment.is_time_confirmed = true;
            }
            segment.price = terms.price(segment.hours, segment.cleaners_needed, &[]).total;
            let first = agreed.first_visit_hours;
            order::check_hours(&mut violations, &service, segment.hours, first);
        }
        if agreed.schedule().occurrences().next().is_none() {
            violations.rule("start_date", "There is no visit from this date on.");
        }
        violations.finish(())?;
        repository::update(&tx, tenant, id, status::UNASSIGNED, agreed).await?;
        let of = (booking.client_id, id);
        tell(&tx, context, "status", of, "The booking was accepted.").await?;
        accept(&tx, context, &company, booking.client_id, id).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// Refuses a booking that waits.
pub(crate) async fn reject(
    app: &App,
    context: &Context,
    id: i64,
    reason: Option<&str>,
) -> Result<Booking> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let booking = waiting(&tx, tenant, id).await?;
        let of = (booking.client_id, id);
        tell(&tx, context, "status", of, "The booking was refused.").await?;
        let mut agreed = booking.agreed;
        if let Some(reason) = reason {
            let before = agreed.notes.take().map(|notes| format!("{notes}\n"));
            agreed.notes = Some(before.unwrap_or_default() + reason);
        }
        repository::update(&tx, tenant, id, status::CANCELLED, &agreed).await?;
        find(&tx, tenant, id).await
    })
    .await
}

/// A booking that waits to be accepted, held until the transaction ends.
async fn waiting(tx: &Transaction, tenant: TenantId, id: i64) -> Result<Booking> {
    repository::lock(tx, tenant, id).await?;
    let booking: Booking = find(tx, tenant, id).await?;
    if booking.status == status::PENDING_APPROVAL {
        Ok(booking)
    } else {
        Err(illegal_transition("The booking does not wait to be accepted."))
    }
}

/// Removes a booking with its visits, as long as none was completed.
pub(crate) async fn remove(app: &App, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        repository::lock(&tx, tenant, id).await?;
        if events::has_completed(&tx, tenant, id).await? {
            return Err(in_use("A visit of the booking was completed."));
        }
        events::delete_of(&tx, tenant, id).await?;
        repository::delete(&tx, tenant, id).await
    })
    .await
}

/// Cancels what is to come of a client who goes, and tells of their bookings and visits.
pub(crate) async fn cancel_all(tx: &Transaction, context: &Context, client_id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    for id in repository::live_of_client(tx, tenant, client_id).await? {
        context.will_change(super::GETTER, id).await?;
    }
    for id in events::to_come_of_client(tx, tenant, client_id).await? {
        context.will_change(crate::events::GETTER, id).await?;
    }
    repository::cancel_all(tx, tenant, client_id).await?;
    events::cancel_of_client(tx, tenant, client_id).await
}

/// A page of the bookings of a company: those that stand somewhere, or are in an area.
pub(crate) async fn list(
    app: &App,
    context: &Context,
    (status, tenant_location_id): (Option<i16>, Option<i64>),
    query: &ListQuery,
) -> Result<Page<Booking>> {
    let tenant = context.tenant()?;
    let tx = app.read(context).await?;
    if let Some(area) = tenant_location_id {
        find::<TenantLocation>(&tx, tenant, area).await?;
    }
    let scope = all([
        equal(repository::STATUS, status.map(|status| Value::Integer(status.into()))),
        equal(repository::TENANT_LOCATION_ID, tenant_location_id.map(Value::Integer)),
    ]);
    page(&tx, tenant, Some(&scope), query).await
}

/// A page of the bookings of a client; clients see their own alone, under the id 0 as well.
pub(crate) async fn list_of_client(
    app: &App,
    context: &Context,
    client_id: i64,
    status: Option<i16>,
    query: &ListQuery,
) -> Result<Page<Booking>> {
    let client = of_caller(app, context, client_id).await?;
    let tx = app.read(context).await?;
    let scope = all([
        equal(repository::CLIENT_ID, Some(Value::Integer(client.id))),
        equal(repository::STATUS, status.map(|status| Value::Integer(status.into()))),
    ]);
    page(&tx, context.tenant()?, Some(&scope), query).await
}

/// How many single visits a client has booked.
pub(crate) async fn count_once(app: &App, context: &Context, client_id: i64) -> Result<i64> {
    let client = of_caller(app, context, client_id).await?;
    let tx = app.read(context).await?;
    repository::count_once(&tx, context.tenant()?, client.id).await
}

/// How many bookings are not fully assigned.
pub(crate) async fn count_unassigned(app: &App, context: &Context) -> Result<i64> {
    let tx = app.read(context).await?;
    repository::count_unassigned(&tx, context.tenant()?).await
}
