//! What can be done with assignments. Whoever changes those of a booking holds it, and then the
//! cleaner, so of many who want the same seat one has it.

use steward_database::{Day, Instant, Transaction, find, page};
use steward_kernel::list::{Filter, Operator, Value};
use steward_kernel::local::{Date, TimeOfDay};
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::validate::Violations;
use steward_kernel::{Context, Error, Result};
use steward_platform::App;

use super::attendance::{self, Of};
use super::model::{Assigned, Assignment, Dismissal, Wanted, status};
use super::{claims, repository, suited};
use crate::agreements::model::trigger;
use crate::agreements::sending::send_on;
use crate::bookings::GETTER as BOOKING;
use crate::bookings::actions::get as booking_of_caller;
use crate::bookings::company::Company;
use crate::bookings::model::Booking;
use crate::bookings::repository as bookings;
use crate::caller::Caller;
use crate::cleaners::model::Cleaner;
use crate::cleaners::repository as cleaners;
use crate::cleaners::status::Status;
use crate::clients::model::Client;
use crate::events::GETTER as VISIT;
use crate::events::changes;
use crate::events::model::Event;
use crate::events::{repository as events, will_change as visits_change};
use crate::reason::{dismissed_for_client, illegal_transition, out_of_reach, request_taken};
use crate::timeline::{self, model::NewEntry};
use crate::wire::{all, equal};

/// Who asks for a seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// An admin assigns a cleaner, and may pass over what is not hard against it.
    Manual { passes_over: bool },
    /// An admin sends a cleaner in another one's place, and may pass over as much.
    Reassign { passes_over: bool },
    /// The cleaner claims it.
    Claim { is_held: bool },
}

impl How {
    const fn passes_over(self) -> bool {
        matches!(self, Self::Manual { passes_over: true } | Self::Reassign { passes_over: true })
    }

    const fn is_held(self) -> bool {
        matches!(self, Self::Claim { is_held: true })
    }

    const fn source(self) -> &'static str {
        match self {
            Self::Manual { .. } => "manual",
            Self::Reassign { .. } => "reassign",
            Self::Claim { .. } => "claim",
        }
    }
}

/// The assignment with an id. Cleaners see their own, clients those of their bookings.
pub(crate) async fn get(app: &App, context: &Context, id: i64) -> Result<Assignment> {
    let tx = app.read(context).await?;
    let assignment: Assignment = find(&tx, context.tenant()?, id).await?;
    reaches(Caller::of(&tx, context).await?, &assignment)?;
    Ok(assignment)
}

/// Refuses an assignment that is neither a cleaner's own nor of a client's booking.
pub(crate) fn reaches(caller: Caller, assignment: &Assignment) -> Result<()> {
    match caller {
        Caller::Admin => Ok(()),
        Caller::Client(id) if id == assignment.client_id => Ok(()),
        Caller::Cleaner(id) if id == assignment.cleaner_id => Ok(()),
        Caller::Client(_) | Caller::Cleaner(_) => Err(out_of_reach()),
    }
}

/// A page of the assignments of a booking, in the order that they were made. Clients see those of
/// their own bookings.
pub(crate) async fn list_of_booking(
    app: &App,
    context: &Context,
    (request_id, with_ended): (i64, bool),
    query: &ListQuery,
) -> Result<Page<Assignment>> {
    let booking = booking_of_caller(app, context, request_id).await?;
    let tx = app.read(context).await?;
    let live = Value::Integer(status::ACTIVE.into());
    let live = Filter::Compare(repository::STATUS, Operator::LessOrEqual, live);
    let scope = all([
        equal(repository::REQUEST_ID, Some(Value::Integer(booking.id))),
        (!with_ended).then_some(live),
    ]);
    page(&tx, context.tenant()?, Some(&scope), query).await
}

/// Sends a cleaner to the visits of a booking in the name of an admin.
pub(crate) async fn assign(app: &App, context: &Context, wanted: Wanted) -> Result<Assignment> {
    let how = How::Manual { passes_over: wanted.passes_over };
    app.transaction(context, |tx| async move {
        let company = Company::of(&tx, context.tenant()?).await?;
        take(app, &tx, context, &company, wanted, how).await
    })
    .await
}

/// Claims a booking for the cleaner who calls, or for one whom an admin names. Of many who claim
/// the last seat at once one has it. Where the company approves claims, those of cleaners are held.
pub(crate) async fn claim(app: &App, context: &Context, wanted: Wanted) -> Result<Assignment> {
    app.transaction(context, |tx| async move {
        let caller = Caller::of(&tx, context).await?;
        let cleaner_id = caller.cleaner(wanted.cleaner_id);
        caller.reaches_cleaner(cleaner_id)?;
        let company = Company::of(&tx, context.tenant()?).await?;
        let is_approved = company.settings.groups.booking.claim_mode == "approval";
        let how = How::Claim { is_held: is_approved && caller != Caller::Admin };
        take(app, &tx, context, &company, Wanted { cleaner_id, ..wanted }, how).await
    })
    .await
}

/// Gives a cleaner a seat of a booking and all visits that are to come, or nothing.
pub(super) async fn take(
    app: &App,
    tx: &Transaction,
    context: &Context,
    company: &Company,
    wanted: Wanted,
    how: How,
) -> Result<Assignment> {
    let tenant = context.tenant()?;
    let Wanted { request_id, cleaner_id, start_time, from, until, .. } = wanted;
    let today = company.today();
    let from = from.unwrap_or(today);
    let mut violations = Violations::below("");
    if from < today {
        violations.rule("from_date", "The first date is over.");
    }
    if until.is_some_and(|until| until < from) {
        violations.rule("until_date", "The last date is before the first.");
    }
    violations.finish(())?;
    bookings::lock(tx, tenant, request_id).await?;
    let booking: Booking = find(tx, tenant, request_id).await?;
    cleaners::lock(tx, tenant, cleaner_id).await?;
    let present = repository::of_booking(tx, tenant, request_id).await?;
    let live: Vec<Assignment> = present.into_iter().filter(Assignment::is_live).collect();
    if let Some(own) = live.iter().find(|one| one.sends(cleaner_id, from)) {
        return Ok(own.clone());
    }
    if !booking.is_live() {
        return Err(illegal_transition("The booking is not live."));
    }
    if is_full(&booking, &live, from, until) {
        return Err(request_taken());
    }
    if matches!(how, How::Claim { .. }) {
        let pair = (booking.client_id, cleaner_id);
        if repository::is_dismissed(tx, tenant, pair).await? {
            return Err(dismissed_for_client());
        }
    }
    let start = start_of(company, &booking, start_time, how)?;
    // The client is told another start when the claim is approved.
    if !how.is_held() {
        changes::fix_start(tx, context, &booking, from, (start, how.passes_over())).await?;
    }
    let open = |visit: &Event| visit.cleaners.len() < usize::from(visit.planned.cleaners_needed);
    let visits = events::to_come(tx, tenant, request_id, (from, until)).await?;
    let visits: Vec<Event> = visits
        .into_iter()
        .filter(open)
        .map(|visit| if how.is_held() { changes::starting(visit, start, company) } else { visit })
        .collect();
    let cleaner: Cleaner = find(tx, tenant, cleaner_id).await?;
    if visits.is_empty() && cleaner.status != Status::Active {
        return Err(illegal_transition("The cleaner does not work."));
    }
    let seat = Seat { booking: &booking, cleaner: &cleaner, start, from, until, how };
    sit(app, tx, context, company, (seat, None, live.is_empty()), &visits).await
}

/// A seat that a cleaner is given.
pub(super) struct Seat<'a> {
    pub booking: &'a Booking,
    pub cleaner: &'a Cleaner,
    pub start: TimeOfDay,
    pub from: Date,
    pub until: Option<Date>,
    pub how: How,
}

/// Gives a cleaner a seat at visits, unless something speaks against it: by an assignment that is
/// there, or by a new one.
pub(super) async fn sit(
    app: &App,
    tx: &Transaction,
    context: &Context,
    company: &Company,
    (seat, known, is_lead): (Seat<'_>, Option<i64>, bool),
    visits: &[Event],
) -> Result<Assignment> {
    let tenant = context.tenant()?;
    let Seat { booking, cleaner, start, from, until, how } = seat;
    let passed = suited::passed(tx, tenant, (company, cleaner, booking), visits, how.passes_over());
    let passed = passed.await?;
    let attended: Vec<(i64, bool)> =
        visits.iter().map(|visit| (visit.id, suited::is_against(&passed, visit))).collect();
    visits_change(context, visits).await?;
    if let Some(id) = known {
        attendance::insert(tx, tenant, (id, cleaner.id), &attended).await?;
        return find(tx, tenant, id).await;
    }
    let held_until = how.is_held().then(|| claims::end(company));
    let new = repository::New {
        request_id: booking.id,
        client_id: booking.client_id,
        cleaner_id: cleaner.id,
        is_lead,
        start_time: start.minutes().cast_signed(),
        from_date: Day(from),
        until_date: until.map(Day),
        status: if how.is_held() { status::HELD } else { status::ACTIVE },
        source: how.source(),
        held_until: held_until.map(Instant),
        assigned_by: context.user_id(),
    };
    let id = repository::insert(tx, tenant, new).await?;
    attendance::insert(tx, tenant, (id, cleaner.id), &attended).await?;
    match held_until {
        Some(instant) => claims::hold(tx, tenant, id, instant).await?,
        None => tell(app, tx, context, id).await?,
    }
    find(tx, tenant, id).await
}

/// Tells everybody that a cleaner comes.
pub(super) async fn tell(app: &App, tx: &Transaction, context: &Context, id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    let assignment: Assignment = find(tx, tenant, id).await?;
    let Assigned { user_id, first_name, last_name, .. } = &assignment.cleaner;
    let Assignment { request_id, client_id, cleaner_id, from, .. } = &assignment;
    let told = NewEntry {
        kind: "assignment".to_owned(),
        text: format!("{first_name} {last_name} comes to booking {request_id} from {from} on."),
        client_id: Some(*client_id),
        cleaner_id: Some(*cleaner_id),
    };
    timeline::record(tx, context, &told).await?;
    let client: Client = find(tx, tenant, *client_id).await?;
    let parties = [client.user_id, *user_id];
    send_on(app, tx, tenant, (trigger::ON_CLEANER_ASSIGN, Some(id)), &parties).await
}

/// Whether all seats of a booking are taken on every date of a stretch. How many are only changes
/// when an assignment begins, and the day after one ends.
fn is_full(booking: &Booking, others: &[Assignment], from: Date, until: Option<Date>) -> bool {
    let seats = booking.agreed.segments.last().map_or(1, |one| usize::from(one.cleaners_needed));
    let begins = others.iter().map(|one| one.from);
    let ends = others.iter().filter_map(|one| one.until?.tomorrow().ok());
    let inside =
        begins.chain(ends).filter(|date| from < *date && until.is_none_or(|until| *date <= until));
    std::iter::once(from)
        .chain(inside)
        .all(|date| others.iter().filter(|one| one.covers(date)).count() >= seats)
}

/// When visits start from then on. Cleaners keep to the booking: its start, or what is preferred.
fn start_of(
    company: &Company,
    booking: &Booking,
    wanted: Option<TimeOfDay>,
    how: How,
) -> Result<TimeOfDay> {
    let last = booking.agreed.segments.last();
    let present = last.ok_or_else(|| Error::internal("no segment"))?;
    let start = wanted.unwrap_or(present.schedule.start);
    let fits = match how {
        How::Manual { .. } | How::Reassign { .. } => true,
        How::Claim { .. } if present.is_time_confirmed => start == present.schedule.start,
        How::Claim { .. } => company
            .preferred(booking.agreed.time_preference)
            .is_none_or(|(from, to)| from <= start && start <= to),
    };
    let mut violations = Violations::below("");
    if !fits {
        violations.rule("start_time", "The client wants another time.");
    }
    violations.finish(start)
}

/// The assignment by which a cleaner comes on a date or later.
pub(super) fn coming(present: &[Assignment], cleaner_id: i64, from: Date) -> Result<&Assignment> {
    let comes = |one: &&Assignment| {
        one.is_live() && one.cleaner_id == cleaner_id && one.until.is_none_or(|until| from <= until)
    };
    let found = present.iter().find(comes);
    found.ok_or_else(|| Error::not_found("Assignment of cleaner", cleaner_id))
}

/// Takes a cleaner off the visits that are to come, all of them or those from a date on, and tells
/// of these.
pub(super) async fn release(
    tx: &Transaction,
    context: &Context,
    of: Of,
    from: Option<Date>,
) -> Result<()> {
    let tenant = context.tenant()?;
    for id in attendance::to_come(tx, tenant, of, from).await? {
        context.will_change(VISIT, id).await?;
    }
    attendance::release(tx, tenant, of, from).await
}

/// Takes the cleaner of an assignment off its visits from a date on. Answers its last date then,
/// where it has one.
async fn leave(
    tx: &Transaction,
    context: &Context,
    own: &Assignment,
    from: Date,
) -> Result<Option<Date>> {
    release(tx, context, Of::Assignment(own.id), Some(from)).await?;
    Ok(from.yesterday().ok().filter(|until| own.from <= *until))
}

/// Lets a cleaner come until the day before a date.
pub(super) async fn stop(
    tx: &Transaction,
    context: &Context,
    own: &Assignment,
    from: Date,
    today: Date,
) -> Result<()> {
    let until = leave(tx, context, own, from).await?;
    let comes = own.status == status::ACTIVE && until.is_some_and(|until| today <= until);
    let stands = if comes { status::ACTIVE } else { status::ENDED };
    repository::put(tx, context.tenant()?, own.id, (stands, until), None).await
}

/// A cleaner who comes no more, and who comes instead.
pub(crate) struct Dismissed {
    pub dismissed: Assignment,
    pub assignment: Option<Assignment>,
}

/// Dismisses a cleaner from a booking, whose seat another one gets or is open again. The cleaner is
/// not offered this client again.
pub(crate) async fn dismiss(
    app: &App,
    context: &Context,
    dismissal: &Dismissal,
) -> Result<Dismissed> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let company = Company::of(&tx, tenant).await?;
        let Dismissal { request_id, cleaner_id, new_cleaner_id, from, reason, passes_over } =
            dismissal;
        bookings::lock(&tx, tenant, *request_id).await?;
        let booking: Booking = find(&tx, tenant, *request_id).await?;
        let from = from.unwrap_or_else(|| company.today()).max(company.today());
        let present = repository::of_booking(&tx, tenant, *request_id).await?;
        let own = coming(&present, *cleaner_id, from)?;
        let over = (status::DISMISSED, leave(&tx, context, own, from).await?);
        repository::put(&tx, tenant, own.id, over, reason.as_deref()).await?;
        let told = NewEntry {
            kind: "assignment".to_owned(),
            text: format!("A cleaner was dismissed from booking {request_id} from {from} on."),
            client_id: Some(booking.client_id),
            cleaner_id: Some(*cleaner_id),
        };
        timeline::record(&tx, context, &told).await?;
        let assignment = match new_cleaner_id {
            None => None,
            Some(new) => {
                let wanted = Wanted {
                    request_id: *request_id,
                    cleaner_id: *new,
                    start_time: None,
                    from: Some(from),
                    until: own.until,
                    passes_over: *passes_over,
                };
                let how = How::Manual { passes_over: *passes_over };
                Some(take(app, &tx, context, &company, wanted, how).await?)
            }
        };
        Ok(Dismissed { dismissed: find(&tx, tenant, own.id).await?, assignment })
    })
    .await
}

/// Frees all seats of a cleaner who works no more, and tells of their bookings and visits.
pub(crate) async fn free(tx: &Transaction, context: &Context, cleaner_id: i64) -> Result<()> {
    let tenant = context.tenant()?;
    for id in repository::bookings_of(tx, tenant, cleaner_id).await? {
        context.will_change(BOOKING, id).await?;
    }
    release(tx, context, Of::Cleaner(cleaner_id), None).await?;
    repository::end_all(tx, tenant, cleaner_id).await
}
