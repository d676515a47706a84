//! What can be done with bookings.

use std::sync::Arc;

use jiff::ToSpan;
use steward_database::Transaction;
use steward_kernel::error::{Violation, ViolationKind};
use steward_kernel::list::Filter;
use steward_kernel::page::{ListQuery, Page};
use steward_kernel::time;
use steward_kernel::{Context, Error, Kind, Result, TenantId};
use steward_platform::App;

use super::change::{Answer, Caution, Needs, change, facts, hold_pickup, save};
use super::edit::{BookingPatch, CustomerPatch, DocumentPatch};
use super::line_edit::{LinePatch, line_not_found, set_returned};
use super::model::{Booking, Dates, DocumentSettings, Progress, Source, Wording};
use super::rules::{self, Part, Step, editable, invalid_transition};
use super::{mails, repository, shortages};
use crate::customers;
use crate::deletion::{self, live};
use crate::numbers::{self, Numbered};
use crate::owners::{self, Terms};
use crate::status::BookingStatus;

/// Records the customer that a booking brings, which the booking is for then.
async fn record_customer(
    app: &App,
    context: &Context,
    patch: &BookingPatch,
    needs: &mut Needs,
) -> Result<()> {
    let Some(new) = &patch.customer else { return Ok(()) };
    match customers::actions::create(app, context, new).await {
        Ok(made) => {
            let number = made.customer.internal_id;
            context.has_made(customers::GETTER, number);
            needs.customer = Some(number);
            Ok(())
        }
        // What the database refused ends the transaction, so nothing more can be found out.
        Err(error) => {
            let mut refused = needs.refused.clone();
            refused.take::<()>(Err(error.below("booking")))?;
            refused.finish(())
        }
    }
}

/// Records a booking; all of it or nothing.
pub async fn create(app: &App, context: &Context, patch: &BookingPatch) -> Result<Answer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        // Taken first: who changes the currency or the zone meanwhile has done so when it is ours.
        let internal_id = numbers::take(&tx, Numbered::Booking).await?;
        let mut needs = Needs::of(patch);
        record_customer(app, context, patch, &mut needs).await?;
        let facts = facts(&tx, tenant, &needs).await?;
        let mut refused = facts.refused.clone();
        let terms = &facts.terms;
        let mut booking = Booking {
            id: 0,
            internal_id,
            status: BookingStatus::Drafting,
            previous_status: None,
            dates: usual_dates(patch, terms),
            customer: None,
            wording: Wording::default(),
            discount: None,
            delivery_address: None,
            pickup_address_id: None,
            document_settings: DocumentSettings::default(),
            language: terms.language,
            currency: terms.currency.clone(),
            progress: Progress::default(),
            source: Source::Owner,
            lines: Vec::new(),
            services: Vec::new(),
            payments: Vec::new(),
            created_at: facts.now,
            updated_at: facts.now,
            deleted_at: None,
        };
        refused.take(patch.apply(&mut booking, &facts))?;
        refused.take(hold_pickup(&tx, tenant, None, &booking).await)?;
        refused.finish(())?;
        if patch.reserve {
            reserve(&mut booking, facts.now)?;
        }
        let caution = Caution::Refuse(patch.confirm_shortage);
        let answer = save(&tx, tenant, None, booking, facts, caution).await?;
        if patch.reserve && patch.notify {
            mails::tell(&tx, tenant, &answer, mails::Occasion::Reserved).await?;
        }
        Ok(answer)
    })
    .await
}

/// The dates of a booking that is made without any.
fn usual_dates(patch: &BookingPatch, terms: &Terms) -> Option<Dates> {
    let given = |at: &Option<Option<String>>| matches!(at, Some(Some(_)));
    if given(&patch.start_at) || given(&patch.end_at) {
        return None;
    }
    let settings = &terms.settings;
    let offset = settings.default_start_offset_days?;
    let today = terms.zone.local(time::now()).date();
    let first = today.checked_add(i64::from(offset).days()).ok()?;
    let last = first.checked_add(i64::from(settings.default_duration_days).days()).ok()?;
    let at = |minutes: u16| i64::from(minutes).minutes();
    let times = settings.day_times();
    let start = first.at(0, 0, 0, 0).checked_add(at(times.start.minutes())).ok()?;
    // A rental of a day ends when its day does.
    let end_day = if times.end.minutes() > times.start.minutes() {
        last.checked_sub(1.day()).ok()?
    } else {
        last
    };
    let end = end_day.at(0, 0, 0, 0).checked_add(at(times.end.minutes())).ok()?;
    Some(Dates { start, end })
}

/// The booking with a number; a deleted one is not found.
pub async fn get(app: &App, context: &Context, number: i64) -> Result<Answer> {
    let booking: Booking = live(app.get(context, number).await?)?;
    let terms = terms(app, context).await?;
    Answer::shown(booking, &terms)
}

/// Answers about bookings with whether each is short of something.
pub async fn marked(app: &App, context: &Context, mut answers: Vec<Answer>) -> Result<Vec<Answer>> {
    let tx = app.read(context).await?;
    shortages::mark(&tx, context.tenant()?, &mut answers).await?;
    Ok(answers)
}

/// The terms of the caller's business.
pub async fn terms(app: &App, context: &Context) -> Result<Arc<Terms>> {
    owners::actions::terms(app, context).await.map(Arc::new)
}

/// A page of bookings.
pub async fn list(
    app: &App,
    context: &Context,
    scope: Option<&Filter>,
    query: &ListQuery,
    terms: &Arc<Terms>,
) -> Result<Page<Answer>> {
    let Page { request, total, items } = app.page::<Booking>(context, scope, query).await?;
    let items = items.into_iter().map(|booking| Answer::shown(booking, terms));
    let items = marked(app, context, items.collect::<Result<_>>()?).await?;
    Ok(Page { request, total, items })
}

/// Changes a booking.
pub async fn update(
    app: &App,
    context: &Context,
    number: i64,
    patch: &BookingPatch,
) -> Result<Answer> {
    let tenant = context.tenant()?;
    app.transaction(context, |_| async move {
        let mut needs = Needs::of(patch);
        record_customer(app, context, patch, &mut needs).await?;
        let caution = Caution::Refuse(patch.confirm_shortage);
        let answer = change(app, context, number, &needs, caution, |booking, facts| {
            patch.apply(booking, facts)?;
            if !facts.refused.is_empty() {
                return Ok(());
            }
            if patch.reserve {
                reserve(booking, facts.now)?;
            }
            if booking.holds() || booking.status == BookingStatus::Negotiating {
                rules::complete(booking)?;
            }
            Ok(())
        })
        .await?;
        if patch.reserve && patch.notify {
            let tx = app.read(context).await?;
            mails::tell(&tx, tenant, &answer, mails::Occasion::Reserved).await?;
        }
        Ok(answer)
    })
    .await
}

/// Leads a booking to the state in which it is agreed.
fn reserve(booking: &mut Booking, now: time::Timestamp) -> Result<()> {
    Step::Reserve.from(booking)?;
    rules::complete(booking)?;
    booking.go_to(BookingStatus::Reserved);
    booking.progress.reserved_at = Some(now.as_microsecond());
    Ok(())
}

/// Deletes a booking that is not agreed.
pub async fn delete(app: &App, context: &Context, number: i64) -> Result<()> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let booking = repository::lock(&tx, tenant, number).await?;
        let allowed = matches!(
            booking.status,
            BookingStatus::Drafting | BookingStatus::Negotiating | BookingStatus::Cancelled
        );
        if !allowed {
            return Err(invalid_transition(&booking, None));
        }
        deletion::delete::<Booking>(&tx, tenant, number).await
    })
    .await
}

/// What comes with a step.
#[derive(Debug, Clone, Default)]
pub struct StepInput {
    /// Whether the customer is told.
    pub notify: bool,
    /// Why a booking is called off.
    pub reason: Option<String>,
    /// What the caller says about shortages.
    pub confirm_shortage: Option<bool>,
}

/// Leads a booking to another state.
pub async fn step(
    app: &App,
    context: &Context,
    number: i64,
    step: Step,
    input: &StepInput,
) -> Result<Answer> {
    let tenant = context.tenant()?;
    let caution = match step {
        Step::RevertCompleted => Caution::Tell,
        Step::Negotiate
        | Step::HaltNegotiation
        | Step::Reserve
        | Step::Unreserve
        | Step::HaltOngoing
        | Step::Cancel
        | Step::UndoCancel => Caution::Refuse(input.confirm_shortage),
    };
    app.transaction(context, |_| async move {
        let answer = change(app, context, number, &Needs::default(), caution, |booking, facts| {
            take(step, booking, input, facts.now)
        })
        .await?;
        let occasion = match step {
            Step::Negotiate => Some(mails::Occasion::Quote),
            Step::Reserve => Some(mails::Occasion::Reserved),
            Step::Cancel => Some(mails::Occasion::Cancelled),
            Step::HaltNegotiation
            | Step::Unreserve
            | Step::HaltOngoing
            | Step::RevertCompleted
            | Step::UndoCancel => None,
        };
        if let Some(occasion) = occasion.filter(|_| input.notify) {
            let tx = app.read(context).await?;
            mails::tell(&tx, tenant, &answer, occasion).await?;
        }
        Ok(answer)
    })
    .await
}

fn take(step: Step, booking: &mut Booking, input: &StepInput, now: time::Timestamp) -> Result<()> {
    let to = step.from(booking)?;
    match step {
        Step::Negotiate => rules::complete(booking)?,
        Step::Reserve => return reserve(booking, now),
        Step::HaltOngoing => {
            for line in &mut booking.lines {
                line.picked_up = 0;
                line.picked_up_at = None;
            }
            booking.progress.picked_up_at = None;
        }
        Step::RevertCompleted => {
            for (id, pieces) in std::mem::take(&mut booking.progress.last_returns) {
                if let Some(line) = booking.lines.iter_mut().find(|line| line.id == id) {
                    let left = line.returned().saturating_sub(pieces);
                    set_returned(line, left, now);
                }
            }
            for (id, pieces) in std::mem::take(&mut booking.progress.last_reductions) {
                if let Some(line) = booking.lines.iter_mut().find(|line| line.id == id) {
                    line.quantity = line.quantity.saturating_add(pieces);
                }
            }
            booking.progress.completed_at = None;
        }
        Step::Cancel => {
            booking.progress.cancelled_at = Some(now.as_microsecond());
            booking.progress.cancellation_reason.clone_from(&input.reason);
        }
        Step::UndoCancel => {
            if to == BookingStatus::Reserved {
                rules::complete(booking)?;
            }
            booking.progress.cancelled_at = None;
            booking.progress.cancellation_reason = None;
        }
        Step::HaltNegotiation => {}
        Step::Unreserve => {
            booking.progress.reserved_at = None;
            // The buffers are copied again when it is reserved again.
            for line in &mut booking.lines {
                line.buffers = None;
            }
        }
    }
    booking.go_to(to);
    Ok(())
}

/// Changes what is printed on the documents of a booking.
pub async fn set_documents(
    app: &App,
    context: &Context,
    number: i64,
    patch: &DocumentPatch,
) -> Result<Answer> {
    let caution = Caution::Refuse(None);
    change(app, context, number, &Needs::default(), caution, |booking, _| {
        patch.apply(&mut booking.document_settings);
        Ok(())
    })
    .await
}

/// Changes the customer of a booking, or the copy of the customer.
pub async fn set_customer(
    app: &App,
    context: &Context,
    number: i64,
    patch: &CustomerPatch,
) -> Result<Answer> {
    let needs = Needs {
        customer: patch.customer_internal_id.flatten(),
        holder: Some("booking_customer"),
        refused: patch.refused.clone(),
        ..Needs::default()
    };
    app.transaction(context, |_| {
        let needs = needs.clone();
        async move {
            let caution = Caution::Refuse(None);
            let answer = change(app, context, number, &needs, caution, |booking, facts| {
                patch.apply(booking, facts)
            })
            .await?;
            if let Some(customer) = &answer.booking.customer
                && patch.update_customer
            {
                let written = customers::actions::write_back(app, context, customer).await;
                written.map_err(|error| error.moved("customer", "booking_customer"))?;
            }
            Ok(answer)
        }
    })
    .await
}

/// Adds a line to a booking; answers the booking and the line's id.
pub async fn add_line(
    app: &App,
    context: &Context,
    number: i64,
    patch: &LinePatch,
) -> Result<(Answer, i64)> {
    let needs = Needs {
        items: Vec::from_iter(patch.item_internal_id),
        refused: patch.refused.clone(),
        ..Needs::default()
    };
    let caution = Caution::Refuse(patch.confirm_shortage);
    let answer = change(app, context, number, &needs, caution, |booking, facts| {
        patch.add(booking, facts).map_err(|error| error.below("booking_item"))
    })
    .await?;
    let newest = answer.booking.lines.iter().map(|line| line.id).max();
    Ok((answer, newest.unwrap_or_default()))
}

/// Changes a line of a booking.
pub async fn change_line(
    app: &App,
    context: &Context,
    number: i64,
    id: i64,
    patch: &LinePatch,
) -> Result<Answer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let caution = Caution::Refuse(patch.confirm_shortage);
        let table_of = (patch.price_edited == Some(false)).then_some(id);
        let needs = Needs { table_of, refused: patch.refused.clone(), ..Needs::default() };
        let answer = change(app, context, number, &needs, caution, |booking, facts| {
            patch.apply(booking, id, facts).map_err(|error| error.below("booking_item"))
        })
        .await?;
        tell_moves(&tx, tenant, &answer).await?;
        Ok(answer)
    })
    .await
}

/// Removes a line from a booking; one whose pieces were picked up stays.
pub async fn remove_line(app: &App, context: &Context, number: i64, id: i64) -> Result<Answer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let caution = Caution::Refuse(None);
        let answer = change(app, context, number, &Needs::default(), caution, |booking, _| {
            let line = booking.lines.iter().find(|line| line.id == id);
            if line.ok_or_else(|| line_not_found(id))?.picked_up > 0 {
                return Err(invalid_transition(booking, None));
            }
            editable(booking, Part::Extent)?;
            booking.lines.retain(|line| line.id != id);
            if booking.lines.is_empty() && booking.holds() {
                // No field of the request is wrong.
                let message = "The booking has no items.";
                return Err(Error::new(Kind::InvalidArgument, "BOOKING_INCOMPLETE", message));
            }
            Ok(())
        })
        .await?;
        tell_moves(&tx, tenant, &answer).await?;
        Ok(answer)
    })
    .await
}

/// Tells the customer of a booking what its pieces led it to: that the first was picked up, and
/// that the last is back.
async fn tell_moves(tx: &Transaction, tenant: TenantId, answer: &Answer) -> Result<()> {
    let (was, is) = (answer.was, answer.booking.status);
    let under_way = matches!(is, BookingStatus::Ongoing | BookingStatus::Completed);
    if was == Some(BookingStatus::Reserved) && under_way {
        // Who takes the first piece back and hands it out again has told it.
        mails::tell_once(tx, tenant, answer, mails::Occasion::PickedUp).await?;
    }
    if was != Some(BookingStatus::Completed) && is == BookingStatus::Completed {
        mails::tell(tx, tenant, answer, mails::Occasion::Completed).await?;
    }
    Ok(())
}

/// Sends a mail about a booking to its customer.
pub async fn send_email(
    app: &App,
    context: &Context,
    number: i64,
    message: &mails::Message,
) -> Result<Answer> {
    let tenant = context.tenant()?;
    app.transaction(context, |tx| async move {
        let booking = repository::lock(&tx, tenant, number).await?;
        let terms = Arc::new(owners::terms(&tx, tenant).await?);
        let mut answers = [Answer::shown(booking, &terms)?];
        shortages::mark(&tx, tenant, &mut answers).await?;
        let [answer] = answers;
        if !mails::send(&tx, tenant, &answer, message).await? {
            let message = "The customer of the booking has no e-mail address.";
            return Err(Error::invalid(vec![Violation::new(
                "to",
                ViolationKind::Required,
                message,
            )]));
        }
        Ok(answer)
    })
    .await
}
